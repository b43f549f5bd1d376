//! The platform that the production image runs on; conditions of dependencies are evaluated for it, never for the host.

use serde::Serialize;
use std::fmt;

/// A platform: `linux-x86_64-glibc` and a runtime version.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Target {
    /// `linux`.
    pub os: String,
    /// `x86_64`, `aarch64`.
    pub arch: String,
    /// `glibc`, `musl`.
    pub libc: String,
    /// The language runtime's version, if known (`3.11`, `20`, `21`).
    pub runtime: Option<String>,
}

impl Default for Target {
    fn default() -> Self {
        Self { os: "linux".into(), arch: "x86_64".into(), libc: "glibc".into(), runtime: None }
    }
}

impl Target {
    /// Parses `os-arch-libc`. `None` when a part is missing or unknown.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let (os, arch, libc) = (parts.next()?, parts.next()?, parts.next().unwrap_or("glibc"));
        let arch = match arch {
            "amd64" | "x64" => "x86_64",
            "arm64" => "aarch64",
            other => other,
        };
        let known = os == "linux" && ["x86_64", "aarch64"].contains(&arch) && ["glibc", "musl"].contains(&libc);
        (known && parts.next().is_none()).then(|| Self {
            os: os.into(),
            arch: arch.into(),
            libc: libc.into(),
            runtime: None,
        })
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}", self.os, self.arch, self.libc)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip() {
        for name in ["linux-x86_64-glibc", "linux-aarch64-musl"] {
            assert_eq!(Target::parse(name).map(|t| t.to_string()).as_deref(), Some(name));
        }
        assert_eq!(Target::parse("linux-amd64").map(|t| t.to_string()).as_deref(), Some("linux-x86_64-glibc"));
    }

    #[test]
    fn unknown_platforms_are_refused() {
        for name in ["", "windows-x86_64", "linux-mips-glibc", "linux-x86_64-glibc-extra"] {
            assert_eq!(Target::parse(name), None, "{name}");
        }
    }
}
