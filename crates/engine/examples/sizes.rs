//! Prints the sizes of a folder, each inode once: `sizes FOLDER [THREADS]`.
//!
//! The first line is what `du -s --apparent-size --block-size=1` prints, the second what `du -s --block-size=1` does.

use depslim_engine::measure::measure;
use std::io::Write;
use std::path::PathBuf;

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args_os().skip(1);
    let tree = arguments.next().map_or_else(|| PathBuf::from("."), PathBuf::from);
    let threads = arguments.next().and_then(|n| n.to_str()?.parse().ok()).unwrap_or(0);
    let measured = measure(&tree, &[], |_| None, threads)?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}\tapparent bytes", measured.total)?;
    writeln!(out, "{}\tbytes on disk", measured.on_disk)?;
    writeln!(out, "{}\tentries, {} of them folders", measured.entries, measured.folders.files)?;
    writeln!(out, "{}\tbytes with further names outside", measured.shared_outside)?;
    for (path, why) in measured.unreadable {
        writeln!(out, "unreadable: {path}: {why}")?;
    }
    Ok(())
}
