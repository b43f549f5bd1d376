//! What changed from a base to a head: part of the report of a run that compared.

use crate::Bytes;
use crate::report::{Measure, Scope};
use serde::{Deserialize, Serialize};

macro_rules! data {
    ($($(#[$meta:meta])* struct $name:ident { $($body:tt)* })*) => {
        $($(#[$meta])*
        #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(default)]
        pub struct $name { $($body)* })*
    };
}

data! {
    /// What changed from a base to a head.
    struct Difference {
        /// The base's commit, if its report says one.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub base_commit: Option<String>,
        /// Production, in bytes, over all projects.
        pub prod: Change,
        /// Development, in bytes, over all projects.
        pub dev: Change,
        /// False when a size on one side was found in another way than on the other side (measured against estimated): then no
        /// change of bytes is claimed for the projects concerned, and the totals can't be compared.
        pub comparable: bool,
        /// True when sizes of the base are estimates: what it had is not installed any more.
        pub estimated: bool,
        /// Projects, by id.
        pub projects: Vec<ProjectChange>,
        /// Packages whose bytes, versions or scope changed; the largest change of production first.
        pub packages: Vec<PackageChange>,
        /// Fingerprints of findings that only the head has.
        pub new: Vec<String>,
        /// Fingerprints of findings that only the base has: what was resolved.
        pub resolved: Vec<String>,
    }

    /// A number of bytes on both sides.
    #[derive(Copy)]
    struct Change {
        /// In the base.
        pub before: Bytes,
        /// In the head.
        pub after: Bytes,
    }

    /// One project on both sides.
    struct ProjectChange {
        /// Project id.
        pub project: String,
        /// In the base; `None` when it is new.
        pub before: Option<ProjectSide>,
        /// In the head; `None` when it is gone.
        pub after: Option<ProjectSide>,
        /// Whether the bytes of both sides can be compared.
        pub comparable: bool,
    }

    /// A project on one side.
    #[derive(Copy)]
    struct ProjectSide {
        /// How sizes were found.
        pub measure: Measure,
        /// Bytes of production.
        pub prod_bytes: Bytes,
        /// Bytes that only development needs.
        pub dev_bytes: Bytes,
        /// Packages that production installs.
        pub prod_packages: u32,
    }

    /// One package of one project on both sides.
    struct PackageChange {
        /// Project id.
        pub project: String,
        /// Package id without a version (`pkg:pypi/pandas`).
        pub package: String,
        /// Name.
        pub name: String,
        /// In the base; `None` when it is new.
        pub before: Option<Side>,
        /// In the head; `None` when it is gone.
        pub after: Option<Side>,
        /// Change of production's bytes; `None` when the sides can't be compared.
        pub prod_delta: Option<i64>,
    }

    /// A package on one side; several versions are taken together.
    struct Side {
        /// Versions, sorted.
        pub versions: Vec<String>,
        /// Own bytes of all versions.
        pub bytes: Bytes,
        /// True when `bytes` is an estimate, or no size is known.
        pub estimated: bool,
        /// How much of that production installs.
        pub prod_bytes: Bytes,
        /// Who needs it.
        pub scope: Scope,
        /// Production installs it.
        pub ships: bool,
    }
}

impl Change {
    /// Bytes gained; negative when they became fewer.
    pub fn delta(self) -> i64 {
        let magnitude = i64::try_from(self.after.abs_diff(self.before)).unwrap_or(i64::MAX);
        if self.after < self.before { -magnitude } else { magnitude }
    }
}

impl Difference {
    /// True when nothing that ships changed and no finding came or went.
    pub fn is_empty(&self) -> bool {
        self.packages.is_empty() && self.new.is_empty() && self.resolved.is_empty()
    }
}

impl PackageChange {
    /// `2.2.3`, `2.31.0 -> 2.32.0`, `new`, `gone`, and moves between scopes.
    pub fn describe(&self) -> String {
        let versions = |side: &Side| if side.versions.is_empty() { "?".to_owned() } else { side.versions.join(", ") };
        match (&self.before, &self.after) {
            (None, Some(after)) => format!("new {}", versions(after)),
            (Some(before), None) => format!("gone {}", versions(before)),
            (Some(before), Some(after)) => {
                let mut words = Vec::new();
                if before.versions == after.versions {
                    words.push(versions(after));
                } else {
                    words.push(format!("{} -> {}", versions(before), versions(after)));
                }
                match (before.ships, after.ships) {
                    (true, false) => words.push("no longer ships".to_owned()),
                    (false, true) => words.push("now ships".to_owned()),
                    _ => {}
                }
                words.join(", ")
            }
            (None, None) => String::new(),
        }
    }

    /// True when the change of bytes rests on an estimate.
    pub fn is_estimated(&self) -> bool {
        [&self.before, &self.after].into_iter().flatten().any(|side| side.estimated && side.ships)
    }

    /// True when production installs it on one side at least.
    pub fn ships(&self) -> bool {
        [&self.before, &self.after].into_iter().flatten().any(|side| side.ships)
    }
}
