//! Fields that are read and written by functions of their own, left out, or filled in.

use larder::prelude::*;
use larder_tests::{Backend, Client, scenarios};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::validator;

/// Seconds since 1970, as a number.
mod seconds {
    use jiff::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(at: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_i64(at.as_second())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
        Timestamp::from_second(i64::deserialize(from)?).map_err(D::Error::custom)
    }
}

/// A type that serde knows nothing of.
#[derive(Debug, Clone, PartialEq)]
struct Hex(u32);

fn write_hex<S: serde::Serializer>(hex: &Hex, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&format!("{:x}", hex.0))
}

fn read_hex<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Hex, D::Error> {
    let text = String::deserialize(from)?;
    u32::from_str_radix(&text, 16)
        .map(Hex)
        .map_err(serde::de::Error::custom)
}

fn beef() -> Hex {
    Hex(0xbeef)
}

fn trimmed<'de, D: serde::Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    Ok(String::deserialize(from)?.trim().to_owned())
}

fn five() -> u8 {
    5
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/odds", rules(read = "true", write = "true"), sort(at), search(at = ge))]
struct Odd {
    #[model(id)]
    id: Id<Odd>,
    #[serde(with = "seconds")]
    #[schemars(with = "i64")]
    at: jiff::Timestamp,
    #[serde(
        serialize_with = "write_hex",
        deserialize_with = "read_hex",
        default = "beef"
    )]
    #[schemars(with = "String")]
    hex: Hex,
    #[serde(deserialize_with = "trimmed")]
    #[schemars(with = "String")]
    name: String,
    #[serde(with = "serde_bytes")]
    #[schemars(with = "Vec<u8>")]
    raw: Vec<u8>,
    #[serde(with = "rust_decimal::serde::float", default)]
    #[schemars(with = "f64")]
    float: Decimal,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    #[serde(default = "five")]
    stars: u8,
    #[serde(skip)]
    cache: Option<u64>,
}

async fn functions_of_their_own_read_and_write(backend: Backend) {
    let app = App::builder()
        .models(models![Odd])
        .store("main", backend.store())
        .build()
        .await
        .expect("an app");
    let client = Client::new(&app);
    let input = &app.model(0).expect("it is there").views().input;
    let stored_as = json!({
        "at": 1_700_000_000, "hex": "ff", "name": "ann", "raw": [1, 255], "float": 1.5, "tags": [], "stars": 5,
    });
    let sent =
        json!({ "at": 1_700_000_000, "hex": "FF", "name": " ann ", "raw": [1, 255], "float": 1.5 });
    assert!(validator(input).is_valid(&sent));
    let created = client.post("/odds", sent).go().await.is(201).json();
    for (name, value) in stored_as.as_object().expect("an object") {
        assert_eq!(&created[name], value, "{name}");
    }
    assert!(created.get("cache").is_none());
    assert_eq!(
        client
            .get("/odds?at=1699999999")
            .go()
            .await
            .is(200)
            .each("hex"),
        [json!("ff")]
    );

    let id = created["id"].as_str().expect("an id").to_owned();
    let mut odd = app
        .as_system("test")
        .get::<Odd>(id.as_str())
        .await
        .expect("it is there");
    assert_eq!(
        (odd.hex.clone(), odd.raw.as_slice(), odd.cache),
        (Hex(255), &[1_u8, 255][..], None)
    );
    assert_eq!(
        serde_json::to_value(&odd).expect("it serialises")["tags"],
        json!([])
    );
    odd.tags.push("x".to_owned());
    odd.save().await.expect("it is saved");
    odd.tags.clear();
    odd.hex = Hex(1);
    odd.save()
        .await
        .expect("what serde leaves out is the default");
    let read = client.get(&format!("/odds/{id}")).go().await.is(200).json();
    assert_eq!((&read["tags"], &read["hex"]), (&json!([]), &json!("1")));

    let faults = |body: Value| client.post("/odds", body);
    let bad = json!({ "at": "soon", "hex": "xyz", "name": "a", "raw": [256], "stars": 256 });
    assert_eq!(
        faults(bad).go().await.is(422).faults(),
        ["/at type", "/hex type", "/raw/0 maximum", "/stars maximum"]
    );
    let schema = &input["properties"];
    assert_eq!(
        (&schema["hex"]["default"], &schema["stars"]["default"]),
        (&json!("beef"), &json!(5))
    );
}

scenarios!(functions_of_their_own_read_and_write);
