//! Continuous integration: workflows in YAML, Jenkins pipelines, hooks that run before a commit.

use super::paths::{below_root, is_for_development, join, root_from, says_development};
use super::services::pairs;
use super::{Build, Observed, Place};
use depslim_formats::yaml::{Kind, Node, read};
use depslim_formats::{shell, text::LineIndex};
use depslim_model::Stage;

/// Keys whose texts are run by a shell, over all services.
const SCRIPTS: &[&str] = &[
    "run",
    "script",
    "before_script",
    "after_script",
    "after_success",
    "before_install",
    "install",
    "before_deploy",
    "commands",
    "command",
    "bash",
    "inlineScript",
    "build_script",
    "test_script",
    "deploy_script",
    "pre_build",
];

/// A workflow: every text that a key for commands holds.
pub(super) fn workflow(path: &str, text: &str) -> Observed {
    let yaml = read(text);
    let mut observed = Observed { problems: yaml.problems.clone(), ..Observed::default() };
    let root = root_from(path);
    // Steps of other authors take texts in other languages under `script`.
    let github = path.contains(".github/");
    let everywhere = yaml.first().and_then(|root| root.at(&["defaults", "run", "working-directory"])?.text());
    for node in yaml.every() {
        let folder = ["working-directory", "workingDirectory", "working_directory", "dir"];
        let folder = folder.iter().find_map(|key| node.get(key)?.text()).or(everywhere).unwrap_or(".");
        let folder = if folder.contains(['$', '~']) { None } else { Some(join(&root, folder)) };
        let place = Place { stage: Stage::Ci, workdir: folder.as_deref(), variables: &[] };
        // Other languages have shells of their own.
        let other = node.get("shell").and_then(|shell| shell.text()).is_some_and(|name| {
            !shell::is_shell(shell::base_name(name.split_whitespace().next().unwrap_or(""))) && !name.contains("sh ")
        });
        for entry in node.entries() {
            let foreign = other || github && !matches!(entry.key, "run" | "command");
            if (SCRIPTS.contains(&entry.key) || entry.key.ends_with("_script")) && !foreign {
                texts(entry.value, &place, &mut observed);
            }
            if matches!(entry.key, "env" | "variables" | "environment") {
                for (name, value, line) in pairs(entry.value) {
                    observed.variable(&name, &value, line);
                }
            }
        }
        step_with_arguments(node, &place, &mut observed);
        if github {
            observed.builds.extend(build_step(node));
        }
    }
    observed
}

/// Hooks that run before a commit: their `entry` or `run`.
pub(super) fn hooks(path: &str, text: &str) -> Observed {
    let yaml = read(text);
    let mut observed = Observed { problems: yaml.problems.clone(), ..Observed::default() };
    let root = root_from(path);
    let place = Place { stage: Stage::Dev, workdir: Some(&root), variables: &[] };
    for node in yaml.every() {
        for entry in node.entries().filter(|entry| matches!(entry.key, "entry" | "run")) {
            texts(entry.value, &place, &mut observed);
        }
    }
    observed
}

/// `sh '…'` steps of a Jenkins pipeline, over several lines too.
pub(super) fn pipeline(path: &str, text: &str) -> Observed {
    let mut observed = Observed::default();
    let root = root_from(path);
    let place = Place { stage: Stage::Ci, workdir: Some(&root), variables: &[] };
    let index = LineIndex::new(text);
    let mut at = 0;
    while let Some(found) = text[at..].find("sh") {
        let start = at + found;
        at = start + 2;
        let before = text[..start].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || "_./-\"'$".contains(c)) {
            continue;
        }
        let argument = text[at..].trim_start_matches([' ', '\t', '(']);
        let argument = argument.strip_prefix("script:").unwrap_or(argument).trim_start();
        let Some(quote) = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|quote| argument.starts_with(quote)) else {
            continue;
        };
        let open = text.len() - argument.len() + quote.len();
        let Some(length) = closing(&text[open..], quote) else { continue };
        let script = text[open..open + length].replace("\\$", "$").replace("\\\"", "\"").replace("\\'", "'");
        observed.shell(&script, index.line(open), &place);
        at = open + length + quote.len();
    }
    observed
}

/// Offset of the quote that closes a text; single quotes end with their line.
fn closing(text: &str, quote: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, character) in text.char_indices() {
        if !escaped && text[at..].starts_with(quote) {
            return Some(at);
        }
        if quote.len() == 1 && character == '\n' {
            return None;
        }
        escaped = character == '\\' && !escaped;
    }
    None
}

/// A text, a list of texts, or a mapping with the text under `command`.
fn texts(node: Node<'_>, place: &Place<'_>, observed: &mut Observed) {
    for (text, line) in node.strings() {
        if !matches!(text, "true" | "false" | "skip") {
            observed.shell(&without_expressions(text), line, place);
        }
    }
}

/// `${{ … }}` of GitHub and `<< … >>` of `CircleCI` are filled in before a shell sees the text: one word each.
fn without_expressions(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, inside)) = rest.split_once("<< ") {
        let Some((name, behind)) = inside.split_once(" >>").filter(|(name, _)| !name.contains('\n')) else { break };
        out.extend([before, "${", name.trim(), "}"]);
        rest = behind;
    }
    out.push_str(rest);
    out
}

/// The `with:` of a step that builds and pushes an image; its paths start at the root.
fn build_step(node: Node<'_>) -> Option<Build> {
    let with = node.get("with").filter(|with| with.get("push").or_else(|| with.get("tags")).is_some())?;
    let uses = node.get("uses").and_then(|uses| uses.text())?;
    let field = |key| with.get(key).and_then(|field| field.text()).filter(|text| !text.contains("${{"));
    if !uses.contains("build-push") && field("file").or_else(|| field("dockerfile")).is_none() {
        return None;
    }
    let context = below_root("", field("context").unwrap_or("."))?;
    let file = match field("file").or_else(|| field("dockerfile")) {
        Some(file) => below_root("", file)?,
        None => below_root(&context, "Dockerfile")?,
    };
    let target = field("target").map(str::to_owned);
    let dev = target.as_deref().is_some_and(says_development) || is_for_development(&file);
    Some(Build { context, file, target, dev, line: node.line(), ..Build::default() })
}

/// A step of Cloud Build: an image with arguments.
fn step_with_arguments(node: Node<'_>, place: &Place<'_>, observed: &mut Observed) {
    let (Some(name), Some(arguments)) = (node.get("name").and_then(|name| name.text()), node.get("args")) else {
        return;
    };
    if arguments.kind() != Kind::Sequence {
        return;
    }
    let program = node.get("entrypoint").and_then(|program| program.text());
    let program = program.unwrap_or_else(|| shell::base_name(name).split([':', '@']).next().unwrap_or(name));
    let words: Vec<String> =
        std::iter::once(program.to_owned()).chain(arguments.strings().map(|(word, _)| word.to_owned())).collect();
    observed.exec(&words, arguments.line(), place);
}
