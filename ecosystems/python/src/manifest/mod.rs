//! Manifests and locks.

mod classify;
mod conda_names;
mod credentials;
mod list;
mod lock_file;
mod poetry_version;
mod pyproject;
mod removal;
pub(crate) mod requirement;
#[cfg(test)]
mod testing;
mod uv_lock;

pub(crate) use classify::home;
pub(crate) use credentials::without_credentials;
