//! Random records.

use larder_tests::Dice;
use serde_json::{Value, json};

use super::questions::TEXTS;

pub(super) fn post(dice: &mut Dice, at: usize) -> Value {
    let maybe = |dice: &mut Dice, value: Value| if dice.once_in(4) { Value::Null } else { value };
    let text = |dice: &mut Dice| json!(dice.of(&TEXTS));
    let n = json!([-1_i64, 0, 1, 2, i64::MAX, i64::MIN][dice.below(6)]);
    let big = json!([0_u64, 1, 2, 1 << 63, u64::MAX][dice.below(5)]);
    let f = json!([0.0, 0.5, -0.25, 1e300, 2.0][dice.below(5)]);
    let price = json!(dice.of(&["0", "0.1", "12.50", "-3", "99999999999999999999999999"]));
    let day = json!(dice.of(&["2024-01-02", "2024-02-29", "0001-01-01"]));
    let moment = json!(dice.of(&[
        "2024-01-02T00:00:00Z",
        "2024-01-02T00:00:00.000001Z",
        "1970-01-01T00:00:00Z"
    ]));
    let uid = json!(dice.of(&[
        "00000000-0000-0000-0000-000000000001",
        "00000000-0000-0000-0000-000000000002"
    ]));
    let tags: Vec<Value> = (0..dice.below(3)).map(|_| text(dice)).collect();
    let sizes: Vec<usize> = (0..dice.below(3)).map(|_| dice.below(3)).collect();
    let lines: Vec<Value> = (0..dice.below(3))
        .map(|_| json!({"sku": dice.below(4), "note": maybe(dice, json!("a"))}))
        .collect();
    let any = [
        json!(1),
        json!(1.5),
        json!("a"),
        json!({"a": 1, "b": 2}),
        json!({"b": 2, "a": 1}),
        json!([1, "a"]),
        json!(true),
        json!({"a": "a"}),
        json!(u64::MAX),
        json!({"a": [1, 2]}),
        json!({"a": null}),
    ][dice.below(11)]
    .clone();
    let point = [
        json!([0.5, 0.5]),
        json!([180, 10]),
        json!([-180.0, 10.0]),
        json!([1]),
        json!([0, 90]),
    ][dice.below(5)]
    .clone();
    json!({
        "author": format!("u{}", dice.below(5)), "title": text(dice), "status": dice.of(&["draft", "published"]),
        "n": maybe(dice, n), "big": maybe(dice, big), "f": maybe(dice, f), "price": maybe(dice, price), "day": maybe(dice, day),
        "at": maybe(dice, moment), "uid": maybe(dice, uid), "open": !at.is_multiple_of(4), "tags": tags, "sizes": sizes, "lines": lines,
        "any": maybe(dice, any), "point": maybe(dice, point),
    })
}
