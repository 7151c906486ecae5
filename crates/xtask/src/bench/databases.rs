//! Databases of this run in the servers that the variables of the tests name.

use std::process::Command;

use super::server::scratch;
use crate::{Result, paths};

/// A server with room for databases.
#[derive(Debug)]
pub(super) struct Databases {
    variable: &'static str,
}

pub(super) const POSTGRES: Databases = Databases {
    variable: "TEST_POSTGRES_URL",
};
pub(super) const MARIADB: Databases = Databases {
    variable: "TEST_MYSQL_URL",
};

impl Databases {
    /// The address of the server.
    pub(super) fn server(&self) -> Result<String> {
        let url = std::env::var(self.variable).ok();
        url.filter(|url| !url.is_empty())
            .ok_or_else(|| format!("{} is to name a server", self.variable).into())
    }

    /// The address of a database of this run.
    pub(super) fn url(&self, name: &str) -> Result<String> {
        let server = self.server()?;
        let (before, parameters) = match server.split_once('?') {
            Some((before, parameters)) => (before, format!("?{parameters}")),
            None => (&*server, String::new()),
        };
        let host = before
            .find("://")
            .map(|at| at + 3)
            .and_then(|at| before[at..].find('/').map(|end| at + end))
            .unwrap_or(before.len());
        Ok(format!(
            "{}/{}{name}{parameters}",
            &before[..host],
            prefix()
        ))
    }

    /// Makes a database anew, as a copy of another one if one is named, which PostgreSQL alone can do.
    pub(super) fn create(&self, name: &str, template: Option<&str>) -> Result<()> {
        let mut command = self.command()?;
        command.args(["create", &format!("{}{name}", prefix())]);
        if let Some(template) = template {
            command.arg(format!("{}{template}", prefix()));
        }
        // For `clean` to know that there is something to clean.
        std::fs::write(scratch()?.join(self.variable), "")?;
        paths::succeed(&mut command)
    }

    /// Drops all databases of this run.
    fn clean(&self) -> Result<()> {
        if !scratch()?.join(self.variable).exists() {
            return Ok(());
        }
        paths::succeed(self.command()?.args(["drop", &prefix()]))
    }

    fn command(&self) -> Result<Command> {
        let mut command = Command::new(paths::target()?.join("release").join("database"));
        command.arg(self.server()?);
        Ok(command)
    }
}

/// What the names of this run's databases begin with.
fn prefix() -> String {
    format!("larder_bench_{}_", std::process::id())
}

/// Drops all databases of this run on all servers.
pub(super) fn clean() -> Result<()> {
    POSTGRES.clean()?;
    MARIADB.clean()
}
