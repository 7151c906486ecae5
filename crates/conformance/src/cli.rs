//! The part of libtest's command line that is understood.

/// Which scenarios to run.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Cli {
    filters: Vec<String>,
    skip: Vec<String>,
    exact: bool,
    /// Only those that are ignored, which can't run: so none.
    only_ignored: bool,
    /// Print the names alone.
    pub(crate) list: bool,
}

/// Options of libtest that are followed by a value.
const WITH_VALUE: [&str; 7] = [
    "--test-threads",
    "--format",
    "--color",
    "--logfile",
    "--shuffle-seed",
    "--report-time",
    "-Z",
];

impl Cli {
    pub(crate) fn parse(args: impl Iterator<Item = String>) -> Self {
        let mut cli = Self::default();
        let mut args = args;
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--list" => cli.list = true,
                "--exact" => cli.exact = true,
                "--ignored" => cli.only_ignored = true,
                "--skip" => cli.skip.extend(args.next()),
                option if WITH_VALUE.contains(&option) => drop(args.next()),
                option if option.starts_with('-') => {}
                _ => cli.filters.push(arg),
            }
        }
        cli
    }

    /// Whether a scenario of this name was asked for.
    pub(crate) fn wants(&self, name: &str) -> bool {
        let fits = |text: &String| {
            if self.exact {
                name == text
            } else {
                name.contains(text.as_str())
            }
        };
        let asked = self.filters.is_empty() || self.filters.iter().any(fits);
        asked && !self.skip.iter().any(fits)
    }

    /// Whether only ignored scenarios were asked for.
    pub(crate) fn only_ignored(&self) -> bool {
        self.only_ignored
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(args: &[&str]) -> Cli {
        Cli::parse(args.iter().map(|arg| (*arg).to_owned()))
    }

    #[test]
    fn names_and_options() {
        let cli = parse(&[
            "reads",
            "--test-threads",
            "1",
            "--nocapture",
            "--skip",
            "limit",
        ]);
        assert!(cli.wants("reads::by_key"));
        assert!(!cli.wants("reads::limit_zero"));
        assert!(!cli.wants("writes::insert"));
        let cli = parse(&["reads::by_key", "--exact", "--list"]);
        assert!(cli.list && cli.wants("reads::by_key") && !cli.wants("reads::by_key_and_filter"));
        assert!(parse(&[]).wants("anything"));
    }
}
