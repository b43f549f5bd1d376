//! How fast the engines are: `DEPSLIM_CORPUS=site-packages cargo test --release -p depslim-python measure -- --ignored --nocapture`.

use super::{depth, read, skim, text, tree::Tree};
use depslim_model::{Settings, Source};
use std::path::Path;

/// CPU time of this thread in nanoseconds, as Linux accounts it.
fn cpu() -> u64 {
    let line = fs_err::read_to_string("/proc/thread-self/schedstat").expect("Linux");
    line.split(' ').next().and_then(|first| first.parse().ok()).expect("nanoseconds")
}

#[test]
#[ignore = "a measurement of the tree that DEPSLIM_CORPUS names"]
fn measure_the_engines() {
    let root = std::env::var("DEPSLIM_CORPUS").expect("DEPSLIM_CORPUS names a folder with Python files");
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    let mut folders = vec![Path::new(&root).to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs_err::read_dir(&folder).expect("a folder") {
            let entry = entry.expect("an entry");
            if entry.file_type().expect("a type").is_dir() {
                folders.push(entry.path());
            } else if entry.path().extension().is_some_and(|extension| extension == "py") {
                files.push((entry.path().display().to_string(), fs_err::read(entry.path()).expect("a file")));
            }
        }
    }
    let bytes: usize = files.iter().map(|(_, bytes)| bytes.len()).sum();
    println!("{} files, {:.1} MB", files.len(), bytes as f64 / 1e6);
    let settings = Settings::default();
    let time = |name: &str, work: &dyn Fn(&Source<'_>) -> usize| {
        let mut runs: Vec<(u64, usize)> = Vec::new();
        for _ in 0..5 {
            let start = cpu();
            let found = files.iter().map(|(path, bytes)| work(&Source { path, bytes, settings: &settings })).sum();
            runs.push((cpu() - start, found));
        }
        runs.sort_unstable();
        let (best, found) = runs[0];
        let median = runs[runs.len() / 2].0;
        println!(
            "{name:<28} best {:7.1} ms {:7.1} MB/s, median {:7.1} MB/s, {found} found",
            best as f64 / 1e6,
            bytes as f64 * 1e3 / best as f64,
            bytes as f64 * 1e3 / median as f64,
        );
    };
    time("scan only", &|source| super::skim::scan(&text::plain(source.bytes)).len());
    time("skim: installed files", &|source| skim(source).uses.len());
    time("depth", &|source| usize::from(depth::measure(source.bytes) != depth::Depth::Shallow));
    time("parser alone", &|source| {
        Tree::parse(&String::from_utf8_lossy(source.bytes)).map_or(0, |tree| tree.statements().len())
    });
    time("read: project files", &|source| read(source).uses.len());
}
