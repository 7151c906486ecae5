//! What clients may filter and sort lists by: inside fields, through links, by functions of the model, and at which cost.

use larder::prelude::*;
use larder_tests::{Answer, Backend, Client, scenarios};
use serde_json::{Value, json};

#[path = "searches/by_hand.rs"]
mod by_hand;
#[path = "searches/elements.rs"]
mod elements;
#[path = "searches/setup.rs"]
mod setup;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/people", id(client))]
#[model(rules(read = "open=true|name=$actor.id", write = "true"))]
struct Person {
    #[model(id)]
    id: String,
    name: String,
    #[serde(default)]
    age: i64,
    open: bool,
    team: Option<ModelLink<Team>>,
    #[serde(default)]
    #[model(server_only)]
    mail: Secret<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/teams", id(client), rules(read = "true", write = "true"))]
struct Team {
    #[model(id)]
    id: String,
    name: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Status {
    Draft,
    Published,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
struct Address {
    city: String,
    #[serde(default)]
    floor: Option<i64>,
}

/// An entry of a blog.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/posts", id(client), rules(read = "true", write = "true"))]
#[model(search(
    status = eq, title = contains, code = match, rank = ge, mood = scan(eq), seen = ne,
    address.city = eq, address.floor = ge, tags = contains, sizes = size, extra.deep.er = eq,
    author = eq, author.name = scan(starts_with), author.age = eq, author.team.name = eq,
))]
#[model(sort(rank, title, author.name), default_sort = "+rank")]
struct Post {
    #[model(id)]
    id: String,
    author: ModelLink<Person>,
    status: Status,
    title: String,
    #[serde(default)]
    code: String,
    rank: i64,
    #[serde(default)]
    mood: String,
    #[serde(default)]
    seen: i64,
    address: Address,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    sizes: Vec<i64>,
    #[serde(default)]
    extra: Value,
    #[serde(default)]
    hidden_from_lists: String,
    #[serde(default)]
    #[model(server_only)]
    secret: Secret<String>,
}

#[model_impl]
impl Post {
    /// Words of the title, or the beginning of the author's name.
    #[search]
    fn q(q: &str, status: Option<Status>) -> Filter<Self> {
        let words = Filter::all_of(q.split_whitespace().map(|word| Self::TITLE.contains(word)));
        let found = words.or(Self::AUTHOR.field(Person::NAME).starts_with(q));
        match status {
            // Drafts are found by their whole title alone.
            Some(Status::Draft) => Self::TITLE.eq(q),
            _ => found,
        }
    }

    #[search(name = "rank-from")]
    fn rank_from(rank_from: i64, to: Option<i64>) -> Filter<Post> {
        let from = Post::RANK.ge(rank_from);
        to.into_iter()
            .fold(from, |from, to| from.and(Post::RANK.le(to)))
    }
}

/// A child, whose lists are always those of one parent.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/posts/{post}/notes", id(client), rules(read = "text!=hidden", write = "true"), search(text = eq, size = eq))]
struct Note {
    #[model(id)]
    id: String,
    post: ModelParent<Post>,
    text: String,
    size: i64,
}

fn builder(store: impl larder::IntoStore) -> larder::AppBuilder {
    App::builder()
        .models(models![Post, Person, Team, Note])
        .store("main", store)
        .identity(DevelopmentHeader)
}

async fn filled(backend: &Backend) -> Client {
    let client = Client::new(&builder(backend.store()).build().await.unwrap());
    for (id, name) in [("red", "The Reds"), ("blue", "The Blues")] {
        client
            .put(&format!("/teams/{id}"), json!({"name": name}))
            .go()
            .await
            .is(201);
    }
    for (id, name, age, open, team) in [
        ("ann", "Ann", 30, true, Some("red")),
        ("bob", "Bob", 40, true, None),
        ("eve", "eve", 50, false, Some("blue")),
    ] {
        let person = json!({"name": name, "age": age, "open": open, "team": team});
        client
            .put(&format!("/people/{id}"), person)
            .go()
            .await
            .is(201);
    }
    for (id, author, title, more) in [
        (
            "1",
            "ann",
            "Tea and cake",
            json!({"status": "published", "rank": 3, "code": "a-17", "address": {"city": "Rome", "floor": 2}, "tags": ["x", "7"], "sizes": [1, 2]}),
        ),
        (
            "2",
            "bob",
            "Tea",
            json!({"status": "draft", "rank": 1, "code": "b-4", "address": {"city": "rome"}, "tags": ["y"], "extra": {"deep": {"er": 5}}}),
        ),
        (
            "3",
            "eve",
            "Cake of Ann",
            json!({"status": "published", "rank": 2, "mood": "gay", "seen": 4, "address": {"city": "Oslo", "floor": -1}, "extra": {"deep": {"er": "5"}}}),
        ),
        (
            "4",
            "gone",
            "Milk",
            json!({"status": "published", "rank": 2, "address": {"city": "Rome", "floor": 10}, "sizes": [4, 5, 6]}),
        ),
    ] {
        let mut post = more;
        post["author"] = author.into();
        post["title"] = title.into();
        client.put(&format!("/posts/{id}"), post).go().await.is(201);
    }
    client
}

async fn ids(client: &Client, query: &str) -> Vec<String> {
    let answer = client.get(&format!("/posts?{query}")).by("zoe").go().await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.text());
    let ids = answer.each("id");
    ids.iter()
        .map(|id| id.as_str().unwrap().to_owned())
        .collect()
}

fn fault(answer: &Answer) -> (String, String, String) {
    let problem = answer.json();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let first = &problem["errors"][0];
    (
        text(&problem["detail"]),
        text(&first["field"]),
        text(&first["code"]),
    )
}

async fn inside_fields(backend: Backend) {
    let client = filled(&backend).await;
    for (query, expected) in [
        ("address.city=Rome", vec!["4", "1"]),
        ("address.city==Rome&address.floor=3", vec!["4"]),
        ("address.floor=lt=0", vec!["3"]),
        ("address.floor==null", vec!["2"]),
        ("ne(address.city,Rome)", vec!["2", "3"]),
        // A number in a text is text, and no number.
        ("extra.deep.er=5", vec!["2"]),
        ("extra.deep.er==string:5", vec!["3"]),
        ("tags=x", vec!["1"]),
        ("tags=7", vec!["1"]),
        ("sizes=3", vec!["4"]),
        ("sizes=0", vec!["2", "3"]),
        ("sizes=contains=5", vec!["4"]),
        ("code=%5Ea-%5Cd%2B", vec!["1"]),
    ] {
        assert_eq!(ids(&client, query).await, expected, "{query}");
    }
    for (query, name) in [
        ("address=1", "address"),
        ("address.street=1", "address.street"),
        ("address.city.name=1", "address.city.name"),
        ("address.floor=ground", "address.floor"),
        ("sizes=many", "sizes"),
        ("code=%28", "code"),
    ] {
        let answer = client.get(&format!("/posts?{query}")).go().await.is(400);
        assert_eq!(fault(&answer).1, name, "{}", answer.text());
    }
}

async fn through_links(backend: Backend) {
    let client = filled(&backend).await;
    for (query, expected) in [
        ("author.name=A", vec!["1"]),
        ("author.name==Bob", vec!["2"]),
        // Whom one may not see counts like nobody: neither by the name nor by the team behind.
        ("author.name==eve", vec![]),
        ("author.team.name=The Blues", vec![]),
        ("author.team.name=The Reds", vec!["1"]),
        ("author.name!=Ann", vec!["2", "3", "4"]),
        ("or(author.name==Bob,rank==3)", vec!["2", "1"]),
        ("author=eve", vec!["3"]),
        ("sort=author.name", vec!["3", "4", "1", "2"]),
        ("sort=-author.name,%2Btitle", vec!["2", "1", "3", "4"]),
        ("author.age=40&sort=author.name", vec!["2"]),
    ] {
        assert_eq!(
            ids(&client, &query.replace(' ', "%20")).await,
            expected,
            "{query}"
        );
    }
    let seen = client
        .get("/posts?author.name==eve")
        .by("eve")
        .go()
        .await
        .is(200);
    assert_eq!(seen.each("id"), [json!("3")]);
    // What is server-only there answers as what is not there at all.
    let strange = |name: &str| format!("/posts?{name}=x");
    let hidden = client.get(&strange("author.mail")).go().await.is(400);
    let absent = client.get(&strange("author.male")).go().await.is(400);
    assert_eq!(hidden.text().replace("mail", "male"), absent.text());
    for query in [
        "sort=author.mail",
        "sort(-author/mail)",
        "author.mail==x",
        "not(eq(author.mail,x))",
        "rel(author,mail=x)",
        "contains(author,mail=x)",
        "contains(author.mail,x)",
        "select(author.mail)",
        "values(author.mail)",
        "values(author.mail)&distinct()",
        "aggregate(author.mail,count())",
        "aggregate(rank,most=max(author.mail))",
        "aggregate(rank,count())&sort(author.mail)",
        "max(author.mail)",
        "author.team.mail=x",
        "query=%7B%22author.mail%22:1%7D",
        "sort=%7B%22author.mail%22:1%7D",
    ] {
        let ask = async |query: String| {
            let answer = client.get(&format!("/posts?{query}")).go().await;
            (answer.status, answer.text())
        };
        let (status, hidden) = ask(query.to_owned()).await;
        let absent = ask(query.replace("mail", "male")).await;
        assert_eq!((status, hidden.replace("mail", "male")), absent, "{query}");
        assert_ne!(status, 500, "{query}");
    }
}

/// The pages of a list by its links to the next one, each of one record.
async fn walked(client: &Client, query: &str, actor: &str) -> Vec<String> {
    let mut seen = Vec::new();
    let mut path = format!("/posts?{query}&limit=1");
    loop {
        let page = client.get(&path).by(actor).go().await.is(200);
        let ids = page.each("id");
        seen.extend(ids.iter().map(|id| id.as_str().unwrap().to_owned()));
        assert!(seen.len() < 10, "it never ends: {seen:?}");
        match page
            .header("link")
            .strip_prefix('<')
            .and_then(|link| link.split_once('>'))
        {
            Some((next, _)) => path = next.to_owned(),
            None => return seen,
        }
    }
}

async fn cursors_by_linked_keys(backend: Backend) {
    let client = filled(&backend).await;
    for query in [
        "sort=author.name",
        "sort=-author.name",
        "sort=-author.name,%2Btitle",
        "sort=rank,-author.name",
        "author.age=40&sort=author.name,-rank",
    ] {
        // To Eve her own name counts too, so her post stands elsewhere.
        for actor in ["zoe", "eve"] {
            let whole = client.get(&format!("/posts?{query}")).by(actor);
            let whole = whole.go().await.is(200).each("id");
            assert_eq!(
                walked(&client, query, actor).await,
                whole,
                "{query} by {actor}"
            );
        }
    }
    // The place is that of the name as it was, whatever becomes of the author; another actor's cursor is none.
    let first = client.get("/posts?sort=-author.name&limit=1").by("zoe");
    let first = first.go().await.is(200);
    assert_eq!(first.each("id"), ["2"]);
    let (next, _) = first
        .header("link")
        .strip_prefix('<')
        .unwrap()
        .split_once('>')
        .unwrap();
    client.delete("/people/bob").go().await.is(204);
    let rest = client.get(next).by("zoe").go().await.is(200);
    assert_eq!(rest.each("id"), ["1"]);
    client.get(next).by("eve").go().await.is(400);
    let cursor = next.split_once("cursor=").unwrap().1;
    for name in ["Bob", "Ann"] {
        assert!(!cursor.contains(name), "{cursor}");
    }
}

/// Patterns have one budget, in whatever syntax they are written.
async fn patterns_have_a_budget(backend: Backend) {
    let client = filled(&backend).await;
    let costly = "%5E%5Cw%7B4%7D";
    let kinvey = "query=%7B%22code%22:%7B%22$regex%22:%22%5E%5C%5Cw%7B4%7D%22%7D%7D".to_owned();
    for (query, status) in [
        (["code=a"; 8].join("&"), 200),
        (["code=a"; 9].join("&"), 400),
        (format!("code={costly}"), 200),
        (kinvey.clone(), 200),
        (format!("code={costly}&code={costly}"), 400),
        (format!("code=match=re:{costly}&code={costly}"), 400),
        (format!("{kinvey}&code={costly}"), 400),
        (format!("{kinvey}&code=match=re:{costly}"), 400),
        (format!("{kinvey}&code=match=re:a"), 200),
    ] {
        let answer = client.get(&format!("/posts?{query}")).go().await;
        assert_eq!(answer.status, status, "{query}: {}", answer.text());
    }
}

async fn by_functions(backend: Backend) {
    let client = filled(&backend).await;
    for (query, expected) in [
        ("q=Tea", vec!["2", "1"]),
        ("q=cake+Tea", vec!["1"]),
        ("q=Ann", vec!["3", "1"]),
        ("q=", vec!["2", "3", "4", "1"]),
        // The other parameter means what it always means, and changes what this one does.
        ("q=Tea&status=draft", vec!["2"]),
        ("q=Te&status=draft", vec![]),
        ("q=Te&status=published", vec!["1"]),
        ("rank-from=2", vec!["3", "4", "1"]),
        ("rank-from=2&to=2", vec!["3", "4"]),
        ("q=Cake&rank-from=3", vec![]),
        ("q=C%26A%3D%24x", vec![]),
    ] {
        assert_eq!(ids(&client, query).await, expected, "{query}");
    }
    for (query, name, message) in [
        (
            "rank-from=two",
            "rank-from",
            "`rank-from` must be a whole number",
        ),
        ("rank-from=1&to=x", "to", "`to` must be a whole number"),
        (
            "to=1",
            "to",
            "`to` goes with `rank-from`, which is not given",
        ),
        ("q=a&q=b", "q", "`q` is given twice"),
        ("q==a", "q", ""),
        ("contains(q,a)", "q", ""),
        ("q=a&status=lost", "status", ""),
    ] {
        let answer = client.get(&format!("/posts?{query}")).go().await.is(400);
        let (detail, field, _) = fault(&answer);
        assert_eq!(field, name, "{query}: {}", answer.text());
        assert!(detail.contains(message), "{detail}");
    }
    let count = client.get("/posts/_count?q=Tea").go().await.is(200);
    assert_eq!(count.json(), json!({"count": 2}));
}

async fn scans_need_leave(backend: Backend) {
    let client = filled(&backend).await;
    for query in [
        "status=ne=draft",
        "not(rank=gt=2)",
        "contains(status,a)",
        "or(status==draft,status=ne=published)",
        "author.team.name==null",
        "and(rank=ne=1,rank=ne=2)",
    ] {
        let answer = client.get(&format!("/posts?{query}")).go().await.is(400);
        let (detail, field, code) = fault(&answer);
        assert_eq!(code, "scan", "{query}: {}", answer.text());
        let declared = match field.as_str() {
            "status" => "search(status = scan(eq))",
            "rank" => "search(rank = scan(ge))",
            _ => "search(author.team.name = scan(eq))",
        };
        assert!(detail.contains(declared), "{detail}");
    }
    for (query, expected) in [
        // What is declared for itself is leave enough, and so is `scan(..)` for all operators.
        ("title=Tea", vec!["2", "1"]),
        ("title==Tea", vec!["2"]),
        ("mood=contains=a", vec!["3"]),
        ("mood!=gay", vec!["2", "4", "1"]),
        ("seen=4", vec!["2", "4", "1"]),
        // An index leads to the records, and the rest is tested on them.
        ("rank==2&status=ne=draft", vec!["3", "4"]),
        ("title=Tea&status=ne=draft", vec!["1"]),
        ("or(rank==1,status==draft)", vec!["2"]),
        ("rank=in=(1,3)", vec!["2", "1"]),
        ("sort=-rank", vec!["1", "3", "4", "2"]),
        ("sort=title", vec!["3", "4", "2", "1"]),
        ("sort=-rank,-title", vec!["1", "4", "3", "2"]),
    ] {
        assert_eq!(ids(&client, query).await, expected, "{query}");
    }
    // Below a parent there are only its children to look at; and the rule, which no index serves, is never held against the client.
    for (id, text) in [("a", "one"), ("b", "hidden"), ("c", "three")] {
        let note = json!({"text": text, "size": 1});
        client
            .put(&format!("/posts/1/notes/{id}"), note)
            .go()
            .await
            .is(201);
    }
    let notes = client.get("/posts/1/notes?text=ne=one").go().await.is(200);
    assert_eq!(notes.each("id"), [json!("c")]);
    let notes = client.get("/posts/1/notes?size=1").go().await.is(200);
    assert_eq!(notes.each("id"), [json!("a"), json!("c")]);
}

/// Code on the server pays for what it asks.
async fn nothing_is_refused_in_process(backend: Backend) {
    filled(&backend).await;
    let app = builder(backend.store()).look_at(1).build().await.unwrap();
    let query = app.as_system("a test").query::<Post>();
    let titles = query
        .filter(Post::STATUS.ne(Status::Draft))
        .sort(Post::AUTHOR.field(Person::NAME).descending());
    let titles: Vec<String> = titles
        .all()
        .await
        .unwrap()
        .iter()
        .map(|post| post.title.clone())
        .collect();
    assert_eq!(titles, ["Cake of Ann", "Tea and cake", "Milk"]);
    let anybody = app.as_actor(&larder::Actor::anonymous()).query::<Post>();
    let team = Post::AUTHOR.field(Person::TEAM).field(Team::NAME);
    assert_eq!(
        anybody
            .filter(team.starts_with("The"))
            .count()
            .await
            .unwrap(),
        1
    );
}

async fn what_is_looked_at_is_bounded(backend: Backend) {
    filled(&backend).await;
    let app = builder(backend.store()).look_at(3).build().await.unwrap();
    let client = Client::new(&app);
    client.get("/posts?status=published").go().await.is(200);
    client.get("/posts?rank==1&title=Tea").go().await.is(200);
    client.get("/posts").go().await.is(200);
    let answer = client.get("/posts?mood=contains=q").go().await.is(400);
    assert!(!answer.text().contains("scan("), "{}", answer.text());
}

scenarios! {
    inside_fields,
    through_links,
    cursors_by_linked_keys,
    patterns_have_a_budget,
    by_functions,
    scans_need_leave,
    nothing_is_refused_in_process,
    what_is_looked_at_is_bounded,
}
