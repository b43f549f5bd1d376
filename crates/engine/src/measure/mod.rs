//! Stage 4: the bytes of one installed tree, every one of them attributed: to an owner, to nobody, or to the folders themselves.
//!
//! The parts sum to the whole to the byte, and the whole is what `du -s --apparent-size --block-size=1` says:
//! * each inode counts once inside one tree, however many names it has in it; nothing is compared across trees, because a package
//!   manager's hard links into its cache do not make a second environment free of charge;
//! * symbolic links count by their own length and are never followed;
//! * folders count by their own entry, under [`Measured::folders`], never to an owner: a folder can serve several.

mod claims;
mod folders;
mod links;
mod places;
mod portable;
mod queue;
#[cfg(any(target_os = "linux", target_os = "android"))]
mod raw;
mod tally;

use claims::Claims;
use depslim_model::Owns;
use std::io;
use std::path::Path;
use tally::{Survey, Tally};

/// What one owner claims of the tree.
#[derive(Debug, Clone, Copy)]
pub struct Claim<'a> {
    /// Index of the owner, from 0; results are vectors over it.
    pub owner: u32,
    /// The folder that the metadata file lies in, relative to the tree, with `/`; empty for the tree itself.
    pub base: &'a str,
    /// What is claimed, relative to `base`.
    pub owns: &'a Owns,
}

/// A number of files and their bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Weight {
    /// Apparent bytes: what an archive or an image layer of the files holds.
    pub bytes: u64,
    /// Bytes of the blocks that are allocated for them.
    pub on_disk: u64,
    /// Files, symbolic links and others, each inode once.
    pub files: u32,
}

impl Weight {
    /// Adds one file.
    fn add(&mut self, bytes: u64, on_disk: u64) {
        self.bytes += bytes;
        self.on_disk += on_disk;
        self.files += 1;
    }

    /// Adds another weight.
    fn absorb(&mut self, other: Self) {
        self.bytes += other.bytes;
        self.on_disk += other.on_disk;
        self.files += other.files;
    }
}

/// The sizes of one tree.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Measured {
    /// Apparent bytes of all: the owners', the unowned and the folders'.
    pub total: u64,
    /// Allocated bytes of all.
    pub on_disk: u64,
    /// Names in the tree, the tree's own folder included; an inode with three names is three entries.
    pub entries: u64,
    /// The folders' own entries; `files` is the number of folders.
    pub folders: Weight,
    /// By owner.
    pub owners: Vec<Weight>,
    /// What nobody claims.
    pub unowned: Weight,
    /// Where the unowned bytes are: the top-most folders with nothing owned below them, and single files beside owned ones.
    /// Paths relative to the tree, `.` for all of it; the largest first, at most [`PLACES`].
    pub unowned_places: Vec<(String, u64)>,
    /// Existing paths that several owners claim; the bytes are counted to the first.
    pub conflicts: Vec<Conflict>,
    /// How many claimed paths do not exist, by owner, for owners that have such.
    pub absent: Vec<(u32, u32)>,
    /// Claimed files outside the tree: in neither `owners` nor `total`.
    pub outside: Vec<Outside>,
    /// Folders and files that could not be looked at, with the reason; their bytes are in no figure.
    pub unreadable: Vec<(String, String)>,
    /// Bytes (in `total`) of files with further names outside the tree, in a package manager's cache as a rule: deleting the
    /// tree does not free them on this disk.
    pub shared_outside: u64,
}

/// One path, claimed twice.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Conflict {
    /// Path relative to the tree.
    pub path: String,
    /// The owner that its bytes are counted to.
    pub counted: u32,
    /// The owner that claims it as well.
    pub other: u32,
}

/// What one owner claims outside the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outside {
    /// The owner.
    pub owner: u32,
    /// What is there.
    pub weight: Weight,
    /// One of the paths, as claimed.
    pub example: String,
}

/// Longest list of [`Measured::unowned_places`].
pub const PLACES: usize = 64;

/// Measures a tree. `derived_from` is [`depslim_model::Ecosystem::derived_from`]: a file that nobody claims belongs to the owner of
/// the source it was made from. `threads` 0 means as many as serve best: four, or the processors if there are more, because cold
/// metadata is waited for.
///
/// A path that several owners claim is counted to the first of them in `claims`. A file beats a folder above it. An inode with
/// several names counts to an owner before nobody, then for the name whose folder comes first, its
/// path compared part by part.
///
/// # Errors
/// When the tree itself is not a readable folder. Everything below it that can't be read is in [`Measured::unreadable`].
pub fn measure(
    tree: &Path,
    claims: &[Claim<'_>],
    derived_from: fn(&str) -> Option<String>,
    threads: usize,
) -> io::Result<Measured> {
    let claims = Claims::new(tree, claims);
    let survey = Survey::new(&claims, derived_from);
    let tallies = walk(tree, &survey, if threads == 0 { best_threads() } else { threads })?;
    let outside = claims.weigh_outside();
    Ok(Tally::sum(tallies, &claims, outside))
}

/// Walks with the system's own calls where there are such, else with the standard library's.
fn walk<'s>(tree: &Path, survey: &'s Survey<'s>, threads: usize) -> io::Result<Vec<Tally<'s>>> {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    if let Some(tallies) = raw::walk(tree, survey, threads)? {
        return Ok(tallies);
    }
    portable::walk(tree, survey, threads)
}

fn best_threads() -> usize {
    std::thread::available_parallelism().map_or(4, |cores| cores.get().max(4))
}

#[cfg(test)]
mod tests;
