//! A MongoDB server of the test's own that speaks TLS only and wants a password, with certificates made for it.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use larder_services::{Service, Services};
use larder_tests::server;
use mongodb::Client;
use mongodb::bson::doc;
use mongodb::options::ClientOptions;
use tempfile::TempDir;

/// The password of `ann`, with signs that have to be encoded in an address.
pub(super) const PASSWORD: &str = "p@ss/w:rd%";
pub(super) const ENCODED: &str = "p%40ss%2Fw%3Ard%25";

pub(super) struct Secured {
    process: Child,
    port: u16,
    folder: TempDir,
}

impl Secured {
    /// Starts a server. None where tests are to do without servers.
    pub(super) async fn start() -> Option<Self> {
        server("TEST_MONGODB_URL")?;
        let folder = TempDir::new().unwrap();
        certificates(folder.path());
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let file = |name: &str| folder.path().join(name);
        let key = file("key");
        fs::write(&key, "aKeyThatTheMembersOfTheSetShare").unwrap();
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
        fs::create_dir(file("data")).unwrap();
        let mut command = Command::new(program(folder.path()));
        command.args(["--bind_ip", "127.0.0.1", "--nounixsocket", "--quiet"]);
        command.args(["--replSet", "larder", "--port", &port.to_string()]);
        command.args(["--oplogSize", "64", "--wiredTigerCacheSizeGB", "0.25"]);
        command.args([
            "--tlsMode",
            "requireTLS",
            "--tlsAllowConnectionsWithoutCertificates",
        ]);
        for (option, path) in [
            ("--dbpath", file("data")),
            ("--keyFile", key),
            ("--tlsCertificateKeyFile", file("server.pem")),
            ("--tlsCAFile", file("ca.crt")),
        ] {
            command.arg(option).arg(path);
        }
        let log = fs::File::create(file("log")).unwrap();
        command
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(Stdio::null());
        let secured = Self {
            process: command.spawn().unwrap(),
            port,
            folder,
        };
        secured.initiate().await;
        Some(secured)
    }

    /// Makes a set of it with a user, as only somebody on the same machine may, and only once.
    async fn initiate(&self) {
        let host = format!("127.0.0.1:{}", self.port);
        let direct = self.client("directConnection=true").await;
        let members = vec![doc! { "_id": 0, "host": host }];
        let set = doc! { "replSetInitiate": { "_id": "larder", "members": members } };
        direct.database("admin").run_command(set).await.unwrap();
        let set = self.client("replicaSet=larder").await;
        let user = doc! { "createUser": "ann", "pwd": PASSWORD, "roles": ["root"] };
        set.database("admin").run_command(user).await.unwrap();
    }

    /// A client without a password, which waits for the server to come up.
    async fn client(&self, options: &str) -> Client {
        let url = self.url("", &format!("{options}&{}", self.trust("ca.crt")));
        let mut options = ClientOptions::parse(url).await.unwrap();
        options.server_selection_timeout = Some(Duration::from_secs(60));
        Client::with_options(options).unwrap()
    }

    /// Its address with a user, `ann:secret@` or nothing, and with options.
    pub(super) fn url(&self, user: &str, options: &str) -> String {
        format!("mongodb://{user}127.0.0.1:{}/shop?{options}", self.port)
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// The options that encrypt, and trust who signed.
    pub(super) fn trust(&self, authority: &str) -> String {
        let file = self.folder.path().join(authority);
        format!("tls=true&tlsCAFile={}", file.display())
    }
}

impl Drop for Secured {
    fn drop(&mut self) {
        // One that has ended by itself can't be killed.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The server's program, where `cargo xtask services` keeps it.
fn program(folder: &Path) -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let cache = target.join("services/cache");
    let services = Services::new(&folder.join("services"), &cache).unwrap();
    services.install(Service::Mongodb).unwrap();
    cache.join("mongod")
}

/// An authority that has signed the server's certificate, for its number and no name, and another one that has not.
fn certificates(folder: &Path) {
    let openssl = |words: &str| {
        let mut command = Command::new("openssl");
        command.args(words.split(' ')).current_dir(folder);
        let done = command.output().expect("openssl");
        assert!(
            done.status.success(),
            "{}",
            String::from_utf8_lossy(&done.stderr)
        );
    };
    for name in ["ca", "other"] {
        openssl(&format!(
            "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN={name} -keyout {name}.key -out {name}.crt"
        ));
    }
    openssl("req -newkey rsa:2048 -nodes -subj /CN=server -keyout server.key -out server.csr");
    fs::write(folder.join("names"), "subjectAltName=IP:127.0.0.1\n").unwrap();
    openssl(
        "x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile names -out server.crt",
    );
    let both =
        ["server.key", "server.crt"].map(|name| fs::read_to_string(folder.join(name)).unwrap());
    fs::write(folder.join("server.pem"), both.concat()).unwrap();
}
