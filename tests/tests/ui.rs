//! What the macros accept and what they say about mistakes, as the user sees it.
//!
//! Each file in `ui/fail/<topic>` has the compiler's output beside it. After a change that is meant, run this test with
//! `TRYBUILD=overwrite` and read the difference.

use std::path::{Path, PathBuf};

#[test]
fn pass() {
    trybuild::TestCases::new().pass("tests/ui/pass/*.rs");
}

/// Where the compiler lists types that serde's traits are made for. MongoDB's are among them when it is built in, as `cargo xtask test` does;
/// without, these are left out.
const WITH_MONGODB: [&str; 3] = [
    "actions/types.rs",
    "newcomer/missing_derive.rs",
    "serde/missing_derives.rs",
];

#[test]
fn fail() {
    let cases = trybuild::TestCases::new();
    for topic in files(Path::new("tests/ui/fail")) {
        for case in files(&topic) {
            let named = |name: &&str| case.ends_with(name);
            let is_case = case.extension().is_some_and(|end| end == "rs");
            if is_case && (cfg!(feature = "mongodb") || !WITH_MONGODB.iter().any(named)) {
                cases.compile_fail(&case);
            }
        }
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}
