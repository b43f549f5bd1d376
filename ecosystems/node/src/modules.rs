//! Modules: the files that a name stands for, and the names that the runtime supplies.
//!
//! Source: the resolution algorithms in the documentation of Node (`require`, ECMAScript modules) and TypeScript (`bundler`).

use depslim_formats::path::join;
use depslim_model::Target;

/// Endings that may be left out: the runtime's own come first, for where it runs the code, `x.ts` beside `x.js` is not looked at.
const ENDINGS: &[&str] =
    &[".js", ".json", ".node", ".ts", ".tsx", ".jsx", ".mjs", ".cjs", ".mts", ".cts", ".vue", ".svelte", ".astro"];

/// Parts of the runtime's modules. What else lies below one of its names (`punycode/`, `process/browser`) is a package's.
const PARTS: &[&str] = &[
    "assert/strict",
    "dns/promises",
    "fs/promises",
    "inspector/promises",
    "path/posix",
    "path/win32",
    "readline/promises",
    "stream/consumers",
    "stream/promises",
    "stream/web",
    "timers/promises",
    "util/types",
];

/// Modules of the runtime, without the prefix `node:`.
const BUILTIN: &[&str] = &[
    "_http_agent",
    "_http_client",
    "_http_common",
    "_http_incoming",
    "_http_outgoing",
    "_http_server",
    "_stream_duplex",
    "_stream_passthrough",
    "_stream_readable",
    "_stream_transform",
    "_stream_wrap",
    "_stream_writable",
    "_tls_common",
    "_tls_wrap",
    "assert",
    "async_hooks",
    "buffer",
    "child_process",
    "cluster",
    "console",
    "constants",
    "crypto",
    "dgram",
    "diagnostics_channel",
    "dns",
    "domain",
    "events",
    "fs",
    "http",
    "http2",
    "https",
    "inspector",
    "module",
    "net",
    "os",
    "path",
    "perf_hooks",
    "process",
    "punycode",
    "querystring",
    "readline",
    "repl",
    "stream",
    "string_decoder",
    "sys",
    "timers",
    "tls",
    "trace_events",
    "tty",
    "url",
    "util",
    "v8",
    "vm",
    "wasi",
    "worker_threads",
    "zlib",
];

/// The file that a name stands for: the name itself, with an ending, or a folder's start. One step: nothing else is executed.
pub(crate) fn locate(module: &str) -> Vec<Vec<String>> {
    let module = module.trim_end_matches('/');
    if module.is_empty() || module.contains('\0') {
        return Vec::new();
    }
    let mut files = vec![module.to_owned()];
    // TypeScript writes the name of the file that it will compile to.
    for (written, sources) in
        [(".js", &[".ts", ".tsx"][..]), (".jsx", &[".tsx"]), (".mjs", &[".mts"]), (".cjs", &[".cts"])]
    {
        if let Some(stem) = module.strip_suffix(written) {
            files.extend(sources.iter().map(|source| format!("{stem}{source}")));
        }
    }
    files.extend(ENDINGS.iter().map(|ending| format!("{module}{ending}")));
    files.push(format!("{module}/package.json"));
    files.extend(ENDINGS.iter().map(|ending| format!("{module}/index{ending}")));
    vec![files]
}

/// `./x` in `src/app.js` is `src/x`. `None` for a name that is absolute already, or that goes up too far.
pub(crate) fn absolute(file: &str, module: &str) -> Option<String> {
    let relative = module == "." || module == ".." || module.starts_with("./") || module.starts_with("../");
    if !relative {
        return None;
    }
    join(file.rsplit_once('/').map_or("", |(folder, _)| folder), module)
}

/// Whether the runtime supplies the module.
pub(crate) fn standard(module: &str, _target: &Target) -> bool {
    module.starts_with("node:") || BUILTIN.contains(&module) || PARTS.contains(&module)
}

/// Source maps and declarations lie beside the code that they were made with.
pub(crate) fn derived_from(path: &str) -> Option<String> {
    path.strip_suffix(".map").map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_file() {
        let steps = locate("src/app");
        assert_eq!(steps.len(), 1);
        let place = |file: &str| steps[0].iter().position(|f| f == file).unwrap();
        assert!(place("src/app") < place("src/app.ts"));
        assert!(place("src/app.js") < place("src/app.ts"));
        assert!(place("src/app.json") < place("src/app/package.json"));
        assert!(place("src/app/package.json") < place("src/app/index.js"));
        assert!(locate("src/app.js")[0].contains(&"src/app.ts".to_owned()));
        assert!(locate("").is_empty());
    }

    #[test]
    fn dots_lead_from_the_file() {
        for (file, module, expect) in [
            ("src/app.js", "./x", Some("src/x")),
            ("src/app.js", "..", Some("")),
            ("src/v1.2/app.js", "../x.js", Some("src/x.js")),
            ("src/app.js", ".", Some("src")),
            ("app.js", "../x", None),
            ("src/app.js", "x", None),
            ("src/app.js", ".hidden", None),
        ] {
            assert_eq!(absolute(file, module).as_deref(), expect, "{file} {module}");
        }
    }

    #[test]
    fn the_runtime_brings_its_own() {
        let target = Target::default();
        for module in ["fs", "fs/promises", "node:test", "node:sqlite"] {
            assert!(standard(module, &target), "{module}");
        }
        for module in ["test", "sqlite", "fsevents", "@types/node", "punycode/", "process/browser"] {
            assert!(!standard(module, &target), "{module}");
        }
    }
}
