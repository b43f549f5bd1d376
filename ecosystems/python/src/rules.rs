//! The rules: facts about distributions, as data. Several files for people, one text for the engine.

/// All files of `data/` that hold rules; each is complete TOML, and so is the whole.
pub(crate) const RULES: &str = concat!(
    include_str!("../data/rules.toml"),
    "\n",
    include_str!("../data/names.toml"),
    "\n",
    include_str!("../data/lighter.toml"),
    "\n",
    include_str!("../data/uses-web.toml"),
    "\n",
    include_str!("../data/uses-django.toml"),
    "\n",
    include_str!("../data/uses-databases.toml"),
    "\n",
    include_str!("../data/uses-queues.toml"),
    "\n",
    include_str!("../data/uses-security.toml"),
    "\n",
    include_str!("../data/uses-telemetry.toml"),
    "\n",
    include_str!("../data/uses-data.toml"),
    "\n",
    include_str!("../data/uses-ai.toml"),
    "\n",
    include_str!("../data/uses-commands.toml"),
    "\n",
);
