//! Random records: things of every kind of field, some of which lead to makers, and makers to other makers.

use std::fmt;
use std::sync::{Arc, LazyLock};

use larder_core::store::{Condition, Write};
use larder_core::{Column, Index, Key, Kind, Layout, Record, Row, Storage, Version};
use larder_query::Value;
use proptest::prelude::*;

pub(crate) const ID: usize = 0;
pub(crate) const NAME: usize = 1;
pub(crate) const N: usize = 2;
pub(crate) const BIG: usize = 3;
pub(crate) const F: usize = 4;
pub(crate) const PRICE: usize = 5;
pub(crate) const DAY: usize = 6;
pub(crate) const DOC: usize = 7;
pub(crate) const MAKER: usize = 8;
pub(crate) const CODE: usize = 9;
/// How many fields a thing has.
pub(crate) const WIDTH: usize = 10;

/// Fields of a maker.
pub(crate) const TITLE: usize = 1;
pub(crate) const RANK: usize = 2;
pub(crate) const OWNER: usize = 3;
pub(crate) const INFO: usize = 4;

fn column(name: &str, kind: Kind, nullable: bool) -> Column {
    Column {
        name: name.into(),
        kind,
        nullable,
        default: None,
    }
}

fn index(fields: &[usize]) -> Index {
    Index {
        fields: fields.to_vec(),
        unique: false,
    }
}

fn layout(collection: &str, fields: Vec<Column>, indexes: Vec<Index>) -> Arc<Layout> {
    Arc::new(Layout {
        model: collection.to_owned(),
        collection: collection.to_owned(),
        fields,
        key: ID.into(),
        indexes,
        storage: Storage::default(),
    })
}

pub(crate) fn things() -> Arc<Layout> {
    static THINGS: LazyLock<Arc<Layout>> = LazyLock::new(|| {
        let fields = vec![
            column("id", Kind::Text, false),
            column("name", Kind::Text, true),
            column("n", Kind::Int, true),
            column("big", Kind::Uint, true),
            column("f", Kind::Float, true),
            column("price", Kind::Decimal, true),
            column("day", Kind::Date, true),
            column("doc", Kind::Json, true),
            column("maker", Kind::Int, true),
            column("code", Kind::Int, false),
        ];
        let indexes = vec![
            index(&[NAME]),
            index(&[N, NAME]),
            index(&[MAKER]),
            index(&[CODE]),
            index(&[CODE, F]),
        ];
        layout("things", fields, indexes)
    });
    THINGS.clone()
}

pub(crate) fn makers() -> Arc<Layout> {
    static MAKERS: LazyLock<Arc<Layout>> = LazyLock::new(|| {
        let fields = vec![
            column("id", Kind::Int, false),
            column("title", Kind::Text, true),
            column("rank", Kind::Float, true),
            column("owner", Kind::Int, true),
            column("info", Kind::Json, true),
        ];
        layout("makers", fields, vec![index(&[TITLE]), index(&[OWNER])])
    });
    MAKERS.clone()
}

#[derive(Clone)]
pub(crate) struct World {
    pub(crate) things: Vec<Row>,
    pub(crate) makers: Vec<Row>,
}

impl fmt::Debug for World {
    /// With the values, which records do not show by themselves.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for row in self.things.iter().chain(&self.makers) {
            let values: Vec<String> = row
                .values
                .iter()
                .map(|value| format!("{value:?}"))
                .collect();
            writeln!(f, "{}", values.join(", "))?;
        }
        Ok(())
    }
}

/// A write that leaves a thing as it is, but for its version.
pub(crate) fn rewrite(row: &Row) -> Write {
    Write::Update {
        key: Key::from(row.get(ID).clone()),
        changes: vec![(CODE, row.get(CODE).clone().into())],
        when: Condition::default(),
    }
}

pub(crate) fn world() -> impl Strategy<Value = World> {
    let things = prop::collection::vec(values(WIDTH, thing_value), 0..40);
    let makers = prop::collection::vec(values(5, maker_value), 0..8);
    (things, makers).prop_map(|(things, makers)| World {
        things: things
            .into_iter()
            .enumerate()
            // Keys in no order of anything else.
            .map(|(at, values)| row(format!("k{:02}", at * 7 % 41).as_str().into(), values))
            .collect(),
        makers: makers
            .into_iter()
            .enumerate()
            .map(|(at, values)| row((at as i64).into(), values))
            .collect(),
    })
}

fn row(key: Value, mut values: Vec<Value>) -> Row {
    values[ID] = key;
    Arc::new(Record::new(values, Version(1 << 8)))
}

fn values(
    width: usize,
    of: fn(usize) -> BoxedStrategy<Value>,
) -> impl Strategy<Value = Vec<Value>> {
    (0..width).map(of).collect::<Vec<_>>()
}

/// Half as many nulls as other values, or none.
fn maybe(value: impl Strategy<Value = Value> + 'static) -> BoxedStrategy<Value> {
    prop_oneof![1 => Just(Value::Null), 3 => value].boxed()
}

pub(crate) fn thing_value(field: usize) -> BoxedStrategy<Value> {
    match field {
        NAME => maybe(text()),
        N => maybe(whole()),
        BIG => maybe(large()),
        F => maybe(float()),
        PRICE => maybe(price()),
        DAY => maybe(day()),
        DOC => maybe(json()),
        MAKER => maybe((0..9_i64).prop_map(Value::from)),
        CODE => (0..6_i64).prop_map(Value::from).boxed(),
        _ => Just(Value::Null).boxed(),
    }
}

fn maker_value(field: usize) -> BoxedStrategy<Value> {
    match field {
        TITLE => maybe(text()),
        RANK => maybe(float()),
        OWNER => maybe((0..9_i64).prop_map(Value::from)),
        INFO => maybe(json()),
        _ => Just(Value::Null).boxed(),
    }
}

pub(crate) fn text() -> impl Strategy<Value = Value> {
    let texts = [
        "",
        "a",
        "A",
        "ab",
        "aB",
        "abc",
        "b",
        "ba",
        "é",
        "É",
        "éa",
        "z",
        "1",
        "null",
        "a\"b",
        "%",
        "\u{1f600}",
        "\u{10ffff}",
        "a\nb",
    ];
    prop::sample::select(texts.to_vec()).prop_map(Value::from)
}

pub(crate) fn whole() -> impl Strategy<Value = Value> {
    prop_oneof![
        8 => (-6..7_i64).prop_map(Value::from),
        1 => prop::sample::select(vec![i64::MIN, i64::MAX, 9_007_199_254_740_993, i64::MAX - 1]).prop_map(Value::from),
    ]
}

fn large() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => (0..5_u64).prop_map(Value::from),
        2 => prop::sample::select(vec![i64::MAX as u64, 1 << 63, u64::MAX, u64::MAX - 1]).prop_map(Value::from),
    ]
}

/// Sums of these are exact in any order.
pub(crate) fn float() -> impl Strategy<Value = Value> {
    (-12..13_i64).prop_map(|n| Value::F64(n as f64 / 4.0))
}

fn price() -> impl Strategy<Value = Value> {
    let texts = [
        "0", "1", "-1", "0.1", "0.25", "-0.05", "12.5", "1.5", "-7.125",
    ];
    prop::sample::select(texts.to_vec()).prop_map(|text| Value::Decimal(text.parse().unwrap()))
}

fn day() -> impl Strategy<Value = Value> {
    (1..5_i8, 1..4_i8).prop_map(|(month, day)| Value::Date(jiff::civil::date(2024, month, day)))
}

/// A scalar that JSON can hold.
pub(crate) fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        3 => (-3..4_i64).prop_map(Value::from),
        1 => prop::sample::select(vec![i64::MAX, i64::MIN]).prop_map(Value::from),
        1 => Just(Value::U64(u64::MAX)),
        2 => float(),
        3 => text(),
    ]
}

/// A point, or nearly one.
fn point() -> impl Strategy<Value = Value> {
    prop_oneof![
        6 => (-4..5_i64, -4..5_i64).prop_map(|(lon, lat)| Value::from(vec![Value::F64(lon as f64 * 0.5), lat.into()])),
        1 => (-180..181_i64, -90..91_i64).prop_map(|(lon, lat)| Value::from(vec![lon.into(), lat.into()])),
        1 => Just(Value::from(vec![0.into()])),
        1 => Just(Value::from(vec!["0".into(), 0.into()])),
        1 => Just(Value::from(vec![0.into(), 0.into(), 0.into()])),
    ]
}

pub(crate) const NAMES: [&str; 6] = ["a", "b", "0", "1", "é", "x\"y"];

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![4 => scalar(), 1 => point()];
    leaf.prop_recursive(3, 12, 4, |inner| {
        let member = (prop::sample::select(NAMES.to_vec()), inner.clone());
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(Value::from),
            prop::collection::vec(member, 0..4).prop_map(|members| {
                let mut object = larder_query::Object::default();
                for (name, value) in members {
                    object.insert(name, value);
                }
                Value::from(object)
            }),
        ]
    })
}
