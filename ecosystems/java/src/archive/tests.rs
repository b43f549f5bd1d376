//! Archives as they are made, and as they are broken.

use super::*;
use std::io::Write;

/// A zip archive with these entries, deflated.
pub(crate) fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, bytes) in files {
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(bytes).unwrap();
        let packed = encoder.finish().unwrap();
        let offset = out.len() as u32;
        let mut head = Vec::new();
        head.extend(20_u16.to_le_bytes());
        head.extend(0_u16.to_le_bytes());
        head.extend(8_u16.to_le_bytes());
        head.extend([0; 8]);
        head.extend((packed.len() as u32).to_le_bytes());
        head.extend((bytes.len() as u32).to_le_bytes());
        head.extend((name.len() as u16).to_le_bytes());
        head.extend(0_u16.to_le_bytes());
        out.extend(b"PK\x03\x04");
        out.extend(&head);
        out.extend(name.as_bytes());
        out.extend(&packed);
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&head);
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let start = out.len() as u32;
    out.extend(&directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend((files.len() as u16).to_le_bytes());
    out.extend((files.len() as u16).to_le_bytes());
    out.extend((directory.len() as u32).to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0, 0]);
    out
}

fn text_of(bytes: &[u8], wanted: &str) -> Option<Vec<u8>> {
    let mut archive = Archive::of(bytes).ok()?;
    let at = archive.entries().iter().find(|entry| entry.text() == Some(wanted))?.at;
    archive.read(at, &mut Budget::default())
}

#[test]
fn entries_are_listed_and_read() {
    let bytes = zip(&[("barn/hay.txt", b"yellow"), ("straw", &[b'x'; 5000])]);
    assert_eq!(text_of(&bytes, "barn/hay.txt").as_deref(), Some(b"yellow".as_slice()));
    assert_eq!(text_of(&bytes, "straw").map(|b| b.len()), Some(5000));
    let script = [b"#!/bin/sh\nexec java -jar $0\n".as_slice(), &bytes].concat();
    assert_eq!(text_of(&script, "barn/hay.txt").as_deref(), Some(b"yellow".as_slice()));
}

#[test]
fn an_archive_on_the_disk_is_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("barn.jar");
    fs_err::write(&path, zip(&[("hay", b"yellow")])).unwrap();
    let mut archive = Archive::open(&path).unwrap();
    let at = archive.entries()[0].at;
    assert_eq!(archive.read(at, &mut Budget::default()).as_deref(), Some(b"yellow".as_slice()));
}

#[test]
fn every_truncation_is_told_or_harmless() {
    let bytes = zip(&[("hay", b"yellow"), ("straw", b"pale")]);
    for end in 0..bytes.len() {
        assert!(Archive::of(&bytes[..end]).is_err(), "{end}");
    }
    for at in 0..bytes.len() {
        let mut broken = bytes.clone();
        broken[at] ^= 0xff;
        let _ = text_of(&broken, "hay");
    }
}

#[test]
fn what_is_very_compressible_stays_within_its_budget() {
    let bytes = zip(&[("bomb", &vec![0; 20_000_000])]);
    assert!(bytes.len() < 40_000);
    let mut archive = Archive::of(&bytes).unwrap();
    let at = archive.entries()[0].at;
    assert_eq!(archive.read(at, &mut Budget(1_000_000)), None);
    // The directory says less than there is: no more than that comes out.
    let lie = Located { size: 1000, ..at };
    assert!(archive.read(lie, &mut Budget::default()).is_none_or(|out| out.len() <= 1001));
    let huge = Located { size: u64::MAX, ..at };
    assert_eq!(archive.read(huge, &mut Budget::default()), None);
}
