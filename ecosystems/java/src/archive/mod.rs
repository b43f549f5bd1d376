//! Zip archives (jars, wars): the central directory, read raw, and single entries, inflated within bounds (APPNOTE.TXT 6.3.10).
//!
//! A name costs no allocation and no inflating. Offsets, sizes and names are the file's claims: nothing is believed that does not lie
//! within the file, and no entry inflates further than it says or than a bound.

mod entry;

pub(crate) use entry::{Budget, Entry, inflate};

use fs_err::File;
use std::borrow::Cow;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// No more entries are looked at.
const MOST_ENTRIES: usize = 500_000;
/// A central directory larger than this is not read, bytes.
const LARGEST_DIRECTORY: u64 = 128 * 1024 * 1024;
const END: [u8; 4] = *b"PK\x05\x06";
const END64: [u8; 4] = *b"PK\x06\x06";
const LOCATOR64: [u8; 4] = *b"PK\x06\x07";

/// Where the bytes of an archive are.
enum Place<'a> {
    Memory(&'a [u8]),
    Disk(File),
}

/// An archive, its directory read.
pub(crate) struct Archive<'a> {
    place: Place<'a>,
    length: u64,
    directory: Cow<'a, [u8]>,
    /// Bytes that stand in front of the archive (a starting script), which its offsets do not count.
    before: u64,
}

impl<'a> Archive<'a> {
    /// An archive in memory.
    ///
    /// # Errors
    /// When it has no end of a central directory: it is cut short, or no archive.
    pub(crate) fn of(bytes: &'a [u8]) -> Result<Self, &'static str> {
        let mut place = Place::Memory(bytes);
        let length = bytes.len() as u64;
        let (offset, size, before) = find_directory(&mut place, length)?;
        let directory = bytes.get(offset as usize..(offset + size) as usize).ok_or(CUT)?;
        Ok(Self { place, length, directory: Cow::Borrowed(directory), before })
    }

    /// An archive on the disk: only its end is read.
    ///
    /// # Errors
    /// As [`Archive::of`], and when the file can't be read.
    pub(crate) fn open(path: &Path) -> Result<Archive<'static>, &'static str> {
        let file = File::open(path).map_err(|_| "the file can't be read")?;
        let length = file.metadata().map_err(|_| "the file can't be read")?.len();
        let mut place = Place::Disk(file);
        let (offset, size, before) = find_directory(&mut place, length)?;
        let directory = place.bytes(offset, size, length).ok_or(CUT)?.into_owned();
        Ok(Archive { place, length, directory: Cow::Owned(directory), before })
    }

    /// Every entry, in the order of the directory.
    pub(crate) fn entries(&self) -> Vec<Entry<'_>> {
        entry::entries(&self.directory, self.before, MOST_ENTRIES)
    }

    /// The whole of an entry, inflated. `None` when it does not lie in the file, does not inflate, or goes beyond the budget.
    pub(crate) fn read(&mut self, at: Located, budget: &mut Budget) -> Option<Vec<u8>> {
        let header = self.place.bytes(at.offset, 30, self.length)?;
        if header.get(..4)? != b"PK\x03\x04" {
            return None;
        }
        let skip = 30 + u64::from(u16_at(&header, 26)?) + u64::from(u16_at(&header, 28)?);
        let packed = self.place.bytes(at.offset + skip, at.packed, self.length)?;
        inflate(&packed, at.method, at.size, budget)
    }
}

/// Where an entry lies: what is needed to read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Located {
    pub(crate) offset: u64,
    /// Bytes in the archive.
    pub(crate) packed: u64,
    /// Bytes when inflated, as the directory says.
    pub(crate) size: u64,
    pub(crate) method: u16,
}

const CUT: &str = "the archive is cut short";

impl<'a> Place<'a> {
    fn bytes(&mut self, offset: u64, size: u64, length: u64) -> Option<Cow<'a, [u8]>> {
        if offset.checked_add(size)? > length {
            return None;
        }
        match self {
            Place::Memory(bytes) => Some(Cow::Borrowed(bytes.get(offset as usize..(offset + size) as usize)?)),
            Place::Disk(file) => {
                let mut buffer = vec![0; size as usize];
                file.seek(SeekFrom::Start(offset)).ok()?;
                file.read_exact(&mut buffer).ok()?;
                Some(Cow::Owned(buffer))
            }
        }
    }
}

/// Offset and size of the central directory, and what stands in front of the archive.
fn find_directory(place: &mut Place<'_>, length: u64) -> Result<(u64, u64, u64), &'static str> {
    // The end record is 22 bytes and a comment of up to 65535.
    for tail in [1024_u64, 22 + 65_535 + 20] {
        let start = length.saturating_sub(tail);
        let bytes = place.bytes(start, length - start, length).ok_or(CUT)?;
        let Some(end) = memchr::memmem::rfind(&bytes, &END) else { continue };
        let record = bytes.get(end..).filter(|record| record.len() >= 22).ok_or(CUT)?;
        let number = |at: usize| u32_at(record, at).map(u64::from).ok_or(CUT);
        let (mut size, mut offset) = (number(12)?, number(16)?);
        let mut end = start + end as u64;
        if size == u64::from(u32::MAX) || offset == u64::from(u32::MAX) {
            let locator = end.checked_sub(20).ok_or(CUT)?;
            let record = place.bytes(locator, 20, length).ok_or(CUT)?;
            if record.get(..4) != Some(&LOCATOR64) {
                return Err(CUT);
            }
            end = u64_at(&record, 8).ok_or(CUT)?;
            let record = place.bytes(end, 56, length).ok_or(CUT)?;
            if record.get(..4) != Some(&END64) {
                return Err(CUT);
            }
            (size, offset) = (u64_at(&record, 40).ok_or(CUT)?, u64_at(&record, 48).ok_or(CUT)?);
        }
        if size > LARGEST_DIRECTORY {
            return Err("the archive's directory is too large");
        }
        let real = end.checked_sub(size).ok_or(CUT)?;
        let before = real.checked_sub(offset).ok_or(CUT)?;
        return Ok((real, size, before));
    }
    Err("no archive: it has no directory")
}

pub(crate) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

pub(crate) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

pub(crate) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(at..at.checked_add(8)?)?.try_into().ok()?))
}

#[cfg(test)]
pub(crate) mod tests;
