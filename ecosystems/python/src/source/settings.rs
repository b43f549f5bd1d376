//! Settings: strings that are assigned to names, and defaults of environment variables.

use super::guard::Need;
use super::observe::{Observer, constant, root};
use super::strings;
use super::tree::{self, Call, Expr, Node};
use super::walk::Place;
use depslim_model::How;

/// Tables of data are not settings: no more strings than this are taken from one assignment.
const MOST_VALUES: usize = 1_000;

/// The name that an assignment's target goes by: a variable, an attribute (`app.conf.broker_url`), or a key
/// (`app.config["CACHE_TYPE"]`, `os.environ["DJANGO_SETTINGS_MODULE"]`).
pub(super) fn target(expr: &Expr) -> Option<&str> {
    match tree::node(expr) {
        Node::Name(name) | Node::Attribute(_, name) => Some(name),
        Node::Subscript(_, key) => constant(key),
        _ => None,
    }
}

/// Notes what an assignment sets. Variables of functions and attributes of `self` are not settings; attributes and items of
/// anything else are, wherever they are set.
pub(super) fn assigned<'a>(observer: &mut Observer<'a, '_>, to: &'a Expr, value: &'a Expr, place: Place) {
    if place.function && (matches!(tree::node(to), Node::Name(_)) || matches!(root(to), Some("self" | "cls"))) {
        return;
    }
    if let Some(name) = target(to) {
        Setter { observer, need: place.need, left: MOST_VALUES }.set(&mut name.to_owned(), value);
    }
}

/// Notes what a call sets: defaults of environment variables, settings in keyword arguments, and additions to a list.
pub(super) fn called<'a>(observer: &mut Observer<'a, '_>, call: Call<'a>, need: Need) {
    let (Node::Name(function) | Node::Attribute(_, function)) = tree::node(call.callee) else { return };
    let mut setter = Setter { observer, need, left: MOST_VALUES };
    if let Some((variable, default)) = environment(function, call) {
        setter.set(&mut variable.to_owned(), default);
    }
    let receiver = match tree::node(call.callee) {
        Node::Attribute(receiver, _) => target(receiver),
        _ => None,
    };
    // `settings.configure(INSTALLED_APPS=[…])`, `app.conf.update(broker_url="…")`.
    let fills = matches!(function, "update" | "from_mapping" | "from_dict" | "configure")
        && receiver.is_some_and(|name| has_word(name, &["conf", "settings"]));
    for (keyword, value) in call.keywords() {
        if let Some(keyword) = keyword
            && (fills || strings::is_variable(keyword))
        {
            setter.set(&mut keyword.to_owned(), value);
        }
    }
    for value in call.positional.iter().filter(|_| fills) {
        if let Node::Dict(items) = tree::node(value) {
            for (key, value) in items.iter() {
                if let Some(key) = key.and_then(constant) {
                    setter.set(&mut key.to_owned(), value);
                }
            }
        }
    }
    // `INSTALLED_APPS.append("…")`, `MIDDLEWARE.insert(0, "…")`.
    if let Some(name) = receiver.filter(|name| strings::is_variable(name))
        && matches!(function, "append" | "insert" | "extend" | "add" | "update")
    {
        for value in call.positional {
            setter.set(&mut name.to_owned(), value);
        }
    }
}

/// The environment variable that a call reads, and the default: `os.environ.get("X", "…")`, `env("X", default="…")`,
/// `config("X", default="…")`.
pub(super) fn environment<'a>(function: &str, call: Call<'a>) -> Option<(&'a str, &'a Expr)> {
    let variable = call.positional.first().and_then(constant).filter(|text| strings::is_variable(text))?;
    if let Some(default) = call.keyword("default") {
        return Some((variable, default));
    }
    let receiver = match tree::node(call.callee) {
        Node::Attribute(receiver, _) => target(receiver).unwrap_or_default(),
        _ => "",
    };
    let reads = [function, receiver].iter().any(|name| has_word(name, &["env", "conf", "setting"]));
    call.positional.get(1).filter(|_| reads).map(|default| (variable, default))
}

fn has_word(name: &str, words: &[&str]) -> bool {
    let name = name.to_ascii_lowercase();
    words.iter().any(|word| name.contains(word))
}

/// True for `settings.NAME`: whatever it holds is observed where it is set.
pub(super) fn is_setting(expr: &Expr) -> bool {
    match tree::node(expr) {
        Node::Attribute(receiver, name) => {
            strings::is_variable(name)
                && target(receiver).is_some_and(|receiver| has_word(receiver, &["conf", "settings"]))
        }
        _ => false,
    }
}

struct Setter<'o, 'a, 's> {
    observer: &'o mut Observer<'a, 's>,
    need: Need,
    left: usize,
}

impl<'a> Setter<'_, 'a, '_> {
    /// Notes the strings in a value under a name; keys of dictionaries are added to the name with a dot.
    fn set(&mut self, name: &mut String, value: &'a Expr) {
        match tree::node(value) {
            Node::String(text) => self.put(name, value, text),
            Node::Sequence(items) | Node::Either(items) => {
                for item in items {
                    self.set(name, item);
                }
            }
            Node::Starred(inner) => self.set(name, inner),
            Node::Binary(left, Some('+' | '|'), right) => {
                self.set(name, left);
                self.set(name, right);
            }
            Node::Conditional(first, second) => {
                self.set(name, first);
                self.set(name, second);
            }
            Node::Dict(items) => {
                for (key, value) in items.iter() {
                    match key {
                        Some(key) => self.below(name, constant(key), value),
                        None => self.set(name, value),
                    }
                }
            }
            Node::Call(call) => self.returned(name, call),
            _ => {}
        }
    }

    /// What a call is likely to return: the contents of a collection, or the default of whatever is asked for.
    fn returned(&mut self, name: &mut String, call: Call<'a>) {
        let (Node::Name(function) | Node::Attribute(_, function)) = tree::node(call.callee) else { return };
        // `K = os.getenv("SECRET_KEY", "…")`
        if call.positional.first().and_then(constant).is_some_and(strings::is_secret) {
            return;
        }
        match function {
            "dict" | "OrderedDict" => {
                for (key, value) in call.keywords() {
                    self.below(name, key, value);
                }
            }
            "list" | "tuple" | "set" | "frozenset" | "Field" | "SecretStr" | "str" => {
                for value in call.positional {
                    self.set(name, value);
                }
            }
            _ => {}
        }
        if let Some(default) =
            call.keyword("default").or_else(|| environment(function, call).map(|(_, default)| default))
        {
            self.set(name, default);
        }
    }

    fn below(&mut self, name: &mut String, key: Option<&str>, value: &'a Expr) {
        let length = name.len();
        name.push('.');
        name.push_str(key.filter(|key| strings::is_setting_value(key)).unwrap_or("*"));
        self.set(name, value);
        name.truncate(length);
    }

    fn put(&mut self, name: &str, expr: &Expr, text: &str) {
        if self.left == 0 || !strings::is_setting_value(text) {
            return;
        }
        if let Some(told) = strings::told(name, text) {
            self.left -= 1;
            self.observer.sink.add_once(How::Setting, name, &told, self.need, tree::start(expr));
        }
    }
}
