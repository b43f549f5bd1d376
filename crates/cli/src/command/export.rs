//! `depslim export`: writes what production needs into a folder of its own.

use crate::args::Export;
use crate::config::{clean, relative};
use crate::session::{Session, failed};
use crate::stop::{Outcome, Stop};
use crate::write::{print, say, write};
use depslim::{Exported, Rootfs};
use depslim_model::{EXPORTED, exit};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Folder for the files, in the current one, unless something else is said.
const OUT_DIR: &str = "slim";

/// One file to write.
struct File {
    path: PathBuf,
    content: String,
    summary: String,
}

pub(crate) fn run(session: &Session, flags: &Export) -> Outcome {
    let root = session.root(&flags.path)?;
    let mut config = session.config(&root, &flags.analysis)?;
    let named = flags.out_dir.as_ref().map(|folder| clean(&session.here.join(folder)));
    let out = named.or_else(|| config.out_dir.clone()).unwrap_or_else(|| session.here.join(OUT_DIR));
    let progress = session.progress();
    config.options.progress = progress.as_ref().map(crate::progress::Progress::listener);
    config.options.out_dir = below(&clean(&root), &out);
    if let Some(into) = &flags.rootfs {
        let into = clean(&session.here.join(into));
        let from = clean(&session.here.join(&flags.from));
        let made = depslim::rootfs(&root, &config.options, &from, &into).map_err(|error| failed(&error))?;
        drop(progress);
        return rootfs(session, &root, &out, &into, made);
    }
    let exported = if flags.files {
        let entries: Vec<PathBuf> = flags.entry.iter().map(|entry| clean(&session.here.join(entry))).collect();
        depslim::trace(&root, &config.options, &entries)
    } else {
        depslim::export(&root, &config.options)
    };
    let exported = exported.map_err(|error| failed(&error))?;
    drop(progress);

    let nothing = exported.iter().all(|one| one.files.is_empty());
    for one in &exported {
        let skipped = one.skipped.iter().filter(|_| nothing || session.verbose > 0);
        let notes = one.notes.iter().filter(|_| session.quiet == 0 && !flags.check);
        for line in one.refused.iter().chain(skipped).chain(notes) {
            say(format_args!("{}: {line}", one.project));
        }
    }
    let files = place(&root, &out, &exported)?;
    if nothing || exported.iter().any(|one| !one.refused.is_empty()) {
        return Ok(exit::ERROR);
    }
    if flags.check { Ok(check(session, &files)) } else { write_all(session, &out, &files) }
}

/// A folder as seen from the root; `None` when it does not lie below it.
fn below(root: &Path, folder: &Path) -> Option<String> {
    let inside = folder.strip_prefix(root).ok()?;
    Some(inside.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/"))
}

/// Says what was collected and what was not found, and writes the container file beside the other exported files.
fn rootfs(session: &Session, root: &Path, out: &Path, into: &Path, made: Rootfs) -> Outcome {
    if session.quiet < 2 {
        let mut text =
            format!("wrote {}   {} bytes in {} files\n", session.shown(into), grouped(made.bytes()), made.files());
        for part in &made.parts {
            let _ = writeln!(text, "  {:<18}{:>14}   {} files", part.name, grouped(part.bytes), part.files);
        }
        print(&text)?;
    }
    for line in &made.missing {
        say(format_args!("{}: not found: {line}", made.project));
    }
    for line in made.notes.iter().filter(|_| session.quiet == 0) {
        say(format_args!("{}: {line}", made.project));
    }
    let exported = Exported {
        project: made.project,
        path: made.path,
        files: vec![made.dockerfile],
        skipped: Vec::new(),
        refused: Vec::new(),
        notes: Vec::new(),
    };
    write_all(session, out, &place(root, out, &[exported])?)
}

/// A number with its thousands set apart: all digits count here.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Where each file goes: below the folder, under its project's path.
fn place(root: &Path, out: &Path, exported: &[Exported]) -> Outcome<Vec<File>> {
    let mut files: BTreeMap<PathBuf, (File, &str)> = BTreeMap::new();
    for one in exported {
        let project = &one.path;
        if clean(&root.join(project)) == clean(&out.join(project)) {
            let folder = out.display();
            return Err(Stop::error(format_args!(
                "{folder} holds the project itself; name another folder with --out-dir"
            )));
        }
        for emission in &one.files {
            let path = clean(&out.join(project).join(&emission.path));
            let file =
                File { path: path.clone(), content: emission.content.clone(), summary: emission.summary.clone() };
            if let Some((_, other)) = files.insert(path.clone(), (file, &one.project)) {
                let path = path.display();
                return Err(Stop::error(format_args!(
                    "{path} would hold both {other} and {}; use --ecosystem",
                    one.project
                )));
            }
        }
    }
    Ok(files.into_values().map(|(file, _)| file).collect())
}

/// Says which files are not what would be written.
fn check(session: &Session, files: &[File]) -> u8 {
    let mut code = exit::CLEAN;
    for file in files {
        let there = fs_err::read(&file.path).ok();
        if there.as_deref() != Some(file.content.as_bytes()) {
            code = exit::FINDINGS;
            let state = if there.is_some() { "is not what export would write" } else { "is missing" };
            say(format_args!("{} {state}; run depslim export", session.shown(&file.path)));
        }
    }
    code
}

fn write_all(session: &Session, out: &Path, files: &[File]) -> Outcome {
    // Nothing is written when something is in the way.
    let ours = listed(out);
    for file in files {
        let foreign = fs_err::read(&file.path).is_ok_and(|there| there != file.content.as_bytes());
        if foreign && !ours.contains(&relative(out, &file.path)) {
            let path = session.shown(&file.path);
            return Err(Stop::error(format_args!(
                "{path} was not written by depslim; move it, or name another folder with --out-dir"
            )));
        }
    }
    for file in files {
        if let Some(folder) = file.path.parent() {
            fs_err::create_dir_all(folder)?;
        }
        write(&file.path, file.content.as_bytes())?;
        if session.quiet < 2 {
            print(&format!("wrote {}   {}\n", session.shown(&file.path), file.summary))?;
        }
    }
    let mut list =
        "# Written by depslim export, which may replace these files and leaves them out of what it analyses.\n"
            .to_owned();
    for file in ours.into_iter().chain(files.iter().map(|file| relative(out, &file.path))).collect::<BTreeSet<_>>() {
        list.push_str(&file);
        list.push('\n');
    }
    write(&out.join(EXPORTED), list.as_bytes())?;
    Ok(exit::CLEAN)
}

/// Files of the folder that an earlier export wrote and that are still there.
fn listed(out: &Path) -> BTreeSet<String> {
    let text = fs_err::read_to_string(out.join(EXPORTED)).unwrap_or_default();
    let files = text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned);
    files.filter(|file| out.join(file).is_file()).collect()
}
