//! What a Go program's file records of how it was built: compiler, modules, settings.
//!
//! Format: the comments of `debug/buildinfo` in Go's standard library; the text inside is `runtime/debug.ParseBuildInfo`'s.

/// In front of the record, which lies at a multiple of 16 bytes.
const MAGIC: &[u8] = b"\xff Go buildinf:";

/// Longest text that is believed.
const LONGEST: u64 = 16 * 1024 * 1024;

/// Places that are tried.
const MOST: usize = 100;

/// The record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct BuildInfo {
    /// `go1.26.1`.
    pub(crate) toolchain: String,
    /// The main package.
    pub(crate) main: Option<String>,
    /// The main module and its version.
    pub(crate) module: Option<(String, String)>,
    /// Modules that packages were taken from, with their versions; the name that `go.mod` requires, where another one takes its place.
    pub(crate) modules: Vec<(String, String)>,
    pub(crate) settings: Vec<(String, String)>,
}

/// Reads the record. `at` gives the file's bytes at an address of memory.
pub(crate) fn read<'d>(bytes: &'d [u8], at: &dyn Fn(u64) -> Option<&'d [u8]>) -> Option<BuildInfo> {
    // Programs that read such records hold the same bytes.
    memchr::memmem::find_iter(bytes, MAGIC)
        .filter(|at| at % 16 == 0)
        .take(MOST)
        .find_map(|start| one(&bytes[start..], at))
}

fn one<'d>(record: &'d [u8], at: &dyn Fn(u64) -> Option<&'d [u8]>) -> Option<BuildInfo> {
    let (size, flags) = (*record.get(14)?, *record.get(15)?);
    let (toolchain, text) = if flags & 2 != 0 {
        let rest = record.get(32..)?;
        let (toolchain, rest) = counted(rest)?;
        (toolchain, counted(rest).map_or(&[][..], |(text, _)| text))
    } else {
        let big = flags & 1 != 0;
        let pointer = |bytes: &[u8]| number(bytes, size, big);
        let string = |place: usize| {
            let header = at(pointer(record.get(place..)?)?)?;
            let (data, length) = (pointer(header)?, pointer(header.get(usize::from(size)..)?)?);
            at(data)?.get(..usize::try_from(length.min(LONGEST)).ok()?)
        };
        (string(16)?, string(16 + usize::from(size)).unwrap_or(&[]))
    };
    let toolchain = std::str::from_utf8(toolchain).ok().filter(|t| is_toolchain(t))?;
    let mut info = BuildInfo { toolchain: toolchain.to_owned(), ..BuildInfo::default() };
    // The text stands between two marks of 16 bytes.
    let text = text.get(16..text.len().saturating_sub(16)).unwrap_or(&[]);
    lines(&String::from_utf8_lossy(text), &mut info);
    Some(info)
}

/// `go1.26.1`, `devel go1.27-abcdef …`.
fn is_toolchain(text: &str) -> bool {
    (text.starts_with("go") || text.starts_with("devel")) && text.len() < 200 && !text.contains(char::is_control)
}

fn lines(text: &str, info: &mut BuildInfo) {
    for line in text.lines() {
        let words: Vec<&str> = line.split('\t').collect();
        match words.as_slice() {
            ["path", path, ..] => info.main = Some((*path).to_owned()),
            ["mod", path, rest @ ..] => {
                info.module = Some(((*path).to_owned(), rest.first().map_or("", |v| *v).to_owned()));
            }
            ["dep", path, rest @ ..] => {
                info.modules.push(((*path).to_owned(), rest.first().map_or("", |v| *v).to_owned()));
            }
            ["build", setting, ..] => {
                let (key, value) = setting.split_once('=').unwrap_or((setting, ""));
                info.settings.push((key.trim_matches('"').to_owned(), value.trim_matches('"').to_owned()));
            }
            _ => {}
        }
    }
}

/// Bytes behind their count.
fn counted(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (mut length, mut shift, mut at) = (0_u64, 0, 0);
    loop {
        let byte = *bytes.get(at)?;
        at += 1;
        length |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            break;
        }
        shift += 7;
        if shift > 56 {
            return None;
        }
    }
    let rest = &bytes[at..];
    let length = usize::try_from(length).ok()?;
    Some((rest.get(..length)?, rest.get(length..)?))
}

/// A number of 4 or 8 bytes.
pub(super) fn number(bytes: &[u8], size: u8, big: bool) -> Option<u64> {
    let bytes = bytes.get(..usize::from(size))?;
    if size > 8 {
        return None;
    }
    let add = |sum: u64, byte: &u8| sum << 8 | u64::from(*byte);
    Some(if big { bytes.iter().fold(0, add) } else { bytes.iter().rev().fold(0, add) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn record(toolchain: &str, text: &str) -> Vec<u8> {
        let mut bytes = vec![0; 16];
        bytes.extend(MAGIC);
        bytes.extend([8, 2]);
        bytes.extend([0; 16]);
        for part in [toolchain.to_owned(), format!("{}{text}{}", "x".repeat(16), "y".repeat(16))] {
            let mut length = part.len();
            while length >= 0x80 {
                bytes.push((length as u8 & 0x7f) | 0x80);
                length >>= 7;
            }
            bytes.push(length as u8);
            bytes.extend(part.bytes());
        }
        bytes
    }

    #[test]
    fn modules_and_settings() {
        let text = "path\texample.invalid/barn/cmd/barn\nmod\texample.invalid/barn\t(devel)\t\ndep\thay.example\tv1.0.0\th1:x=\n=>\tfork.example/hay\tv1.0.1\th1:y=\ndep\tstraw.example\tv2.0.0\nbuild\tCGO_ENABLED=0\nbuild\t-tags=timetzdata\n";
        let info = read(&record("go1.26.1", text), &|_| None).unwrap();
        assert_eq!(info.toolchain, "go1.26.1");
        assert_eq!(info.main.as_deref(), Some("example.invalid/barn/cmd/barn"));
        assert_eq!(info.module, Some(("example.invalid/barn".into(), "(devel)".into())));
        let modules: Vec<_> = info.modules.iter().map(|(m, v)| (m.as_str(), v.as_str())).collect();
        assert_eq!(modules, [("hay.example", "v1.0.0"), ("straw.example", "v2.0.0")]);
        assert_eq!(info.settings, [("CGO_ENABLED".into(), "0".into()), ("-tags".into(), "timetzdata".into())]);
    }

    #[test]
    fn other_files() {
        assert_eq!(read(b"", &|_| None), None);
        assert_eq!(read(MAGIC, &|_| None), None);
        let whole = record("go1.26.1", "path\tx\n");
        for cut in 0..whole.len() {
            let _ = read(&whole[..cut], &|_| None);
        }
    }

    proptest! {
        #[test]
        fn any_record(bytes in prop::collection::vec(any::<u8>(), 0..120), flags in 0_u8..4, size in any::<u8>()) {
            let mut record = MAGIC.to_vec();
            record.extend([size, flags]);
            record.extend(&bytes);
            let _ = read(&record, &|address| bytes.get(address as usize..));
        }
    }
}
