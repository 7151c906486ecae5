//! The first page of a list beside the 10,000th, which a cursor leads to: `pages URL ROWS`.
//!
//! It fills the database with ROWS orders, and prints what a page costs this process, and the database's own where they are others.
#![allow(
    clippy::print_stdout,
    reason = "the figures are for whoever started it"
)]

use jiff::Timestamp;
use larder::QueryBuilder;
use larder::prelude::*;
use larder_bench::cpu::{self, Servers};
use larder_bench::{orders, service};

type Done<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// An order.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/orders", rules(read = "true", write = "true"), page = 100)]
#[model(search(paid = eq), sort(amount))]
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

impl From<orders::Order> for Order {
    fn from(order: orders::Order) -> Self {
        Self {
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
    }
}

/// Records in a page.
const SIZE: u64 = 20;
/// The page deep inside.
const PAGE: usize = 10_000;
const ROUNDS: usize = 15;
/// Pages of each sort in a round, in turn, at the least.
const READS: usize = 200;
/// CPU-seconds of a round at the least: the scheduler keeps its account in steps of some milliseconds.
const LEAST: f64 = 0.2;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Done<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, rows] = arguments.as_slice() else {
        return Err("pages URL ROWS".into());
    };
    let rows: u64 = rows.parse()?;
    let servers = Servers::of(url)?;
    let app = App::builder()
        .models(models![Order])
        .store("main", store::open(url).await?)
        .build()
        .await?;
    let before = [cpu::seconds()?, servers.seconds()?];
    service::preload::<Order>(&app, rows).await?;
    println!(
        "{rows} rows loaded: {:.0} CPU-seconds here, {:.0} in the database",
        cpu::seconds()? - before[0],
        servers.seconds()? - before[1]
    );
    let session = app.as_system("pages");
    println!(
        "| list | page 1, us here + in the database | page {PAGE} | page {PAGE} / page 1 | control |"
    );
    println!("| --- | ---: | ---: | ---: | ---: |");
    let filtered = || session.query::<Order>().filter(Order::PAID.eq(true));
    measure("where `paid`, by id", &servers, filtered).await?;
    let sorted = || session.query::<Order>().sort(Order::AMOUNT.ascending());
    measure("all, by `amount`", &servers, sorted).await?;
    if url.starts_with("mongodb:") {
        // A run has a database of its own.
        let client = mongodb::Client::with_uri_str(url).await?;
        if let Some(db) = client.default_database() {
            db.drop().await?;
        }
    }
    Ok(())
}

/// The first page, the one that the last cursor leads to, and the first once more as the control.
async fn measure(
    what: &str,
    servers: &Servers,
    query: impl Fn() -> QueryBuilder<Order>,
) -> Done<()> {
    let mut walk = query().pages(SIZE);
    for _ in 1..PAGE {
        walk.next().await?;
    }
    let cursor = walk.cursor().ok_or("there are too few rows")?.to_owned();
    // What so many pages cost here and in the database.
    let read = async |deep: bool, reads: usize| -> Done<[f64; 2]> {
        let theirs = servers.seconds()?;
        let ours = cpu::seconds()?;
        for _ in 0..reads {
            let query = match deep {
                true => query().after(cursor.clone()),
                false => query(),
            };
            let page = query.pages(SIZE).next().await?;
            if page.is_none_or(|page| page.len() as u64 != SIZE) {
                return Err("a page is not full".into());
            }
        }
        Ok([cpu::seconds()? - ours, servers.seconds()? - theirs])
    };
    let sum = |[ours, theirs]: [f64; 2]| ours + theirs;
    let mut reads = READS;
    while sum(read(false, reads).await?) < LEAST {
        reads *= 2;
    }
    let (mut first, mut deep) = (Vec::new(), Vec::new());
    let (mut ratios, mut controls) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let once = read(false, reads).await?;
        let far = read(true, reads).await?;
        controls.push(sum(read(false, reads).await?) / sum(once));
        ratios.push(sum(far) / sum(once));
        first.push(once);
        deep.push(far);
    }
    let micros = |all: &[[f64; 2]]| {
        let of = |place: usize| median(all.iter().map(|cost| cost[place]).collect());
        [of(0), of(1)].map(|cost| format!("{:.0}", cost * 1e6 / reads as f64))
    };
    println!(
        "| {what} | {} | {} | **{:.2}** | {:.2} |",
        micros(&first).join(" + "),
        micros(&deep).join(" + "),
        median(ratios),
        median(controls)
    );
    Ok(())
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all.get(all.len() / 2).copied().unwrap_or_default()
}
