//! Going on behind the last record of a page.

use larder_tests::{Answer, Backend, Client, scenarios};

use super::{get, ids, shop, shops};

/// The query string of the next page, if there is one.
fn next(answer: &Answer) -> Option<String> {
    let link = answer.header("link");
    let (path, rel) = link.strip_prefix('<')?.split_once(">; ")?;
    assert_eq!(rel, "rel=\"next\"");
    Some(path.strip_prefix("/shops?").unwrap().to_owned())
}

async fn walk(client: &Client, query: &str) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut query = Some(query.to_owned());
    while let Some(here) = query {
        let page = get(client, &here).await.is(200);
        query = next(&page);
        pages.push(ids(&page));
        assert!(pages.len() < 30, "it never ends");
    }
    pages
}

async fn cursors(backend: Backend) {
    let client = shops(&backend, 57).await;
    for query in [
        "",
        "sortBy=size",
        "sortBy=-size,kind",
        "sort(-kind,+title)",
        "kind=books&limit=3",
        "limit(7)&x",
        "limit=7",
    ] {
        let query = query.trim_end_matches("&x");
        let pages = walk(&client, query).await;
        let all = pages.concat();
        let mut once = all.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), all.len(), "{query}: {pages:?}");
        // The same as by skipping.
        let mut skipped = Vec::new();
        let (bare, size) = match query.split_once("limit") {
            Some((bare, _)) => (bare.trim_end_matches('&'), pages[0].len()),
            None => (query, 10),
        };
        while skipped.len() < all.len() {
            let page = get(
                &client,
                &format!("{bare}&skip={}&limit={size}", skipped.len()),
            )
            .await;
            skipped.extend(ids(&page));
        }
        assert_eq!(all, skipped, "{query}");
    }
    // Positions are told along the way, and the total with the first page: behind a cursor only who asks for it is told again.
    let first = get(&client, "limit=20&sortBy=size").await.is(200);
    assert_eq!(first.header("content-range"), "items 0-9/52");
    let link = next(&first).unwrap();
    let second = get(&client, &link).await.is(200);
    assert_eq!(second.header("content-range"), "items 10-19/*");
    assert!(next(&second).is_some());
    for preference in ["count=exact", "count=estimated"] {
        let second = client.get(&format!("/shops?{link}"));
        let second = second.header("prefer", preference).go().await.is(200);
        assert_eq!(second.header("content-range"), "items 10-19/52");
    }
    let waived = client
        .get("/shops?limit=5")
        .header("prefer", "count=none")
        .go()
        .await;
    assert_eq!(
        (waived.header("content-range"), ids(&waived).len()),
        ("items 0-4/*", 5)
    );
    assert!(next(&waived).is_some());
    for (preference, applied) in [
        ("count=exact", "count=exact"),
        ("count=estimated", "count=estimated"),
    ] {
        let counted = client
            .get("/shops?limit=5")
            .header("prefer", preference)
            .go()
            .await;
        assert_eq!(counted.header("content-range"), "items 0-4/52");
        assert_eq!(counted.header("preference-applied"), applied);
    }
    assert!(next(&get(&client, "limit=0").await).is_none());
    assert_eq!(
        get(&client, "limit(5,0,7)").await.header("content-range"),
        "items 0-4/7"
    );
}

async fn cursors_hold_while_records_come_and_go(backend: Backend) {
    let client = shops(&backend, 30).await;
    let first = get(&client, "sortBy=title&limit=10").await.is(200);
    let seen = ids(&first);
    // Before the place, behind it, and the very record that the cursor stands at.
    let mut early = shop(0);
    early["title"] = "a shop before all".into();
    client.put("/shops/early", early).go().await.is(201);
    client
        .delete(&format!("/shops/{}", seen[9]))
        .go()
        .await
        .is(204);
    let rest = walk(&client, &next(&first).unwrap()).await.concat();
    assert!(
        rest.iter().all(|id| !seen.contains(id) && id != "early"),
        "{rest:?}"
    );
    assert_eq!(seen.len() + rest.len(), 27);
}

async fn no_other_cursor(backend: Backend) {
    let client = shops(&backend, 30).await;
    let page = get(&client, "sortBy=size&kind=books&limit=3").await.is(200);
    let query = next(&page).unwrap();
    let (_, cursor) = query.split_once("cursor=").unwrap();
    get(&client, &format!("sortBy=size&kind=books&cursor={cursor}"))
        .await
        .is(200);
    let mut forged = cursor.to_owned();
    let last = if forged.ends_with('A') { "B" } else { "A" };
    forged.replace_range(10..11, if &cursor[10..11] == "A" { "B" } else { "A" });
    let cut = &cursor[..cursor.len() - 2];
    for other in [
        format!("sortBy=-size&kind=books&cursor={cursor}"),
        format!("sortBy=size&kind=bakery&cursor={cursor}"),
        format!("sortBy=size&cursor={cursor}"),
        format!("kind=books&cursor={cursor}"),
        format!("sortBy=size&kind=books&skip=1&cursor={cursor}"),
        format!("sortBy=size&kind=books&cursor={forged}"),
        format!("sortBy=size&kind=books&cursor={cut}"),
        format!("sortBy=size&kind=books&cursor={cursor}{last}"),
        "sortBy=size&kind=books&cursor=".to_owned(),
        "cursor=%00".to_owned(),
    ] {
        let problem = get(&client, &other).await.is(400).json();
        assert_eq!(
            problem["errors"][0]["field"], "cursor",
            "{other}: {problem}"
        );
    }
    // Another one could find out by it where records stand that he can't see.
    let by_ann = client.get(&format!("/shops?{query}")).by("ann").go().await;
    by_ann.is(400);
    let ranged = client
        .get(&format!("/shops?{query}"))
        .header("range", "items=0-3");
    ranged.go().await.is(400);
    // Nothing of the record can be read in it.
    let bytes = cursor.as_bytes();
    assert!(!bytes.windows(4).any(|part| part == b"shop"), "{cursor}");
}

scenarios! {
    cursors, cursors_hold_while_records_come_and_go, no_other_cursor,
}
