//! The JSON Schema of the configuration, from the keys.

use super::keys::{ECOSYSTEM_NAMES, KEYS, Key, Kind, SEVERITIES, project_keys, rule_words};
use serde_json::{Map, Value, json};

/// JSON Schema (draft 2020-12) of a configuration file.
pub(crate) fn schema() -> Value {
    let mut schema = table(KEYS.iter());
    let head = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "depslim",
        "description": "Configuration of depslim: depslim.toml, or [tool.depslim] in pyproject.toml",
    });
    if let (Some(schema), Value::Object(head)) = (schema.as_object_mut(), head) {
        schema.extend(head);
    }
    schema
}

fn table(keys: impl Iterator<Item = &'static Key>) -> Value {
    let properties: Map<String, Value> = keys
        .map(|key| {
            let mut value = kind(key.kind);
            value["description"] = key.about.into();
            (key.name.to_owned(), value)
        })
        .collect();
    json!({"type": "object", "properties": properties, "additionalProperties": false})
}

fn kind(kind: Kind) -> Value {
    let text = json!({"type": "string"});
    let one_or_list = |item: Value| json!({"oneOf": [item.clone(), {"type": "array", "items": item}]});
    match kind {
        Kind::Text => text,
        Kind::Texts => one_or_list(text),
        Kind::Choice(words) => json!({"enum": words}),
        Kind::Choices(words) => one_or_list(json!({"enum": words})),
        Kind::ChoiceOrFlag(words) => json!({"oneOf": [{"enum": words}, {"type": "boolean"}]}),
        Kind::Size => json!({"oneOf": [
            {"type": "string", "pattern": r"^\s*[0-9][0-9_.]*\s*([kKmMgG]([iI]?[bB])?|[bB])?\s*$", "examples": ["25 MB"]},
            {"type": "integer", "minimum": 0},
        ]}),
        Kind::Count => json!({"type": "integer", "minimum": 0}),
        Kind::Date => json!({"type": "string", "format": "date"}),
        Kind::Target => json!({"type": "string", "examples": ["linux-x86_64-glibc", "linux-aarch64-musl"]}),
        Kind::Package => json!({
            "type": "string",
            "examples": ECOSYSTEM_NAMES.first().map(|name| format!("{name}:gunicorn")),
        }),
        Kind::Rules => one_or_list(json!({"enum": rule_words().collect::<Vec<_>>()})),
        Kind::Severities => {
            let rules: Map<String, Value> =
                rule_words().map(|rule| (rule.to_owned(), json!({"enum": SEVERITIES}))).collect();
            json!({"type": "object", "properties": rules, "additionalProperties": false})
        }
        Kind::TextsByName => json!({"type": "object", "additionalProperties": one_or_list(text)}),
        Kind::Table(keys) => table(keys.iter()),
        Kind::Tables(keys) => json!({"type": "array", "items": table(keys.iter())}),
        Kind::Projects => {
            let mut project = table(project_keys());
            project["required"] = json!(["path"]);
            json!({"type": "array", "items": project})
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_knows_every_key_and_nothing_else() {
        let schema = schema();
        let keys: Vec<_> = KEYS.iter().map(|key| key.name).collect();
        let mut properties: Vec<_> = schema["properties"].as_object().unwrap().keys().map(String::as_str).collect();
        properties.sort_by_key(|name| keys.iter().position(|key| key == name));
        assert_eq!(properties, keys);
        assert_eq!(schema["additionalProperties"], false);
        let ignore = &schema["properties"]["ignore"]["items"]["properties"];
        assert_eq!(
            ignore["until"],
            json!({"type": "string", "format": "date", "description": "The last day on which the ignore counts"})
        );
        let project = &schema["properties"]["project"]["items"];
        assert_eq!((&project["required"], &project["properties"]["extends"]), (&json!(["path"]), &Value::Null));
    }
}
