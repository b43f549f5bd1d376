//! Manifests and locks.

mod credentials;
pub(crate) mod requirement;
