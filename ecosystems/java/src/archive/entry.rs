//! Entries of a central directory, and inflating one of them.

use super::{Located, u16_at, u32_at, u64_at};
use flate2::{Decompress, FlushDecompress, Status};

/// No entry inflates further, bytes.
const LARGEST_ENTRY: u64 = 64 * 1024 * 1024;

/// One entry, as the directory says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry<'a> {
    pub(crate) name: &'a [u8],
    pub(crate) at: Located,
}

impl<'a> Entry<'a> {
    /// The name, where it is text.
    pub(crate) fn text(&self) -> Option<&'a str> {
        std::str::from_utf8(self.name).ok()
    }
}

/// How many bytes may still be inflated of one archive and all that lies in it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Budget(pub(crate) u64);

impl Default for Budget {
    fn default() -> Self {
        Self(1024 * 1024 * 1024)
    }
}

pub(super) fn entries(directory: &[u8], before: u64, most: usize) -> Vec<Entry<'_>> {
    let mut all = Vec::new();
    let mut rest = directory;
    while all.len() < most && rest.get(..4) == Some(b"PK\x01\x02") {
        let Some((entry, length)) = one(rest, before) else { break };
        all.push(entry);
        rest = rest.get(length..).unwrap_or_default();
    }
    all
}

fn one(record: &[u8], before: u64) -> Option<(Entry<'_>, usize)> {
    let (name, extra, comment) = (u16_at(record, 28)?, u16_at(record, 30)?, u16_at(record, 32)?);
    let (name, extra, comment) = (usize::from(name), usize::from(extra), usize::from(comment));
    let mut at = Located {
        method: u16_at(record, 10)?,
        packed: u64::from(u32_at(record, 20)?),
        size: u64::from(u32_at(record, 24)?),
        offset: u64::from(u32_at(record, 42)?),
    };
    if [at.packed, at.size, at.offset].contains(&u64::from(u32::MAX)) {
        large(&mut at, record.get(46 + name..46 + name + extra)?);
    }
    at.offset = at.offset.checked_add(before)?;
    Some((Entry { name: record.get(46..46 + name)?, at }, 46 + name + extra + comment))
}

/// Sizes that take 64 bits stand in an extra field (APPNOTE.TXT 4.5.3).
fn large(at: &mut Located, mut extra: &[u8]) {
    while let (Some(kind), Some(length)) = (u16_at(extra, 0), u16_at(extra, 2)) {
        let Some(field) = extra.get(4..4 + usize::from(length)) else { return };
        if kind == 1 {
            let mut place = 0;
            for value in [&mut at.size, &mut at.packed, &mut at.offset] {
                if *value == u64::from(u32::MAX)
                    && let Some(real) = u64_at(field, place)
                {
                    *value = real;
                    place += 8;
                }
            }
            return;
        }
        extra = extra.get(4 + usize::from(length)..).unwrap_or_default();
    }
}

/// Inflates an entry. `None` when it is broken, packed in another way than deflate, or larger than it may be.
pub(crate) fn inflate(packed: &[u8], method: u16, size: u64, budget: &mut Budget) -> Option<Vec<u8>> {
    if method == 0 {
        budget.0 = budget.0.checked_sub(packed.len() as u64)?;
        return Some(packed.to_vec());
    }
    // Deflate makes at most 1032 bytes of one: a larger claim is a lie, and nothing is reserved for it.
    let most = size.min(LARGEST_ENTRY).min((packed.len() as u64).saturating_mul(1040));
    if method != 8 || size > LARGEST_ENTRY {
        return None;
    }
    budget.0 = budget.0.checked_sub(most)?;
    let mut out = Vec::with_capacity(most as usize + 1);
    let status = Decompress::new(false).decompress_vec(packed, &mut out, FlushDecompress::Finish).ok()?;
    (status == Status::StreamEnd || out.len() as u64 == size).then_some(out)
}
