//! A server for tests that end it badly. Its database is `DATABASE_URL`, its address `LISTEN`.

use larder::prelude::*;

/// Written by one statement.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/plain", id(client), rules(read = "true", write = "true"))]
struct Plain {
    #[model(id)]
    id: String,
    text: String,
}

/// Written in a transaction, together with a `Plain`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/hooked", id(client), rules(read = "true", write = "true"))]
struct Hooked {
    #[model(id)]
    id: String,
    text: String,
}

#[model_impl]
impl Hooked {
    #[before(save)]
    async fn copy(&mut self, cx: &Ctx) -> Result<()> {
        let copy = Plain {
            id: format!("copy-{}", self.id),
            text: self.text.clone(),
        };
        cx.as_system("copy").save(&copy).await.map(drop)
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let app = App::builder()
        .models(models![Plain, Hooked])
        .store("main", store::from_env("memory:").await?);
    let app = app.build().await?;
    larder::serve(app.rest()).await?;
    app.close().await;
    Ok(())
}
