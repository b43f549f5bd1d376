//! What people see when depslim itself is wrong: one short page that asks for a report.

use crate::write::say;
use std::panic::PanicHookInfo;

/// Replaces the raw message and backtrace, unless `RUST_BACKTRACE` asks for them.
pub(crate) fn install() {
    let backtrace = std::env::var_os("RUST_BACKTRACE").is_some_and(|value| value != "0");
    let default = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        say(page(info));
        if backtrace {
            default(info);
        }
    }));
}

fn page(info: &PanicHookInfo<'_>) -> String {
    let place = info.location().map(|at| format!("{}:{}", at.file(), at.line())).unwrap_or_default();
    text(info.payload_as_str().unwrap_or("no message"), &place)
}

fn text(message: &str, place: &str) -> String {
    let home = env!("CARGO_PKG_HOMEPAGE");
    let at = if home.is_empty() { String::new() } else { format!(", by way of\n  {home}") };
    format!(
        "depslim: this is a bug in depslim, not in your project

  {message}
  at {place}
  depslim {version}, {os} {arch}

Please report it, with the lines above{at}
RUST_BACKTRACE=1 shows more of where it happened.",
        version = env!("CARGO_PKG_VERSION"),
        os = std::env::consts::OS,
        arch = std::env::consts::ARCH,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_what_a_report_needs() {
        let page = text("index out of bounds", "crates/engine/src/link.rs:7");
        for part in ["bug in depslim", "index out of bounds", "link.rs:7", env!("CARGO_PKG_VERSION"), "report it"] {
            assert!(page.contains(part), "{part}: {page}");
        }
        assert!(page.lines().count() <= 10, "{page}");
    }
}
