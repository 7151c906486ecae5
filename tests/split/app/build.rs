//! Writes the schemas of both model crates. An app would write them beside its sources: `write("schemas", ..)`.

fn main() -> larder::Result<()> {
    let folder = std::env::var_os("OUT_DIR").unwrap_or_default();
    let models = larder::models!(split_accounts::*, split_shop::*);
    larder::schemas::write(std::path::Path::new(&folder).join("schemas"), models)
}
