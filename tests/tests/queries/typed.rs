//! Queries in Rust.

use larder::prelude::*;
use larder_tests::{Backend, Client, scenarios};

use super::{Shop, shop};

/// The same in Rust: what does not fit a field's type does not compile (`ui/fail/types`).
async fn typed_queries(backend: Backend) {
    let app = App::builder()
        .models(models![Shop])
        .store("main", backend.store());
    let app = app.identity(DevelopmentHeader).build().await.unwrap();
    let client = Client::new(&app);
    for at in 0..12 {
        let path = format!("/shops/{at:03}");
        client.put(&path, shop(at)).go().await.is(201);
    }
    let everybody = app.as_actor(&Actor::anonymous());
    let all = || everybody.query::<Shop>();
    let titles = async |filter| {
        let found = all().filter(filter).sort(Shop::TITLE.ascending());
        let titles: Vec<String> = found.select(Shop::TITLE).await.unwrap();
        let ends = titles.iter().map(|title| title[5..].to_owned());
        ends.collect::<Vec<_>>().join(" ")
    };
    for (filter, expected) in [
        (Shop::PRICE.between(3.0, 5.0), "003 004 005"),
        (Shop::TITLE.ends_with("1"), "001 011"),
        (Shop::TITLE.matches("0[01][24]$"), "002 004"),
        (
            Shop::SIZE.is_not_null().and(Shop::SIZE.is_not_in(&[1, 2])),
            "003 007 011",
        ),
        (
            Shop::SIZE.remainder(2, 1).and(Shop::KIND.eq("books")),
            "005 011",
        ),
        (Shop::POINT.has_size(2).and(Shop::PRICE.ge(11.0)), "011"),
        (Shop::POINT.has(13.02), "002"),
    ] {
        assert_eq!(titles(filter.clone()).await, expected, "{filter:?}");
    }
    let berlin = larder::query::Point::new(13.0, 52.0).unwrap();
    let circle =
        larder::query::Area::circle(berlin, Some(larder::query::Distance::metres(1_000.0)));
    assert_eq!(titles(Shop::POINT.within(circle.unwrap())).await, "000 001");
    let bad = all()
        .filter(Shop::TITLE.matches("("))
        .all()
        .await
        .unwrap_err();
    assert!(
        bad.to_string().contains("pattern") || bad.to_string().contains('('),
        "{bad}"
    );

    assert_eq!(all().sum(Shop::PRICE).await.unwrap(), Some(57.0));
    let books = || all().filter(Shop::KIND.eq("books"));
    assert_eq!(books().mean(Shop::SIZE).await.unwrap(), Some(2.0));
    assert_eq!(
        books().min(Shop::TITLE).await.unwrap().as_deref(),
        Some("shop 002")
    );
    assert_eq!(
        all()
            .filter(Shop::KIND.eq("none"))
            .max(Shop::PRICE)
            .await
            .unwrap(),
        None
    );
    let kinds = all().group_by(Shop::KIND).count().await.unwrap();
    let expected = [("bakery", 3), ("books", 4), ("butcher", 4)];
    assert_eq!(
        kinds,
        expected.map(|(kind, count)| (kind.to_owned(), count))
    );
    let sums = all().group_by(Shop::SIZE).sum(Shop::PRICE).await.unwrap();
    assert_eq!(sums[0], (None, Some(12.0)));
    let distinct: Vec<String> = all().distinct(Shop::KIND).await.unwrap();
    assert_eq!(distinct, ["bakery", "books", "butcher"]);
    assert!(all().limit(3).sum(Shop::PRICE).await.is_err());

    let order = || all().sort(Shop::SIZE.descending());
    let whole: Vec<String> = order()
        .all()
        .await
        .unwrap()
        .iter()
        .map(|shop| shop.id.clone())
        .collect();
    let mut pages = order().pages(4);
    let mut walked = Vec::new();
    let mut sizes = Vec::new();
    while let Some(page) = pages.next().await.unwrap() {
        sizes.push(page.len());
        walked.extend(page.iter().map(|shop| shop.id.clone()));
        if sizes.len() == 1 {
            let behind = order()
                .after(pages.cursor().unwrap())
                .first()
                .await
                .unwrap();
            assert_eq!(behind.unwrap().id, whole[4]);
            let other = all().after(pages.cursor().unwrap()).first().await;
            assert_eq!(other.unwrap_err().kind(), larder::ErrorKind::BadRequest);
        }
    }
    assert_eq!((walked, sizes), (whole, vec![4, 4, 3]));
}

scenarios! { typed_queries }
