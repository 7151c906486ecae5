use super::*;
use crate::expr::{Compare, Op, Operand};
use crate::{Value, to_text};

/// The canonical text, or the kind of mistake and the marked part.
fn read(text: &str) -> Result<String, (ParseErrorKind, &str)> {
    parse(text)
        .map(|e| to_text(&e))
        .map_err(|e| (e.kind, &text[e.span.start..e.span.end]))
}

#[test]
fn good_text() {
    for (text, canonical) in [
        ("a=1", "a=1"),
        ("a==1", "eq(a,1)"),
        (
            "a!=1&b<2&c<=3&d>4&e>=5",
            "ne(a,1)&lt(b,2)&le(c,3)&gt(d,4)&ge(e,5)",
        ),
        ("a=lt=3|b=ge=4", "or(lt(a,3),ge(b,4))"),
        ("a%3C3&b%3e=4&c%3c=5", "lt(a,3)&ge(b,4)&le(c,5)"),
        ("v=a%3Cb", "v=a%3Cb"),
        ("eq(a%3Cb,1)", "eq(a%3Cb,1)"),
        ("(a=1)", "a=1"),
        ("((a==1)&(b==2|c==3))", "eq(a,1)&or(eq(b,2),eq(c,3))"),
        ("and(a==1&b==2,c==3)", "eq(a,1)&eq(b,2)&eq(c,3)"),
        ("or(a==1|b==2,c==3)", "or(eq(a,1),eq(b,2),eq(c,3))"),
        ("not(a==1)", "not(eq(a,1))"),
        ("not(a==1|b==2)", "not(or(eq(a,1),eq(b,2)))"),
        ("&&a==1&&b==2&", "eq(a,1)&eq(b,2)"),
        ("true", "true"),
        ("false|a==1", "or(false,eq(a,1))"),
        ("true==1", "eq(true,1)"),
        ("and==1", "eq(and,1)"),
        ("a/b==x/y", "eq(a.b,x%2Fy)"),
        ("a.b%2Ec==1", "eq(a.b%2Ec,1)"),
        ("a==x+y", "eq(a,x%2By)"),
        ("a==~!'x", "eq(a,~%21%27x)"),
        ("mail==bob@x.org", "eq(mail,bob%40x.org)"),
        ("name==Zo\u{eb}", "eq(name,Zo%C3%AB)"),
        ("a=in=()", "in(a,())"),
        ("a=in=((1,2),3,)", "in(a,((1,2),3,string:))"),
        ("in(a,(x,null,true))", "in(a,(x,null,true))"),
        ("a=", "a=string:"),
        ("eq(a,)", "eq(a,string:)"),
        ("a==$actor.id", "eq(a,$actor.id)"),
        ("$actor.role=admin", "$actor.role=admin"),
        ("$actor.role==admin|a=$x", "or(eq($actor.role,admin),a=$x)"),
        ("$x%3C3&$1>=$y", "lt($x,3)&ge($1,$y)"),
        ("not($x=in=(a,$y))", "not(in($x,(a,$y)))"),
        ("$a%2Eb=1", "$a%2Eb=1"),
        ("%24x==1", "eq(%24x,1)"),
        ("in(a,$1)&b==%241", "in(a,$1)&eq(b,%241)"),
        (
            "a=startsWith=x&starts_with(b,y)",
            "starts_with(a,x)&starts_with(b,y)",
        ),
        ("a==12:30", "eq(a,12%3A30)"),
        ("a==auto:7", "eq(a,7)"),
        ("a==string:7", "eq(a,string:7)"),
        ("a==string:http://x", "eq(a,http%3A%2F%2Fx)"),
        ("a==number:007", "eq(a,7)"),
        ("a==boolean:true", "eq(a,true)"),
        ("a==2024-05-01T10:00:00Z", "eq(a,epoch:1714557600000)"),
        (
            "a==date:2024-05-01T10%3A00%3A00.5Z",
            "eq(a,epoch:1714557600500)",
        ),
        ("a==date:2024-05-01", "eq(a,date:2024-05-01)"),
        ("a==isodate:2024", "eq(a,epoch:1704067200000)"),
        ("a==isodate:2024-05-01T10", "eq(a,epoch:1714557600000)"),
        ("a==epoch:-0.000001", "eq(a,epoch:-0.000001)"),
        ("a==date:2024-05", "eq(a,epoch:1714521600000)"),
        ("(a,b.c)==1", "eq(a.b%2Ec,1)"),
        ("eq((a,b),1)", "eq(a.b,1)"),
        ("between(a,1,2)", "ge(a,1)&le(a,2)"),
        ("a=between=(1,2)", "ge(a,1)&le(a,2)"),
        ("excludes(a,1)", "not(contains(a,1))"),
        ("a==re:jo%5Beh%5D", "match(a,re:jo%5Beh%5D)"),
        ("a!=RE:%5Ex", "not(match(a,RE:%5Ex))"),
        ("match(a,x.*)", "match(a,RE:x.*)"),
        ("a=match=glob:b*c%3F", "match(a,re:%5Eb.*c.%24)"),
        ("in(a,(re:x,1))", "or(match(a,re:x),in(a,(1)))"),
        ("out(a,(re:x))", "not(match(a,re:x))"),
        (
            "contains(a,and(sku==7,n>2))",
            "contains(a,and(eq(sku,7),gt(n,2)))",
        ),
        ("contains(a,sku==7)", "contains(a,eq(sku,7))"),
        ("contains(a,gt(5))", "contains(a,gt(5))"),
        ("contains(a,in((1,2)))", "contains(a,in((1,2)))"),
        (
            "rel(author,(name==Ann|age%3C3))",
            "or(eq(author.name,Ann),lt(author.age,3))",
        ),
        ("exists(a)|exists(b,false)", "or(ne(a,null),eq(b,null))"),
        ("mod(a,4,1)", "mod(a,(4,1))"),
        ("a=size=3", "size(a,3)"),
        (
            "near(a,(13.4,52.5),1000)",
            "within(a,circle((13.4,52.5),1000))",
        ),
        (
            "near(a,13.4,52.5)",
            "within(a,circle((13.4,52.5),Infinity))",
        ),
        ("within(a,box((0,0),(1,1)))", "within(a,box((0,0),(1,1)))"),
    ] {
        assert_eq!(read(text), Ok(canonical.to_owned()), "{text}");
        assert_eq!(read(canonical), Ok(canonical.to_owned()), "{canonical}");
    }
}

#[test]
fn bad_text() {
    use ParseErrorKind as K;
    for (text, kind, marked) in [
        ("", K::Empty, ""),
        ("&&", K::Empty, "&&"),
        ("()", K::Empty, "()"),
        ("()&a=1", K::Empty, "()"),
        ("a=1&b=2|c=3", K::Mixed, "|"),
        ("or(a=1&b=2,c=3)", K::Mixed, "&"),
        ("a=1,b=2", K::Unexpected, ","),
        ("(a=1,b=2)", K::Unexpected, ","),
        ("a=1;b=2", K::Unexpected, ";"),
        ("a=x y", K::Unexpected, " "),
        ("?a=1", K::Unexpected, "?"),
        ("=7", K::Path, ""),
        (".a=7", K::Path, ""),
        ("a=b=c=d", K::Unexpected, "="),
        ("a=b=c", K::UnknownOperator, "b"),
        ("a<b>c", K::Unexpected, ">"),
        ("a==b!=c", K::Unexpected, "!"),
        ("eq(a,1)eq(b,2)", K::Unexpected, "e"),
        ("contains(a)=gt=3", K::Unexpected, "="),
        ("contains(a)", K::Arguments, "contains(a)"),
        ("a=(b=1)", K::Unexpected, "="),
        ("eq(,1)", K::Path, ""),
        ("eq(a,1,2)", K::Arguments, "eq(a,1"),
        ("not(a=1,b=2)", K::Unexpected, ","),
        ("and()", K::Unexpected, ")"),
        ("(a=1", K::Unbalanced, "("),
        ("a=1)", K::Unbalanced, ")"),
        ("in(a,(1,2)", K::Unbalanced, "("),
        ("a=in=(1", K::Unbalanced, "("),
        ("a=1&b", K::Arguments, "b"),
        ("a=1|", K::Unexpected, ""),
        ("a=in=3", K::Arguments, "a=in=3"),
        ("lt(a,(1,2))", K::Arguments, "lt(a,(1,2))"),
        ("$=1", K::Param, "$"),
        ("$a..b=1", K::Param, "$a..b"),
        ("eq($a/b,1)", K::Param, "$a/b"),
        ("$a", K::Arguments, "$a"),
        ("$a=in=b", K::Arguments, "$a=in=b"),
        ("$a==(b,c)", K::Arguments, "$a==(b,c)"),
        ("contains($a,(b,c))", K::Arguments, "contains($a,(b,c))"),
        ("a=$", K::Param, "$"),
        ("a=$a..b", K::Param, "$a..b"),
        ("a=%", K::Encoding, "%"),
        ("a=%zz", K::Encoding, "%"),
        ("a=%ff", K::Encoding, "%ff"),
        ("a=http://x", K::Value, "http:"),
        ("a=re:(", K::Unexpected, "("),
        ("a=re:%28", K::Value, "re:%28"),
        ("lt(a,re:x)", K::Arguments, "lt(a,re:x)"),
        ("a=boolean:yes", K::Value, "boolean:yes"),
        ("a=number:", K::Value, "number:"),
        ("a=number:inf", K::Value, "number:inf"),
        ("a=date:2024-05-01T10:00", K::Value, "date:2024-05-01T10:00"),
        ("a=epoch:1e3", K::Value, "epoch:1e3"),
        ("sort(+a)", K::Unsupported, "sort"),
        ("between(a,1)", K::Arguments, "between(a,1)"),
        ("mod(a,(0,1))", K::Arguments, "mod(a,(0,1))"),
        ("size(a,-1)", K::Arguments, "size(a,-1)"),
        ("within(a,1)", K::Arguments, "within(a,1)"),
        ("within(a,circle((200,0),1))", K::Value, "(200,0)"),
        ("contains(a,sort(b))", K::Unsupported, "sort"),
        ("rel(a)", K::Arguments, "rel(a)"),
        ("exists(a,7)", K::Arguments, "exists(a,7)"),
        ("a=number:Infinity", K::Value, "number:Infinity"),
        ("a=lik=b", K::UnknownOperator, "lik"),
    ] {
        assert_eq!(read(text), Err((kind, marked)), "{text}");
    }
}

#[test]
fn numbers_convert_only_if_they_print_back() {
    let value = |text: &str| {
        let parsed = parse(&format!("a={text}")).unwrap();
        let Expr::Compare(c) = parsed else { panic!() };
        let Operand::Literal(literal) = c.operand else {
            panic!()
        };
        literal.value
    };
    assert_eq!(value("7"), Value::I64(7));
    assert_eq!(value("-1.5"), Value::F64(-1.5));
    assert_eq!(value("1e+21"), Value::F64(1e21));
    assert_eq!(value("1e-7"), Value::F64(1e-7));
    assert_eq!(value("0.000001"), Value::F64(1e-6));
    assert_eq!(value("100000000000000000000"), Value::F64(1e20));
    assert_eq!(value("9007199254740993"), Value::I64(9_007_199_254_740_993));
    assert_eq!(value("18446744073709551615"), Value::U64(u64::MAX));
    for text in [
        "007",
        "1.0",
        ".5",
        "1e3",
        "+5",
        "-0",
        "0x10",
        "1e21",
        "Infinity",
        "NaN",
        "undefined",
        "-",
        "18446744073709551616",
        "1.50",
        "1e+999",
        "5.",
    ] {
        assert_eq!(value(text), Value::from(text), "{text}");
    }
}

#[test]
fn spans_and_flags() {
    let text = "x.y==1&title=$q&eq(a,string:b)";
    let parsed = parse(text).unwrap();
    let all: Vec<_> = crate::compares(&parsed).collect();
    let cut = |s: Span| &text[s.start..s.end];
    assert_eq!(cut(all[0].span), "x.y==1");
    assert_eq!(cut(all[0].subject.span()), "x.y");
    assert_eq!(cut(all[1].span), "title=$q");
    assert_eq!(cut(all[2].span), "eq(a,string:b)");
    assert_eq!(
        all.iter().map(|c| c.form).collect::<Vec<_>>(),
        [false, true, false]
    );
    let Operand::Literal(literal) = &all[2].operand else {
        panic!()
    };
    assert_eq!(
        (cut(literal.span), literal.raw.as_str(), literal.typed),
        ("string:b", "b", true)
    );
    assert_eq!(crate::params(&parsed).count(), 1);
    let text = "$x.y=in=(1,$z)&a=$b";
    let left = parse(text).unwrap();
    let params: Vec<_> = crate::params(&left)
        .map(|p| &text[p.span.start..p.span.end])
        .collect();
    assert_eq!(params, ["$x.y", "$z", "$b"]);
    assert_eq!(
        crate::paths(&left)
            .map(crate::Path::dotted)
            .collect::<Vec<_>>(),
        ["a"]
    );
    assert_eq!(all[2].op, Op::Eq);
}

#[test]
fn literals_keep_their_text() {
    for (text, raw) in [
        ("7", "7"),
        ("-1.5", "-1.5"),
        ("1e+21", "1e+21"),
        ("99%2E5", "99.5"),
        ("auto:99.5", "99.5"),
        ("number:1.50", "1.5"),
        ("true", "true"),
        ("007", "007"),
        ("2024-05-01T10:00:00Z", "2024-05-01T10:00:00Z"),
        ("auto:2024-05-01T10:00:00.50Z", "2024-05-01T10:00:00.50Z"),
        ("2024-05-01T10%3A00:00Z", "2024-05-01T10:00:00Z"),
        ("auto%3A7", "auto:7"),
    ] {
        let expr = parse(&format!("a=={text}")).unwrap();
        let Expr::Compare(Compare {
            operand: Operand::Literal(literal),
            ..
        }) = &expr
        else {
            panic!("{expr:?}")
        };
        assert_eq!(literal.raw, raw, "{text}");
    }
}

#[test]
fn limits() {
    use ParseErrorKind as K;
    let kind = |text: &str| parse(text).map(|_| ()).map_err(|e| e.kind);
    let nested = |n: usize| format!("{}a=1{}", "(".repeat(n), ")".repeat(n));
    let calls = |n: usize| format!("{}a=1{}", "not(".repeat(n), ")".repeat(n));
    let lists = |n: usize| format!("a={}1{}", "(".repeat(n), ")".repeat(n));
    for text in [nested(16), calls(16), lists(16)] {
        assert_eq!(kind(&text), Ok(()));
    }
    for text in [nested(17), calls(17), lists(17), "(".repeat(4096)] {
        assert_eq!(kind(&text), Err(K::TooDeep));
    }
    assert_eq!(kind(&vec!["a=1"; 256].join("&")), Ok(()));
    assert_eq!(kind(&vec!["a=1"; 257].join("&")), Err(K::TooManyTerms));
    assert_eq!(
        kind(&format!("a=in=({})", vec!["1"; 256].join(","))),
        Ok(())
    );
    assert_eq!(
        kind(&format!("a=in=({})", vec!["1"; 257].join(","))),
        Err(K::TooManyItems)
    );
    assert_eq!(kind(&"a".repeat(4097)), Err(K::TooLong));
}

#[test]
fn empty_queries_mean_everything_but_empty_rules_nothing() {
    let limits = Limits::default();
    for text in ["", "()", "&", "&&"] {
        assert_eq!(parse_query(text, &limits), Ok(Expr::Const(true)));
        assert!(parse_rule(text).is_err());
    }
    let none = Limits { text: 0, ..limits };
    assert!(parse_query("&", &none).is_err());
}

#[test]
fn messages_tell_what_to_write() {
    let message = |text: &str| parse(text).unwrap_err().message;
    assert!(message("a=startwith=b").contains("did you mean `starts_with`?"));
    assert!(message("sort(a)").contains("it is no condition"));
    assert!(message("a=strng:7").contains("did you mean `string:`?"));
    assert_eq!(
        parse("n=Zo\u{eb}&x y").unwrap_err().caret("n=Zo\u{eb}&x y"),
        "n=Zo\u{eb}&x y\n       ^\nno spaces are allowed; write %20 inside a value"
    );
}

#[test]
fn terms_split_at_the_top_only() {
    let parts: Vec<_> = split_terms("&a=1&or(b=2&c=3)&&limit(1)").collect();
    assert_eq!(parts, [(1, "a=1"), (5, "or(b=2&c=3)"), (18, "limit(1)")]);
}

/// Who writes a rule as in other languages is shown it as it has to be.
#[test]
fn spaces_round_operators() {
    for (text, message) in [
        (
            "open = true | author = $actor.id",
            "no spaces are allowed round an operator; write `open=true|author=$actor.id`",
        ),
        (
            "in(status, (a, b))",
            "no spaces are allowed round an operator; write `in(status,(a,b))`",
        ),
        (
            "a=1 AND b=2",
            "no spaces are allowed; write %20 inside a value, and `&` for `AND`",
        ),
        (
            "a=1 or b=2",
            "no spaces are allowed; write %20 inside a value, and `|` for `or`",
        ),
        (
            "$actor.role = 'agent' | name='Ann Smith'",
            "no spaces are allowed round an operator; write `$actor.role=agent|name=Ann%20Smith`",
        ),
        (
            "name = \"O'Hara\"",
            "no spaces are allowed round an operator; write `name=\"O'Hara\"`",
        ),
        ("a=b c", "no spaces are allowed; write %20 inside a value"),
        (
            "a=1 ",
            "no spaces are allowed round an operator; write `a=1`",
        ),
    ] {
        assert_eq!(parse_rule(text).unwrap_err().message, message, "{text}");
    }
    // What is suggested is right.
    for text in ["$actor.role=agent|name=Ann%20Smith", "in(status,(a,b))"] {
        assert!(parse_rule(text).is_ok(), "{text}");
    }
    let long = format!("a = {}", "x".repeat(300));
    assert!(!parse_rule(&long).unwrap_err().message.contains("xxx"));
}
