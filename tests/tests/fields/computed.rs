//! Fields that are computed for answers.

use larder::prelude::*;
use larder_tests::{Backend, Client, scenarios};
use rust_decimal::Decimal;
use serde_json::json;

use super::validator;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Initials {
    first: char,
    last: Option<char>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[serde(rename_all = "camelCase")]
#[model(url = "/people", rules(read = "true", write = "true"), sort(firstName))]
struct Person {
    #[model(id)]
    id: Id<Person>,
    first_name: String,
    last_name: Option<String>,
    #[serde(default)]
    price: Decimal,
    #[model(server_only)]
    pin: Secret<String>,
}

#[model_impl]
impl Person {
    /// First and last.
    #[computed(name = "fullName")]
    fn full_name(&self) -> String {
        [Some(self.first_name.as_str()), self.last_name.as_deref()]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[computed]
    fn initials(&self) -> Option<Initials> {
        let first = |text: &str| text.chars().next();
        Some(Initials {
            first: first(&self.first_name)?,
            last: self.last_name.as_deref().and_then(first),
        })
    }

    #[computed]
    fn gross(&self) -> Decimal {
        self.price * Decimal::new(119, 2)
    }

    #[action(global, method = GET, allow = "true")]
    async fn all(cx: &Ctx) -> Result<Vec<Entity<Person>>> {
        cx.session().query().all().await
    }
}

async fn computed_fields_stand_in_answers_only(backend: Backend) {
    let app = App::builder()
        .models(models![Person])
        .store("main", backend.store())
        .build()
        .await
        .expect("an app");
    let client = Client::new(&app);
    let model = app.model(0).expect("it is there");
    let views = model.views();

    let created = client.post(
        "/people",
        json!({"firstName": "Ann", "lastName": "Lee", "price": "10"}),
    );
    let created = created.go().await.is(201).json();
    let expected = json!({
        "id": created["id"], "firstName": "Ann", "lastName": "Lee", "price": "10",
        "fullName": "Ann Lee", "initials": {"first": "A", "last": "L"}, "gross": "11.90",
    });
    assert_eq!(created, expected);
    assert!(validator(&views.output).is_valid(&created));
    let path = format!("/people/{}", created["id"].as_str().expect("an id"));
    assert_eq!(
        client.get("/people").go().await.is(200).json(),
        json!([expected])
    );
    assert_eq!(
        client.get("/people/all").go().await.is(200).json(),
        json!([expected])
    );

    // A record without its struct is the same to clients, as it now is, and comes back as it was read.
    let people = app.as_system("test").model("Person");
    let mut document = people.get(expected["id"].as_str().unwrap()).await.unwrap();
    assert_eq!(serde_json::to_value(&document).unwrap(), expected);
    document.set("firstName", "Eve").unwrap();
    let shown = serde_json::to_value(&document).unwrap();
    assert_eq!(shown["fullName"], "Eve Lee");
    let copy = people.create(&shown).await.unwrap_err();
    assert_eq!(
        copy.kind(),
        larder::ErrorKind::Duplicate,
        "only its id is in the way: {copy}"
    );

    // A client may send it back; it is ignored, even where it is nonsense.
    let mut sent = created.clone();
    sent["fullName"] = json!("Eve");
    sent["initials"] = json!(7);
    assert_eq!(client.put(&path, sent).go().await.is(200).json(), expected);
    let patched = client
        .patch(&path, json!({"fullName": "Eve", "lastName": null}))
        .go()
        .await
        .is(200)
        .json();
    assert_eq!(
        (&patched["fullName"], &patched["initials"]["last"]),
        (&json!("Ann"), &json!(null))
    );

    assert!(
        model.layout().position("fullName").is_none(),
        "it is not stored"
    );
    assert!(views.stored["properties"].get("fullName").is_none());
    assert_eq!(views.input["properties"]["fullName"]["readOnly"], true);
    let described = &views.output["properties"]["fullName"];
    assert_eq!(
        (&described["description"], &described["type"]),
        (&json!("First and last."), &json!("string"))
    );
    assert!(
        views.output["required"]
            .as_array()
            .expect("a list")
            .contains(&json!("gross"))
    );
    assert_eq!(model.data().computed[0].name, "fullName");

    client.get("/people?fullName=Ann").go().await.is(400);
    client.get("/people?sortBy=fullName").go().await.is(400);
}

scenarios!(computed_fields_stand_in_answers_only);

#[tokio::test]
async fn it_cannot_have_the_name_of_a_field() {
    #[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
    struct Twice {
        #[model(id)]
        id: Id<Twice>,
        name: String,
    }
    #[model_impl]
    impl Twice {
        #[computed(name = "name")]
        fn other(&self) -> String {
            self.name.clone()
        }
    }
    let built = App::builder()
        .models(models![Twice])
        .store("main", larder::MemoryStore::new())
        .build()
        .await;
    assert!(
        built
            .expect_err("two of one name")
            .to_string()
            .contains("has the name of another field")
    );
}

/// The `ETag` of such a record is a hash of what clients see, and may tell nothing of what they don't.
#[tokio::test]
async fn it_needs_versions_beside_hidden_fields() {
    #[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
    #[model(version = none)]
    struct Telling {
        #[model(id)]
        id: Id<Telling>,
        #[model(server_only)]
        pin: Secret<String>,
    }
    #[model_impl]
    impl Telling {
        #[computed]
        fn has_pin(&self) -> bool {
            !self.pin.expose().is_empty()
        }
    }
    let built = App::builder()
        .models(models![Telling])
        .store("main", larder::MemoryStore::new())
        .build()
        .await;
    let error = built.expect_err("no versions").to_string();
    assert!(error.contains("give it a version column"), "{error}");
}

#[tokio::test]
async fn it_cannot_return_a_secret() {
    #[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
    struct Leaky {
        #[model(id)]
        id: Id<Leaky>,
        #[model(server_only)]
        pin: Secret<String>,
    }
    #[model_impl]
    impl Leaky {
        #[computed]
        fn shown(&self) -> Option<Secret<String>> {
            Some(self.pin.clone())
        }
    }
    let built = App::builder()
        .models(models![Leaky])
        .store("main", larder::MemoryStore::new())
        .build()
        .await;
    assert!(
        built
            .expect_err("a leak")
            .to_string()
            .contains("returns a `Secret`")
    );
}
