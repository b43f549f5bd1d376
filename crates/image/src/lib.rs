//! What the final image stage needs and has: shared libraries, base images, system packages, container files.
//!
//! [`scan()`] reads what installed files need, [`choose()`] joins it with what a lock could install and with the catalogue of base
//! images, [`leftovers()`] and [`context::weigh`] read what a container file puts into the image beside the program. Everything is
//! facts in, facts out; no clock is read, and nothing of the project is run.

pub mod catalogue;
mod choose;
pub mod closure;
pub mod context;
mod dockerignore;
mod elf;
pub mod emit;
mod leftovers;
mod own;
mod reference;
mod scan;
mod servers;
#[cfg(test)]
mod testing;

pub use choose::{Choice, Fit, Package, Situation, choose};
pub use dockerignore::Ignores;
pub use elf::{Elf, Version, read as read_elf};
pub use leftovers::{Kept, Leftover, leftovers};
pub use own::{Classify, Item, Own, own};
pub use reference::Tag;
pub use scan::{Installed, Needs, Place, scan};
pub use servers::{Server, server};
