//! A built program, taken apart: bytes of its file by crate, as its symbols tell. A stripped file tells nothing of them.
//!
//! Names are mangled in two ways ([v0](https://doc.rust-lang.org/rustc/symbol-mangling/v0.html) and the one before it); what they say is
//! read by rustc's own demangler. Machine code that a generic function of the standard library became for a crate's type counts to that
//! crate; code that was inlined counts where it was inlined.

use crate::unwind;
use depslim_model::Problem;
use depslim_model::program::{Parts, Program, Share};
use object::read::elf::{ElfFile, ElfFile32, ElfFile64, FileHeader, SectionHeader};
use object::{Endianness, Object, ObjectSection, ObjectSymbol, SymbolKind};
use rustc_hash::FxHashMap;

/// Crates that come with the compiler.
const LANGUAGE: &[&str] = &[
    "std",
    "core",
    "alloc",
    "proc_macro",
    "test",
    "panic_unwind",
    "panic_abort",
    "compiler_builtins",
    "std_detect",
    "unwind",
    "rustc_std_workspace_core",
    "rustc_std_workspace_alloc",
];

/// Takes a program apart. `None` for files that rustc did not make.
pub(crate) fn read(bytes: &[u8]) -> Option<Program> {
    match bytes.get(..5)? {
        [0x7f, b'E', b'L', b'F', 1] => take_apart(bytes, &ElfFile32::<Endianness>::parse(bytes).ok()?),
        [0x7f, b'E', b'L', b'F', 2] => take_apart(bytes, &ElfFile64::<Endianness>::parse(bytes).ok()?),
        _ => None,
    }
}

/// A part of the file.
struct Section {
    name: String,
    address: u64,
    size: u64,
    /// Bytes of it that nobody was found for yet.
    left: u64,
}

/// One symbol.
struct Symbol<'f> {
    name: &'f str,
    address: u64,
    size: u64,
    code: bool,
}

fn take_apart<'f, H: FileHeader<Endian = Endianness>>(bytes: &'f [u8], file: &ElfFile<'f, H>) -> Option<Program> {
    let toolchain = toolchain(file);
    let symbols: Vec<Symbol<'f>> = file.symbols().filter_map(|found| symbol(&found)).collect();
    let named = |symbol: &Symbol<'_>| rustc_demangle::try_demangle(symbol.name).is_ok();
    if toolchain.is_none() && !symbols.iter().any(named) {
        return None;
    }
    let mut sections = sections(file);
    let mut crates = Crates::default();
    let entry = if file.is_64() { 24 } else { 16 };
    let mut order: Vec<&Symbol<'_>> = symbols.iter().collect();
    order.sort_by_key(|s| (s.address, std::cmp::Reverse(s.size)));
    let mut end_of_last = 0;
    let mut functions: Vec<(u64, u64, String)> = Vec::new();
    let mut main = None;
    for symbol in order {
        // Functions that were folded into one have several names; symbols may lie in one another.
        let first = symbol.address >= end_of_last;
        let Some((of, is_main)) = owner(symbol.name) else { continue };
        if is_main {
            main = Some(of.clone());
        }
        let parts = crates.of(&of);
        let text = symbol.name.len() as u64 + 1;
        parts.symbols += take(&mut sections, |s| s.name == ".symtab", entry);
        parts.symbols += take(&mut sections, |s| s.name == ".strtab", text);
        if !first || symbol.size == 0 {
            continue;
        }
        let holds = |s: &Section| s.address > 0 && symbol.address >= s.address && symbol.address - s.address < s.size;
        let bytes = take(&mut sections, holds, symbol.size);
        let part = if symbol.code { &mut parts.code } else { &mut parts.data };
        *part += bytes;
        end_of_last = symbol.address.saturating_add(symbol.size);
        if symbol.code {
            functions.push((symbol.address, end_of_last, of));
        }
    }
    for record in unwinding(file) {
        let behind = functions.partition_point(|(from, _, _)| *from <= record.function);
        let Some((_, _, of)) =
            behind.checked_sub(1).map(|at| &functions[at]).filter(|(_, to, _)| record.function < *to)
        else {
            continue;
        };
        let parts = crates.of(of);
        parts.tables += take(&mut sections, |s| s.name == ".eh_frame", record.bytes);
        // The index has the address and the place of each record.
        parts.tables += take(&mut sections, |s| s.name == ".eh_frame_hdr", 8);
    }
    let stripped = crates.parts.is_empty();
    Some(crates.finish(bytes.len() as u64, sections, toolchain, main, stripped))
}

/// Takes bytes from the section that fits; gives as many as it had.
fn take(sections: &mut [Section], fits: impl Fn(&Section) -> bool, bytes: u64) -> u64 {
    let Some(section) = sections.iter_mut().find(|s| fits(s)) else { return 0 };
    let taken = bytes.min(section.left);
    section.left -= taken;
    taken
}

/// Records for unwinding. Only machines that write the last byte of a number last have any that are understood.
fn unwinding<H: FileHeader<Endian = Endianness>>(file: &ElfFile<'_, H>) -> Vec<unwind::Record> {
    let section = file.section_by_name(".eh_frame").filter(|_| file.is_little_endian());
    let data = section.and_then(|section| Some((section.data().ok()?, section.address())));
    data.map_or_else(Vec::new, |(bytes, address)| unwind::records(bytes, address))
}

/// The compiler, as it writes into what it makes.
fn toolchain<H: FileHeader<Endian = Endianness>>(file: &ElfFile<'_, H>) -> Option<String> {
    let data = file.section_by_name(".comment")?.data().ok()?;
    let said = data.split(|byte| *byte == 0).find_map(|part| part.strip_prefix(b"rustc version "))?;
    let text = String::from_utf8_lossy(said);
    Some(format!("rustc {}", text.split(' ').next().unwrap_or_default()))
}

fn symbol<'f>(symbol: &impl ObjectSymbol<'f>) -> Option<Symbol<'f>> {
    let code = match symbol.kind() {
        SymbolKind::Text => true,
        SymbolKind::Data | SymbolKind::Tls | SymbolKind::Unknown => false,
        _ => return None,
    };
    Some(Symbol { name: symbol.name().ok()?, address: symbol.address(), size: symbol.size(), code })
}

/// All sections that take bytes of the file, those of symbols too.
fn sections<H: FileHeader<Endian = Endianness>>(file: &ElfFile<'_, H>) -> Vec<Section> {
    let endian = file.endian();
    let table = file.elf_section_table();
    let sections = table.iter().filter_map(|section| {
        let (_, size) = section.file_range(endian).filter(|(_, size)| *size > 0)?;
        let name = table.section_name(endian, section).map(|n| String::from_utf8_lossy(n).into_owned());
        let address: u64 = section.sh_addr(endian).into();
        Some(Section { name: name.unwrap_or_else(|_| "?".into()), address, size, left: size })
    });
    sections.collect()
}

/// The crate that a symbol's bytes count to, and whether it is the program's `main`. `None` for what is not Rust's.
fn owner(mangled: &str) -> Option<(String, bool)> {
    let demangled = rustc_demangle::try_demangle(mangled).ok()?;
    let name = format!("{demangled:#}");
    let mut heads = heads(&name).peekable();
    let first = (*heads.peek()?).to_owned();
    let is_main = name == format!("{first}::main");
    let of = heads.find(|head| !LANGUAGE.contains(head)).map_or(first, str::to_owned);
    Some((of, is_main))
}

/// First parts of the paths in a demangled name, in their order.
fn heads(name: &str) -> impl Iterator<Item = &str> {
    let in_name = |c: char| c.is_alphanumeric() || c == '_';
    name.match_indices("::").filter_map(move |(at, _)| {
        let before = &name[..at];
        let start =
            before.rfind(|c| !in_name(c)).map_or(0, |end| end + before[end..].chars().next().map_or(1, char::len_utf8));
        let head = &before[start..];
        let begins = head.starts_with(|c: char| c.is_lowercase() || c == '_');
        (begins && !before[..start].ends_with("::")).then_some(head)
    })
}

/// Bytes by crate, while they are summed up.
#[derive(Default)]
struct Crates {
    parts: FxHashMap<String, Parts>,
}

impl Crates {
    fn of(&mut self, name: &str) -> &mut Parts {
        if !self.parts.contains_key(name) {
            self.parts.insert(name.to_owned(), Parts::default());
        }
        self.parts.entry(name.to_owned()).or_default()
    }

    fn finish(
        self,
        total: u64,
        sections: Vec<Section>,
        toolchain: Option<String>,
        main: Option<String>,
        stripped: bool,
    ) -> Program {
        let mut program = Program { toolchain, main, total, stripped, ..Program::default() };
        for (name, parts) in self.parts {
            if LANGUAGE.contains(&name.as_str()) {
                program.runtime.code += parts.code;
                program.runtime.tables += parts.tables;
                program.runtime.data += parts.data;
                program.runtime.symbols += parts.symbols;
            } else {
                let own = program.main.as_deref() == Some(&name);
                program.shares.push(Share { package: name, version: None, own, bytes: parts });
            }
        }
        program.shares.sort_by(|a, b| a.package.cmp(&b.package));
        let mut rest: Vec<(String, u64)> =
            sections.into_iter().filter(|s| s.left > 0).map(|s| (s.name, s.left)).collect();
        // Sections of a damaged file may overlap: what is said sums up all the same.
        let known = program.attributed();
        let mut room = total.saturating_sub(known);
        if known > total {
            (program.shares, program.runtime, room) = (Vec::new(), Parts::default(), total);
        }
        for (_, bytes) in &mut rest {
            *bytes = (*bytes).min(room);
            room -= *bytes;
        }
        rest.push(("headers and padding".into(), room));
        rest.retain(|(_, bytes)| *bytes > 0);
        rest.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        program.rest = rest;
        if stripped {
            let message = "no symbols: nothing tells whose bytes are (build with strip = false to see it)";
            program.problems.push(Problem::at(0, message));
        }
        program
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_tell_the_crate() {
        for (mangled, expect) in [
            ("_ZN4barn4main17h0123456789abcdefE", Some(("barn", true))),
            ("_ZN10serde_json2de3foo17h0123456789abcdefE", Some(("serde_json", false))),
            ("_ZN4core3fmt5write17h0123456789abcdefE", Some(("core", false))),
            // <alloc::vec::Vec<T> as core::clone::Clone>::clone
            (
                "_ZN63_$LT$alloc..vec..Vec$LT$T$GT$$u20$as$u20$core..clone..Clone$GT$5clone17h0123456789abcdefE",
                Some(("alloc", false)),
            ),
            // core::ptr::drop_in_place<barn::Cow>
            ("_ZN4core3ptr30drop_in_place$LT$barn..Cow$GT$17h0123456789abcdefE", Some(("barn", false))),
            ("_RNvCs1234_7mycrate3foo", Some(("mycrate", false))),
            ("_RNvCs1234_7mycrate4main", Some(("mycrate", true))),
            ("sqlite3_open", None),
            ("", None),
        ] {
            let found = owner(mangled);
            assert_eq!(found.as_ref().map(|(name, main)| (name.as_str(), *main)), expect, "{mangled}");
        }
    }

    /// This very test is a program of Rust, and it is not stripped.
    #[test]
    fn a_program_is_taken_apart_and_its_parts_sum_up() {
        let bytes = fs_err::read(std::env::current_exe().unwrap()).unwrap();
        let program = read(&bytes).unwrap();
        let rest: u64 = program.rest.iter().map(|(_, bytes)| bytes).sum();
        assert_eq!(program.attributed() + rest, bytes.len() as u64);
        assert!(program.toolchain.as_deref().is_some_and(|t| t.starts_with("rustc 1.")), "{:?}", program.toolchain);
        let names: Vec<&str> = program.shares.iter().map(|s| s.package.as_str()).collect();
        assert!(names.contains(&"depslim_rust") && names.contains(&"proptest"), "{names:?}");
        assert!(program.runtime.code > 100_000 && !program.stripped);
        // Nearly every function has a record for unwinding.
        let left = program.rest.iter().find(|(name, _)| name == ".eh_frame").map_or(0, |(_, bytes)| *bytes);
        let told: u64 = program.shares.iter().map(|s| s.bytes.tables).sum::<u64>() + program.runtime.tables;
        assert!(told > 100_000 && left < told / 4, "{told} of unwinding tables told, {left} left");
    }

    #[test]
    fn what_rustc_did_not_make_is_none() {
        assert_eq!(read(b""), None);
        assert_eq!(read(b"\x7fELF\x02"), None);
        assert_eq!(read(b"MZ and more"), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_taken(cut in 0_usize..4096, change in proptest::collection::vec((0_usize..4096, any::<u8>()), 0..20)) {
            let whole = fs_err::read(std::env::current_exe().unwrap()).unwrap();
            let mut bytes = whole[..4096].to_vec();
            for (at, byte) in change {
                bytes[at] = byte;
            }
            bytes[..5].copy_from_slice(b"\x7fELF\x02");
            bytes.truncate(4096 - cut);
            if let Some(program) = read(&bytes) {
                let rest: u64 = program.rest.iter().map(|(_, bytes)| bytes).sum();
                prop_assert_eq!(program.attributed() + rest, bytes.len() as u64);
            }
        }
    }
}
