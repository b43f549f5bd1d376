//! Facts about packages as data: what an ecosystem's `rules.toml` says, typed, and pure look-ups and matching over it.
//!
//! The file is data of one ecosystem and names packages; this module names none. Every table is optional:
//!
//! ```toml
//! [[use]]                               # a use that no import shows
//! id = "mail-addresses"                 # unique, kebab-case
//! on = "name"                           # import | name | call | string | setting | url | command | file | package, or several words
//! match = "shop.forms.EmailField"       # what the use names; see below
//! value = ["strict"]                    # optional: more about the use; see below
//! needs = "email-checker"               # packages used: all of them …
//! any-of = "post-old post-new"          # … and of these the declared ones, else the installed ones; patterns allowed in both
//! first-of = "fast-post slow-post"      # … and of these the first that is declared, else the first that is installed
//! plugins = "shop.mailers"              # … and every package that registers a plug-in in these groups
//! with = "shop"                         # optional: only when one of these is declared, installed or used
//! strength = "lazy"                     # default
//! reason = "the field checks addresses with it"
//! example = "from shop.forms import EmailField"     # must fire; read by the ecosystem's own readers in a test
//! counter = "from shop.forms import TextField"      # optional: must not fire
//! ```
//!
//! Lists of names are one text of words, with `#` for comments: such files are long, and texts are read many times faster than arrays.
//!
//! `on` says what `match` is compared with, and `value` after it:
//!
//! | `on` | `match` against | `value` against |
//! | --- | --- | --- |
//! | `import` | a module that is imported, loaded by a command or named in a string | |
//! | `name` | the same, and any name reached through an import | |
//! | `call` | the function that is called; `.x` is a method `x` of anything | one constant argument, with or without its keyword |
//! | `string` | a string: an argument, a setting's value, a dotted path | where it stood |
//! | `setting` | a setting's name | the setting's value |
//! | `url` | a URL's scheme, or the value of a keyword in `[urls] keywords` | what the URL was assigned to |
//! | `command` | a program | some consecutive words of its arguments |
//! | `file` | a path of the project (a glob; without `/` the last component) | |
//! | `package` | the name of a package that is kept | |
//!
//! A pattern is literal, with `*` for any run of characters. For `import`, `name`, `call` and `string` a literal pattern also
//! matches whatever lies below it (`shop.forms` matches `shop.forms.EmailField`).

mod file;
mod implied;
mod names;
mod pattern;
mod plugins;
mod quick;
mod read;
mod scopes;
mod swaps;
mod world;

pub use implied::Implied;
pub use names::{Modules, Names};
pub use plugins::{Accelerator, PluginRule, Plugins};
pub use read::{BadRules, Example};
pub use scopes::Scopes;
pub use swaps::{Aggregator, Lighter, Role, SwapKind};
pub use world::{Known, World};

use depslim_model::Ecosystem;

/// Everything that one ecosystem's `rules.toml` says.
#[derive(Debug, Default)]
pub struct Rules {
    uses: Vec<implied::UseRule>,
    scheme_keywords: String,
    separator: &'static str,
    /// Packages, modules, programs.
    pub names: Names,
    /// Plug-in groups and their hosts.
    pub plugins: Plugins,
    /// Packages that another one uses when they are there.
    pub accelerators: Vec<Accelerator>,
    /// What is for development or for the build by convention.
    pub scopes: Scopes,
    /// Lighter replacements.
    pub lighter: Vec<Lighter>,
    /// Packages that do the same job.
    pub roles: Vec<Role>,
    /// Packages that are there only for what they bring.
    pub aggregators: Vec<Aggregator>,
}

impl Rules {
    /// The rules of an ecosystem. A file that is not TOML of this form gives no rules, never an error to the user: a test of every
    /// ecosystem holds its file against [`Rules::parse`].
    pub fn of(ecosystem: &Ecosystem) -> Self {
        read::quickly(ecosystem.rules, ecosystem.separator, ecosystem.canonical).unwrap_or_default()
    }

    /// Whether the text has the plain form that is read fast; any other is read all the same.
    pub fn is_plain(text: &str) -> bool {
        quick::read::<file::File<serde::de::IgnoredAny>>(text).is_some()
    }

    /// Parses the text of a `rules.toml` and checks all that it says.
    ///
    /// # Errors
    /// The first thing that is wrong in the file, with its line.
    pub fn parse(text: &str, separator: &'static str, canonical: fn(&str) -> String) -> Result<Self, BadRules> {
        read::parse(text, separator, canonical)
    }

    /// The examples of all `[[use]]` rules, for the test that reads each with the ecosystem's readers.
    ///
    /// # Errors
    /// The first thing that is wrong in the file, with its line.
    pub fn examples(text: &str) -> Result<Vec<Example>, BadRules> {
        read::examples(text)
    }
}
