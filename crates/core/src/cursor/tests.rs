use larder_query::Value;
use proptest::prelude::*;
use serde_json::json;

use super::{Cursors, Position};
use crate::store::After;

fn cursors(secret: u8) -> Cursors {
    Cursors::new(Some(&[secret; 32]))
}

fn position(values: Vec<Value>) -> Position {
    let key = [Value::from("a key")];
    let values = values.into_iter().chain(key).collect();
    Position {
        after: Some(After { values }),
        passed: 50,
    }
}

fn all_kinds() -> Vec<Value> {
    let text = |text: &str| Value::from(text);
    vec![
        Value::Null,
        true.into(),
        false.into(),
        i64::MIN.into(),
        Value::from(u64::MAX),
        (-0.5).into(),
        "1.50"
            .parse::<larder_query::Decimal>()
            .map(Value::Decimal)
            .unwrap(),
        text(""),
        text("grüße, one and a half"),
        Value::bytes([0, 255]),
        Value::Instant("2026-01-31T12:00:00.123456Z".parse().unwrap()),
        Value::Date("-000400-02-29".parse().unwrap()),
        Value::Uuid(uuid::Uuid::from_u128(7)),
        Value::from(vec![text("a"), 7.into()]),
        serde_json::from_value(json!({"a": [1, null], "b": {}})).unwrap(),
    ]
}

#[test]
fn a_cursor_reads_back_as_it_was() {
    let cursors = cursors(1);
    for values in [Vec::new(), all_kinds()] {
        let sealed = cursors.seal(b"posts", &position(values.clone())).unwrap();
        assert_eq!(cursors.open(b"posts", &sealed), Some(position(values)));
    }
}

#[test]
fn lists_inside_lists_come_back() {
    let deep = (0..100).fold(Value::from(1), |inner, _| Value::from(vec![inner]));
    let sealed = cursors(1)
        .seal(b"posts", &position(vec![deep.clone()]))
        .unwrap();
    assert_eq!(
        cursors(1).open(b"posts", &sealed),
        Some(position(vec![deep]))
    );
}

#[test]
fn a_place_that_no_url_has_room_for_is_told_by_its_number() {
    let long = position(vec!["x".repeat(5_000).into()]);
    let sealed = cursors(1).seal(b"posts", &long).unwrap();
    assert!(sealed.len() < 100, "{sealed}");
    let number = Position {
        after: None,
        passed: 50,
    };
    assert_eq!(cursors(1).open(b"posts", &sealed), Some(number));
}

#[test]
fn it_is_good_for_its_own_list_and_its_own_app() {
    let sealed = cursors(1)
        .seal(b"posts", &position(vec![7.into()]))
        .unwrap();
    assert_eq!(cursors(1).open(b"post", &sealed), None);
    assert_eq!(cursors(2).open(b"posts", &sealed), None);
    assert_eq!(Cursors::new(None).open(b"posts", &sealed), None);
    let own = Cursors::new(None);
    let sealed = own.seal(b"posts", &position(vec![7.into()])).unwrap();
    assert!(own.open(b"posts", &sealed).is_some());
}

#[test]
fn it_can_not_be_read() {
    let secret = "what nobody is to see, and long enough to fill a block of the stream";
    let sealed = cursors(1)
        .seal(b"posts", &position(vec![secret.into(), secret.into()]))
        .unwrap();
    let bytes = super::Engine::decode(&super::URL_SAFE_NO_PAD, &sealed).unwrap();
    for part in secret.as_bytes().windows(4) {
        assert!(!bytes.windows(4).any(|window| window == part));
    }
    // The same text gives the same cursor, another one shares nothing with it.
    assert_eq!(
        sealed,
        cursors(1)
            .seal(b"posts", &position(vec![secret.into(), secret.into()]))
            .unwrap()
    );
    let other = cursors(1)
        .seal(b"posts", &position(vec![secret.into(), "x".into()]))
        .unwrap();
    assert_ne!(sealed[..24], other[..24]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn one_changed_bit_is_a_forgery(at in any::<prop::sample::Index>(), bit in 0..8_u8) {
        let cursors = cursors(1);
        let sealed = cursors.seal(b"posts", &position(all_kinds())).unwrap();
        let mut bytes = super::Engine::decode(&super::URL_SAFE_NO_PAD, &sealed).unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        prop_assert_eq!(cursors.open(b"posts", &super::Engine::encode(&super::URL_SAFE_NO_PAD, bytes)), None);
    }

    #[test]
    fn any_text_is_no_cursor(text in ".{0,80}", bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let cursors = cursors(1);
        prop_assert_eq!(cursors.open(b"posts", &text), None);
        prop_assert_eq!(cursors.open(b"posts", &super::Engine::encode(&super::URL_SAFE_NO_PAD, &bytes)), None);
        let _ = super::bytes::read(&mut bytes.as_slice());
    }
}
