//! What the dearest texts of 4 KB cost to read: each should stay under 10 ms.
//!
//! `cargo bench -p larder-query --bench worst`; `cargo test -p larder-query --benches` runs everything once.

use std::hint::black_box;

use criterion::Criterion;
use larder_query::{Limits, Query, Tree, kinvey};

const LONGEST: usize = 4096;

/// No wider than texts of this length can be, and as deep as there is.
const LIMITS: Limits = Limits {
    text: LONGEST,
    depth: 128,
    terms: LONGEST,
    list: LONGEST,
    patterns: larder_query::PatternLimits::USUAL,
};

/// `head`, then as many times `part` as there is room for, then `tail`.
fn filled(head: &str, part: &str, tail: &str) -> String {
    let times = (LONGEST - head.len() - tail.len()) / part.len();
    format!("{head}{}{tail}", part.repeat(times))
}

fn texts() -> Vec<(&'static str, String)> {
    let nested = |open: &str, inner: &str| {
        let depth = 127;
        let head = open.repeat(depth);
        filled(&head, inner, &format!("a{}", ")".repeat(depth)))
    };
    vec![
        ("plain conditions", filled("", "a=b&", "a=b")),
        ("values in a list", filled("a=in=(", "1,", "1)")),
        ("empty values in a list", filled("a=in=(", ",", ")")),
        (
            "floats at full length",
            filled("a=in=(", "1.2345678901234567,", "1)"),
        ),
        (
            "floats that are text",
            filled("a=in=(", "1.2345678901234567e300,", "1)"),
        ),
        (
            "instants",
            filled("a=in=(", "2024-05-01T10:00:00.123456789Z,", "1)"),
        ),
        ("isodates", filled("a=in=(", "isodate:2024,", "1)")),
        ("percent-encoding", filled("a=in=(", "%C3%AB,", "1)")),
        ("one long path", filled("", "a/", "a=1")),
        ("one long dotted path", filled("", "a.", "a=1")),
        ("a path in parentheses", filled("(", "a,", "a)=1")),
        ("an element's long path", filled("eq(", "a/", "a)")),
        ("arrays of arrays", filled("a=in=(", "(),", "())")),
        ("redundant parentheses round many", nested("(", "a=1&")),
        ("not round many", nested("not(", "a&")),
        ("calls round many", nested("f(", "1,")),
        (
            "elements in elements",
            filled("", "contains(a,eq(b,1))&", "a=1"),
        ),
        ("groups", filled("", "(a=1|b=2)&", "a=1")),
        ("only parentheses", filled("", "(", "")),
        ("only closing ones", filled("", ")", "")),
        (
            "a misspelt operator of full length",
            filled("", "eqq", "(a,1)"),
        ),
        (
            "misspelt operators inside",
            filled("", "contains(a,contain(b,1))&", "a=1"),
        ),
        ("spaces", filled("", "a = b ", "")),
        ("sort keys", filled("sort(", "-a,", "a)")),
        ("results of groups", filled("aggregate(", "sum(a),", "a)")),
        (
            "a costly pattern",
            filled("a=re:", "%5Cw", "")
                .get(..2000)
                .unwrap_or_default()
                .to_owned(),
        ),
        ("costly patterns", {
            let one = "a=re:%5Cw%7B99%7D&";
            one.repeat(64)
        }),
        ("patterns of the greatest size", {
            let one = "a=re:(.%7B900%7D)".replace('(', "%28").replace(')', "%29") + "&";
            one.repeat(64)
        }),
        (
            "one costly pattern and seven others",
            format!("a=re:%5Cw%7B4%7D&{}", "a=re:.%7B19%7D&".repeat(7)),
        ),
    ]
}

/// The same of filters in Kinvey's JSON.
fn filters() -> Vec<(&'static str, String)> {
    let nested = |open: &str, close: &str| {
        let times = LONGEST / (open.len() + close.len());
        // As deep as there is; the rest is as wide.
        let depth = times.min(LIMITS.depth - 1);
        format!("{}1{}", open.repeat(depth), close.repeat(depth))
    };
    vec![
        ("JSON members", filled("{", "\"a\":1,", "\"b\":1}")),
        (
            "JSON conditions",
            filled("{\"a\":{", "\"$gt\":1,", "\"$lt\":1}}"),
        ),
        (
            "JSON values in a list",
            filled("{\"a\":{\"$in\":[", "1,", "1]}}"),
        ),
        (
            "JSON texts in a list",
            filled("{\"a\":{\"$in\":[", "\"\\u00e9\",", "1]}}"),
        ),
        (
            "JSON moments",
            filled(
                "{\"a\":{\"$in\":[",
                "\"ISODate(\\\"2026-01-31T12:00:00Z\\\")\",",
                "1]}}",
            ),
        ),
        (
            "JSON alternatives",
            filled("{\"$or\":[", "{\"a\":1},", "{\"b\":1}]}"),
        ),
        ("JSON in JSON", nested("{\"$nor\":[{\"a\":", "}]}")),
        (
            "JSON elements in elements",
            nested("{\"a\":{\"$elemMatch\":", "}}"),
        ),
        ("a JSON path", filled("{\"", "a.", "a\":1}")),
        (
            "a JSON polygon",
            filled("{\"p\":{\"$within\":{\"$polygon\":[", "[1,2],", "[3,4]]}}}"),
        ),
        ("a JSON number", filled("{\"a\":", "9", "}")),
        (
            "misspelt JSON operators",
            filled("{\"a\":{", "\"$gtt\":1,", "\"$lt\":1}}"),
        ),
        (
            "a costly JSON pattern",
            "{\"a\":{\"$regex\":\"^\\\\w{99}\"}}".to_owned(),
        ),
    ]
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("worst 4 KB");
    group.sample_size(10);
    for (name, text) in texts() {
        assert!(text.len() <= LONGEST, "{name}");
        group.bench_function(name, |run| {
            run.iter(|| {
                let text = black_box(text.as_str());
                let read = Tree::parse_with(text, &LIMITS).map(|tree| tree.to_string());
                let lowered = Query::parse_with(text, &LIMITS);
                (read.is_ok(), lowered.is_ok())
            });
        });
    }
    for (name, text) in filters() {
        assert!(text.len() <= LONGEST, "{name}");
        group.bench_function(name, |run| {
            run.iter(|| {
                let read = kinvey::parse_filter(black_box(text.as_str()), &LIMITS);
                read.map(|tree| kinvey::print_filter(&tree).is_ok()).is_ok()
            });
        });
    }
    group.finish();
    criterion.final_summary();
}
