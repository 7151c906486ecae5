use super::*;
use crate::parse;

/// Rows of `owner` (text), `n` (number), `tags` (texts), with an actor that may be absent.
struct Rows(ParamValue);

impl Scope for Rows {
    fn field(&self, path: &Path) -> Result<Place, String> {
        let name = path.dotted();
        let at = ["owner", "n", "tags"].iter().position(|f| *f == name);
        at.map(Place::from)
            .ok_or_else(|| format!("no field `{name}`"))
    }

    fn value(&self, place: &Place, literal: &Literal) -> Result<Value, String> {
        match place.field {
            1 if literal.value.as_f64().is_none() => Err("`n` is a number".to_owned()),
            1 => Ok(literal.value.clone()),
            _ => Ok(Value::from(literal.raw.as_str())),
        }
    }

    fn param(&self, param: &Param) -> ParamValue {
        match &*param.dotted() {
            "a" => self.0.clone(),
            "known" => ParamValue::One("ann".into()),
            _ => ParamValue::Unknown,
        }
    }

    fn coerce(&self, place: &Place, value: Value) -> Option<Value> {
        (place.field != 1 || value.as_f64().is_some()).then_some(value)
    }
}

fn bound(text: &str, a: ParamValue) -> String {
    bind(&parse(text).unwrap(), &Rows(a)).unwrap().to_string()
}

const U: ParamValue = ParamValue::Unknown;

#[test]
fn unknown_refuses_on_either_side_of_not() {
    for (text, filter) in [
        ("owner==$a", "false"),
        ("$a==x", "false"),
        ("not($a==x)", "false"),
        ("not($a==x|n==1)", "false"),
        ("not($a==x&n==1)", "ne(#1,1)"),
        ("owner!=$a", "false"),
        ("not(owner==$a)", "false"),
        ("not(not(owner==$a))", "false"),
        ("in(owner,$a)", "false"),
        ("out(owner,$a)", "false"),
        ("not(in(owner,(x,$a)))", "false"),
        ("not(n<$a)", "false"),
        // unknown | true = true, unknown & false = false, unknown & true = unknown
        ("owner==$a|true", "true"),
        ("owner==$a&true", "false"),
        ("not(owner==$a&false)", "true"),
        ("not(owner==$a&true)", "false"),
        ("not(owner==$a|true)", "false"),
        ("owner==$a|n==1", "eq(#1,1)"),
        ("not(owner==$a|n==1)", "false"),
        ("not(owner==$a&n==1)", "ne(#1,1)"),
        ("not(owner==$a&n<1)", "not(lt(#1,1))"),
        ("not(not(owner==$a)|not(n<1))", "false"),
        ("not(not(owner==$a)&not(n<1))", "lt(#1,1)"),
    ] {
        assert_eq!(bound(text, U), filter, "{text}");
        // A null is as absent as nothing, alone or in a list.
        assert_eq!(bound(text, ParamValue::One(Value::Null)), filter, "{text}");
        let list = ParamValue::Many(vec!["x".into(), Value::Null]);
        assert_eq!(bound(text, list), filter, "{text}");
    }
}

/// Kleene's three-valued logic: 0 is false, 1 unknown, 2 true. Every comparison is unknown.
fn kleene(expr: &Expr) -> u8 {
    match expr {
        Expr::Const(b) => u8::from(*b) * 2,
        Expr::Not(inner) => 2 - kleene(inner),
        Expr::And(all) => all.iter().map(kleene).min().unwrap_or(2),
        Expr::Or(any) => any.iter().map(kleene).max().unwrap_or(0),
        Expr::Compare(_) | Expr::Any(_) => 1,
    }
}

#[test]
fn agrees_with_three_valued_logic() {
    let leaf = ["true", "false", "owner==$a", "$a==x"];
    let mut texts: Vec<String> = leaf.iter().map(|s| (*s).to_owned()).collect();
    for _ in 0..2 {
        let mut next = texts.clone();
        for a in &texts {
            next.push(format!("not({a})"));
            for b in leaf {
                next.push(format!("and({a},{b})"));
                next.push(format!("or({a},{b})"));
            }
        }
        texts = next;
    }
    assert!(texts.len() > 150);
    for text in texts {
        let expected = kleene(&parse(&text).unwrap()) == 2;
        assert_eq!(bound(&text, U), expected.to_string(), "{text}");
    }
}

#[test]
fn null_literals_are_known() {
    assert_eq!(bound("owner==null", U), "eq(#0,null)");
    assert_eq!(bound("not(owner==null)", U), "ne(#0,null)");
    assert_eq!(bound("n==null", U), "eq(#1,null)");
    assert_eq!(bound("in(n,(1,null))", U), "in(#1,(1,null))");
    assert_eq!(bound("owner==string:null", U), "eq(#0,string:null)");
}

#[test]
fn known_parameters() {
    let many = |items: &[&str]| ParamValue::Many(items.iter().map(|s| Value::from(*s)).collect());
    assert_eq!(bound("owner==$known", U), "eq(#0,ann)");
    assert_eq!(bound("in(owner,$a)", many(&["x", "y"])), "in(#0,(x,y))");
    assert_eq!(
        bound("in(owner,(z,$a))", many(&["x", "y"])),
        "in(#0,(z,x,y))"
    );
    assert_eq!(bound("in(owner,$a)", many(&[])), "false");
    assert_eq!(bound("out(owner,$a)", many(&[])), "true");
    assert_eq!(bound("in(owner,$known)", U), "in(#0,(ann))");
    assert_eq!(
        bound("in(owner,$a)", ParamValue::One(vec!["x".into()].into())),
        "in(#0,(x))"
    );
    assert_eq!(bound("tags==$a", many(&["x", "y"])), "eq(#2,(x,y))");
    // What can't be the field's kind is unknown, not an error.
    assert_eq!(bound("n==$known", U), "false");
    assert_eq!(bound("not(n==$known)", U), "false");
}

#[test]
fn literals_take_the_fields_kind() {
    assert_eq!(bound("owner==7", U), "eq(#0,string:7)");
    assert_eq!(bound("tags==(1,b)", U), "eq(#2,(string:1,b))");
}

#[test]
fn mistakes_show_whatever_the_parameters_are() {
    let err = |text: &str| bind(&parse(text).unwrap(), &Rows(U)).unwrap_err();
    assert_eq!(err("false&nope==1").span, Span::new(6, 10));
    assert_eq!(err("nope==$a").message, "no field `nope`");
    assert_eq!(err("n=in=($a,x)").span, Span::new(9, 10));
}

#[test]
fn elements_of_an_array() {
    let any = |inner: &str| {
        Expr::Any(Any {
            path: Path {
                steps: ["tags".into()].into(),
                span: Span::default(),
            },
            filter: Box::new(parse(inner).unwrap()),
            span: Span::default(),
        })
    };
    let shown = |expr: &Expr, a: ParamValue| bind(expr, &Rows(a)).unwrap().to_string();
    assert_eq!(
        shown(&any("sku==7"), U),
        "each(#2/,at(#0/sku,eq(#0,string:7)))"
    );
    // Unknown stays unknown under a `not`, on either side of the array.
    let unknown = any("not(sku==$a)");
    assert_eq!(shown(&unknown, U), "false");
    assert_eq!(shown(&Expr::Not(Box::new(unknown)), U), "false");
    let not = Expr::Not(Box::new(any("sku==$a")));
    assert_eq!(
        shown(&not, ParamValue::One("x".into())),
        "not(each(#2/,at(#0/sku,eq(#0,x))))"
    );
}
