//! The stack of blocks around a statement, and what each says about the imports inside it.

use super::super::guard::{self, Need};
use super::Found;
use std::ops::Range;

/// The kind of a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// A class, a loop: says nothing.
    Plain,
    Function,
    /// A branch with a condition.
    If,
    /// An `else`, of whatever stood before it.
    Else,
    With,
    Match,
    Case,
    /// A `try` with its clauses, in the clause that it is in.
    Try(Try),
}

/// What is known of a `try` so far. Its handlers come after its body: the body's imports are judged when it is over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Try {
    clause: Part,
    /// The imports found in the body, by index.
    body: Range<usize>,
    /// The imports found in the `else`.
    orelse: Range<usize>,
    /// Index of the first import of the current clause.
    from: usize,
    /// The text of what the current handler catches.
    caught: Range<usize>,
    /// The current handler raises or exits.
    gives_up: bool,
    /// Whether a failed import is forgiven, as the first handler that would catch it says.
    forgives: Option<bool>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Part {
    #[default]
    Body,
    Handler,
    Else,
    Finally,
}

impl Kind {
    pub(super) const TRY: Self = Self::Try(Try::new(Part::Body));
    pub(super) const HANDLER: Self = Self::Try(Try::new(Part::Handler));
}

impl Try {
    const fn new(clause: Part) -> Self {
        Self { clause, body: 0..0, orelse: 0..0, from: 0, caught: 0..0, gives_up: false, forgives: None }
    }
}

/// A word that goes on with the statement before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Clause(bool);

impl Clause {
    pub(super) fn of(word: &[u8]) -> Self {
        Self(matches!(word, b"elif" | b"else" | b"except" | b"finally"))
    }
}

#[derive(Debug)]
struct Block {
    column: u32,
    kind: Kind,
    /// First of the conditions in `Blocks::conditions` that belong to this statement.
    conditions: usize,
    /// The items of a `with`.
    header: Range<usize>,
    /// What it says, once somebody asked.
    need: Option<Need>,
}

/// The blocks around the current statement, outermost first.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    open: Vec<Block>,
    /// The conditions of the `if` statements around, each with those of its earlier branches.
    conditions: Vec<Range<usize>>,
    /// How many of the open blocks belong to a `try`.
    tries: usize,
    /// The statement that the current line goes on with (`else`, `except` …), and where its conditions start.
    carried: Option<(Kind, usize)>,
}

impl Blocks {
    /// Ends the blocks that a line at this column is not part of. When the line goes on with the last of them, that one waits
    /// for [`Self::open`].
    pub(super) fn dedent(&mut self, column: u32, clause: Clause, text: &[u8], found: &mut [Found<'_>]) {
        self.carried = None;
        while self.open.last().is_some_and(|last| last.column >= column) {
            let Some(block) = self.open.pop() else { return };
            let goes_on = clause.0 && block.column == column;
            let mut kind = block.kind;
            if let Kind::Try(r#try) = &mut kind {
                self.tries -= 1;
                r#try.end_clause(text, found);
                if !goes_on {
                    r#try.end(found);
                }
            }
            if goes_on {
                self.carried = Some((kind, block.conditions));
                return;
            }
            self.conditions.truncate(block.conditions);
        }
    }

    /// Opens a block; `imports` counts the imports found so far.
    pub(super) fn open(&mut self, column: u32, kind: Kind, header: Range<usize>, imports: usize) {
        let (carried, conditions) = match self.carried.take() {
            Some((carried, conditions)) => (Some(carried), conditions),
            None => (None, self.conditions.len()),
        };
        let continues = matches!((&kind, &carried), (Kind::If | Kind::Else, Some(Kind::If)));
        if !continues {
            self.conditions.truncate(conditions);
        }
        let kind = match (kind, carried) {
            (Kind::Try(new), Some(Kind::Try(mut old))) if new.clause == Part::Handler => {
                old.start(Part::Handler, imports);
                old.caught = header.clone();
                Kind::Try(old)
            }
            (Kind::Else, Some(Kind::Try(mut old))) => {
                old.start(Part::Else, imports);
                Kind::Try(old)
            }
            (Kind::Plain, Some(Kind::Try(mut old))) => {
                old.start(Part::Finally, imports);
                Kind::Try(old)
            }
            // The `else` of a loop; or a clause that goes on with nothing.
            (Kind::Else, _) if !continues => Kind::Plain,
            (Kind::Try(mut new), _) => {
                new.from = imports;
                Kind::Try(new)
            }
            (kind, _) => kind,
        };
        if kind == Kind::If {
            self.conditions.push(header.clone());
        }
        self.tries += usize::from(matches!(kind, Kind::Try(_)));
        self.open.push(Block { column, kind, conditions, header, need: None });
    }

    /// What the blocks say together about an import found now. The judgement of a `try` comes later.
    pub(super) fn need(&mut self, text: &[u8]) -> Need {
        let mut need = Need::Hard;
        let mut end = self.conditions.len();
        for block in self.open.iter_mut().rev() {
            let said = *block.need.get_or_insert_with(|| match &block.kind {
                Kind::Function | Kind::Case => Need::Lazy,
                Kind::With if guard::suppresses(&text[block.header.clone()]) => Need::Optional,
                Kind::If | Kind::Else => branch(text, &self.conditions[block.conditions..end], block.kind == Kind::If),
                Kind::Plain | Kind::With | Kind::Match | Kind::Try(_) => Need::Hard,
            });
            end = block.conditions;
            need = need.min(said);
        }
        need
    }

    pub(super) fn in_match(&self) -> bool {
        self.open.last().is_some_and(|block| block.kind == Kind::Match)
    }

    /// True when the current statement stands directly in an `except` clause.
    pub(super) fn in_handler(&self) -> bool {
        matches!(self.open.last(), Some(Block { kind: Kind::Try(Try { clause: Part::Handler, .. }), .. }))
    }

    pub(super) fn handler_gives_up(&mut self) {
        if let Some(Block { kind: Kind::Try(r#try), .. }) = self.open.last_mut() {
            r#try.gives_up = true;
        }
    }

    /// True while imports were found that a later handler may make optional.
    pub(super) fn waits_for_handlers(&self) -> bool {
        self.tries > 0
    }

    /// The end of the file.
    pub(super) fn close_all(&mut self, text: &[u8], found: &mut [Found<'_>]) {
        self.dedent(0, Clause(false), text, found);
    }
}

/// The need of a branch: all earlier conditions failed, and its own holds if it has one.
fn branch(text: &[u8], conditions: &[Range<usize>], own: bool) -> Need {
    let mut need = Need::Hard;
    for (index, condition) in conditions.iter().enumerate() {
        let branches = guard::branches(&text[condition.clone()]);
        let said = if own && index + 1 == conditions.len() { branches.then } else { branches.otherwise };
        need = need.min(said);
    }
    need
}

impl Try {
    fn start(&mut self, clause: Part, imports: usize) {
        self.clause = clause;
        self.from = imports;
        self.gives_up = false;
    }

    fn end_clause(&mut self, text: &[u8], found: &mut [Found<'_>]) {
        let range = self.from..found.len();
        match self.clause {
            Part::Body => self.body = range,
            Part::Else => self.orelse = range,
            Part::Finally => {}
            Part::Handler => {
                let catches = guard::catches_import_error(&text[self.caught.clone()]);
                if catches && self.forgives.is_none() {
                    self.forgives = Some(!self.gives_up);
                }
                cap(&mut found[range], guard::handler_need(catches, self.gives_up));
            }
        }
    }

    fn end(&mut self, found: &mut [Found<'_>]) {
        if self.forgives == Some(true) {
            cap(&mut found[self.body.clone()], Need::Optional);
            cap(&mut found[self.orelse.clone()], Need::Optional);
        }
    }
}

fn cap(found: &mut [Found<'_>], most: Need) {
    for import in found {
        import.need = import.need.min(most);
    }
}
