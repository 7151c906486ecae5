//! The database servers that tests may use.

/// The URL of a server, from an environment variable such as `TEST_POSTGRES_URL`. Where it is not set the test has nothing to do, and
/// says so on a line; `cargo xtask test` sets all of them.
///
/// # Panics
/// If it is not set and `LARDER_SERVERS` is `required`: then nothing may be left out.
pub fn server(variable: &str) -> Option<String> {
    // Before anything is said.
    crate::logs::listen_to_all();
    let url = std::env::var(variable).ok().filter(|url| !url.is_empty());
    if url.is_none() {
        left_out(&format!("{variable} is not set"));
    }
    url
}

/// Says that a test has nothing to do.
///
/// # Panics
/// If `LARDER_SERVERS` is `required`.
pub fn left_out(why: &str) {
    let required = std::env::var("LARDER_SERVERS").is_ok_and(|value| value == "required");
    assert!(!required, "LARDER_SERVERS=required, and {why}");
    note(&format!("left out: {why}"));
}

/// Says something about a test that passes.
#[expect(
    clippy::print_stderr,
    reason = "this is for the person at the terminal"
)]
pub fn note(text: &str) {
    eprintln!("{text}");
}
