//! The typed API for code in the same process.

use larder::prelude::*;
use larder::{ErrorKind, Key};
use larder_tests::{Backend, Client, scenarios};
use serde_json::json;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/books", timestamps, search(title = contains), rules(read = "price<100", create = "true", write = "owner=$actor.id"))]
struct Book {
    #[model(id)]
    id: Id<Book>,
    #[model(owner)]
    owner: String,
    #[schemars(length(min = 1))]
    title: String,
    price: i64,
    genre: Option<String>,
    #[serde(default)]
    copies: u32,
    #[model(server_only)]
    supplier: Secret<String>,
}

async fn app(backend: &Backend) -> App {
    let app = App::builder()
        .models(models![Book])
        .store("main", backend.store())
        .identity(DevelopmentHeader);
    app.build().await.unwrap()
}

fn book(title: &str, price: i64) -> Book {
    Book {
        id: Id::new(),
        owner: "ann".to_owned(),
        title: title.to_owned(),
        price,
        genre: (price > 10).then(|| "novel".to_owned()),
        copies: 1,
        supplier: Secret::new("canary".to_owned()),
    }
}

async fn five(backend: &Backend) -> App {
    let app = app(backend).await;
    let books: Vec<Book> = [("a", 5), ("b", 30), ("c", 10), ("d", 20), ("e", 500)]
        .map(|(t, p)| book(t, p))
        .into();
    assert_eq!(app.as_system("test").create_many(&books).await.unwrap(), 5);
    app
}

fn titles(books: &[Entity<Book>]) -> String {
    books.iter().map(|book| book.title.as_str()).collect()
}

async fn one_record(backend: Backend) {
    let app = app(&backend).await;
    let ann = app.as_actor(&Actor::user("ann"));
    let before = app.now();
    let made = ann.create(&book("a", 5)).await.unwrap();
    assert_eq!((made.title.as_str(), made.copies), ("a", 1));
    assert!(made.created().unwrap() >= before && made.created() == made.updated());
    let got = ann.get::<Book>(made.id.clone()).await.unwrap();
    assert_eq!(
        (got.version(), got.supplier.expose().as_str()),
        (made.version(), "canary")
    );
    assert_eq!(got.into_inner().title, "a");
    assert_eq!(
        ann.create(&*made).await.unwrap_err().kind(),
        ErrorKind::Duplicate
    );
    assert!(
        ann.find::<Book>(Key::from("absent"))
            .await
            .unwrap()
            .is_none()
    );
    assert!(
        ann.get::<Book>(Key::from("absent"))
            .await
            .unwrap_err()
            .is_not_found()
    );
    assert!(
        ann.get::<Book>(Key::from("x".repeat(300).as_str()))
            .await
            .unwrap_err()
            .is_not_found()
    );
    let saved = ann
        .save(&Book {
            title: "new".to_owned(),
            ..(*made).clone()
        })
        .await
        .unwrap();
    assert_ne!(saved.version(), made.version());
    assert!(saved.updated() >= made.updated());
    assert_eq!(saved.created(), made.created());
    ann.delete::<Book>(made.id.clone()).await.unwrap();
    assert!(
        ann.delete::<Book>(made.id.clone())
            .await
            .unwrap_err()
            .is_not_found()
    );
    let other = ann.save(&book("b", 1)).await.unwrap();
    assert_eq!(other.title, "b");
}

async fn no_lost_update(backend: Backend) {
    let app = app(&backend).await;
    let ann = app.as_actor(&Actor::user("ann"));
    let mut one = ann.create(&book("a", 5)).await.unwrap();
    let mut other = ann.get::<Book>(one.id.clone()).await.unwrap();
    one.title = "one".to_owned();
    one.save().await.unwrap();
    other.title = "other".to_owned();
    assert_eq!(
        other.save().await.unwrap_err().kind(),
        ErrorKind::PreconditionFailed
    );
    assert_eq!(
        other.clone().delete().await.unwrap_err().kind(),
        ErrorKind::PreconditionFailed
    );
    assert_eq!(other.title, "other", "what was typed is still there");
    other.load().await.unwrap();
    assert_eq!(
        (other.title.as_str(), other.version()),
        ("one", one.version())
    );
    other.price += 1;
    other.save().await.unwrap();
    other.price += 1;
    other.save().await.unwrap();
    other.delete().await.unwrap();
    assert_eq!(
        one.save().await.unwrap_err().kind(),
        ErrorKind::PreconditionFailed
    );
}

async fn queries(backend: Backend) {
    let app = five(&backend).await;
    let all = app.as_system("test");
    let query = || all.query::<Book>();
    let by_price = || query().sort(Book::PRICE.ascending());
    assert_eq!(titles(&by_price().all().await.unwrap()), "acdbe");
    assert_eq!(
        titles(&query().sort(Book::TITLE.descending()).all().await.unwrap()),
        "edcba"
    );
    assert_eq!(
        titles(&by_price().skip(1).limit(2).all().await.unwrap()),
        "cd"
    );
    let (page, total) = by_price()
        .filter(Book::PRICE.lt(100))
        .limit(2)
        .page()
        .await
        .unwrap();
    assert_eq!((titles(&page).as_str(), total), ("ac", 4));
    assert_eq!(by_price().first().await.unwrap().unwrap().title, "a");
    assert!(
        query()
            .filter(Book::TITLE.eq("zz".to_owned()))
            .first()
            .await
            .unwrap()
            .is_none()
    );
    assert_eq!(query().filter(Book::PRICE.ge(20)).count().await.unwrap(), 3);
    assert_eq!(all.count::<Book>().await.unwrap(), 5);
    let found =
        async |filter: Filter<Book>| titles(&by_price().filter(filter).all().await.unwrap());
    assert_eq!(found(Book::PRICE.gt(5).and(Book::PRICE.le(20))).await, "cd");
    assert_eq!(
        found(Book::TITLE.eq("a".to_owned()).or(Book::TITLE.contains("e"))).await,
        "ae"
    );
    assert_eq!(
        found(Book::TITLE.is_in(&["a".to_owned(), "d".to_owned(), "q".to_owned()])).await,
        "ad"
    );
    assert_eq!(found(Book::PRICE.is_in::<i64>(&[])).await, "");
    assert_eq!(found(Book::PRICE.lt(20).not()).await, "dbe");
    assert_eq!(found(Book::GENRE.is_null()).await, "ac");
    assert_eq!(found(Book::GENRE.is_null().not()).await, "dbe");
    assert_eq!(found(Book::GENRE.ne("novel".to_owned())).await, "ac");
    assert_eq!(
        found(
            Book::GENRE
                .starts_with("nov")
                .and(Book::TITLE.eq_ignore_case("B"))
        )
        .await,
        "b"
    );
    assert_eq!(
        titles(
            &by_price()
                .filter(Book::PRICE.gt(5))
                .filter(Book::PRICE.lt(30))
                .all()
                .await
                .unwrap()
        ),
        "cd"
    );
}

async fn not_capped(backend: Backend) {
    let app = app(&backend).await;
    let books: Vec<Book> = (0..120).map(|at| book(&format!("{at}"), at % 50)).collect();
    let system = app.as_system("test");
    system.create_many(&books).await.unwrap();
    assert_eq!(system.query::<Book>().all().await.unwrap().len(), 120);
}

async fn all_or_none(backend: Backend) {
    let app = app(&backend).await;
    let system = app.as_system("test");
    let twice = book("x", 1);
    let error = system
        .create_many(&[book("a", 1), twice.clone(), twice])
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Duplicate);
    let error = system
        .create_many(&[book("a", 1), book("", 1)])
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert_eq!(system.count::<Book>().await.unwrap(), 0);
    assert_eq!(system.create_many::<Book>(&[]).await.unwrap(), 0);
}

async fn construct(backend: Backend) {
    let app = app(&backend).await;
    let ann = app.as_actor(&Actor::user("ann"));
    let fields = larder::query::to_value(&json!({"title": "t", "price": 3})).unwrap();
    let book: Book = ann.construct(fields).unwrap();
    assert_eq!(
        (book.owner.as_str(), book.copies, book.genre.as_deref()),
        ("ann", 0, None)
    );
    assert_eq!(ann.create(&book).await.unwrap().price, 3);
    let unknown = larder::query::to_value(&json!({"titel": "t"})).unwrap();
    assert_eq!(
        ann.construct::<Book>(unknown).unwrap_err().message(),
        "`titel` is not a field of Book"
    );
    // What does not fit, where, and what is lacking; of a hidden field nothing.
    let misfit = |fields: serde_json::Value| {
        let fields = larder::query::to_value(&fields).unwrap();
        let error = ann.construct::<Book>(fields).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        let faults = error.fields().iter();
        let faults: Vec<_> = faults
            .map(|fault| (fault.pointer.clone(), fault.message.clone(), fault.code))
            .collect();
        (faults, error)
    };
    let (faults, error) = misfit(json!({"title": "t", "price": "three"}));
    assert_eq!(
        faults,
        [(
            "/price".to_owned(),
            "invalid type: string \"three\", expected i64".to_owned(),
            "type"
        )]
    );
    assert!(
        error.message().starts_with("price: invalid type"),
        "{error}"
    );
    let (faults, _) = misfit(json!({"copies": 1}));
    let required = |pointer: &str| (pointer.to_owned(), "is required".to_owned(), "required");
    assert_eq!(faults, [required("/title"), required("/price")]);
    let (faults, error) = misfit(json!({"title": "t", "price": 3, "supplier": 7}));
    assert!(
        faults.is_empty() && !error.to_string().contains("supplier"),
        "{error}"
    );
    assert_eq!(error.hidden_fields()[0].pointer, "/supplier");
}

async fn rules_apply(backend: Backend) {
    let app = five(&backend).await;
    let bob = app.as_actor(&Actor::user("bob"));
    assert_eq!(bob.count::<Book>().await.unwrap(), 4);
    let dear = app
        .as_system("test")
        .query::<Book>()
        .filter(Book::PRICE.eq(500))
        .first()
        .await
        .unwrap()
        .unwrap();
    assert!(bob.find::<Book>(dear.id.clone()).await.unwrap().is_none());
    let mut cheap = bob
        .query::<Book>()
        .sort(Book::PRICE.ascending())
        .first()
        .await
        .unwrap()
        .unwrap();
    cheap.price = 1;
    assert_eq!(cheap.save().await.unwrap_err().kind(), ErrorKind::Forbidden);
    assert_eq!(
        cheap.clone().delete().await.unwrap_err().kind(),
        ErrorKind::Forbidden
    );
    assert!(
        bob.delete::<Book>(dear.id.clone())
            .await
            .unwrap_err()
            .is_not_found()
    );
    // An owner is who makes the call.
    assert_eq!(bob.create(&book("mine", 1)).await.unwrap().owner, "bob");
    let anonymous = app.as_actor(&Actor::anonymous());
    assert!(anonymous.delete::<Book>(cheap.id.clone()).await.is_err());
}

async fn secrets(backend: Backend) {
    let app = five(&backend).await;
    let system = app.as_system("test");
    let book = system
        .query::<Book>()
        .sort(Book::PRICE.ascending())
        .first()
        .await
        .unwrap()
        .unwrap();
    assert_eq!(book.supplier.expose(), "canary");
    assert!(!format!("{book:?}").contains("canary"));
    let text = serde_json::to_string(&book).unwrap();
    assert!(
        !text.contains("canary") && !text.contains("supplier"),
        "{text}"
    );
    assert!(!serde_json::to_string(&*book).unwrap().contains("canary"));
    let client = Client::new(&app);
    let got = client
        .get(&format!("/books/{}", book.id))
        .go()
        .await
        .is(200)
        .text();
    assert!(
        !got.contains("canary") && !got.contains("supplier"),
        "{got}"
    );
    assert!(
        !client
            .get("/books")
            .go()
            .await
            .is(200)
            .text()
            .contains("supplier")
    );
}

async fn an_unknown_model(backend: Backend) {
    #[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
    struct Stranger {
        #[model(id)]
        id: String,
    }
    let app = app(&backend).await;
    let error = app.as_system("test").count::<Stranger>().await.unwrap_err();
    assert_eq!(
        error.message(),
        "the app does not have the model Stranger: add `Stranger` to `models![..]`"
    );
}

/// A closed app has left the file alone, and says so to whoever still calls.
#[tokio::test]
async fn closed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("books.db");
    let store = store::open(&format!("sqlite:{}", file.display()))
        .await
        .unwrap();
    let app = App::builder()
        .models(models![Book])
        .store("main", store.layer(larder::layers::Observed::new()));
    let app = app.build().await.unwrap();
    let system = app.as_system("test");
    system.create(&book("a", 5)).await.unwrap();
    assert_eq!(system.count::<Book>().await.unwrap(), 1);
    let files = || {
        let entries = std::fs::read_dir(folder.path()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    };
    assert_eq!(files(), ["books.db", "books.db-shm", "books.db-wal"]);
    let clone = app.clone();
    tokio::join!(app.close(), clone.close());
    assert_eq!(files(), ["books.db"]);
    for late in [
        system.create(&book("b", 5)).await.map(drop),
        system.count::<Book>().await.map(drop),
    ] {
        assert_eq!(late.unwrap_err().kind(), ErrorKind::Unavailable);
    }
    app.close().await;
    let store = store::open(&format!("sqlite:{}", file.display()))
        .await
        .unwrap();
    let again = App::builder().models(models![Book]).store("main", store);
    let again = again.build().await.unwrap();
    assert_eq!(again.as_system("test").count::<Book>().await.unwrap(), 1);
}

scenarios! {
    one_record, no_lost_update, queries, not_capped, all_or_none, construct, rules_apply, secrets, an_unknown_model,
}
