//! Bodies at the edges of what a schema can say, the exceptions that the docs list, and the messages.

use super::*;

fn with(name: &str, text: &str) -> Vec<u8> {
    let Json::Object(mut map) = valid() else {
        unreachable!()
    };
    map.remove(name);
    let rest = serde_json::to_string(&map).unwrap();
    format!(
        "{{{}:{text},{}",
        serde_json::to_string(name).unwrap(),
        &rest[1..]
    )
    .into_bytes()
}

#[test]
fn numbers_at_their_edges() {
    let accepts = |name: &str, text: &str| {
        create(with(name, text))
            .map(|row| {
                let at = WORLD
                    .app
                    .model(0)
                    .unwrap()
                    .fields()
                    .iter()
                    .position(|field| field.name() == name)
                    .unwrap();
                Json::from(row.get(at))
            })
            .map_err(|error| error.kind())
    };
    assert_eq!(accepts("stars", "3000000000"), Err(ErrorKind::Invalid));
    assert_eq!(accepts("small", "256"), Err(ErrorKind::Invalid));
    assert_eq!(accepts("small", "255"), Ok(json!(255)));
    assert_eq!(accepts("wide", "256"), Err(ErrorKind::Invalid));
    assert_eq!(accepts("wide", "-1"), Err(ErrorKind::Invalid));
    assert_eq!(accepts("stars", "1.0"), Ok(json!(1)));
    assert_eq!(accepts("stars", "1.5"), Err(ErrorKind::Invalid));
    assert_eq!(accepts("small", "-0"), Ok(json!(0)));
    assert_eq!(accepts("whole", "-0.0"), Ok(json!(0)));
    assert_eq!(accepts("whole", "9223372036854775807"), Ok(json!(i64::MAX)));
    assert_eq!(
        accepts("whole", "9223372036854775808"),
        Err(ErrorKind::Invalid)
    );
    assert_eq!(accepts("big", "18446744073709551615"), Ok(json!(u64::MAX)));
    assert_eq!(
        accepts("big", "18446744073709551616"),
        Err(ErrorKind::Invalid)
    );
    assert_eq!(accepts("big", "-1"), Err(ErrorKind::Invalid));
    assert_eq!(accepts("float", "1e300"), Err(ErrorKind::Invalid));
    assert_eq!(
        accepts("whole", "1e400"),
        Err(ErrorKind::BadRequest),
        "no number of ours is that large"
    );
    assert_eq!(
        accepts("ratio", "1e-400"),
        Err(ErrorKind::Invalid),
        "it is 0, and that is not more than 0"
    );
    assert_eq!(
        accepts("whole", &format!("1e{}", "9".repeat(50))),
        Err(ErrorKind::BadRequest)
    );
    assert_eq!(
        accepts("whole", &"9".repeat(100_000)),
        Err(ErrorKind::Invalid).or(Err(ErrorKind::BadRequest))
    );
}

#[test]
fn deep_and_doubled_bodies() {
    let deep = format!("{}{}", "[".repeat(1000), "]".repeat(1000));
    assert_eq!(
        create(with("anything", &deep)).unwrap_err().kind(),
        ErrorKind::BadRequest
    );
    // What is skipped is skipped without a limit, and without a stack.
    let deeper = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(
        create(with("zzz", &deeper)).unwrap_err().kind(),
        ErrorKind::Invalid
    );
    create(with("score", &deeper)).unwrap();
    assert_eq!(
        create(deeper.into_bytes()).unwrap_err().kind(),
        ErrorKind::Invalid
    );
    let chain = format!(
        "{}null{}",
        r#"{"street":"a","next":"#.repeat(1000),
        "}".repeat(1000)
    );
    assert_eq!(
        create(with("address", &chain)).unwrap_err().kind(),
        ErrorKind::BadRequest
    );
    let chain = format!(
        "{}null{}",
        r#"{"street":"a","next":"#.repeat(120),
        "}".repeat(120)
    );
    create(with("address", &chain)).unwrap();
    let mut twice = with("stars", "1");
    twice.splice(1..1, b"\"stars\":2,".iter().copied());
    let error = create(twice).unwrap_err();
    assert_eq!(
        (error.kind(), error.fields()[0].code),
        (ErrorKind::Invalid, "duplicate")
    );
}

#[test]
fn the_exceptions_that_the_docs_list() {
    let case = |name: &str, text: &str| {
        let body = with(name, text);
        let json: Json = serde_json::from_slice(&body).unwrap();
        (WORLD.input.is_valid(&json), create(body).is_ok())
    };
    assert_eq!(
        case("score", "\"high\""),
        (false, true),
        "1: read-only fields are not looked at"
    );
    assert_eq!(
        case("uuid", "\"0197f3a27c3e7aaa8bbb0123456789ab\""),
        (false, true),
        "2: other spellings"
    );
    assert_eq!(
        case("whole", "1e18"),
        (true, false),
        "3: whole numbers written as floats, over 2^53"
    );
}

/// The messages of fifteen bad bodies, as a newcomer reads them.
#[test]
fn messages_say_what_to_mend() {
    let message = |name: &str, text: &str| match create(with(name, text)) {
        Ok(_) => "accepted".to_owned(),
        Err(error) => {
            let each = error
                .fields()
                .iter()
                .map(|fault| format!("{} {} [{}]", fault.pointer, fault.message, fault.code));
            if error.fields().is_empty() {
                error.message().to_owned()
            } else {
                each.collect::<Vec<_>>().join("; ")
            }
        }
    };
    let cases = [
        ("title", "5"),
        ("title", "null"),
        ("title", "\"\""),
        ("title", "\"ABCDEFG\""),
        ("stars", "9"),
        ("stars", "\"3\""),
        ("ratio", "0.3"),
        ("status", "\"pblished\""),
        ("titel", "1"),
        ("address", "{\"country\":\"X\"}"),
        ("address", "{\"street\":\"A\",\"zip\":5}"),
        ("address", "\"Hill\""),
        ("shape", "\"Square\""),
        ("shape", "{\"Box\":{\"width\":300,\"height\":1}}"),
        ("internal", "{\"kind\":\"Text\"}"),
        ("internal", "{\"kind\":\"Nope\"}"),
        ("adjacent", "{\"kind\":\"Number\",\"value\":\"x\"}"),
        ("pair", "[1]"),
        ("tags", "[\"a\",\"a\"]"),
        ("tags", "[]"),
        ("bytes", "\"***\""),
        ("uuid", "\"7\""),
        ("notes", "\"x\""),
        ("stars", "3,,"),
        ("counts", "{\"a\":-1}"),
        ("rare", "\"x\""),
    ];
    let said: Vec<String> = cases
        .iter()
        .map(|(name, text)| format!("{name}: {text} -> {}", message(name, text)))
        .collect();
    let said = said.join("\n") + "\n";
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemas.messages.txt");
    if std::env::var_os("OVERWRITE").is_some() {
        std::fs::write(&file, &said).unwrap();
    }
    let expected = std::fs::read_to_string(&file).unwrap();
    pretty(&said, &expected);
}

fn pretty(said: &str, expected: &str) {
    for (said, expected) in said.lines().zip(expected.lines()) {
        assert_eq!(said, expected, "run with OVERWRITE=1 if this is meant");
    }
    assert_eq!(said.lines().count(), expected.lines().count());
}
