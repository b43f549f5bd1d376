//! Folders that a program adds to `sys.path`, worked out from the file's own place as far as the expression is constant.

use super::observe::Observer;
use super::tree::{self, Call, Expr, Node};

/// Names that stand for other names are followed this far.
const MOST_NAMES: u32 = 8;

/// A folder as far as it is known.
#[derive(Debug, Clone)]
struct Folder {
    /// Relative to the analysed root when `anchored`, else behind something unknown.
    parts: Vec<String>,
    /// True when it was worked out from `__file__` or from the working folder.
    anchored: bool,
}

/// Notes `sys.path.insert(0, …)`, `sys.path.append(…)`, `sys.path.extend([…])` and `site.addsitedir(…)`.
pub(super) fn called<'a>(observer: &mut Observer<'a, '_>, call: Call<'a>) {
    let adds = match tree::node(call.callee) {
        Node::Attribute(path, "insert" | "append" | "extend") => {
            matches!(tree::node(path), Node::Attribute(_, "path") | Node::Name("path"))
        }
        Node::Attribute(_, function) | Node::Name(function) => function == "addsitedir",
        _ => false,
    };
    if !adds {
        return;
    }
    for name in observer.callee_names(call.callee) {
        let argument = match name.as_str() {
            "sys.path.insert" => call.positional.get(1),
            "sys.path.append" | "sys.path.extend" | "site.addsitedir" => call.positional.first(),
            _ => None,
        };
        if let Some(argument) = argument {
            add(observer, argument);
        }
    }
}

/// Notes `sys.path += […]`, `sys.path[:0] = […]` and `sys.path = […] + sys.path`.
pub(super) fn assigned<'a>(observer: &mut Observer<'a, '_>, target: &'a Expr, value: &'a Expr) {
    let target = match tree::node(target) {
        Node::Subscript(value, _) => value,
        _ => target,
    };
    if matches!(tree::node(target), Node::Attribute(_, "path"))
        && observer.callee_names(target).iter().any(|name| name == "sys.path")
    {
        add(observer, value);
    }
}

fn add<'a>(observer: &mut Observer<'a, '_>, value: &'a Expr) {
    match tree::node(value) {
        Node::Sequence(items) => {
            for item in items {
                add(observer, item);
            }
            return;
        }
        Node::Binary(left, Some('+'), right)
            if [left, right].iter().any(|side| matches!(tree::node(side), Node::Sequence(_))) =>
        {
            add(observer, left);
            add(observer, right);
            return;
        }
        // What was on the path before.
        Node::Attribute(_, "path") => return,
        _ => {}
    }
    let Some(folder) = folder(observer, value, 0) else { return };
    if !folder.anchored && folder.parts.is_empty() {
        return;
    }
    let root = if folder.parts.is_empty() { ".".to_owned() } else { folder.parts.join("/") };
    if !observer.module_roots.contains(&root) {
        observer.module_roots.push(root);
    }
}

fn folder<'a>(observer: &Observer<'a, '_>, expr: &'a Expr, names: u32) -> Option<Folder> {
    match tree::node(expr) {
        Node::String(text) => Some(written(observer, text)),
        Node::Template(_) => {
            // The constant end of `f"{BASE_DIR}/apps"`.
            let text = observer.text.get(tree::range(expr))?;
            let end = text.rsplit('}').next()?.trim_end_matches(['"', '\'']);
            let mut inner = None;
            tree::children(expr, &mut |child| inner = inner.take().or_else(|| folder(observer, child, names)));
            Some(join(inner.unwrap_or_else(unknown), end))
        }
        Node::Name("__file__") => {
            Some(Folder { parts: observer.path.split('/').map(str::to_owned).collect(), anchored: true })
        }
        Node::Name(name) => {
            let values = if names < MOST_NAMES { observer.bindings.assigned(name) } else { &[] };
            match values.first() {
                Some(value) => folder(observer, value, names + 1),
                // `BASE_DIR` from the settings, an argument, a variable of the environment.
                None => Some(unknown()),
            }
        }
        Node::Attribute(value, "parent") => Some(up(folder(observer, value, names)?, 1)),
        Node::Subscript(value, index) => match tree::node(value) {
            Node::Attribute(path, "parents") => {
                let levels: usize = observer.text.get(tree::range(index))?.parse().ok()?;
                Some(up(folder(observer, path, names)?, levels.checked_add(1)?))
            }
            _ => Some(unknown()),
        },
        Node::Binary(left, Some('/' | '+'), right) => {
            let left = folder(observer, left, names)?;
            match tree::node(right) {
                Node::String(text) => Some(join(left, text)),
                _ => None,
            }
        }
        Node::Call(call) => returned(observer, call, names),
        _ => Some(unknown()),
    }
}

fn returned<'a>(observer: &Observer<'a, '_>, call: Call<'a>, names: u32) -> Option<Folder> {
    let (receiver, function) = match tree::node(call.callee) {
        Node::Attribute(receiver, function) => (Some(receiver), function),
        Node::Name(function) => (None, function),
        _ => return Some(unknown()),
    };
    let first = call.positional.first();
    match (function, first) {
        ("getcwd" | "cwd", _) => Some(Folder { parts: Vec::new(), anchored: true }),
        ("dirname", Some(path)) => Some(up(folder(observer, path, names)?, 1)),
        ("abspath" | "realpath" | "normpath" | "expanduser" | "fspath" | "str" | "Path" | "PurePath", Some(path)) => {
            let mut all = folder(observer, path, names)?;
            for part in &call.positional[1..] {
                all = join(all, super::observe::constant(part)?);
            }
            Some(all)
        }
        ("join", Some(path)) => {
            let mut all = folder(observer, path, names)?;
            for part in &call.positional[1..] {
                all = match (super::observe::constant(part), tree::node(part)) {
                    (Some(text), _) => join(all, text),
                    (None, Node::Attribute(_, "pardir")) => up(all, 1),
                    _ => return None,
                };
            }
            Some(all)
        }
        ("joinpath", _) => {
            let mut all = folder(observer, receiver?, names)?;
            for part in call.positional {
                all = join(all, super::observe::constant(part)?);
            }
            Some(all)
        }
        ("resolve" | "absolute" | "as_posix" | "expanduser", None) => folder(observer, receiver?, names),
        _ => Some(unknown()),
    }
}

fn unknown() -> Folder {
    Folder { parts: Vec::new(), anchored: false }
}

/// A folder as a string. One that starts with a dot is looked up from the file's own folder, which is where such programs are
/// started; an absolute one is a place in the image, of which the last part is likely to be found in the project, too.
fn written(observer: &Observer<'_, '_>, text: &str) -> Folder {
    if text.starts_with('.') {
        let file = Folder { parts: observer.path.split('/').map(str::to_owned).collect(), anchored: true };
        return join(up(file, 1), text);
    }
    if let Some(rest) = text.strip_prefix('/') {
        let last = rest.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        return join(unknown(), last);
    }
    join(unknown(), text)
}

fn up(mut folder: Folder, levels: usize) -> Folder {
    let left = folder.parts.len().saturating_sub(levels);
    folder.parts.truncate(left);
    folder
}

fn join(mut folder: Folder, text: &str) -> Folder {
    for part in text.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => {
                folder.parts.pop();
            }
            part => folder.parts.push(part.to_owned()),
        }
    }
    folder
}
