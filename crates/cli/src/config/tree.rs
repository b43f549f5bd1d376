//! A configuration as it was written, before anyone knows what its keys mean: values with their places.

pub(super) use super::json::read_json;
use depslim_formats::toml::{Kind, Node as Toml};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where a value stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    /// The file; `None` for the command line.
    pub(crate) file: Option<Arc<Path>>,
    /// Line, from 1.
    pub(crate) line: u32,
}

impl Place {
    /// A place in a file.
    pub(crate) fn new(file: &Path, line: u32) -> Self {
        Self { file: Some(file.into()), line }
    }

    /// The command line.
    pub(crate) const fn command_line() -> Self {
        Self { file: None, line: 0 }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.file {
            Some(file) => write!(f, "{}:{}", file.display(), self.line),
            None => f.write_str("--config"),
        }
    }
}

/// A value with its place.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub(crate) value: Value,
    pub(crate) place: Place,
}

/// What a value can be.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Text(String),
    Integer(i64),
    Flag(bool),
    /// A float, a date: as it is spelt.
    Other(String),
    List(Vec<Node>),
    Table(Vec<(String, Node)>),
}

impl Value {
    /// What people call this kind of value.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "a string",
            Self::Integer(_) => "a number",
            Self::Flag(_) => "true or false",
            Self::Other(_) => "a number or a date",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
        }
    }
}

impl Node {
    /// A table without entries.
    pub(crate) fn empty(place: Place) -> Self {
        Self { value: Value::Table(Vec::new()), place }
    }

    /// The entries of a table; nothing for other values.
    pub(crate) fn entries(&self) -> &[(String, Self)] {
        match &self.value {
            Value::Table(entries) => entries,
            _ => &[],
        }
    }

    /// The value under a key of this table.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        self.entries().iter().find(|(name, _)| name == key).map(|(_, node)| node)
    }

    /// The value under keys of nested tables.
    pub(crate) fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The items of a list; nothing for other values.
    pub(crate) fn items(&self) -> &[Self] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// The string, when it is one.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The strings of a list, or the one string that stands in its place.
    pub(crate) fn texts(&self) -> Vec<&str> {
        self.text().into_iter().chain(self.items().iter().filter_map(Self::text)).collect()
    }

    /// Takes in a table that lies below this one: what is here wins, tables are merged key by key, lists of tables are
    /// joined (what is here first), other lists are replaced.
    pub(crate) fn merge_under(&mut self, below: Self) {
        match (&mut self.value, below.value) {
            (Value::Table(here), Value::Table(below)) => {
                for (key, node) in below {
                    match here.iter_mut().find(|(name, _)| *name == key) {
                        Some((_, mine)) => mine.merge_under(node),
                        None => here.push((key, node)),
                    }
                }
            }
            (Value::List(here), Value::List(below)) => {
                let tables = |list: &[Self]| list.iter().all(|item| matches!(item.value, Value::Table(_)));
                if tables(here) && tables(&below) {
                    here.extend(below);
                }
            }
            _ => {}
        }
    }

    /// A TOML value and all below it. `file` is where it stands.
    pub(crate) fn from_toml(node: &Toml<'_>, file: Option<&Arc<Path>>) -> Self {
        let value = match node.kind() {
            Kind::Table => Value::Table(
                node.entries().map(|(key, value)| (key.to_owned(), Self::from_toml(&value, file))).collect(),
            ),
            Kind::Array => Value::List(node.items().map(|item| Self::from_toml(&item, file)).collect()),
            Kind::String => Value::Text(node.text().unwrap_or_default().to_owned()),
            Kind::Scalar => match (node.integer(), node.boolean()) {
                (Some(integer), _) => Value::Integer(integer),
                (_, Some(flag)) => Value::Flag(flag),
                _ => Value::Other(node.scalar().unwrap_or_default().to_owned()),
            },
        };
        Self { value, place: Place { file: file.cloned(), line: node.line().max(1) } }
    }

    /// `KEY=VALUE` of the command line: a value in TOML, or a plain string.
    ///
    /// # Errors
    /// When the key is none.
    pub(crate) fn from_argument(argument: &str) -> Result<Self, String> {
        let (key, value) = argument.split_once('=').unwrap_or((argument, ""));
        let quoted = toml_edit::Value::from(value.trim()).to_string();
        for value in [value.trim(), quoted.trim()] {
            let text = format!("{} = {value}", key.trim());
            if let Ok(doc) = depslim_formats::toml::parse(&text) {
                let mut node = Self::from_toml(&doc.root(), None);
                node.move_to(&Place::command_line());
                return Ok(node);
            }
        }
        Err(format!("`{}` is no key; write it as `budget.prod-total=150 MB`", key.trim()))
    }

    fn move_to(&mut self, place: &Place) {
        self.place = place.clone();
        match &mut self.value {
            Value::List(items) => items.iter_mut().for_each(|item| item.move_to(place)),
            Value::Table(entries) => entries.iter_mut().for_each(|(_, node)| node.move_to(place)),
            _ => {}
        }
    }
}

/// Reads the configuration in a TOML text: its top level, or the table under a path of keys. `None` when there is no such
/// table.
///
/// # Errors
/// The place and the first mistake of the text.
pub(crate) fn read_toml(file: &Path, text: &str, path: &[&str]) -> Result<Option<Node>, (Place, String)> {
    let doc =
        depslim_formats::toml::parse(text).map_err(|problem| (Place::new(file, problem.line), problem.message))?;
    let shared: Arc<Path> = file.into();
    Ok(doc.at(path).map(|node| Node::from_toml(&node, Some(&shared))))
}

/// A path that starts in the folder of a file.
pub(crate) fn beside(file: &Path, path: &str) -> PathBuf {
    file.parent().unwrap_or(Path::new("")).join(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Node {
        read_toml(Path::new("plum.toml"), text, &[]).unwrap().unwrap()
    }

    /// A tree as JSON, without places.
    fn show(node: &Node) -> serde_json::Value {
        match &node.value {
            Value::Text(text) | Value::Other(text) => text.as_str().into(),
            Value::Integer(integer) => (*integer).into(),
            Value::Flag(flag) => (*flag).into(),
            Value::List(items) => items.iter().map(show).collect(),
            Value::Table(entries) => entries.iter().map(|(key, node)| (key.clone(), show(node))).collect(),
        }
    }

    #[test]
    fn values_know_their_lines() {
        let tree = read("heavy = 25\n[rules]\nSLIM003 = \"off\"\n[[ignore]]\nuntil = 2027-06-30\n");
        assert_eq!(tree.at(&["rules", "SLIM003"]).unwrap().place.to_string(), "plum.toml:3");
        let until = tree.get("ignore").unwrap().items()[0].get("until").unwrap();
        assert_eq!((&until.value, until.place.line), (&Value::Other("2027-06-30".to_owned()), 5));
    }

    #[test]
    fn a_table_of_another_file_is_found_by_its_path() {
        let text = "[project]\nname = \"x\"\n[tool.depslim]\nheavy = \"5 MB\"\n";
        let node = read_toml(Path::new("pyproject.toml"), text, &["tool", "depslim"]).unwrap().unwrap();
        assert_eq!(node.get("heavy").unwrap().place.line, 4);
        assert_eq!(read_toml(Path::new("pyproject.toml"), text, &["tool", "other"]), Ok(None));
        let error = read_toml(Path::new("pyproject.toml"), "a = 1\n[b\n", &[]).unwrap_err();
        assert_eq!(error.0.to_string(), "pyproject.toml:2");
    }

    #[test]
    fn what_lies_below_fills_the_gaps() {
        let mut tree = read("heavy = 1\nexclude = [\"a\"]\n[rules]\nSLIM001 = \"off\"\n[[ignore]]\npath = \"a\"\n");
        tree.merge_under(read(
            "heavy = 2\nfail-on = \"warn\"\nexclude = [\"b\"]\n[rules]\nSLIM001 = \"warn\"\nSLIM002 = \"off\"\n[[ignore]]\npath = \"b\"\n",
        ));
        assert_eq!(
            show(&tree),
            serde_json::json!({
                "heavy": 1, "exclude": ["a"], "rules": {"SLIM001": "off", "SLIM002": "off"},
                "ignore": [{"path": "a"}, {"path": "b"}], "fail-on": "warn",
            })
        );
    }

    #[test]
    fn the_command_line_gives_one_key() {
        for (argument, expect) in [
            ("budget.prod-total=150 MB", serde_json::json!({"budget": {"prod-total": "150 MB"}})),
            ("budget.prod-total=\"150 MB\"", serde_json::json!({"budget": {"prod-total": "150 MB"}})),
            ("heavy = 25", serde_json::json!({"heavy": 25})),
            ("ecosystems=[\"go\"]", serde_json::json!({"ecosystems": ["go"]})),
            ("fail-on=warn", serde_json::json!({"fail-on": "warn"})),
            ("export.out-dir=", serde_json::json!({"export": {"out-dir": ""}})),
        ] {
            assert_eq!(show(&Node::from_argument(argument).unwrap()), expect, "{argument}");
        }
        for argument in ["=1", "a b=1", "[x]=1", ""] {
            assert!(Node::from_argument(argument).is_err(), "{argument}");
        }
    }
}
