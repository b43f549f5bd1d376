//! The rules: facts about packages, as data. Several files for people, one text for the engine.

/// All files of `data/` that hold rules; each is complete TOML, and so is the whole.
pub(crate) const RULES: &str = concat!(
    include_str!("../data/rules.toml"),
    "\n",
    include_str!("../data/lighter.toml"),
    "\n",
    include_str!("../data/uses-servers.toml"),
    "\n",
    include_str!("../data/uses-clients.toml"),
    "\n",
    include_str!("../data/uses-tools.toml"),
    "\n",
    include_str!("../data/uses-peers.toml"),
    "\n",
);
