//! Edits of a `package.json` that keep everything else byte for byte.

use depslim_formats::edit::{Edit, apply};
use depslim_formats::json::{self, Dialect, Node};
use depslim_model::Source;
use depslim_model::ecosystem::{Action, Change};

/// The tables that declare packages.
const TABLES: &[&str] = &["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"];

/// Applies the changes, or says which one does not fit the text.
pub(crate) fn edit(source: &Source<'_>, changes: &[Change]) -> Result<String, String> {
    let text = std::str::from_utf8(source.bytes).map_err(|_| "not UTF-8".to_owned())?;
    let doc = json::parse(text, Dialect::Strict).map_err(|problem| problem.message)?;
    let mut edits = Vec::new();
    for change in changes {
        let (table, at) = declaration(doc.root(), change)
            .ok_or_else(|| format!("line {} does not declare {}: read the file again", change.line, change.package))?;
        match &change.action {
            Action::Remove => edits.push(Edit::remove(entry(text, table, at)?)),
            Action::MoveToDev => return Err("moving a declaration is not known for this file".into()),
            Action::DropFeature(_) => return Err(format!("{} has no features", change.package)),
        }
    }
    apply(text, &edits)
}

/// The table that declares the package on the line of the change, and its place there.
fn declaration<'d>(root: Node<'d>, change: &Change) -> Option<(Node<'d>, usize)> {
    TABLES.iter().filter_map(|table| root.get(table)).find_map(|table| {
        let at = table.entries().position(|(name, node)| name == change.package && node.line() == change.line)?;
        Some((table, at))
    })
}

/// The bytes of an entry with the comma and the white space that go with it.
fn entry(text: &str, table: Node<'_>, at: usize) -> Result<std::ops::Range<usize>, String> {
    let entries: Vec<Node<'_>> = table.entries().map(|(_, node)| node).collect();
    let bad = || "the table changed meanwhile".to_owned();
    let end_of = |node: &Node<'_>| node.span().end;
    let here = entries.get(at).ok_or_else(bad)?;
    Ok(match (at.checked_sub(1).and_then(|before| entries.get(before)), entries.get(at + 1)) {
        (Some(before), _) => end_of(before)..end_of(here),
        (None, Some(_)) => {
            let start = table.span().start + 1;
            let comma = text[end_of(here)..].find(',').ok_or_else(bad)?;
            start..end_of(here) + comma + 1
        }
        (None, None) => table.span().start + 1..table.span().end - 1,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use depslim_model::Settings;

    #[test]
    fn other_lines_stay_as_they_are() {
        let text =
            "{\n  \"dependencies\": {\n    \"plum\": \"1\",\n    \"pear\": \"^2\",\n    \"fig\": \"3\"\n  }\n}\n";
        let check = |removed: &[(&str, u32)], expect: &str| {
            let changes: Vec<Change> = removed
                .iter()
                .map(|(package, line)| Change { package: (*package).into(), line: *line, action: Action::Remove })
                .collect();
            let source = Source { path: "package.json", bytes: text.as_bytes(), settings: &Settings::default() };
            let found = edit(&source, &changes).unwrap();
            assert_eq!(found, format!("{{\n  \"dependencies\": {expect}\n}}\n"));
        };
        check(&[("plum", 3)], "{\n    \"pear\": \"^2\",\n    \"fig\": \"3\"\n  }");
        check(&[("pear", 4)], "{\n    \"plum\": \"1\",\n    \"fig\": \"3\"\n  }");
        check(&[("fig", 5)], "{\n    \"plum\": \"1\",\n    \"pear\": \"^2\"\n  }");
        check(&[("fig", 5), ("pear", 4)], "{\n    \"plum\": \"1\"\n  }");
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
