//! Edits of a `package.json` that keep everything else byte for byte.

use depslim_formats::edit::{Edit, apply, json as table};
use depslim_formats::json::{self, Dialect, Doc, Node};
use depslim_formats::text::line_end;
use depslim_model::Source;
use depslim_model::ecosystem::{Action, Change};

/// The tables that declare packages.
const TABLES: &[&str] = &["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"];

const DEVELOPMENT: &str = "devDependencies";

/// Applies the changes, or says which one does not fit the text.
pub(crate) fn edit(source: &Source<'_>, changes: &[Change]) -> Result<String, String> {
    let text = std::str::from_utf8(source.bytes).map_err(|_| "not UTF-8".to_owned())?;
    let (plain, mark) = text.strip_prefix('\u{feff}').map_or((text, ""), |plain| (plain, "\u{feff}"));
    let doc = json::parse(plain, Dialect::Strict).map_err(|problem| problem.message)?;
    let mut moved = Vec::new();
    for change in changes {
        let node = declaration(doc.root(), change)
            .ok_or_else(|| format!("line {} does not declare {}: read the file again", change.line, change.package))?;
        match &change.action {
            Action::Remove => {}
            Action::MoveToDev => moved.push((change.package.as_str(), plain[node.start()..node.span().end].to_owned())),
            Action::DropFeature(_) => return Err(format!("{} has no features", change.package)),
            Action::State { .. } => return Err(format!("{}: the lock states its version", change.package)),
        }
    }
    let goes = |name: &str, line: u32| changes.iter().any(|change| change.package == name && change.line == line);
    let tables = TABLES.iter().filter_map(|name| doc.root().get(name));
    let edits: Vec<Edit> = tables.flat_map(|node| table::retain(node, |name, node| !goes(name, node.line()))).collect();
    let mut new = apply(plain, &edits)?;
    for (package, entry) in moved {
        new = for_development(&new, package, &entry)?;
    }
    Ok(format!("{mark}{new}"))
}

/// The entry that declares the package on the line of the change.
fn declaration<'d>(root: Node<'d>, change: &Change) -> Option<Node<'d>> {
    let tables = TABLES.iter().filter_map(|table| root.get(table));
    let mut entries = tables.flat_map(|table| table.entries());
    entries.find(|(name, node)| *name == change.package && node.line() == change.line).map(|(_, node)| node)
}

/// The text with an entry more in the table for development, which is made when there is none.
fn for_development(text: &str, package: &str, entry: &str) -> Result<String, String> {
    let doc: Doc<'_> = json::parse(text, Dialect::Strict).map_err(|problem| problem.message)?;
    let root = doc.root();
    let edit = match root.get(DEVELOPMENT) {
        Some(node) if node.get(package).is_some() => return Ok(text.to_owned()),
        Some(node) => table::insert(text, node, package, entry),
        None => {
            let (end, before) =
                (line_end(text), root.get("dependencies").or_else(|| root.entries().map(|(_, n)| n).last()));
            let before = before.ok_or_else(|| "the file declares nothing".to_owned())?;
            let line_start = text[..before.start()].rfind('\n').map_or(before.start(), |at| at + 1);
            let space = &text[line_start..before.start()];
            let new = if space.trim().is_empty() && !space.is_empty() {
                format!(",{end}{space}\"{DEVELOPMENT}\": {{{end}{space}{space}{entry}{end}{space}}}")
            } else {
                format!(", \"{DEVELOPMENT}\": {{{entry}}}")
            };
            Edit::insert(before.span().end, new)
        }
    };
    apply(text, &[edit])
}

#[cfg(test)]
mod tests {
    use super::*;
    use depslim_model::Settings;

    fn check(text: &str, changes: &[(&str, u32, Action)], expect: &str) {
        let changes: Vec<Change> = changes
            .iter()
            .map(|(package, line, action)| Change { package: (*package).into(), line: *line, action: action.clone() })
            .collect();
        let source = Source { path: "package.json", bytes: text.as_bytes(), settings: &Settings::default() };
        assert_eq!(edit(&source, &changes).unwrap(), expect);
    }

    const TEXT: &str =
        "{\n  \"dependencies\": {\n    \"fig\": \"3\",\n    \"pear\": \"^2\",\n    \"plum\": \"1\"\n  }\n}\n";

    #[test]
    fn other_lines_stay_as_they_are() {
        let left = |rest: &str| format!("{{\n  \"dependencies\": {{{rest}}}\n}}\n");
        check(TEXT, &[("fig", 3, Action::Remove)], &left("\n    \"pear\": \"^2\",\n    \"plum\": \"1\"\n  "));
        check(TEXT, &[("pear", 4, Action::Remove)], &left("\n    \"fig\": \"3\",\n    \"plum\": \"1\"\n  "));
        check(TEXT, &[("fig", 3, Action::Remove), ("pear", 4, Action::Remove)], &left("\n    \"plum\": \"1\"\n  "));
        let all = ["fig", "pear", "plum"].iter().zip(3..).map(|(name, line)| (*name, line, Action::Remove));
        check(TEXT, &all.collect::<Vec<_>>(), &left(""));
    }

    #[test]
    fn a_move_goes_to_the_table_for_development() {
        check(
            TEXT,
            &[("pear", 4, Action::MoveToDev)],
            "{\n  \"dependencies\": {\n    \"fig\": \"3\",\n    \"plum\": \"1\"\n  },\n  \"devDependencies\": {\n    \"pear\": \"^2\"\n  }\n}\n",
        );
        check(
            "{\n  \"dependencies\": {\n    \"pear\": \"^2\"\n  },\n  \"devDependencies\": {\n    \"fig\": \"1\",\n    \"plum\": \"1\"\n  }\n}\n",
            &[("pear", 3, Action::MoveToDev)],
            "{\n  \"dependencies\": {},\n  \"devDependencies\": {\n    \"fig\": \"1\",\n    \"pear\": \"^2\",\n    \"plum\": \"1\"\n  }\n}\n",
        );
        check(
            "{\"dependencies\": {\"pear\": \"1\"}}",
            &[("pear", 1, Action::MoveToDev)],
            "{\"dependencies\": {}, \"devDependencies\": {\"pear\": \"1\"}}",
        );
    }

    #[test]
    fn a_text_that_changed_meanwhile_is_left_alone() {
        let source = Source {
            path: "package.json",
            bytes: b"{\"dependencies\": {\"plum\": \"1\"}}",
            settings: &Settings::default(),
        };
        let change = Change { package: "plum".into(), line: 7, action: Action::Remove };
        assert_eq!(edit(&source, &[change]).unwrap_err(), "line 7 does not declare plum: read the file again");
    }
}
