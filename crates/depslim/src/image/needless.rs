//! System packages that a container file installs and that nothing in the project has a use for.

use super::files::ContainerFile;
use depslim_engine::Project;
use depslim_formats::shell::base_name;
use depslim_image::{Choice, Item, Own, catalogue};
use depslim_model::Stage;
use std::path::Path;

/// Larger files hold data, not programs.
const MAX_TEXT: u64 = 1_000_000;
/// More files than that are not looked through, and then nothing is left out.
const MAX_FILES: usize = 20_000;

/// Takes them out of what is installed, and says which and why. A package goes only when all of its programs are known and no file
/// of the project as much as names one, or when all of its libraries are known, all compiled files were looked into, and none
/// links one.
pub(super) fn take(
    root: &Path,
    project: &Project,
    container: &ContainerFile<'_>,
    own: &mut Own,
    choice: &Choice,
) -> Vec<String> {
    let names: Vec<String> =
        own.system.keys().filter(|name| !choice.system.iter().any(|(n, _)| n == *name)).cloned().collect();
    let all_installed = project.plan.keep.iter().all(|k| k.bytes.is_some());
    let mut notes = Vec::new();
    let mut texts: Option<Option<Vec<String>>> = None;
    for name in names {
        let programs: Vec<&str> = catalogue::programs_of(&name).collect();
        let libraries: Vec<&str> = catalogue::libraries_of(&name).filter(|_| name.starts_with("lib")).collect();
        let words: Vec<String> = if !programs.is_empty() {
            programs.iter().map(|p| (*p).to_owned()).collect()
        } else if !libraries.is_empty() && all_installed && choice.scanned {
            // A program's own code would load it by this name.
            libraries
                .iter()
                .filter_map(|l| l.split(".so").next())
                .map(|l| l.trim_start_matches("lib").to_owned())
                .collect()
        } else {
            continue;
        };
        let runs =
            project.commands.iter().filter(|(path, _)| !is_of_services(root, path)).flat_map(|(path, observed)| {
                let here = path == container.path;
                observed.commands.iter().filter(move |c| c.stage == Stage::Run).map(move |c| (here, c))
            });
        let mut run = runs.filter(|(here, c)| !(*here && is_replaced(own, c.line)));
        let run = run.any(|(_, c)| c.words.iter().any(|w| words.iter().any(|word| base_name(w) == *word)));
        let kept = own
            .items
            .iter()
            .any(|i| matches!(i, Item::Run { command, .. } if words.iter().any(|w| names_it(command, w))));
        let Some(all) = texts.get_or_insert_with(|| sources(root, project)) else { continue };
        if run || kept || all.iter().any(|text| words.iter().any(|w| names_it(text, w))) {
            continue;
        }
        let line = own.system.remove(&name).unwrap_or(0);
        let what = if programs.is_empty() {
            format!("no installed file links {}", libraries.join(", "))
        } else {
            format!("no file of the project names {}", programs.join(", "))
        };
        notes.push(format!("left out: {name} ({}:{line}): {what}", container.path));
    }
    notes
}

/// Images of servers that projects run beside their own.
const SERVICES: &[&str] = &[
    "postgres",
    "postgis",
    "mysql",
    "mariadb",
    "redis",
    "valkey",
    "mongo",
    "rabbitmq",
    "memcached",
    "elasticsearch",
    "kafka",
    "zookeeper",
    "minio",
    "traefik",
    "grafana",
    "prometheus",
];

/// Whether a file starts nothing but such servers: what it runs, it runs in their images.
fn is_of_services(root: &Path, path: &str) -> bool {
    if !path.ends_with(".yml") && !path.ends_with(".yaml") {
        return false;
    }
    let text = fs_err::read(root.join(path)).map(|b| String::from_utf8_lossy(&b).into_owned()).unwrap_or_default();
    let image = |line: &str| {
        let value = line.trim().trim_start_matches("- ").strip_prefix("image:")?.trim().trim_matches(['"', '\'']);
        let last = value.rsplit('/').next().unwrap_or(value);
        Some(last.split([':', '@']).next().unwrap_or(last).to_owned())
    };
    let images: Vec<String> = text.lines().filter_map(image).collect();
    !images.is_empty() && images.iter().all(|i| SERVICES.contains(&i.as_str()))
}

/// Whether a line is that of a health check which is written anew.
fn is_replaced(own: &Own, line: u32) -> bool {
    own.health.as_ref().is_some_and(|(_, form, at)| depslim_image::emit::asks(form) && (*at..*at + 4).contains(&line))
}

/// Whether a text has a word, with no letter or digit beside it.
fn names_it(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let behind = text[at + word.len()..].chars().next();
        let part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        !part(before) && !part(behind)
    })
}

/// Texts of the project's own files below its folder, container files and documentation left out. `None` when there are too many.
fn sources(root: &Path, project: &Project) -> Option<Vec<String>> {
    let top = root.join(&project.files.folder);
    let mut texts = Vec::new();
    let mut open = vec![top];
    let mut seen = 0;
    while let Some(folder) = open.pop() {
        for entry in fs_err::read_dir(&folder).ok()?.flatten() {
            seen += 1;
            if seen > MAX_FILES {
                return None;
            }
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = entry.path();
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() {
                let skip = ["node_modules", "__pycache__", ".git", ".github", "docs", "doc"].contains(&name.as_str())
                    || path.join("pyvenv.cfg").is_file();
                let environment = project.environment.as_ref().is_some_and(|e| e.tree == path);
                if !skip && !environment {
                    open.push(path);
                }
                continue;
            }
            let lower = name.to_ascii_lowercase();
            // What other files have started is among the commands; development happens on another machine.
            let other = lower.contains("dockerfile")
                || lower == "makefile"
                || [".md", ".rst", ".lock", ".svg", ".map", ".css", ".yml", ".yaml"].iter().any(|e| lower.ends_with(e))
                || lower
                    .split(['.', '-', '_'])
                    .any(|word| ["dev", "test", "tests", "e2e", "local", "ci"].contains(&word));
            if !kind.is_file() || other || entry.metadata().is_ok_and(|m| m.len() > MAX_TEXT) {
                continue;
            }
            if let Ok(bytes) = fs_err::read(&path)
                && !bytes.contains(&0)
            {
                let text = String::from_utf8_lossy(&bytes);
                let code = text.lines().filter(|l| !l.trim_start().starts_with('#'));
                texts.push(code.collect::<Vec<_>>().join("\n"));
            }
        }
    }
    Some(texts)
}
