//! Manifests and locks.

mod classify;
mod conda_names;
mod credentials;
mod list;
mod poetry_version;
mod pyproject;
mod removal;
pub(crate) mod requirement;
#[cfg(test)]
mod testing;

pub(crate) use classify::home;
pub(crate) use credentials::without_credentials;
