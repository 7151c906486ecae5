//! What the macros accept and what they say about mistakes, as the user sees it.
//!
//! Each file in `ui/fail/<topic>` has the compiler's output beside it. After a change that is meant, run this test with
//! `TRYBUILD=overwrite` and read the difference.

#[test]
fn pass() {
    trybuild::TestCases::new().pass("tests/ui/pass/*.rs");
}

#[test]
fn fail() {
    trybuild::TestCases::new().compile_fail("tests/ui/fail/*/*.rs");
}
