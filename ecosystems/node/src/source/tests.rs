//! Cases: what small texts say.

use super::{READERS, read, skim};
use depslim_model::{Facts, How, Settings, Source, Strength};

fn facts(path: &str, text: &str) -> Facts {
    let reader = READERS
        .iter()
        .find(|reader| {
            let mut globs = globset::GlobSetBuilder::new();
            for glob in reader.globs {
                globs.add(globset::Glob::new(&format!("**/{glob}")).unwrap());
            }
            globs.build().unwrap().is_match(path)
        })
        .unwrap();
    (reader.read)(&Source { path, bytes: text.as_bytes(), settings: &Settings::default() })
}

/// Imports of a text as `name strength line`; dynamic ones with who loads, computed ones with a question mark.
fn imports(facts: &Facts) -> Vec<String> {
    let said = facts.uses.iter().filter_map(|used| {
        let strength = match used.strength {
            Strength::Hard => "hard",
            Strength::Lazy => "lazy",
            Strength::Optional => "optional",
            Strength::Types => "types",
        };
        match used.how {
            How::Import => Some(format!("{} {strength} {}", used.name, used.line)),
            How::Dynamic => Some(format!("{}({}) {strength} {}", used.value, used.name, used.line)),
            How::Computed => Some(format!("?{}({}) {strength} {}", used.name, used.value, used.line)),
            _ => None,
        }
    });
    said.collect()
}

fn check(path: &str, text: &str, expect: &[&str]) {
    assert_eq!(imports(&facts(path, text)), expect, "{}", &text[..text.len().min(300)]);
}

fn js(text: &str, expect: &[&str]) {
    check("src/plum.js", text, expect);
}

fn ts(text: &str, expect: &[&str]) {
    check("src/plum.ts", text, expect);
}

#[test]
fn statements_import() {
    js("import 'plum'", &["plum hard 1"]);
    js("import plum from 'plum'", &["plum hard 1"]);
    js(
        "import plum, { pear as p } from \"@orchard/plum/deep\"\nimport * as fig from 'fig'",
        &["@orchard/plum/deep hard 1", "fig hard 2"],
    );
    js(
        "import{a as b}from\"plum\";export*from'fig';export{c}from'pear'",
        &["plum hard 1", "fig hard 1", "pear hard 1"],
    );
    js("import {\n  a,\n  b,\n} from\n  'plum'", &["plum hard 1"]);
    js("import data from './data.json' with { type: 'json' }", &["./data.json hard 1"]);
    js(
        "export * as fig from 'fig'\nexport { a, b }\nexport default 'pear'\nexport const from = 'plum'",
        &["fig hard 1"],
    );
    js("import def, * as all from 'plum'", &["plum hard 1"]);
    js("import from from 'from'", &["from hard 1"]);
    js("import { 'odd name' as odd } from 'plum'", &["plum hard 1"]);
    js("import {} from 'plum'", &["plum hard 1"]);
}

#[test]
fn words_in_other_places_import_nothing() {
    js("// import 'a'\n/* require('b') */ const s = \"require('c')\", t = `import 'd'`", &[]);
    js("x.require('a'); x.import('b'); x?.require('c'); ({ import: 'd', require: 'e', from: 'f' })", &[]);
    js("const r = /require('a')/; const q = a / require / b", &[]);
    js("const s = 'it\\'s require(\"a\")'", &[]);
    js("const t = `${x}require('a')`", &[]);
}

#[test]
fn functions_and_conditions_are_late() {
    js("function f() { require('plum') }", &["plum lazy 1"]);
    js("const f = () => require('plum')\nrequire('fig')", &["plum lazy 1", "fig hard 2"]);
    js("const f = async x => { require('plum') }; require('fig')", &["plum lazy 1", "fig hard 1"]);
    js(
        "class A { m() { require('plum') } static { require('fig') } }\nrequire('pear')",
        &["plum lazy 1", "fig hard 1", "pear hard 2"],
    );
    js(
        "({ m() { require('plum') }, f: function () { require('fig') }, g: require('pear') })",
        &["plum lazy 1", "fig lazy 1", "pear hard 1"],
    );
    js("if (x) require('plum')\nrequire('fig')", &["plum lazy 1", "fig hard 2"]);
    js(
        "if (x) { require('plum') } else { require('fig') }\nrequire('pear')",
        &["plum lazy 1", "fig lazy 1", "pear hard 2"],
    );
    js(
        "if (process.env.NODE_ENV === 'production') { module.exports = require('./a') } else module.exports = require('./b')",
        &["./a hard 1", "./b hard 1"],
    );
    js("for (const x of y) { require('plum') }\nwhile (z) require('fig')", &["plum hard 1", "fig hard 2"]);
    ts("class A { m(): Promise<B> { require('plum') } n = require('fig') }", &["plum lazy 1", "fig hard 1"]);
    ts("function f(): { a: string } { return require('plum') }\nrequire('fig')", &["plum lazy 1", "fig hard 2"]);
    js("app.get('/', (req, res) => {\n  require('plum')\n})", &["plum lazy 2"]);
}

#[test]
fn functions_that_run_at_once_are_not() {
    js("(function () { require('plum') })()", &["plum hard 1"]);
    js("(() => { require('plum') })()", &["plum hard 1"]);
    js("(async () => { require('plum') })()", &["plum hard 1"]);
    js("!function (e) { require('plum') }(this)", &["plum hard 1"]);
    js(
        "(function (root, factory) { if (typeof exports === 'object') { factory(require('plum')) } }(this, function (p) { require('fig') }))",
        &["plum hard 1", "fig lazy 1"],
    );
    js("call(function () { require('plum') })", &["plum lazy 1"]);
}

#[test]
fn who_catches_goes_on_without() {
    js("try { require('plum') } catch (e) { fallback() }\nrequire('fig')", &["plum optional 1", "fig hard 2"]);
    js("try { require('plum') } catch { }", &["plum optional 1"]);
    js("try { require('plum') } catch (e) { throw new Error('install plum') }", &["plum hard 1"]);
    js("try { require('plum') } catch (e) { if (e.code !== 'MODULE_NOT_FOUND') throw e }", &["plum optional 1"]);
    js("try { require('plum') } catch (e) { if (e.code !== 'MODULE_NOT_FOUND') { throw e } }", &["plum optional 1"]);
    js("try { require('plum') } finally { done() }", &["plum hard 1"]);
    js("import('plum').catch(() => null)", &["import(plum) optional 1"]);
    js("try { a() } catch (e) { require('plum') }", &["plum lazy 1"]);
}

#[test]
fn calls_import() {
    js(
        "const a = await import('plum'); import(`fig`); require(`pear`)",
        &["import(plum) lazy 1", "import(fig) lazy 1", "pear hard 1"],
    );
    js(
        "require.resolve('plum'); import.meta.resolve('fig')",
        &["require.resolve(plum) lazy 1", "import.meta.resolve(fig) lazy 1"],
    );
    js(
        "require(name); require('./views/' + name); import(`./pages/${name}.js`)",
        &["?require() lazy 1", "?require(./views/) lazy 1", "?import(./pages/) lazy 1"],
    );
    js("const req = createRequire(import.meta.url)\nreq('plum')", &["plum hard 2"]);
    js("const req = module.createRequire(__filename)\nreq.resolve('plum')", &["require.resolve(plum) lazy 2"]);
    js(
        "new Worker(new URL('./w.js', import.meta.url)); new URL('img.png', import.meta.url); new URL('http://a.example.invalid', x)",
        &["new URL(./w.js) lazy 1", "new URL(./img.png) lazy 1"],
    );
    js("jest.mock('plum', () => 1); vi.importActual('fig'); jest.fn('x')", &["mock(plum) lazy 1", "mock(fig) lazy 1"]);
    js("import(/* webpackChunkName: \"x\" */ 'plum')", &["import(plum) lazy 1"]);
    js("require()", &[]);
}

#[test]
fn commands_that_code_runs_are_told() {
    let commands = |text: &str| -> Vec<String> {
        let import = "import { execSync, spawn } from 'node:child_process'";
        let uses = facts("scripts/serve.js", &format!("{import}\n{text}")).uses;
        uses.into_iter().filter(|used| used.how == How::Command).map(|used| used.name).collect()
    };
    for (text, expect) in [
        ("spawn('plum', ['ripe'])", &["plum", "ripe"][..]),
        ("spawn('npx', ['-y', 'plum', '--port', PORT], { stdio: 'inherit' })", &["npx", "plum"]),
        ("child.spawnSync('npx', ['plum'])", &["npx", "plum"]),
        ("execSync(\"plum -p .\")", &["plum"]),
        ("log('plum')", &[]),
        ("spawn('./plum.sh')", &[]),
    ] {
        assert_eq!(commands(text), expect, "{text}");
    }
}

#[test]
fn types_are_told() {
    ts(
        "import type { A } from 'plum'\nimport type B from 'fig'\nexport type { C } from 'pear'\nexport type * from 'kiwi'",
        &["plum types 1", "fig types 2", "pear types 3", "kiwi types 4"],
    );
    ts("import { type A, type B as C } from 'plum'\nimport { type D, e } from 'fig'", &["plum types 1", "fig hard 2"]);
    ts(
        "import type from 'plum'\nimport type, { a } from 'fig'\nimport { type } from 'pear'\nimport { type as x } from 'kiwi'",
        &["plum hard 1", "fig hard 2", "pear hard 3", "kiwi hard 4"],
    );
    ts(
        "import plum = require('plum')\nimport fig = A.B\nimport type pear = require('pear')",
        &["plum hard 1", "pear types 3"],
    );
    ts(
        "let a: import('plum').A; type B = typeof import('fig'); const c = (await import('pear')).default",
        &["import(plum) types 1", "import(fig) types 1", "import(pear) lazy 1"],
    );
    ts(
        "/// <reference types=\"plum/client\" />\n/** @type {import('fig').A} */",
        &["reference types(plum/client) types 1", "import(fig) types 2"],
    );
    check(
        "types/plum.d.ts",
        "import { A } from 'plum'\ndeclare module 'fig' { export const x: number }",
        &["plum types 1"],
    );
}

#[test]
fn regular_expressions_and_templates_hide_quotes() {
    js("const a = x.replace(/['\"`]/g, '/'); require('plum')", &["plum hard 1"]);
    js("if (x) /['\"]/.test(y); require('plum')", &["plum hard 1"]);
    js("const a = b / c / d, e = (f) / 2, g = h[1] / 3; require('plum')", &["plum hard 1"]);
    js("return /'/; require('plum')", &["plum hard 1"]);
    js("x++ / 2; '/'; require('plum')", &["plum hard 1"]);
    js("const a = `it's ${b ? `${c}` : \"`\"} it's`; require('plum')", &["plum hard 1"]);
    js("const a = `${{ a: '}' }.a}'`; require('plum')", &["plum hard 1"]);
    js("a = { b: /}/ }; function f() {} /'/.test(x); require('plum')", &["plum hard 1"]);
    js("x = a ? /[/'\"]/ : /\\//; require('plum')", &["plum hard 1"]);
    ts("const a = b! / 2 + '/'; require('plum')", &["plum hard 1"]);
    js("switch (x) { case 1: { y() } default: { z() } } /'/.test(x); require('plum')", &["plum hard 1"]);
}

#[test]
fn text_between_tags_is_text() {
    let tsx = |text: &str, expect: &[&str]| check("src/plum.tsx", text, expect);
    tsx(
        "const a = <p>it's <b>a</b> {x ? 'y' : <i/>} `</p>\nimport('plum')",
        &["import(plum) lazy 2", "JSX(react/jsx-runtime) hard 1"],
    );
    tsx(
        "const a = <A b='it' c=\"it's\" d={`x`} {...e} f>don't</A>; import('plum')",
        &["import(plum) lazy 1", "JSX(react/jsx-runtime) hard 1"],
    );
    tsx("const a = <>it's</>; import('plum')", &["import(plum) lazy 1", "JSX(react/jsx-runtime) hard 1"]);
    tsx("const f = <T,>(x: T) => x; const g = <T extends B>(x: T) => 'y'; import('plum')", &["import(plum) lazy 1"]);
    tsx("type F = <T>(x: T) => void; const s = 'a'; import('plum')", &["import(plum) lazy 1"]);
    tsx(
        "const f = <T extends object>(p: T) => { return <B c='d' {...p} /> }; import('plum')",
        &["import(plum) lazy 1", "JSX(react/jsx-runtime) hard 1"],
    );
    tsx(
        "const a = <A b={<i>it's</i>} c={() => { d('}') }}>don't {e} </A>; import('plum')",
        &["import(plum) lazy 1", "JSX(react/jsx-runtime) hard 1"],
    );
    tsx("const a = b < c && d > e; import('plum')", &["import(plum) lazy 1"]);
    tsx(
        "const a = <Select<Option> x='y'>it's</Select>; import('plum')",
        &["import(plum) lazy 1", "JSX(react/jsx-runtime) hard 1"],
    );
    ts("const a = <string>b; const c = 'it'; import('plum')", &["import(plum) lazy 1"]);
    js("/** @jsxImportSource preact */\nconst a = <p/>", &["JSX(preact/jsx-runtime) hard 1"]);
}

#[test]
fn names_and_calls_are_told() {
    let said = |text: &str| -> Vec<String> {
        let facts = facts("src/plum.ts", text);
        let said = facts.uses.iter().filter(|used| !matches!(used.how, How::Import | How::Dynamic));
        said.map(|used| format!("{:?} {} {}", used.how, used.name, used.value).trim_end().to_owned()).collect()
    };
    assert_eq!(said("import { a as b } from 'plum'\nb('x', 1)"), ["Name plum/a", "Call plum/a x"]);
    assert_eq!(said("import _ from 'lodash'\n_.merge(a)\n_(b)"), ["Name lodash/merge", "Name lodash/default"]);
    assert_eq!(said("const { a, b: c } = require('plum')"), ["Name plum/a", "Name plum/b"]);
    assert_eq!(said("const plum = require('plum')\nplum.open('x')"), ["Name plum/open", "Call plum/open x"]);
    assert_eq!(said("app.set('view engine', 'pug')"), ["Call .set pug"]);
    assert_eq!(
        said("import k from 'knex'\nk({ client: 'pg' })"),
        ["Name knex/default", "Call knex/default client=pg", "Setting client pg"]
    );
    assert_eq!(
        said("x = { transport: { target: 'pino-pretty' }, list: ['a', 'b'] }"),
        ["Text pino-pretty target", "Setting target pino-pretty", "Setting list a", "Setting list b"]
    );
    assert_eq!(said("const url = 'postgres://a/b'"), ["Url postgres url"]);
    assert_eq!(said("class A { driver = 'mysql2' }"), ["Setting driver mysql2"]);
}

#[test]
fn components_hold_code() {
    check(
        "src/Plum.vue",
        "<template lang=\"pug\">\n<p>it's</p>\n</template>\n<script setup lang=\"ts\">\nimport a from 'plum'\n</script>\n<style lang=\"scss\">\n@use \"fig\";\n</style>",
        &["plum hard 5", "@use(fig) types 8"],
    );
    check("src/Plum.svelte", "<script>\nimport a from 'plum'\n</script>\n{#if it's}<p/>{/if}\n", &["plum hard 2"]);
    check(
        "src/plum.astro",
        "---\nimport A from 'plum'\n---\n<p>it's</p>\n<script>import 'fig'</script>",
        &["plum hard 2", "fig hard 5"],
    );
    check("src/plum.mdx", "import A from 'plum'\n\n# It's <A/>\n\n```js\nimport x from 'fig'\n```\n", &["plum hard 1"]);
    check(
        "index.html",
        "<script src=\"/node_modules/plum/dist/plum.js\"></script>\n<script type=\"module\" src=\"/src/main.ts\"></script><script src=\"https://cdn.example.invalid/x.js\"></script>",
        &["src(plum/dist/plum.js) lazy 1", "src(./src/main.ts) lazy 2"],
    );
    check(
        "index.html",
        "<script type=\"text/template\">import 'plum'</script><SCRIPT>import 'fig'</SCRIPT>",
        &["fig hard 1"],
    );
}

#[test]
fn style_sheets_import() {
    check(
        "src/plum.css",
        "@import \"plum\";\n@import url('~fig/a.css');\n@plugin '@orchard/pear';\n@tailwind base;\na { background: url(~kiwi/b.png) } /* @import 'x' */\n@import 'https://a.example.invalid/b.css';",
        &[
            "@import(plum) types 1",
            "@import(fig/a.css) types 2",
            "@plugin(@orchard/pear) types 3",
            "@tailwind(tailwindcss) types 4",
            "@url(kiwi/b.png) types 5",
        ],
    );
    check(
        "src/plum.scss",
        "// @use 'x';\n@use 'plum/scss' as *;\n@import '~fig', \"./own\";\n@use 'sass:math';",
        &["@use(plum/scss) types 2", "@import(fig) types 3", "@import(./own) types 3"],
    );
    check("src/plum.sass", "@use 'plum'\n@import fig\na\n  b: c", &["@use(plum) types 1"]);
}

#[test]
fn scripts_without_an_ending_are_told_by_their_first_line() {
    check("bin/plum", "#!/usr/bin/env node\nrequire('plum')", &["plum hard 2"]);
    check("bin/plum", "#!/bin/sh\nrequire('plum')", &[]);
}

#[test]
fn skimming_tells_imports_alone() {
    let text = "var a=require('plum');function b(){return require(\"fig\")}try{require('pear')}catch(e){}a.b('c');export{d}from'kiwi'";
    let source = Source { path: "plum/index.js", bytes: text.as_bytes(), settings: &Settings::default() };
    assert_eq!(imports(&skim(&source)), ["plum hard 1", "fig lazy 1", "pear optional 1", "kiwi hard 1"]);
    assert!(skim(&source).uses.iter().all(|used| used.how == How::Import));
}

#[test]
fn broken_texts_are_read_as_far_as_possible() {
    js("const a = 'not closed\nrequire('plum')", &["plum hard 2"]);
    js("}}})))]] require('plum')", &["plum hard 1"]);
    js("import { a, b", &[]);
    js("require('plum'", &["?require(plum) lazy 1"]);
    js(&"(".repeat(200_000), &[]);
    js(&"<a>".repeat(50_000), &[]);
    js(&"x=<a>{".repeat(50_000), &[]);
    js(&"`${".repeat(50_000), &[]);
    js("\u{feff}import 'plum'", &["plum hard 1"]);
    let source = Source { path: "a.js", bytes: b"import 'plum'\n\xff\xfe'", settings: &Settings::default() };
    assert!(imports(&read(&source)).contains(&"plum hard 1".to_owned()));
}

/// Pieces of the languages in any order: nearly right, and often not.
fn soup() -> impl proptest::strategy::Strategy<Value = String> {
    use proptest::prelude::*;
    let piece = prop::sample::select(vec![
        "import ",
        "export ",
        "from ",
        "require",
        "(",
        ")",
        "{",
        "}",
        "[",
        "]",
        "'plum'",
        "\"fig\"",
        "'",
        "\"",
        "`",
        "${",
        "/",
        "//",
        "/*",
        "*/",
        "<",
        ">",
        "</a>",
        "<a ",
        "<a>",
        "/>",
        "=>",
        "= ",
        ",",
        ";",
        "\n",
        ":",
        "?",
        ".",
        "...",
        "?.",
        "try ",
        "catch ",
        "if ",
        "else ",
        "function ",
        "class ",
        "type ",
        "as ",
        "* ",
        "async ",
        "await ",
        "throw ",
        "case ",
        "return ",
        "new URL",
        "import.meta",
        "jest.mock",
        "createRequire",
        "---",
        "<script>",
        "</script>",
        "<style lang=scss>",
        "@import ",
        "url(~",
        "\\",
        "é",
        "\u{feff}",
        "\0",
        "++",
        "!",
        "#x",
        "@x ",
        "1.5e+3",
        "\r\n",
    ]);
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_to_its_end(text in soup()) {
        for path in ["a.js", "a.ts", "a.tsx", "a.vue", "a.svelte", "a.astro", "a.mdx", "a.html", "a.css", "a.scss", "a.sass", "bin/a"] {
            let facts = facts(path, &text);
            let lines = text.split('\n').count() as u32;
            for used in &facts.uses {
                proptest::prop_assert!((1..=lines).contains(&used.line), "{path}: line {} of {lines}", used.line);
            }
        }
        let source = Source { path: "plum/a.js", bytes: text.as_bytes(), settings: &Settings::default() };
        skim(&source);
    }

    #[test]
    fn any_bytes_are_read_to_their_end(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300)) {
        let source = Source { path: "plum/a.js", bytes: &bytes, settings: &Settings::default() };
        skim(&source);
        read(&source);
    }

    /// What a string, a comment, a template or text between tags holds is hidden, and what follows is seen.
    #[test]
    fn what_hides_ends_where_it_ends(inside in "[a-z /<>{}()'\"=:;,.!?-]{0,40}") {
        let quoted = inside.replace(['\'', '\\'], " ");
        for text in [
            format!("const a = '{quoted}'\nrequire('plum')"),
            format!("/* {} */ require('plum')", inside.replace("*/", "  ")),
            format!("// {inside}\nrequire('plum')"),
            format!("const a = `{inside}`; require('plum')"),
            format!("const a = <p>{}</p>; require('plum')", inside.replace(['<', '{', '>', '}'], " ")),
        ] {
            let found = imports(&facts("src/plum.js", &text));
            proptest::prop_assert!(found.iter().any(|import| import.starts_with("plum hard")), "{text}: {found:?}");
        }
    }
}
