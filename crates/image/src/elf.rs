//! What one ELF file needs of the system: shared libraries, versions of the C and C++ libraries, the loader.
//!
//! Format: the System V ABI, and the Linux Standard Base for symbol versions (`.gnu.version_r`). Only headers, the dynamic section
//! and its strings are read, through a cache over the file; nothing is loaded whole.

use object::Endianness;
use object::elf::{self, FileHeader32, FileHeader64};
use object::read::elf::{Dyn, FileHeader, ProgramHeader};
use object::read::{ReadCache, ReadRef, StringTable};
use std::fmt;
use std::io::{Read, Seek};

/// More entries than any real file has; a damaged count must not cost time.
const MAX_ENTRIES: usize = 4096;

/// Longest name that is believed.
const MAX_NAME: usize = 4096;

/// A version such as `2.34`, compared part by part.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(Vec<u32>);

impl Version {
    /// Reads `2.34`. `None` when a part is no number (`GLIBC_PRIVATE`).
    pub fn parse(text: &str) -> Option<Self> {
        text.split('.').map(|part| part.parse().ok()).collect::<Option<Vec<u32>>>().map(Self)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, part) in self.0.iter().enumerate() {
            write!(f, "{}{part}", if at > 0 { "." } else { "" })?;
        }
        Ok(())
    }
}

/// What one ELF file says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Elf {
    /// `e_machine`: 62 for `x86_64`, 183 for `aarch64`.
    pub machine: u16,
    /// The loader that a program asks for.
    pub interpreter: Option<String>,
    /// Shared libraries that it links, by soname.
    pub needed: Vec<String>,
    /// Folders that it looks in first; `$ORIGIN` is its own folder. `DT_RUNPATH`, or `DT_RPATH` without it.
    pub search: Vec<String>,
    /// Whether those folders also count for the libraries that it links: `DT_RPATH` does, `DT_RUNPATH` does not.
    pub passes_on: bool,
    /// Highest `GLIBC_` version among its symbols.
    pub glibc: Option<Version>,
    /// Highest `GLIBCXX_` version among its symbols.
    pub glibcxx: Option<Version>,
    /// Highest `CXXABI_` version among its symbols.
    pub cxxabi: Option<Version>,
}

/// Reads an ELF file. `None` when it is none; an error, as a lower-case fragment, when it is damaged.
pub fn read(file: impl Read + Seek) -> Result<Option<Elf>, String> {
    let cache = ReadCache::new(file);
    let data = &cache;
    match data.read_bytes_at(0, 6) {
        Ok([0x7F, b'E', b'L', b'F', 1, _]) => header::<FileHeader32<Endianness>, _>(data).map(Some),
        Ok([0x7F, b'E', b'L', b'F', 2, _]) => header::<FileHeader64<Endianness>, _>(data).map(Some),
        Ok([0x7F, b'E', b'L', b'F', ..]) => Err("damaged ELF file: neither 32 nor 64 bits".to_owned()),
        _ => Ok(None),
    }
    .map_err(|why| if why.starts_with("damaged") { why } else { format!("damaged ELF file: {why}") })
}

fn header<'d, H, R>(data: R) -> Result<Elf, String>
where
    H: FileHeader<Endian = Endianness>,
    R: ReadRef<'d>,
    H: 'd,
{
    let text = |error: object::read::Error| error.to_string();
    let header = H::parse(data).map_err(text)?;
    let endian = header.endian().map_err(text)?;
    let mut found = Elf { machine: header.e_machine(endian).0, ..Elf::default() };
    for segment in header.program_headers(endian, data).map_err(text)?.iter().take(MAX_ENTRIES) {
        if let Some(path) = segment.interpreter(endian, data).map_err(text)? {
            found.interpreter = Some(name(path));
        }
    }
    let sections = header.sections(endian, data).map_err(text)?;
    if let Some((entries, strings)) = sections.dynamic(endian, data).map_err(text)? {
        let strings = sections.strings(endian, data, strings).map_err(text)?;
        dynamic(entries, endian, strings, &mut found)?;
    } else if let Some((entries, strings)) = without_sections::<H, R>(header, endian, data)? {
        dynamic(entries, endian, strings, &mut found)?;
    }
    if let Some((mut files, strings)) = sections.gnu_verneed(endian, data).map_err(text)? {
        let strings = sections.strings(endian, data, strings).map_err(text)?;
        for _ in 0..MAX_ENTRIES {
            let Some((_, mut versions)) = files.next().map_err(text)? else { break };
            for _ in 0..MAX_ENTRIES {
                let Some(version) = versions.next().map_err(text)? else { break };
                raise(&name(version.name(endian, strings).map_err(text)?), &mut found);
            }
        }
    }
    Ok(found)
}

/// The dynamic section and its strings by way of the program headers: section headers may have been stripped, and no loader reads
/// them.
#[expect(clippy::type_complexity, reason = "the two belong together and are taken apart at once")]
fn without_sections<'d, H, R>(
    header: &'d H,
    endian: Endianness,
    data: R,
) -> Result<Option<(&'d [H::Dyn], StringTable<'d, R>)>, String>
where
    H: FileHeader<Endian = Endianness>,
    R: ReadRef<'d>,
{
    let text = |error: object::read::Error| error.to_string();
    let segments = header.program_headers(endian, data).map_err(text)?;
    for segment in segments.iter().take(MAX_ENTRIES) {
        let Some(entries) = segment.dynamic(endian, data).map_err(text)? else { continue };
        let value = |wanted| entries.iter().take(MAX_ENTRIES).find(|e| e.tag(endian) == wanted).map(|e| e.val(endian));
        let (Some(address), Some(size)) = (value(elf::DT_STRTAB), value(elf::DT_STRSZ)) else { continue };
        let inside = |s: &&H::ProgramHeader| {
            let start: u64 = s.p_vaddr(endian).into();
            s.p_type(endian) == elf::PT_LOAD && address >= start && address - start < s.p_filesz(endian).into()
        };
        let Some(load) = segments.iter().take(MAX_ENTRIES).find(inside) else { continue };
        let start = (address - load.p_vaddr(endian).into()).saturating_add(load.p_offset(endian).into());
        return Ok(Some((entries, StringTable::new(data, start, start.saturating_add(size)))));
    }
    Ok(None)
}

fn dynamic<'d, D: Dyn<Endian = Endianness>, R: ReadRef<'d>>(
    entries: &[D],
    endian: Endianness,
    strings: StringTable<'d, R>,
    found: &mut Elf,
) -> Result<(), String> {
    let (mut old, mut new) = (Vec::new(), Vec::new());
    for entry in entries.iter().take(MAX_ENTRIES) {
        let tag = entry.tag(endian);
        if tag == elf::DT_NULL {
            break;
        }
        if tag != elf::DT_NEEDED && tag != elf::DT_RPATH && tag != elf::DT_RUNPATH {
            continue;
        }
        let text = name(entry.string(endian, strings).map_err(|error| error.to_string())?);
        if tag == elf::DT_NEEDED {
            found.needed.push(text);
        } else {
            let folders = if tag == elf::DT_RUNPATH { &mut new } else { &mut old };
            folders.extend(text.split(':').filter(|part| !part.is_empty()).map(str::to_owned));
        }
    }
    // The generic ABI: DT_RPATH is not looked at where there is a DT_RUNPATH.
    found.passes_on = new.is_empty() && !old.is_empty();
    found.search = if new.is_empty() { old } else { new };
    Ok(())
}

/// Takes a symbol version into account: `GLIBC_2.34`, `GLIBCXX_3.4.30`, `CXXABI_1.3.13`.
fn raise(version: &str, found: &mut Elf) {
    let Some((set, number)) = version.split_once('_') else { return };
    let highest = match set {
        "GLIBC" => &mut found.glibc,
        "GLIBCXX" => &mut found.glibcxx,
        "CXXABI" => &mut found.cxxabi,
        _ => return,
    };
    if let Some(number) = Version::parse(number).filter(|number| highest.as_ref().is_none_or(|h| h < number)) {
        *highest = Some(number);
    }
}

fn name(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&bytes[..bytes.len().min(MAX_NAME)]).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Made, library};
    use proptest::prelude::*;
    use std::io::Cursor;

    fn check(bytes: &[u8]) -> Result<Option<Elf>, String> {
        read(Cursor::new(bytes))
    }

    #[test]
    fn a_library_says_what_it_needs() {
        let made = Made {
            needed: &["libquince.so.5", "libc.so.6"],
            search: Some("$ORIGIN/../quince.libs:/opt/quince"),
            versions: &[
                ("libc.so.6", &["GLIBC_2.4", "GLIBC_2.34", "GLIBC_2.17", "GLIBC_PRIVATE"]),
                ("libstdc++.so.6", &["GLIBCXX_3.4.9", "GLIBCXX_3.4.30", "CXXABI_1.3.13"]),
            ],
        };
        let elf = check(&library(&made)).unwrap().unwrap();
        assert_eq!(elf.machine, 62);
        assert_eq!(elf.needed, ["libquince.so.5", "libc.so.6"]);
        assert_eq!(elf.search, ["$ORIGIN/../quince.libs", "/opt/quince"]);
        let shown = |version: &Option<Version>| version.as_ref().map(ToString::to_string);
        assert_eq!(shown(&elf.glibc).as_deref(), Some("2.34"));
        assert_eq!(shown(&elf.glibcxx).as_deref(), Some("3.4.30"));
        assert_eq!(shown(&elf.cxxabi).as_deref(), Some("1.3.13"));
        assert_eq!(elf.interpreter, None);
    }

    #[test]
    fn the_running_test_program_is_read() {
        let elf = read(fs_err::File::open(std::env::current_exe().unwrap()).unwrap()).unwrap().unwrap();
        assert!(elf.interpreter.as_deref().is_some_and(|i| i.contains("ld-")), "{elf:?}");
        assert!(elf.needed.iter().any(|n| n.starts_with("libc.")), "{elf:?}");
    }

    #[test]
    fn other_files_are_none_and_damaged_ones_say_so() {
        assert_eq!(check(b""), Ok(None));
        assert_eq!(check(b"#!/bin/sh\n"), Ok(None));
        assert_eq!(
            check(b"\x7FELF\x02\x01\x01"),
            Err("damaged ELF file: Invalid ELF header size or alignment".to_owned())
        );
        assert_eq!(check(b"\x7FELF\x09\x01"), Err("damaged ELF file: neither 32 nor 64 bits".to_owned()));
        let whole = library(&Made { needed: &["libplum.so.1"], ..Made::default() });
        assert!(check(&whole[..whole.len() - 40]).is_err());
    }

    #[test]
    fn versions_compare_by_number() {
        let of = |text| Version::parse(text).unwrap();
        assert!(of("2.4") < of("2.34") && of("2.34") < of("2.34.1"));
        assert_eq!(Version::parse("PRIVATE"), None);
    }

    proptest! {
        #[test]
        fn no_damage_panics_or_hangs(at in 0usize..800, byte in any::<u8>(), cut in 0usize..1200) {
            let mut bytes = library(&Made { needed: &["libplum.so.1"], versions: &[("libc.so.6", &["GLIBC_2.34"])], ..Made::default() });
            if let Some(place) = bytes.get_mut(at) {
                *place = byte;
            }
            bytes.truncate(cut.max(8));
            let _ = check(&bytes);
        }

        #[test]
        fn no_bytes_behind_the_magic_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), class in 1u8..3) {
            let mut file = vec![0x7F, b'E', b'L', b'F', class, 1, 1];
            file.extend(bytes);
            let _ = check(&file);
        }
    }
}
