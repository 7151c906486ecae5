//! Ids that hooks choose: of a new record, and never of one that is there.

use larder::prelude::*;
use larder::{ErrorKind, FieldDef, Fields, HookPoint, Model, ModelDef, Operation};
use larder_tests::{Backend, Client, scenarios};
use serde_json::json;

use super::faults;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/orders", id(client), rules(read = "true", write = "true"))]
struct Order {
    #[model(id)]
    id: String,
}

/// Numbered within its order.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(
    url = "/orders/{order}/lines",
    rules(read = "true", write = "true"),
    sort(number)
)]
struct Line {
    #[model(id)]
    order: ModelParent<Order>,
    /// 0 asks for the next one.
    #[model(id)]
    #[serde(default)]
    number: u32,
    text: String,
}

#[model_impl]
impl Line {
    #[before(create)]
    async fn next(&mut self, cx: &Ctx) -> Result<()> {
        if self.text == "elsewhere" {
            self.order = ModelParent::new("b");
        }
        if self.number == 0 {
            let all = cx.as_system("the next number").query::<Line>();
            let last = all
                .filter(Line::ORDER.eq(self.order.clone()))
                .sort(Line::NUMBER.descending())
                .first()
                .await?;
            self.number = last.map_or(1, |last| last.number + 1);
        }
        Ok(())
    }

    #[action(allow = "true")]
    fn renumber(&mut self, to: u32) -> Result<()> {
        self.number = to;
        self.text = "renumbered".to_owned();
        Ok(())
    }
}

/// Called by its title.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/pages", rules(read = "true", write = "true"))]
struct Page {
    #[model(id)]
    #[schemars(length(max = 20))]
    id: Id<Page>,
    title: String,
    #[model(read_only)]
    runs: u32,
}

#[model_impl]
impl Page {
    #[before(create)]
    fn slug(&mut self) -> Result<()> {
        self.id = self.title.to_lowercase().replace(' ', "-").into();
        Ok(())
    }

    #[before(update)]
    fn again(&mut self) -> Result<()> {
        self.runs += 1;
        if self.title.starts_with("Move") {
            self.id = "moved".into();
        }
        Ok(())
    }

    #[action(allow = "true")]
    fn rename(&mut self, to: String) -> Result<()> {
        self.id = to.into();
        Ok(())
    }
}

async fn app(backend: &Backend) -> App {
    let app = App::builder()
        .models(models![Order, Line, Page])
        .store("main", backend.store());
    let app = app.build().await.unwrap();
    let system = app.as_system("a test");
    for id in ["a", "b"] {
        let id = id.to_owned();
        system.create(&Order { id }).await.unwrap();
    }
    app
}

scenarios![
    the_next_number,
    numbers_at_the_same_time,
    a_slug,
    a_path_says_which,
    never_of_a_record_that_is_there,
    without_a_struct,
];

async fn the_next_number(backend: Backend) {
    let app = app(&backend).await;
    let client = Client::new(&app);
    for (order, expected) in [("a", 1), ("a", 2), ("b", 1), ("a", 3)] {
        let made = client
            .post(&format!("/orders/{order}/lines"), json!({"text": "x"}))
            .go()
            .await
            .is(201);
        assert_eq!(made.json()["number"], expected);
        let location = format!("/orders/{order}/lines/{expected}");
        assert_eq!(made.header("location"), location);
        client.get(&location).go().await.is(200);
    }
    // A client may say the number, in the body or in the path.
    let said = json!({"text": "x", "number": 9});
    let said = client.post("/orders/a/lines", said).go().await.is(201);
    assert_eq!(said.header("location"), "/orders/a/lines/9");
    let path = "/orders/a/lines/20";
    client.put(path, json!({"text": "x"})).go().await.is(201);
    // From code, one by one and together.
    let line = |order: &str| Line {
        order: ModelParent::new(order),
        number: 0,
        text: "x".to_owned(),
    };
    let system = app.as_system("a test");
    assert_eq!(system.create(&line("a")).await.unwrap().number, 21);
    let many = [line("b"), line("b"), line("a")];
    assert_eq!(system.create_many(&many).await.unwrap(), 3);
    let numbers = async |order: &str| {
        let lines = client.get(&format!("/orders/{order}/lines?sort(number)"));
        lines.go().await.is(200).each("number")
    };
    assert_eq!(numbers("b").await, [1, 2, 3].map(|number| json!(number)));
    assert_eq!(numbers("a").await.last(), Some(&json!(22)));
    let schema = &app
        .model(app.position("Line").unwrap())
        .unwrap()
        .views()
        .input;
    assert_eq!(schema["required"], json!(["text"]));
    // The parent is what the path says.
    let moved = json!({"text": "elsewhere"});
    client.post("/orders/a/lines", moved).go().await.is(500);
    let away = Line {
        text: "elsewhere".to_owned(),
        ..line("a")
    };
    let made = system.create(&away).await.unwrap();
    assert_eq!(made.to_key().to_string(), "b,4");
}

async fn numbers_at_the_same_time(backend: Backend) {
    let client = Client::new(&app(&backend).await);
    let post = |_| {
        let client = client.clone();
        tokio::spawn(async move {
            let line = client.post("/orders/a/lines", json!({"text": "x"}));
            line.go().await.is(201).json()["number"].as_u64().unwrap()
        })
    };
    let tasks: Vec<_> = (0..16).map(post).collect();
    let mut numbers = Vec::new();
    for task in tasks {
        numbers.push(task.await.unwrap());
    }
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=16).collect::<Vec<_>>());
}

async fn a_slug(backend: Backend) {
    let client = Client::new(&app(&backend).await);
    let post = |title: &str| client.post("/pages", json!({"title": title, "id": "ignored"}));
    let made = post("Hello There").go().await.is(201);
    assert_eq!(made.header("location"), "/pages/hello-there");
    assert_eq!(made.json()["id"], "hello-there");
    let taken = post("hello there").go().await.is(409).json();
    assert_eq!(faults(&taken), [("id", "unique")]);
    for (title, code) in [("", "minLength"), ("_count", "id"), ("a/b\u{1}", "id")] {
        let refused = post(title).go().await.is(422).json();
        assert_eq!(faults(&refused), [("id", code)], "{title:?}");
    }
    let long = post(&"long".repeat(6)).go().await.is(422).json();
    assert_eq!(faults(&long), [("id", "maxLength")]);
    assert_eq!(client.get("/pages").go().await.each("id").len(), 1);
}

async fn a_path_says_which(backend: Backend) {
    let client = Client::new(&app(&backend).await);
    let put = client.put("/pages/mine", json!({"title": "Yours"}));
    let refused = put.go().await.is(422).json();
    assert_eq!(faults(&refused), [("id", "id")]);
    assert_eq!(
        refused["errors"][0]["message"],
        "is the id, which is `mine` here, and the server chooses another one: POST leaves the choice to it"
    );
    for absent in ["/pages/mine", "/pages/yours"] {
        client.get(absent).go().await.is(404);
    }
    let put = client.put("/pages/yours", json!({"title": "Yours"}));
    put.go().await.is(201);
}

async fn never_of_a_record_that_is_there(backend: Backend) {
    let app = app(&backend).await;
    let client = Client::new(&app);
    client
        .post("/pages", json!({"title": "One"}))
        .go()
        .await
        .is(201);
    let url = "/pages/one";
    let before = client.get(url).go().await.is(200);
    let title = json!({"title": "Move it"});
    for ask in [
        client.patch(url, title.clone()),
        client.put(url, title.clone()),
        client
            .ask("PUT", "/pages/one/rename")
            .json(&json!({"to": "two"})),
    ] {
        let refused = ask.go().await.is(500).text();
        assert!(
            !refused.contains("again") && !refused.contains("rename"),
            "{refused}"
        );
    }
    assert_eq!(client.get(url).go().await.is(200), before);
    client.get("/pages/moved").go().await.is(404);
    let mut page = app.as_system("a test").get::<Page>("one").await.unwrap();
    page.title = "Move it".to_owned();
    let error = page.save().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Setup);
    assert_eq!(
        error.message(),
        "the hook `again` of Page changes `id`, the id, and an id never changes once its record is there: choose it in a \
         `#[before(create)]`, or add another record and delete this one"
    );
    // An action that leaves it alone changes the rest; an equal one is no change.
    let same = json!({"to": "one"});
    client
        .ask("PUT", "/pages/one/rename")
        .json(&same)
        .go()
        .await
        .is(204);
    client
        .post("/orders/a/lines", json!({"text": "x"}))
        .go()
        .await
        .is(201);
    let renumber = client.ask("PUT", "/orders/a/lines/1/renumber");
    renumber.json(&json!({"to": 2})).go().await.is(500);
    let line = client.get("/orders/a/lines/1").go().await.is(200).json();
    assert_eq!(line["text"], "x");
}

/// The same of a model that is made at run time.
async fn without_a_struct(backend: Backend) {
    let text = || json!({"type": "string"});
    let tag = ModelDef::new("Tag")
        .url("/tags")
        .field(FieldDef::new("id", text()).id())
        .field(FieldDef::new("name", text()))
        .rule(Operation::Read, "true")
        .rule(Operation::Create, "true")
        .rule(Operation::Update, "true")
        .hook(
            HookPoint::BeforeCreate,
            "slug",
            async |mut tag: Fields, _: Ctx| {
                let name: String = tag.to("name")?;
                tag.set("id", name.to_lowercase())?;
                Ok(tag)
            },
        )
        .hook(
            HookPoint::BeforeUpdate,
            "again",
            async |mut tag: Fields, _: Ctx| {
                let name: String = tag.to("name")?;
                tag.set("id", name)?;
                Ok(tag)
            },
        );
    let app = App::builder().model(tag).store("main", backend.store());
    let app = app.build().await.unwrap();
    let tags = app.as_system("a test").model("Tag");
    let mut made = tags.create(&json!({"name": "Rust"})).await.unwrap();
    assert_eq!(made.key().unwrap().to_string(), "rust");
    made.set("name", "Go").unwrap();
    let error = made.save().await.unwrap_err();
    assert!(
        error
            .message()
            .starts_with("the hook `again` of Tag changes `id`"),
        "{error}"
    );
    made.set("name", "rust").unwrap();
    made.save().await.unwrap();
    made.set("id", "go").unwrap();
    let moved = made.save().await.unwrap_err();
    assert_eq!(moved.kind(), ErrorKind::Invalid);
    assert_eq!(
        moved.message(),
        "id: is the id, which is `rust` here, and never changes"
    );
}
