//! What the final image stage needs and has.

mod elf;
#[cfg(test)]
mod testing;
pub use elf::{Elf, Version, read as read_elf};
