//! Exit codes: a promise to scripts and CI.

/// Nothing to fix, or all of it was fixed.
pub const CLEAN: u8 = 0;
/// Findings at or above the chosen severity.
pub const FINDINGS: u8 = 1;
/// Bad usage, bad configuration, an unreadable manifest, or an internal error.
pub const ERROR: u8 = 2;
/// Nothing to analyse.
pub const NOTHING: u8 = 3;
