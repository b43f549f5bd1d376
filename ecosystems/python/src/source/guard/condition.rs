//! Conditions of `if` and `elif`: the few whose value is known.

use super::tokens::{Token, Tokens};
use super::{Need, last_part};

/// What a condition says about its two branches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::source) struct Branches {
    /// The branch that runs when the condition holds.
    pub(in crate::source) then: Need,
    /// The branch that runs when it does not.
    pub(in crate::source) otherwise: Need,
}

impl Branches {
    const UNKNOWN: Self = Self { then: Need::Lazy, otherwise: Need::Lazy };
    const PROBED: Self = Self { then: Need::Optional, otherwise: Need::Optional };

    /// A condition whose value is known; code in the dead branch is needed as `dead` says.
    fn known(value: bool, dead: Need) -> Self {
        if value { Self { then: Need::Hard, otherwise: dead } } else { Self { then: dead, otherwise: Need::Hard } }
    }

    fn not(self) -> Self {
        Self { then: self.otherwise, otherwise: self.then }
    }

    fn and(self, other: Self) -> Self {
        Self { then: self.then.min(other.then), otherwise: self.otherwise.max(other.otherwise) }
    }

    fn or(self, other: Self) -> Self {
        self.not().and(other.not()).not()
    }
}

/// The newest Python (3.14) decides a version test: readers do not know the image's interpreter, and imports for older ones
/// are mostly backports that the metadata declares with a marker. The branch that 3.14 does not take is lazy: kept when declared,
/// and never the reason to demand something.
const NEWEST_MINOR: u32 = 14;

/// Judges the condition of an `if` or `elif`. Known are: type-checking flags, constants, tests of the Python version, of the
/// platform (read for Linux) and of the implementation (`CPython`), `__name__ == "__main__"`, and probes for an installed
/// module (`find_spec("x")`). Any other condition makes both branches lazy.
pub(in crate::source) fn branches(condition: &[u8]) -> Branches {
    let mut reader = Reader { tokens: Tokens::new(condition), ahead: None, depth: 0 };
    let judged = reader.any_of();
    match reader.peek() {
        Token::End => judged,
        // Something that the small grammar does not know: a ternary, a walrus, an operator. A probe is still a probe.
        _ if probes(condition) => Branches::PROBED,
        _ => Branches::UNKNOWN,
    }
}

/// True for the functions that ask whether a module can be imported.
fn is_probe(name: &[u8]) -> bool {
    matches!(last_part(name), b"find_spec" | b"find_loader" | b"is_installed" | b"is_module_available")
}

fn probes(condition: &[u8]) -> bool {
    let mut tokens = Tokens::new(condition);
    let mut probe = false;
    loop {
        let token = tokens.next();
        match token {
            Token::End => return false,
            Token::Open if probe => return true,
            _ => probe = matches!(token, Token::Name(name) if is_probe(name)),
        }
    }
}

/// A recursive-descent reader of the few conditions that are known.
struct Reader<'a> {
    tokens: Tokens<'a>,
    ahead: Option<Token<'a>>,
    depth: u32,
}

/// An operand of a comparison.
enum Operand<'a> {
    /// A value that depends on where the program runs.
    Subject(Subject),
    /// `(3, 8)`, or a lone number.
    Numbers(Vec<u32>),
    /// One string, or a collection of strings.
    Strings(Vec<&'a [u8]>),
    /// A condition by itself.
    Condition(Branches),
}

#[derive(Clone, Copy)]
enum Subject {
    /// `sys.version_info`, compared as a tuple with this many known parts.
    Version { parts: usize, slice: bool },
    /// `sys.version_info[0]`, `.major`.
    Major,
    /// `sys.version_info[1]`, `.minor`.
    Minor,
    /// Something with one known text, in any case of letters.
    Text(&'static str),
    /// `__name__`.
    ModuleName,
}

impl<'a> Reader<'a> {
    fn peek(&mut self) -> Token<'a> {
        *self.ahead.get_or_insert_with(|| self.tokens.next())
    }

    fn next(&mut self) -> Token<'a> {
        let token = self.peek();
        self.ahead = None;
        token
    }

    fn any_of(&mut self) -> Branches {
        let mut judged = self.all_of();
        while self.peek() == Token::Name(b"or") {
            self.next();
            judged = judged.or(self.all_of());
        }
        judged
    }

    fn all_of(&mut self) -> Branches {
        let mut judged = self.negation();
        while self.peek() == Token::Name(b"and") {
            self.next();
            judged = judged.and(self.negation());
        }
        judged
    }

    fn negation(&mut self) -> Branches {
        let mut turned = false;
        while self.peek() == Token::Name(b"not") {
            self.next();
            turned = !turned;
        }
        let judged = self.comparison();
        if turned { judged.not() } else { judged }
    }

    fn comparison(&mut self) -> Branches {
        let left = self.operand();
        let operator = match self.peek() {
            Token::Operator(operator @ (b"==" | b"!=" | b"<" | b"<=" | b">" | b">=")) => {
                self.next();
                operator
            }
            Token::Name(b"in") => {
                self.next();
                b"in".as_slice()
            }
            Token::Name(b"not") => {
                self.next();
                if self.peek() != Token::Name(b"in") {
                    return Branches::UNKNOWN;
                }
                self.next();
                b"not in"
            }
            Token::Name(b"is") => {
                self.next();
                if self.peek() == Token::Name(b"not") {
                    self.next();
                }
                let right = self.operand();
                return if is_probed(&left) || is_probed(&right) { Branches::PROBED } else { Branches::UNKNOWN };
            }
            _ => {
                return match left {
                    Operand::Condition(judged) => judged,
                    Operand::Numbers(numbers) if numbers.len() == 1 => Branches::known(numbers[0] != 0, Need::Types),
                    _ => Branches::UNKNOWN,
                };
            }
        };
        let right = self.operand();
        compare(&left, operator, &right)
            .or_else(|| compare(&right, mirrored(operator)?, &left))
            .unwrap_or(if is_probed(&left) || is_probed(&right) { Branches::PROBED } else { Branches::UNKNOWN })
    }

    fn operand(&mut self) -> Operand<'a> {
        match self.next() {
            Token::Name(name) => self.named(name),
            Token::Number(number) => Operand::Numbers(vec![number]),
            Token::String(text) => Operand::Strings(vec![text]),
            Token::Open => self.grouped(),
            // The end is left for `branches` to see that something is missing.
            _ => Operand::Condition(Branches::UNKNOWN),
        }
    }

    fn named(&mut self, name: &'a [u8]) -> Operand<'a> {
        let subject = match name {
            b"sys.version_info" | b"version_info" => Some(Subject::Version { parts: 5, slice: false }),
            b"sys.version_info.major" | b"version_info.major" => Some(Subject::Major),
            b"sys.version_info.minor" | b"version_info.minor" => Some(Subject::Minor),
            b"sys.platform" => Some(Subject::Text("linux")),
            b"os.name" => Some(Subject::Text("posix")),
            b"sys.implementation.name" => Some(Subject::Text("cpython")),
            b"__name__" => Some(Subject::ModuleName),
            _ => None,
        };
        match (subject, self.peek()) {
            (Some(Subject::Version { .. }), Token::Open) => {
                let subject = match self.arguments() {
                    Arguments::Numbers(numbers) if numbers == [0] => Subject::Major,
                    Arguments::Numbers(numbers) if numbers == [1] => Subject::Minor,
                    Arguments::Slice(parts) => Subject::Version { parts: parts as usize, slice: true },
                    _ => return Operand::Condition(Branches::UNKNOWN),
                };
                Operand::Subject(subject)
            }
            (Some(subject), token) if token != Token::Open => Operand::Subject(subject),
            (None, Token::Open) => self.called(name),
            (None, _) => Operand::Condition(match last_part(name) {
                b"TYPE_CHECKING" | b"MYPY" | b"False" | b"None" => Branches::known(false, Need::Types),
                b"True" => Branches::known(true, Need::Types),
                b"PY2" => Branches::known(false, Need::Lazy),
                b"PY3" => Branches::known(true, Need::Lazy),
                _ => Branches::UNKNOWN,
            }),
            _ => {
                self.arguments();
                Operand::Condition(Branches::UNKNOWN)
            }
        }
    }

    /// A call, `(` being the next token.
    fn called(&mut self, name: &'a [u8]) -> Operand<'a> {
        let arguments = self.arguments();
        // What a call returns may be called or subscripted again.
        while self.peek() == Token::Open {
            self.arguments();
            if !is_probe(name) {
                return Operand::Condition(Branches::UNKNOWN);
            }
        }
        match (name, arguments) {
            _ if is_probe(name) => Operand::Condition(Branches::PROBED),
            (b"platform.system", _) => Operand::Subject(Subject::Text("linux")),
            (b"platform.python_implementation", _) => Operand::Subject(Subject::Text("cpython")),
            (b"sys.platform.startswith", Arguments::Strings(texts)) => Operand::Condition(Branches::known(
                texts.iter().any(|text| b"linux".starts_with(text)),
                Need::Elsewhere,
            )),
            (_, Arguments::Probing) => Operand::Condition(Branches::PROBED),
            _ => Operand::Condition(Branches::UNKNOWN),
        }
    }

    /// What stands in brackets, the opening one being the next token.
    fn arguments(&mut self) -> Arguments<'a> {
        self.next();
        let (mut numbers, mut strings) = (Vec::new(), Vec::new());
        let (mut depth, mut other, mut probe, mut probing, mut colon) = (1_u32, false, false, false, false);
        loop {
            let token = self.next();
            match token {
                Token::End => break,
                Token::Open => {
                    depth += 1;
                    probing |= probe;
                }
                Token::Close => {
                    depth -= 1;
                    if depth == 0 {
                        break;
                    }
                }
                Token::Number(number) => numbers.push(number),
                Token::String(text) => strings.push(text),
                Token::Operator(b",") => {}
                Token::Operator(b":") if numbers.is_empty() && strings.is_empty() => colon = true,
                _ => other = true,
            }
            probe = matches!(token, Token::Name(name) if is_probe(name));
        }
        match (numbers.len(), strings.len()) {
            _ if probing => Arguments::Probing,
            _ if other => Arguments::Other,
            (1, 0) if colon => Arguments::Slice(numbers[0]),
            _ if colon => Arguments::Other,
            (1.., 0) => Arguments::Numbers(numbers),
            (0, 1..) => Arguments::Strings(strings),
            _ => Arguments::Other,
        }
    }

    /// Something in parentheses, the opening one being consumed: a tuple, or a condition.
    fn grouped(&mut self) -> Operand<'a> {
        let (tokens, ahead) = (self.tokens, self.ahead);
        self.ahead = Some(Token::Open);
        match self.arguments() {
            Arguments::Numbers(numbers) => return Operand::Numbers(numbers),
            Arguments::Strings(texts) => return Operand::Strings(texts),
            _ => {}
        }
        let (end, end_ahead) = (self.tokens, self.ahead);
        (self.tokens, self.ahead) = (tokens, ahead);
        // Deeper than people write: not worth the stack.
        if self.depth == 16 {
            (self.tokens, self.ahead) = (end, end_ahead);
            return Operand::Condition(Branches::UNKNOWN);
        }
        self.depth += 1;
        let judged = self.any_of();
        self.depth -= 1;
        if self.next() == Token::Close {
            return Operand::Condition(judged);
        }
        let group = &tokens.text[tokens.at..end.at.max(tokens.at)];
        (self.tokens, self.ahead) = (end, end_ahead);
        Operand::Condition(if probes(group) { Branches::PROBED } else { Branches::UNKNOWN })
    }
}

enum Arguments<'a> {
    Numbers(Vec<u32>),
    Slice(u32),
    Strings(Vec<&'a [u8]>),
    Probing,
    Other,
}

fn is_probed(operand: &Operand<'_>) -> bool {
    matches!(operand, Operand::Condition(judged) if *judged == Branches::PROBED)
}

fn mirrored(operator: &[u8]) -> Option<&'static [u8]> {
    Some(match operator {
        b"==" => b"==",
        b"!=" => b"!=",
        b"<" => b">",
        b"<=" => b">=",
        b">" => b"<",
        b">=" => b"<=",
        _ => return None,
    })
}

fn compare(left: &Operand<'_>, operator: &[u8], right: &Operand<'_>) -> Option<Branches> {
    let Operand::Subject(subject) = left else { return None };
    match (*subject, right) {
        (Subject::ModuleName, Operand::Strings(texts)) if texts.as_slice() == [b"__main__".as_slice()] => {
            match operator {
                b"==" => Some(Branches { then: Need::Lazy, otherwise: Need::Hard }),
                b"!=" => Some(Branches { then: Need::Hard, otherwise: Need::Lazy }),
                _ => None,
            }
        }
        (Subject::Text(value), Operand::Strings(texts)) => {
            let found = texts.iter().any(|text| {
                // `"linux2"` was its name before Python 3.3.
                text.eq_ignore_ascii_case(value.as_bytes()) || (value == "linux" && *text == b"linux2")
            });
            match operator {
                b"==" | b"in" => Some(Branches::known(found, Need::Elsewhere)),
                b"!=" | b"not in" => Some(Branches::known(!found, Need::Elsewhere)),
                _ => None,
            }
        }
        (Subject::Version { parts, slice }, Operand::Numbers(numbers)) => {
            // The last three parts stand for "any": newer than whatever is asked for.
            let newest = [3, NEWEST_MINOR, u32::MAX, u32::MAX, u32::MAX];
            let known = &newest[..parts.min(newest.len())];
            let ordering = known.cmp(numbers.as_slice());
            // The whole of `version_info` is never equal to a shorter tuple.
            holds(ordering, operator, slice || numbers.len() < 3)
        }
        (Subject::Major, Operand::Numbers(numbers)) if numbers.len() == 1 => holds(3.cmp(&numbers[0]), operator, true),
        (Subject::Minor, Operand::Numbers(numbers)) if numbers.len() == 1 => {
            holds(NEWEST_MINOR.cmp(&numbers[0]), operator, true)
        }
        _ => None,
    }
}

fn holds(ordering: std::cmp::Ordering, operator: &[u8], exact: bool) -> Option<Branches> {
    let value = match operator {
        b"==" if exact => ordering.is_eq(),
        b"!=" if exact => ordering.is_ne(),
        b"<" => ordering.is_lt(),
        b"<=" => ordering.is_le(),
        b">" => ordering.is_gt(),
        b">=" => ordering.is_ge(),
        _ => return None,
    };
    Some(Branches::known(value, Need::Lazy))
}
