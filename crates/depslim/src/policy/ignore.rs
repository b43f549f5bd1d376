//! Ignores of the configuration: which package, which rules, where, why, until when.

use super::{Date, within};
use depslim_model::{Code, Finding, Location, Project};
use depslim_registry::ECOSYSTEMS;
use globset::{Glob, GlobMatcher};

/// One `[[ignore]]` of the configuration. What is empty or `None` narrows nothing.
#[derive(Debug, Clone, Default)]
pub struct Ignore {
    /// The package.
    pub package: Option<PackagePattern>,
    /// Rules that it hides; empty for all.
    pub rules: Vec<Code>,
    /// Folder, relative to the analysed root, that a project has to be in.
    pub path: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// The last day on which it counts.
    pub until: Option<Date>,
    /// Where it stands.
    pub place: Option<Location>,
    /// False when it is also about things outside the analysed root, so that matching nothing here proves nothing.
    pub only_here: bool,
}

impl Ignore {
    /// Whether it hides a finding. Its date is not looked at.
    pub fn hides(&self, finding: &Finding, project: Option<&Project>) -> bool {
        let rule = self.rules.is_empty() || self.rules.contains(&finding.code);
        let path = self.path.as_deref().is_none_or(|path| project.is_some_and(|p| within(&p.path, path)));
        let package = self.package.as_ref().is_none_or(|pattern| {
            let name = package_name(finding, project);
            project.zip(name).is_some_and(|(project, name)| pattern.matches(&project.ecosystem, &name))
        });
        rule && path && package
    }

    /// What people call it: `pypi:gunicorn`, else its folder, else its rules.
    pub fn label(&self) -> String {
        let rules = || self.rules.iter().map(|rule| rule.code()).collect::<Vec<_>>().join(", ");
        let package = self.package.as_ref().map(|pattern| pattern.text.clone());
        package.or_else(|| self.path.clone()).unwrap_or_else(rules)
    }
}

/// Name of the package that a finding is about.
fn package_name(finding: &Finding, project: Option<&Project>) -> Option<String> {
    let listed = project?.packages.iter().find(|package| package.id == finding.package);
    listed.map(|package| package.name.clone()).filter(|name| !name.is_empty()).or_else(|| {
        // A package that is not listed: `pkg:type/name@version`.
        let (_, rest) = finding.package.strip_prefix("pkg:")?.split_once('/')?;
        Some(rest.rsplit_once('@').map_or(rest, |(name, _)| name).replace("%40", "@"))
    })
}

/// `ecosystem:name`, where the ecosystem is its name or its package URL type, and the name may hold `*`, `?` and `[…]`.
/// Without `ecosystem:` it is about every ecosystem.
#[derive(Debug, Clone)]
pub struct PackagePattern {
    text: String,
    ecosystem: Option<String>,
    name: String,
    matchers: Vec<(&'static str, GlobMatcher)>,
    verbatim: GlobMatcher,
}

impl PackagePattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// What is wrong with it, when the name is empty or no glob.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (ecosystem, name) = match text.split_once(':') {
            Some((ecosystem, name)) => (Some(ecosystem.trim().to_owned()), name.trim()),
            None => (None, text.trim()),
        };
        if name.is_empty() {
            return Err(format!("`{text}` names no package; write it as `pypi:gunicorn`"));
        }
        let glob = |name: &str| match Glob::new(name) {
            Ok(glob) => Ok(glob.compile_matcher()),
            Err(error) => Err(format!("`{text}` is no pattern: {}", error.kind())),
        };
        let matchers = ECOSYSTEMS
            .iter()
            .map(|eco| Ok((eco.name, glob(&canonical_glob(name, eco.canonical))?)))
            .collect::<Result<_, String>>()?;
        Ok(Self { text: text.to_owned(), ecosystem, name: name.to_owned(), matchers, verbatim: glob(name)? })
    }

    /// Whether it means this package of this ecosystem (by the ecosystem's name).
    pub fn matches(&self, ecosystem: &str, package: &str) -> bool {
        let known = ECOSYSTEMS.iter().find(|known| known.name == ecosystem);
        let purl = known.map_or(ecosystem, |known| known.purl);
        if self.ecosystem.as_deref().is_some_and(|wanted| wanted != ecosystem && wanted != purl) {
            return false;
        }
        let canonical = known.map(|known| (known.canonical)(package));
        let matcher = self.matchers.iter().find(|(name, _)| *name == ecosystem).map(|(_, matcher)| matcher);
        self.name == package
            || matcher.zip(canonical).is_some_and(|(matcher, name)| matcher.is_match(name))
            || self.verbatim.is_match(package)
    }

    /// The ecosystem that it names, if it names one.
    pub fn ecosystem(&self) -> Option<&str> {
        self.ecosystem.as_deref()
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// The canonical form of a glob. Its signs travel as letters, which every canonical form keeps.
fn canonical_glob(glob: &str, canonical: fn(&str) -> String) -> String {
    const SIGNS: [(char, &str); 2] = [('*', "xqstarqx"), ('?', "xqanyqx")];
    if glob.contains(['[', '{']) {
        return glob.to_owned();
    }
    let lettered = SIGNS.iter().fold(glob.to_owned(), |text, (sign, letters)| text.replace(*sign, letters));
    SIGNS.iter().fold(canonical(&lettered), |text, (sign, letters)| text.replace(letters, &sign.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether `pattern` means `package` of an ecosystem that compares names as they are.
    fn check(pattern: &str, ecosystem: &str, package: &str, expect: bool) {
        let pattern = PackagePattern::parse(pattern).unwrap();
        assert_eq!(pattern.matches(ecosystem, package), expect, "{pattern:?} {ecosystem} {package}");
    }

    #[test]
    fn a_pattern_names_an_ecosystem_and_a_package() {
        check("zig:left-pad", "zig", "left-pad", true);
        check("zig:left-pad", "elm", "left-pad", false);
        check("left-pad", "elm", "left-pad", true);
        check("zig:left-*", "zig", "left-pad", true);
        check("zig:left-*", "zig", "leftpad", false);
        check("zig:@scope/*", "zig", "@scope/pad", true);
        check("zig:group:part", "zig", "group:part", true);
        check("zig:p?d", "zig", "pad", true);
    }

    #[test]
    fn a_pattern_that_says_nothing_is_refused() {
        for text in ["", "zig:", " ", "zig:[a"] {
            assert!(PackagePattern::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn globs_become_canonical_around_their_signs() {
        fn canonical(name: &str) -> String {
            name.trim_matches(['-', '_']).to_lowercase().replace('_', "-")
        }
        assert_eq!(canonical_glob("Types_*", canonical), "types-*");
        assert_eq!(canonical_glob("*_Stubs?", canonical), "*-stubs?");
        assert_eq!(canonical_glob("a_[bc]", canonical), "a_[bc]");
    }
}
