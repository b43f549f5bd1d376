//! What `export` writes.
