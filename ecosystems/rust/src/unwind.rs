//! Tables for unwinding (`.eh_frame`): which function each record is for, so that its bytes count to whoever has the function
//! ([Linux Standard Base, 10.6](https://refspecs.linuxfoundation.org/LSB_5.0.0/LSB-Core-generic/LSB-Core-generic/ehframechpt.html)).

/// A record: the address of its function, and its bytes with its length's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Record {
    /// Address of the function's first byte.
    pub(crate) function: u64,
    /// Bytes of the record.
    pub(crate) bytes: u64,
}

/// Relative to its own place, four bytes with a sign: how compilers write addresses there.
const RELATIVE: u8 = 0x1b;

/// The records of a section that lies at an address. What is written in another way, or is damaged, is left out.
pub(crate) fn records(section: &[u8], address: u64) -> Vec<Record> {
    let mut found = Vec::new();
    let mut at = 0_usize;
    while let Some(length) = number(section, at).map(|length| length as usize) {
        // An end mark, or a record of 64 bits, which nobody writes.
        let start = at + 4;
        let Some(record) = start.checked_add(length).and_then(|end| section.get(start..end)) else { break };
        if length == 0 || length == 0xffff_ffff {
            at = start;
            continue;
        }
        if let Some(function) = function(section, record, start, address) {
            found.push(Record { function, bytes: length as u64 + 4 });
        }
        at = start + length;
    }
    found
}

/// The function that a record is for; `None` for what several records share, too.
fn function(section: &[u8], record: &[u8], start: usize, address: u64) -> Option<u64> {
    let back = number(record, 0)? as usize;
    if back == 0 {
        return None;
    }
    let shared = start.checked_sub(back)?;
    let length = number(section, shared)? as usize;
    let shared = section.get(shared + 4..(shared + 4).checked_add(length)?)?;
    if encoding(shared)? != RELATIVE {
        return None;
    }
    let distance = i64::from(number(record, 4)?.cast_signed());
    address.checked_add(start as u64 + 4)?.checked_add_signed(distance)
}

/// How records that share this one write addresses.
fn encoding(shared: &[u8]) -> Option<u8> {
    if number(shared, 0)? != 0 {
        return None;
    }
    let version = *shared.get(4)?;
    let rest = &shared[5..];
    let end = rest.iter().position(|byte| *byte == 0)?;
    let (said, mut rest) = (&rest[..end], &rest[end + 1..]);
    // Factors of code and data, the return address's register.
    rest = behind(behind(rest)?)?;
    rest = if version == 1 { rest.get(1..)? } else { behind(rest)? };
    let Some((b'z', said)) = said.split_first() else { return Some(0) };
    rest = behind(rest)?;
    for letter in said {
        match letter {
            b'R' => return rest.first().copied(),
            b'L' => rest = rest.get(1..)?,
            b'P' => {
                let width = match rest.first()? & 0x0f {
                    0x00 | 0x04 | 0x0c => 8,
                    0x02 | 0x0a => 2,
                    0x03 | 0x0b => 4,
                    _ => return None,
                };
                rest = rest.get(1 + width..)?;
            }
            b'S' | b'B' => {}
            _ => return None,
        }
    }
    Some(0)
}

/// What follows a number of variable length.
fn behind(bytes: &[u8]) -> Option<&[u8]> {
    let last = bytes.iter().position(|byte| byte & 0x80 == 0)?;
    bytes.get(last + 1..)
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    let four: [u8; 4] = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
    Some(u32::from_le_bytes(four))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A shared record as gcc and LLVM write it (`zR`, addresses relative), one record for a function, the end mark.
    fn section(distance: i32) -> Vec<u8> {
        let mut bytes = vec![16, 0, 0, 0, 0, 0, 0, 0, 1, b'z', b'R', 0, 1, 0x78, 16, 1, RELATIVE, 0, 0, 0];
        bytes.extend([12, 0, 0, 0, 24, 0, 0, 0]);
        bytes.extend(distance.to_le_bytes());
        bytes.extend([8, 0, 0, 0]);
        bytes.extend([0, 0, 0, 0]);
        bytes
    }

    #[test]
    fn records_name_their_function() {
        // The address is written at 28 of the section.
        assert_eq!(records(&section(-0x1000), 0x8000), [Record { function: 0x8000 + 28 - 0x1000, bytes: 16 }]);
        assert_eq!(records(&section(16), 0), [Record { function: 44, bytes: 16 }]);
    }

    #[test]
    fn what_is_damaged_is_left_out() {
        for cut in 0..section(0).len() {
            assert!(records(&section(0)[..cut], 0).len() <= 1);
        }
        assert_eq!(records(&[0xff; 40], u64::MAX), []);
        let mut other = section(0);
        other[16] = 0;
        assert_eq!(records(&other, 0), []);
    }

    proptest! {
        #[test]
        fn any_bytes_are_taken(bytes in proptest::collection::vec(any::<u8>(), 0..200), address in any::<u64>()) {
            prop_assert!(records(&bytes, address).iter().map(|r| r.bytes).sum::<u64>() <= bytes.len() as u64);
        }
    }
}
