use crate::expr::{Literal, Param, Path};
use crate::{ParamValue, Place, Scope, Value, bind, parse};

/// A model with the field `author` and an actor with `$it`; `$u` is unknown.
struct Actor(ParamValue);

impl Scope for Actor {
    fn field(&self, path: &Path) -> Result<Place, String> {
        let name = path.dotted();
        (name == "author")
            .then_some(Place::from(0))
            .ok_or_else(|| format!("no field `{name}`"))
    }

    fn value(&self, _: &Place, literal: &Literal) -> Result<Value, String> {
        Ok(Value::from(literal.raw.as_str()))
    }

    fn param(&self, param: &Param) -> ParamValue {
        match &*param.dotted() {
            "it" => self.0.clone(),
            "id" => ParamValue::One("ann".into()),
            "roles" => ParamValue::Many(vec!["admin".into(), "editor".into()]),
            _ => ParamValue::Unknown,
        }
    }
}

fn bound(text: &str, it: &ParamValue) -> String {
    let expr = parse(text).unwrap();
    bind(&expr, &Actor(it.clone())).unwrap().to_string()
}

fn it(value: impl Into<Value>) -> ParamValue {
    ParamValue::One(value.into())
}

/// 2 is true, 1 unknown, 0 false: what the comparison is, seen from both sides of a `not`.
fn truth(text: &str, value: &ParamValue) -> u8 {
    let plain = bound(text, value);
    let negated = bound(&format!("not({text})"), value);
    match (plain.as_str(), negated.as_str()) {
        ("true", "false") => 2,
        ("false", "false") => 1,
        ("false", "true") => 0,
        other => panic!("{text}: {other:?}"),
    }
}

fn many(items: &[&str]) -> ParamValue {
    ParamValue::Many(items.iter().map(|item| Value::from(*item)).collect())
}

#[test]
fn a_text() {
    for (text, expected) in [
        ("$it=admin", 2),
        ("$it==admin", 2),
        ("eq($it,admin)", 2),
        ("$it=editor", 0),
        ("$it!=admin", 0),
        ("$it!=editor", 2),
        ("$it=ADMIN", 0),
        ("eq_ignore_case($it,ADMIN)", 2),
        ("in($it,(admin,editor))", 2),
        ("in($it,(guest,editor))", 0),
        ("out($it,(guest,editor))", 2),
        ("in($it,())", 0),
        ("in($it,$roles)", 2),
        ("in($it,(guest,$roles))", 2),
        ("out($it,$roles)", 0),
        ("in($it,$id)", 0),
        ("starts_with($it,adm)", 2),
        ("ends_with($it,adm)", 0),
        ("$it=lt=b", 2),
        ("$it=$it", 2),
        ("$it=$id", 0),
        ("$it!=null", 2),
        ("$it==null", 0),
        ("in($it,(admin,null))", 2),
        // Misfits and unknowns.
        ("contains($it,adm)", 1),
        ("contains($it,admin)", 1),
        ("$it=number:3", 1),
        ("$it=ge=3", 1),
        ("$it=lt=null", 1),
        ("$it=$roles", 1),
        ("$it=$u", 1),
        ("in($it,(admin,$u))", 1),
        ("in($it,((admin),editor))", 1),
        ("in($it,(admin,number:3))", 1),
        ("$it=true", 0),
    ] {
        assert_eq!(truth(text, &it("admin")), expected, "{text}");
    }
}

#[test]
fn numbers_whichever_way_they_come() {
    for (text, expected) in [
        ("$it=9", 2),
        ("$it=10", 0),
        ("$it=ge=3", 2),
        ("$it=ge=10", 0),
        ("$it<10", 2),
        ("$it=ge=number:3", 2),
        ("in($it,(9,10))", 2),
        ("out($it,(9,10))", 0),
    ] {
        for value in [it(9), it("9"), it(9.0)] {
            assert_eq!(truth(text, &value), expected, "{text} {value:?}");
        }
    }
    for (text, expected) in [
        ("$it=string:9", 1),
        ("$it=boss", 1),
        ("starts_with($it,9)", 1),
    ] {
        assert_eq!(truth(text, &it(9)), expected, "{text}");
    }
    assert_eq!(truth("$it=string:9", &it("9")), 2);
    assert_eq!(truth("$it=number:9", &it("9")), 1);
}

#[test]
fn other_kinds() {
    for value in [it(true), it("true")] {
        assert_eq!(truth("$it=true", &value), 2);
        assert_eq!(truth("$it=false", &value), 0);
    }
    assert_eq!(truth("$it=yes", &it(true)), 1);
    let uuid = it(Value::Uuid(uuid::Uuid::nil()));
    assert_eq!(truth("$it=00000000-0000-0000-0000-000000000000", &uuid), 2);
    assert_eq!(truth("$it=00000000-0000-0000-0000-000000000001", &uuid), 0);
    assert_eq!(truth("$it=x", &uuid), 1);
    let date = it(Value::Date(jiff::civil::date(2024, 5, 1)));
    assert_eq!(truth("$it=gt=2024-04-30", &date), 2);
    for value in [
        it("2024-05-01T10:00:00Z"),
        it(Value::Instant("2024-05-01T10:00:00Z".parse().unwrap())),
    ] {
        assert_eq!(truth("$it=lt=2024-05-01T10:00:00.5Z", &value), 2);
    }
}

#[test]
fn lists() {
    let groups = many(&["staff", "7"]);
    for (text, expected) in [
        ("contains($it,staff)", 2),
        ("contains($it,7)", 2),
        ("contains($it,sta)", 0),
        ("contains($it,$id)", 0),
        ("contains($it,null)", 0),
        ("contains($it,number:7)", 1),
        ("contains($it,$roles)", 1),
        ("contains($it,$u)", 1),
        ("$it=staff", 1),
        ("$it!=staff", 1),
        ("$it!=null", 1),
        ("in($it,(staff,x))", 1),
        ("in($it,(null,x))", 1),
        ("$it=lt=x", 1),
    ] {
        assert_eq!(truth(text, &groups), expected, "{text}");
        let array = it(vec!["staff".into(), "7".into()]);
        assert_eq!(truth(text, &array), expected, "{text}");
    }
    assert_eq!(truth("contains($it,staff)", &many(&[])), 0);
    let numbers = ParamValue::Many(vec![3.into(), 7.into()]);
    assert_eq!(truth("contains($it,7)", &numbers), 2);
    assert_eq!(truth("contains($it,x)", &numbers), 1);
}

#[test]
fn absent_is_unknown_whatever_is_asked() {
    let null_inside = ParamValue::Many(vec!["staff".into(), Value::Null]);
    for value in [ParamValue::Unknown, it(Value::Null), null_inside] {
        for text in [
            "$it=staff",
            "$it!=staff",
            "$it==null",
            "$it!=null",
            "in($it,(staff))",
            "out($it,(staff))",
            "out($it,())",
            "contains($it,staff)",
            "$it=lt=3",
            "$it=$it",
        ] {
            assert_eq!(truth(text, &value), 1, "{text} {value:?}");
        }
    }
}

#[test]
fn mixed_with_fields() {
    for (text, admin, guest, nobody) in [
        ("$it=admin|author=$id", "true", "eq(#0,ann)", "eq(#0,ann)"),
        ("$it=admin&author=$id", "eq(#0,ann)", "false", "false"),
        ("not($it=admin|author==$id)", "false", "ne(#0,ann)", "false"),
        (
            "not($it=admin&author==$id)",
            "ne(#0,ann)",
            "true",
            "ne(#0,ann)",
        ),
        ("$it=admin|author=$u", "true", "false", "false"),
        ("not($it=admin)|true", "true", "true", "true"),
    ] {
        assert_eq!(bound(text, &it("admin")), admin, "{text}");
        assert_eq!(bound(text, &it("guest")), guest, "{text}");
        assert_eq!(bound(text, &ParamValue::Unknown), nobody, "{text}");
    }
    // A field is looked up also beside a parameter that decides.
    let wrong = parse("$it=admin|nope=1").unwrap();
    assert!(bind(&wrong, &Actor(it("admin"))).is_err());
}
