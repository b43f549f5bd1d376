//! What the outside looks like: terminals, colours, width, and the variables that speak about them.

use clap::ColorChoice;
use std::io::IsTerminal as _;

/// What text goes to and how it may look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Terminal {
    /// Colours on standard output.
    pub(crate) color: bool,
    /// Terminal hyperlinks on standard output.
    pub(crate) hyperlinks: bool,
    /// Columns of standard output.
    pub(crate) width: usize,
    /// Whether a moving line on standard error helps anyone.
    pub(crate) progress: bool,
}

/// Columns where the terminal does not say.
const WIDTH: usize = 100;

impl Terminal {
    /// Looks at the process's own streams and variables.
    pub(crate) fn of_process(color: ColorChoice, no_progress: bool) -> Self {
        let variable = |name: &str| std::env::var(name).ok();
        let (out, err) = (std::io::stdout().is_terminal(), std::io::stderr().is_terminal());
        let columns = terminal_size::terminal_size().map(|(columns, _)| usize::from(columns.0));
        Self {
            color: colors(color, &variable, out),
            hyperlinks: out && colors(color, &variable, out) && supports_hyperlinks::supports_hyperlinks(),
            width: columns.filter(|_| out).unwrap_or(WIDTH).clamp(60, 160),
            progress: err && !no_progress && !is_set(&variable, "CI") && !is_dumb(&variable),
        }
    }
}

/// Whether GitHub Actions reads the output.
pub(crate) fn on_github() -> bool {
    std::env::var("GITHUB_ACTIONS").is_ok_and(|value| value == "true")
}

/// The flag, then `NO_COLOR`, then `FORCE_COLOR` and `CLICOLOR_FORCE`, then whether a person looks.
fn colors(choice: ColorChoice, variable: &dyn Fn(&str) -> Option<String>, terminal: bool) -> bool {
    let forced = |name| variable(name).is_some_and(|value| !value.is_empty() && value != "0");
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto if is_set(variable, "NO_COLOR") => false,
        ColorChoice::Auto if forced("FORCE_COLOR") || forced("CLICOLOR_FORCE") => true,
        ColorChoice::Auto => terminal && !is_dumb(variable) && variable("CLICOLOR").as_deref() != Some("0"),
    }
}

fn is_set(variable: &dyn Fn(&str) -> Option<String>, name: &str) -> bool {
    variable(name).is_some_and(|value| !value.is_empty())
}

fn is_dumb(variable: &dyn Fn(&str) -> Option<String>) -> bool {
    variable("TERM").as_deref() == Some("dumb")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_wish_decides_about_colours() {
        use ColorChoice::{Always, Auto, Never};
        for (choice, variables, terminal, expect) in [
            (Auto, "", true, true),
            (Auto, "", false, false),
            (Auto, "NO_COLOR=1", true, false),
            (Auto, "NO_COLOR=", true, true),
            (Auto, "NO_COLOR=1 FORCE_COLOR=1 CLICOLOR_FORCE=1", true, false),
            (Auto, "FORCE_COLOR=1", false, true),
            (Auto, "CLICOLOR_FORCE=1", false, true),
            (Auto, "FORCE_COLOR=0", false, false),
            (Auto, "CLICOLOR=0", true, false),
            (Auto, "TERM=dumb", true, false),
            (Auto, "TERM=dumb FORCE_COLOR=3", true, true),
            (Always, "NO_COLOR=1", false, true),
            (Never, "FORCE_COLOR=1", true, false),
        ] {
            let variable = |name: &str| {
                let mut pairs = variables.split(' ').filter_map(|pair| pair.split_once('='));
                pairs.find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
            };
            assert_eq!(colors(choice, &variable, terminal), expect, "{choice} {variables} {terminal}");
        }
    }
}
