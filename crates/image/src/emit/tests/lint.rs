//! The rules of hadolint that concern what is written, by their numbers; a second reading of the text, not of what it was made from.

use depslim_formats::dockerfile::{self, Form, Kind};
use depslim_formats::shell;
use std::collections::BTreeMap;

/// Fails on what breaks a rule.
pub(super) fn check(text: &str) {
    assert_eq!(broken(text), Vec::<&str>::new(), "{text}");
}

fn broken(text: &str) -> Vec<&'static str> {
    let file = dockerfile::read(text);
    let mut found = Vec::new();
    let mut rule = |name: &'static str, breaks: bool| {
        if breaks {
            found.push(name);
        }
    };
    for (number, stage) in file.stages.iter().enumerate() {
        let is_stage = stage.base.is_some();
        let tag = stage.image.rsplit('/').next().and_then(|last| last.split_once(':'));
        rule("DL3006", !is_stage && tag.is_none() && stage.image != "scratch");
        rule("DL3007", tag.is_some_and(|(_, t)| t == "latest"));
        rule("DL3029", stage.platform.is_some());
        rule("DL3024", file.stages[..number].iter().any(|s| s.name.is_some() && s.name == stage.name));
        let mut folder = false;
        let (mut commands, mut entries, mut checks) = (0, 0, 0);
        let mut user = None;
        for instruction in &stage.instructions {
            match &instruction.kind {
                Kind::Workdir(path) => {
                    rule("DL3000", !path.starts_with(['/', '$']));
                    folder = true;
                }
                Kind::User(name) => user = Some(name.clone()),
                Kind::Cmd(form) => {
                    commands += 1;
                    rule("DL3025", matches!(form, Form::Shell { .. }));
                }
                Kind::Entrypoint(form) => {
                    entries += 1;
                    rule("DL3025", matches!(form, Form::Shell { .. }));
                }
                Kind::Healthcheck(form) => {
                    checks += 1;
                    let text = match form {
                        Some(Form::Exec(words)) => words.join(" "),
                        Some(Form::Shell { text, .. }) => text.clone(),
                        None => String::new(),
                    };
                    rule("health check that is not there", ["curl", "wget"].iter().any(|p| text.starts_with(p)));
                }
                Kind::Copy(copy) => {
                    let shared = copy.sources.len() > 1;
                    rule("DL3021", shared && !copy.destination.ends_with('/'));
                    rule(
                        "DL3022",
                        copy.from.as_deref().is_some_and(|f| copy.stage.is_none() && !f.contains(['/', ':'])),
                    );
                    rule("DL3023", copy.stage == Some(number));
                    rule("DL3045", !folder && !copy.destination.starts_with(['/', '$', '"']));
                }
                Kind::Add(copy) => {
                    let archive = copy.sources.iter().any(|s| s.contains("://") || s.contains(".t"));
                    rule("DL3020", !archive);
                }
                Kind::Env(set) => {
                    let secret = |n: &str| n.ends_with("SECRET_KEY") || n.ends_with("PASSWORD") || n == "TOKEN";
                    rule("DL3064", set.iter().any(|v| secret(&v.name)));
                }
                Kind::Run { command: Form::Shell { text, .. }, mounts } => run(text, mounts, &mut rule),
                Kind::Other(keyword, words) => {
                    rule("DL4000", keyword == "MAINTAINER");
                    let port = |w: &String| w.split('/').next().and_then(|p| p.parse::<u32>().ok());
                    rule("DL3011", keyword == "EXPOSE" && words.iter().filter_map(port).any(|p| p > 65535));
                }
                _ => {}
            }
        }
        rule("DL4003", commands > 1);
        rule("DL4004", entries > 1);
        rule("DL3012", checks > 1);
        rule("DL3002", user.as_deref().is_some_and(|u| u.starts_with("root") || u == "0"));
        let last = number + 1 == file.stages.len();
        rule("DL3066", last && user.as_deref().is_some_and(|u| !u.starts_with(|c: char| c.is_ascii_digit())));
        rule("no user", last && user.is_none() && !text.contains("# stays root"));
    }
    found
}

fn run(text: &str, mounts: &[String], rule: &mut dyn FnMut(&'static str, bool)) {
    let script = shell::read_at(text, 1, &BTreeMap::new());
    let words: Vec<Vec<&str>> =
        script.commands.iter().map(|c| c.words.iter().map(String::as_str).collect::<Vec<_>>()).collect();
    let has = |command: &[&str], word: &str| command.contains(&word);
    for command in &words {
        let program = shell::base_name(command.first().copied().unwrap_or_default());
        let installs = has(command, "install");
        rule("DL3004", program == "sudo");
        rule("DL3027", program == "apt");
        rule("DL3014", program == "apt-get" && installs && !has(command, "-y"));
        rule("DL3015", program == "apt-get" && installs && !has(command, "--no-install-recommends"));
        let cleared = words.iter().any(|c| c.first() == Some(&"rm") && has(c, "/var/lib/apt/lists/*"));
        rule("DL3009", program == "apt-get" && installs && !cleared);
        rule(
            "DL3017, DL3018",
            program == "apk" && (has(command, "upgrade") || (has(command, "add") && !has(command, "--no-cache"))),
        );
        let cached = mounts.iter().any(|m| m.starts_with("type=cache"));
        rule("DL3042", program == "pip" && installs && !has(command, "--no-cache-dir") && !cached);
        rule("DL3013", program == "pip" && installs && !has(command, "-r") && !has(command, "--no-deps"));
        rule("DL3046", program == "useradd" && !has(command, "-l"));
        rule("chown that doubles bytes", program == "chown" && has(command, "-R"));
    }
}

#[test]
fn the_rules_see_what_breaks_them() {
    for (text, expect) in [
        ("FROM fig\nUSER 1\n", "DL3006"),
        ("FROM fig:latest\nUSER 1\n", "DL3007"),
        ("FROM fig:1\nWORKDIR x\nUSER 1\n", "DL3000"),
        ("FROM fig:1\nUSER me\n", "DL3066"),
        ("FROM fig:1\nUSER 0\n", "DL3002"),
        ("FROM fig:1\nCMD serve\nUSER 1\n", "DL3025"),
        ("FROM fig:1\nCOPY a b /c\nUSER 1\n", "DL3021"),
        ("FROM fig:1\nCOPY --from=gone a /c\nUSER 1\n", "DL3022"),
        ("FROM fig:1\nCOPY a c\nUSER 1\n", "DL3045"),
        ("FROM fig:1\nADD a /c\nUSER 1\n", "DL3020"),
        ("FROM fig:1\nENV DB_PASSWORD=x\nUSER 1\n", "DL3064"),
        ("FROM fig:1\nRUN apt-get install -y x && rm -rf /var/lib/apt/lists/*\nUSER 1\n", "DL3015"),
        ("FROM fig:1\nRUN apt-get install -y --no-install-recommends x\nUSER 1\n", "DL3009"),
        ("FROM fig:1\nRUN apk add x\nUSER 1\n", "DL3017, DL3018"),
        ("FROM fig:1\nRUN pip install -r x\nUSER 1\n", "DL3042"),
        ("FROM fig:1\nRUN useradd x\nUSER 1\n", "DL3046"),
        ("FROM fig:1\nRUN chown -R x /y\nUSER 1\n", "chown that doubles bytes"),
        ("FROM fig:1\nCMD [\"a\"]\nCMD [\"b\"]\nUSER 1\n", "DL4003"),
        ("FROM fig:1\n", "no user"),
    ] {
        assert_eq!(broken(text), [expect], "{text}");
    }
}
