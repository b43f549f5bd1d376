//! Edits of a `pom.xml`: a dependency goes, or moves to the tests; every other byte stays.

use crate::pom::raw::child;
use crate::resolve::name_of;
use depslim_formats::text::{LineIndex, decode};
use depslim_model::Source;
use depslim_model::ecosystem::{Action, Change};
use roxmltree::{Document, Node, ParsingOptions};
use std::ops::Range;

/// Applies changes to a manifest.
///
/// # Errors
/// When the file is no `pom.xml`, or a change does not fit its text.
pub(crate) fn edit(source: &Source<'_>, changes: &[Change]) -> Result<String, String> {
    if source.file_name() != "pom.xml" {
        return Err(format!("{}: only pom.xml is edited; change the line by hand", source.path));
    }
    let decoded = decode(source.bytes);
    let text = &*decoded.text;
    let options = ParsingOptions { allow_dtd: false, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options).map_err(|error| format!("{}: {error}", source.path))?;
    let lines = LineIndex::new(text);
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    for change in changes {
        let node = declaration(&document, &lines, change).ok_or_else(|| {
            format!("{}:{}: no declaration of {} stands here", source.path, change.line, change.package)
        })?;
        edits.push(match &change.action {
            Action::Remove => (whole_lines(text, node.range()), String::new()),
            Action::MoveToDev => to_tests(text, node),
            Action::DropFeature(_) => return Err(format!("{}: a dependency of Maven has no features", source.path)),
            Action::State { .. } => return Err(format!("{}: its lines say no more than what is needed", source.path)),
        });
    }
    edits.sort_by_key(|(range, _)| range.start);
    if edits.windows(2).any(|pair| pair[0].0.end > pair[1].0.start) {
        return Err(format!("{}: two changes of one declaration", source.path));
    }
    let mut out = text.to_owned();
    for (range, new) in edits.into_iter().rev() {
        out.replace_range(range, &new);
    }
    Ok(out)
}

/// The `<dependency>` that begins on a line.
fn declaration<'a, 'i>(document: &'a Document<'i>, lines: &LineIndex<'_>, change: &Change) -> Option<Node<'a, 'i>> {
    let here =
        |node: &Node<'a, 'i>| node.tag_name().name() == "dependency" && lines.line(node.range().start) == change.line;
    let found: Vec<Node<'a, 'i>> = document.descendants().filter(here).collect();
    let named = |node: &&Node<'a, 'i>| {
        let text = |tag: &str| child(**node, tag).and_then(|n| n.text()).unwrap_or_default().trim().to_owned();
        let kind = Some(text("type")).filter(|kind| !kind.is_empty());
        let written = name_of(&crate::pom::raw::Dependency {
            group: text("groupId"),
            artifact: text("artifactId"),
            classifier: text("classifier"),
            kind,
            ..crate::pom::raw::Dependency::default()
        });
        written == change.package || written.contains("${")
    };
    found.iter().find(named).copied()
}

/// A range with the whole of its lines when nothing else stands on them.
fn whole_lines(text: &str, range: Range<usize>) -> Range<usize> {
    let before = text[..range.start].rfind('\n').map_or(0, |at| at + 1);
    let after = text[range.end..].find('\n').map_or(text.len(), |at| range.end + at + 1);
    let alone = text[before..range.start].trim().is_empty() && text[range.end..after].trim().is_empty();
    if alone { before..after } else { range }
}

/// The edit that gives a dependency the scope of tests.
fn to_tests(text: &str, node: Node<'_, '_>) -> (Range<usize>, String) {
    if let Some(scope) = child(node, "scope") {
        return (scope.range(), "<scope>test</scope>".into());
    }
    let last = ["classifier", "type", "version", "artifactId", "groupId"].iter().find_map(|tag| child(node, tag));
    let Some(last) = last else { return (node.range(), text[node.range()].to_owned()) };
    let start = last.range().start;
    let line = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let indent = &text[line..start];
    let gap = if !indent.is_empty() && indent.trim().is_empty() {
        let end = if text[..line].ends_with("\r\n") { "\r\n" } else { "\n" };
        format!("{end}{indent}")
    } else {
        String::new()
    };
    (last.range().end..last.range().end, format!("{gap}<scope>test</scope>"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use depslim_model::Settings;

    const POM: &str = "<project>\r\n  <!-- kept -->\r\n  <dependencies>\r\n    <dependency>\r\n      <groupId>feed</groupId>\r\n      \
                       <artifactId>hay</artifactId>\r\n    </dependency>\r\n    <dependency>\r\n      <groupId>feed</groupId>\r\n      \
                       <artifactId>oats</artifactId>\r\n      <scope>compile</scope>\r\n    </dependency>\r\n  </dependencies>\r\n</project>\r\n";

    fn edited(text: &str, changes: &[(&str, u32, Action)]) -> Result<String, String> {
        let changes: Vec<Change> = changes
            .iter()
            .map(|(package, line, action)| Change { package: (*package).into(), line: *line, action: action.clone() })
            .collect();
        edit(&Source { path: "barn/pom.xml", bytes: text.as_bytes(), settings: &Settings::default() }, &changes)
    }

    #[test]
    fn a_dependency_goes_with_its_lines() {
        let new = edited(POM, &[("feed:hay", 4, Action::Remove)]).unwrap();
        assert_eq!(new.len(), POM.len() - "    <dependency>\r\n      <groupId>feed</groupId>\r\n      <artifactId>hay</artifactId>\r\n    </dependency>\r\n".len());
        assert!(new.contains("<!-- kept -->\r\n") && !new.contains("hay"));
        let one =
            "<dependencies><dependency><groupId>a</groupId><artifactId>b</artifactId></dependency><x/></dependencies>";
        assert_eq!(edited(one, &[("a:b", 1, Action::Remove)]).unwrap(), "<dependencies><x/></dependencies>");
    }

    #[test]
    fn a_dependency_moves_to_the_tests() {
        let both = [("feed:hay", 4, Action::MoveToDev), ("feed:oats", 8, Action::MoveToDev)];
        let new = edited(POM, &both).unwrap();
        assert!(new.contains("<artifactId>hay</artifactId>\r\n      <scope>test</scope>\r\n"), "{new}");
        assert!(new.contains("<artifactId>oats</artifactId>\r\n      <scope>test</scope>\r\n"), "{new}");
        assert_eq!(new.matches("<scope>").count(), 2);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        for (package, line, action) in [
            ("feed:hay", 5, Action::Remove),
            ("feed:corn", 4, Action::Remove),
            ("feed:hay", 4, Action::DropFeature("dry".into())),
        ] {
            assert!(edited(POM, &[(package, line, action)]).is_err(), "{package} {line}");
        }
        assert!(edited("<project>", &[("feed:hay", 1, Action::Remove)]).is_err());
    }
}
