//! Class files: which classes one names, from its constant pool alone (JVM specification, chapter 4).
//!
//! Every class that the virtual machine links is a constant. Annotations of any retention, types of fields, of methods and of debug
//! information, and generic arguments are texts of the form `Lbarn/Hay;`: all texts are searched for that, so no attribute has to be
//! understood. What only an API computes at run time is a string constant, told apart from the others.

/// What one class file names. Names have `/` between their parts, as in the file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Class<'a> {
    /// The class file format's major version: 52 is Java 8, 61 Java 17.
    pub(crate) major: u16,
    /// Classes that the machine loads to run it; a class may be there several times.
    pub(crate) classes: Vec<&'a [u8]>,
    /// Classes that only annotations, generic arguments and debug information name: nothing breaks where they are not there.
    pub(crate) mentioned: Vec<&'a [u8]>,
    /// String constants that have the form of a class's name (`barn.Hay`).
    pub(crate) strings: Vec<&'a [u8]>,
    /// Modules that a module descriptor requires.
    pub(crate) modules: Vec<&'a [u8]>,
}

/// Reads a class file. `None` when it is none, or its constant pool is cut short.
pub(crate) fn read(bytes: &[u8]) -> Option<Class<'_>> {
    if bytes.get(..4)? != [0xCA, 0xFE, 0xBA, 0xBE] {
        return None;
    }
    let mut class = Class { major: number(bytes, 6)?, ..Class::default() };
    let count = usize::from(number(bytes, 8)?);
    let mut texts: Vec<(u32, u16)> = vec![(0, 0); count];
    let (mut names, mut strings, mut modules) = (Vec::new(), Vec::new(), Vec::new());
    let mut described_by = vec![false; count];
    let mut describe = |index: u16| {
        if let Some(slot) = described_by.get_mut(usize::from(index)) {
            *slot = true;
        }
    };
    let (mut at, mut index) = (10_usize, 1_usize);
    while index < count {
        let tag = *bytes.get(at)?;
        at += match tag {
            1 => {
                let length = number(bytes, at + 1)?;
                bytes.get(at + 3..at + 3 + usize::from(length))?;
                texts[index] = (at as u32 + 3, length);
                3 + usize::from(length)
            }
            7 => {
                names.push(number(bytes, at + 1)?);
                3
            }
            8 => {
                strings.push(number(bytes, at + 1)?);
                3
            }
            19 => {
                modules.push(number(bytes, at + 1)?);
                3
            }
            12 => {
                describe(number(bytes, at + 3)?);
                5
            }
            16 => {
                describe(number(bytes, at + 1)?);
                3
            }
            20 => 3,
            15 => 4,
            3 | 4 | 9 | 10 | 11 | 17 | 18 => 5,
            5 | 6 => {
                index += 1;
                9
            }
            _ => return None,
        };
        index += 1;
    }
    bytes.get(..at)?;
    // Cut short behind the pool, nobody can tell: then all that is named is needed.
    let members = members(bytes, at, &mut describe);
    let text = |index: u16| -> Option<&[u8]> {
        let (start, length) = *texts.get(usize::from(index))?;
        bytes.get(start as usize..start as usize + usize::from(length))
    };
    for name in names.into_iter().filter_map(text) {
        // An array is called by its descriptor, which is a text like any other.
        if name.first() != Some(&b'[') && !name.is_empty() {
            class.classes.push(name);
        }
    }
    class.strings.extend(strings.into_iter().filter_map(text).filter(|text| is_class_name(text)));
    class.modules.extend(modules.into_iter().filter_map(text));
    for ((start, length), needed) in texts.into_iter().zip(described_by).filter(|((_, length), _)| *length > 3) {
        let whole = bytes.get(start as usize..start as usize + usize::from(length)).unwrap_or_default();
        let needed = needed || members.is_none() || whole.first() == Some(&b'[');
        described(whole, if needed { &mut class.classes } else { &mut class.mentioned });
    }
    Some(class)
}

/// Tells the descriptors of a class's own fields and methods; `at` is the end of its constant pool.
fn members(bytes: &[u8], at: usize, describe: &mut dyn FnMut(u16)) -> Option<()> {
    let mut at = at + 8 + 2 * usize::from(number(bytes, at + 6)?);
    for _ in 0..2 {
        let count = number(bytes, at)?;
        at += 2;
        for _ in 0..count {
            describe(number(bytes, at + 4)?);
            let attributes = number(bytes, at + 6)?;
            at += 8;
            for _ in 0..attributes {
                let length = u32::from_be_bytes(bytes.get(at + 2..at + 6)?.try_into().ok()?);
                at = at.checked_add(6 + usize::try_from(length).ok()?)?;
            }
        }
    }
    Some(())
}

/// The classes of a descriptor or a signature: `Lbarn/Hay;`, `Lbarn/Hay<`.
fn described<'a>(text: &'a [u8], into: &mut Vec<&'a [u8]>) {
    if memchr::memchr(b';', text).is_none() {
        return;
    }
    let mut rest = text;
    while let Some(start) = memchr::memchr(b'L', rest) {
        let begins = start == 0 || !is_name_byte(rest[start - 1]) || b"BCDFIJSZ".contains(&rest[start - 1]);
        let name = &rest[start + 1..];
        let length = name.iter().take_while(|byte| is_name_byte(**byte) || **byte == b'/').count();
        let ends = matches!(name.get(length), Some(b';' | b'<'));
        if begins && ends && name[..length].contains(&b'/') && name[0] != b'/' {
            into.push(&name[..length]);
            rest = &name[length..];
        } else {
            rest = name;
        }
    }
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte == b'-' || byte >= 0x80
}

fn is_class_name(text: &[u8]) -> bool {
    text.len() > 4
        && memchr::memchr(b'.', text).is_some()
        && std::str::from_utf8(text).is_ok_and(crate::names::looks_like_class)
}

fn number(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A class file with these constants: `c:` a class, `s:` a string, `u:` a text, `m:` a module.
    pub(crate) fn class(major: u16, constants: &[&str]) -> Vec<u8> {
        let mut pool = Vec::new();
        let mut index = 1_u16;
        for constant in constants {
            let (kind, text) = constant.split_once(':').unwrap();
            pool.push(1);
            pool.extend((text.len() as u16).to_be_bytes());
            pool.extend(text.as_bytes());
            let tag = match kind {
                "c" => Some(7),
                "s" => Some(8),
                "m" => Some(19),
                _ => None,
            };
            if let Some(tag) = tag {
                pool.push(tag);
                pool.extend(index.to_be_bytes());
                index += 1;
            }
            index += 1;
        }
        let mut out = vec![0xCA, 0xFE, 0xBA, 0xBE, 0, 0];
        out.extend(major.to_be_bytes());
        out.extend(index.to_be_bytes());
        out.extend(pool);
        out
    }

    fn names(bytes: &[u8]) -> Vec<String> {
        let class = read(bytes).unwrap();
        assert_eq!(class.mentioned, Vec::<&[u8]>::new());
        class.classes.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect()
    }

    #[test]
    fn constants_descriptors_and_signatures_name_classes() {
        for (constant, expect) in [
            ("c:barn/Hay", vec!["barn/Hay"]),
            ("c:[Lbarn/Hay;", vec!["barn/Hay"]),
            ("u:(ILbarn/Hay;[[Lbarn/Straw;)V", vec!["barn/Hay", "barn/Straw"]),
            ("u:Ljava/util/List<Lbarn/Hay;>;", vec!["java/util/List", "barn/Hay"]),
            ("u:<T:Lbarn/Hay;>Lbarn/Top<TT;>.Inner;", vec!["barn/Hay", "barn/Top"]),
            ("u:plain Ltext", vec![]),
            ("s:no; Label", vec![]),
        ] {
            assert_eq!(names(&class(61, &[constant])), expect, "{constant}");
        }
    }

    #[test]
    fn strings_and_modules_are_told_apart() {
        let bytes = class(52, &["s:barn.Hay", "s:barn.hay", "s:Hay", "m:java.sql"]);
        let read = read(&bytes).unwrap();
        assert_eq!(
            (read.major, read.strings, read.modules),
            (52, vec![b"barn.Hay".as_slice()], vec![b"java.sql".as_slice()])
        );
    }

    #[test]
    fn what_is_only_mentioned_is_told_apart() {
        // A field of the second text as its descriptor; the first is of an annotation.
        let mut bytes = class(61, &["u:Lnote/Mark;", "u:Lbarn/Hay;", "c:[Lbarn/Straw;"]);
        for number in [0x21, 1, 1, 0, 1, 0, 1, 2, 0, 0, 0] {
            bytes.extend(u16::to_be_bytes(number));
        }
        let read = read(&bytes).unwrap();
        let texts = |names: &[&[u8]]| names.iter().map(|n| String::from_utf8_lossy(n).into_owned()).collect::<Vec<_>>();
        assert_eq!(texts(&read.classes), ["barn/Hay", "barn/Straw"]);
        assert_eq!(texts(&read.mentioned), ["note/Mark"]);
    }

    #[test]
    fn a_cut_pool_is_no_class() {
        let whole = class(61, &["c:barn/Hay", "u:Lbarn/Straw;"]);
        for end in 0..whole.len() {
            assert_eq!(read(&whole[..end]), None, "{end}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_will_do(bytes in prop::collection::vec(any::<u8>(), 0..300), pool in 0_u16..50) {
            read(&bytes);
            let mut headed = vec![0xCA, 0xFE, 0xBA, 0xBE, 0, 0, 0, 61];
            headed.extend(pool.to_be_bytes());
            headed.extend(&bytes);
            read(&headed);
        }
    }
}
