//! All servers of one folder.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use rustix::process::Signal;

use crate::certificate::Certificate;
use crate::folder::lock;
use crate::member::Member;
use crate::{Result, folder, mariadb, mongodb, postgres};

/// A database that the tests run against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// PostgreSQL 15.
    Postgres,
    /// MariaDB, by MySQL's protocol.
    Mysql,
    /// MongoDB, a replica set of three.
    Mongodb,
}

impl Service {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Postgres, Self::Mysql, Self::Mongodb];

    /// The environment variable that tests read its URL from.
    pub fn variable(self) -> &'static str {
        match self {
            Self::Postgres => "TEST_POSTGRES_URL",
            Self::Mysql => "TEST_MYSQL_URL",
            Self::Mongodb => "TEST_MONGODB_URL",
        }
    }

    fn members(self) -> &'static [&'static str] {
        match self {
            Self::Postgres => &["postgres"],
            Self::Mysql => &["mariadb"],
            Self::Mongodb => &["mongodb-1", "mongodb-2", "mongodb-3"],
        }
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Postgres => "postgres",
            Self::Mysql => "mysql",
            Self::Mongodb => "mongodb",
        })
    }
}

impl FromStr for Service {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let mut all = Self::ALL.into_iter();
        all.find(|service| service.to_string() == text)
            .ok_or_else(|| {
                format!("there is no service `{text}`; write postgres, mysql or mongodb")
            })
    }
}

/// The servers whose files lie in one folder. What one program started, another one that names the same folder finds and stops.
#[derive(Clone, Debug)]
pub struct Services {
    folder: PathBuf,
    cache: PathBuf,
    durable: bool,
    certificate: Option<Certificate>,
}

impl Services {
    /// The servers of a folder, which is made. Programs that are no packages of the system are kept in `cache`, which several
    /// folders can share.
    ///
    /// As root, with a folder that other users can't get to, the files lie under the system's temporary folder: PostgreSQL and
    /// MariaDB don't run as root.
    ///
    /// # Errors
    /// The folder can't be made.
    pub fn new(folder: &Path, cache: &Path) -> Result<Self> {
        Ok(Self {
            folder: folder::reachable(folder)?,
            cache: cache.to_owned(),
            durable: false,
            certificate: None,
        })
    }

    /// Lets PostgreSQL and MariaDB wait for the disk, as they do unless told not to: for tests that kill them.
    pub fn durable(mut self) -> Self {
        self.durable = true;
        self
    }

    /// Lets PostgreSQL speak TLS, and MariaDB nothing else, with this certificate and its key, both in PEM.
    pub fn certificate(mut self, chain: &Path, key: &Path) -> Self {
        self.certificate = Some(Certificate::new(chain, key));
        self
    }

    /// Where the files lie.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Installs what a service needs, unless it is there.
    ///
    /// # Errors
    /// A package is missing and can't be installed; says which.
    pub fn install(&self, service: Service) -> Result<()> {
        fs::create_dir_all(&self.cache)?;
        let _alone = lock(&self.cache.join("lock"))?;
        match service {
            Service::Postgres => postgres::install(),
            Service::Mysql => mariadb::install(),
            Service::Mongodb => mongodb::install(&self.cache),
        }
    }

    /// The processes of a service, running or not.
    pub fn members(&self, service: Service) -> Vec<Member> {
        let names = service.members().iter();
        names.map(|name| Member::new(name, &self.folder)).collect()
    }

    /// Whether all processes of a service run.
    pub fn is_up(&self, service: Service) -> bool {
        let members = self.members(service);
        members.iter().all(|member| member.process().is_some())
    }

    /// Starts what does not run of a service, and comes back when it answers queries. What runs already is asked too: whoever started it
    /// may have been interrupted before it was ready. What it needs must be [installed](Self::install).
    ///
    /// # Errors
    /// A program is missing, or the server does not start; says why as the server does.
    pub fn up(&self, service: Service) -> Result<()> {
        let _alone = lock(&self.folder.join(format!("{service}.lock")))?;
        let members = self.members(service);
        match (service, &members[..]) {
            (Service::Postgres, [one]) => {
                postgres::start(one, self.durable, self.certificate.as_ref())
            }
            (Service::Mysql, [one]) => mariadb::start(one, self.durable, self.certificate.as_ref()),
            (_, all) => mongodb::start(all, &self.cache),
        }
    }

    /// Stops what was started of a service. Nothing else is ever signalled.
    ///
    /// # Errors
    /// A process does not end.
    pub fn down(&self, service: Service) -> Result<()> {
        let _alone = lock(&self.folder.join(format!("{service}.lock")))?;
        let members = self.members(service);
        let signal = match service {
            // Otherwise PostgreSQL waits until all clients have left.
            Service::Postgres => Signal::INT,
            Service::Mysql | Service::Mongodb => Signal::TERM,
        };
        for member in &members {
            member.ask_to_end(signal)?;
        }
        members.iter().try_for_each(Member::await_end)
    }

    /// `kill -9` of one process; comes back when it is gone. [`up`](Self::up) starts it again, on the same port.
    ///
    /// # Errors
    /// It does not run.
    pub fn kill(&self, member: &Member) -> Result<()> {
        if member.kill()? {
            Ok(())
        } else {
            Err(format!("{} does not run", member.name()).into())
        }
    }

    /// The URL of a service. None before it was started once.
    pub fn url(&self, service: Service) -> Option<String> {
        let members = self.members(service);
        match (service, &members[..]) {
            (Service::Postgres, [one]) => postgres::url(one),
            (Service::Mysql, [one]) => mariadb::url(one),
            (_, all) => mongodb::url(all),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_their_processes() {
        for service in Service::ALL {
            assert_eq!(service.to_string().parse(), Ok(service));
        }
        let error = "oracle".parse::<Service>().unwrap_err();
        assert!(error.contains("write postgres, mysql or mongodb"));
    }

    #[test]
    fn nothing_is_up_in_a_new_folder() {
        let folder = tempfile::TempDir::new().unwrap();
        let services = Services::new(folder.path(), folder.path()).unwrap();
        for service in Service::ALL {
            assert!(!services.is_up(service) && services.url(service).is_none());
            services.down(service).unwrap();
            let first = &services.members(service)[0];
            assert!(services.kill(first).is_err());
        }
        // As root its files may lie elsewhere, for temporary folders are closed.
        if services.folder() != folder.path() {
            fs::remove_dir_all(services.folder()).unwrap();
        }
    }

    #[test]
    fn urls_name_the_ports() {
        let folder = tempfile::TempDir::new().unwrap();
        let services = Services {
            folder: folder.path().to_owned(),
            cache: folder.path().to_owned(),
            durable: false,
            certificate: None,
        };
        for service in Service::ALL {
            for (at, member) in services.members(service).iter().enumerate() {
                member.move_to(20_001 + at as u16).unwrap();
            }
        }
        let url = |service| services.url(service).unwrap();
        assert_eq!(
            url(Service::Postgres),
            "postgres://postgres@127.0.0.1:20001/test"
        );
        assert_eq!(
            url(Service::Mysql),
            "mysql://test:test@127.0.0.1:20001/test"
        );
        assert_eq!(
            url(Service::Mongodb),
            "mongodb://127.0.0.1:20001,127.0.0.1:20002,127.0.0.1:20003/test?replicaSet=larder"
        );
    }
}
