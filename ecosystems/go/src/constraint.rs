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
    /// Whether exactly these tags make the file part of the build. What is no expression holds.
    pub(crate) fn holds(&self, is_set: &dyn Fn(&str) -> bool) -> bool {
        self.value(&|tag, _| is_set(tag))
    }

    /// Whether there is a set of tags, without those that are `off`, for which the file is built. A tag may be set in one place and
    /// not in another, as `go mod tidy` reads it: a wrong "no" would hide a use.
    pub(crate) fn may_hold(&self, off: &[&str]) -> bool {
        self.value(&|tag, wanted| wanted && !off.contains(&tag))
    }

    /// What the constraints come to. `tag` is asked for the value of a tag, and told what it would have to be: below a `!`, false.
    fn value(&self, tag: &dyn Fn(&str, bool) -> bool) -> bool {
        match &self.expression {
            Some(expression) => Reader { rest: expression, tag }.or(true, 0).unwrap_or(true),
            None => self.lines.iter().all(|line| line_holds(line, tag)),
        }
    }
}

/// `a,!b c`: any of the words, each of which is all of its parts.
fn line_holds(line: &str, tag: &dyn Fn(&str, bool) -> bool) -> bool {
    let part = |part: &str| part.strip_prefix('!').map_or_else(|| tag(part, true), |part| !tag(part, false));
    let mut words = line.split_whitespace().peekable();
    words.peek().is_none() || words.any(|word| word.split(',').all(part))
}

/// Systems and processors that file names may end in: <https://go.dev/doc/install/source#environment>.
const SYSTEMS: &[&str] = &[
    "aix",
    "android",
    "darwin",
    "dragonfly",
    "freebsd",
    "hurd",
    "illumos",
    "ios",
    "js",
    "linux",
    "nacl",
    "netbsd",
    "openbsd",
    "plan9",
    "solaris",
    "wasip1",
    "windows",
    "zos",
];
const PROCESSORS: &[&str] = &[
    "386", "amd64", "arm", "arm64", "loong64", "mips", "mips64", "mips64le", "mipsle", "ppc64", "ppc64le", "riscv64",
    "s390x", "wasm",
];

/// Whether a file's name lets it into a build for Linux on a 64-bit processor of servers.
pub(crate) fn is_for_linux(name: &str) -> bool {
    let stem = name.strip_suffix(".go").unwrap_or(name);
    let stem = stem.strip_suffix("_test").unwrap_or(stem);
    let mut parts = stem.split('_').skip(1).collect::<Vec<_>>().into_iter().rev();
    let last = parts.next().unwrap_or("");
    if PROCESSORS.contains(&last) {
        let system = parts.next().unwrap_or("");
        return ["amd64", "arm64"].contains(&last) && (!SYSTEMS.contains(&system) || system == "linux");
    }
    !SYSTEMS.contains(&last) || last == "linux"
}

/// Whether a tag is set in a build for Linux, with or without C.
pub(crate) fn is_set_on_linux(tag: &str, cgo: bool) -> bool {
    match tag {
        "linux" | "unix" | "gc" | "amd64" | "arm64" => true,
        "cgo" => cgo,
        _ => tag.starts_with("go1."),
    }
}

struct Reader<'a> {
    rest: &'a str,
    tag: &'a dyn Fn(&str, bool) -> bool,
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
        Some((self.tag)(tag, wanted))
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
    fn builds_for_linux() {
        let on = |text: &str, cgo| {
            let constraints = Constraints { expression: Some(text.into()), lines: Vec::new() };
            constraints.holds(&|tag| is_set_on_linux(tag, cgo))
        };
        assert!(on("linux && cgo", true) && !on("linux && cgo", false));
        assert!(on("!windows && (unix || js)", false) && !on("darwin || custom", true));
        assert!(on("go1.18", false) && on("!cgo", false) && !on("!cgo", true));
        for (name, holds) in [
            ("x.go", true),
            ("linux.go", true),
            ("x_linux.go", true),
            ("x_darwin.go", false),
            ("x_linux_arm64.go", true),
            ("x_windows_amd64.go", false),
            ("x_s390x.go", false),
            ("x_unix_test.go", true),
            ("windows_amd64.go", true),
        ] {
            assert_eq!(is_for_linux(name), holds, "{name}");
        }
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
