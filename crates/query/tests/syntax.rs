//! Properties of the parser and the printer: trees of any shape and text of any sort.

#[path = "long/cases.rs"]
mod long;

use larder_query::{Limits, ParseError, Query, Tree, Value, eval};
use proptest::prelude::*;

/// Texts that have gone wrong, or might.
const NASTY: &str = include_str!("rql/nasty.txt");

const WIDE: Limits = Limits {
    text: 1 << 22,
    depth: 128,
    terms: 1 << 16,
    list: 1 << 16,
    patterns: larder_query::PatternLimits::WIDE,
};

/// Names of operators, known and unknown, and names that are none.
fn name() -> impl Strategy<Value = String> {
    let known = [
        "and",
        "or",
        "not",
        "eq",
        "ne",
        "in",
        "contains",
        "between",
        "sort",
        "select",
        "limit",
        "aggregate",
        "rel",
        "exists",
        "sum",
        "count",
        "foo",
        "match",
    ];
    prop_oneof![
        6 => prop::sample::select(known.to_vec()).prop_map(str::to_owned),
        1 => any::<String>(),
        1 => "[a-z$%.:/+ ]{0,4}",
    ]
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[a-z]{0,4}",
        "[-+./:%~!'*$() a-c]{0,4}",
        "-?[0-9]{1,22}(\\.[0-9]{1,3})?(e[+-]?[0-9]{1,3})?",
        "20[0-9]{2}-0[1-9]-1[0-9]T10:00:00(\\.[0-9]{1,3})?Z",
        Just("undefined".to_owned()),
        Just("-Infinity".to_owned()),
        Just("NaN".to_owned()),
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("string:x".to_owned()),
        Just("$1".to_owned()),
        Just("50%".to_owned()),
        Just("%3C".to_owned()),
    ]
}

fn leaf() -> impl Strategy<Value = Tree> {
    prop_oneof![
        6 => text().prop_map(Tree::from),
        1 => Just(Tree::from(Value::Null)),
        1 => any::<bool>().prop_map(Tree::from),
        1 => any::<i64>().prop_map(Tree::from),
        1 => any::<u64>().prop_map(Tree::from),
        1 => any::<f64>().prop_map(Tree::from),
        1 => Just(Tree::from(f64::NAN)),
        1 => Just(Tree::from(f64::NEG_INFINITY)),
        1 => Just(Tree::undefined()),
        1 => (-377_705_023_201_i64..=253_402_207_200, 0..1_000_000_000)
            .prop_map(|(s, n)| Tree::from(jiff::Timestamp::new(s, n).map_or(Value::Null, Value::Instant))),
        1 => (-9999..=9999_i16, 1..=12_i8, 1..=28_i8)
            .prop_map(|(y, m, d)| Tree::from(Value::Date(jiff::civil::date(y, m, d)))),
        1 => any::<u128>().prop_map(|n| Tree::from(Value::Uuid(uuid::Uuid::from_u128(n)))),
        1 => prop::collection::vec(any::<u8>(), 0..4).prop_map(|b| Tree::from(Value::bytes(b))),
        1 => (text(), any::<bool>()).prop_map(|(source, ignore)| Tree::pattern(&source, ignore)),
        1 => prop::collection::vec(text(), 0..3).prop_map(Tree::param),
    ]
}

fn tree() -> impl Strategy<Value = Tree> {
    leaf().prop_recursive(6, 48, 5, |inner| {
        prop_oneof![
            3 => (name(), prop::collection::vec(inner.clone(), 0..5)).prop_map(|(name, args)| Tree::call(&name, args)),
            1 => prop::collection::vec(inner, 0..4).prop_map(Tree::array),
        ]
    })
}

/// Text that is nearly a query.
fn nearly() -> impl Strategy<Value = String> {
    "([a-c]|eq|and|or|not|in|lt|contains|sort|limit|aggregate|count|=|==|!=|<|>|&|\\||\\(|\\)|,|%3C|%|:|\\$|\\$a|\\.|/|\\+|-|string:|date:|re:|glob:|\
     [0-9]|Infinity|undefined|null|\u{e9}){0,32}"
}

fn rows() -> Vec<Value> {
    let text = include_str!("rql/rows.json");
    serde_json::from_str(text).unwrap()
}

/// Reads a text in every way there is; what is read has to print and read back the same.
fn read_all_ways(text: &str, rows: &[Value]) -> Result<(), TestCaseError> {
    match Tree::parse_with(text, &WIDE) {
        Ok(tree) => {
            let printed = tree.to_string();
            let again = Tree::parse_with(&printed, &WIDE)
                .map_err(|e| TestCaseError::fail(e.caret(&printed)))?;
            prop_assert_eq!(again.to_string(), printed);
            let json: Result<serde_json::Value, _> = serde_json::from_str(&tree.to_json());
            prop_assert!(json.is_ok());
        }
        Err(error) => placed(text, &error)?,
    }
    match Query::parse_with(text, &WIDE) {
        Ok(query) => drop(eval(&query, rows)),
        Err(error) => placed(text, &error)?,
    }
    if let Err(error) = larder_query::parse(text) {
        placed(text, &error)?;
    }
    Ok(())
}

/// The place of a mistake is a part of the text.
fn placed(text: &str, error: &ParseError) -> Result<(), TestCaseError> {
    let (start, end) = (error.span.start, error.span.end);
    prop_assert!(
        start <= end && text.is_char_boundary(start) && text.is_char_boundary(end),
        "{error:?}"
    );
    error.caret(text);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: long::cases(768), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn text_of_parsed_text_of_any_tree_is_that_text(tree in tree()) {
        let text = tree.to_string();
        let parsed = Tree::parse_with(&text, &WIDE).map_err(|e| TestCaseError::fail(e.caret(&text)))?;
        prop_assert_eq!(parsed.to_string(), text);
    }

    #[test]
    fn a_text_stays_the_same_text(value in any::<String>()) {
        let tree = Tree::call("eq", [Tree::from("a"), Tree::from(value.as_str())]);
        let back = Tree::parse_with(&tree.to_string(), &WIDE).unwrap();
        let found = back.root().children().next().unwrap().children().nth(1).unwrap();
        prop_assert_eq!(found.text(), Some(value.as_str()));
    }

    #[test]
    fn a_name_stays_the_same_name(value in any::<String>()) {
        let tree = Tree::call("eq", [Tree::from(value.as_str()), Tree::from(1)]);
        let back = Tree::parse_with(&tree.to_string(), &WIDE).unwrap();
        let found = back.root().children().next().unwrap().children().next().unwrap();
        prop_assert_eq!(found.text(), Some(value.as_str()));
    }

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        read_all_ways(&text, &rows())?;
    }

    #[test]
    fn nearly_good_text_is_read_or_refused(text in nearly()) {
        read_all_ways(&text, &rows())?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: long::cases(48), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn long_text_of_few_signs_is_read_or_refused(
        text in "[()&|,=<>!%a1$:/.+-]{0,4096}"
    ) {
        read_all_ways(&text, &[])?;
    }
}

#[test]
fn nasty_texts() {
    let rows = rows();
    let lines: Vec<&str> = NASTY
        .lines()
        .filter(|line| !line.starts_with("# "))
        .collect();
    assert!(lines.len() > 40);
    for line in lines {
        read_all_ways(line, &rows).unwrap();
        // As long as texts may be, and cut anywhere.
        let long = line.repeat(4096 / line.len().max(1));
        read_all_ways(&long, &[]).unwrap();
        for at in (0..line.len()).filter(|at| line.is_char_boundary(*at)) {
            read_all_ways(&line[..at], &[]).unwrap();
        }
    }
}

/// A tree built by hand may be as deep as it likes; what recurses refuses it.
#[test]
fn depth_is_no_danger() {
    let mut tree = Tree::from(1);
    for _ in 0..5_000 {
        tree = Tree::call("not", [tree]);
    }
    assert_eq!(tree.depth(), 5_000);
    let text = tree.to_string();
    assert!(text.starts_with("not(not(") && tree.to_json().len() > 50_000);
    assert!(Query::of_tree(&tree).is_err() && Tree::parse_with(&text, &WIDE).is_err());
    let text = "(".repeat(20_000) + &")".repeat(20_000);
    assert!(Tree::parse_with(&text, &WIDE).is_err());
    drop(tree);
}
