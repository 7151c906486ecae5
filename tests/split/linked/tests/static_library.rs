//! A C program with larder in a static library. Skipped, and says so, where there is no C compiler.

use std::path::{Path, PathBuf};
use std::process::Command;

const MAIN: &str = r#"
#include <stdio.h>
const char *split_linked_built(int how);
int main(void) {
    for (int how = 0; how < 4; how++) puts(split_linked_built(how));
    return 0;
}
"#;

/// The archive that was built last; it lies with this test's program.
fn archive() -> PathBuf {
    let program = std::env::current_exe().unwrap();
    let mut found: Vec<PathBuf> = Vec::new();
    for folder in program.ancestors().skip(1).take(2) {
        let files = std::fs::read_dir(folder).unwrap();
        found.extend(files.map(|file| file.unwrap().path()).filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with("libsplit_linked") && name.ends_with(".a")
        }));
    }
    let changed = |path: &PathBuf| std::fs::metadata(path).unwrap().modified().unwrap();
    found.into_iter().max_by_key(changed).unwrap()
}

fn linked(folder: &Path) -> PathBuf {
    let (source, program) = (folder.join("main.c"), folder.join("main"));
    std::fs::write(&source, MAIN).unwrap();
    let built = Command::new("cc")
        .arg(&source)
        .arg(archive())
        .args([
            "-lgcc_s",
            "-lutil",
            "-lrt",
            "-lpthread",
            "-lm",
            "-ldl",
            "-lc",
        ])
        .arg("-o")
        .arg(&program)
        .output()
        .unwrap();
    assert!(
        built.status.success(),
        "{}",
        String::from_utf8_lossy(&built.stderr)
    );
    program
}

#[test]
#[cfg(target_os = "linux")]
fn models_by_name_and_by_crate() {
    if Command::new("cc").arg("--version").output().is_err() {
        #[expect(
            clippy::print_stderr,
            reason = "a test that does nothing should say so"
        )]
        {
            eprintln!("skipped: there is no `cc`");
        }
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let run = Command::new(linked(folder.path())).output().unwrap();
    let text = String::from_utf8(run.stdout).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 4, "{text}");
    assert_eq!(lines[0], "Author Book");
    assert_eq!(
        lines[1],
        "`author` of Book links to Author, which the app does not have: add `Author` to `models![..]`"
    );
    assert_eq!(lines[2], "Account Group");
    // Whether the linker keeps registrations is its own affair; nothing is missing silently.
    let kept = lines[3] == "Account Line Order";
    let told = lines[3].contains("in a static library the linker may leave registrations out");
    assert!(kept || told, "{text}");
}

/// The same in a program of Rust, where all is linked.
#[test]
fn in_rust() {
    assert_eq!(split_linked::built(0), "Author Book");
    assert_eq!(split_linked::built(3), "Account Line Order");
}
