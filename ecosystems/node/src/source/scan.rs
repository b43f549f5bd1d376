//! The walk over the tokens of one text: which blocks each token stands in, and what that says of the imports there.

use super::bindings::Bindings;
use super::bytes::plain;
use super::calls::Callee;
use super::found::{Found, Said};
use super::lex::{Dialect, Kind, Lexer, Token};
use depslim_model::Strength;
use std::collections::VecDeque;

/// How much is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Detail {
    /// Imports.
    Imports,
    /// Names, calls and settings as well.
    All,
    /// All strings with the keys that they stand under as well.
    Strings,
}

/// What one text says.
#[derive(Debug, Default)]
pub(super) struct Scanned<'a> {
    pub(super) found: Vec<Found<'a>>,
    pub(super) said: Vec<Said<'a>>,
    /// Comments, when more than imports is wanted.
    pub(super) comments: Vec<(usize, usize)>,
    /// Where the first JSX element stands.
    pub(super) jsx: Option<usize>,
}

/// Scans a text.
pub(super) fn scan(text: &[u8], dialect: Dialect, detail: Detail) -> Scanned<'_> {
    let mut scan = Scan::new(text, dialect, detail);
    scan.run();
    let comments = scan.lexer.comments.take().unwrap_or_default();
    Scanned { found: scan.found, said: scan.said, comments, jsx: scan.jsx }
}

/// What a block is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Block {
    Plain,
    Class,
    /// A `try`: what it says first, by number.
    Try(usize),
    /// A `catch` behind the `try` that said these; and whether it gives up.
    Catch(usize, usize, bool),
    Object,
    Bracket,
    Paren(Paren),
    /// Of a template or of JSX.
    Other,
}

/// What a parenthesis is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Paren {
    /// A condition: where it starts.
    If(usize),
    /// `for`, `while`, `switch`, `with`.
    Statement,
    Catch,
    /// Arguments or parameters.
    Call,
    /// Neither: it only groups.
    Group,
}

#[expect(clippy::struct_excessive_bools, reason = "each is a state of its own that tokens set and clear")]
pub(super) struct Frame<'a> {
    pub(super) block: Block,
    need: Strength,
    /// The need of the one statement without braces that follows a condition.
    single: Option<Strength>,
    /// An arrow function without braces goes on.
    arrow: bool,
    /// The last condition's need, for its `else`.
    condition: Strength,
    class: bool,
    /// Parameters were closed; a body may follow behind their type.
    parameters: bool,
    /// The last function runs where it stands.
    runs: bool,
    /// The key that it stands under.
    pub(super) key: Option<&'a [u8]>,
    pub(super) callee: Option<Callee<'a>>,
}

impl Frame<'_> {
    fn new(block: Block, need: Strength) -> Self {
        Self {
            block,
            need,
            single: None,
            arrow: false,
            condition: Strength::Hard,
            class: false,
            parameters: false,
            runs: false,
            key: None,
            callee: None,
        }
    }
}

pub(super) struct Scan<'a> {
    pub(super) lexer: Lexer<'a>,
    pub(super) dialect: Dialect,
    pub(super) detail: Detail,
    ahead: VecDeque<Token>,
    /// The tokens before the current one, the last first.
    pub(super) back: [Token; 6],
    pub(super) frames: Vec<Frame<'a>>,
    /// The parenthesis that was closed last, and what stood before it.
    closed: Option<(Paren, Kind)>,
    /// The `try` that was closed last.
    tried: Option<(usize, usize)>,
    /// Where the last braces of an object or pattern stand.
    pub(super) braces: (usize, usize),
    pub(super) found: Vec<Found<'a>>,
    pub(super) said: Vec<Said<'a>>,
    pub(super) bindings: Bindings<'a>,
    jsx: Option<usize>,
}

impl<'a> Scan<'a> {
    fn new(text: &'a [u8], dialect: Dialect, detail: Detail) -> Self {
        let mut lexer = Lexer::new(text, dialect);
        if detail != Detail::Imports {
            lexer.comments = Some(Vec::new());
        }
        Self {
            lexer,
            dialect,
            detail,
            ahead: VecDeque::new(),
            back: [Token { kind: Kind::Sign(b';'), start: 0, end: 0, breaks: true }; 6],
            frames: vec![Frame::new(Block::Plain, Strength::Hard)],
            closed: None,
            tried: None,
            braces: (0, 0),
            found: Vec::new(),
            said: Vec::new(),
            bindings: Bindings::default(),
            jsx: None,
        }
    }

    fn run(&mut self) {
        loop {
            let token = self.take();
            if token.kind == Kind::End {
                return;
            }
            self.token(token);
            self.note(token);
        }
    }

    /// The next token; nothing is done about it yet.
    pub(super) fn take(&mut self) -> Token {
        self.ahead.pop_front().unwrap_or_else(|| self.lexer.next())
    }

    /// The token `far` behind the current one, 0 for the next.
    pub(super) fn peek(&mut self, far: usize) -> Token {
        while self.ahead.len() <= far {
            let token = self.lexer.next();
            self.ahead.push_back(token);
        }
        self.ahead[far]
    }

    pub(super) fn peek_is(&mut self, far: usize, sign: u8) -> bool {
        self.peek(far).is(sign)
    }

    pub(super) fn peek_word(&mut self, far: usize) -> &'a [u8] {
        let token = self.peek(far);
        if token.kind == Kind::Word { self.lexer.slice(token) } else { b"" }
    }

    /// Makes a token the last one.
    pub(super) fn note(&mut self, token: Token) {
        self.back.rotate_right(1);
        self.back[0] = token;
    }

    /// The word `far` before the current token, 0 for the one right before; nothing for other tokens.
    pub(super) fn word_before(&self, far: usize) -> &'a [u8] {
        let token = self.back[far];
        if token.kind == Kind::Word { self.lexer.slice(token) } else { b"" }
    }

    /// How badly what stands here is needed.
    pub(super) fn need(&self) -> Strength {
        let Some(frame) = self.frames.last() else { return Strength::Hard };
        let need = if frame.arrow { frame.need.min(Strength::Lazy) } else { frame.need };
        frame.single.map_or(need, |single| need.min(single))
    }

    fn token(&mut self, token: Token) {
        if token.breaks && self.ends_operand() && !self.goes_on(token) {
            self.end_statement();
        }
        if self.detail != Detail::Imports && matches!(token.kind, Kind::TemplateHead | Kind::TemplateRest) {
            self.template_part(token);
        }
        match token.kind {
            Kind::Word if !self.is_property() => self.word(token),
            Kind::Word if self.lexer.slice(token) == b"createRequire" => self.made_require(2),
            Kind::Block => self.open_block(),
            Kind::Object => {
                self.push(Block::Object);
                self.braces.0 = token.end;
            }
            Kind::JsxBrace | Kind::TemplateHead => self.push(Block::Other),
            Kind::Close => {
                self.braces.1 = token.start;
                self.close_brace();
            }
            Kind::Sign(b'(') => self.open_paren(token),
            Kind::Sign(b'[') => self.push(Block::Bracket),
            Kind::Sign(b')') => self.close_paren(token),
            Kind::Sign(b']') => drop(self.close(|block| block == Block::Bracket)),
            Kind::Sign(b';') => self.end_statement(),
            Kind::Sign(b',') => {
                if let Some(frame) = self.frames.last_mut() {
                    frame.arrow = false;
                    frame.parameters = false;
                }
            }
            Kind::Arrow => self.arrow(),
            Kind::TemplateRest if self.lexer.text[token.end - 1] == b'`' => {
                self.close(|block| block == Block::Other);
            }
            Kind::Text if self.detail != Detail::Imports => self.text(token),
            Kind::JsxOpen => {
                self.jsx.get_or_insert(token.start);
            }
            _ => {}
        }
    }

    /// True when the current word is a property: `.import`, `?.require`.
    pub(super) fn is_property(&self) -> bool {
        matches!(self.back[0].kind, Kind::Sign(b'.') | Kind::Chain)
    }

    fn ends_operand(&self) -> bool {
        matches!(
            self.back[0].kind,
            Kind::Word
                | Kind::Text
                | Kind::TemplateRest
                | Kind::Number
                | Kind::Regex
                | Kind::Close
                | Kind::JsxEnd
                | Kind::Sign(b')' | b']')
        )
    }

    /// True when a token on a new line belongs to the statement before.
    fn goes_on(&self, token: Token) -> bool {
        match token.kind {
            Kind::Word => matches!(
                self.lexer.slice(token),
                b"in"
                    | b"instanceof"
                    | b"of"
                    | b"as"
                    | b"satisfies"
                    | b"extends"
                    | b"implements"
                    | b"else"
                    | b"catch"
                    | b"finally"
            ),
            Kind::Number | Kind::Text | Kind::Object => {
                matches!(self.back[0].kind, Kind::Word | Kind::Sign(b')'))
            }
            _ => true,
        }
    }

    fn end_statement(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            frame.arrow = false;
            frame.single = None;
            frame.class = false;
            frame.parameters = false;
        }
    }

    fn push(&mut self, block: Block) {
        let mut frame = Frame::new(block, self.need());
        if self.detail != Detail::Imports && matches!(block, Block::Object | Block::Bracket) {
            frame.key = self.key();
        }
        self.frames.push(frame);
    }

    /// The key that a value here stands under: `key: …`, `key = …`.
    pub(super) fn key(&self) -> Option<&'a [u8]> {
        let named = match self.back[0].kind {
            Kind::Sign(b':' | b'=') => self.back[1],
            _ => return None,
        };
        match named.kind {
            Kind::Word => Some(self.lexer.slice(named)),
            Kind::Text => plain(self.lexer.slice(named)).map(str::as_bytes),
            _ => None,
        }
    }

    fn close(&mut self, wanted: impl Fn(Block) -> bool) -> Option<Frame<'a>> {
        let at = self.frames.iter().skip(1).rposition(|frame| wanted(frame.block))? + 1;
        self.frames.truncate(at + 1);
        self.frames.pop()
    }

    fn open_block(&mut self) {
        let need = self.need();
        let (closed, tried) = (self.closed.take(), self.tried.take());
        let before = self.word_before(0);
        let behind_paren = self.back[0].is(b')');
        let Some(frame) = self.frames.last_mut() else { return };
        let mut inner = Frame::new(Block::Plain, need);
        if self.back[0].kind == Kind::Arrow {
            // The arrow's own mark is for bodies without braces.
            frame.arrow = false;
            inner.need = if frame.runs { frame.need } else { frame.need.min(Strength::Lazy) };
            frame.runs = false;
        } else if std::mem::take(&mut frame.class) {
            inner.block = Block::Class;
        } else if before == b"try" {
            inner.block = Block::Try(self.found.len());
        } else if before == b"catch" {
            inner.block = tried.map_or(Block::Plain, |(from, to)| Block::Catch(from, to, false));
        } else if before == b"else" {
            frame.single = None;
            inner.need = frame.need.min(frame.condition);
        } else if behind_paren && let Some((paren, _)) = closed {
            match paren {
                Paren::If(_) => {
                    frame.single = None;
                    inner.need = frame.need.min(frame.condition);
                }
                Paren::Catch => {
                    inner.block = tried.map_or(Block::Plain, |(from, to)| Block::Catch(from, to, false));
                }
                Paren::Statement => {}
                Paren::Call | Paren::Group => {
                    let runs = std::mem::take(&mut frame.runs);
                    inner.need = if runs { need } else { need.min(Strength::Lazy) };
                }
            }
        } else if frame.parameters {
            inner.need = need.min(Strength::Lazy);
        }
        frame.parameters = false;
        if matches!(inner.block, Block::Catch(..)) {
            inner.need = need.min(Strength::Lazy);
        }
        self.frames.push(inner);
    }

    fn close_brace(&mut self) {
        let braces = |block| !matches!(block, Block::Bracket | Block::Paren(_));
        let Some(frame) = self.close(braces) else { return };
        match frame.block {
            Block::Try(from) => self.tried = Some((from, self.found.len())),
            // Whoever only reports the failure goes on without.
            Block::Catch(from, to, false) => {
                for found in self.found.iter_mut().take(to).skip(from) {
                    found.strength = found.strength.min(Strength::Optional);
                }
            }
            _ => {}
        }
        if matches!(frame.block, Block::Plain | Block::Try(_) | Block::Catch(..))
            && let Some(frame) = self.frames.last_mut()
            && matches!(frame.block, Block::Plain | Block::Try(_) | Block::Catch(..) | Block::Class)
        {
            frame.single = None;
        }
    }

    fn open_paren(&mut self, token: Token) {
        let paren = match self.back[0].kind {
            Kind::Word if !matches!(self.back[1].kind, Kind::Sign(b'.') | Kind::Chain) => match self.word_before(0) {
                b"if" => Paren::If(token.end),
                b"for" | b"while" | b"switch" | b"with" => Paren::Statement,
                b"await" if self.word_before(1) == b"for" => Paren::Statement,
                b"catch" => Paren::Catch,
                b"return" | b"await" | b"typeof" | b"void" | b"yield" | b"in" | b"of" | b"case" | b"else" | b"new"
                | b"delete" | b"default" | b"async" | b"throw" => Paren::Group,
                _ => Paren::Call,
            },
            Kind::Word | Kind::Sign(b')' | b']' | b'>') | Kind::Close | Kind::Chain => Paren::Call,
            _ => Paren::Group,
        };
        let callee = if self.detail != Detail::Imports && paren == Paren::Call { self.callee() } else { None };
        let mut frame = Frame::new(Block::Paren(paren), self.need());
        frame.callee = callee;
        self.frames.push(frame);
    }

    fn close_paren(&mut self, token: Token) {
        let Some(frame) = self.close(|block| matches!(block, Block::Paren(_))) else { return };
        let Block::Paren(paren) = frame.block else { return };
        self.closed = Some((paren, Kind::Sign(b')')));
        let need = match paren {
            Paren::If(start) => condition(&self.lexer.text[start..token.start]),
            _ => Strength::Hard,
        };
        let next = if matches!(paren, Paren::If(_)) { self.peek(0).kind } else { Kind::End };
        let Some(outer) = self.frames.last_mut() else { return };
        match paren {
            Paren::If(_) => {
                outer.condition = need;
                if next != Kind::Block {
                    outer.single = Some(need);
                }
            }
            Paren::Call | Paren::Group => outer.parameters = true,
            _ => {}
        }
    }

    fn arrow(&mut self) {
        // `(() => …)()` and `(async x => …)()` run where they stand; a body without braces ends with its statement.
        let next = self.peek(0).kind;
        let group = self.frames.last().is_some_and(|frame| frame.block == Block::Paren(Paren::Group));
        let alone = self.frames.last().is_some_and(|frame| frame.callee.is_none());
        if let Some(frame) = self.frames.last_mut() {
            frame.parameters = false;
            if next == Kind::Block {
                frame.runs = group && alone;
            } else {
                frame.arrow = true;
            }
        }
    }

    fn word(&mut self, token: Token) {
        let word = self.lexer.slice(token);
        if self.detail == Detail::Strings {
            self.said_key(token);
        }
        match word {
            b"import" => self.import(token),
            b"export" => self.export(token),
            b"require" => self.require(token),
            b"class" if !self.peek_is(0, b':') => {
                if let Some(frame) = self.frames.last_mut() {
                    frame.class = true;
                }
            }
            b"function" => {
                let at = usize::from(self.word_before(0) == b"async");
                let runs = match self.back[at].kind {
                    Kind::Sign(b'(') => {
                        self.frames.last().is_some_and(|frame| frame.block == Block::Paren(Paren::Group))
                    }
                    Kind::Sign(b'!' | b'+' | b'-' | b'~') => true,
                    Kind::Word => self.word_before(at) == b"void",
                    _ => false,
                };
                if let Some(frame) = self.frames.last_mut() {
                    frame.runs = runs;
                }
            }
            b"else" => {
                let next = self.peek(0).kind;
                if let Some(frame) = self.frames.last_mut()
                    && next != Kind::Block
                {
                    frame.single = Some(frame.condition);
                }
            }
            b"throw" => {
                if let Some(Frame { block: Block::Catch(_, _, gives_up), single: None, .. }) = self.frames.last_mut() {
                    *gives_up = true;
                }
            }
            b"createRequire" => self.made_require(0),
            b"URL" => self.url(token),
            b"jest" | b"vi" | b"vitest" => self.mock(token),
            b"Worker" | b"SharedWorker" | b"proxyquire" | b"rewire" => self.loader(token),
            _ => {
                if self.bindings.requires(word) {
                    self.require(token);
                } else if self.detail != Detail::Imports {
                    self.name(token, word);
                }
            }
        }
    }
}

/// The need of what stands under a condition: production takes the branches that ask for the build's kind, and bundles ask for the
/// module system; of others nothing is known.
fn condition(text: &[u8]) -> Strength {
    let text = &text[..text.len().min(400)];
    let has = |word: &str| memchr::memmem::find(text, word.as_bytes()).is_some();
    let systems = ["exports", "module", "require", "define", "window", "globalThis"];
    if has("NODE_ENV") || (has("typeof") && systems.iter().any(|system| has(system))) {
        Strength::Hard
    } else {
        Strength::Lazy
    }
}
