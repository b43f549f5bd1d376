//! What a rule means, why it matters and what to do about it: `depslim why SLIM001`. The pages in `docs/rules` say the same
//! and more; a test keeps the two together.

use crate::page::{BOLD, DIM, ERROR, Line, PLAIN, Page, WARNING};
use crate::view::View;
use depslim_model::{Code, Severity};

/// Explains a rule, for a terminal.
pub fn explain(code: Code, view: &View) -> String {
    let mut page = Page::new(view);
    let style = if code.severity() == Severity::Error { ERROR } else { WARNING };
    page.line(Line::new().put(style, code.code()).plain(" ").put(BOLD, code.name()));
    page.blank();
    let sentence = sentence(code.definition());
    page.wrapped(Line::new().plain("  "), PLAIN, &sentence);
    page.line(Line::new().plain("  ").put(DIM, &format!("By default: {}.", in_words(code.severity()))));
    for (title, text) in [("Why it matters", why_it_matters(code)), ("What to do", todo(code))] {
        page.blank();
        page.line(Line::new().put(BOLD, title));
        page.wrapped(Line::new().plain("  "), PLAIN, text);
    }
    page.blank();
    page.line(Line::new().put(BOLD, "When it is meant to be so"));
    page.line(
        Line::new()
            .plain(&format!("  # depslim: ignore[{}] the reason      on the line, or on the line above", code.code())),
    );
    page.line(Line::new().plain(&format!(
        "  [rules] {} = \"off\"                   in depslim.toml, for the whole project",
        code.code()
    )));
    if let Some(url) = code.url() {
        page.blank();
        page.line(Line::new().link(PLAIN, url, Some(url)));
    }
    page.finish()
}

/// `error`, `warning`, or `off`.
pub(crate) fn in_words(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warn => "warning",
        Severity::Off => "off",
    }
}

/// A definition with a capital letter and a full stop.
fn sentence(definition: &str) -> String {
    let mut chars = definition.chars();
    let first: String = chars.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
    format!("{first}{}.", chars.as_str())
}

/// Why anyone should care.
pub(crate) fn why_it_matters(code: Code) -> &'static str {
    match code {
        Code::Unused => {
            "A package that nothing uses is downloaded by every build, ships in every image, is scanned for vulnerabilities, and \
             brings its own dependencies along."
        }
        Code::DevInProd => {
            "Test runners, type checkers and formatters are often larger than the application, and whoever breaks into the \
             container finds them useful."
        }
        Code::Heavy => {
            "One call into a large package can double an image. Whether that call is worth its bytes is a decision, and it can \
             only be made when the bytes are known."
        }
        Code::Undeclared => {
            "The program works only because something else happens to bring the package. When that other package drops it, or \
             the image gets slimmer, production fails at import."
        }
        Code::Duplicate => {
            "Every version is a full copy on disk, and two copies of one library do not share classes or state, which is hard \
             to debug."
        }
        Code::OverBudget => {
            "Images grow by small steps that nobody notices. A budget turns the step that goes too far into a failed check, \
             while it is still one change."
        }
        Code::Growth => {
            "The change that makes production much larger is the cheapest place to talk about it: later, other code depends on \
             what it brought."
        }
        Code::UnusedExtra => {
            "An extra or a feature is switched on with one word and can bring more bytes than the package itself. Nobody looks \
             at that word again."
        }
        Code::Lighter => {
            "Some packages do far more than this project asks of them. Where a smaller one, or the standard library, covers the \
             names that are used, the rest is dead weight."
        }
        Code::Misstated => {
            "A manifest that says something that is not so makes builds fail that must not change it, and the next clean-up \
             changes lines that have nothing to do with the change at hand."
        }
        Code::HeavierBase => {
            "The base image is usually the largest part of an image. A compiler, documentation and package tools help to build \
             the program, not to run it."
        }
        Code::DevInImage => {
            "The manifest may separate development from production perfectly: if the image's install line does not, all of it \
             ships anyway."
        }
        Code::OversizedJava => {
            "A full JDK carries a compiler, tools and dozens of modules that a service never loads. A runtime of only the \
             modules that are needed is a fraction of that."
        }
        Code::RuntimeNotNeeded => {
            "Files that a web server can send as they are, and programs that are linked statically, need no language runtime, \
             and no packages beside them."
        }
        Code::RemovableFiles => {
            "Packages install their tests, documentation and caches too. Together they can be a tenth of an environment."
        }
        Code::EndOfLifeBase => {
            "A distribution or language version that gets no security fixes any more collects known holes. No amount of \
             slimming makes up for that."
        }
        Code::BuildContext => {
            "All that the build context holds is read on every build, and `COPY .` puts it into the image: history, tests, \
             virtual environments, models, sometimes secrets."
        }
        Code::UnprovedList => {
            "A list of production packages that was written by hand is a claim. If it misses a package that the code reaches, \
             the container dies at start, or at the first request that needs it."
        }
        Code::NotMeasured => {
            "Sizes from a lockfile are download sizes: compressed, and often a third of what is installed. They show what is \
             large, not how large."
        }
        Code::StaleLock => {
            "When manifest, lockfile and environment disagree, a report about one of them is wrong about the others, and so is \
             every number in it."
        }
        Code::UnusedIgnore => {
            "An ignore that hides nothing today hides something else tomorrow. Lists of exceptions rot unless something \
             looks after them."
        }
    }
}

/// What to do about it.
pub(crate) fn todo(code: Code) -> &'static str {
    match code {
        Code::Unused => {
            "Run `depslim why <package>` to see where depslim looked. Then take the line out of the manifest, or let \
             `depslim --fix` do it, and refresh the lockfile."
        }
        Code::DevInProd => {
            "Move the line to the development group of the same manifest, or let `depslim --fix` do it, and refresh the \
             lockfile."
        }
        Code::Heavy => {
            "Look at the call sites that are named. If a few lines of the standard library or a smaller package can do the \
             same, change them; if not, accept the package with an ignore and its reason."
        }
        Code::Undeclared => "Declare the package in the production dependencies, or stop importing it.",
        Code::Duplicate => {
            "Find out who asks for the older version with `depslim why <package>`, and update or align those constraints."
        }
        Code::OverBudget => {
            "Follow the findings that free most. If the growth is wanted, raise `budget.prod-total` in the same change, so that \
             it is reviewed."
        }
        Code::Growth => {
            "Look at the packages that the change brings, largest first. If they are worth it, raise `budget.prod-growth` or \
             ignore this finding once, with the reason."
        }
        Code::UnusedExtra => {
            "Remove the extra or the feature from the declaration, and refresh the lockfile. `depslim why <package>` shows \
             what each extra brings."
        }
        Code::Lighter => {
            "Replace the calls that are listed and take the package out. The finding says what covers them and how it was \
             measured."
        }
        Code::Misstated => {
            "Let `depslim --fix` correct the lines, or take the files that `depslim export` writes. The package manager's own \
             clean-up does the same with the network at hand."
        }
        Code::HeavierBase => {
            "Change the `FROM` line of the final stage to the image that is recommended and install the system packages that \
             are named with it."
        }
        Code::DevInImage => {
            "Leave development groups out in the install command of the final stage, and build in a stage of its own, from \
             which only the result is copied."
        }
        Code::OversizedJava => {
            "Make a runtime with the `jlink` line that `depslim export` writes, and run your tests on it: reflection and \
             service loading can't be seen completely."
        }
        Code::RuntimeNotNeeded => {
            "Copy the built files into a stage that starts from a plain web server image, or from `scratch` for a static \
             binary."
        }
        Code::RemovableFiles => {
            "Turn the rule on, look at the places that are named, and remove them in the image's build stage. Leave package \
             metadata alone: programs and scanners read it."
        }
        Code::EndOfLifeBase => "Move to a tag that is still maintained. The finding names the nearest one that fits.",
        Code::BuildContext => {
            "Write a `.dockerignore` with the places that are named. Better still, copy only the folders that the program needs."
        }
        Code::UnprovedList => {
            "Add the packages that are named to the list, or replace the list by the one that `depslim export` writes and keep \
             it current with `depslim export --check`."
        }
        Code::NotMeasured => {
            "Install the locked packages with your package manager and run depslim again, or let `depslim --install` install \
             them into its own cache."
        }
        Code::StaleLock => "Bring lockfile and environment up to date with your package manager and run depslim again.",
        Code::UnusedIgnore => "Remove the ignore. If its date has passed, decide again and give a new one.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_explained() {
        insta::assert_snapshot!(explain(Code::Unused, &View { width: 80, ..View::default() }), @r#"
        SLIM001 unused-dependency

          Declared for production; no import, string, plugin, entry-point, script or
          container use found.
          By default: error.

        Why it matters
          A package that nothing uses is downloaded by every build, ships in every
          image, is scanned for vulnerabilities, and brings its own dependencies along.

        What to do
          Run `depslim why <package>` to see where depslim looked. Then take the line
          out of the manifest, or let `depslim --fix` do it, and refresh the lockfile.

        When it is meant to be so
          # depslim: ignore[SLIM001] the reason      on the line, or on the line above
          [rules] SLIM001 = "off"                   in depslim.toml, for the whole project
        "#);
    }

    #[test]
    fn every_rule_is_explained() {
        for code in Code::ALL {
            let text = explain(*code, &View::default());
            assert!(text.contains(code.code()) && text.contains(code.name()), "{text}");
            assert_eq!(text.contains("://"), code.url().is_some(), "{text}");
            assert!(!text.contains('\x1b'));
            for part in [why_it_matters(*code), todo(*code)] {
                assert!(part.ends_with('.') && !part.contains("  ") && part.len() > 40, "{part}");
            }
        }
    }
}
