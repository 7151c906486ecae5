//! What starting an app with a hundred models of ten fields costs, in CPU-milliseconds: `startup`.
#![allow(
    clippy::print_stdout,
    reason = "the figures are for whoever started it"
)]
#![allow(missing_docs, reason = "the models stand for nothing")]

use std::sync::Arc;

use jiff::Timestamp;
use larder::prelude::*;
use larder::{MemoryStore, Store};
use larder_bench::cpu;

macro_rules! hundred {
    ($($name:ident $url:literal,)*) => {
        $(
            /// One of a hundred.
            #[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
            #[model(url = $url, timestamps, rules(read = "public=true|owner=$actor.id", write = "owner=$actor.id"))]
            #[model(search(title = contains, amount = ge), sort(title, placed))]
            struct $name {
                #[model(id)]
                id: Id<$name>,
                #[model(owner, index)]
                owner: String,
                /// What it is called.
                #[schemars(length(min = 1, max = 120))]
                title: String,
                #[model(index)]
                #[schemars(range(min = 0))]
                amount: i64,
                price: f64,
                public: bool,
                note: Option<String>,
                tags: Vec<String>,
                placed: Timestamp,
                #[model(read_only)]
                score: f64,
            }
        )*

        fn set() -> larder::ModelSet {
            models![$($name),*]
        }
    };
}

hundred! {
    M00 "/m00", M01 "/m01", M02 "/m02", M03 "/m03", M04 "/m04",
    M05 "/m05", M06 "/m06", M07 "/m07", M08 "/m08", M09 "/m09",
    M10 "/m10", M11 "/m11", M12 "/m12", M13 "/m13", M14 "/m14",
    M15 "/m15", M16 "/m16", M17 "/m17", M18 "/m18", M19 "/m19",
    M20 "/m20", M21 "/m21", M22 "/m22", M23 "/m23", M24 "/m24",
    M25 "/m25", M26 "/m26", M27 "/m27", M28 "/m28", M29 "/m29",
    M30 "/m30", M31 "/m31", M32 "/m32", M33 "/m33", M34 "/m34",
    M35 "/m35", M36 "/m36", M37 "/m37", M38 "/m38", M39 "/m39",
    M40 "/m40", M41 "/m41", M42 "/m42", M43 "/m43", M44 "/m44",
    M45 "/m45", M46 "/m46", M47 "/m47", M48 "/m48", M49 "/m49",
    M50 "/m50", M51 "/m51", M52 "/m52", M53 "/m53", M54 "/m54",
    M55 "/m55", M56 "/m56", M57 "/m57", M58 "/m58", M59 "/m59",
    M60 "/m60", M61 "/m61", M62 "/m62", M63 "/m63", M64 "/m64",
    M65 "/m65", M66 "/m66", M67 "/m67", M68 "/m68", M69 "/m69",
    M70 "/m70", M71 "/m71", M72 "/m72", M73 "/m73", M74 "/m74",
    M75 "/m75", M76 "/m76", M77 "/m77", M78 "/m78", M79 "/m79",
    M80 "/m80", M81 "/m81", M82 "/m82", M83 "/m83", M84 "/m84",
    M85 "/m85", M86 "/m86", M87 "/m87", M88 "/m88", M89 "/m89",
    M90 "/m90", M91 "/m91", M92 "/m92", M93 "/m93", M94 "/m94",
    M95 "/m95", M96 "/m96", M97 "/m97", M98 "/m98", M99 "/m99",
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let count = |seconds: std::io::Result<f64>| seconds.map_err(Error::internal);
    let before = count(cpu::seconds())?;
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let app = App::builder()
        .models(set())
        .store("main", store)
        .build()
        .await?;
    let built = count(cpu::seconds())? - before;
    let router: axum::Router = app.rest();
    let routed = count(cpu::seconds())? - before - built;
    drop(router);
    println!(
        "{:.1} CPU-ms to build an app of 100 models, {:.1} more for its router",
        built * 1e3,
        routed * 1e3
    );
    Ok(())
}
