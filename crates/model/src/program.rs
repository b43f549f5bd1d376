//! A built program, taken apart: which of its bytes come from which package.
//!
//! All numbers are bytes of the program's file, not of memory and not of sources. Code that the compiler inlined counts where it was
//! inlined. What [`Program::shares`], [`Program::runtime`] and [`Program::rest`] hold sums to [`Program::total`].

use crate::facts::Problem;
use serde::Serialize;

/// A program, as its file tells.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Program {
    /// The compiler and its version (`go1.26.1`), if the file says it.
    pub toolchain: Option<String>,
    /// The package that was built, if the file says it.
    pub main: Option<String>,
    /// What the file records of how it was built (`CGO_ENABLED` → `0`).
    pub settings: Vec<(String, String)>,
    /// Packages that the file names as built in, or that bytes of it come from; sorted by name.
    pub shares: Vec<Share>,
    /// Bytes of the language's own runtime and standard library.
    pub runtime: Parts,
    /// Bytes whose origin is not known, by the part of the file that holds them (`.rodata`), largest first: what several packages
    /// share, what only symbols would tell, headers, padding.
    pub rest: Vec<(String, u64)>,
    /// Bytes of the file.
    pub total: u64,
    /// True when the file has no symbols (`strip`, `-ldflags=-s`).
    pub stripped: bool,
    /// What could not be read.
    pub problems: Vec<Problem>,
}

/// What a program's file holds of one package.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Share {
    /// Name of the package, as manifests write it.
    pub package: String,
    /// Exact version, if the file says it.
    pub version: Option<String>,
    /// True for the project's own code.
    pub own: bool,
    /// Bytes.
    pub bytes: Parts,
}

/// Bytes of a program's file, by what they are for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Parts {
    /// Machine code.
    pub code: u64,
    /// Tables about the code that stay in a stripped file: line tables, unwinding.
    pub tables: u64,
    /// Constants and variables.
    pub data: u64,
    /// What stripping takes away: symbols, debugging information.
    pub symbols: u64,
}

impl Program {
    /// Bytes whose origin is known.
    pub fn attributed(&self) -> u64 {
        self.shares.iter().map(|share| share.bytes.total()).sum::<u64>() + self.runtime.total()
    }
}

impl Parts {
    /// All of them.
    pub const fn total(&self) -> u64 {
        self.code + self.tables + self.data + self.symbols
    }
}
