//! A built Go program, taken apart: bytes of its file by module, stripped or not.
//!
//! Code and its tables come from the table of functions, which no build leaves out. Constants and variables are told by symbols alone;
//! a stripped file says of them only what functions point to, and the rest is named as such.

mod buildinfo;
mod names;
mod pclntab;

use crate::{gomod, recipe};
use buildinfo::BuildInfo;
use depslim_model::program::{Parts, Program, Share};
use depslim_model::{Host, Problem};
use object::read::elf::{ElfFile32, ElfFile64, FileHeader, SectionHeader};
use object::{Endianness, Object, ObjectSection, ObjectSegment, ObjectSymbol, SymbolKind};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// The program that ships: the one that the configuration names, else one that `go build` left where people look for it, if it is later
/// than `go.mod` and `go.sum`.
pub(crate) fn find(host: &Host<'_>) -> Vec<PathBuf> {
    if let Some(named) = host.settings.one("binary") {
        return vec![host.project.join(named)];
    }
    let Ok(manifest) = fs_err::read(host.project.join("go.mod")) else { return Vec::new() };
    let module = gomod::parse(&manifest);
    let name = recipe::module_name(&module);
    let changed = |path: &Path| fs_err::metadata(path).and_then(|about| about.modified()).ok();
    let lists = ["go.mod", "go.sum"].iter().filter_map(|list| changed(&host.project.join(list))).max();
    [name.to_owned(), format!("bin/{name}")]
        .into_iter()
        .map(|place| host.project.join(place))
        .filter(|path| path.is_file() && changed(path) >= lists)
        .collect()
}

/// Takes a program apart. `None` for files that the Go compiler did not make.
pub(crate) fn read(bytes: &[u8]) -> Option<Program> {
    match bytes.get(..5)? {
        [0x7f, b'E', b'L', b'F', 1] => {
            take_apart(bytes, ElfFile32::<Endianness>::parse(bytes).ok().map(|f| Layout::of(&f)))
        }
        [0x7f, b'E', b'L', b'F', 2] => {
            take_apart(bytes, ElfFile64::<Endianness>::parse(bytes).ok().map(|f| Layout::of(&f)))
        }
        _ => take_apart(bytes, None),
    }
}

/// What a file's headers say.
#[derive(Default)]
struct Layout {
    /// 64 bits.
    wide: bool,
    sections: Vec<Section>,
    /// Address of memory, place in the file, bytes.
    segments: Vec<(u64, Range<u64>)>,
    symbols: Vec<Symbol>,
}

struct Section {
    name: String,
    address: u64,
    file: Range<u64>,
}

struct Symbol {
    name: String,
    address: u64,
    size: u64,
    code: bool,
}

impl Layout {
    fn of<H: FileHeader<Endian = Endianness>>(file: &object::read::elf::ElfFile<'_, H>) -> Self {
        let sections = file.sections().filter_map(|section| {
            let (start, size) = section.file_range()?;
            let name = section.name().unwrap_or("?").to_owned();
            (size > 0).then_some(Section { name, address: section.address(), file: start..start.checked_add(size)? })
        });
        let segments = file.segments().filter_map(|segment| {
            let (start, size) = segment.file_range();
            Some((segment.address(), start..start.checked_add(size)?))
        });
        let mut sections: Vec<Section> = sections.collect();
        // Tables of symbols and names are sections too, which `object` keeps apart.
        let endian = file.endian();
        let table = file.elf_section_table();
        for section in table.iter() {
            let Some((start, size)) = section.file_range(endian) else { continue };
            let Some(end) = start.checked_add(size).filter(|_| size > 0) else { continue };
            if !sections.iter().any(|s| s.file.start == start) {
                let name = table.section_name(endian, section).map(|n| String::from_utf8_lossy(n).into_owned());
                sections.push(Section { name: name.unwrap_or_else(|_| "?".into()), address: 0, file: start..end });
            }
        }
        sections.sort_by_key(|s| s.file.start);
        let symbols = file.symbols().filter_map(|symbol| {
            let code = match symbol.kind() {
                SymbolKind::Text => true,
                SymbolKind::Data | SymbolKind::Unknown => false,
                _ => return None,
            };
            Some(Symbol { name: symbol.name().ok()?.to_owned(), address: symbol.address(), size: symbol.size(), code })
        });
        let symbols: Vec<Symbol> = symbols.collect();
        Self { wide: file.is_64(), sections, segments: segments.collect(), symbols }
    }

    fn section(&self, name: &str) -> Option<&Section> {
        self.sections.iter().find(|s| s.name == name)
    }

    /// The section that holds an address of memory.
    fn at(&self, address: u64) -> Option<usize> {
        let inside =
            |s: &Section| s.address > 0 && address >= s.address && address - s.address < s.file.end - s.file.start;
        self.sections.iter().position(inside)
    }
}

fn take_apart(bytes: &[u8], layout: Option<Layout>) -> Option<Program> {
    let known = layout.is_some();
    let layout = layout.unwrap_or_default();
    let segments = &layout.segments;
    let at = |address: u64| {
        let (start, file) =
            segments.iter().find(|(start, file)| address >= *start && address - *start < file.end - file.start)?;
        let place = usize::try_from(file.start + (address - start)).ok()?;
        bytes.get(place..)
    };
    let info = buildinfo::read(bytes, &at);
    if !known {
        // Another system's format: what it was built from is told, its parts are not.
        let info = info?;
        let message = "not an ELF file: its modules are known, their bytes are not";
        let mut program = Sums::new(&info).finish(bytes.len() as u64, vec![("file".into(), bytes.len() as u64)], info);
        program.problems.push(Problem::at(0, message));
        return Some(program);
    }
    // The marks of a table alone may stand in any file.
    let named = layout.sections.iter().any(|s| s.name.ends_with(".gopclntab"));
    let table = if info.is_some() || named { table(bytes, &layout) } else { None };
    if info.is_none() && table.is_none() {
        return None;
    }
    let info = info.unwrap_or_default();
    let mut sums = Sums::new(&info);
    let mut rest: Vec<(String, u64)> =
        layout.sections.iter().map(|s| (s.name.clone(), s.file.end - s.file.start)).collect();
    if let Some((place, table)) = &table {
        take_functions(table, &mut sums);
        let (code, tables, data) =
            table.functions.iter().fold((0, 0, 0), |sum, f| (sum.0 + f.code, sum.1 + f.table, sum.2 + f.data));
        subtract(&mut rest, layout.section(".text").map(|s| s.name.as_str()), code);
        let own = layout.sections.iter().find(|s| s.file.contains(place)).map(|s| s.name.as_str());
        subtract(&mut rest, own, tables + sums.file_names);
        let pointed = [".go.func", ".gofunc", ".rodata"].into_iter().find(|name| layout.section(name).is_some());
        subtract(&mut rest, pointed, data);
    }
    let stripped = layout.symbols.is_empty();
    take_symbols(&layout, table.is_some(), &mut sums, &mut rest);
    let mut total_of_rest: u64 = rest.iter().map(|(_, bytes)| bytes).sum();
    let total = bytes.len() as u64;
    let attributed = sums.total();
    // Sections may overlap in a damaged file; what is said must sum up all the same.
    while attributed + total_of_rest > total {
        let Some(largest) = rest.iter_mut().max_by_key(|(_, bytes)| *bytes).filter(|(_, bytes)| *bytes > 0) else {
            break;
        };
        let too_much = (attributed + total_of_rest - total).min(largest.1);
        largest.1 -= too_much;
        total_of_rest -= too_much;
    }
    if attributed > total {
        // Tables that claim more than the file holds tell nothing.
        sums = Sums::new(&info);
        rest = vec![("file".into(), total)];
    } else if attributed + total_of_rest < total {
        rest.push(("headers and padding".into(), total - attributed - total_of_rest));
    }
    let mut program = sums.finish(total, rest, info);
    program.stripped = stripped;
    if table.is_none() {
        let message = "no table of functions that is understood (Go 1.18 or later): only symbols tell whose bytes are";
        program.problems.push(Problem::at(0, message));
    }
    Some(program)
}

/// The table of functions and its place: in its section, else wherever it begins.
fn table<'d>(bytes: &'d [u8], layout: &Layout) -> Option<(u64, pclntab::Table<'d>)> {
    let named = layout.sections.iter().find(|s| s.name.ends_with(".gopclntab")).map(|s| s.file.start);
    let start = named.filter(|start| {
        usize::try_from(*start).ok().and_then(|at| bytes.get(at..)).is_some_and(|rest| pclntab::read(rest).is_some())
    });
    let start = start.or_else(|| pclntab::find(bytes).map(|at| at as u64))?;
    let rest = bytes.get(usize::try_from(start).ok()?..)?;
    Some((start, pclntab::read(rest)?))
}

fn subtract(rest: &mut [(String, u64)], name: Option<&str>, bytes: u64) {
    if let Some(section) = rest.iter_mut().find(|(section, _)| Some(section.as_str()) == name) {
        section.1 = section.1.saturating_sub(bytes);
    }
}

fn take_functions(table: &pclntab::Table<'_>, sums: &mut Sums) {
    for function in &table.functions {
        let parts = sums.of(function.name);
        parts.code += function.code;
        parts.tables += function.table + function.data;
    }
    for file in &table.files {
        let length = file.len() as u64 + 1;
        if let Some(parts) = sums.of_file(file) {
            parts.tables += length;
            sums.file_names += length;
        }
    }
}

/// What symbols tell: constants and variables, and the bytes of the symbols themselves.
fn take_symbols(layout: &Layout, functions_known: bool, sums: &mut Sums, rest: &mut [(String, u64)]) {
    let entry = if layout.wide { 24 } else { 16 };
    let mut end_of_last = 0;
    let mut order: Vec<&Symbol> = layout.symbols.iter().collect();
    order.sort_by_key(|s| (s.address, std::cmp::Reverse(s.size)));
    for symbol in order {
        let table = entry + symbol.name.len() as u64 + 1;
        let Some(parts) = sums.known(&symbol.name) else { continue };
        parts.symbols += table;
        subtract(rest, Some(".symtab"), entry);
        subtract(rest, Some(".strtab"), table - entry);
        // Symbols may lie in one another (`runtime.rodata`): bytes count once.
        let inside = symbol.address < end_of_last;
        let marks = symbol.name.starts_with("runtime.") && symbol.size > 1 << 20;
        if symbol.size == 0 || inside || marks || (symbol.code && functions_known) {
            continue;
        }
        let Some(section) = layout.at(symbol.address).filter(|at| rest[*at].1 >= symbol.size) else { continue };
        if symbol.code {
            parts.code += symbol.size;
        } else {
            parts.data += symbol.size;
        }
        rest[section].1 -= symbol.size;
        end_of_last = symbol.address + symbol.size;
    }
}

/// Bytes by module, while they are summed up.
struct Sums {
    /// Module → number; the project's own is the first.
    modules: Vec<String>,
    by_package: FxHashMap<String, Option<usize>>,
    parts: Vec<Parts>,
    runtime: Parts,
    file_names: u64,
}

impl Sums {
    fn new(info: &BuildInfo) -> Self {
        let own = info.module.as_ref().map_or_else(String::new, |(module, _)| module.clone());
        let modules: Vec<String> = std::iter::once(own).chain(info.modules.iter().map(|(m, _)| m.clone())).collect();
        Self {
            parts: vec![Parts::default(); modules.len()],
            modules,
            by_package: FxHashMap::default(),
            runtime: Parts::default(),
            file_names: 0,
        }
    }

    /// The module that a package belongs to; `None` for the standard library.
    fn module(&mut self, package: String) -> Option<usize> {
        if let Some(known) = self.by_package.get(&package) {
            return *known;
        }
        let inside = |module: &str| {
            !module.is_empty()
                && package.strip_prefix(module).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let found = if package == "main" {
            Some(0)
        } else {
            let of = |(_, module): &(usize, &String)| inside(module);
            let longest = self.modules.iter().enumerate().filter(of).max_by_key(|(_, module)| module.len());
            longest.map(|(at, _)| at)
        };
        self.by_package.insert(package, found);
        found
    }

    /// Where the bytes of a symbol count; what names no package counts to the runtime that made it.
    fn of(&mut self, name: &str) -> &mut Parts {
        match names::package(name).map(|package| self.module(package)) {
            Some(Some(module)) => &mut self.parts[module],
            _ => &mut self.runtime,
        }
    }

    /// The same for symbols that name a package.
    fn known(&mut self, name: &str) -> Option<&mut Parts> {
        let package = names::package(name)?;
        Some(match self.module(package) {
            Some(module) => &mut self.parts[module],
            None => &mut self.runtime,
        })
    }

    /// The same for a source file's name, as `-trimpath` or the module cache writes it (`hay.example@v1.0.0/bale.go`).
    fn of_file(&mut self, file: &str) -> Option<&mut Parts> {
        let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
        let at = folder.find('@')?;
        let rest = folder[at..].find('/').map_or("", |cut| &folder[at + cut..]);
        let path = folder[..at].rsplit_once("/pkg/mod/").map_or(&folder[..at], |(_, path)| path);
        let module = self.module(format!("{}{rest}", crate::cache::unescaped(path)))?;
        Some(&mut self.parts[module])
    }

    fn total(&self) -> u64 {
        self.parts.iter().map(Parts::total).sum::<u64>() + self.runtime.total()
    }

    fn finish(self, total: u64, mut rest: Vec<(String, u64)>, info: BuildInfo) -> Program {
        let versions: BTreeMap<&str, &str> =
            info.module.iter().chain(&info.modules).map(|(m, v)| (m.as_str(), v.as_str())).collect();
        let mut shares: Vec<Share> = self
            .modules
            .iter()
            .zip(&self.parts)
            .enumerate()
            .filter(|(at, (_, parts))| *at > 0 || parts.total() > 0)
            .map(|(at, (module, parts))| Share {
                package: if module.is_empty() { "main".to_owned() } else { module.clone() },
                version: versions.get(module.as_str()).filter(|v| !v.is_empty()).map(|v| (*v).to_owned()),
                own: at == 0,
                bytes: *parts,
            })
            .collect();
        shares.sort_by(|a, b| a.package.cmp(&b.package));
        rest.retain(|(_, bytes)| *bytes > 0);
        rest.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        Program {
            toolchain: Some(info.toolchain).filter(|t| !t.is_empty()),
            main: info.main,
            settings: info.settings,
            shares,
            runtime: self.runtime,
            rest,
            total,
            stripped: true,
            problems: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn other_files_are_none() {
        assert_eq!(read(b""), None);
        assert_eq!(read(b"#!/bin/sh\necho hay\n"), None);
        assert_eq!(read(&fs_err::read("/proc/self/exe").unwrap()), None);
    }

    #[test]
    fn another_systems_program_names_its_modules() {
        let mut bytes = b"MZ".to_vec();
        bytes.resize(32, 0);
        bytes.extend(b"\xff Go buildinf:\x08\x02");
        bytes.extend([0; 16]);
        bytes.push(8);
        bytes.extend(b"go1.26.1");
        let text = format!("{}dep\thay.example\tv1.0.0\n{}", "x".repeat(16), "y".repeat(16));
        bytes.push(text.len() as u8);
        bytes.extend(text.bytes());
        let program = read(&bytes).unwrap();
        assert_eq!(program.shares.iter().map(|s| s.package.as_str()).collect::<Vec<_>>(), ["hay.example"]);
        assert_eq!(program.problems.len(), 1);
        assert_eq!(program.attributed() + program.rest.iter().map(|r| r.1).sum::<u64>(), program.total);
    }

    proptest! {
        #[test]
        fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..400), class in 1_u8..3) {
            let mut file = vec![0x7f, b'E', b'L', b'F', class, 1, 1];
            file.extend(bytes);
            let _ = read(&file);
        }
    }
}
