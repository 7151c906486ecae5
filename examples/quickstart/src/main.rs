//! A blog in one file: two related models, rules, an action, a hook and a service, on a SQLite file beside it.

use larder::prelude::*;

const DATABASE: &str = concat!("sqlite:", env!("CARGO_MANIFEST_DIR"), "/quickstart.db");

/// Somebody who writes.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/users", id(client))]
#[model(rules(read = "true", create = "true", write = "id=$actor.id"))]
pub struct User {
    #[model(id)]
    pub id: Id<User>,
    #[schemars(length(min = 1, max = 60))]
    pub name: String,
}

/// One entry of the blog. Drafts are seen by their author alone.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/posts", timestamps, page = 20)]
#[model(rules(
    read = "published=true|author=$actor.id",
    create = "true",
    write = "author=$actor.id"
))]
#[model(search(title = contains, author = eq), sort(title, _created), default_sort = "-_created")]
pub struct Post {
    #[model(id)]
    pub id: Id<Post>,
    #[model(owner, index)]
    pub author: ModelLink<User>,
    #[schemars(length(min = 1, max = 120))]
    pub title: String,
    #[model(read_only)]
    pub published: bool,
    #[model(server_only)]
    pub notes: Secret<String>,
}

#[model_impl]
impl Post {
    #[before(save)]
    fn tidy(&mut self) -> Result<()> {
        self.title = self.title.trim().to_owned();
        Ok(())
    }

    /// `PUT /posts/{id}/publish`
    #[action(allow = "author=$actor.id")]
    async fn publish(&mut self, cx: &Ctx) -> Result<()> {
        self.published = true;
        cx.get::<Mailer>()?.published(cx.actor(), &self.title);
        Ok(())
    }
}

struct Mailer; // a service: hooks and actions get it with `cx.get`

impl Mailer {
    fn published(&self, who: &Actor, title: &str) {
        println!("mail: {who} has published `{title}`");
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    tracing_subscriber::fmt().init(); // the log names the rule that refuses
    let app = App::builder()
        .models(models![User, Post])
        .store("main", store::from_env(DATABASE).await?)
        .provide(Mailer)
        .identity(DevelopmentHeader)
        .build()
        .await?;
    println!("{}", include_str!("../curl.txt"));
    larder::serve(app.rest()).await?;
    app.close().await;
    Ok(())
}
