//! What the words of a query cost: `lists asked|fixed|same memory:|sqlite:PATH COUNT`.
//!
//! `asked` answers COUNT requests for a list with ten conditions in the query string, `fixed` as many whose handler has the same query ready;
//! both are there to have their instructions counted. `same` compares their answers.
#![allow(
    clippy::print_stdout,
    reason = "the figures are for whoever started it"
)]

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{Request, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use jiff::Timestamp;
use larder::prelude::*;
use larder::{Call, ListQuery, Reply, Surface, View, Want};
use larder_bench::orders;
use tower::ServiceExt;

type Done<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// An order.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(
    url = "/orders",
    rules(read = "true", write = "true"),
    page = 100,
    sort(amount)
)]
#[model(search(
    customer = eq, title = scan(eq), amount = scan(ge), price = scan(ge), paid = scan(eq), note = scan(eq), placed = scan(ge)
))]
struct Order {
    #[model(id)]
    id: Id<Order>,
    customer: String,
    title: String,
    amount: i64,
    price: f64,
    paid: bool,
    note: Option<String>,
    tags: Vec<String>,
    placed: Timestamp,
}

/// Rows beside which a list of ten conditions is asked for: a hundred customers of a hundred each.
const ROWS: u64 = 10_000;
/// Ten conditions, one of which an index serves; some twenty orders meet them all, which is one page.
const ASKED: &str = "customer=c7&amount=ge=1000&amount=lt=30000&price=gt=10&price=le=9000&paid=true&title=ne=none\
                     &placed=ge=2020-01-01T00:00:00Z&placed=lt=2040-01-01T00:00:00Z&note=ne=nothing";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Done<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [what, url, count] = arguments.as_slice() else {
        return Err("lists asked|fixed|same memory:|sqlite:PATH COUNT".into());
    };
    let count: u64 = count.parse()?;
    let store = store::open(url).await?;
    let app = App::builder()
        .models(models![Order])
        .store("main", store)
        .build()
        .await?;
    fill(&app).await?;
    match what.as_str() {
        "asked" => repeat(app.rest(), &format!("/orders?{ASKED}"), count).await,
        "fixed" => repeat(fixed(&app)?, "/fixed", count).await,
        _ => same(&app).await,
    }
}

async fn fill(app: &App) -> Result<()> {
    let session = app.as_system("fill");
    let all: Vec<u64> = (0..ROWS).collect();
    for numbers in all.chunks(500) {
        let order = |number: &u64| {
            let order = orders::order(*number, ROWS);
            Order {
                id: order.id.into(),
                customer: order.customer,
                title: order.title,
                amount: order.amount,
                price: order.price,
                paid: order.paid,
                note: order.note,
                tags: order.tags,
                placed: order.placed,
            }
        };
        let batch: Vec<Order> = numbers.iter().map(order).collect();
        session.create_many(&batch).await?;
    }
    Ok(())
}

/// What a handler knows whose query is fixed.
#[derive(Clone)]
struct Fixed {
    app: App,
    model: usize,
    query: Arc<ListQuery>,
}

/// A handler that has the query ready.
fn fixed(app: &App) -> Result<Router> {
    let model = app
        .position("Order")
        .ok_or_else(|| Error::setup("there are no orders"))?;
    let fixed = Fixed {
        app: app.clone(),
        model,
        query: Arc::new(larder::parse_list(app, model, ASKED)?),
    };
    Ok(Router::new().route("/fixed", get(list)).with_state(fixed))
}

async fn list(State(fixed): State<Fixed>) -> Response {
    match answer(&fixed).await {
        Ok(response) => response,
        Err(error) => error.into_response(),
    }
}

async fn answer(fixed: &Fixed) -> Result<Response> {
    let want = Want::List(Box::new(ListQuery::clone(&fixed.query)));
    let call = Call::new(fixed.model, want, Actor::anonymous(), Surface::Rest);
    let reply = fixed.app.call(&call).await?;
    let Reply::Page { rows, total, .. } = &reply else {
        return Err(Error::internal("a list was answered with something else"));
    };
    let last = rows.len().saturating_sub(1);
    let range = format!("items 0-{last}/{}", total.unwrap_or_default());
    let mut body = Vec::with_capacity(512);
    View::default().write(fixed.app.model(fixed.model)?, &reply, &mut body)?;
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CONTENT_RANGE, range.as_str()),
    ];
    Ok((StatusCode::OK, headers, body).into_response())
}

async fn send(router: &Router, path: &str) -> Done<(String, Vec<u8>)> {
    let request = Request::get(path).body(Body::empty())?;
    let answer = router.clone().oneshot(request).await?;
    let (head, body) = answer.into_parts();
    if head.status != StatusCode::OK {
        return Err(format!("{path} was answered with {}", head.status).into());
    }
    let range = head
        .headers
        .get(header::CONTENT_RANGE)
        .ok_or("no Content-Range")?;
    let range = range.to_str()?.to_owned();
    Ok((range, to_bytes(body, usize::MAX).await?.to_vec()))
}

async fn repeat(router: Router, path: &str, count: u64) -> Done<()> {
    for _ in 0..count {
        send(&router, path).await?;
    }
    Ok(())
}

async fn same(app: &App) -> Done<()> {
    let asked = send(&app.rest(), &format!("/orders?{ASKED}")).await?;
    let fixed = send(&fixed(app)?, "/fixed").await?;
    if asked != fixed {
        return Err("the two do not answer the same".into());
    }
    println!("{}, {} bytes", asked.0, asked.1.len());
    Ok(())
}
