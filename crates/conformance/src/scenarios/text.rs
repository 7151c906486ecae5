//! Text: what of it is found, whatever signs it is made of.

use larder_core::ErrorKind;
use larder_query::{Filter, Op, Value};

use super::{Scenario, rows};
use crate::bench::{Bench, insert};
use crate::harness::Need;
use crate::things::{DOC, NAME, TAG, json, thing};

pub(super) fn rows() -> Vec<Scenario> {
    let mut all = rows![&[];
        parts_of_text, case_matters, case_can_be_ignored, wildcards_are_plain_signs, order_is_by_bytes, starts_at_the_top_of_unicode,
        quotes_and_statements, unicode_comes_back, a_megabyte_of_text, white_space_is_kept, asked_for_with_a_zero,
    ];
    all.extend(rows![&[Need::NulInText]; a_zero_inside_text, a_zero_inside_documents]);
    all
}

fn name(op: Op, value: &str) -> Filter {
    Filter::test(NAME, op, value)
}

/// Things a, b, c .. with these names; the same in the indexed `tag`.
async fn named(bench: &Bench<'_>, names: &[&str]) {
    let ids = ('a'..='z').map(String::from);
    bench
        .fill(
            ids.zip(names)
                .map(|(id, name)| thing(&id).with(NAME, *name).with(TAG, *name)),
        )
        .await;
}

async fn parts_of_text(bench: Bench<'_>) {
    named(&bench, &["banana", "ban", "an", "", "nab"]).await;
    assert_eq!(bench.ids(name(Op::Contains, "an")).await, ["a", "b", "c"]);
    assert_eq!(bench.ids(name(Op::StartsWith, "ban")).await, ["a", "b"]);
    assert_eq!(bench.ids(name(Op::EndsWith, "an")).await, ["b", "c"]);
    for field in [NAME, TAG] {
        for (part, found) in [("ban", &["a", "b"][..]), ("an", &["c"])] {
            let begins = Filter::test(field, Op::StartsWith, part);
            assert_eq!(bench.ids(begins).await, found, "{part}");
        }
    }
    for op in [Op::Contains, Op::StartsWith, Op::EndsWith] {
        assert_eq!(
            bench.ids(name(op, "")).await.len(),
            5,
            "{op:?}: nothing is a part of every text"
        );
        assert_eq!(bench.ids(name(op, "bananas")).await, [""; 0], "{op:?}");
    }
}

async fn case_matters(bench: Bench<'_>) {
    named(&bench, &["Ann", "ann", "ANN"]).await;
    for op in [Op::Eq, Op::Contains, Op::StartsWith, Op::EndsWith] {
        assert_eq!(bench.ids(name(op, "ann")).await, ["b"], "{op:?}");
        assert_eq!(
            bench.ids(Filter::test(TAG, op, "ann")).await,
            ["b"],
            "{op:?}, indexed"
        );
    }
}

async fn case_can_be_ignored(bench: Bench<'_>) {
    named(
        &bench,
        &[
            "Ann", "aNN", "anne", "ÉCOLE", "école", "ΣΑΣ", "STRASSE", "straße", "Ǆ",
        ],
    )
    .await;
    let same = |value: &'static str| name(Op::EqIgnoreCase, value);
    assert_eq!(bench.ids(same("ANN")).await, ["a", "b"]);
    assert_eq!(bench.ids(same("École")).await, ["d", "e"], "beyond ASCII");
    assert_eq!(bench.ids(same("σασ")).await, ["f"]);
    assert_eq!(
        bench.ids(same("Straße")).await,
        ["h"],
        "letters are not replaced by others"
    );
    assert_eq!(bench.ids(same("ǆ")).await, ["i"]);
    assert_eq!(bench.ids(Filter::not(same("ann"))).await.len(), 7);
}

async fn wildcards_are_plain_signs(bench: Bench<'_>) {
    named(
        &bench,
        &[
            "100%",
            "100",
            "a_b",
            "axb",
            r"back\slash",
            "*",
            "[a]",
            "a?",
            "50% off",
        ],
    )
    .await;
    assert_eq!(bench.ids(name(Op::Contains, "%")).await, ["a", "i"]);
    assert_eq!(bench.ids(name(Op::EndsWith, "%")).await, ["a"]);
    assert_eq!(bench.ids(name(Op::Contains, "_")).await, ["c"]);
    assert_eq!(bench.ids(name(Op::StartsWith, "a_")).await, ["c"]);
    assert_eq!(bench.ids(name(Op::Contains, r"\")).await, ["e"]);
    assert_eq!(bench.ids(name(Op::StartsWith, "*")).await, ["f"]);
    assert_eq!(bench.ids(name(Op::Contains, "[a]")).await, ["g"]);
    assert_eq!(bench.ids(name(Op::Contains, "?")).await, ["h"]);
    assert_eq!(bench.ids(name(Op::EqIgnoreCase, "A_B")).await, ["c"]);
    assert_eq!(
        bench.ids(Filter::test(TAG, Op::StartsWith, "50%")).await,
        ["i"]
    );
}

async fn order_is_by_bytes(bench: Bench<'_>) {
    named(
        &bench,
        &["b", "a", "B", "ä", "\u{1F600}", "\u{FF5E}", "", " a", "a "],
    )
    .await;
    for field in [NAME, TAG] {
        let ids = bench.select().sort(field, false).ids().await;
        assert_eq!(
            ids,
            ["g", "h", "c", "b", "i", "a", "d", "f", "e"],
            "as UTF-8, not as UTF-16 or a language has it"
        );
        assert_eq!(
            bench.ids(Filter::test(field, Op::Gt, "b")).await,
            ["d", "e", "f"]
        );
        assert_eq!(
            bench.ids(Filter::test(field, Op::Lt, "a")).await,
            ["c", "g", "h"]
        );
    }
}

async fn starts_at_the_top_of_unicode(bench: Bench<'_>) {
    let top = "\u{10FFFF}";
    named(
        &bench,
        &[
            top,
            &format!("{top}{top}"),
            &format!("{top}a"),
            "z",
            "\u{D7FF}",
            "\u{D7FF}x",
            "\u{E000}",
        ],
    )
    .await;
    for field in [NAME, TAG] {
        assert_eq!(
            bench.ids(Filter::test(field, Op::StartsWith, top)).await,
            ["a", "b", "c"]
        );
        assert_eq!(
            bench
                .ids(Filter::test(field, Op::StartsWith, "\u{D7FF}"))
                .await,
            ["e", "f"]
        );
    }
}

async fn quotes_and_statements(bench: Bench<'_>) {
    let bad = [
        "'",
        "\"",
        "''; DROP TABLE things; --",
        "$1",
        ":name",
        "?1",
        "`",
        "{\"$gt\": \"\"}",
        "${x}",
        "\\'",
        "\\u0000",
    ];
    named(&bench, &bad).await;
    let ids = bench.all().await;
    assert_eq!(ids.len(), bad.len());
    for (id, text) in ids.iter().zip(bad) {
        assert_eq!(
            bench.ids(name(Op::Eq, text)).await,
            std::slice::from_ref(id),
            "{text}"
        );
        assert!(
            bench.ids(name(Op::Contains, text)).await.contains(id),
            "{text}"
        );
        assert_eq!(bench.value(id, NAME).await, Value::from(text));
    }
    bench.fill([thing("x' OR '1'='1")]).await;
    assert!(bench.get("x' OR '1'='1").await.is_some());
    assert_eq!(bench.all().await.len(), bad.len() + 1);
}

async fn unicode_comes_back(bench: Bench<'_>) {
    let texts = [
        "e\u{301}",                     // a combining accent, not the composed letter
        "\u{e9}",                       // the composed letter
        "\u{1F468}\u{200D}\u{1F469}",   // beyond the first plane, joined
        "\u{5E9}\u{5DC}\u{5D5}\u{5DD}", // right to left
        "\u{202E}abc\u{202C}",          // direction overrides
        "\u{FEFF}bom",                  // a byte order mark that is content
        "\u{7F}\u{80}\u{9F}",           // control signs
        "\r\n\t",
        "\u{FFFD}\u{FFFE}\u{FFFF}", // not characters, and valid all the same
    ];
    named(&bench, &texts).await;
    let ids = bench.all().await;
    assert_eq!(ids.len(), texts.len());
    for (id, text) in ids.iter().zip(texts) {
        assert_eq!(bench.value(id, NAME).await, Value::from(text), "{text:?}");
        assert_eq!(
            bench.ids(name(Op::Eq, text)).await,
            std::slice::from_ref(id),
            "{text:?} is not normalised"
        );
    }
}

async fn a_zero_inside_text(bench: Bench<'_>) {
    named(&bench, &["a\0b", "a", "a\0c"]).await;
    assert_eq!(bench.value("a", NAME).await, Value::from("a\0b"));
    for field in [NAME, TAG] {
        assert_eq!(bench.ids(Filter::test(field, Op::Eq, "a")).await, ["b"]);
        assert_eq!(bench.ids(Filter::test(field, Op::Eq, "a\0c")).await, ["c"]);
    }
    assert_eq!(
        bench.select().sort(NAME, false).ids().await,
        ["b", "a", "c"]
    );
}

async fn a_zero_inside_documents(bench: Bench<'_>) {
    let text = r#"["\u0000", {"a\u0000": 1}]"#;
    bench.fill([thing("a").with(DOC, json(text))]).await;
    assert!(bench.value("a", DOC).await.same(&json(text)));
    let eq = Filter::test(DOC, Op::Eq, json(text));
    assert_eq!(bench.ids(eq).await, ["a"]);
}

/// Where texts can't have a U+0000 in them, a write of one names the field; to ask for one is no fault anywhere.
async fn asked_for_with_a_zero(bench: Bench<'_>) {
    named(&bench, &["a", "b", "a\u{1}"]).await;
    let zero = thing("z")
        .with(NAME, "a\0b")
        .with(DOC, json(r#"{"a": ["\u0000"]}"#));
    let kept = bench.store.capability().nul_in_text;
    match bench.one(insert(zero)).await {
        Ok(_) => assert!(kept),
        Err(error) => {
            assert!(!kept, "{error:?}");
            assert_eq!(error.kind(), ErrorKind::Invalid);
            assert!(
                ["name", "doc"].contains(&&*error.fields()[0].field),
                "{error:?}"
            );
        }
    }
    let with = |ids: &[&str]| -> Vec<String> {
        let zero = kept.then_some("z");
        let mut ids: Vec<String> = ids.iter().copied().chain(zero).map(str::to_owned).collect();
        ids.sort();
        ids
    };
    for field in [NAME, TAG] {
        // A text that no record has, right behind `a`.
        let test = |op| Filter::test(field, op, "a\0");
        assert_eq!(bench.ids(test(Op::Eq)).await, [""; 0]);
        assert_eq!(bench.ids(test(Op::Lt)).await, ["a"]);
        assert_eq!(bench.ids(test(Op::Le)).await, ["a"]);
        let behind = if field == NAME {
            with(&["b", "c"])
        } else {
            vec!["b".into(), "c".into()]
        };
        assert_eq!(bench.ids(test(Op::Gt)).await, behind);
        assert_eq!(bench.ids(test(Op::Ge)).await, behind);
        assert_eq!(bench.ids(test(Op::EndsWith)).await, [""; 0]);
        assert_eq!(bench.ids(test(Op::EqIgnoreCase)).await, [""; 0]);
        assert_eq!(
            bench.ids(Filter::not(test(Op::Eq))).await.len(),
            with(&["a", "b", "c"]).len()
        );
        let found = if field == NAME { with(&[]) } else { Vec::new() };
        assert_eq!(bench.ids(test(Op::Contains)).await, found);
        assert_eq!(bench.ids(test(Op::StartsWith)).await, found);
    }
    let list = Filter::one_of(NAME, vec!["a\0".into(), "b".into()]);
    assert_eq!(bench.ids(list).await, ["b"]);
    for value in [
        json(r#""\u0000""#),
        json(r#"["\u0000"]"#),
        json(r#"{"\u0000": 1}"#),
    ] {
        assert_eq!(
            bench.ids(Filter::test(DOC, Op::Eq, value.clone())).await,
            [""; 0]
        );
        assert_eq!(
            bench.ids(Filter::test(DOC, Op::Contains, value)).await,
            [""; 0]
        );
    }
}

async fn a_megabyte_of_text(bench: Bench<'_>) {
    let long = "0123456789abcdé€".repeat((1 << 20) / 19 + 1);
    assert!(long.len() > 1 << 20);
    bench
        .one(insert(thing("long").with(NAME, long.as_str())))
        .await
        .unwrap();
    assert_eq!(bench.value("long", NAME).await, Value::from(long.as_str()));
    assert_eq!(bench.ids(name(Op::EndsWith, "abcdé€")).await, ["long"]);
    assert_eq!(bench.ids(name(Op::Eq, &long)).await, ["long"]);
    assert_eq!(bench.ids(name(Op::Eq, &long[1..])).await, [""; 0]);
}

async fn white_space_is_kept(bench: Bench<'_>) {
    named(&bench, &["a", "a ", " a", "a\n", "\u{A0}a"]).await;
    assert_eq!(
        bench.ids(name(Op::Eq, "a")).await,
        ["a"],
        "nothing is trimmed or padded"
    );
    assert_eq!(bench.ids(name(Op::Eq, "a ")).await, ["b"]);
    assert_eq!(bench.value("e", NAME).await, Value::from("\u{A0}a"));
}
