//! Manifests and locks.

mod classify;
mod conda_names;
mod credentials;
mod list;
mod lock_file;
mod pdm_lock;
mod pipfile;
mod place;
mod poetry_lock;
mod poetry_version;
mod pylock;
mod pyproject;
pub(crate) mod requirement;
#[cfg(test)]
mod testing;
mod uv_lock;

pub(crate) use classify::home;
pub(crate) use credentials::without_credentials;
