//! Queries made by the untyped builder, or read from a text, and run by code on the server.

use larder::ErrorKind;
use larder::prelude::*;
use larder::query::{Distance, Limits, Query, QueryBuilder, kinvey};
use larder_tests::{Backend, scenarios};
use serde_json::json;

use super::{Shop, shop};

async fn filled(backend: &Backend) -> App {
    let app = App::builder()
        .models(models![Shop])
        .store("main", backend.store());
    let app = app.build().await.unwrap();
    let shops = app.as_system("test").model("Shop");
    for at in 0..12 {
        let mut fields = shop(at);
        fields["id"] = json!(format!("{at:03}"));
        fields["vault"] = json!(format!("code {at}"));
        shops.create(&fields).await.unwrap();
    }
    app
}

async fn found(app: &App, query: Query) -> Vec<String> {
    let shops = app.as_system("test").model("Shop");
    let found = shops.query().matching(query).all().await.unwrap();
    let ids = found
        .iter()
        .map(|shop| shop.get("id").unwrap().as_str().unwrap().to_owned());
    ids.collect()
}

fn new() -> QueryBuilder {
    QueryBuilder::new()
}

async fn they_find_what_they_say(backend: Backend) {
    let app = filled(&backend).await;
    for (query, expected) in [
        (
            new().equal_to("kind", "books").less_than("price", 6),
            vec!["002", "005"],
        ),
        (
            new()
                .greater_than_or_equal_to("size", 3)
                .and()
                .equal_to("kind", "bakery")
                .or()
                .equal_to("title", "shop 001")
                .descending("title"),
            vec!["003", "001"],
        ),
        (new().exists("size", false).skip(1).limit(1), vec!["004"]),
        (
            new()
                .matches("title", "^shop 01")
                .nor()
                .equal_to("kind", "books"),
            vec!["000", "001", "003", "004", "006", "007", "009"],
        ),
        // Inside a field, and a server-only one, which this actor may know.
        (
            new().equal_to("place.city", "Rome").limit(2),
            vec!["001", "003"],
        ),
        (new().equal_to("vault", "code 7"), vec!["007"]),
        (
            new()
                .near("point", [13.062, 52.0], Distance::miles(1.0))
                .limit(3),
            vec!["006", "007", "005"],
        ),
    ] {
        assert_eq!(
            found(&app, query.clone().build().unwrap()).await,
            expected,
            "{query:?}"
        );
    }
    let rql = Query::parse("kind=books&price=lt=6&sort(-title)").unwrap();
    assert_eq!(found(&app, rql).await, ["005", "002"]);
    let json =
        kinvey::parse_query_string("query={\"size\":{\"$in\":[3]}}&limit=1", &Limits::default());
    assert_eq!(found(&app, json.unwrap()).await, ["003"]);
}

async fn they_stand_beside_other_conditions(backend: Backend) {
    let app = filled(&backend).await;
    let shops = app.as_system("test").model("Shop");
    let books = || {
        new()
            .equal_to("kind", "books")
            .descending("title")
            .limit(2)
            .build()
            .unwrap()
    };
    let query = shops
        .query()
        .sort("price")
        .filter("price=gt=3")
        .matching(books());
    let (found, total) = query.page().await.unwrap();
    let ids: Vec<_> = found
        .iter()
        .map(|shop| shop.get("id").unwrap().clone())
        .collect();
    assert_eq!((json!(ids), total), (json!(["011", "008"]), 3));
    // What is said last counts.
    let query = shops.query().matching(books()).sort("title").limit(1);
    assert_eq!(query.all().await.unwrap()[0].get("id"), Some(&json!("002")));
    let dear = new().greater_than("price", 5).build().unwrap();
    assert_eq!(
        shops
            .query()
            .matching(books())
            .matching(dear)
            .count()
            .await
            .unwrap(),
        2
    );
    // An actor's rule is theirs too.
    let anybody = app.as_actor(&larder::Actor::anonymous()).model("Shop");
    assert_eq!(
        anybody
            .query()
            .matching(new().build().unwrap())
            .count()
            .await
            .unwrap(),
        11
    );
    let own = Query::parse("owner=$actor.id&sort(id)").unwrap();
    let ann = app.as_actor(&larder::Actor::user("ann")).model("Shop");
    assert_eq!(ann.query().matching(own).count().await.unwrap(), 12);
}

async fn what_is_wrong_is_told(backend: Backend) {
    let app = filled(&backend).await;
    let fault = async |query: Query| {
        let shops = app.as_actor(&larder::Actor::user("ann")).model("Shop");
        let error = shops.query().matching(query).all().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Setup, "{error:?}");
        error.message().to_owned()
    };
    for (query, part) in [
        (
            new().equal_to("kindd", "a").build().unwrap(),
            "did you mean `kind`?",
        ),
        (
            new().equal_to("place.citi", "a").build().unwrap(),
            "did you mean `city`?",
        ),
        (
            new().equal_to("size", "big").build().unwrap(),
            "`size` is compared with `big`, but it is a whole number",
        ),
        (
            new().equal_to("vault", "a").build().unwrap(),
            "`vault` is server-only",
        ),
        (
            new().ascending("vault").build().unwrap(),
            "`vault` is server-only",
        ),
        (
            new().ascending("place.city").build().unwrap(),
            "inside a field",
        ),
        (
            new().fields(["kind"]).build().unwrap(),
            "records come whole",
        ),
        (Query::parse("sum(price)").unwrap(), "it computes something"),
        (
            Query::parse("aggregate(kind,count())").unwrap(),
            "it computes something",
        ),
        (Query::parse("limit(1,0,5)").unwrap(), "`page()` counts"),
        (Query::parse("owner=$user").unwrap(), "`$user`"),
    ] {
        let message = fault(query).await;
        assert!(message.contains(part), "{part}: {message}");
    }
}

scenarios! { they_find_what_they_say, they_stand_beside_other_conditions, what_is_wrong_is_told }
