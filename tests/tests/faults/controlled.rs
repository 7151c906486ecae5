//! A server of the test's own, which it may end.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use larder_services::{Service, Services};
use larder_tests::{left_out, server};
use tempfile::TempDir;

/// How a server ends.
#[derive(Clone, Copy, Debug)]
pub(crate) enum End {
    /// `kill -9` of its only process.
    Kill(usize),
    /// `kill -9` of one process of several; the others go on.
    KillOne(usize),
    /// Asked to end, with clients connected.
    Stop,
}

impl End {
    /// Whether nobody answers afterwards.
    pub(crate) fn refuses(self) -> bool {
        !matches!(self, Self::KillOne(_))
    }
}

/// A server on a free port. It waits for the disk, as servers do, and is killed when this is dropped.
pub(crate) struct Controlled {
    services: Services,
    service: Service,
    /// Its files.
    _folder: TempDir,
}

impl Controlled {
    /// Starts a server. None where tests are to do without servers, or larder has no store for it yet.
    pub(crate) async fn start(service: Service) -> Option<Self> {
        server(service.variable())?;
        if !has_store(service).await {
            left_out(&format!("larder is built without the feature `{service}`"));
            return None;
        }
        let folder = TempDir::new().expect("a temporary folder");
        // Servers run as another user where we are root.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("our folder");
        // Where `cargo xtask services` keeps what it has fetched.
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent();
        let cache = target.expect("a target directory").join("services/cache");
        let services = Services::new(folder.path(), &cache).expect("a folder of services");
        let controlled = Self {
            services: services.durable(),
            service,
            _folder: folder,
        };
        controlled.begin().await;
        Some(controlled)
    }

    pub(crate) fn url(&self) -> String {
        self.services.url(self.service).expect("a started server")
    }

    /// Ends it; comes back when it is gone.
    pub(crate) fn end(&self, end: End) {
        let ended = match end {
            End::Kill(which) | End::KillOne(which) => {
                let members = self.services.members(self.service);
                self.services.kill(&members[which])
            }
            End::Stop => self.services.down(self.service),
        };
        ended.unwrap_or_else(|error| panic!("{}: {error}", self.service));
    }

    /// Waits until it answers a plain client: of a set, until it acknowledges a write as larder's store wants it acknowledged. A primary
    /// that is only just elected answers sooner, but has to find those who follow it.
    pub(crate) async fn answers(&self) {
        #[cfg(feature = "mongodb")]
        if self.service == Service::Mongodb {
            use mongodb::bson::doc;
            use mongodb::options::WriteConcern;
            let client = mongodb::Client::with_uri_str(&self.url()).await;
            let database = client.expect("an address").database("probe");
            let probes = database.collection::<mongodb::bson::Document>("probe");
            let probe = doc! { "_id": mongodb::bson::oid::ObjectId::new() };
            let write = probes
                .insert_one(probe)
                .write_concern(WriteConcern::majority());
            write.await.expect("a primary within half a minute");
            return;
        }
        self.begin().await;
    }

    /// Starts it again on the same port; comes back when it answers.
    pub(crate) async fn begin(&self) {
        let (services, service) = (self.services.clone(), self.service);
        let up = tokio::task::spawn_blocking(move || {
            services.up(service).map_err(|error| error.to_string())
        });
        let up = up.await.expect("no panic");
        up.unwrap_or_else(|error| panic!("{service}: {error}"));
    }
}

impl Drop for Controlled {
    fn drop(&mut self) {
        for member in self.services.members(self.service) {
            // One that is gone already can't be killed.
            let _ = self.services.kill(&member);
        }
    }
}

/// Whether larder is built with a store for it: an address that says nothing more is refused either way, for different reasons.
async fn has_store(service: Service) -> bool {
    match larder::store::open(&format!("{service}:")).await {
        Ok(_) => true,
        Err(error) => {
            let message = error.message();
            !message.contains("no store that is built in") && !message.contains("needs the feature")
        }
    }
}
