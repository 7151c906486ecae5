//! Typed filters on what is inside fields: paths into JSON, and the elements of lists.

use larder::prelude::*;
use larder::{ErrorKind, Key};
use larder_tests::{Backend, scenarios};
use serde_json::{Value, json};

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
struct Line {
    sku: i64,
    count: u32,
    #[serde(default)]
    label: Option<String>,
    #[serde(default)]
    sent: Option<chrono::DateTime<chrono::Utc>>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/parcels", id(client), rules(read = "true", write = "true"))]
struct Parcel {
    #[model(id)]
    id: String,
    #[serde(default)]
    extra: Option<Value>,
    lines: Vec<Line>,
    first: Option<Line>,
    marks: Vec<f64>,
    weight: i64,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/trips", id(client), rules(read = "true", write = "true"))]
struct Trip {
    #[model(id)]
    id: String,
    parcel: ModelLink<Parcel>,
}

fn line(sku: i64, count: u32) -> Line {
    let sent = "2024-01-02T03:04:05Z".parse().unwrap();
    Line {
        sku,
        count,
        label: (sku > 1).then(|| format!("label {sku}")),
        sent: (count > 5).then_some(sent),
    }
}

async fn app(backend: &Backend) -> App {
    let app = App::builder()
        .models(models![Parcel, Trip])
        .store("main", backend.store());
    let app = app.build().await.unwrap();
    let parcels = [
        (
            "a",
            json!({"size": {"width": 5}}),
            vec![line(1, 9), line(2, 1)],
            vec![1.5],
        ),
        (
            "b",
            json!({"size": {"width": "5"}, "list": [7, 8]}),
            vec![line(2, 9)],
            vec![2.0, 30.0],
        ),
        (
            "c",
            json!({"size": null, "text": "wide"}),
            Vec::new(),
            Vec::new(),
        ),
        ("d", Value::Null, vec![line(3, 6), line(1, 1)], vec![-1.0]),
    ];
    let system = app.as_system("test");
    for (id, extra, lines, marks) in parcels {
        let parcel = Parcel {
            id: id.to_owned(),
            extra: Some(extra).filter(|extra| !extra.is_null()),
            first: lines.first().cloned(),
            lines,
            marks,
            weight: 1,
        };
        system.create(&parcel).await.unwrap();
        let trip = Trip {
            id: format!("to {id}"),
            parcel: ModelLink::new(id.to_owned()),
        };
        system.create(&trip).await.unwrap();
    }
    app
}

async fn found(app: &App, filter: Filter<Parcel>) -> String {
    let parcels = app.as_system("test").query::<Parcel>().filter(filter);
    let parcels = parcels.all().await.unwrap();
    parcels.iter().map(|parcel| parcel.id.as_str()).collect()
}

async fn paths_into_json(backend: Backend) {
    let app = app(&backend).await;
    let width = Parcel::EXTRA.at::<i64>("size.width");
    for (filter, expected) in [
        (width.eq(5), "a"),
        (width.ne(5), "bcd"),
        (width.gt(4), "a"),
        (width.is_in(&[4, 5]), "a"),
        (width.is_in(&[] as &[i64]), ""),
        (width.is_null(), "cd"),
        (width.is_not_null().not(), "cd"),
        (Parcel::EXTRA.at::<String>("size.width").eq("5"), "b"),
        (Parcel::EXTRA.at::<String>("text").contains("id"), "c"),
        (Parcel::EXTRA.at::<i64>("list.1").between(8, 9), "b"),
        (Parcel::EXTRA.at::<Vec<i64>>("list").has(7), "b"),
        (Parcel::EXTRA.at::<Vec<i64>>("list").has_size(2), "b"),
        (
            Parcel::EXTRA.at::<Value>("size").at::<i64>("width").lt(6),
            "a",
        ),
        (Parcel::FIRST.at::<i64>("sku").ge(2), "bd"),
        (
            Parcel::FIRST.at::<String>("label").starts_with("label"),
            "bd",
        ),
    ] {
        let shown = format!("{filter:?}");
        assert_eq!(found(&app, filter).await, expected, "{shown}");
    }
}

async fn elements_of_lists(backend: Backend) {
    let app = app(&backend).await;
    let sent: chrono::DateTime<chrono::Utc> = "2024-01-02T03:04:05Z".parse().unwrap();
    for (filter, expected) in [
        (Parcel::MARKS.any(|mark| mark.gt(1.0)), "ab"),
        (Parcel::MARKS.any(|mark| mark.gt(1.0)).not(), "cd"),
        (
            Parcel::MARKS.any(|mark| mark.gt(1.0).and(mark.lt(2.0))),
            "a",
        ),
        (Parcel::LINES.any(|line| line.at::<i64>("sku").eq(1)), "ad"),
        // One line has to be both.
        (
            Parcel::LINES.any(|line| {
                line.at::<i64>("sku")
                    .eq(2)
                    .and(line.at::<u32>("count").gt(5))
            }),
            "b",
        ),
        (
            Parcel::LINES.any(|line| {
                line.at::<String>("label")
                    .is_null()
                    .or(line.at::<u32>("count").eq(6))
            }),
            "ad",
        ),
        (
            Parcel::LINES.any(|line| line.at::<chrono::DateTime<chrono::Utc>>("sent").eq(sent)),
            "abd",
        ),
        (
            Parcel::EXTRA
                .at::<Vec<i64>>("list")
                .any(|item| item.remainder(4, 0)),
            "b",
        ),
        (
            Parcel::LINES
                .any(|line| line.at::<i64>("sku").is_in(&[3, 4]))
                .or(Parcel::ID.eq("c")),
            "cd",
        ),
    ] {
        let shown = format!("{filter:?}");
        assert_eq!(found(&app, filter).await, expected, "{shown}");
    }
}

async fn behind_a_link(backend: Backend) {
    let app = app(&backend).await;
    let trips = |filter: Filter<Trip>| async {
        let trips = app.as_system("test").query::<Trip>().filter(filter);
        let trips = trips.all().await.unwrap();
        trips.iter().map(|trip| trip.id.clone()).collect::<Vec<_>>()
    };
    let width = Trip::PARCEL.field(Parcel::EXTRA).at::<i64>("size.width");
    assert_eq!(trips(width.eq(5)).await, ["to a"]);
    let lines = Trip::PARCEL.field(Parcel::LINES);
    assert_eq!(
        trips(lines.any(|line| line.at::<u32>("count").gt(8))).await,
        ["to a", "to b"]
    );
}

/// A mistake is told, and nothing else is done in its place.
async fn only_to_filter_by(backend: Backend) {
    let app = app(&backend).await;
    let system = app.as_system("test");
    let query = || system.query::<Parcel>();
    let width = Parcel::EXTRA.at::<i64>("size.width");
    let errors = [
        query().sort(width.ascending()).all().await.unwrap_err(),
        query().sum(width).await.unwrap_err(),
        query().group_by(width).count().await.unwrap_err(),
        query().select(width).await.unwrap_err(),
        query()
            .filter(Parcel::FIRST.at::<i64>("skew").eq(1))
            .all()
            .await
            .unwrap_err(),
        query()
            .filter(Parcel::LINES.any(|line| line.at::<i64>("skew").eq(1)))
            .all()
            .await
            .unwrap_err(),
        system
            .query::<Trip>()
            .filter(
                Trip::PARCEL
                    .field(Parcel::LINES)
                    .any(|line| line.at::<i64>("skew").eq(1).not()),
            )
            .all()
            .await
            .unwrap_err(),
        query()
            .filter(Parcel::MARKS.any(|mark| mark.at::<i64>("depth").eq(1)))
            .all()
            .await
            .unwrap_err(),
        query()
            .filter(Parcel::WEIGHT.at::<i64>("kilos").eq(1))
            .all()
            .await
            .unwrap_err(),
        system
            .update::<Parcel>(Key::from("a"))
            .set(width, 6)
            .await
            .unwrap_err(),
    ];
    for (error, part) in errors.iter().zip([
        "inside a field",
        "inside a field",
        "inside a field",
        "inside a field",
        "skew",
        "in an element of a list there is no `skew` inside",
        "in an element of a list there is no `skew` inside",
        "in an element of a list there is nothing inside, so no `depth`",
        "weight",
        "inside a field",
    ]) {
        assert_eq!(error.kind(), ErrorKind::Setup, "{error:?}");
        assert!(error.message().contains(part), "{part}: {error:?}");
    }
    // What an update depends on may be inside.
    let update = || {
        system
            .update::<Parcel>(Key::from("a"))
            .set(Parcel::WEIGHT, 2)
    };
    let kept = update().when(width.eq(6)).attempt().await.unwrap();
    assert!(kept.is_none());
    let changed = update()
        .when(
            width
                .eq(5)
                .and(Parcel::LINES.any(|line| line.at::<i64>("sku").eq(2))),
        )
        .attempt()
        .await
        .unwrap();
    assert_eq!(changed.unwrap().weight, 2);
}

scenarios! { paths_into_json, elements_of_lists, behind_a_link, only_to_filter_by }
