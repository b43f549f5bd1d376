//! Every ecosystem with the template, and paths that their readers ask for.

use depslim_model::Ecosystem;
use depslim_registry::ECOSYSTEMS;

/// Every ecosystem, and the template: it keeps the promises too.
pub(crate) fn all() -> impl Iterator<Item = &'static Ecosystem> {
    ECOSYSTEMS.iter().copied().chain([&depslim_toy::ECOSYSTEM])
}

/// A path below `src` that a glob asks for.
pub(crate) fn path(glob: &str) -> String {
    let one = match glob.split_once('{').and_then(|(head, rest)| Some((head, rest.split_once('}')?))) {
        Some((head, (choices, tail))) => format!("{head}{}{tail}", choices.split(',').next().unwrap_or_default()),
        None => glob.to_owned(),
    };
    format!("src/{}", one.replace("**/", "").replace('*', "plum"))
}
