//! From the name of a function or variable in a Go program to the package that it comes from.

/// The import path of the package that a symbol's name begins with; `None` when the name tells none.
pub(crate) fn package(name: &str) -> Option<String> {
    // What the compiler makes for a type belongs to the type's package.
    let name = name.strip_prefix("type:").or_else(|| name.strip_prefix("type.")).unwrap_or(name);
    let name = [".eq.", ".hash."].iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(name);
    let name = name.strip_prefix("go:itab.").or_else(|| name.strip_prefix("go.itab.")).unwrap_or(name);
    let mut name = name.trim_start_matches('*');
    while let Some(rest) = name.strip_prefix('[').and_then(|n| n.split_once(']')) {
        name = rest.1.trim_start_matches('*');
    }
    if ["go:", "struct {", "func(", "map[", "interface {", "chan ", ".."].iter().any(|start| name.starts_with(start)) {
        return None;
    }
    // Arguments of types name other packages.
    let head = name.split(['[', ',', '(', '{', ' ']).next().unwrap_or(name);
    let last = head.rfind('/').map_or(0, |at| at + 1);
    let end = head[last..].find('.').map(|at| last + at)?;
    let path = &head[..end];
    let known = !path.is_empty()
        && path.chars().all(|c| c.is_alphanumeric() || matches!(c, '/' | '.' | '-' | '_' | '~' | '%' | '+' | '!'));
    known.then(|| unescaped(path))
}

/// `yaml%2ev3` → `yaml.v3`.
fn unescaped(path: &str) -> String {
    let mut parts = path.split('%');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let byte = part.get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok()).filter(u8::is_ascii);
        if let Some(byte) = byte {
            text.push(char::from(byte));
            text.push_str(&part[2..]);
        } else {
            text.push('%');
            text.push_str(part);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_all_kinds() {
        for (name, expect) in [
            ("main.main", Some("main")),
            ("runtime.mallocgc", Some("runtime")),
            ("net/http.(*Client).Do", Some("net/http")),
            ("net/http.(*Client).Do.func1", Some("net/http")),
            ("hay.example/bale.New", Some("hay.example/bale")),
            ("hay.example/bale/v2.New", Some("hay.example/bale/v2")),
            ("gopkg.example/yaml%2ev3.Unmarshal", Some("gopkg.example/yaml.v3")),
            ("slices.SortFunc[go.shape.[]hay.example/bale.T,go.shape.int]", Some("slices")),
            ("sync/atomic.(*Pointer[hay.example/bale.T]).Load", Some("sync/atomic")),
            ("type:.eq.hay.example/bale.T", Some("hay.example/bale")),
            ("type:*hay.example/bale.T", Some("hay.example/bale")),
            ("type:[]*hay.example/bale.T", Some("hay.example/bale")),
            ("type:.eq.[4]hay.example/bale.T", Some("hay.example/bale")),
            ("type:.eq.struct { F uintptr }", None),
            ("go:itab.*hay.example/bale.T,io.Reader", Some("hay.example/bale")),
            ("go:string.*", None),
            ("type:func(hay.example/bale.T)", None),
            ("vendor/golang.example/x/net/idna.New", Some("vendor/golang.example/x/net/idna")),
            ("_cgo_init", None),
            ("", None),
            ("..stmp_1", None),
            ("%zz.x", Some("%zz")),
        ] {
            assert_eq!(package(name).as_deref(), expect, "{name}");
        }
    }
}
