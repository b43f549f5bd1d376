//! The real binaries: flags, streams, exit codes, files. Nothing is installed and no network is used: environments are written by
//! hand ([`bench`]).

// `cfg(test)` tells clippy that its helpers may unwrap, as tests do.
#[cfg(test)]
mod bench;

mod configured;
mod exit;
mod export;
mod fix;
mod ignores;
mod output;
mod usage;
