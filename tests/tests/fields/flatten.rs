//! Structs that serde flattens into a model.

use std::collections::BTreeMap;

use larder::prelude::*;
use larder_tests::{Backend, Client, scenarios};
use serde_json::{Value, json};

use super::validator;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Address {
    street: String,
    zip_code: u32,
    #[serde(default)]
    country: Country,
    note: Option<String>,
    since: jiff::civil::Date,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
enum Country {
    #[default]
    De,
    Fr,
}

/// Both or neither.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Place {
    lat: f64,
    lon: f64,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/houses", rules(read = "not(street=hidden)", write = "true"))]
#[model(search(zipCode = eq, street = starts_with), sort(zipCode), default_sort = "zipCode")]
struct House {
    #[model(id)]
    id: Id<House>,
    name: String,
    #[serde(flatten)]
    address: Address,
    #[serde(flatten)]
    place: Option<Place>,
}

#[model_impl]
impl House {
    #[before(save)]
    fn tidy(&mut self) -> Result<()> {
        self.address.street = self.address.street.trim().to_owned();
        Ok(())
    }

    /// A rule of an action may name a flattened field too.
    #[action(allow = "zipCode=1", method = POST)]
    #[expect(clippy::unused_self, reason = "it is an action of a record")]
    fn paint(&self) -> Result<()> {
        Ok(())
    }
}

fn house() -> Value {
    json!({ "name": "a", "street": " Main ", "zipCode": 1, "note": null, "since": "2024-01-01", "lat": 1.5, "lon": 2.0 })
}

async fn client(backend: &Backend) -> (App, Client) {
    let app = App::builder()
        .models(models![House])
        .store("main", backend.store())
        .build()
        .await
        .expect("an app");
    let client = Client::new(&app);
    (app, client)
}

async fn the_fields_of_a_flattened_struct_are_fields(backend: Backend) {
    let (app, client) = client(&backend).await;
    let views = app.model(0).expect("it is there").views();
    assert!(validator(&views.input).is_valid(&house()));
    let created = client.post("/houses", house()).go().await.is(201).json();
    let id = created["id"].as_str().expect("an id").to_owned();
    let expected = json!({
        "id": id, "name": "a", "street": "Main", "zipCode": 1, "country": "De", "note": null, "since": "2024-01-01",
        "lat": 1.5, "lon": 2.0,
    });
    assert_eq!(created, expected);
    let path = format!("/houses/{id}");
    assert_eq!(client.get(&path).go().await.is(200).json(), expected);
    assert!(validator(&views.output).is_valid(&expected));
    let stored = app.model(0).expect("it is there").layout().clone();
    assert!(stored.position("zipCode").is_some() && stored.position("address").is_none());

    let house = app
        .as_system("test")
        .get::<House>(id.as_str())
        .await
        .expect("it is there");
    assert_eq!(house.place, Some(Place { lat: 1.5, lon: 2.0 }));
    assert_eq!(
        serde_json::to_value(&house).expect("it serialises"),
        expected
    );
    assert_eq!(
        client
            .patch(&path, json!({"zipCode": 7, "note": "x"}))
            .go()
            .await
            .is(200)
            .json()["zipCode"],
        7
    );
    assert_eq!(
        client
            .get("/houses?zipCode=7&street=Ma")
            .go()
            .await
            .is(200)
            .each("note"),
        [json!("x")]
    );
    assert_eq!(
        client
            .get("/houses?sortBy=-zipCode")
            .go()
            .await
            .is(200)
            .each("zipCode"),
        [json!(7)]
    );
    client
        .ask("POST", &format!("{path}/paint"))
        .go()
        .await
        .is(403);

    let hidden = json!({ "name": "b", "street": "hidden", "zipCode": 2, "since": "2024-01-01" });
    client.post("/houses", hidden).go().await;
    assert_eq!(
        client.get("/houses").go().await.is(200).each("name"),
        [json!("a")]
    );
}

async fn an_optional_struct_is_there_or_not(backend: Backend) {
    let (app, client) = client(&backend).await;
    let views = app.model(0).expect("it is there").views();
    let mut without = house();
    without
        .as_object_mut()
        .expect("an object")
        .retain(|name, _| !["lat", "lon"].contains(&name.as_str()));
    assert!(validator(&views.input).is_valid(&without));
    let created = client
        .post("/houses", without.clone())
        .go()
        .await
        .is(201)
        .json();
    assert!(created.get("lat").is_none(), "{created}");
    assert!(validator(&views.output).is_valid(&created));
    let path = format!("/houses/{}", created["id"].as_str().expect("an id"));
    // Half of it would be lost.
    assert_eq!(
        client
            .patch(&path, json!({"lat": 1.0}))
            .go()
            .await
            .is(422)
            .faults(),
        ["/lat required"]
    );
    let both = client
        .patch(&path, json!({"lat": 1.0, "lon": 2.0}))
        .go()
        .await
        .is(200)
        .json();
    assert_eq!(both["lon"], 2.0);
    assert_eq!(
        client
            .patch(&path, json!({"lon": null}))
            .go()
            .await
            .is(422)
            .faults(),
        ["/lat required"]
    );
    let gone = client
        .patch(&path, json!({"lat": null, "lon": null}))
        .go()
        .await
        .is(200)
        .json();
    assert!(gone.get("lat").is_none());
    without["lon"] = json!(2.0);
    assert_eq!(
        client.put(&path, without).go().await.is(422).faults(),
        ["/lon required"]
    );
}

async fn no_way_of_writing_stores_half_of_it(backend: Backend) {
    let (app, client) = client(&backend).await;
    let created = client.post("/houses", house()).go().await.is(201).json();
    let path = format!("/houses/{}", created["id"].as_str().expect("an id"));
    let half = client
        .ask("PATCH", &path)
        .raw(r#"[{"op": "remove", "path": "/lon"}]"#)
        .header("content-type", "application/json-patch+json");
    assert_eq!(half.go().await.is(422).faults(), ["/lat required"]);
    let moved = client
        .ask("PATCH", &path)
        .raw(r#"[{"op": "replace", "path": "/lon", "value": 3.5}]"#)
        .header("content-type", "application/json-patch+json");
    assert_eq!(moved.go().await.is(200).json()["lon"], 3.5);
    // Code that has no struct at hand is held to the same.
    let records = app.as_system("test").model("House");
    let mut half = house();
    half["lon"] = Value::Null;
    let error = records.create(&half).await.unwrap_err();
    assert_eq!(error.fields()[0].field, "lat", "{error}");
    assert_eq!(client.get(&path).go().await.is(200).json()["lon"], 3.5);
}

async fn its_faults_are_told_by_field(backend: Backend) {
    let (_, client) = client(&backend).await;
    let bad =
        json!({ "name": "a", "zipCode": "x", "country": "Xx", "since": "tomorrow", "address": {} });
    assert_eq!(
        client.post("/houses", bad).go().await.is(422).faults(),
        [
            "/address unknown",
            "/country enum",
            "/since type",
            "/street required",
            "/zipCode type"
        ]
    );
}

scenarios!(
    the_fields_of_a_flattened_struct_are_fields,
    an_optional_struct_is_there_or_not,
    no_way_of_writing_stores_half_of_it,
    its_faults_are_told_by_field,
);

mod refused {
    use super::*;

    macro_rules! refused {
        ($name:ident, $inner:ty, $says:literal) => {
            #[tokio::test]
            async fn $name() {
                #[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
                #[model(timestamps)]
                struct Bad {
                    #[model(id)]
                    id: Id<Bad>,
                    name: String,
                    #[serde(flatten)]
                    rest: $inner,
                }
                let built = App::builder()
                    .models(models![Bad])
                    .store("main", larder::MemoryStore::new())
                    .build()
                    .await;
                let message = built.expect_err("it can't be served").to_string();
                assert!(message.contains($says), "{message}");
            }
        };
    }

    #[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
    #[serde(tag = "kind")]
    enum Either {
        A { a: u8 },
        B { b: u8 },
    }

    #[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
    struct Named {
        name: String,
    }

    #[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
    struct Created {
        _created: u8,
    }

    #[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
    struct Hiding {
        secret: larder::Secret<String>,
    }

    refused!(map, BTreeMap<String, u8>, "can't be flattened");
    refused!(json, serde_json::Map<String, Value>, "can't be flattened");
    refused!(choice, Either, "can't be flattened");
    refused!(
        optional_map,
        Option<BTreeMap<String, u8>>,
        "can't be flattened"
    );
    refused!(same_name, Named, "two fields are called `name`");
    refused!(own_name, Created, "begins with `_`");
    refused!(hidden, Hiding, "has a `Secret` in it");
}
