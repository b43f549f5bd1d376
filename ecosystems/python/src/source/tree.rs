//! The parser: the only file that knows whose syntax tree it is. What the observation needs of it is shown as small views.

use ruff_python_ast::{
    self as ast, ElifElseClause, ExceptHandler, InterpolatedStringElement, MatchCase,
    visitor::{self, Visitor},
};
use ruff_python_parser::{Mode, ParseOptions, Parsed, parse_cells_unchecked, parse_unchecked};
use ruff_text_size::{Ranged, TextRange, TextSize};
use std::ops::Range;

pub(crate) use ast::{Expr, Stmt};

/// A parsed file. What did not parse is left out, or stands in the tree as far as it was understood.
pub(crate) struct Tree(Parsed<ast::ModModule>);

impl Tree {
    /// Parses Python 3.14.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        contained(|| parse_unchecked(text, ParseOptions::from(Mode::Module)).try_into_module()).flatten().map(Self)
    }

    /// Parses each cell of a notebook by itself, with the escapes of `IPython`. One line feed separates the cells.
    pub(crate) fn parse_notebook(text: &str, cells: &[Range<usize>]) -> Option<Self> {
        let ranges = cells
            .iter()
            .map(|cell| Some(TextRange::new(TextSize::try_from(cell.start).ok()?, TextSize::try_from(cell.end).ok()?)))
            .collect::<Option<Vec<_>>>()?;
        contained(|| parse_cells_unchecked(text, ranges, &ParseOptions::from(Mode::Ipython))).map(Self)
    }

    pub(crate) fn statements(&self) -> &[Stmt] {
        self.0.suite()
    }

    /// Offset and text of the first syntax error.
    pub(crate) fn error(&self) -> Option<(usize, String)> {
        let error = self.0.errors().first()?;
        Some((error.location.start().to_usize(), error.error.to_string()))
    }
}

/// Runs the parser, whose own bugs must not end the program: it is another project's, and meets files of every kind.
fn contained<T>(parse: impl FnOnce() -> T) -> Option<T> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(parse)).ok()
}

/// A statement, as far as it matters here.
pub(crate) enum Statement<'a> {
    /// `import a.b as c`.
    Import { names: Vec<Alias<'a>>, lazy: bool },
    /// `from ..a import b as c`.
    From { level: u32, module: &'a str, names: Vec<Alias<'a>>, lazy: bool },
    /// `a = b = value`.
    Assign { targets: &'a [Expr], value: &'a Expr },
    /// `a += value`.
    Augmented { target: &'a Expr, value: &'a Expr },
    /// `a: T = value`.
    Annotated { target: &'a Expr, value: Option<&'a Expr> },
    /// A function or a class.
    Define(&'a str),
    /// `for target in values`.
    Loop { target: &'a Expr, values: &'a Expr },
    /// An expression by itself.
    Expression(&'a Expr),
    /// A line of a notebook that is not Python: the sign that starts it, and the rest.
    Escape { sign: &'static str, text: &'a str },
    /// Any other.
    Other,
}

/// One name of an import statement.
pub(crate) struct Alias<'a> {
    pub(crate) name: &'a str,
    pub(crate) renamed: Option<&'a str>,
}

/// A block of statements inside a statement.
pub(crate) enum Block<'a> {
    Function,
    /// A class, a loop, a `finally`: no condition that matters.
    Plain,
    /// A branch of an `if`; `None` for `else`.
    Branch(Option<&'a Expr>),
    With(Range<usize>),
    Case,
    Try {
        handlers: Vec<Handler<'a>>,
    },
    Handler(Handler<'a>),
    /// The `else` of a `try`.
    TryElse,
}

/// An `except` clause.
#[derive(Clone)]
pub(crate) struct Handler<'a> {
    /// What it catches; empty when it catches everything.
    pub(crate) caught: Range<usize>,
    pub(crate) body: &'a [Stmt],
}

pub(crate) fn start(node: &impl Ranged) -> usize {
    node.start().to_usize()
}

pub(crate) fn end(node: &impl Ranged) -> usize {
    node.end().to_usize()
}

pub(crate) fn range(node: &impl Ranged) -> Range<usize> {
    start(node)..end(node)
}

pub(crate) fn statement(stmt: &Stmt) -> Statement<'_> {
    match stmt {
        Stmt::Import(import) => Statement::Import { names: alias_list(&import.names), lazy: import.is_lazy },
        Stmt::ImportFrom(import) => Statement::From {
            level: import.level,
            module: import.module.as_ref().map_or("", ast::Identifier::as_str),
            names: alias_list(&import.names),
            lazy: import.is_lazy,
        },
        Stmt::Assign(assign) => Statement::Assign { targets: &assign.targets, value: &assign.value },
        Stmt::AugAssign(assign) => Statement::Augmented { target: &assign.target, value: &assign.value },
        Stmt::AnnAssign(assign) => Statement::Annotated { target: &assign.target, value: assign.value.as_deref() },
        Stmt::FunctionDef(def) => Statement::Define(def.name.as_str()),
        Stmt::ClassDef(class) => Statement::Define(class.name.as_str()),
        Stmt::For(r#loop) => Statement::Loop { target: &r#loop.target, values: &r#loop.iter },
        Stmt::Expr(expression) => Statement::Expression(&expression.value),
        Stmt::IpyEscapeCommand(escape) => Statement::Escape { sign: escape.kind.as_str(), text: &escape.value },
        _ => Statement::Other,
    }
}

fn alias_list(names: &[ast::Alias]) -> Vec<Alias<'_>> {
    names
        .iter()
        .map(|alias| Alias { name: alias.name.as_str(), renamed: alias.asname.as_ref().map(ast::Identifier::as_str) })
        .collect()
}

/// Calls `each` with the blocks of a statement, in the order of the text.
pub(crate) fn blocks<'a>(stmt: &'a Stmt, each: &mut dyn FnMut(Block<'a>, &'a [Stmt])) {
    match stmt {
        Stmt::FunctionDef(def) => each(Block::Function, &def.body),
        Stmt::ClassDef(class) => each(Block::Plain, &class.body),
        Stmt::For(r#loop) => {
            each(Block::Plain, &r#loop.body);
            each(Block::Plain, &r#loop.orelse);
        }
        Stmt::While(r#loop) => {
            each(Block::Plain, &r#loop.body);
            each(Block::Plain, &r#loop.orelse);
        }
        Stmt::If(condition) => {
            each(Block::Branch(Some(&condition.test)), &condition.body);
            for clause in &condition.elif_else_clauses {
                each(Block::Branch(clause.test.as_ref()), &clause.body);
            }
        }
        Stmt::With(with) => {
            let items = match (with.items.first(), with.items.last()) {
                (Some(first), Some(last)) => start(first)..end(last),
                _ => 0..0,
            };
            each(Block::With(items), &with.body);
        }
        Stmt::Match(r#match) => {
            for case in &r#match.cases {
                each(Block::Case, &case.body);
            }
        }
        Stmt::Try(r#try) => {
            let handlers: Vec<Handler<'_>> = r#try
                .handlers
                .iter()
                .map(|ExceptHandler::ExceptHandler(handler)| Handler {
                    caught: handler.type_.as_deref().map_or(0..0, range),
                    body: &handler.body,
                })
                .collect();
            each(Block::Try { handlers: handlers.clone() }, &r#try.body);
            for handler in handlers {
                let body = handler.body;
                each(Block::Handler(handler), body);
            }
            each(Block::TryElse, &r#try.orelse);
            each(Block::Plain, &r#try.finalbody);
        }
        _ => {}
    }
}

/// Calls `each` with the outermost expressions of a statement, not those of its blocks; the flag says "an annotation".
pub(crate) fn expressions<'a>(stmt: &'a Stmt, each: &mut dyn FnMut(&'a Expr, bool)) {
    struct Header<'f, 'a>(&'f mut dyn FnMut(&'a Expr, bool));
    impl<'a> Visitor<'a> for Header<'_, 'a> {
        fn visit_body(&mut self, _: &'a [Stmt]) {}
        fn visit_expr(&mut self, expr: &'a Expr) {
            (self.0)(expr, false);
        }
        fn visit_annotation(&mut self, expr: &'a Expr) {
            (self.0)(expr, true);
        }
    }
    visitor::walk_stmt(&mut Header(each), stmt);
}

/// An expression, as far as it matters here.
pub(crate) enum Node<'a> {
    Name(&'a str),
    Attribute(&'a Expr, &'a str),
    Call(Call<'a>),
    String(&'a str),
    /// An f-string: the constant text that it starts with.
    Template(&'a str),
    /// `True`, `False`, `None`, or a number as it is written.
    Constant(Constant),
    Sequence(&'a [Expr]),
    Dict(Items<'a>),
    Lambda,
    /// `left + right`, `left | right`, `left / right`, `left % right`; the sign is `None` for any other operator.
    Binary(&'a Expr, Option<char>, &'a Expr),
    /// `a or b`, `a and b`.
    Either(&'a [Expr]),
    /// `a if … else b`.
    Conditional(&'a Expr, &'a Expr),
    Starred(&'a Expr),
    Subscript(&'a Expr, &'a Expr),
    Other,
}

pub(crate) enum Constant {
    Word(&'static str),
    Number,
}

/// A call.
#[derive(Clone, Copy)]
pub(crate) struct Call<'a> {
    pub(crate) callee: &'a Expr,
    pub(crate) positional: &'a [Expr],
    keywords: &'a [ast::Keyword],
}

impl<'a> Call<'a> {
    /// The keyword arguments; `**mapping` has no name.
    pub(crate) fn keywords(self) -> impl Iterator<Item = (Option<&'a str>, &'a Expr)> {
        self.keywords.iter().map(|keyword| (keyword.arg.as_ref().map(ast::Identifier::as_str), &keyword.value))
    }

    pub(crate) fn keyword(self, name: &str) -> Option<&'a Expr> {
        self.keywords().find(|(keyword, _)| *keyword == Some(name)).map(|(_, value)| value)
    }
}

/// The items of a dictionary; `**mapping` has no key.
#[derive(Clone, Copy)]
pub(crate) struct Items<'a>(&'a [ast::DictItem]);

impl<'a> Items<'a> {
    pub(crate) fn iter(self) -> impl Iterator<Item = (Option<&'a Expr>, &'a Expr)> {
        self.0.iter().map(|item| (item.key.as_ref(), &item.value))
    }
}

pub(crate) fn node(expr: &Expr) -> Node<'_> {
    match expr {
        Expr::Name(name) => Node::Name(name.id.as_str()),
        Expr::Attribute(attribute) => Node::Attribute(&attribute.value, attribute.attr.as_str()),
        Expr::Call(call) => Node::Call(Call {
            callee: &call.func,
            positional: &call.arguments.args,
            keywords: &call.arguments.keywords,
        }),
        Expr::StringLiteral(string) => Node::String(string.value.to_str()),
        Expr::FString(string) => Node::Template(constant_start(string)),
        Expr::BooleanLiteral(literal) => Node::Constant(Constant::Word(if literal.value { "True" } else { "False" })),
        Expr::NoneLiteral(_) => Node::Constant(Constant::Word("None")),
        Expr::NumberLiteral(_) => Node::Constant(Constant::Number),
        Expr::List(list) => Node::Sequence(&list.elts),
        Expr::Tuple(tuple) => Node::Sequence(&tuple.elts),
        Expr::Set(set) => Node::Sequence(&set.elts),
        Expr::Dict(dict) => Node::Dict(Items(&dict.items)),
        Expr::Lambda(_) => Node::Lambda,
        Expr::BinOp(operation) => {
            let sign = match operation.op {
                ast::Operator::Add => Some('+'),
                ast::Operator::Mod => Some('%'),
                ast::Operator::BitOr => Some('|'),
                ast::Operator::Div => Some('/'),
                _ => None,
            };
            Node::Binary(&operation.left, sign, &operation.right)
        }
        Expr::BoolOp(operation) => Node::Either(&operation.values),
        Expr::If(condition) => Node::Conditional(&condition.body, &condition.orelse),
        Expr::Starred(starred) => Node::Starred(&starred.value),
        Expr::Subscript(subscript) => Node::Subscript(&subscript.value, &subscript.slice),
        _ => Node::Other,
    }
}

fn constant_start(string: &ast::ExprFString) -> &str {
    match string.value.as_slice().first() {
        Some(ast::FStringPart::Literal(literal)) => &literal.value,
        Some(ast::FStringPart::FString(template)) => match template.elements.first() {
            Some(InterpolatedStringElement::Literal(literal)) => &literal.value,
            _ => "",
        },
        None => "",
    }
}

/// Calls `each` with the expressions directly below an expression, in the order of evaluation.
pub(crate) fn children<'a>(expr: &'a Expr, each: &mut dyn FnMut(&'a Expr)) {
    struct Below<'f, 'a>(&'f mut dyn FnMut(&'a Expr));
    impl<'a> Visitor<'a> for Below<'_, 'a> {
        fn visit_expr(&mut self, expr: &'a Expr) {
            (self.0)(expr);
        }
        fn visit_match_case(&mut self, _: &'a MatchCase) {}
        fn visit_elif_else_clause(&mut self, _: &'a ElifElseClause) {}
    }
    visitor::walk_expr(&mut Below(each), expr);
}

/// Inline metadata of a script ([PEP 723](https://peps.python.org/pep-0723/)): its TOML, and where it stands in the file.
pub(crate) struct Metadata(ast::script::ScriptTag);

impl Metadata {
    pub(crate) fn find(text: &str) -> Option<Self> {
        ast::script::ScriptTag::parse(text.as_bytes()).map(Self)
    }

    pub(crate) fn toml(&self) -> &str {
        self.0.metadata()
    }

    /// The offset in the file of a byte of the TOML.
    pub(crate) fn offset(&self, toml: usize) -> usize {
        let offset = u32::try_from(toml).map_or(TextSize::new(0), TextSize::new);
        self.0.source_map().map_offset(offset).to_usize()
    }
}
