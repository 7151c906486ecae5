//! What each generated struct takes comes back from serde, from both stores and over REST, and fits the schema views.

use jsonschema::Validator;
use larder::prelude::*;
use larder_shapes::generated::{CASES, COUNT, models};
use larder_shapes::{Case, shape, values};
use larder_tests::{Backend, Client};
use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use serde_json::{Map, Value as Json, json};

/// Values of each struct.
const ROUNDS: u32 = 6;

struct Views {
    input: Validator,
    output: Validator,
    stored: Validator,
    fields: Vec<String>,
}

struct World {
    name: &'static str,
    client: Client,
    _backend: Backend,
}

async fn world(name: &'static str, backend: Backend) -> (World, App) {
    let app = App::builder()
        .models(models())
        .store("main", backend.store())
        .build()
        .await
        .unwrap_or_else(|error| panic!("{name}: {error}"));
    let client = Client::new(&app);
    (
        World {
            name,
            client,
            _backend: backend,
        },
        app,
    )
}

fn views(app: &App, number: usize) -> Views {
    let name = format!("Shape{number}");
    let model = app
        .model(app.position(&name).expect("it is there"))
        .expect("it is there");
    let validator = |schema: &Json| {
        let built = jsonschema::options()
            .should_validate_formats(true)
            .build(schema);
        built.unwrap_or_else(|error| panic!("{name}: {error} in {schema}"))
    };
    let views = model.views();
    Views {
        input: validator(&views.input),
        output: validator(&views.output),
        stored: validator(&views.stored),
        fields: model
            .fields()
            .iter()
            .map(|field| field.name().to_owned())
            .collect(),
    }
}

fn fits(validator: &Validator, what: &str, value: &Json) -> Result<(), String> {
    match validator.iter_errors(value).next() {
        None => Ok(()),
        Some(error) => Err(format!(
            "the {what} view refuses {value}: {error} at {}",
            error.instance_path()
        )),
    }
}

fn equal(what: &str, found: &Json, expected: &Json) -> Result<(), String> {
    if found == expected {
        return Ok(());
    }
    Err(format!("{what}:\n   found {found}\nexpected {expected}"))
}

/// Serde alone, and the views.
fn on_paper(case: &Case, views: &Views, sent: &Json) -> Result<Json, String> {
    fits(&views.input, "input", sent)?;
    let mut whole = sent.clone();
    whole["id"] = json!("x");
    let usual = (case.by_serde)(whole.clone())?;
    equal("serde, again", &(case.by_serde)(usual.clone())?, &usual)?;
    equal("larder's values", &(case.by_values)(usual.clone())?, &usual)?;
    fits(&views.output, "output", &usual)?;
    let kept: Map<String, Json> = views
        .fields
        .iter()
        .map(|name| (name.clone(), usual.get(name).cloned().unwrap_or_default()))
        .collect();
    fits(&views.stored, "stored", &Json::Object(kept))?;
    Ok(usual)
}

/// POST, GET, PUT what was read.
async fn on_wire(world: &World, number: usize, sent: &Json, usual: &Json) -> Result<(), String> {
    let created = world
        .client
        .post(&format!("/shape{number}"), sent.clone())
        .go()
        .await;
    if created.status != 201 {
        return Err(format!("{}: POST {sent}: {}", world.name, created.text()));
    }
    let created = created.json();
    let mut expected = usual.clone();
    expected["id"] = created["id"].clone();
    let path = format!(
        "/shape{number}/{}",
        created["id"].as_str().unwrap_or_default()
    );
    equal(&format!("{}: POST", world.name), &created, &expected)?;
    let read = world.client.get(&path).go().await.json();
    equal(&format!("{}: GET", world.name), &read, &expected)?;
    let put = world.client.put(&path, read).go().await.json();
    equal(&format!("{}: PUT", world.name), &put, &expected)?;
    let read = world.client.get(&path).go().await.json();
    equal(&format!("{}: GET after PUT", world.name), &read, &expected)
}

#[test]
fn every_shape_comes_back() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let (memory, app) = runtime.block_on(world("memory", Backend::memory()));
    let (sqlite, _) = runtime.block_on(async { world("SQLite", Backend::sqlite().await).await });
    for (number, case) in CASES.iter().enumerate() {
        let views = views(&app, number);
        let (names, fields) = shape::shape(number);
        let mut seed = [7_u8; 32];
        seed[..8].copy_from_slice(&(number as u64).to_le_bytes());
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
        let config = Config {
            cases: ROUNDS,
            failure_persistence: None,
            ..Config::default()
        };
        let strategy = values::object(names, &fields).prop_filter("an object", Json::is_object);
        let outcome = TestRunner::new_with_rng(config, rng).run(&strategy, |sent| {
            let tried = on_paper(case, &views, &sent).and_then(|usual| {
                runtime.block_on(async {
                    on_wire(&memory, number, &sent, &usual).await?;
                    on_wire(&sqlite, number, &sent, &usual).await
                })
            });
            tried.map_err(TestCaseError::fail)
        });
        if let Err(error) = outcome {
            panic!("shape {number}: {error}\n{}", case.source);
        }
    }
}

/// The shapes differ, and together they have everything: otherwise the test above shows less than it says.
#[test]
fn the_shapes_are_many_and_different() {
    let sources: std::collections::BTreeSet<String> = (0..300)
        .map(|number| format!("{:?}", shape::shape(number)))
        .collect();
    assert_eq!(sources.len(), 300);
    let all = sources.iter().cloned().collect::<String>();
    for part in [
        "Option(",
        "Vec(Option",
        "Boxed(",
        "Map(Vec",
        "Map(Option",
        "Numbered(",
        "Array(",
        "Tuple(",
        "New(",
        "Struct(",
        "External",
        "Internal",
        "Adjacent",
        "Untagged",
        "Camel",
        "Kebab",
        "Screaming",
        "renamed: true",
        "default: true",
        "skip_none: true",
        "flatten: true",
        "Option(Enum",
        "Vec(Enum",
    ] {
        assert!(all.contains(part), "no shape has {part}");
    }
    for leaf in shape::LEAVES {
        assert!(all.contains(leaf), "no shape has {leaf}");
    }
    const { assert!(COUNT >= 30) };
}
