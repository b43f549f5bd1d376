//! The table of functions that every Go program carries, stripped or not: where each one's code lies, and how large its own tables
//! are.
//!
//! Format: `runtime/symtab.go` and `internal/abi/symtab.go` of Go 1.18 to 1.26 (magic numbers `0xfffffff0` and `0xfffffff1`).

use super::buildinfo::number;
use rustc_hash::FxHashSet;

/// More functions than any program has.
const MOST: u64 = 20_000_000;

/// Longest name that is believed.
const LONGEST: usize = 16 * 1024;

/// One function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Function<'d> {
    pub(crate) name: &'d str,
    /// Bytes of code, with the padding behind it.
    pub(crate) code: u64,
    /// Bytes of this table that only this function needs. What several share is counted to the first.
    pub(crate) table: u64,
    /// Bytes of the stack maps and inlining trees that it points to, which lie outside of this table.
    pub(crate) data: u64,
}

/// The table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Table<'d> {
    pub(crate) functions: Vec<Function<'d>>,
    /// Files with code, and the bytes of their names.
    pub(crate) files: Vec<&'d str>,
}

/// Finds the table in bytes of which the beginning is not known. Gives its place.
pub(crate) fn find(bytes: &[u8]) -> Option<usize> {
    [[0xf1, 0xff, 0xff, 0xff, 0, 0], [0xf0, 0xff, 0xff, 0xff, 0, 0]]
        .iter()
        .flat_map(|magic| memchr::memmem::find_iter(bytes, magic))
        .find(|at| Header::read(&bytes[*at..]).is_some())
}

struct Header<'d> {
    bytes: &'d [u8],
    functions: u64,
    files: usize,
    names: usize,
    file_table: usize,
    pc_table: usize,
    function_table: usize,
    /// Bytes of a function's record before its two lists.
    record: usize,
}

impl<'d> Header<'d> {
    fn read(bytes: &'d [u8]) -> Option<Self> {
        let magic = number(bytes, 4, false)?;
        let record = match magic {
            0xffff_fff1 => 44,
            0xffff_fff0 => 40,
            _ => return None,
        };
        let (quantum, size) = (*bytes.get(6)?, *bytes.get(7)?);
        if !matches!(quantum, 1 | 2 | 4) || !matches!(size, 4 | 8) {
            return None;
        }
        let word = |at: usize| number(bytes.get(8 + at * usize::from(size)..)?, size, false);
        let place = |at: usize| usize::try_from(word(at)?).ok().filter(|place| *place < bytes.len());
        let functions = word(0)?;
        let files = usize::try_from(word(1)?).ok().filter(|files| *files < bytes.len())?;
        (functions <= MOST).then_some(())?;
        Some(Self {
            bytes,
            functions,
            files,
            names: place(3)?,
            file_table: place(5)?,
            pc_table: place(6)?,
            function_table: place(7)?,
            record,
        })
    }

    fn word(&self, at: usize) -> Option<u64> {
        number(self.bytes.get(at..)?, 4, false)
    }

    fn text(&self, at: usize) -> Option<&'d str> {
        let rest = self.bytes.get(at..)?;
        let rest = &rest[..rest.len().min(LONGEST)];
        std::str::from_utf8(&rest[..memchr::memchr(0, rest)?]).ok()
    }
}

/// Reads a table that begins where `bytes` do. `None` when it is none, or of another layout.
pub(crate) fn read(bytes: &[u8]) -> Option<Table<'_>> {
    let header = Header::read(bytes)?;
    let count = usize::try_from(header.functions).ok()?;
    let entry = |at: usize| {
        let place = header.function_table.checked_add(at * 8)?;
        Some((header.word(place)?, header.word(place + 4)?))
    };
    let mut table = Table::default();
    let mut seen: FxHashSet<(u8, u64)> = FxHashSet::default();
    let mut elsewhere: Vec<(u64, usize)> = Vec::new();
    for at in 0..count {
        let Some((start, offset)) = entry(at) else { break };
        // Behind the last function stands the end of the code alone.
        let Some(end) = header.word(header.function_table + (at + 1) * 8) else { break };
        let Some(record) = usize::try_from(offset).ok().and_then(|o| header.function_table.checked_add(o)) else {
            break;
        };
        let Some(name_at) = header.word(record + 4) else { break };
        let name_place = header.names.saturating_add(name_at as usize);
        let name = header.text(name_place).unwrap_or("");
        let mut size = 8;
        if seen.insert((0, name_at)) {
            size += name.len() as u64 + 1;
        }
        let lists = u64::from(header.bytes.get(record + header.record - 1).copied().unwrap_or(0));
        let pcs = header.word(record + 28).unwrap_or(0).min(64);
        size += header.record as u64 + (pcs + lists) * 4;
        let after = record + header.record;
        let of_pcs = (0..pcs as usize).map(|i| after + i * 4);
        for place in [record + 16, record + 20, record + 24].into_iter().chain(of_pcs) {
            let Some(offset) = header.word(place).filter(|o| *o != 0) else { continue };
            if seen.insert((1, offset)) {
                size += steps(bytes, header.pc_table.saturating_add(offset as usize));
            }
        }
        for i in 0..lists as usize {
            let Some(offset) = header.word(after + (pcs as usize + i) * 4).filter(|o| *o != u64::from(u32::MAX)) else {
                continue;
            };
            if seen.insert((2, offset)) {
                elsewhere.push((offset, at));
            }
        }
        table.functions.push(Function { name, code: end.saturating_sub(start), table: size, data: 0 });
    }
    // Each piece ends where the next one begins; where the last one ends is not told.
    elsewhere.sort_unstable();
    for pair in elsewhere.windows(2) {
        if let Some(function) = table.functions.get_mut(pair[0].1) {
            function.data += pair[1].0 - pair[0].0;
        }
    }
    table.files = files(&header);
    Some(table)
}

/// Bytes of a list of pairs (value, distance) that ends with a value of nothing.
fn steps(bytes: &[u8], start: usize) -> u64 {
    let Some(rest) = bytes.get(start..) else { return 0 };
    let mut at = 0;
    let varint = |at: &mut usize| -> Option<bool> {
        let mut nothing = true;
        loop {
            let byte = *rest.get(*at)?;
            *at += 1;
            nothing &= matches!(byte, 0 | 0x80);
            if byte < 0x80 {
                return Some(nothing);
            }
        }
    };
    let mut first = true;
    while let Some(nothing) = varint(&mut at) {
        if nothing && !first {
            break;
        }
        first = false;
        if varint(&mut at).is_none() {
            break;
        }
    }
    at as u64
}

fn files<'d>(header: &Header<'d>) -> Vec<&'d str> {
    let mut found = Vec::new();
    let mut at = header.file_table;
    let mut known: FxHashSet<&str> = FxHashSet::default();
    for _ in 0..header.files {
        let Some(name) = header.text(at) else { break };
        at += name.len() + 1;
        if at > header.pc_table && header.pc_table > header.file_table {
            break;
        }
        if !name.is_empty() && known.insert(name) {
            found.push(name);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lists_end_with_nothing() {
        assert_eq!(steps(&[0, 1, 2, 3, 0, 9], 0), 5);
        assert_eq!(steps(&[0x80, 0x01, 5, 0], 0), 4);
        assert_eq!(steps(&[1, 2], 0), 2);
        assert_eq!(steps(&[1, 2], 9), 0);
    }

    proptest! {
        #[test]
        fn any_table(bytes in prop::collection::vec(any::<u8>(), 0..400), small in prop::collection::vec(0_u8..200, 9)) {
            let mut table = vec![0xf1, 0xff, 0xff, 0xff, 0, 0, 1, 8];
            for number in small {
                table.extend(u64::from(number).to_le_bytes());
            }
            table.extend(&bytes);
            let _ = read(&table);
            let _ = find(&table);
            let _ = find(&bytes);
        }
    }
}
