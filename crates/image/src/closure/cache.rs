//! `/etc/ld.so.cache`: which library lies where, read from a system and written for the collected one.
//!
//! Format: glibc's `sysdeps/generic/dl-cache.h`, the part that begins with `glibc-ld.so.cache1.1`: a header of 48 bytes, entries of 24
//! bytes sorted downwards by name, and the strings that they point to, counted from the header.

use std::cmp::Ordering;
use std::path::{Path, PathBuf};

const MAGIC: &[u8] = b"glibc-ld.so.cache1.1";
const HEADER: usize = 48;
const ENTRY: usize = 24;
/// More libraries than any system has.
const MAX_ENTRIES: usize = 200_000;
/// Strings are in the byte order of this machine (`cache_file_new_flags_endian_little`).
const LITTLE_ENDIAN: u8 = 2;

/// One library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cached {
    /// The name that programs ask for.
    pub(super) name: String,
    /// Where it lies.
    pub(super) path: PathBuf,
    /// For which processors only: not zero for the variants of `glibc-hwcaps`.
    pub(super) hwcap: u64,
}

/// The libraries of a cache, in its order; none when it is damaged or of another format.
pub(super) fn read(bytes: &[u8]) -> Vec<Cached> {
    let Some(start) = memchr::memmem::find(bytes, MAGIC) else { return Vec::new() };
    let data = &bytes[start..];
    let count = number(data, MAGIC.len()).unwrap_or(0) as usize;
    (0..count.min(MAX_ENTRIES))
        .map_while(|index| {
            let at = HEADER + index * ENTRY;
            let name = string(data, number(data, at + 4)? as usize)?;
            let path = string(data, number(data, at + 8)? as usize)?;
            let hwcap = u64::from(number(data, at + 16)?) | u64::from(number(data, at + 20)?) << 32;
            Some(Cached { name, path: PathBuf::from(path), hwcap })
        })
        .collect()
}

/// A cache of these libraries (name, path) for a processor by its number in ELF headers; `None` for processors whose mark is not
/// known here.
pub(super) fn make(libraries: &[(String, PathBuf)], machine: u16) -> Option<Vec<u8>> {
    let mark = mark_of(machine)?;
    let mut sorted: Vec<(&str, &Path)> = libraries.iter().map(|(n, p)| (n.as_str(), p.as_path())).collect();
    sorted.sort_by(|a, b| compare(b.0.as_bytes(), a.0.as_bytes()).then_with(|| a.1.cmp(b.1)));
    sorted.dedup();
    let (mut entries, mut strings) = (Vec::new(), Vec::new());
    let begin = HEADER + sorted.len() * ENTRY;
    for (name, path) in &sorted {
        let mut place = |text: &[u8]| {
            let at = u32::try_from(begin + strings.len()).unwrap_or(u32::MAX);
            strings.extend_from_slice(text);
            strings.push(0);
            at.to_le_bytes()
        };
        let (key, value) = (place(name.as_bytes()), place(path.as_os_str().as_encoded_bytes()));
        entries.extend_from_slice(&mark.to_le_bytes());
        entries.extend_from_slice(&key);
        entries.extend_from_slice(&value);
        entries.extend_from_slice(&[0; 12]);
    }
    let mut file = MAGIC.to_vec();
    file.extend_from_slice(&u32::try_from(sorted.len()).ok()?.to_le_bytes());
    file.extend_from_slice(&u32::try_from(strings.len()).ok()?.to_le_bytes());
    file.push(LITTLE_ENDIAN);
    file.resize(HEADER, 0);
    file.extend(entries);
    file.extend(strings);
    Some(file)
}

/// What marks libraries of a processor that are linked to the current C library (`FLAG_ELF_LIBC6` and the `FLAG_*_LIB*` of dl-cache).
fn mark_of(machine: u16) -> Option<u32> {
    match machine {
        3 => Some(0x0003),
        62 => Some(0x0303),
        183 => Some(0x0a03),
        _ => None,
    }
}

/// The order of names in a cache (`_dl_cache_libcmp`): digits by their number, and behind other signs.
fn compare(mut a: &[u8], mut b: &[u8]) -> Ordering {
    loop {
        let (x, y) = (a.first().copied().unwrap_or(0), b.first().copied().unwrap_or(0));
        if x == 0 {
            return x.cmp(&y);
        }
        match (x.is_ascii_digit(), y.is_ascii_digit()) {
            (true, true) => {
                let ((first, rest), (second, other)) = (leading(a), leading(b));
                if first != second {
                    return first.cmp(&second);
                }
                (a, b) = (rest, other);
            }
            (true, false) => return Ordering::Greater,
            (false, true) => return Ordering::Less,
            (false, false) if x != y => return x.cmp(&y),
            (false, false) => (a, b) = (&a[1..], &b[1..]),
        }
    }
}

/// The number at the beginning, and what follows it.
fn leading(text: &[u8]) -> (u64, &[u8]) {
    let end = text.iter().position(|c| !c.is_ascii_digit()).unwrap_or(text.len());
    let number = text[..end].iter().fold(0u64, |n, c| n.wrapping_mul(10).wrapping_add(u64::from(c - b'0')));
    (number, &text[end..])
}

fn number(data: &[u8], at: usize) -> Option<u32> {
    data.get(at..at.checked_add(4)?)?.try_into().ok().map(u32::from_le_bytes)
}

fn string(data: &[u8], at: usize) -> Option<String> {
    let rest = data.get(at..)?;
    let end = memchr::memchr(0, rest)?;
    Some(String::from_utf8_lossy(&rest[..end]).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_written_reads_back_in_the_loaders_order() {
        let named = |name: &str| (name.to_owned(), PathBuf::from(format!("/usr/lib/{name}")));
        let made = make(&[named("libplum.so.2"), named("libplum.so.10"), named("libaster.so.1")], 62).unwrap();
        let names: Vec<String> = read(&made).into_iter().map(|c| c.name).collect();
        assert_eq!(names, ["libplum.so.10", "libplum.so.2", "libaster.so.1"]);
        assert_eq!(make(&[named("libplum.so.2")], 9999), None);
    }

    #[test]
    fn names_compare_as_the_loader_compares_them() {
        for (a, b, expect) in [
            ("libc.so.6", "libc.so.6", Ordering::Equal),
            ("libz.so.1", "libc.so.6", Ordering::Greater),
            ("lib.so.9", "lib.so.10", Ordering::Less),
            ("lib1.so", "liba.so", Ordering::Greater),
            ("lib", "libc", Ordering::Less),
        ] {
            assert_eq!(compare(a.as_bytes(), b.as_bytes()), expect, "{a} {b}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&bytes);
            let mut marked = MAGIC.to_vec();
            marked.extend(bytes);
            let _ = read(&marked);
        }
    }
}
