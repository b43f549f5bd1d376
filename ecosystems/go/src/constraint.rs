//! Build constraints: whether some build takes a file in. Format: <https://pkg.go.dev/cmd/go#hdr-Build_constraints>.

/// A file that this tag switches on is not part of any build: `go run` alone starts it.
pub(crate) const IGNORED: &[&str] = &["ignore"];

/// A file that this tag switches on holds tools beside what is built.
pub(crate) const TOOLS: &[&str] = &["ignore", "tools", "tool", "generate"];

/// Expressions deeper than this are not looked into: they may hold.
const DEEPEST: usize = 100;

/// The constraints in front of a file's package clause.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Constraints {
    /// `//go:build …`, without the sign.
    pub(crate) expression: Option<String>,
    /// `// +build …`, without the sign: all have to hold.
    pub(crate) lines: Vec<String>,
}

impl Constraints {
    /// Whether there is a set of tags, without those that are `off`, for which the file is built. A tag may be set in one place and
    /// not in another, as `go mod tidy` reads it: a wrong "no" would hide a use.
    pub(crate) fn may_hold(&self, off: &[&str]) -> bool {
        match &self.expression {
            Some(expression) => {
                let mut reader = Reader { rest: expression, off };
                reader.or(true, 0).unwrap_or(true)
            }
            None => self.lines.iter().all(|line| line_may_hold(line, off)),
        }
    }
}

/// `a,!b c`: any of the words, each of which is all of its parts.
fn line_may_hold(line: &str, off: &[&str]) -> bool {
    let part = |part: &str| match part.strip_prefix('!') {
        Some(_) => true,
        None => !off.contains(&part),
    };
    let mut words = line.split_whitespace().peekable();
    words.peek().is_none() || words.any(|word| word.split(',').all(part))
}

struct Reader<'a> {
    rest: &'a str,
    off: &'a [&'a str],
}

impl Reader<'_> {
    fn eat(&mut self, text: &str) -> bool {
        self.rest = self.rest.trim_start();
        let Some(rest) = self.rest.strip_prefix(text) else { return false };
        self.rest = rest;
        true
    }

    /// `wanted` is what the whole would have to be: below a `!` it is false.
    fn or(&mut self, wanted: bool, depth: usize) -> Option<bool> {
        let mut value = self.and(wanted, depth)?;
        while self.eat("||") {
            let other = self.and(wanted, depth)?;
            value = value || other;
        }
        Some(value)
    }

    fn and(&mut self, wanted: bool, depth: usize) -> Option<bool> {
        let mut value = self.not(wanted, depth)?;
        while self.eat("&&") {
            let other = self.not(wanted, depth)?;
            value = value && other;
        }
        Some(value)
    }

    fn not(&mut self, wanted: bool, depth: usize) -> Option<bool> {
        if depth > DEEPEST {
            return None;
        }
        if self.eat("!") {
            return self.not(!wanted, depth + 1).map(|value| !value);
        }
        if self.eat("(") {
            let value = self.or(wanted, depth + 1)?;
            return self.eat(")").then_some(value);
        }
        let word = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
        self.rest = self.rest.trim_start();
        let end = self.rest.find(|c| !word(c)).unwrap_or(self.rest.len());
        let (tag, rest) = self.rest.split_at(end);
        self.rest = rest;
        if tag.is_empty() {
            return None;
        }
        Some(if self.off.contains(&tag) { false } else { wanted })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expression: &str, ignored: bool, tools: bool) {
        let constraints = Constraints { expression: Some(expression.into()), lines: Vec::new() };
        assert_eq!(constraints.may_hold(IGNORED), !ignored, "{expression}");
        assert_eq!(constraints.may_hold(TOOLS), !tools, "{expression}");
    }

    #[test]
    fn expressions() {
        check("linux && amd64", false, false);
        check("ignore", true, true);
        check("!ignore", false, false);
        check("ignore || linux", false, false);
        check("ignore && linux", true, true);
        check("tools", false, true);
        check("!(tools || linux)", false, false);
        check("!linux", false, false);
        check("linux && !linux", false, false);
        // What is no expression may be anything.
        check("(linux", false, false);
        check("", false, false);
        check(&"(".repeat(5000), false, false);
        check(&"!".repeat(5000), false, false);
    }

    #[test]
    fn old_lines() {
        let of = |lines: &[&str]| Constraints { expression: None, lines: lines.iter().map(|l| (*l).into()).collect() };
        assert!(!of(&["ignore"]).may_hold(IGNORED));
        assert!(of(&["ignore linux"]).may_hold(IGNORED));
        assert!(!of(&["linux", "ignore"]).may_hold(IGNORED));
        assert!(!of(&["linux,ignore"]).may_hold(IGNORED));
        assert!(of(&["!ignore"]).may_hold(IGNORED));
        assert!(of(&[""]).may_hold(IGNORED) && of(&[]).may_hold(IGNORED));
    }
}
