//! What queries do not show, and what is said of those that are wrong.

use larder_tests::{Backend, scenarios};

use super::{get, shops};

/// Whatever names a server-only field is answered as if the field were not there.
async fn hidden_fields_do_not_exist(backend: Backend) {
    let client = shops(&backend, 3).await;
    for query in [
        "NAME=1",
        "NAME==1",
        "eq(NAME,1)",
        "NAME=gt=1",
        "not(eq(NAME,1))",
        "or(NAME=1,kind=books)",
        "in(NAME,(1,2))",
        "contains(NAME,a)",
        "match(NAME,a)",
        "sort(NAME)",
        "sortBy=-NAME",
        "select(NAME)",
        "fields=NAME",
        "unselect(NAME)",
        "values(NAME)",
        "values(NAME)&distinct()",
        "select(kind,NAME)&distinct()",
        "aggregate(NAME,count())",
        "aggregate(kind,sum(NAME))",
        "aggregate(kind,x=max(NAME))",
        "sum(NAME)",
        "mean(NAME)",
        "min(NAME)",
        "max(NAME)",
        "values(NAME)&sum()",
        "NAME.x=1",
        "select(NAME.x)",
        "sum(NAME.x)",
        "query={\"NAME\":1}",
        "query={\"$or\":[{\"NAME\":{\"$gt\":1}}]}",
        "sort={\"NAME\":1}",
        "query={\"NAME\":{\"$nearSphere\":[1,2]}}",
        "near(NAME,(13,52))",
        "aggregate(kind,count())&sort(NAME)",
        "kind=books&NAME=a&count()",
        "aggregate(NAME.x,count())",
        "size(NAME,1)",
        "mod(NAME,2,0)",
        "exists(NAME)",
        "between(NAME,1,2)",
        "starts_with(NAME,a)",
        "eq_ignore_case(NAME,a)",
        "NAME=re:a",
        "excludes(NAME,a)",
        "contains(NAME,x=1)",
        "excludes(NAME,contains(x,eq(y,1)))",
        "rel(NAME,x=1)",
        "within(NAME,box((1,2),(3,4)))",
        "recurse(NAME)",
        "distinct()&select(NAME)",
        "query={\"NAME\":{\"$elemMatch\":{\"x\":1}}}",
        "query={\"$nor\":[{\"NAME\":{\"$regex\":\"^a\"}}]}",
        "query={}&fields=NAME",
        "sortBy=kind,NAME&cursor=AAAA",
    ] {
        for hidden in ["vault", "margin"] {
            // Of the same length and as far from every name that is there.
            let absent: String = hidden
                .chars()
                .map(|char| if char == 'v' || char == 'm' { 'q' } else { 'x' })
                .collect();
            let told = async |name: &str| {
                let answer = get(
                    &client,
                    &query
                        .replace("NAME", name)
                        .replace('"', "%22")
                        .replace('{', "%7B")
                        .replace('}', "%7D"),
                )
                .await;
                (answer.status, answer.text().replace(name, "NAME"))
            };
            let (status, text) = told(hidden).await;
            assert_eq!((status, text.clone()), told(&absent).await, "{query}");
            assert_eq!(status, 400, "{query}: {text}");
        }
    }
    for query in ["select()", "unselect(kind)", "values()", "", "first()"] {
        let text = get(&client, query).await.is(200).text();
        assert!(
            !text.contains("vault") && !text.contains("margin"),
            "{query}: {text}"
        );
    }
    for near in ["vaul", "margi", "vaultt"] {
        for query in ["X=1", "select(X)", "sum(X)", "sortBy=X"] {
            let text = get(&client, &query.replace('X', near)).await.is(400).text();
            assert!(
                !text.contains("did you mean `vault`") && !text.contains("`margin`"),
                "{query}: {text}"
            );
        }
    }
}

async fn faults_have_places(backend: Backend) {
    let client = shops(&backend, 1).await;
    for (query, at, hint) in [
        ("limit=3&kind=a+b&titel=x", None, "did you mean `title`?"),
        (
            "limit=3&title=a+b+c&eqq(size,1)",
            Some(20),
            "did you mean `eq`?",
        ),
        (
            "sortBy=size&kind=books&limit(1)&title=x",
            Some(32),
            "before limit",
        ),
    ] {
        let problem = get(&client, query).await.is(400).json();
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(hint), "{query}: {detail}");
        if let Some(at) = at {
            assert!(
                detail.starts_with(&format!("at byte {at}:")),
                "{query}: {detail}"
            );
        }
    }
    let deep = format!("{}eq(size,1){}", "not(".repeat(40), ")".repeat(40));
    let wide = format!("in(size,({}))", vec!["1"; 400].join(","));
    let many = vec!["size=1"; 300].join("&");
    for capped in [deep, wide, many, format!("title={}", "x".repeat(5000))] {
        get(&client, &capped).await.is(400);
    }
}

scenarios! {
    hidden_fields_do_not_exist, faults_have_places,
}
