//! `prove --write`: what had to be put back goes into the keep list of the configuration, with the reason.

use crate::session::Session;
use crate::stop::{Outcome, Stop};
use crate::write::{cause, say, write as replace};
use depslim_model::report::{PutBack, Report};
use std::path::Path;
use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, Value, value};

/// One entry of the keep list.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    /// `pypi:httpx`.
    package: String,
    /// Folder of the project, unless it is the root.
    path: Option<String>,
    reason: String,
}

/// Records what the proofs of a report have put back.
///
/// # Errors
/// When the file can't be read or written, or holds the configuration in a way that can't be added to.
pub(super) fn write(session: &Session, root: &Path, config: Option<&Path>, report: &Report) -> Outcome<()> {
    let mut entries = Vec::new();
    for project in &report.projects {
        for back in project.proof.iter().flat_map(|proof| &proof.put_back) {
            let direct = project.packages.iter().any(|package| package.id == back.package && package.direct);
            let Some(package) = depslim::configured(back) else { continue };
            if !direct {
                say(format_args!("{package} is not recorded: no line of the project brings it; declare it"));
                continue;
            }
            let path = Some(project.path.clone()).filter(|path| path != ".");
            entries.push(Entry { package, path, reason: reason(back) });
        }
    }
    if entries.is_empty() {
        return Ok(());
    }
    let file = config.map_or_else(|| root.join("depslim.toml"), Path::to_owned);
    let shown = session.shown(&file);
    let text = match fs_err::read_to_string(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(Stop::error(format_args!("{shown}: {}", cause(&error)))),
    };
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let added = add(&name, &text, &entries).map_err(|why| {
        let lines = entries.iter().map(plain).collect::<Vec<_>>().join("\n");
        Stop::error(format_args!("{shown}: {why}; add this by hand:\n{lines}"))
    })?;
    replace(&file, added.as_bytes())?;
    say(format_args!(
        "wrote {shown}   keeps {}",
        entries.iter().map(|e| e.package.as_str()).collect::<Vec<_>>().join(", ")
    ));
    Ok(())
}

/// Why it stays, in the words of the run.
fn reason(back: &PutBack) -> String {
    if back.by_trying {
        return "depslim prove: the run fails without it".to_owned();
    }
    let place = back.evidence.iter().find_map(|piece| {
        let line = piece.line.map_or_else(String::new, |line| format!(":{line}"));
        piece.file.as_ref().map(|file| format!(" at {file}{line}"))
    });
    let said = back.evidence.iter().find(|piece| piece.file.is_some()).or(back.evidence.last());
    let said: String = said.map(|piece| piece.text.chars().take(160).collect()).unwrap_or_default();
    format!("depslim prove: {said}{}", place.unwrap_or_default())
}

/// The configuration with the entries added, all else as it is written.
fn add(file: &str, text: &str, entries: &[Entry]) -> Result<String, String> {
    if file.ends_with(".json") {
        return Err("JSON configuration is not changed by depslim".to_owned());
    }
    let mut document: DocumentMut = text.parse().map_err(|error| format!("{error}"))?;
    let at: &[&[&str]] = match file {
        "pyproject.toml" => &[&["tool", "depslim"]],
        "Cargo.toml" => &[&["workspace", "metadata", "depslim"], &["package", "metadata", "depslim"]],
        _ => &[&[]],
    };
    let has = |path: &&&[&str]| path.iter().try_fold(document.as_item(), |item, key| item.get(*key)).is_some();
    let path = at.iter().find(has).copied().unwrap_or_default();
    let mut table: &mut Item = document.as_item_mut();
    for key in path {
        table = table.get_mut(*key).ok_or_else(|| format!("no table {key}"))?;
    }
    let table = table.as_table_like_mut().ok_or("the configuration is no table")?;
    match table.get_mut("ignore") {
        Some(Item::Value(Value::Array(list))) => entries.iter().for_each(|entry| list.push(inline(entry))),
        Some(Item::ArrayOfTables(list)) => entries.iter().for_each(|entry| list.push(whole(entry))),
        Some(_) => return Err("`ignore` is no list".to_owned()),
        None => {
            let mut list = ArrayOfTables::new();
            for entry in entries {
                list.push(whole(entry));
            }
            table.insert("ignore", Item::ArrayOfTables(list));
        }
    }
    Ok(document.to_string())
}

fn pairs(entry: &Entry) -> Vec<(&'static str, Value)> {
    let rules: Array = ["SLIM001", "SLIM002"].into_iter().collect();
    let mut pairs = vec![("package", Value::from(entry.package.as_str())), ("rules", Value::Array(rules))];
    pairs.extend(entry.path.as_deref().map(|path| ("path", Value::from(path))));
    pairs.push(("reason", Value::from(entry.reason.as_str())));
    pairs
}

fn whole(entry: &Entry) -> Table {
    let mut table = Table::new();
    for (key, one) in pairs(entry) {
        table.insert(key, value(one));
    }
    table
}

fn inline(entry: &Entry) -> InlineTable {
    pairs(entry).into_iter().collect()
}

fn plain(entry: &Entry) -> String {
    format!("[[ignore]]\n{}", whole(entry))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(path: Option<&str>) -> Entry {
        let reason = "depslim prove: No module named 'httpx' at app.py:3".to_owned();
        Entry { package: "pypi:httpx".to_owned(), path: path.map(str::to_owned), reason }
    }

    #[test]
    fn entries_go_where_the_configuration_is() {
        let expect = "[[ignore]]\npackage = \"pypi:httpx\"\nrules = [\"SLIM001\", \"SLIM002\"]\nreason = \"depslim prove: No module named 'httpx' at app.py:3\"\n";
        assert_eq!(add("depslim.toml", "", &[entry(None)]).unwrap(), expect);
        let kept = add("depslim.toml", "# mine\nheavy = 3 # why\n", &[entry(None)]).unwrap();
        assert!(kept.starts_with("# mine\nheavy = 3 # why\n") && kept.ends_with(expect), "{kept}");
        let nested =
            add("pyproject.toml", "[tool.depslim]\nheavy = 3\n\n[tool.other]\nx = 1\n", &[entry(Some("api"))]).unwrap();
        assert!(nested.contains("[[tool.depslim.ignore]]\npackage") && nested.contains("path = \"api\""), "{nested}");
        let inline = add("depslim.toml", "ignore = [{ package = \"pypi:x\" }]\n", &[entry(None)]).unwrap();
        assert!(inline.starts_with("ignore = [{ package = \"pypi:x\" }, { package = \"pypi:httpx\""), "{inline}");
    }

    #[test]
    fn what_can_not_be_added_to_is_said() {
        assert!(add("package.json", "{}", &[entry(None)]).is_err());
        assert!(add("depslim.toml", "ignore = 3", &[entry(None)]).is_err());
        assert!(add("depslim.toml", "= broken", &[entry(None)]).is_err());
    }
}
