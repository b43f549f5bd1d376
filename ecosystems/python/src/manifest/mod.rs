//! Manifests and locks.

mod classify;
mod credentials;
mod list;
pub(crate) mod requirement;
#[cfg(test)]
mod testing;

pub(crate) use classify::home;
pub(crate) use credentials::without_credentials;
