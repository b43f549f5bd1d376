//! Small ELF files, made by hand for tests.

/// What a made library says.
#[derive(Default, Clone, Copy)]
pub(crate) struct Made<'a> {
    pub(crate) needed: &'a [&'a str],
    pub(crate) search: Option<&'a str>,
    pub(crate) versions: &'a [(&'a str, &'a [&'a str])],
}

/// A 64-bit little-endian x86-64 shared object with a dynamic section, a version section and their strings.
pub(crate) fn library(made: &Made<'_>) -> Vec<u8> {
    let mut strings = vec![0u8];
    let mut string = |text: &str| {
        let at = strings.len();
        strings.extend(text.bytes().chain([0]));
        u64::try_from(at).unwrap()
    };
    let mut dynamic: Vec<u8> = Vec::new();
    let mut entry = |tag: u64, value: u64| dynamic.extend(tag.to_le_bytes().into_iter().chain(value.to_le_bytes()));
    for needed in made.needed {
        entry(1, string(needed));
    }
    if let Some(search) = made.search {
        entry(29, string(search));
    }
    entry(0, 0);
    let mut versions: Vec<u8> = Vec::new();
    for (at, (file, names)) in made.versions.iter().enumerate() {
        let last = at + 1 == made.versions.len();
        let count = u16::try_from(names.len()).unwrap();
        let next = if last { 0 } else { 16 + 16 * u32::from(count) };
        versions.extend([1u8, 0]);
        versions.extend(count.to_le_bytes());
        versions.extend(u32::try_from(string(file)).unwrap().to_le_bytes());
        versions.extend(16u32.to_le_bytes());
        versions.extend(next.to_le_bytes());
        for (at, name) in names.iter().enumerate() {
            let next: u32 = if at + 1 == names.len() { 0 } else { 16 };
            versions.extend([0u8; 8]);
            versions.extend(u32::try_from(string(name)).unwrap().to_le_bytes());
            versions.extend(next.to_le_bytes());
        }
    }
    let pad = |bytes: &mut Vec<u8>| bytes.resize(bytes.len().next_multiple_of(8), 0);
    pad(&mut strings);
    let offsets = [64, 64 + strings.len(), 64 + strings.len() + dynamic.len()];
    let mut file = vec![0x7F, b'E', b'L', b'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    file.extend(3u16.to_le_bytes());
    file.extend(62u16.to_le_bytes());
    file.extend(1u32.to_le_bytes());
    file.extend([0u8; 16]);
    let sections = u64::try_from(offsets[2] + versions.len()).unwrap();
    file.extend(sections.to_le_bytes());
    file.extend(0u32.to_le_bytes());
    for half in [64u16, 56, 0, 64, 4, 1] {
        file.extend(half.to_le_bytes());
    }
    let sizes = [strings.len(), dynamic.len(), versions.len()];
    file.extend(strings);
    file.extend(dynamic);
    file.extend(versions);
    file.extend([0u8; 64]);
    let kinds: [(u32, u32); 3] = [(3, 0), (6, 1), (0x6FFF_FFFE, 1)];
    for (at, (kind, link)) in kinds.into_iter().enumerate() {
        let info = if at == 2 { u32::try_from(made.versions.len()).unwrap() } else { 0 };
        file.extend(0u32.to_le_bytes());
        file.extend(kind.to_le_bytes());
        file.extend([0u8; 16]);
        file.extend(u64::try_from(offsets[at]).unwrap().to_le_bytes());
        file.extend(u64::try_from(sizes[at]).unwrap().to_le_bytes());
        file.extend(link.to_le_bytes());
        file.extend(info.to_le_bytes());
        file.extend(8u64.to_le_bytes());
        file.extend(16u64.to_le_bytes());
    }
    file
}
