//! How fast source files are read, in CPU time of one thread: `cargo run --release -p depslim-python --example source_speed -- FOLDER`.
//! The files are in memory before the clock starts; Linux only, which accounts a thread's CPU time to the nanosecond.

use depslim_model::{Layer, Reader, Settings, Source};
use std::path::{Path, PathBuf};

fn main() -> std::io::Result<()> {
    let folder = std::env::args_os().nth(1).unwrap_or_else(|| ".".into());
    let files = python_files(Path::new(&folder))?;
    let bytes: usize = files.iter().map(|(_, bytes)| bytes.len()).sum();
    let mut lines =
        vec![format!("{} files, {:.1} MB below {}", files.len(), bytes as f64 / 1e6, Path::new(&folder).display())];
    for layer in [Layer::InstalledCode, Layer::Code] {
        let Some(reader) = reader(layer) else { continue };
        let mut runs = Vec::new();
        for _ in 0..5 {
            runs.push(run(&reader, &files)?);
        }
        runs.sort_unstable();
        let speed = |nanoseconds: u64| bytes as f64 * 1e3 / nanoseconds.max(1) as f64;
        let ((best, uses), (median, _)) = (runs[0], runs[runs.len() / 2]);
        lines.push(format!(
            "{:<24} best {:.1} ms, {:.0} MB/s; median {:.0} MB/s; {uses} uses",
            reader.name,
            best as f64 / 1e6,
            speed(best),
            speed(median),
        ));
    }
    std::io::Write::write_all(&mut std::io::stdout(), (lines.join("\n") + "\n").as_bytes())
}

/// The reader of `*.py` files in a layer.
fn reader(layer: Layer) -> Option<Reader> {
    let reads = |reader: &&Reader| reader.layer == layer && reader.globs.contains(&"*.py");
    depslim_python::ECOSYSTEM.readers.iter().find(reads).copied()
}

/// CPU nanoseconds of reading all files once, and the uses found.
fn run(reader: &Reader, files: &[(String, Vec<u8>)]) -> std::io::Result<(u64, usize)> {
    let settings = Settings::default();
    let start = cpu_time()?;
    let uses =
        files.iter().map(|(path, bytes)| (reader.read)(&Source { path, bytes, settings: &settings }).uses.len()).sum();
    Ok((cpu_time()? - start, uses))
}

fn cpu_time() -> std::io::Result<u64> {
    let line = fs_err::read_to_string("/proc/thread-self/schedstat")?;
    let first = line.split(' ').next().and_then(|first| first.parse().ok());
    first.ok_or_else(|| std::io::Error::other("no CPU time in /proc/thread-self/schedstat"))
}

fn python_files(root: &Path) -> std::io::Result<Vec<(String, Vec<u8>)>> {
    let mut files = Vec::new();
    let mut folders: Vec<PathBuf> = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs_err::read_dir(folder)? {
            let entry = entry?;
            let path = entry.path();
            if entry.file_type()?.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "py") {
                files.push((path.display().to_string(), fs_err::read(&path)?));
            }
        }
    }
    files.sort_unstable();
    Ok(files)
}
