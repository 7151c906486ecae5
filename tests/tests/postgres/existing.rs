//! A table of others with what larder would declare in another way: enumerations, `character(n)`, exact numbers, times without a zone.

use larder::prelude::*;
use larder_sql::PostgresStore;
use larder_tests::Client;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::support::place;

const FILMS: &str = "
    CREATE TYPE rating AS ENUM ('G', 'PG', 'R', 'it''s (late)');
    CREATE TABLE film (
        film_id serial PRIMARY KEY,
        title character varying(20) NOT NULL,
        language character(5) NOT NULL,
        rate numeric(4,2) DEFAULT 4.99 NOT NULL,
        rating rating DEFAULT 'G',
        updated timestamp(0) without time zone NOT NULL,
        fulltext tsvector
    );
    CREATE INDEX film_language ON film (language);
    CREATE INDEX film_rating ON film (rating);
    INSERT INTO film (title, language, rate, rating, updated) VALUES
        ('ACE', 'en', 0.99, 'PG', '2006-02-15 05:03:42'),
        ('ace', 'de', 12.50, 'R', '2006-02-15 05:03:43'),
        ('Zoo', 'en', 2.00, NULL, '1999-12-31 23:59:59')";

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/films", collection = "film", version = none, id(database), rules(read = "true", write = "true"))]
#[model(search(title = eq, language = starts_with, rate = eq, rating = eq, updated = eq))]
#[model(sort(title, language, rate, rating, updated))]
struct Film {
    #[model(id, column = "film_id")]
    id: i64,
    title: String,
    language: String,
    rate: Decimal,
    #[serde(default)]
    rating: Option<String>,
    updated: jiff::Timestamp,
}

#[tokio::test]
async fn a_table_of_others_is_served_as_it_is() {
    let Some(place) = place(&[]).await else {
        return;
    };
    place.execute(FILMS).await;
    let store = PostgresStore::open(&place.schema.url()).await.unwrap();
    let app = App::builder().models(models![Film]).store("main", store);
    let plan = app.schema_plan().await.unwrap();
    let manual = plan
        .iter()
        .filter(|change| change.effect == larder::migrate::Effect::Manual);
    assert_eq!(manual.count(), 0, "{plan:#?}");
    let client = Client::new(&app.build().await.unwrap());
    let one = client.get("/films/1").go().await.is(200).json();
    assert_eq!(
        one,
        json!({"id": 1, "title": "ACE", "language": "en", "rate": "0.99", "rating": "PG", "updated": "2006-02-15T05:03:42Z"})
    );
    for (query, found) in [
        ("language==en", vec![1, 3]),
        ("language==en%20%20%20", vec![]),
        ("language=e", vec![1, 3]),
        ("sort(-language,title)", vec![1, 3, 2]),
        ("rating==PG", vec![1]),
        ("rating==nothing", vec![]),
        ("in(rating,(R,nothing))", vec![2]),
        ("rating=gt=G&sort(rating)", vec![1, 2]),
        ("sort(rating)", vec![3, 1, 2]),
        ("rate=lt=12.505&sort(rate)", vec![1, 3, 2]),
        ("rate==12.505", vec![]),
        ("rate=ge=100", vec![]),
        ("updated==2006-02-15T05:03:42Z", vec![1]),
        ("updated=gt=2006-02-15T05:03:42.5Z", vec![2]),
        ("sort(updated)", vec![3, 1, 2]),
        ("title=ge=a", vec![2]),
    ] {
        let found: Vec<Value> = found.into_iter().map(Value::from).collect();
        let list = client.get(&format!("/films?{query}")).go().await.is(200);
        assert_eq!(list.each("id"), found, "{query}");
    }
    for (body, field) in [
        (json!({"language": "en "}), "language"),
        (json!({"language": "german"}), "language"),
        (json!({"rate": "0.999"}), "rate"),
        (json!({"rating": "pg"}), "rating"),
        (json!({"updated": "2006-02-15T05:03:42.5Z"}), "updated"),
        // PostgreSQL would cut off the blanks without a word.
        (json!({"title": format!("x{}", " ".repeat(20))}), "title"),
    ] {
        let refused = client.patch("/films/1", body).go().await.is(422);
        assert_eq!(
            refused.json()["errors"][0]["field"],
            field,
            "{}",
            refused.text()
        );
    }
    let all = json!({"title": "New ", "language": "fr", "rate": "99.99", "rating": "it's (late)", "updated": "2024-01-01T01:00:00+01:00"});
    let made = client.post("/films", all).go().await.is(201).json();
    let same = client.get("/films/4").go().await.is(200).json();
    assert_eq!(made, same);
    assert_eq!(
        (&same["updated"], &same["title"]),
        (&json!("2024-01-01T00:00:00Z"), &json!("New "))
    );
    let none = json!({"rating": null});
    client.patch("/films/4", none).go().await.is(200);
    client.delete("/films/4").go().await.is(204);
    place.end().await;
}
