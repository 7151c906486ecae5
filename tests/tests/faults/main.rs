//! Real servers that are killed, stopped and started again under a load of writes through REST.
//!
//! What was acknowledged is there afterwards. What was refused is not: a request that begins when the server is gone is answered with
//! 503 and `Retry-After`, or it succeeds because the server came back in time. Of a request that was on its way at the very moment
//! nobody can know whether its commit was the last one; it is then there as a whole or not at all. The app is never started again.

mod controlled;
mod cut;
mod disk;
mod exhausted;
mod gone;
mod grown;
mod load;
mod locks;
#[cfg(feature = "mongodb")]
mod mongodb_changes;
mod place;
mod proxy;
mod raced;
mod restarted;
mod shop;
mod taken;

use controlled::{Controlled, End};
use larder_services::Service;
use larder_tests::rounds;
use load::Load;

/// A server is ended under load and started again, several times.
async fn ended_under_load(service: Service, ends: &[End], rounds: usize) {
    let Some(server) = Controlled::start(service).await else {
        return;
    };
    let load = Load::start(&server.url()).await;
    for round in 0..rounds {
        let end = ends[round % ends.len()];
        load.until_acknowledged(50).await;
        load.lost(|| server.end(end)).await;
        if end.refuses() {
            load.until_refused().await;
        }
        if end.refuses() {
            server.begin().await;
        } else {
            server.answers().await;
        }
        load.until_back().await;
        load.until_acknowledged(50).await;
        server.begin().await;
    }
    load.stop_and_check(&service.to_string()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres() {
    ended_under_load(Service::Postgres, &[End::Kill(0), End::Stop], rounds(2, 20)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mysql() {
    ended_under_load(Service::Mysql, &[End::Kill(0), End::Stop], rounds(2, 20)).await;
}

/// One after the other, so that the primary is among them whichever it is, and the set goes on without.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mongodb() {
    let ends = [End::KillOne(0), End::KillOne(1), End::KillOne(2)];
    ended_under_load(Service::Mongodb, &ends, rounds(3, 30)).await;
}
