//! The database servers of the tests.

use std::io::Write as _;
use std::process::ExitCode;
use std::thread;

use clap::{Args, ValueEnum};
use larder_services::{Service, Services};

use crate::{Result, paths};

#[derive(Debug, Args)]
pub(crate) struct Options {
    #[arg(value_enum)]
    what: What,
    /// postgres, mysql, mongodb; all of them unless some are named.
    services: Vec<Service>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum What {
    /// Installs what is missing, starts what does not run, and comes back when all answer.
    Up,
    /// Stops what was started here, and nothing else.
    Down,
    /// Lists the processes, each with its port and its id.
    Status,
    /// Prints the variables that the tests read, for `eval "$(cargo xtask services env)"`.
    Env,
}

/// Does what was asked with the servers of this target directory.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let services = here()?;
    let asked = match &options.services[..] {
        [] => &Service::ALL,
        some => some,
    };
    match options.what {
        What::Up => {
            up(&services, asked)?;
            print!("{}", status(&services, asked));
        }
        What::Down => {
            down(&services, asked)?;
            print!("{}", status(&services, asked));
        }
        What::Status => print!("{}", status(&services, asked)),
        What::Env => print!("{}", env(&services, asked)?),
    }
    std::io::stdout().flush()?;
    Ok(ExitCode::SUCCESS)
}

/// The servers whose files lie in the target directory.
pub(crate) fn here() -> Result<Services> {
    let folder = paths::target()?.join("services");
    Services::new(&folder, &folder.join("cache"))
}

/// Installs one after the other, since package managers wait for nobody, and starts all at once.
pub(crate) fn up(services: &Services, asked: &[Service]) -> Result<()> {
    let missing = asked.iter().filter(|service| !services.is_up(**service));
    let failures = missing.filter_map(|service| {
        let failed = services.install(*service).err()?;
        Some(format!("{service}: {failed}"))
    });
    all_well(&failures.collect::<Vec<_>>())?;
    together(asked, |service| services.up(service))
}

pub(crate) fn down(services: &Services, asked: &[Service]) -> Result<()> {
    together(asked, |service| services.down(service))
}

/// Does the same for several services at once. All are told of that fail.
fn together(asked: &[Service], act: impl Fn(Service) -> Result<()> + Sync) -> Result<()> {
    let act = &act;
    let failures: Vec<String> = thread::scope(|scope| {
        let threads: Vec<_> = asked
            .iter()
            .map(|service| (service, scope.spawn(move || act(*service))))
            .collect();
        let ended = threads
            .into_iter()
            .map(|(service, thread)| match thread.join() {
                Ok(Ok(())) => None,
                Ok(Err(error)) => Some(format!("{service}: {error}")),
                Err(_) => Some(format!("{service}: a bug in this task, see above")),
            });
        ended.flatten().collect()
    });
    all_well(&failures)
}

fn all_well(failures: &[String]) -> Result<()> {
    match failures {
        [] => Ok(()),
        some => Err(some.join("\n").into()),
    }
}

fn status(services: &Services, asked: &[Service]) -> String {
    let members = asked.iter().flat_map(|service| services.members(*service));
    let line = |member: larder_services::Member| {
        let port = member
            .port()
            .map_or_else(|| "-".to_owned(), |port| port.to_string());
        match member.process() {
            Some(process) => format!(
                "{:<10} up    127.0.0.1:{port}  pid {}\n",
                member.name(),
                process.id()
            ),
            None => format!("{:<10} down\n", member.name()),
        }
    };
    members.map(line).collect()
}

fn env(services: &Services, asked: &[Service]) -> Result<String> {
    let line = |service: &Service| -> Result<String> {
        let url = services
            .url(*service)
            .filter(|_| services.is_up(*service))
            .ok_or_else(|| {
                format!("{service} does not run: `cargo xtask services up {service}`")
            })?;
        // Quoted: a shell would look at the `?` of MongoDB's.
        Ok(format!("export {}='{url}'\n", service.variable()))
    };
    asked.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_fail_are_told() {
        let fail = |service: Service| match service {
            Service::Mysql => Ok(()),
            other => Err(format!("no {other}").into()),
        };
        let error = together(&Service::ALL, fail).unwrap_err().to_string();
        assert_eq!(error, "postgres: no postgres\nmongodb: no mongodb");
        together(&[Service::Mysql], fail).unwrap();
    }

    #[test]
    fn what_is_down_has_no_variable() {
        let folder = tempfile::TempDir::new().unwrap();
        let services = Services::new(folder.path(), folder.path()).unwrap();
        let error = env(&services, &[Service::Mysql]).unwrap_err().to_string();
        assert!(error.contains("`cargo xtask services up mysql`"), "{error}");
        assert_eq!(status(&services, &[Service::Postgres]), "postgres   down\n");
        if services.folder() != folder.path() {
            std::fs::remove_dir_all(services.folder()).unwrap();
        }
    }
}
