//! JSON values with their lines, for a configuration in `package.json`.

use super::tree::{Node, Place, Value};
use depslim_formats::json::{Dialect, Kind, Node as Json, parse};
use std::path::Path;
use std::sync::Arc;

/// Reads the table under a path of keys in a JSON text. `None` when there is no such table.
///
/// # Errors
/// The place and the first mistake of the text.
pub(crate) fn read_json(file: &Path, text: &str, path: &[&str]) -> Result<Option<Node>, (Place, String)> {
    let text = text.trim_start_matches('\u{feff}');
    let doc = parse(text, Dialect::Strict).map_err(|problem| (Place::new(file, problem.line), problem.message))?;
    let shared: Arc<Path> = file.into();
    Ok(doc.at(path).map(|value| node(&value, &shared)))
}

fn node(json: &Json<'_>, file: &Arc<Path>) -> Node {
    let value = match json.kind() {
        Kind::Object => Value::Table(json.entries().map(|(key, value)| (key.to_owned(), node(&value, file))).collect()),
        Kind::Array => Value::List(json.items().map(|item| node(&item, file)).collect()),
        Kind::String => Value::Text(json.text().unwrap_or_default().to_owned()),
        Kind::Boolean => Value::Flag(json.boolean().unwrap_or_default()),
        Kind::Number => {
            let number = json.number().unwrap_or_default();
            number.parse().map_or_else(|_| Value::Other(number.to_owned()), Value::Integer)
        }
        Kind::Null => Value::Other("null".to_owned()),
    };
    Node { value, place: Place { file: Some(file.clone()), line: json.line().max(1) } }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = r#"{
  "name": "x",
  "depslim": {
    "heavy": 5,
    "fail-on": "warn",
    "ignore": [
      {"package": "npm:@scope\/x", "until": "2027-06-30"}
    ]
  }
}"#;

    #[test]
    fn values_know_their_lines() {
        let tree = read_json(Path::new("package.json"), SAMPLE, &["depslim"]).unwrap().unwrap();
        let ignore = &tree.get("ignore").unwrap().items()[0];
        for (node, line, value) in [
            (tree.get("heavy").unwrap(), 4, Value::Integer(5)),
            (tree.get("fail-on").unwrap(), 5, Value::Text("warn".to_owned())),
            (ignore.get("package").unwrap(), 7, Value::Text("npm:@scope/x".to_owned())),
            (ignore.get("until").unwrap(), 7, Value::Text("2027-06-30".to_owned())),
        ] {
            assert_eq!((node.place.to_string(), &node.value), (format!("package.json:{line}"), &value));
        }
    }

    #[test]
    fn what_is_not_there_is_none_and_what_is_broken_has_a_line() {
        let read = |text: &str| read_json(Path::new("package.json"), text, &["depslim"]);
        assert_eq!(read("{\"name\": \"depslim\"}"), Ok(None));
        assert_eq!(read("[1]"), Ok(None));
        assert_eq!(read("{\n\"depslim\": {,}}").unwrap_err().0.line, 2);
        assert_eq!(read("{\"depslim\": 3}").unwrap().unwrap().value, Value::Integer(3));
    }
}
