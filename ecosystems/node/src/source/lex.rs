//! JavaScript and TypeScript text as tokens: regular expressions, templates and JSX are told apart from operators and text.
//!
//! Grammar: ECMA-262 (clause 12), the JSX draft specification, and TypeScript's additions where they change what a token is. A slash or a
//! `<` means different things after an operand and after an operator; what stood before decides, with the brackets around it.

use super::bytes::{self, is_part, is_start};
use memchr::{memchr, memchr3, memmem};

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The end of the text.
    End,
    /// A name or a keyword.
    Word,
    /// A string, or a template without substitutions.
    Text,
    /// A template that has substitutions, up to the first.
    TemplateHead,
    /// What follows a substitution.
    TemplateRest,
    Number,
    Regex,
    /// `=>`
    Arrow,
    /// `?.`
    Chain,
    /// `...`
    Spread,
    /// The `<` that opens a JSX element or a fragment.
    JsxOpen,
    /// The name of a JSX element.
    JsxName,
    /// The end of a whole JSX element.
    JsxEnd,
    /// A string in a JSX attribute.
    JsxText,
    /// `{` that opens statements: a block, a body.
    Block,
    /// `{` that opens an object literal, a pattern, a type.
    Object,
    /// `{` in JSX.
    JsxBrace,
    /// `}` of any of the three.
    Close,
    /// Any other sign, by its first byte; `(`, `)`, `[`, `]` among them.
    Sign(u8),
}

/// A token and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
    /// A line ends between the token before and this one.
    pub(super) breaks: bool,
}

impl Token {
    pub(super) fn is(&self, sign: u8) -> bool {
        self.kind == Kind::Sign(sign)
    }
}

/// What a dialect adds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dialect {
    /// JSX elements are expressions.
    pub(super) jsx: bool,
    /// TypeScript.
    pub(super) types: bool,
}

/// What an open bracket was opened by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Open {
    /// `(` behind `if`, `while`, `for`, `with`: a statement follows its end.
    Control,
    Paren,
    Bracket,
    Block,
    Object,
    Template,
    JsxBrace,
    /// Between the tags of an element.
    JsxChildren,
    /// In an opening tag.
    JsxTag,
}

pub(super) struct Frame {
    pub(super) open: Open,
    /// `?` that wait for their `:`.
    questions: u32,
    /// A `case` or `default` waits for its `:`.
    case: bool,
}

/// Stands for a sign that belongs to the operand before it.
const POSTFIX: u8 = b'\\';

/// More open brackets than any program has; what is deeper is not read.
const DEEPEST: usize = 100_000;

/// Reads one text token by token.
pub(super) struct Lexer<'a> {
    pub(super) text: &'a [u8],
    pub(super) dialect: Dialect,
    pub(super) at: usize,
    pub(super) frames: Vec<Frame>,
    pub(super) before: Kind,
    /// The last token, when it was a word.
    word: &'a [u8],
    /// The last word was the name of a property.
    property: bool,
    /// The last closing bracket ended an operand.
    operand: bool,
    /// The last `:` was that of a `case`.
    label: bool,
    /// How many bytes may still be looked through for ends of elements.
    pub(super) budget: usize,
    /// Comments, for those who look into them.
    pub(super) comments: Option<Vec<(usize, usize)>>,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a [u8], dialect: Dialect) -> Self {
        let at = if text.starts_with(b"#!") { memchr(b'\n', text).unwrap_or(text.len()) } else { 0 };
        Self {
            text,
            dialect,
            at,
            frames: vec![Frame { open: Open::Block, questions: 0, case: false }],
            before: Kind::Sign(b';'),
            word: b"",
            property: false,
            operand: false,
            label: false,
            budget: text.len().saturating_mul(8) + 1024,
            comments: None,
        }
    }

    /// The text of a token.
    pub(super) fn slice(&self, token: Token) -> &'a [u8] {
        &self.text[token.start..token.end]
    }

    pub(super) fn next(&mut self) -> Token {
        if let Some(token) = self.in_jsx() {
            return token;
        }
        let breaks = self.skip_space();
        let start = self.at;
        let Some(&byte) = self.text.get(start) else {
            return Token { kind: Kind::End, start, end: start, breaks: true };
        };
        let kind = match byte {
            _ if is_start(byte) => {
                self.at = bytes::end_of_word(self.text, start + 1);
                let word = &self.text[start..self.at];
                self.property = matches!(self.before, Kind::Sign(b'.') | Kind::Chain);
                let exported = self.before == Kind::Word && self.word == b"export";
                self.word = word;
                if matches!(word, b"case" | b"default")
                    && !self.property
                    && !exported
                    && let Some(frame) = self.frames.last_mut().filter(|frame| frame.open == Open::Block)
                {
                    frame.case = true;
                }
                Kind::Word
            }
            b'0'..=b'9' => self.number(start),
            b'.' if self.text.get(start + 1).is_some_and(u8::is_ascii_digit) => self.number(start),
            b'\'' | b'"' => {
                self.at = bytes::end_of_string(self.text, start);
                Kind::Text
            }
            b'`' => self.template(start + 1, Kind::TemplateHead, Kind::Text),
            b'}' => self.close(),
            b'{' => self.brace(),
            b'(' => {
                self.at += 1;
                let control = self.before == Kind::Word
                    && !self.property
                    && matches!(self.word, b"if" | b"while" | b"for" | b"with");
                self.push(if control { Open::Control } else { Open::Paren });
                Kind::Sign(byte)
            }
            b'[' => {
                self.at += 1;
                self.push(Open::Bracket);
                Kind::Sign(byte)
            }
            b')' | b']' => {
                self.at += 1;
                let open = self.pop(if byte == b')' { &[Open::Paren, Open::Control] } else { &[Open::Bracket] });
                self.operand = open != Some(Open::Control);
                Kind::Sign(byte)
            }
            b'/' if self.operator_before() => {
                self.at = bytes::end_of_regex(self.text, start);
                Kind::Regex
            }
            b'<' if self.dialect.jsx && self.operator_before() && self.opens_jsx(start) => {
                self.at += 1;
                self.push(Open::JsxTag);
                Kind::JsxOpen
            }
            _ => self.sign(byte, start),
        };
        self.before = kind;
        Token { kind, start, end: self.at, breaks }
    }

    fn sign(&mut self, byte: u8, start: usize) -> Kind {
        let second = self.text.get(start + 1).copied().unwrap_or(0);
        let third = self.text.get(start + 2).copied().unwrap_or(0);
        let (length, kind) = match (byte, second, third) {
            (b'=', b'>', _) => (2, Kind::Arrow),
            (b'?', b'.', third) if !third.is_ascii_digit() => (2, Kind::Chain),
            (b'.', b'.', b'.') => (3, Kind::Spread),
            (b'=' | b'!', b'=', b'=') => (3, Kind::Sign(b'!')),
            (b'=' | b'!', b'=', _) => (2, Kind::Sign(b'!')),
            (b'?', b'?', b'=') | (b'&', b'&', b'=') | (b'|', b'|', b'=') => (3, Kind::Sign(b'=')),
            (b'?', b'?', _) | (b'&', b'&', _) | (b'|', b'|', _) => (2, Kind::Sign(b'&')),
            (b'+', b'+', _) | (b'-', b'-', _) => (2, Kind::Sign(b'+')),
            _ => (1, Kind::Sign(byte)),
        };
        // An increment, or TypeScript's `!` behind an operand: no regular expression follows.
        let postfix = byte == b'!' && length == 1 && !self.operator_before();
        self.at += length;
        if postfix || matches!((byte, second), (b'+', b'+') | (b'-', b'-')) {
            self.operand = true;
            return Kind::Sign(POSTFIX);
        }
        match kind {
            Kind::Sign(b'?') => {
                if let Some(frame) = self.frames.last_mut() {
                    frame.questions += 1;
                }
            }
            Kind::Sign(b':') => {
                self.label = false;
                if let Some(frame) = self.frames.last_mut() {
                    if frame.questions > 0 {
                        frame.questions -= 1;
                    } else {
                        self.label = std::mem::take(&mut frame.case);
                    }
                }
            }
            Kind::Sign(b';' | b',') => {
                if let Some(frame) = self.frames.last_mut() {
                    frame.questions = 0;
                    frame.case &= byte != b';';
                }
            }
            _ => {}
        }
        kind
    }

    /// True where an operand may begin: a slash starts a regular expression there.
    fn operator_before(&self) -> bool {
        match self.before {
            Kind::Word => {
                !self.property
                    && matches!(
                        self.word,
                        b"return"
                            | b"typeof"
                            | b"instanceof"
                            | b"in"
                            | b"of"
                            | b"new"
                            | b"delete"
                            | b"void"
                            | b"throw"
                            | b"case"
                            | b"do"
                            | b"else"
                            | b"await"
                            | b"yield"
                            | b"default"
                    )
            }
            Kind::Close | Kind::Sign(b')' | b']' | POSTFIX) => !self.operand,
            Kind::Text
            | Kind::TemplateRest
            | Kind::Number
            | Kind::Regex
            | Kind::JsxEnd
            | Kind::JsxName
            | Kind::JsxText => false,
            _ => true,
        }
    }

    fn number(&mut self, start: usize) -> Kind {
        let mut at = start;
        while let Some(&byte) = self.text.get(at) {
            let exponent = matches!(byte, b'+' | b'-')
                && at > start
                && matches!(self.text[at - 1], b'e' | b'E')
                && !self.text[start..].starts_with(b"0x");
            if !(is_part(byte) || byte == b'.' || exponent) {
                break;
            }
            at += 1;
        }
        self.at = at;
        Kind::Number
    }

    /// A template from behind its backtick or the `}` of a substitution.
    fn template(&mut self, from: usize, open: Kind, whole: Kind) -> Kind {
        let mut at = from;
        loop {
            let Some(found) = memchr3(b'`', b'\\', b'$', self.text.get(at..).unwrap_or_default()) else {
                self.at = self.text.len();
                return whole;
            };
            at += found;
            match self.text[at] {
                b'`' => {
                    self.at = at + 1;
                    return whole;
                }
                b'\\' => at += 2,
                _ if self.text.get(at + 1) == Some(&b'{') => {
                    self.at = at + 2;
                    self.push(Open::Template);
                    return open;
                }
                _ => at += 1,
            }
        }
    }

    fn brace(&mut self) -> Kind {
        self.at += 1;
        let block = self.block_follows();
        self.push(if block { Open::Block } else { Open::Object });
        if block { Kind::Block } else { Kind::Object }
    }

    fn block_follows(&self) -> bool {
        match self.before {
            Kind::Word => {
                self.property
                    || !matches!(
                        self.word,
                        b"return"
                            | b"typeof"
                            | b"instanceof"
                            | b"in"
                            | b"of"
                            | b"new"
                            | b"delete"
                            | b"void"
                            | b"throw"
                            | b"case"
                            | b"await"
                            | b"yield"
                            | b"default"
                            | b"const"
                            | b"let"
                            | b"var"
                            | b"import"
                            | b"export"
                            | b"extends"
                            | b"type"
                            | b"as"
                            | b"satisfies"
                            | b"keyof"
                            | b"is"
                    )
            }
            Kind::Sign(b':') => self.label,
            Kind::Sign(b';' | b')' | b']' | b'>') | Kind::Arrow | Kind::Block | Kind::Text | Kind::Number => true,
            Kind::Close => !self.operand || self.frames.last().is_some_and(|frame| frame.open == Open::Block),
            _ => false,
        }
    }

    fn close(&mut self) -> Kind {
        let open = self.pop(&[Open::Block, Open::Object, Open::Template, Open::JsxBrace]);
        if open == Some(Open::Template) {
            return self.template(self.at + 1, Kind::TemplateRest, Kind::TemplateRest);
        }
        self.at += 1;
        self.operand = open == Some(Open::Object);
        Kind::Close
    }

    pub(super) fn push(&mut self, open: Open) {
        if self.frames.len() >= DEEPEST {
            self.at = self.text.len();
            return;
        }
        self.frames.push(Frame { open, questions: 0, case: false });
    }

    /// Closes the innermost bracket of these kinds; what was left open in it is closed with it. The outermost frame stays.
    fn pop(&mut self, kinds: &[Open]) -> Option<Open> {
        let found = self.frames.iter().skip(1).rposition(|frame| kinds.contains(&frame.open))? + 1;
        let open = self.frames[found].open;
        self.frames.truncate(found);
        Some(open)
    }

    pub(super) fn skip_space(&mut self) -> bool {
        let mut breaks = false;
        while let Some(&byte) = self.text.get(self.at) {
            match byte {
                b' ' | b'\t' | b'\r' | 0x0B | 0x0C => self.at += 1,
                b'\n' => {
                    breaks = true;
                    self.at += 1;
                }
                b'/' => match self.text.get(self.at + 1) {
                    Some(b'/') => {
                        let end = memchr(b'\n', &self.text[self.at..]).map_or(self.text.len(), |found| self.at + found);
                        self.comment(end);
                    }
                    Some(b'*') => {
                        let body = &self.text[self.at + 2..];
                        let end = memmem::find(body, b"*/").map_or(self.text.len(), |found| self.at + found + 4);
                        breaks |= memchr(b'\n', &self.text[self.at..end]).is_some();
                        self.comment(end);
                    }
                    _ => break,
                },
                b'<' if self.text[self.at..].starts_with(b"<!--") && !self.dialect.types => {
                    let end = memchr(b'\n', &self.text[self.at..]).map_or(self.text.len(), |found| self.at + found);
                    self.comment(end);
                }
                // No-break space, line separators, byte order mark.
                0xC2 if self.text.get(self.at + 1) == Some(&0xA0) => self.at += 2,
                0xE2 if matches!(self.text.get(self.at + 1..self.at + 3), Some([0x80, 0xA8 | 0xA9])) => {
                    breaks = true;
                    self.at += 3;
                }
                0xEF if self.text[self.at..].starts_with(&[0xEF, 0xBB, 0xBF]) => self.at += 3,
                _ => break,
            }
        }
        breaks
    }

    fn comment(&mut self, end: usize) {
        if let Some(comments) = &mut self.comments {
            comments.push((self.at, end));
        }
        self.at = end;
    }
}
