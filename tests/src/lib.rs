//! Stories: the real binaries and real clients.
