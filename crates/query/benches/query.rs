//! What the query language costs: text to tree and back, binding, and filters over records.
//!
//! `cargo bench -p larder-query`; `cargo test -p larder-query --benches` runs everything once.

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use larder_query::{
    Expr, Filter, Literal, Op, Param, ParamValue, Path, Place, Scope, Value, bind, parse, to_text,
};

/// How many records a filter is run over: one page of a scan, which stays in the processor's cache.
const ROWS: usize = 1000;

const FIELDS: [&str; 5] = ["author", "title", "status", "score", "year"];

/// A rule, what a client sends, and one near the limits.
fn texts() -> [(&'static str, String); 3] {
    let long: Vec<String> = (0..60)
        .map(|at| format!("or(eq(author,a{at}),and(ge(score,{at}),title=contains=caf%C3%A9))"))
        .collect();
    [
        ("rule", "status=published|author=$actor.id".to_owned()),
        (
            "client",
            "title=contains=hello%20world&year=ge=2020&status=in=(draft,published)&score>3.5"
                .to_owned(),
        ),
        ("180 comparisons", long.join("&")),
    ]
}

struct Posts;

impl Scope for Posts {
    fn field(&self, path: &Path) -> Result<Place, String> {
        let [name] = path.steps.as_slice() else {
            return Err("a post has no such path".to_owned());
        };
        let found = FIELDS.iter().position(|field| field == name);
        found
            .map(Place::from)
            .ok_or_else(|| format!("a post has no field `{name}`"))
    }

    fn value(&self, _: &Place, literal: &Literal) -> Result<Value, String> {
        Ok(literal.value.clone())
    }

    fn param(&self, _: &Param) -> ParamValue {
        ParamValue::One(Value::from("ann"))
    }
}

fn parsed(text: &str) -> Expr {
    parse(text).unwrap_or_else(|error| panic!("{error}\n{}", error.caret(text)))
}

fn bound(expr: &Expr) -> Filter {
    bind(expr, &Posts).unwrap_or_else(|error| panic!("{}", error.message))
}

fn language(criterion: &mut Criterion) {
    for (name, text) in texts() {
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Bytes(text.len() as u64));
        let expr = parsed(&text);
        group.bench_function("parse", |run| run.iter(|| parsed(black_box(&text))));
        group.bench_function("print", |run| run.iter(|| to_text(black_box(&expr))));
        group.bench_function("bind", |run| run.iter(|| bound(black_box(&expr))));
        group.finish();
    }
}

fn rows() -> Vec<[Value; 5]> {
    let states = ["draft", "published", "archived"];
    let row = |at: usize| {
        [
            Value::from(["ann", "bob", "cid", "dee"][at % 4]),
            Value::from(format!("The {at}th of many entries about the café").as_str()),
            Value::from(states[at % 3]),
            Value::F64(at as f64 / 100.0),
            Value::from(1990 + (at % 40) as i64),
        ]
    };
    (0..ROWS).map(row).collect()
}

fn filters(criterion: &mut Criterion) {
    let rows = rows();
    let filters = [
        ("a text equals", Filter::test(0, Op::Eq, "ann")),
        (
            "a number is in a range",
            bound(&parsed("year=ge=2000&year=lt=2010")),
        ),
        ("a text contains", Filter::test(1, Op::Contains, "99th")),
        ("a list of three", bound(&parsed("author=in=(eve,dee,cid)"))),
        (
            "a rule",
            bound(&parsed("status=published|author=$actor.id")),
        ),
    ];
    let mut group = criterion.benchmark_group(format!("filter {ROWS} records"));
    group.throughput(Throughput::Elements(ROWS as u64));
    for (name, filter) in filters {
        let count = rows.iter().filter(|row| filter.matches(*row)).count();
        assert!(0 < count && count < ROWS, "{name} matches {count}");
        group.bench_function(name, |run| {
            run.iter(|| {
                let filter = black_box(&filter);
                rows.iter().filter(|row| filter.matches(*row)).count()
            });
        });
    }
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    language(&mut criterion);
    filters(&mut criterion);
    criterion.final_summary();
}
