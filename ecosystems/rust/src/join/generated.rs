//! Code that the build script writes: its strings name crates, and so may the features that cargo tells it of.

use super::{Seen, Taken};
use depslim_model::{Facts, Group, How, Strength, Use};

/// Uses in code that nobody has written yet.
pub(super) fn take(taken: &mut Taken<'_, '_>, files: &[Seen<'_>], out: &mut Vec<(String, Facts)>) {
    let build = || files.iter().filter(|file| file.group == Group::Build);
    // Metadata of native libraries reaches build scripts by name.
    if let Some((file, used)) = build().find_map(|file| variable(file, "DEP_").map(|used| (file, used))) {
        let native: Vec<usize> =
            taken.idle().filter(|line| taken.package.lines[*line].require.name.ends_with("-sys")).collect();
        for line in native {
            let text = format!("the build script reads {}", used.name);
            put(taken, line, text, used.line, file, out);
        }
    }
    let including = files.iter().enumerate().find_map(|(at, f)| {
        f.facts.uses.iter().find(|u| u.how == How::Computed && f.group != Group::Build).map(|u| (at, u.line))
    });
    let Some((place, line)) = including else { return };
    for file in build() {
        for used in file.facts.uses.iter().filter(|u| u.how == How::Text && u.value == "string") {
            let head = used.name.split("::").next().unwrap_or_default();
            let Some(lines) = taken.package.names.get(head) else { continue };
            let wanted: Vec<usize> =
                lines.iter().copied().filter(|l| taken.package.lines[*l].require.group != Group::Build).collect();
            for line in wanted {
                let text = format!("the build script writes {}", used.name);
                put(taken, line, text, used.line, file, out);
            }
        }
        if let Some(used) = variable(file, "CARGO_FEATURE_") {
            let optional: Vec<usize> = taken
                .idle()
                .chain(taken.tested())
                .filter(|line| taken.package.lines[*line].require.group == Group::Optional)
                .collect();
            for line in optional {
                let text = "the build script writes code for the features that are on".to_owned();
                put(taken, line, text, used.line, file, out);
            }
        }
    }
    // Whatever else it names, nobody can see.
    if taken.idle().next().is_some() {
        out[place].1.uses.push(Use {
            how: How::Computed,
            name: "include!".into(),
            value: String::new(),
            strength: Strength::Hard,
            line,
        });
    }
}

fn variable<'f>(file: &Seen<'f>, prefix: &str) -> Option<&'f Use> {
    file.facts.uses.iter().find(|u| u.how == How::Text && u.value == "variable" && u.name.starts_with(prefix))
}

/// A use at the build script's line. It is of the code that the script writes, so it counts for production.
fn put(taken: &mut Taken<'_, '_>, line: usize, text: String, at: u32, file: &Seen<'_>, out: &mut Vec<(String, Facts)>) {
    taken.lines[line] = true;
    taken.only_tests[line] = false;
    let require = taken.package.lines[line].require;
    let used = Use { how: How::Dynamic, name: text, value: require.name.clone(), strength: Strength::Hard, line: at };
    let group = if require.group == Group::Dev { Group::Dev } else { Group::Prod };
    out.push((file.path.to_owned(), Facts { group: Some(group), uses: vec![used], ..Facts::default() }));
}
