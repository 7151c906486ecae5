//! Writes the generated structs: 30, or 300 where `LARDER_LONG` is set (`cargo xtask test --long`).

#[path = "src/shape.rs"]
#[allow(dead_code, unreachable_pub, missing_docs)]
mod shape;

#[path = "src/print.rs"]
mod print;

fn main() {
    println!("cargo::rerun-if-env-changed=LARDER_LONG");
    println!("cargo::rerun-if-changed=src");
    println!("cargo::rerun-if-changed=build.rs");
    let count = if std::env::var_os("LARDER_LONG").is_some() {
        300
    } else {
        30
    };
    let folder = std::env::var_os("OUT_DIR").expect("cargo says where");
    let file = std::path::Path::new(&folder).join("shapes.rs");
    std::fs::write(file, print::file(count)).expect("the structs can be written");
}
