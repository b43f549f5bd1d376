//! What a feature of a package offers: the names of the items that are there with it and not without it, from the package's sources.
//!
//! Only features that add items are understood. One that changes how something works (a condition inside of a function, an
//! implementation of a trait, `not(feature = "…")`) does so for code that names nothing of it: nothing is said about those.

use crate::source::cfg;
use crate::source::tokens::Tokens;
use rustc_hash::FxHashSet;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Packages with more source files than this are not read.
const MOST_FILES: usize = 1500;

/// Larger files than this, in bytes, are not read.
const MOST_BYTES: u64 = 2_000_000;

/// Names of the items that some features of a package in a folder add. `None` when they do more, or when nobody can tell.
pub(crate) fn names(folder: &Path, features: &[&str]) -> Option<FxHashSet<String>> {
    if asked_by_build_script(folder) {
        return None;
    }
    let mut files: Vec<(PathBuf, String)> = Vec::new();
    collect(&folder.join("src"), &mut files)?;
    let mut offers =
        Offers { features, names: FxHashSet::default(), modules: Vec::new(), globs: Vec::new(), foreign: Vec::new() };
    for (path, text) in &files {
        offers.read(path, &Tokens::of(text))?;
    }
    // Files of modules that are there with the feature only, and theirs.
    let mut done = 0;
    while let Some((name, beside)) = offers.modules.get(done).cloned() {
        done += 1;
        let own = |path: &&(PathBuf, String)| {
            path.0 == beside.join(format!("{name}.rs")) || path.0.starts_with(beside.join(&name))
        };
        let mut found = false;
        for (_, text) in files.iter().filter(own) {
            found = true;
            let tokens = Tokens::of(text);
            offers.contents(&tokens, 0..tokens.len());
        }
        if !found {
            return None;
        }
    }
    let is_ours = |name: &String| offers.names.contains(name);
    let plain = offers.globs.iter().all(|path| path.iter().any(is_ours))
        && offers.foreign.iter().all(|pair| pair.iter().any(is_ours));
    (plain && !offers.names.is_empty()).then_some(offers.names)
}

/// Identifiers of a source file.
pub(crate) fn words(text: &str, into: &mut FxHashSet<String>) {
    let tokens = Tokens::of(text);
    for at in 0..tokens.len() {
        if let Some(word) = tokens.word(at).filter(|word| !into.contains(*word)) {
            into.insert(word.to_owned());
        }
    }
}

/// Cargo tells build scripts which features are on.
fn asked_by_build_script(folder: &Path) -> bool {
    let text = fs_err::read_to_string(folder.join("build.rs")).unwrap_or_default();
    text.contains("CARGO_FEATURE") || text.contains("feature")
}

fn collect(folder: &Path, files: &mut Vec<(PathBuf, String)>) -> Option<()> {
    let mut work = vec![folder.to_owned()];
    while let Some(folder) = work.pop() {
        for entry in fs_err::read_dir(&folder).ok()? {
            let path = entry.ok()?.path();
            let about = fs_err::symlink_metadata(&path).ok()?;
            if about.is_dir() {
                work.push(path);
            } else if about.is_file() && path.extension().is_some_and(|end| end == "rs") {
                if files.len() >= MOST_FILES || about.len() > MOST_BYTES {
                    return None;
                }
                files.push((path.clone(), fs_err::read_to_string(&path).ok()?));
            }
        }
    }
    Some(())
}

struct Offers<'f> {
    features: &'f [&'f str],
    names: FxHashSet<String>,
    /// Modules in files of their own: name, and the folder that the file lies in or below.
    modules: Vec<(String, PathBuf)>,
    /// Paths that end in `*` and are handed on.
    globs: Vec<Vec<String>>,
    /// Implementations: the trait and the type, one of which has to be the feature's own.
    foreign: Vec<[String; 2]>,
}

impl Offers<'_> {
    fn is_meant(&self, tokens: &Tokens<'_>, at: usize) -> bool {
        tokens.word(at) == Some("feature")
            && tokens.is(at + 1, b'=')
            && tokens.string(at + 2).is_some_and(|name| self.features.contains(&name))
    }

    /// Reads a file; `None` when a feature does more in it than to add items.
    fn read(&mut self, path: &Path, tokens: &Tokens<'_>) -> Option<()> {
        let mut at = 0;
        while at < tokens.len() {
            if !self.is_meant(tokens, at) {
                at += 1;
                continue;
            }
            let (open, close) = attribute_around(tokens, at)?;
            match tokens.word(open + 1) {
                // Documentation tells of features.
                Some("cfg_attr") if only_documents(tokens, open) => {}
                Some("cfg") if tokens.is_open(open + 2, b'(') => {
                    let predicate = open + 3..tokens.close(open + 2).min(close);
                    if !self.needed(tokens, &predicate, 0) || tokens.is(open - 1, b'!') {
                        return None;
                    }
                    self.item(path, tokens, close + 1)?;
                }
                _ => return None,
            }
            at = close + 1;
        }
        Some(())
    }

    /// Whether a predicate can not hold without one of the features.
    fn needed(&self, tokens: &Tokens<'_>, range: &Range<usize>, depth: u32) -> bool {
        if self.is_meant(tokens, range.start) {
            return range.len() == 3;
        }
        if depth > 16 || !tokens.is_open(range.start + 1, b'(') {
            return false;
        }
        let parts = cfg::parts(tokens, range.start + 2..tokens.close(range.start + 1).min(range.end));
        match tokens.word(range.start) {
            Some("all") => parts.iter().any(|part| self.needed(tokens, part, depth + 1)),
            Some("any") => !parts.is_empty() && parts.iter().all(|part| self.needed(tokens, part, depth + 1)),
            _ => false,
        }
    }

    /// The item behind an attribute.
    fn item(&mut self, path: &Path, tokens: &Tokens<'_>, mut at: usize) -> Option<()> {
        while tokens.is(at, b'#') && tokens.is_open(at + 1, b'[') {
            at = tokens.close(at + 1) + 1;
        }
        let public = tokens.word(at) == Some("pub");
        if public {
            at += 1;
            if tokens.is_open(at, b'(') {
                at = tokens.close(at) + 1;
            }
        }
        while matches!(tokens.word(at), Some("unsafe" | "async"))
            || (tokens.word(at) == Some("const") && tokens.word(at + 1) == Some("fn"))
        {
            at += 1;
        }
        let name = tokens.word(at + 1).unwrap_or_default().to_owned();
        match tokens.word(at)? {
            "fn" | "struct" | "enum" | "trait" | "type" | "const" | "static" | "union" => drop(self.names.insert(name)),
            "macro_rules" => drop(self.names.insert(tokens.word(at + 2)?.to_owned())),
            "mod" if tokens.is_open(at + 2, b'{') => {
                self.contents(tokens, at + 3..tokens.close(at + 2));
                self.names.insert(name);
            }
            "mod" => {
                self.modules.push((name.clone(), beside(path)));
                self.names.insert(name);
            }
            "use" if public => self.handed_on(tokens, at + 1),
            "use" => {}
            "extern" if name == "crate" => {}
            "impl" => self.implementation(tokens, at),
            _ => return None,
        }
        Some(())
    }

    /// Names in `pub use …;`.
    fn handed_on(&mut self, tokens: &Tokens<'_>, from: usize) {
        let mut words = Vec::new();
        let mut at = from;
        let mut glob = false;
        while at < tokens.len() && !tokens.is(at, b';') {
            glob |= tokens.is(at, b'*');
            words.extend(
                tokens.word(at).filter(|w| !matches!(*w, "crate" | "self" | "super" | "as")).map(str::to_owned),
            );
            at += 1;
        }
        if glob {
            self.globs.push(words);
        } else {
            self.names.extend(words);
        }
    }

    /// All that a module declares.
    fn contents(&mut self, tokens: &Tokens<'_>, range: Range<usize>) {
        let mut at = range.start;
        while at < range.end {
            match tokens.word(at) {
                Some("fn" | "struct" | "enum" | "trait" | "type" | "const" | "static" | "mod" | "union") => {
                    self.names.extend(tokens.word(at + 1).map(str::to_owned));
                }
                Some("macro_rules") => self.names.extend(tokens.word(at + 2).map(str::to_owned)),
                Some("impl") => self.implementation(tokens, at),
                _ => {}
            }
            at += 1;
        }
    }

    /// `impl … for …`, or the functions of `impl …`.
    fn implementation(&mut self, tokens: &Tokens<'_>, from: usize) {
        let mut at = from + 1;
        let (mut last, mut of) = (String::new(), None);
        let mut depth = 0_u32;
        while at < tokens.len() && !tokens.is_open(at, b'{') && !tokens.is(at, b';') {
            if tokens.is(at, b'<') {
                depth += 1;
            } else if tokens.is(at, b'>') {
                depth = depth.saturating_sub(1);
            } else if depth == 0 {
                match tokens.word(at) {
                    Some("for") => of = Some(std::mem::take(&mut last)),
                    Some("where") => break,
                    Some(word) if !matches!(word, "mut" | "const" | "dyn" | "unsafe") => word.clone_into(&mut last),
                    _ => {}
                }
            }
            at += 1;
        }
        match of {
            Some(of) => self.foreign.push([of, last]),
            // In a function's signature it is a type.
            None if tokens.is_open(at, b'{') => {
                let body = at + 1..tokens.close(at);
                for at in body.filter(|at| tokens.word(*at) == Some("fn")) {
                    self.names.extend(tokens.word(at + 1).map(str::to_owned));
                }
            }
            None => {}
        }
    }
}

/// The brackets of the attribute that a token stands in.
fn attribute_around(tokens: &Tokens<'_>, at: usize) -> Option<(usize, usize)> {
    let open = (0..at).rev().take(200).find(|from| tokens.is_open(*from, b'[') && tokens.close(*from) > at)?;
    let sign = open.checked_sub(1)?;
    (tokens.is(sign, b'#') || (tokens.is(sign, b'!') && sign > 0 && tokens.is(sign - 1, b'#')))
        .then(|| (open, tokens.close(open)))
}

/// `#[cfg_attr(docsrs, doc(cfg(feature = "…")))]`.
fn only_documents(tokens: &Tokens<'_>, open: usize) -> bool {
    let inside = open + 3..tokens.close(open + 2);
    let parts = cfg::parts(tokens, inside);
    let told = |part: &Range<usize>| part.clone().any(|at| tokens.word(at) == Some("feature"));
    parts.first().is_some_and(|condition| !told(condition))
        && parts.iter().skip(1).all(|part| tokens.word(part.start) == Some("doc") || !told(part))
}

/// The folder in which the files of a file's modules lie.
fn beside(path: &Path) -> PathBuf {
    let folder = path.parent().map(Path::to_owned).unwrap_or_default();
    match path.file_stem().and_then(|stem| stem.to_str()) {
        None | Some("lib" | "main" | "mod") => folder,
        Some(stem) => folder.join(stem),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(files: &[(&str, &str)], expect: Option<&[&str]>) {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            fs_err::create_dir_all(path.parent().unwrap()).unwrap();
            fs_err::write(path, text).unwrap();
        }
        let found = names(folder.path(), &["hot"]).map(|names| {
            let mut names: Vec<String> = names.into_iter().collect();
            names.sort();
            names
        });
        assert_eq!(found, expect.map(|names| names.iter().map(|n| (*n).to_owned()).collect()), "{files:?}");
    }

    #[test]
    fn items_have_names() {
        let lib = "#[cfg(feature = \"hot\")]\n#[cfg_attr(docsrs, doc(cfg(feature = \"hot\")))]\npub mod oven;\n#[cfg(all(unix, feature = \"hot\"))] pub use oven::{Bread as Loaf, bake};\n#[cfg(feature = \"hot\")] use std::fmt;\n#[cfg(feature = \"cold\")] pub fn freeze() {}\n#[cfg(feature = \"hot\")] impl Cow { pub fn warm(&self) {} }\n";
        check(
            &[("src/lib.rs", lib), ("src/oven.rs", "pub struct Bread; pub fn bake() {} impl Clone for Bread {}\n")],
            Some(&["Bread", "Loaf", "bake", "oven", "warm"]),
        );
    }

    #[test]
    fn features_that_do_more_are_not_understood() {
        for lib in [
            "fn a() { #[cfg(feature = \"hot\")] { b() } }",
            "fn a() { if cfg!(feature = \"hot\") { b() } }",
            "#[cfg(not(feature = \"hot\"))] fn a() {}",
            "#[cfg(any(unix, feature = \"hot\"))] pub fn a() {}",
            "#[cfg_attr(feature = \"hot\", derive(Debug))] struct A;",
            "#[cfg(feature = \"hot\")] impl Display for Cow {}",
            "#[cfg(feature = \"hot\")] pub mod nowhere;",
            "#[cfg(feature = \"hot\")] pub use other::*;",
            "#![cfg(feature = \"hot\")]",
            "pub struct A { #[cfg(feature = \"hot\")] b: u8 }",
            "pub fn a() {}",
        ] {
            check(&[("src/lib.rs", lib)], None);
        }
        check(&[("src/lib.rs", "#[cfg(feature = \"hot\")] pub fn a() {}"), ("build.rs", "CARGO_FEATURE_HOT")], None);
    }
}
