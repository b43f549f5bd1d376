//! Source text as a flat list of tokens with their brackets matched: what rustc's own lexer sees, white space and comments aside.

use ra_ap_rustc_lexer::{DocStyle, FrontmatterAllowed, LiteralKind, TokenKind, tokenize};
use std::ops::Range;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An identifier or keyword; raw ones without their `r#`.
    Word,
    /// A string literal.
    Text,
    /// Any other literal.
    Literal,
    /// A lifetime.
    Lifetime,
    /// `::`
    Path,
    /// `(`, `[` or `{`
    Open(u8),
    /// `)`, `]` or `}`
    Close,
    /// One character of punctuation.
    Sign(u8),
}

/// One token.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    start: u32,
    end: u32,
}

/// A text and its tokens.
#[derive(Debug)]
pub(crate) struct Tokens<'t> {
    /// The text.
    pub(crate) text: &'t str,
    all: Vec<Token>,
    /// By token: for an opening bracket the place of the closing one (or the end of the text), else the token's own.
    pair: Vec<u32>,
    /// Comments that are documentation, with the offset they start at.
    pub(crate) docs: Vec<Range<usize>>,
}

impl<'t> Tokens<'t> {
    /// Splits a text.
    pub(crate) fn of(text: &'t str) -> Self {
        let mut all: Vec<Token> = Vec::with_capacity(text.len() / 6);
        let mut docs = Vec::new();
        let mut at = ra_ap_rustc_lexer::strip_shebang(text).unwrap_or(0);
        let mut colon = None;
        for token in tokenize(&text[at..], FrontmatterAllowed::Yes) {
            let (start, end) = (at, at + token.len as usize);
            at = end;
            let kind = match token.kind {
                TokenKind::LineComment { doc_style } | TokenKind::BlockComment { doc_style, .. } => {
                    if matches!(doc_style, Some(DocStyle::Outer | DocStyle::Inner)) {
                        docs.push(start..end);
                    }
                    continue;
                }
                TokenKind::Whitespace | TokenKind::Frontmatter { .. } | TokenKind::Eof => continue,
                TokenKind::Ident | TokenKind::RawIdent => Kind::Word,
                TokenKind::Literal { kind, .. } => match kind {
                    LiteralKind::Str { .. } | LiteralKind::RawStr { .. } => Kind::Text,
                    _ => Kind::Literal,
                },
                TokenKind::Lifetime { .. } | TokenKind::RawLifetime => Kind::Lifetime,
                TokenKind::OpenParen => Kind::Open(b'('),
                TokenKind::OpenBracket => Kind::Open(b'['),
                TokenKind::OpenBrace => Kind::Open(b'{'),
                TokenKind::CloseParen | TokenKind::CloseBracket | TokenKind::CloseBrace => Kind::Close,
                TokenKind::Colon => {
                    if colon == Some(start) {
                        colon = None;
                        if let Some(last) = all.last_mut() {
                            (last.kind, last.end) = (Kind::Path, end as u32);
                        }
                        continue;
                    }
                    colon = Some(end);
                    Kind::Sign(b':')
                }
                _ => Kind::Sign(text.as_bytes().get(start).copied().unwrap_or(b' ')),
            };
            let raw = matches!(token.kind, TokenKind::RawIdent);
            all.push(Token { kind, start: (start + if raw { 2 } else { 0 }) as u32, end: end as u32 });
        }
        let pair = pairs(&all);
        Self { text, all, pair, docs }
    }

    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    /// What stands at a place; nothing behind the end.
    pub(crate) fn kind(&self, at: usize) -> Option<Kind> {
        self.all.get(at).map(|token| token.kind)
    }

    /// The token's own text.
    pub(crate) fn text(&self, at: usize) -> &'t str {
        self.all.get(at).map_or("", |token| &self.text[token.start as usize..token.end as usize])
    }

    /// The identifier at a place.
    pub(crate) fn word(&self, at: usize) -> Option<&'t str> {
        (self.kind(at) == Some(Kind::Word)).then(|| self.text(at))
    }

    /// The content of the string literal at a place, escapes left as they are.
    pub(crate) fn string(&self, at: usize) -> Option<&'t str> {
        if self.kind(at) != Some(Kind::Text) {
            return None;
        }
        let text = self.text(at);
        let from = text.find('"')? + 1;
        let to = text.rfind('"').filter(|to| *to >= from)?;
        text.get(from..to)
    }

    pub(crate) fn is(&self, at: usize, sign: u8) -> bool {
        self.kind(at) == Some(Kind::Sign(sign))
    }

    pub(crate) fn is_open(&self, at: usize, bracket: u8) -> bool {
        self.kind(at) == Some(Kind::Open(bracket))
    }

    /// The place of the closing bracket; the end when none closes it; the place itself for anything but an opening bracket.
    pub(crate) fn close(&self, at: usize) -> usize {
        self.pair.get(at).map_or(self.all.len(), |pair| *pair as usize)
    }

    /// Offset in the text.
    pub(crate) fn offset(&self, at: usize) -> usize {
        self.all.get(at).map_or(self.text.len(), |token| token.start as usize)
    }
}

fn pairs(all: &[Token]) -> Vec<u32> {
    let mut pair: Vec<u32> = (0..all.len() as u32).collect();
    let mut open: Vec<usize> = Vec::new();
    for (at, token) in all.iter().enumerate() {
        match token.kind {
            Kind::Open(_) => open.push(at),
            Kind::Close => {
                if let Some(from) = open.pop() {
                    pair[from] = at as u32;
                }
            }
            _ => {}
        }
    }
    for from in open {
        pair[from] = all.len() as u32;
    }
    pair
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_and_paths_are_put_together() {
        let tokens = Tokens::of("a::b(c, [1]) r#type \"x\" : :");
        let words: Vec<&str> = (0..tokens.len()).map(|at| tokens.text(at)).collect();
        assert_eq!(words, ["a", "::", "b", "(", "c", ",", "[", "1", "]", ")", "type", "\"x\"", ":", ":"]);
        assert_eq!(tokens.close(3), 9);
        assert_eq!(tokens.close(6), 8);
    }

    #[test]
    fn what_is_never_closed_ends_with_the_text() {
        let tokens = Tokens::of("{ ( a ]");
        assert_eq!((tokens.close(0), tokens.close(1)), (4, 3));
        assert!(Tokens::of("\u{feff}\0\"").len() > 0);
    }

    #[test]
    fn documentation_is_told_from_comments() {
        let text = "/// a\n// b\n//! c\n/** d */ /* e */ fn x() {}";
        let tokens = Tokens::of(text);
        let docs: Vec<&str> = tokens.docs.iter().map(|range| &text[range.clone()]).collect();
        assert_eq!(docs, ["/// a", "//! c", "/** d */"]);
    }
}
