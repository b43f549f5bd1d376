//! Makefiles and justfiles: the recipes, with the constants that the file defines.

use super::{Observed, Place};
use depslim_formats::shell;
use depslim_formats::text::{Line, lines};
use depslim_model::Stage;

/// Recipes of a makefile; each line has a shell of its own.
pub(super) fn makefile(text: &str) -> Observed {
    let mut observed = Observed::default();
    let variables = definitions(text, &[":::=", "::=", ":=", "?=", "+=", "="], make_text);
    let place = Place { variables: &variables, ..Place::here(Stage::Dev) };
    for (number, recipe) in logical(text) {
        let Some(recipe) = recipe.strip_prefix('\t') else { continue };
        observed.shell(&make_text(without_signs(recipe)), number, &place);
    }
    without_variables(observed)
}

/// Recipes of a justfile; one that starts with `#!` is a script.
pub(super) fn justfile(text: &str) -> Observed {
    let mut observed = Observed::default();
    let variables = definitions(text, &[":="], |value| just_text(value.trim_matches(['"', '\''])));
    let place = Place { variables: &variables, ..Place::here(Stage::Dev) };
    let mut script: Option<(u32, String)> = None;
    let mut other_language = false;
    for (number, line) in logical(text) {
        let recipe = line.starts_with([' ', '\t']);
        if !recipe && !line.trim().is_empty() {
            if let Some((first, script)) = script.take() {
                observed.shell(&just_text(&script), first, &place);
            }
            other_language = false;
        }
        if !recipe {
            continue;
        }
        let content = line.trim_start();
        if content.starts_with("#!") {
            other_language = !shell::is_script(content);
            script = (!other_language).then(|| (number, String::new()));
        }
        match &mut script {
            _ if other_language => {}
            Some((first, script)) => {
                // Empty lines between keep the numbers right.
                let have = u32::try_from(script.matches('\n').count()).unwrap_or(u32::MAX);
                let missing = number.saturating_sub(*first).saturating_sub(have);
                script.extend(std::iter::repeat_n('\n', missing as usize));
                script.extend([line.as_str(), "\n"]);
            }
            None => observed.shell(&just_text(without_signs(content)), number, &place),
        }
    }
    if let Some((first, script)) = script {
        observed.shell(&just_text(&script), first, &place);
    }
    without_variables(observed)
}

/// Lines with the ones that a trailing backslash joins to them; every line break is kept.
fn logical(text: &str) -> Vec<(u32, String)> {
    let mut all: Vec<(u32, String)> = Vec::new();
    let mut open = false;
    for Line { number, text: line, .. } in lines(text) {
        match all.last_mut() {
            Some((_, last)) if open => last.extend(["\n", line]),
            _ => all.push((number, line.to_owned())),
        }
        open = line.ends_with('\\');
    }
    all
}

/// Constants: `NAME = value`.
fn definitions(text: &str, signs: &[&str], value: impl Fn(&str) -> String) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for line in lines(text).filter(|line| !line.text.starts_with(['\t', ' ', '#'])) {
        let content = line.text.strip_prefix("export ").unwrap_or(line.text);
        let Some((name, rest)) = signs.iter().find_map(|sign| content.split_once(sign)) else { continue };
        let name = name.trim();
        if shell::is_assignment(&format!("{name}=")) && rest.len() < 1000 && found.len() < 200 {
            found.push((name.to_owned(), value(rest.trim())));
        }
    }
    found
}

/// What make fills in, as a shell would write it: `$(NAME)` is `${NAME}`, `$(shell x)` is `$(x)`, `$$` is `$`.
fn make_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('$') {
        out.push_str(before);
        if let Some(behind) = behind.strip_prefix('$') {
            out.push('$');
            rest = behind;
            continue;
        }
        let inside = behind.strip_prefix('(').and_then(|inside| inside.split_once(')'));
        match inside {
            Some((name, behind)) if shell::is_assignment(&format!("{name}=")) => {
                out.extend(["${", name, "}"]);
                rest = behind;
            }
            Some((call, _)) if call.starts_with("shell ") => {
                out.push_str("$(");
                rest = &behind["(shell ".len()..];
            }
            // Other functions of make give words that only make knows.
            Some((_, behind)) => {
                out.push_str("${}");
                rest = behind;
            }
            None => {
                out.push('$');
                rest = behind;
            }
        }
    }
    out + rest
}

/// `{{name}}` as a shell would write it.
fn just_text(text: &str) -> String {
    text.replace("{{", "${").replace("}}", "}").replace("${ ", "${").replace(" }", "}")
}

/// `@` and `-` in front of a recipe line change how it is shown and judged.
fn without_signs(recipe: &str) -> &str {
    recipe.trim_start().trim_start_matches(['@', '-', '+']).trim_start()
}

/// The constants of a build file are no environment of what it runs.
fn without_variables(mut observed: Observed) -> Observed {
    for command in &mut observed.commands {
        command.variables.clear();
    }
    observed
}
