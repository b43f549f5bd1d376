//! Stage 2: files to facts, in parallel, by the readers that ask for them.

use crate::discover::Inventory;
use depslim_model::{Ecosystem, Facts, Layer, Problem, Reader, Settings, Source};
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use rayon::prelude::*;
use std::path::Path;
use std::sync::Arc;

/// A source file larger than this is data in disguise; it is said, not read.
const LARGEST: u64 = 64 * 1024 * 1024;

/// One file and what it says.
#[derive(Debug, Clone)]
pub struct Sourced {
    /// Path relative to the root.
    pub path: String,
    /// Name of the reader.
    pub reader: &'static str,
    /// What it says.
    pub facts: Facts,
}

/// The readers of one layer, with their globs compiled once.
#[derive(Debug)]
pub struct Readers {
    globs: GlobSet,
    readers: Vec<&'static Reader>,
}

impl Readers {
    /// The readers of `layer`.
    pub fn of(ecosystem: &'static Ecosystem, layer: Layer) -> Self {
        Self::of_all(&[ecosystem], &[layer])
    }

    /// The readers of several languages and layers: one look at a path asks all of them.
    pub fn of_all(ecosystems: &[&'static Ecosystem], layers: &[Layer]) -> Self {
        let mut builder = GlobSetBuilder::new();
        let mut readers = Vec::new();
        let all = ecosystems.iter().flat_map(|ecosystem| ecosystem.readers);
        for reader in all.filter(|reader| layers.contains(&reader.layer)) {
            for glob in reader.globs {
                let anywhere = format!("**/{glob}");
                // A glob that does not compile is a mistake in an ecosystem's table; a test over the registry finds it.
                if let Ok(glob) = GlobBuilder::new(&anywhere).literal_separator(true).build() {
                    builder.add(glob);
                    readers.push(reader);
                }
            }
        }
        Self { globs: builder.build().unwrap_or_else(|_| GlobSet::empty()), readers }
    }

    /// Whether any reader asks for the path.
    pub fn ask_for(&self, path: &str) -> bool {
        self.globs.is_match(path)
    }

    /// The first reader that asks for the path.
    pub fn for_path(&self, path: &str) -> Option<&'static Reader> {
        self.globs.matches(path).into_iter().min().map(|at| self.readers[at])
    }
}

/// Reads all of `paths` that a reader asks for. The result is in the order of `paths`.
pub fn read(inventory: &Inventory, paths: &[&str], readers: &Readers, settings: &Settings) -> Vec<Sourced> {
    paths
        .par_iter()
        .filter_map(|path| {
            let reader = readers.for_path(path)?;
            Some(Sourced {
                path: (*path).to_owned(),
                reader: reader.name,
                facts: read_own(inventory, path, reader, settings),
            })
        })
        .collect()
}

/// Reads one of the tree's own files, unless an earlier run has.
pub fn read_own(inventory: &Inventory, path: &str, reader: &'static Reader, settings: &Settings) -> Facts {
    let file = inventory.absolute(path);
    let Some(memory) = &inventory.memory else { return facts_of(&file, path, reader, settings) };
    if let Some(known) = memory.get(&file, reader, settings) {
        return (*known).clone();
    }
    let facts = facts_of(&file, path, reader, settings);
    memory.put(file, reader, settings, Arc::new(facts.clone()));
    facts
}

/// Reads one file; what can't be read is a problem of that file.
pub fn read_one(root: &Path, path: &str, reader: &Reader, settings: &Settings) -> Facts {
    facts_of(&root.join(path), path, reader, settings)
}

fn facts_of(file: &Path, path: &str, reader: &Reader, settings: &Settings) -> Facts {
    match load(file) {
        Ok(bytes) => (reader.read)(&Source { path, bytes: &bytes, settings }),
        Err(message) => Facts::broken(Problem { line: 0, message, fatal: reader.layer == Layer::Manifest }),
    }
}

/// A file's bytes, or why not, as a fragment that follows the file's name.
pub fn load(path: &Path) -> Result<Vec<u8>, String> {
    let meta = fs_err::metadata(path).map_err(|e| cause(&e))?;
    if !meta.is_file() {
        return Err("not a regular file: not read".into());
    }
    if meta.len() > LARGEST {
        return Err(format!("larger than {}: not read", depslim_model::human(LARGEST)));
    }
    fs_err::read(path).map_err(|e| cause(&e))
}

/// What the system says, without the path that the caller names anyway.
fn cause(error: &std::io::Error) -> String {
    let text = error.to_string();
    match text.rsplit_once(": ") {
        Some((_, why)) => format!("can't be read: {why}"),
        None => format!("can't be read: {text}"),
    }
}
