//! Manifests: `toy.list`, lists that it includes, and `toy.prod`, the list that people write by hand for production.
//!
//! A list that includes others, has sections and speaks of its project itself:
//! ```text
//! @project farm
//! @include lists/base.list
//! stripes >=1 [gold] if not musl   # for the fence
//! optional fast:
//! rocket
//! dev:
//! checker
//! ```

use crate::{requirement, text};
use depslim_model::ecosystem::group_from_name;
use depslim_model::{Entry, Facts, Group, Include, Manifest, Problem, Role, Source};

/// Reads a list.
pub(crate) fn read(source: &Source<'_>) -> Facts {
    let (text, problem) = text::decode(source.bytes);
    if let Some(Problem { line, message, .. }) = problem {
        return Facts { manifest: Some(about(source)), ..Facts::broken(Problem::fatal(line, message)) };
    }
    let mut facts = Facts { manifest: Some(about(source)), ..Facts::default() };
    let (mut group, mut group_name) = group_of_list(source);
    for line in text::lines(&text) {
        if let Some(directive) = line.text.strip_prefix('@') {
            take_directive(directive, line.number, &mut facts);
        } else if let Some(section) = line.text.strip_suffix(':') {
            match section_group(section) {
                Some((new, name)) => (group, group_name) = (new, name),
                None => facts.problems.push(Problem::at(line.number, format!("unknown section `{section}`"))),
            }
        } else if let Some(mut require) = requirement::parse(line.text, line.number) {
            require.group = group;
            require.group_name.clone_from(&group_name);
            require.span = Some(line.start..line.end);
            require.comment = (!line.comment.is_empty()).then(|| line.comment.to_owned());
            facts.requires.push(require);
        } else {
            let message = format!("`{}` is no requirement: write `name >=1 [extra] if condition`", line.text);
            facts.problems.push(Problem::at(line.number, message));
        }
    }
    facts
}

fn about(source: &Source<'_>) -> Manifest {
    let role = if source.file_name() == "toy.prod" { Role::ProductionList } else { Role::Manifest };
    Manifest { role, manager: Some("toyget".into()), ..Manifest::default() }
}

/// Whom a whole list is for: `dev.list` and `docs/toy.list` are not for production.
fn group_of_list(source: &Source<'_>) -> (Group, Option<String>) {
    let name = source.file_name();
    let words = [name.strip_suffix(".list").unwrap_or(name), source.folder().rsplit('/').next().unwrap_or_default()];
    let dev = words.into_iter().find(|word| group_from_name(word) == Group::Dev);
    dev.map_or((Group::Prod, None), |word| (Group::Dev, Some(word.to_owned())))
}

/// `dev`, `build`, or `optional` with the name of an extra.
fn section_group(section: &str) -> Option<(Group, Option<String>)> {
    match section.split_whitespace().collect::<Vec<_>>().as_slice() {
        ["dev"] => Some((Group::Dev, Some("dev".into()))),
        ["build"] => Some((Group::Build, Some("build".into()))),
        ["optional", name] => Some((group_from_name(name), Some((*name).into()))),
        _ => None,
    }
}

fn take_directive(directive: &str, line: u32, facts: &mut Facts) {
    let Some(manifest) = &mut facts.manifest else { return };
    match directive.split_whitespace().collect::<Vec<_>>().as_slice() {
        ["project", name] => manifest.name = Some((*name).into()),
        ["runtime", version] => manifest.runtime = Some((*version).into()),
        ["include", path] => {
            manifest.includes.push(Include { path: (*path).into(), role: Role::Manifest, line });
        }
        ["start", target] => {
            facts.entries.push(Entry { target: (*target).into(), group: Group::Prod, line });
        }
        _ => facts.problems.push(Problem::at(line, format!("unknown directive `@{directive}`"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use depslim_model::Settings;

    fn facts(path: &str, text: &str) -> Facts {
        read(&Source { path, bytes: text.as_bytes(), settings: &Settings::default() })
    }

    /// `name group(group name)` of every requirement.
    fn groups(path: &str, text: &str) -> Vec<String> {
        let word = |r: &depslim_model::Require| {
            format!("{} {:?}({})", r.name, r.group, r.group_name.as_deref().unwrap_or_default())
        };
        facts(path, text).requires.iter().map(word).collect()
    }

    #[test]
    fn sections_say_who_needs_a_package() {
        let text = "paint\noptional fast:\nrocket\noptional test:\nmirror\ndev:\nchecker\nbuild:\nglue\n";
        let expect =
            ["paint Prod()", "rocket Optional(fast)", "mirror Dev(test)", "checker Dev(dev)", "glue Build(build)"];
        assert_eq!(groups("toy.list", text), expect);
    }

    #[test]
    fn a_list_for_the_documentation_is_for_development() {
        assert_eq!(groups("docs/toy.list", "ink"), ["ink Dev(docs)"]);
        assert_eq!(groups("lists/dev.list", "ink"), ["ink Dev(dev)"]);
        assert_eq!(groups("lists/device.list", "ink"), ["ink Prod()"]);
    }

    #[test]
    fn a_declaration_has_a_line_a_comment_and_a_place() {
        let text = "# all\r\npaint >=2   # for the fence\r\nink\r\n";
        let paint = facts("toy.list", text).requires.remove(0);
        assert_eq!((paint.line, paint.comment.as_deref()), (2, Some("for the fence")));
        assert_eq!(&text[paint.span.unwrap()], "paint >=2   # for the fence\r\n");
    }

    #[test]
    fn directives_speak_of_the_project() {
        let facts = facts("toy.list", "@project farm\n@runtime >=2\n@include lists/base.list\n@start farm.main\n");
        let about = facts.manifest.unwrap();
        assert_eq!((about.name.as_deref(), about.runtime.as_deref()), (Some("farm"), Some(">=2")));
        assert_eq!((about.includes[0].path.as_str(), about.includes[0].line), ("lists/base.list", 3));
        assert_eq!(facts.entries[0].target, "farm.main");
    }

    #[test]
    fn a_strange_line_is_named_and_the_rest_counts() {
        let facts = facts("toy.list", "paint\n???\nsoon:\n@wish\nink\n");
        assert_eq!(facts.requires.iter().map(|r| r.name.as_str()).collect::<Vec<_>>(), ["paint", "ink"]);
        assert_eq!(
            facts.problems.iter().map(|p| (p.line, p.fatal)).collect::<Vec<_>>(),
            [(2, false), (3, false), (4, false)]
        );
    }

    #[test]
    fn a_list_that_is_no_text_can_not_be_used() {
        let facts = read(&Source { path: "toy.list", bytes: b"paint\n\xff\n", settings: &Settings::default() });
        assert!(facts.requires.is_empty() && facts.manifest.is_some());
        assert_eq!(facts.problems.iter().map(|p| (p.line, p.fatal)).collect::<Vec<_>>(), [(2, true)]);
    }

    #[test]
    fn the_list_for_production_has_a_role_of_its_own() {
        assert_eq!(facts("toy.prod", "paint").manifest.unwrap().role, Role::ProductionList);
    }
}
