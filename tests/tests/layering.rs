//! Which crate may see which: design section 2, held by `cargo metadata`.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

/// The packages that `cargo tree` finds below a package, itself left out.
fn closure(package: &str, features: &str) -> BTreeSet<String> {
    let tree = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--offline",
            "--locked",
            "--edges",
            "normal",
            "--prefix",
            "none",
            "--format",
            "{p}",
        ])
        .args([
            "--package",
            package,
            "--no-default-features",
            "--features",
            features,
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(
        tree.status.success(),
        "{}",
        String::from_utf8_lossy(&tree.stderr)
    );
    let text = String::from_utf8(tree.stdout).unwrap();
    let names = text
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned);
    names.filter(|name| name != package).collect()
}

fn lacks(package: &str, features: &str, forbidden: &[&str]) {
    let found = closure(package, features);
    for name in forbidden {
        assert!(
            !found.contains(*name),
            "{package} (features `{features}`) must not depend on {name}"
        );
    }
}

const RUNTIMES: [&str; 7] = [
    "tokio",
    "axum",
    "hyper",
    "hyper-util",
    "sqlx",
    "sqlx-core",
    "tower",
];

#[test]
fn core_is_light() {
    lacks("larder-core", "", &[&RUNTIMES[..], &["axum-core"]].concat());
    lacks("larder-core", "axum", &RUNTIMES);
    assert!(closure("larder-core", "axum").contains("axum-core"));
}

#[test]
fn query_is_lighter() {
    lacks(
        "larder-query",
        "",
        &[&RUNTIMES[..], &["axum-core", "http", "larder-core"]].concat(),
    );
}

#[test]
fn doors_and_stores_do_not_see_each_other() {
    lacks(
        "larder-http",
        "",
        &[
            "sqlx",
            "sqlx-core",
            "larder-sql",
            "larder-conformance",
            "larder",
        ],
    );
    lacks(
        "larder-sql",
        "sqlite",
        &[
            "axum",
            "axum-core",
            "hyper",
            "larder-http",
            "larder-conformance",
            "larder",
        ],
    );
    lacks(
        "larder-mongodb",
        "",
        &[
            "axum",
            "axum-core",
            "hyper",
            "sqlx",
            "sqlx-core",
            "larder-http",
            "larder-sql",
            "larder-conformance",
            "larder",
        ],
    );
    lacks(
        "larder-conformance",
        "",
        &[
            "mongodb",
            "larder-mongodb",
            "sqlx",
            "sqlx-core",
            "axum",
            "hyper",
            "larder-http",
            "larder-sql",
            "larder",
        ],
    );
}

#[test]
fn layers_need_no_runtime() {
    lacks(
        "larder-layers",
        "",
        &[&RUNTIMES[..], &["axum-core", "larder"]].concat(),
    );
}

#[test]
fn the_facade_alone_needs_no_runtime() {
    lacks("larder", "", &RUNTIMES);
    lacks("larder", "http", &["sqlx", "sqlx-core"]);
    lacks("larder", "sqlite", &["axum", "hyper", "mongodb"]);
    lacks("larder", "mongodb", &["axum", "hyper", "sqlx"]);
}

/// The arrows between our own crates, as they stand in the manifests.
#[test]
fn arrows_point_one_way() {
    let metadata = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--offline",
            "--locked",
            "--no-deps",
            "--format-version",
            "1",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(
        metadata.status.success(),
        "{}",
        String::from_utf8_lossy(&metadata.stderr)
    );
    let metadata: Value = serde_json::from_slice(&metadata.stdout).unwrap();
    let ours = |name: &str| name == "larder" || name.starts_with("larder-");
    let mut arrows: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for package in metadata["packages"].as_array().unwrap() {
        let needs = package["dependencies"].as_array().unwrap().iter();
        let needs = needs
            .filter(|need| need["kind"].is_null())
            .map(|need| need["name"].as_str().unwrap());
        arrows.insert(
            package["name"].as_str().unwrap(),
            needs.filter(|name| ours(name)).collect(),
        );
    }
    for (package, allowed) in [
        ("larder-query", &[][..]),
        ("larder-core", &["larder-query"]),
        ("larder-macros", &["larder-query"]),
        ("larder-sql", &["larder-core", "larder-query"]),
        ("larder-mongodb", &["larder-core", "larder-query"]),
        ("larder-http", &["larder-core", "larder-query"]),
        ("larder-layers", &["larder-core", "larder-query"]),
        ("larder-conformance", &["larder-core", "larder-query"]),
    ] {
        for need in &arrows[package] {
            assert!(
                allowed.contains(need),
                "{package} must not depend on {need}"
            );
        }
    }
    let sisters = [
        "larder-sql",
        "larder-mongodb",
        "larder-http",
        "larder-layers",
        "larder-conformance",
    ];
    for (package, needs) in &arrows {
        let sees = |sister: &&&str| needs.contains(**sister);
        // Tests, benches and tasks are users of all of them.
        let user =
            ["larder", "larder-tests", "larder-bench", "xtask"].contains(package) || !ours(package);
        assert!(
            user || !sisters.iter().any(|sister| sees(&sister)),
            "{package} must not see a sister"
        );
    }
}
