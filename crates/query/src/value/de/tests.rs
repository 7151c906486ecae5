use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use serde_json::json;

use super::*;
use crate::{Object, to_value};

#[derive(Debug, PartialEq, serde::Serialize, Deserialize)]
struct Deep {
    id: uuid::Uuid,
    at: jiff::Timestamp,
    day: jiff::civil::Date,
    level: Level,
    shapes: Vec<Shape>,
    by_number: BTreeMap<u8, Option<bool>>,
    pair: (i8, f32),
    wrapped: Meters,
    #[serde(flatten)]
    rest: HashMap<String, String>,
}

#[derive(Debug, PartialEq, serde::Serialize, Deserialize)]
enum Level {
    Low,
    #[serde(rename = "very-high")]
    High,
}

#[derive(Debug, PartialEq, serde::Serialize, Deserialize)]
enum Shape {
    Unit,
    Circle(f64),
    Rect(u32, u32),
    Named { name: String, n: Option<i64> },
}

#[derive(Debug, PartialEq, serde::Serialize, Deserialize)]
struct Meters(u64);

fn deep() -> Deep {
    Deep {
        id: uuid::Uuid::from_u128(7),
        at: "2024-05-01T10:00:00.5Z".parse().unwrap(),
        day: jiff::civil::date(2024, 5, 1),
        level: Level::High,
        shapes: vec![
            Shape::Unit,
            Shape::Circle(2.0),
            Shape::Rect(1, 2),
            Shape::Named {
                name: "x".into(),
                n: None,
            },
        ],
        by_number: [(3, Some(true)), (200, None)].into(),
        pair: (-1, 0.1),
        wrapped: Meters(u64::MAX),
        rest: HashMap::from([("more".to_owned(), "text".to_owned())]),
    }
}

#[test]
fn structs_there_and_back() {
    let value = to_value(&deep()).unwrap();
    assert_eq!(from_value::<Deep>(&value).unwrap(), deep());
    // What serde_json makes of the same struct is the same JSON.
    let json = serde_json::to_value(deep()).unwrap();
    assert_eq!(value.get("wrapped"), Some(&Value::U64(u64::MAX)));
    assert!(
        Value::from(json.clone())
            .get("shapes")
            .unwrap()
            .same(value.get("shapes").unwrap())
    );
    assert_eq!(from_value::<Deep>(&Value::from(json)).unwrap(), deep());
}

#[test]
fn native_kinds_read_as_their_types() {
    let mut value = to_value(&deep()).unwrap();
    let o = value.as_object_mut().unwrap();
    o.insert("id", uuid::Uuid::from_u128(7));
    o.insert(
        "at",
        "2024-05-01T10:00:00.5Z".parse::<jiff::Timestamp>().unwrap(),
    );
    o.insert("day", jiff::civil::date(2024, 5, 1));
    assert_eq!(from_value::<Deep>(&value).unwrap(), deep());
}

#[test]
fn errors_say_where() {
    let mut json = serde_json::to_value(deep()).unwrap();
    json["shapes"][2] = json!({"Rect": [1, -2]});
    // Flattening buffers the fields, so take the list alone.
    let value = Value::from(json!({"shapes": json["shapes"]}));
    let err = from_value::<HashMap<String, Vec<Shape>>>(&value).unwrap_err();
    assert_eq!(err.path(), "shapes[2].Rect[1]");
    assert_eq!(err.pointer(), "/shapes/2/Rect/1");
    assert!(
        err.to_string()
            .starts_with("shapes[2].Rect[1]: invalid value"),
        "{err}"
    );
}

#[test]
fn numbers_fit_or_fail() {
    assert_eq!(from_value::<u8>(&Value::F64(3.0)).unwrap(), 3);
    assert_eq!(
        from_value::<u64>(&Value::F64((1_u64 << 63) as f64)).unwrap(),
        1 << 63
    );
    assert_eq!(from_value::<f32>(&Value::I64(2)).unwrap(), 2.0);
    assert_eq!(
        from_value::<i128>(&Value::U64(u64::MAX)).unwrap(),
        i128::from(u64::MAX)
    );
    for bad in [
        Value::I64(256),
        Value::I64(-1),
        Value::F64(0.5),
        Value::from("1"),
        Value::Null,
    ] {
        assert!(from_value::<u8>(&bad).is_err(), "{bad:?}");
    }
}

#[test]
fn lists_and_variants_must_match_exactly() {
    let three = Value::from(json!([1, 2, 3]));
    assert!(from_value::<(i64, i64)>(&three).is_err());
    assert_eq!(from_value::<[i64; 3]>(&three).unwrap(), [1, 2, 3]);
    for bad in [
        json!({}),
        json!({"Unit": null, "Circle": 1}),
        json!("Triangle"),
        json!(1),
    ] {
        assert!(
            from_value::<Shape>(&Value::from(bad.clone())).is_err(),
            "{bad}"
        );
    }
    assert_eq!(
        from_value::<Shape>(&Value::from(json!({"Unit": null}))).unwrap(),
        Shape::Unit
    );
}

#[test]
fn bytes_read_as_lists_and_as_text() {
    let b = Value::bytes(*b"hi");
    assert_eq!(from_value::<Vec<u8>>(&b).unwrap(), b"hi");
    assert_eq!(from_value::<String>(&b).unwrap(), "aGk=");
    let v = Value::from(Object::from_iter([("a", b)]));
    assert_eq!(
        from_value::<serde_json::Value>(&v).unwrap(),
        json!({"a": "aGk="})
    );
}
