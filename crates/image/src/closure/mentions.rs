//! What kept files say of libraries that they load by name, and of folders of the system that they read.

use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Functions that load a library by a name that stands in the text, and whether it is the short name (`magic` for `libmagic.so.1`).
const CALLS: &[(&str, bool)] =
    &[("find_library(", true), ("CDLL(", false), ("LoadLibrary(", false), ("dlopen(", false), ("loadLibrary(", true)];

/// Larger files are data.
const MAX_BYTES: u64 = 64_000_000;
/// Names of libraries are shorter.
const MAX_NAME: usize = 80;

/// What was found in the files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Mentions {
    /// Words that were asked for and stand somewhere.
    pub(super) words: BTreeSet<String>,
    /// Libraries (name, whether it is the short one), with the files that name them.
    pub(super) libraries: BTreeMap<(String, bool), Vec<PathBuf>>,
}

/// What one file says: words, libraries.
type Said<'f> = (&'f Path, Vec<&'f str>, Vec<(String, bool)>);

/// Looks into files: (path in the collected system, place on this disk).
pub(super) fn look<'f>(files: &[(&'f Path, &Path)], words: &[&'f str]) -> Mentions {
    let read: Vec<Said<'_>> = files
        .par_iter()
        .filter_map(|(path, place)| {
            if fs_err::metadata(place).is_ok_and(|about| about.len() > MAX_BYTES) {
                return None;
            }
            let bytes = fs_err::read(place).ok()?;
            let held = words.iter().filter(|w| memchr::memmem::find(&bytes, w.as_bytes()).is_some()).copied().collect();
            let text = !bytes[..bytes.len().min(1024)].contains(&0);
            Some((*path, held, if text { calls(&bytes) } else { Vec::new() }))
        })
        .collect();
    let mut mentions = Mentions::default();
    for (path, held, libraries) in read {
        mentions.words.extend(held.into_iter().map(str::to_owned));
        for library in libraries {
            mentions.libraries.entry(library).or_default().push(path.to_owned());
        }
    }
    mentions
}

/// Libraries whose names stand behind a call that loads them.
fn calls(bytes: &[u8]) -> Vec<(String, bool)> {
    let mut found = Vec::new();
    for (call, short) in CALLS {
        for at in memchr::memmem::find_iter(bytes, call.as_bytes()) {
            let rest = bytes[at + call.len()..].trim_ascii_start();
            let Some(quote) = rest.first().copied().filter(|c| matches!(c, b'"' | b'\'')) else { continue };
            let Some(end) = rest[1..].iter().take(MAX_NAME).position(|c| *c == quote) else { continue };
            let name = &rest[1..=end];
            let plain = |c: &u8| c.is_ascii_alphanumeric() || b"._+-".contains(c);
            if !name.is_empty() && name.iter().all(plain) && (*short || memchr::memmem::find(name, b".so").is_some()) {
                found.push((String::from_utf8_lossy(name).into_owned(), *short));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_behind_calls_are_libraries() {
        let check = |text: &str, expect: &[(&str, bool)]| {
            let expect: Vec<(String, bool)> = expect.iter().map(|(n, s)| ((*n).to_owned(), *s)).collect();
            assert_eq!(calls(text.as_bytes()), expect, "{text}");
        };
        check("ctypes.util.find_library('plum')", &[("plum", true)]);
        check("x = CDLL( \"libplum.so.1\")", &[("libplum.so.1", false)]);
        check("ffi.dlopen(\n    'libplum.so')", &[("libplum.so", false)]);
        check("System.loadLibrary(\"plum\");", &[("plum", true)]);
        check("CDLL(None); find_library(name); CDLL('kernel32'); dlopen('", &[]);
        check("CDLL('/opt/libplum.so'); find_library(f'{x}')", &[]);
    }
}
