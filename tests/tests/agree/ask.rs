//! Random questions.

use std::sync::Arc;

use larder_core::store::{After, Aggregate, Grouping};
use larder_core::{Join, Key, Kind, Layout, Select, SortKey};
use larder_query::{Area, Bound, Filter, Flags, Inside, Op, Pattern, Point, Test, Value};
use larder_tests::Dice;
use proptest::prelude::*;

use super::naive;
use super::world::{
    CODE, DOC, F, ID, INFO, MAKER, N, NAME, NAMES, OWNER, RANK, TITLE, WIDTH, World, makers, things,
};

/// A question, which is made when the records are known.
#[derive(Clone, Debug)]
pub(crate) struct Asked(u64);

pub(crate) fn asked() -> impl Strategy<Value = Asked> {
    any::<u64>().no_shrink().prop_map(Asked)
}

impl Asked {
    pub(crate) fn select(&self, world: &World) -> Select {
        let mut dice = Dice::new(self.0);
        let joins = joins(&mut dice, world);
        let mut select = Select {
            joins,
            skip: if dice.once_in(3) {
                dice.below(5) as u64
            } else {
                0
            },
            limit: (!dice.once_in(3)).then(|| dice.below(8) as u64),
            total: dice.once_in(2),
            ..Select::all(things())
        };
        if dice.once_in(12) {
            select.key = Some(Key::from(key(&mut dice, world)));
        }
        let kinds = kinds(&select);
        select.filter = filter(&mut dice, world, &kinds, 0);
        if dice.once_in(4) {
            select.group = Some(group(&mut dice, &kinds));
        }
        let width = match &select.group {
            Some(group) => group.by.len() + group.results.len(),
            None => kinds.len(),
        };
        for _ in 0..dice.of(&[0, 1, 1, 2, 3]) {
            if width > 0 {
                let field = if select.group.is_none() && dice.once_in(2) {
                    dice.of(&[ID, NAME, N, CODE, F])
                } else {
                    dice.below(width)
                };
                let descending = dice.once_in(2);
                select.sort.push(SortKey { field, descending });
            }
        }
        if select.group.is_none() && dice.once_in(3) {
            select.after = Some(after(&mut dice, world, &select));
        }
        select
    }
}

fn key(dice: &mut Dice, world: &World) -> Value {
    match world.things.is_empty() || dice.once_in(6) {
        true => Value::from("k05x"),
        false => dice.of(&world.things).get(ID).clone(),
    }
}

fn joins(dice: &mut Dice, world: &World) -> Vec<Join> {
    let join = |dice: &mut Dice, link: usize, layout: Arc<Layout>| Join {
        link,
        readable: match dice.below(6) {
            0..3 => Filter::True,
            3 => Filter::False,
            _ => {
                let kinds: Vec<Kind> = layout.fields.iter().map(|field| field.kind).collect();
                filter(dice, world, &kinds, 1)
            }
        },
        layout,
    };
    match dice.below(10) {
        0..5 => Vec::new(),
        5 | 6 => vec![join(dice, MAKER, makers())],
        7 => vec![join(dice, NAME, things())],
        8 => vec![
            join(dice, MAKER, makers()),
            join(dice, WIDTH + OWNER, makers()),
        ],
        // Of another kind than the key: it leads nowhere.
        _ => vec![
            join(dice, MAKER, makers()),
            join(dice, WIDTH + TITLE, makers()),
            join(dice, CODE, makers()),
        ],
    }
}

fn kinds(select: &Select) -> Vec<Kind> {
    (0..select.width())
        .filter_map(|field| select.field(field))
        .map(|field| field.kind)
        .collect()
}

fn after(dice: &mut Dice, world: &World, select: &Select) -> After {
    let all = naive::sorted(world, select);
    let known = if all.is_empty() || dice.once_in(5) {
        None
    } else {
        Some(dice.of(&all))
    };
    let kinds = kinds(select);
    let order = select.order();
    let values = order.iter().map(|by| match &known {
        Some((_, values)) => values[by.field].clone(),
        None if by.field == ID => key(dice, world),
        None => fitting(dice, kinds[by.field]),
    });
    let values = values.collect();
    After { values }
}

/// A value that a field of a kind may hold.
fn fitting(dice: &mut Dice, kind: Kind) -> Value {
    if dice.once_in(6) {
        return Value::Null;
    }
    match kind {
        Kind::Text => dice.of(&["", "a", "ab", "b", "é", "k05"]).into(),
        Kind::Int => dice.of(&[-3_i64, 0, 1, 2, i64::MAX]).into(),
        Kind::Uint => dice.of(&[0_u64, 2, 1 << 63, u64::MAX]).into(),
        Kind::Float => Value::F64(dice.of(&[-1.25, 0.0, 0.5, 2.0])),
        Kind::Decimal => Value::Decimal(dice.of(&["-1", "0.1", "0.25", "12.5"]).parse().unwrap()),
        Kind::Date => Value::Date(jiff::civil::date(2024, 2, dice.of(&[1, 2, 3]))),
        _ => json(dice),
    }
}

fn json(dice: &mut Dice) -> Value {
    let texts = [
        "true",
        "0",
        "1",
        "1.0",
        "-2.5",
        "\"a\"",
        "\"ab\"",
        "[]",
        "[1]",
        "[0.5, 1]",
        "{}",
        "{\"a\": 1}",
        "{\"a\": {\"b\": 1}}",
        "18446744073709551615",
        "\"1\"",
        "[null]",
        "null",
    ];
    serde_json::from_str(dice.of(&texts)).unwrap()
}

/// An operand: mostly of the field's kind or what some record has there, sometimes of any other.
fn operand(dice: &mut Dice, world: &World, kind: Kind, field: usize) -> Value {
    match dice.below(8) {
        0..3 if !world.things.is_empty() && field < WIDTH => {
            dice.of(&world.things).get(field).clone()
        }
        7 => {
            let kind = dice.of(&[
                Kind::Text,
                Kind::Int,
                Kind::Uint,
                Kind::Float,
                Kind::Decimal,
                Kind::Date,
                Kind::Json,
            ]);
            fitting(dice, kind)
        }
        _ => fitting(dice, kind),
    }
}

fn filter(dice: &mut Dice, world: &World, kinds: &[Kind], depth: usize) -> Filter {
    let some = |dice: &mut Dice, most: usize| -> Vec<Filter> {
        (0..dice.below(most + 1))
            .map(|_| filter(dice, world, kinds, depth + 1))
            .collect()
    };
    if depth == 0 && dice.once_in(8) {
        return Filter::True;
    }
    match dice.below(if depth > 2 { 12 } else { 19 }) {
        0..9 => test(dice, world, kinds),
        9..11 => inside(dice, world, kinds, depth),
        11 => dice.of(&[
            Filter::True,
            Filter::False,
            Filter::Test(Test {
                field: 99,
                op: Op::Eq,
                operand: Bound::One(Value::Null),
            }),
        ]),
        12 | 13 => Filter::and(some(dice, 3)),
        14 => Filter::And(some(dice, 2)),
        15 => Filter::or(some(dice, 3)),
        // Each member has an index.
        18 => {
            let members = 2 + dice.below(2);
            // Of the makers, whose fields are fewer, those that are there.
            let fields = [ID, NAME, N, MAKER, CODE].map(|field| field % kinds.len());
            Filter::or((0..members).map(|_| {
                let field = dice.of(&fields);
                let value = operand(dice, world, kinds[field], field);
                let op = dice.of(&[Op::Eq, Op::Eq, Op::Ge, Op::Lt]);
                Filter::test(field, op, value)
            }))
        }
        16 => Filter::Not(Box::new(filter(dice, world, kinds, depth + 1))),
        _ => Filter::not(filter(dice, world, kinds, depth + 1)),
    }
}

fn test(dice: &mut Dice, world: &World, kinds: &[Kind]) -> Filter {
    let field = dice.below(kinds.len());
    let kind = kinds[field];
    let of = |op, operand| Filter::Test(Test { field, op, operand });
    match dice.below(14) {
        0 => of(Op::Match, Bound::Pattern(pattern(dice))),
        1 => of(
            Op::Mod,
            Bound::Many(vec![
                dice.of(&[
                    Value::from(2),
                    3.into(),
                    (-2).into(),
                    0.into(),
                    (-1).into(),
                    Value::F64(2.0),
                    Value::F64(2.5),
                    i64::MIN.into(),
                ]),
                dice.of(&[Value::from(0), 1.into(), (-1).into(), 2.into(), "0".into()]),
            ]),
        ),
        2 => of(
            Op::Size,
            Bound::One(dice.of(&[
                Value::from(0),
                1.into(),
                2.into(),
                3.into(),
                Value::F64(1.0),
                "1".into(),
                (-1).into(),
            ])),
        ),
        3 => of(Op::Within, Bound::Area(area(dice))),
        4 | 5 => {
            let op = dice.of(&[Op::In, Op::Out, Op::In, Op::Eq, Op::Ne]);
            let list = (0..dice.below(4))
                .map(|_| operand(dice, world, kind, field))
                .collect();
            of(op, Bound::Many(list))
        }
        6 | 7 => {
            let op = dice.of(&[Op::Contains, Op::StartsWith, Op::EndsWith, Op::EqIgnoreCase]);
            let value = if dice.once_in(2) {
                dice.of(&["", "a", "A", "b", "é", "É", "1"]).into()
            } else {
                operand(dice, world, kind, field)
            };
            of(op, Bound::One(value))
        }
        _ => {
            let op = dice.of(&[
                Op::Eq,
                Op::Ne,
                Op::Lt,
                Op::Le,
                Op::Gt,
                Op::Ge,
                Op::Eq,
                Op::Ge,
                Op::In,
                Op::Out,
            ]);
            of(op, Bound::One(operand(dice, world, kind, field)))
        }
    }
}

fn pattern(dice: &mut Dice) -> Pattern {
    let source = dice.of(&[
        "^a",
        "^ab$",
        "^a.",
        "b",
        "^[ab]",
        "^é",
        "(?i)^a",
        "^a|^b",
        "^a\\b",
        ".",
        "^$",
        "",
        "^x?a",
        "\\n",
        "^\u{1f600}",
    ]);
    let flags = Flags {
        ignore_case: dice.once_in(4),
        multi_line: dice.once_in(6),
        ..Flags::default()
    };
    Pattern::new(source, flags).unwrap()
}

fn area(dice: &mut Dice) -> Area {
    let point = |dice: &mut Dice| Point {
        lon: dice.of(&[-180.0, -1.5, -0.5, 0.0, 0.5, 1.0, 2.0, 179.0]),
        lat: dice.of(&[-90.0, -1.0, 0.0, 0.5, 2.0, 89.0]),
    };
    match dice.below(4) {
        0 => Area::Circle {
            center: point(dice),
            metres: dice.of(&[0.0, 60_000.0, 200_000.0, 1e7, f64::INFINITY]),
        },
        1 => Area::Polygon((0..dice.below(6)).map(|_| point(dice)).collect()),
        _ => Area::Box {
            lower: point(dice),
            upper: point(dice),
        },
    }
}

/// A condition inside a field, mostly one that has something inside.
fn inside(dice: &mut Dice, world: &World, kinds: &[Kind], depth: usize) -> Filter {
    let documents: Vec<usize> = (0..kinds.len())
        .filter(|field| kinds[*field] == Kind::Json)
        .collect();
    let field = if dice.once_in(8) || documents.is_empty() {
        dice.below(kinds.len())
    } else {
        dice.of(&documents)
    };
    let path = (0..dice.of(&[0, 1, 1, 2, 3]))
        .map(|_| dice.of(&NAMES).into())
        .collect();
    let json = [Kind::Json];
    Filter::Inside(Box::new(Inside {
        field,
        path,
        each: dice.once_in(2),
        filter: filter(dice, world, &json, depth.max(1) + 1),
    }))
}

fn group(dice: &mut Dice, kinds: &[Kind]) -> Grouping {
    let field = |dice: &mut Dice| {
        let often = [NAME, N, F, CODE, MAKER, DOC];
        let joined = [WIDTH + TITLE, WIDTH + RANK, WIDTH + INFO];
        let field = match dice.below(3) {
            0 => dice.of(&often),
            1 => dice.of(&joined),
            _ => dice.below(kinds.len()),
        };
        field % kinds.len()
    };
    let by = (0..dice.of(&[0, 1, 1, 1, 2, 3]))
        .map(|_| field(dice))
        .collect();
    let results = (0..dice.below(4)).map(|_| {
        let of = field(dice);
        dice.of(&[
            Aggregate::Count,
            Aggregate::Sum(of),
            Aggregate::Mean(of),
            Aggregate::Min(of),
            Aggregate::Max(of),
        ])
    });
    Grouping {
        by,
        results: results.collect(),
    }
}
