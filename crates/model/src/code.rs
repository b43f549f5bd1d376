//! The rules: code, name, default severity, one-line definition. Codes are never reused or renamed.

use serde::{Deserialize, Serialize};
use std::fmt;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Not reported.
    Off,
    /// Reported.
    Warn,
    /// Reported, and makes the run fail by default.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Off => "off",
            Self::Warn => "warning",
            Self::Error => "error",
        })
    }
}

macro_rules! codes {
    ($($variant:ident $code:literal $name:literal $severity:ident $definition:literal;)*) => {
        /// A rule's code.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        pub enum Code {
            $(#[doc = concat!($name, ": ", $definition)] #[serde(rename = $code)] $variant,)*
        }

        impl Code {
            /// Every rule, in the order of the codes.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// `SLIM001`.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),* }
            }

            /// `unused-dependency`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// Severity unless the configuration says otherwise.
            pub const fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity),* }
            }

            /// Address of the rule's page, once the documentation has one: the workspace's `homepage`.
            pub const fn url(self) -> Option<&'static str> {
                if env!("CARGO_PKG_HOMEPAGE").is_empty() {
                    return None;
                }
                Some(match self { $(Self::$variant => concat!(env!("CARGO_PKG_HOMEPAGE"), "/rules/", $code)),* })
            }

            /// What the rule means, in one line.
            pub const fn definition(self) -> &'static str {
                match self { $(Self::$variant => $definition),* }
            }
        }
    };
}

codes! {
    Unused "SLIM001" "unused-dependency" Error "declared for production; no import, string, plugin, entry-point, script or container use found";
    DevInProd "SLIM002" "dev-in-prod" Error "declared for production; used only by tests or tooling, or is a known development tool";
    Heavy "SLIM003" "heavy-dependency" Warn "it and what only it needs exceed `heavy`, and few call sites use it";
    Undeclared "SLIM004" "undeclared-dependency" Warn "production code imports a package that is only transitive or development; slimming would break it";
    Duplicate "SLIM005" "duplicate-version" Warn "one package installed in two or more versions";
    OverBudget "SLIM006" "over-budget" Error "production bytes exceed `budget.prod-total`";
    Growth "SLIM007" "growth" Error "production grew more than `budget.prod-growth` against the base";
    UnusedExtra "SLIM008" "unused-extra-or-feature" Warn "an extra, feature or optional group is enabled but its packages are not used";
    Lighter "SLIM009" "lighter-alternative" Warn "a measured lighter replacement exists and covers the names that this project uses";
    Misstated "SLIM010" "misstated-dependency" Warn "a needed line of the manifest is not what the package manager's own clean-up would write: a mark, a version, a line that is lacking or there twice";
    HeavierBase "SLIM050" "heavier-base-image" Warn "the final stage's base tag can be replaced by a smaller one that still fits the native libraries needed";
    DevInImage "SLIM051" "dev-install-in-image" Warn "the final stage installs development dependencies or keeps build tools or package caches";
    OversizedJava "SLIM052" "oversized-java-runtime" Warn "a full JDK or JRE is shipped though fewer modules are needed";
    RuntimeNotNeeded "SLIM053" "runtime-not-needed" Warn "the final stage ships a language runtime for a static site or a static binary";
    RemovableFiles "SLIM054" "removable-files" Off "tests, documentation and caches inside installed packages; never package metadata";
    EndOfLifeBase "SLIM055" "end-of-life-base-image" Warn "the tag's language or distribution no longer gets security fixes";
    BuildContext "SLIM056" "oversized-build-context" Warn "what `COPY .` sends includes tests, documentation, caches, models or `.git`";
    UnprovedList "SLIM057" "unproved-production-list" Error "a hand-written production list lacks a package that production code reaches";
    NotMeasured "SLIM090" "not-measured" Warn "no installed environment; sizes are estimates or unknown";
    StaleLock "SLIM091" "stale-lock" Warn "manifest, lockfile and environment disagree; results may be wrong";
    UnusedIgnore "SLIM092" "unused-ignore" Warn "an ignore matched nothing, or its `until` date has passed";
}

impl Code {
    /// Finds a rule by code or name, in any letter case.
    pub fn find(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|c| c.code().eq_ignore_ascii_case(text) || c.name().eq_ignore_ascii_case(text))
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_names_are_unique_and_sorted() {
        let codes: Vec<_> = Code::ALL.iter().map(|c| c.code()).collect();
        let mut sorted = codes.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(codes, sorted);
        let mut names: Vec<_> = Code::ALL.iter().map(|c| c.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Code::ALL.len());
    }

    #[test]
    fn each_rule_has_a_page() {
        let home = env!("CARGO_PKG_HOMEPAGE");
        let page = (!home.is_empty()).then(|| format!("{home}/rules/SLIM001"));
        assert_eq!(Code::Unused.url(), page.as_deref());
    }

    #[test]
    fn a_rule_is_found_by_code_or_name() {
        assert_eq!(Code::find("slim001"), Some(Code::Unused));
        assert_eq!(Code::find("dev-in-prod"), Some(Code::DevInProd));
        assert_eq!(Code::find("SLIM999"), None);
    }
}
