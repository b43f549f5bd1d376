//! A Gradle build script, Groovy or Kotlin, read without running it: calls inside of `dependencies` blocks. What is computed there is
//! not known; what stands there as a constant is.

use super::words::{Kind, Token, tokens};
use std::collections::BTreeMap;

/// Blocks deeper than this are no build script's.
const DEEPEST: usize = 64;

/// A declaration as it stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Declaration {
    /// `implementation`.
    pub(crate) configuration: String,
    /// `group:artifact`, with a version and a classifier if they are written; or a catalog's name (`libs.a.b`).
    pub(crate) notation: String,
    pub(crate) platform: bool,
    /// It stands in a block about all projects (`allprojects`) or those below (`subprojects`).
    pub(crate) for_others: bool,
    pub(crate) line: u32,
    pub(crate) span: std::ops::Range<usize>,
}

/// What a build script says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Script {
    pub(crate) lines: Vec<Declaration>,
    /// Texts that names stand for (`ext.x = "1"`, `val x = "1"`).
    pub(crate) properties: BTreeMap<String, String>,
    /// Plug-ins by id, with their version if one is written.
    pub(crate) plugins: Vec<(String, Option<String>)>,
    pub(crate) java: Option<String>,
}

/// Reads a build script.
pub(crate) fn read(text: &str) -> Script {
    let tokens = tokens(text);
    let mut script = Script::default();
    let mut blocks: Vec<&str> = Vec::new();
    let mut name = "";
    let mut at = 0;
    while at < tokens.len() {
        let token = &tokens[at];
        match token.kind {
            Kind::Open if token.text == "{" => {
                if blocks.len() < DEEPEST {
                    blocks.push(name);
                }
                name = "";
            }
            Kind::Close if token.text == "}" => {
                blocks.pop();
            }
            Kind::Name => {
                name = token.text;
                let inner = blocks.last().copied().unwrap_or_default();
                let in_build = blocks.contains(&"buildscript") || blocks.contains(&"pluginManagement");
                if inner == "dependencies" && !in_build && !blocks.contains(&"constraints") {
                    at = declaration(&tokens, at, &blocks, &mut script);
                    continue;
                }
                if inner == "plugins" && matches!(token.text, "id" | "kotlin" | "alias") {
                    plugin(&tokens, at, &mut script);
                }
                assigned(&tokens, at, &mut script);
            }
            _ => {}
        }
        at += 1;
    }
    script
}

/// Reads `configuration notation`, and gives the place behind it.
fn declaration(tokens: &[Token<'_>], start: usize, blocks: &[&str], script: &mut Script) -> usize {
    let name = &tokens[start];
    let mut at = start + 1;
    let configuration = name.text.rsplit('.').next().unwrap_or_default();
    let for_others = blocks.iter().any(|block| matches!(*block, "allprojects" | "subprojects"));
    let mut depth = 0_usize;
    let mut platform = false;
    let mut keys: BTreeMap<&str, String> = BTreeMap::new();
    let mut notations: Vec<String> = Vec::new();
    let mut skip = false;
    while let Some(token) = tokens.get(at) {
        let last_of_line =
            depth == 0 && at > start + 1 && token.line > tokens[at - 1].line && tokens[at - 1].text != ",";
        if last_of_line && token.text != "{" {
            break;
        }
        match token.kind {
            Kind::Open if token.text == "{" => break,
            Kind::Open => depth += 1,
            Kind::Close if depth == 0 => break,
            Kind::Close => depth -= 1,
            Kind::Name => match token.text {
                "platform" | "enforcedPlatform" => platform = true,
                "project" | "files" | "fileTree" | "gradleApi" | "localGroovy" | "gradleTestKit" | "projects"
                | "npm" => skip = true,
                "kotlin" => {
                    if let Some(module) = tokens.get(at + 2).filter(|next| next.kind == Kind::Text) {
                        notations.push(format!("org.jetbrains.kotlin:kotlin-{}", module.text));
                        at += 2;
                    }
                }
                text if text.starts_with("libs.") || text.contains("Libs.") => notations.push(text.to_owned()),
                text if text.starts_with("projects.") => skip = true,
                key @ ("group" | "name" | "version" | "classifier") => {
                    let value = tokens[at + 1..].iter().take(2).find(|next| next.kind == Kind::Text);
                    if let Some(value) = value {
                        keys.insert(key, value.text.to_owned());
                    }
                }
                _ => {}
            },
            Kind::Text if token.text.contains(':') && !skip => notations.push(token.text.to_owned()),
            _ => {}
        }
        at += 1;
    }
    if let (Some(group), Some(artifact)) = (keys.get("group"), keys.get("name")) {
        let version = keys.get("version").map_or_else(String::new, |version| format!(":{version}"));
        notations.push(format!("{group}:{artifact}{version}"));
    }
    let end = tokens.get(at.saturating_sub(1)).map_or(name.end, |token| token.end);
    for notation in notations {
        script.lines.push(Declaration {
            configuration: configuration.to_owned(),
            notation,
            platform,
            for_others,
            line: name.line,
            span: name.start..end,
        });
    }
    at.max(start + 1)
}

/// `id 'x' version 'y'`, `kotlin("jvm") version "y"`.
fn plugin(tokens: &[Token<'_>], start: usize, script: &mut Script) {
    let same_line = |token: &&Token<'_>| token.line == tokens[start].line;
    let here: Vec<&Token<'_>> = tokens[start..].iter().take(12).take_while(same_line).collect();
    let mut texts = here.iter().filter(|token| token.kind == Kind::Text);
    let Some(id) = texts.next() else { return };
    let versioned = here.iter().any(|token| token.kind == Kind::Name && token.text == "version");
    let version = texts.next().filter(|_| versioned).map(|token| token.text.to_owned());
    let id = if here[0].text == "kotlin" { format!("org.jetbrains.kotlin.{}", id.text) } else { id.text.to_owned() };
    script.plugins.push((id, version));
}

/// `x = "1"`, `val x = "1"`, `ext.x = '1'`, `set('x', "1")`, `extra["x"] = "1"`; and the version of Java.
fn assigned(tokens: &[Token<'_>], at: usize, script: &mut Script) {
    let text = |ahead: usize| tokens.get(at + ahead).map_or("", |token| token.text);
    let is_text = |ahead: usize| tokens.get(at + ahead).is_some_and(|token| token.kind == Kind::Text);
    let name = tokens[at].text.rsplit('.').next().unwrap_or_default();
    if text(1) == "=" && is_text(2) {
        script.properties.insert(name.to_owned(), text(2).to_owned());
    } else if name == "set" && text(1) == "(" && is_text(2) && is_text(4) {
        script.properties.insert(text(2).to_owned(), text(4).to_owned());
    } else if matches!(name, "extra" | "ext") && text(1) == "[" && is_text(2) && is_text(5) {
        script.properties.insert(text(2).to_owned(), text(5).to_owned());
    }
    if matches!(name, "sourceCompatibility" | "targetCompatibility" | "jvmToolchain" | "languageVersion" | "release") {
        let next = tokens[at + 1..].iter().take(8).find_map(|token| {
            let digits =
                token.text.trim_start_matches("JavaVersion.VERSION_").trim_start_matches("1.").trim_start_matches("1_");
            digits.parse::<u32>().ok().filter(|version| (5..100).contains(version))
        });
        script.java = script.java.take().or_else(|| next.map(|version| version.to_string()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        read(text).lines.iter().map(|l| format!("{}: {} {}", l.line, l.configuration, l.notation)).collect()
    }

    #[test]
    fn declarations_of_both_languages() {
        for (text, expect) in [
            (
                "dependencies {\n  implementation 'feed:hay:1'\n  testImplementation \"feed:oats:$v\"\n}",
                vec!["2: implementation feed:hay:1", "3: testImplementation feed:oats:$v"],
            ),
            (
                "dependencies { implementation(\"feed:hay\")\n api(libs.feed.oats) }",
                vec!["1: implementation feed:hay", "2: api libs.feed.oats"],
            ),
            ("dependencies {\n compile group: 'feed', name: 'hay', version: '1'\n}", vec!["2: compile feed:hay:1"]),
            (
                "dependencies {\n implementation(kotlin(\"stdlib\"))\n}",
                vec!["2: implementation org.jetbrains.kotlin:kotlin-stdlib"],
            ),
            ("dependencies {\n implementation project(':loft')\n implementation files('x:y')\n}", vec![]),
            ("buildscript { dependencies { classpath 'feed:hay:1' } }", vec![]),
            (
                "dependencies {\n implementation('feed:hay:1') {\n exclude group: 'a', module: 'b'\n }\n runtimeOnly 'feed:oats'\n}",
                vec!["2: implementation feed:hay:1", "5: runtimeOnly feed:oats"],
            ),
            (
                "dependencies {\n implementation 'feed:hay',\n   'feed:oats'\n}",
                vec!["2: implementation feed:hay", "2: implementation feed:oats"],
            ),
            ("// dependencies { implementation 'feed:hay' }", vec![]),
        ] {
            assert_eq!(lines(text), expect, "{text}");
        }
    }

    #[test]
    fn properties_plugins_and_java() {
        let script = read(
            "plugins {\n id 'org.barn' version '3'\n kotlin(\"jvm\") version \"2\"\n}\next.hay = '1'\nval oats = \"2\"\njava { sourceCompatibility = JavaVersion.VERSION_17 }",
        );
        assert_eq!(
            script.plugins,
            [
                ("org.barn".to_owned(), Some("3".to_owned())),
                ("org.jetbrains.kotlin.jvm".to_owned(), Some("2".to_owned()))
            ]
        );
        assert_eq!((script.properties["hay"].as_str(), script.properties["oats"].as_str()), ("1", "2"));
        assert_eq!(script.java.as_deref(), Some("17"));
        assert!(read("subprojects { dependencies { api 'feed:hay:1' } }").lines[0].for_others);
        assert!(read("dependencies { api platform('feed:bill:1') }").lines[0].platform);
    }

    #[test]
    fn what_never_ends_ends() {
        for text in ["dependencies {", "dependencies { x(", "'", "\"", "/*", "dependencies { a 'b:c'", "plugins { id"] {
            read(text);
        }
        read(&"{".repeat(500_000));
        read(&"dependencies { ".repeat(10_000));
    }
}
