//! The differential oracle for sizes: the real `du`.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use depslim_engine::measure::{Claim, Measured, measure};
use depslim_model::Owns;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

fn du(tree: &Path, options: &[&str]) -> u64 {
    let run = Command::new("du").arg("-s").args(options).arg("--block-size=1").arg(tree).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    String::from_utf8(run.stdout).unwrap().split('\t').next().unwrap().parse().unwrap()
}

/// Newer releases of `du` leave the folders' own entries out of apparent sizes; an empty folder tells.
fn du_counts_folders() -> bool {
    let empty = TempDir::new().unwrap();
    du(empty.path(), &["--apparent-size"]) == fs_err::metadata(empty.path()).unwrap().len()
}

fn check(tree: &Path, claims: &[Claim<'_>]) -> Measured {
    let measured = measure(tree, claims, |_| None, 0).unwrap();
    let apparent = if du_counts_folders() { measured.total } else { measured.total - measured.folders.bytes };
    assert_eq!(du(tree, &["--apparent-size"]), apparent);
    assert_eq!(du(tree, &[]), measured.on_disk);
    let parts: u64 = measured.owners.iter().map(|owner| owner.bytes).sum();
    assert_eq!(parts + measured.unowned.bytes + measured.folders.bytes, measured.total);
    measured
}

#[test]
fn a_tree_with_everything_in_it() {
    let dir = TempDir::new().unwrap();
    let at = |path: &str| dir.path().join(path);
    for n in 0..40 {
        fs_err::create_dir_all(at(&format!("env/pkg{n}/sub/data"))).unwrap();
        for (file, bytes) in [("a", n * 1000), ("sub/b", 1), ("sub/data/c", 0), ("sub/data/d", 4096)] {
            fs_err::write(at(&format!("env/pkg{n}/{file}")), vec![7; bytes]).unwrap();
        }
    }
    // Holes: many bytes, few blocks.
    fs_err::File::create(at("env/sparse")).unwrap().set_len(50_000_000).unwrap();
    fs_err::hard_link(at("env/pkg39/a"), at("env/pkg3/again")).unwrap();
    fs_err::hard_link(at("env/pkg38/a"), at("outside")).unwrap();
    symlink("..", at("env/loop")).unwrap();
    symlink("/nowhere/at/all", at("env/pkg1/dead")).unwrap();
    assert!(Command::new("mkfifo").arg(at("env/pipe")).status().unwrap().success());
    let long = "n".repeat(255);
    fs_err::create_dir_all(at(&format!("env/{long}/{long}"))).unwrap();
    fs_err::write(at(&format!("env/{long}/{long}/{long}")), "deep").unwrap();

    let whole = Owns::Trees(vec!["pkg3".into()]);
    let single = Owns::Files(vec!["pkg39/a".into(), "sparse".into()]);
    let claims = [Claim { owner: 0, base: "", owns: &whole }, Claim { owner: 1, base: "", owns: &single }];
    let measured = check(&at("env"), &claims);
    assert_eq!(measured.owners[0].bytes, 3000 + 1 + 4096 + 39_000);
    assert_eq!(measured.owners[1].bytes, 50_000_000);
    assert_eq!(measured.shared_outside, 38_000);
}

#[test]
fn the_folder_of_this_crate() {
    check(Path::new(env!("CARGO_MANIFEST_DIR")), &[]);
}
