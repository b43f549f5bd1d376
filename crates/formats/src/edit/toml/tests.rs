//! Edits of TOML: what goes, what stays, what comes.

use super::*;
use crate::edit::apply;
use crate::toml::parse;
use proptest::prelude::*;

fn edited(text: &str, edits: &[Edit]) -> String {
    let after = apply(text, edits).expect("edits that fit");
    parse(&after).unwrap_or_else(|problem| panic!("{}: {after:?}", problem.message));
    after
}

#[track_caller]
fn removed(text: &str, indices: &[usize], expect: &str) {
    let doc = parse(text).expect("valid");
    let list = doc.at(&["a"]).expect("a list");
    assert_eq!(edited(text, &remove_items(&list, indices)), expect, "{text:?} without {indices:?}");
}

#[track_caller]
fn added(text: &str, expect: &str) {
    let doc = parse(text).expect("valid");
    let list = doc.at(&["a"]).expect("a list");
    assert_eq!(edited(text, &add_item(&list, "\"new\"")), expect, "{text:?}");
}

#[test]
fn items_of_a_list_over_lines_go_with_their_line() {
    let text = "a = [\n    # first group\n    \"x\", # why\n    'y',\n\n    # last\n    \"z\"\n]\nb = 1\n";
    removed(text, &[0], "a = [\n    # first group\n    'y',\n\n    # last\n    \"z\"\n]\nb = 1\n");
    removed(text, &[1], "a = [\n    # first group\n    \"x\", # why\n\n    # last\n    \"z\"\n]\nb = 1\n");
    removed(text, &[2], "a = [\n    # first group\n    \"x\", # why\n    'y',\n\n    # last\n]\nb = 1\n");
    removed(text, &[0, 1, 2], "a = [\n    # first group\n\n    # last\n]\nb = 1\n");
    removed("a = [\r\n  \"x\",\r\n  \"y\",\r\n]\r\n", &[0], "a = [\r\n  \"y\",\r\n]\r\n");
    removed("a = [\n  { group = \"x\" },\n  \"y\",\n]\n", &[0], "a = [\n  \"y\",\n]\n");
}

#[test]
fn items_of_a_list_on_one_line_go_with_their_comma() {
    removed("a = [\"x\", \"y\", \"z\"]\n", &[0], "a = [\"y\", \"z\"]\n");
    removed("a = [\"x\", \"y\", \"z\"]\n", &[1], "a = [\"x\", \"z\"]\n");
    removed("a = [\"x\", \"y\", \"z\"]\n", &[2], "a = [\"x\", \"y\"]\n");
    removed("a = [\"x\", \"y\", \"z\"]\n", &[1, 2], "a = [\"x\"]\n");
    removed("a = [\"x\", \"y\", \"z\"]\n", &[0, 2], "a = [\"y\"]\n");
    removed("a = [ \"x\" ]", &[0], "a = [  ]");
    removed("a = [\"x\", \"y\",] # c\n", &[1], "a = [\"x\",] # c\n");
    removed("a = [\"x\",]\n", &[0, 7], "a = []\n");
}

#[test]
fn mixed_layouts_stay_valid() {
    removed("a = [\"x\", \"y\", # both\n     \"z\"]\n", &[1], "a = [\"x\",  # both\n     \"z\"]\n");
    removed("a = [\"x\", # one\n     \"y\"]\n", &[0], "a = [ # one\n     \"y\"]\n");
    removed("a = [\"x\"\n  , \"y\"\n  , \"z\"]\n", &[1], "a = [\"x\"\n  ,  \"z\"]\n");
    removed("a = [\"x\"\n  , \"y\"]\n", &[1], "a = [\"x\"\n  ]\n");
    removed("a = [\n  \"x\", \"y\",\n  \"z\", \"w\"\n]\n", &[2], "a = [\n  \"x\", \"y\",\n  \"w\"\n]\n");
}

#[test]
fn items_are_added_in_the_lists_own_layout() {
    added("a = []\n", "a = [\"new\"]\n");
    added("a = [\"x\"]\n", "a = [\"x\", \"new\"]\n");
    added("a = [\"x\",]\n", "a = [\"x\", \"new\",]\n");
    added("a = [\n]\n", "a = [\n    \"new\",\n]\n");
    added("a = [\n  \"x\", # c\n  # end\n]\n", "a = [\n  \"x\", # c\n  \"new\",\n  # end\n]\n");
    added("a = [\n\t\"x\" # c\n]\n", "a = [\n\t\"x\", # c\n\t\"new\"\n]\n");
    added("a = [\r\n  \"x\",\r\n]\r\n", "a = [\r\n  \"x\",\r\n  \"new\",\r\n]\r\n");
    added("a = [\n  \"x\"]\n", "a = [\n  \"x\",\n  \"new\"]\n");
    added("a = [\n  \"x\",]\n", "a = [\n  \"x\",\n  \"new\",]\n");
}

#[track_caller]
fn without(text: &str, path: &[&str], expect: &str) {
    let doc = parse(text).expect("valid");
    let entry = doc.at(path).expect("an entry");
    let edits = remove_key(&entry);
    assert_ne!(edits, [], "a removable key");
    assert_eq!(edited(text, &edits), expect, "{text:?}");
}

#[test]
fn keys_go_with_their_value_and_comment() {
    let text = "[t]\n# note\nx = \"1\" # why\ny = [\n  1,\n]\nz.w.v = { a = 1, b = 2 }\n";
    without(text, &["t", "x"], "[t]\n# note\ny = [\n  1,\n]\nz.w.v = { a = 1, b = 2 }\n");
    without(text, &["t", "y"], "[t]\n# note\nx = \"1\" # why\nz.w.v = { a = 1, b = 2 }\n");
    without(text, &["t", "z", "w", "v"], "[t]\n# note\nx = \"1\" # why\ny = [\n  1,\n]\n");
    without(text, &["t", "z", "w", "v", "a"], "[t]\n# note\nx = \"1\" # why\ny = [\n  1,\n]\nz.w.v = { b = 2 }\n");
    without(text, &["t", "z", "w", "v", "b"], "[t]\n# note\nx = \"1\" # why\ny = [\n  1,\n]\nz.w.v = { a = 1 }\n");
    without("x = 1", &["x"], "");
    without("t = {\n  a = 1, # c\n  b = 2\n}\n", &["t", "a"], "t = {\n  b = 2\n}\n");
    without("l = [{ a = 1, b = [2, 3] }]\nx = 1\n", &["x"], "l = [{ a = 1, b = [2, 3] }]\n");
    without("[t]\n\"quo.ted\" = 1\nz = 2\n", &["t", "quo.ted"], "[t]\nz = 2\n");
}

#[test]
fn tables_are_no_keys() {
    let doc = parse("[t]\nx = 1\n[t.u]\n[[l]]\n").expect("valid");
    assert_eq!(remove_key(&doc.at(&["t"]).expect("t")), []);
    assert_eq!(remove_key(&doc.at(&["l"]).expect("l")), []);
    assert_eq!(remove_key(&doc.root()), []);
}

#[test]
fn tables_go_with_their_keys() {
    let text = "[a]\nx = 1\n\n[b] # c\n# note\ny.z = 1\n\n[b.sub]\nw = 1\n";
    for (path, expect) in [
        (&["a"][..], "[b] # c\n# note\ny.z = 1\n\n[b.sub]\nw = 1\n"),
        (&["b"], "[a]\nx = 1\n\n[b.sub]\nw = 1\n"),
        (&["b", "sub"], "[a]\nx = 1\n\n[b] # c\n# note\ny.z = 1\n\n"),
    ] {
        let doc = parse(text).expect("valid");
        let edit = remove_table(&doc.at(path).expect("a table")).expect("removable");
        assert_eq!(edited(text, &[edit]), expect, "{path:?}");
    }
    let doc = parse("a = { b = 1 }\nc.d = 1\n").expect("valid");
    assert_eq!(remove_table(&doc.at(&["a"]).expect("a")), None);
    assert_eq!(remove_table(&doc.at(&["c"]).expect("c")), None);
}

#[test]
fn keys_are_added_to_their_table() {
    for (text, path, expect) in [
        ("", &["g"][..], "[g]\n\"k 1\" = [\"v\"]\n"),
        ("x = 1\n", &["g", "h.i"], "x = 1\n\n[g.\"h.i\"]\n\"k 1\" = [\"v\"]\n"),
        ("x = 1", &["g"], "x = 1\n\n[g]\n\"k 1\" = [\"v\"]\n"),
        ("[g]\nx = 1 # c\n\n[h]\n", &["g"], "[g]\nx = 1 # c\n\"k 1\" = [\"v\"]\n\n[h]\n"),
        ("[g]\n[g.sub]\ny = 1\n", &["g"], "[g]\n\"k 1\" = [\"v\"]\n[g.sub]\ny = 1\n"),
        ("[g]", &["g"], "[g]\n\"k 1\" = [\"v\"]\n"),
        ("[g]\r\nx.y = 1\r\n", &["g"], "[g]\r\nx.y = 1\r\n\"k 1\" = [\"v\"]\r\n"),
        ("g = { x = 1 }\n", &["g"], "g = { x = 1, \"k 1\" = [\"v\"] }\n"),
        ("g = {}\n", &["g"], "g = { \"k 1\" = [\"v\"] }\n"),
        ("[g.sub]\ny = 1\n", &["g"], "[g.sub]\ny = 1\n\n[g]\n\"k 1\" = [\"v\"]\n"),
    ] {
        let doc = parse(text).expect("valid");
        let edit = add_key(&doc, path, "k 1", "[\"v\"]").expect("addable");
        assert_eq!(edited(text, &[edit]), expect, "{text:?}");
    }
}

#[test]
fn strings_keep_their_quotes() {
    assert_eq!(replace_string("'x[a]>1'", "x>1"), "'x>1'");
    assert_eq!(replace_string("\"x[a]>1\"", "x>1"), "\"x>1\"");
    assert_eq!(quote("a ; python_version < '3'"), "\"a ; python_version < '3'\"");
    for text in ["plain", "it's", "two \"words\"", "back\\slash", "tab\t", "ä\u{1}"] {
        let line = format!("k = {}", replace_string("'old'", text));
        let doc = parse(&line).expect("valid");
        assert_eq!(doc.at(&["k"]).and_then(|node| node.text()), Some(text));
    }
}

/// A list of `count` items in a layout made from the pieces that people use.
fn layouts() -> impl Strategy<Value = (String, usize)> {
    let before = prop::sample::select(vec!["", " ", "\n  ", "\n\n    ", " # c\n  ", "\n  # own line\n  "]);
    let after = prop::sample::select(vec!["", " ", " # c\n", "\n"]);
    (prop::collection::vec((before, after.clone()), 0..6), after, any::<bool>()).prop_map(|(parts, end, comma)| {
        let count = parts.len();
        let mut text = "a = [".to_owned();
        for (index, (before, after)) in parts.into_iter().enumerate() {
            text.extend([before, &format!("\"i{index}\""), after]);
            if comma || index + 1 < count {
                text.push(',');
            }
        }
        (text + end + "] # end\nb = 1\n", count)
    })
}

proptest! {
    #[test]
    fn the_rest_of_a_list_survives((text, count) in layouts(), gone in prop::collection::vec(0..6_usize, 0..4)) {
        let doc = parse(&text).expect("valid");
        let list = doc.at(&["a"]).expect("a list");
        let after = edited(&text, &remove_items(&list, &gone));
        let doc = parse(&after).expect("valid");
        let left: Vec<_> = doc.at(&["a"]).expect("a").strings().map(|s| s.text.to_owned()).collect();
        let expect: Vec<_> = (0..count).filter(|index| !gone.contains(index)).map(|index| format!("i{index}")).collect();
        prop_assert_eq!(left, expect, "{:?} to {:?}", text, after);
        prop_assert!(after.contains("# end\nb = 1\n"));
        prop_assert_eq!(after.matches("own line").count(), text.matches("own line").count());
    }

    #[test]
    fn what_is_added_comes_last((text, count) in layouts()) {
        let doc = parse(&text).expect("valid");
        let after = edited(&text, &add_item(&doc.at(&["a"]).expect("a list"), "\"new\""));
        let doc = parse(&after).expect("valid");
        let left: Vec<_> = doc.at(&["a"]).expect("a").strings().map(|s| s.text.to_owned()).collect();
        let expect: Vec<_> = (0..count).map(|index| format!("i{index}")).chain(["new".to_owned()]).collect();
        prop_assert_eq!(left, expect, "{:?} to {:?}", text, after);
        prop_assert_eq!(after.matches('#').count(), text.matches('#').count());
    }
}
