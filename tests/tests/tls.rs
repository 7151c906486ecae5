//! TLS by the address alone, with servers and certificates of the test's own: what is accepted, and what is refused with what to do.

use std::fmt::Display;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use larder::prelude::*;
use larder_services::{Service, Services};
use larder_tests::{Client, server};
use serde_json::json;
use tempfile::TempDir;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/notes", id(client), rules(read = "true", write = "true"))]
struct Note {
    #[model(id)]
    id: String,
}

fn openssl(folder: &Path, args: &[&str]) {
    let mut openssl = Command::new("openssl");
    let run = openssl.args(args).current_dir(folder).output();
    let run = run.expect("the program `openssl`");
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "openssl {args:?}: {said}");
}

/// An authority that nobody else knows.
fn authority(folder: &Path, name: &str) -> PathBuf {
    let (key, out) = (format!("{name}.key"), format!("{name}.pem"));
    let subject = format!("/CN=larder's tests, {name}");
    openssl(
        folder,
        &[
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
            "-subj",
            &subject,
            "-keyout",
            &key,
            "-out",
            &out,
        ],
    );
    folder.join(out)
}

/// The certificate of a server that is called `localhost` and nothing else, signed by the authority `ours`.
fn certificate(folder: &Path) {
    fs::write(folder.join("names"), "subjectAltName=DNS:localhost\n").expect("a file");
    openssl(
        folder,
        &[
            "req",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-subj",
            "/CN=localhost",
            "-keyout",
            "server.key",
            "-out",
            "server.csr",
        ],
    );
    openssl(
        folder,
        &[
            "x509",
            "-req",
            "-in",
            "server.csr",
            "-CA",
            "ours.pem",
            "-CAkey",
            "ours.key",
            "-CAcreateserial",
            "-days",
            "2",
            "-extfile",
            "names",
            "-out",
            "server.pem",
        ],
    );
}

/// A server with a certificate. It is ended when this is dropped.
struct Secured {
    services: Services,
    service: Service,
    ours: PathBuf,
    theirs: PathBuf,
    _folder: TempDir,
}

impl Secured {
    /// None where tests are to do without servers.
    async fn start(service: Service) -> Option<Self> {
        server(service.variable())?;
        let folder = TempDir::new().expect("a temporary folder");
        // Servers run as another user where we are root.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("our folder");
        let (ours, theirs) = (
            authority(folder.path(), "ours"),
            authority(folder.path(), "theirs"),
        );
        certificate(folder.path());
        let services = Services::new(&folder.path().join("services"), folder.path());
        let services = services.expect("a folder of services").certificate(
            &folder.path().join("server.pem"),
            &folder.path().join("server.key"),
        );
        let secured = Self {
            services,
            service,
            ours,
            theirs,
            _folder: folder,
        };
        tokio::task::block_in_place(|| secured.services.up(service))
            .unwrap_or_else(|error| panic!("{service}: {error}"));
        Some(secured)
    }

    /// The address of the server under a name of its host.
    fn url(&self, host: &str, parameters: &str) -> String {
        let url = self.services.url(self.service).expect("a started server");
        format!("{}?{parameters}", url.replace("127.0.0.1", host))
    }

    /// A record goes there and back.
    async fn works(&self, url: &str) {
        let store = store::open(url)
            .await
            .unwrap_or_else(|error| panic!("{url}: {error}"));
        let app = App::builder().models(models![Note]).store("main", store);
        let client = Client::new(&app.build().await.expect("an app"));
        let written = client.put("/notes/a", json!({})).go().await.status;
        assert!(matches!(written, 200 | 201), "{written}");
        client.get("/notes/a").go().await.is(200);
    }

    /// The address is refused in time, with the place and with these words.
    async fn refuses(&self, url: &str, words: &[&str]) {
        let opening = tokio::time::timeout(Duration::from_secs(5), store::open(url));
        let refused = opening.await.expect("an answer within 5 seconds");
        let said = match refused {
            Ok(_) => panic!("{url} was accepted"),
            Err(error) => format!("{error} {error:?}"),
        };
        let place = url.split_once("@").map_or(url, |(_, place)| place);
        let place = place.split_once('?').map_or(place, |(place, _)| place);
        for word in words.iter().chain(&[place]) {
            assert!(said.contains(word), "{word}: {said}");
        }
        assert!(!said.contains("test:test"), "{said}");
    }
}

impl Drop for Secured {
    fn drop(&mut self) {
        for member in self.services.members(self.service) {
            // One that is gone already can't be killed.
            let _ = self.services.kill(&member);
        }
    }
}

/// What the options of an address are called.
struct Options {
    mode: &'static str,
    /// The file with the authority.
    file: &'static str,
    /// The mode that checks who has signed the certificate and whose name is in it, and the one that only checks the former.
    full: &'static str,
    authority: &'static str,
    /// The modes that check nothing.
    unchecked: &'static [&'static str],
}

/// What is the same on every server.
async fn by_the_address(server: &Secured, of: &Options) {
    let (ours, theirs) = (server.ours.display(), server.theirs.display());
    let with = |mode: &str, file: &dyn Display| format!("{}={mode}&{}={file}", of.mode, of.file);
    let full = with(of.full, &ours);
    server.works(&server.url("localhost", &full)).await;
    // The authority alone is checked, and the name is not.
    let authority = with(of.authority, &ours);
    server.works(&server.url("127.0.0.1", &authority)).await;
    for mode in of.unchecked {
        let unchecked = format!("{}={mode}", of.mode);
        server.works(&server.url("127.0.0.1", &unchecked)).await;
    }
    let name = [
        "is for another name",
        "have the certificate made for `127.0.0.1` too",
    ];
    let other = server.url("127.0.0.1", &full);
    server.refuses(&other, &name).await;
    let file = format!("`{}", of.file);
    for mode in [of.full, of.authority] {
        let wrong = server.url("localhost", &with(mode, &theirs));
        let words = ["nobody who is trusted", &*format!("{file}=FILE`")];
        server.refuses(&wrong, &words).await;
    }
    let gone = ours.to_string() + ".gone";
    let missing = server.url("localhost", &with(of.full, &gone));
    let words = ["not there", &*format!("{file}`")];
    server.refuses(&missing, &words).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres() {
    let Some(server) = Secured::start(Service::Postgres).await else {
        return;
    };
    let options = Options {
        mode: "sslmode",
        file: "sslrootcert",
        full: "verify-full",
        authority: "verify-ca",
        unchecked: &["require"],
    };
    by_the_address(&server, &options).await;
    // The authorities that everybody trusts have not signed it.
    for mode in [options.full, options.authority] {
        let none = server.url("localhost", &format!("sslmode={mode}"));
        let words = ["nobody who is trusted", "`sslrootcert=FILE`"];
        server.refuses(&none, &words).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mysql() {
    let Some(server) = Secured::start(Service::Mysql).await else {
        return;
    };
    let options = Options {
        mode: "ssl-mode",
        file: "ssl-ca",
        full: "VERIFY_IDENTITY",
        authority: "VERIFY_CA",
        unchecked: &["REQUIRED", "PREFERRED"],
    };
    by_the_address(&server, &options).await;
    let plain = server.url("localhost", "ssl-mode=DISABLED");
    // MariaDB says no more than that access is denied.
    let words = ["TLS", "ssl-mode=VERIFY_IDENTITY"];
    server.refuses(&plain, &words).await;
}

/// The servers of the other tests have no certificate.
#[tokio::test]
async fn servers_without_tls() {
    for (service, mode) in [
        (Service::Postgres, "sslmode=require"),
        (Service::Mysql, "ssl-mode=REQUIRED"),
    ] {
        let Some(url) = server(service.variable()) else {
            continue;
        };
        let sign = if url.contains('?') { '&' } else { '?' };
        let refused = store::open(&format!("{url}{sign}{mode}")).await;
        let said = refused.expect_err("no TLS there").to_string();
        assert!(said.contains("does not speak TLS"), "{said}");
    }
}
