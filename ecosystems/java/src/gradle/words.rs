//! Words of a build script: names with their dots, texts, brackets and marks; comments are skipped.

/// The kind of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Name,
    /// The inside of a string.
    Text,
    Open,
    Close,
    Mark,
}

/// A token, its line and its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token<'t> {
    pub(super) kind: Kind,
    pub(super) text: &'t str,
    pub(super) line: u32,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// All tokens of a script.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let bytes = text.as_bytes();
    let mut all = Vec::new();
    let (mut at, mut line) = (0, 1);
    while at < bytes.len() {
        let start = at;
        let first = bytes[at];
        let (kind, inner) = match first {
            b'\n' | b' ' | b'\t' | b'\r' => {
                line += u32::from(first == b'\n');
                at += 1;
                continue;
            }
            b'/' if bytes.get(at + 1) == Some(&b'/') => {
                at = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |end| at + end);
                continue;
            }
            b'/' if bytes.get(at + 1) == Some(&b'*') => {
                let end = memchr::memmem::find(&bytes[at + 2..], b"*/").map_or(bytes.len(), |end| at + end + 4);
                line += memchr::memchr_iter(b'\n', &bytes[at..end]).count() as u32;
                at = end;
                continue;
            }
            b'"' | b'\'' => {
                let quote = [first; 3];
                let triple = bytes[at..].starts_with(&quote);
                let open = if triple { 3 } else { 1 };
                let mut end = at + open;
                while end < bytes.len() {
                    let closed = if triple { bytes[end..].starts_with(&quote) } else { bytes[end] == first };
                    if closed || (!triple && bytes[end] == b'\n') {
                        break;
                    }
                    end += if bytes[end] == b'\\' { 2 } else { 1 };
                }
                let end = end.min(bytes.len());
                at = (end + open).min(bytes.len());
                if bytes.get(end) == Some(&b'\n') {
                    at = end;
                }
                (Kind::Text, start + open..end)
            }
            _ if is_name(first) => {
                while at < bytes.len()
                    && (is_name(bytes[at]) || (bytes[at] == b'.' && bytes.get(at + 1).is_some_and(|b| is_name(*b))))
                {
                    at += 1;
                }
                (Kind::Name, start..at)
            }
            _ => {
                at += text[at..].chars().next().map_or(1, char::len_utf8);
                let kind = match first {
                    b'(' | b'[' | b'{' => Kind::Open,
                    b')' | b']' | b'}' => Kind::Close,
                    _ => Kind::Mark,
                };
                (kind, start..at)
            }
        };
        all.push(Token { kind, text: text.get(inner).unwrap_or_default(), line, start, end: at });
        line += memchr::memchr_iter(b'\n', &bytes[start..at]).count() as u32;
    }
    all
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80
}
