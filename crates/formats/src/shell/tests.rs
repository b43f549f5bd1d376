//! Shell text as it stands in scripts and container files.

use super::*;
use proptest::prelude::*;

/// `line: word word` for each command, `[folder]` when a `cd` moved it, `NAME=value` for variables.
fn show(text: &str) -> String {
    let script = read(text);
    let commands = script.commands.iter().map(|command| {
        let folder = match &command.folder {
            Some(folder) if folder.is_empty() => String::new(),
            Some(folder) => format!(" [{folder}]"),
            None => " [?]".to_owned(),
        };
        let set: Vec<_> = command.assignments.iter().map(|(name, value)| format!("{name}={value} ")).collect();
        let words: Vec<_> =
            command.words.iter().map(|w| if w.contains(' ') { format!("<{w}>") } else { w.clone() }).collect();
        format!("{}: {}{}{folder}", command.line, set.concat(), words.join(" "))
    });
    let variables = script.variables.iter().map(|(name, value, line)| format!("{line}: set {name}={value}"));
    commands.chain(variables).collect::<Vec<_>>().join("\n")
}

#[track_caller]
fn check(text: &str, expect: &[&str]) {
    assert_eq!(show(text), expect.join("\n"), "{text}");
}

#[test]
fn operators_separate_commands() {
    check(
        "lemon a && melon b || olive c; peach d | plum e & quince",
        &["1: lemon a", "1: melon b", "1: olive c", "1: peach d", "1: plum e", "1: quince"],
    );
    check("one \\\n  two\nthree", &["1: one two", "3: three"]);
    check("one \\\r\n  two\r\nthree\r\n", &["1: one two", "3: three"]);
}

#[test]
fn quotes_and_escapes() {
    check(r#"say 'a b' "c $D \"e\"" f\ g '' $'h\ni' "#, &["1: say <a b> <c $D \"e\"> <f g>  h\ni"]);
    check("say it's fine\nnext", &["1: say it's fine", "2: next"]);
    check("say \"open\nnext", &["1: say \"open", "2: next"]);
    check("a # comment\nb#no comment", &["1: a", "2: b#no comment"]);
}

#[test]
fn redirections_are_dropped() {
    check("fig a >out 2>&1 <in b &>all 2>/dev/null >|x", &["1: fig a b"]);
    check("fig <<< word c", &["1: fig c"]);
    check("diff <(sort a) <(sort b)", &["1: sort a", "1: sort b", "1: diff"]);
}

#[test]
fn here_documents_are_not_commands_unless_a_shell_reads_them() {
    check("cat <<EOF >x && next\nnot a command\nEOF\nlast", &["1: cat", "1: next", "4: last"]);
    check("sudo bash -e <<-'END'\n\tinner one\n\tEND\nlast", &["1: sudo", "1: bash -e", "2: inner one", "4: last"]);
    check("cat <<A <<B\nx\nA\ny\nB\nz", &["1: cat", "6: z"]);
    check("cat >run.sh <<'E'\n#!/bin/sh\nserve it\nE\n", &["1: cat", "3: serve it"]);
    check("cat <<NEVER\na\nb", &["1: cat"]);
}

#[test]
fn compound_commands() {
    check(
        "if [ -f x ]; then\n  apple\nelif test y; then pear; else\n  plum\nfi\ncherry",
        &["2: apple", "3: test y", "3: pear", "4: plum", "6: cherry"],
    );
    check(
        "for f in *.x; do\n  tool \"$f\"\ndone\nwhile ! probe; do sleep 1; done >log",
        &["2: tool $f", "4: probe", "4: sleep 1"],
    );
    check(
        "case \"$1\" in\n  web|api) serve web ;;\n  (worker)\n    work it\n    ;;\n  *) exec \"$@\";;\nesac\nafter",
        &["2: serve web", "4: work it", "6: exec", "6: $@", "8: after"],
    );
    check("start() {\n  serve\n}\nfunction stop { halt; }\nstart", &["2: serve", "4: halt"]);
    check("[[ -n $A && $B == (x|y) ]] && go", &["1: go"]);
    check("(( a++ )); go", &["1: go"]);
    check("{ one; two; } > log", &["1: one", "1: two"]);
}

#[test]
fn substitutions_are_read_and_kept() {
    check(
        "X=$(lookup key) serve --port $(port `inner`)",
        &["1: lookup key", "1: inner", "1: port `inner`", "1: X=$(lookup key) serve --port <$(port `inner`)>"],
    );
    check("say \"at $(date -u '+%H') now\"", &["1: date -u +%H", "1: say <at $(date -u '+%H') now>"]);
    check("say $((1 + (2)))", &["1: say <$((1 + (2)))>"]);
    check("say ${A:-$(fallback)} ${{ secrets.X }}", &["1: fallback", "1: say ${A:-$(fallback)} <${{ secrets.X }}>"]);
    check("say ${open\nnext", &["1: say ${open", "2: next"]);
}

#[test]
fn variables_with_constant_values_are_used() {
    check("APP=\"serve --fast\"\nexec $APP now", &["2: exec", "2: serve --fast now", "1: set APP=serve --fast"]);
    check("${TOOL:-celery} worker", &["1: celery worker"]);
    check(
        "ARGS=(run\n  --all)\nARGS+=(x)\ntool \"${ARGS[@]}\"",
        &["4: tool run --all x", "1: set ARGS=run --all", "3: set ARGS=run --all x"],
    );
    check(
        "export URL=amqp://x; B=1 C=2",
        &["1: export URL=amqp://x", "1: set URL=amqp://x", "1: set B=1", "1: set C=2"],
    );
    check("X=`date`\n$X a", &["1: date", "2: $X a", "1: set X=`date`"]);
}

#[test]
fn options_on_a_line_of_their_own_belong_to_the_command_above() {
    check("serve app\n  --port 80\n  -v\nnext", &["1: serve app --port 80 -v", "4: next"]);
    check("case $1 in\n  -h|--help) help-me;;\nesac\nserve <<E\n--x\nE\n", &["2: help-me", "4: serve"]);
}

#[test]
fn variables_hold_variables() {
    check("A=\"serve --all\"\nB=\"$A -Q\"\n$B x", &["3: serve --all -Q x", "1: set A=serve --all", "2: set B=$A -Q"]);
    check(
        "A='$A $A'\n$A",
        &[
            "2: $A $A $A $A $A $A $A $A $A $A $A $A $A $A $A $A $A $A $A $A $A $A $A $A $A $A $A $A $A $A $A $A",
            "1: set A=$A $A",
        ],
    );
}

#[test]
fn folders_follow_cd() {
    check(
        "cd api && serve; cd ../web; build",
        &["1: cd api [api]", "1: serve [api]", "1: cd ../web [web]", "1: build [web]"],
    );
    check("(cd api && a); b", &["1: cd api [api]", "1: a [api]", "1: b"]);
    check(
        "cd \"$X\"; a; cd \"$(dirname \"$0\")\"; b; cd /srv; c",
        &[
            "1: cd $X [?]",
            "1: a [?]",
            "1: dirname $0 [?]",
            "1: cd <$(dirname \"$0\")> [.]",
            "1: b [.]",
            "1: cd /srv [/srv]",
            "1: c [/srv]",
        ],
    );
}

#[test]
fn wrappers_come_before_what_they_wrap() {
    for (text, expect) in [
        ("exec serve a", "exec|serve a"),
        ("sudo -u app -E X=1 serve", "sudo -u app -E X=1|serve"),
        ("env -i A=1 B=2 serve a", "env -i A=1 B=2|serve a"),
        ("/usr/bin/tini -g -- serve", "/usr/bin/tini -g --|serve"),
        ("tini serve", "tini|serve"),
        ("dumb-init -r 15:2 -- bash -lc 'exec serve \"a b\"'", "dumb-init -r 15:2 --|bash -lc|exec|serve <a b>"),
        ("gosu app:app serve x", "gosu app:app|serve x"),
        ("timeout -k 5 30 serve", "timeout -k 5 30|serve"),
        ("nice -n 5 nohup serve", "nice -n 5|nohup|serve"),
        ("./wait-for-it.sh db:5432 -t 60 -- serve x", "./wait-for-it.sh db:5432 -t 60 --|serve x"),
        ("wait-for-it db:5432", "wait-for-it db:5432"),
        ("sh -c 'one && two'", "sh -c|one|two"),
        ("bash -eo pipefail -c 'one'", "bash -eo pipefail -c|one"),
        ("sh -c 'exec \"$@\"' -- serve a", "sh -c|exec|$@|serve a"),
        ("bash run.sh arg", "bash run.sh arg"),
        ("xargs -n 1 tool x", "xargs -n 1|tool x"),
        ("watch -n 5 'one | two'", "watch -n 5|one|two"),
        ("uv run --no-dev --group web serve a", "uv run --no-dev --group web|serve a"),
        ("uv --directory api run -m tool x", "uv --directory api run|python -m tool x"),
        ("uv sync --frozen", "uv sync --frozen"),
        ("poetry run tool", "poetry run|tool"),
        ("pipenv run pdm run hatch run tool", "pipenv run|pdm run|hatch run|tool"),
        ("npx --yes tool@1 x", "npx --yes|tool@1 x"),
        ("docker-entrypoint.sh serve", "docker-entrypoint.sh|serve"),
        ("opentelemetry-instrument --service_name x serve a", "opentelemetry-instrument --service_name x|serve a"),
        ("ddtrace-run --debug serve", "ddtrace-run --debug|serve"),
        ("newrelic-admin run-program serve a", "newrelic-admin run-program|serve a"),
        ("newrelic-admin generate-config", "newrelic-admin generate-config"),
        (
            "docker compose -f dev.yml run --rm -e A=1 web tool x",
            "docker compose -f dev.yml run --rm -e A=1 web|tool x",
        ),
        ("docker compose up -d", "docker compose up -d"),
        ("su - app -c 'serve a'", "su - app -c|serve a"),
        ("runuser -u app -- serve", "runuser -u app --|serve"),
        ("command -v serve", "command -v serve"),
        ("trap 'halt now' EXIT", "trap|halt now"),
        ("eval \"serve a; b\"", "eval|serve a|b"),
        ("find . -name '*.x' -exec tool {} \\;", "find . -name *.x -exec|tool {}"),
        ("dockerize -wait tcp://db:1 -timeout 9s serve", "dockerize -wait tcp://db:1 -timeout 9s|serve"),
        ("time -p serve", "time -p|serve"),
        ("exec", "exec"),
    ] {
        let commands = read(text).commands;
        let seen: Vec<_> = commands
            .iter()
            .map(|c| c.words.iter().map(|w| if w.contains(' ') { format!("<{w}>") } else { w.clone() }))
            .map(|words| words.collect::<Vec<_>>().join(" "))
            .collect();
        assert_eq!(seen.join("|"), expect, "{text}");
    }
}

#[test]
fn exec_form_is_unwrapped_too() {
    let words = ["tini", "--", "sh", "-c", "a; b"].map(String::from);
    let seen: Vec<_> = exec(&words, 7, &BTreeMap::new()).into_iter().map(|c| (c.line, c.words.join(" "))).collect();
    assert_eq!(seen, [(7, "tini --".to_owned()), (7, "sh -c".to_owned()), (7, "a".to_owned()), (7, "b".to_owned())]);
}

#[test]
fn a_first_line_tells_a_shell_script() {
    for (text, expect) in [
        ("#!/bin/sh\n", true),
        ("#!/usr/bin/env bash", true),
        ("#! /usr/bin/env -S bash -e\n", true),
        ("#!/usr/bin/env python3\n", false),
        ("echo", false),
        ("", false),
    ] {
        assert_eq!(is_script(text), expect, "{text}");
    }
}

#[test]
fn words_split_without_operators() {
    assert_eq!(split(r#"a "b c" 'd e' f\ g "h\"i" '' && "#), ["a", "b c", "d e", "f g", "h\"i", "", "&&"]);
    assert_eq!(split("open 'quote x"), ["open", "quote x"]);
}

#[test]
fn hostile_nesting_ends() {
    for text in [
        "$(".repeat(10_000),
        "`sh -c \"".repeat(4_000),
        "sh -c '".repeat(4_000),
        "exec ".repeat(10_000),
        "((".repeat(10_000),
        "[[ ".repeat(10_000),
        "${".repeat(10_000),
        "${x$(".repeat(4_000),
        "cat <<A\n".repeat(4_000),
        "a=(".repeat(10_000),
        "\"$(".repeat(4_000),
        "<(".repeat(10_000),
        "(".repeat(20_000),
        "case x in ".repeat(4_000),
    ] {
        let script = read(&text);
        assert!(script.commands.len() <= text.len());
    }
    let mut nested = "x".to_owned();
    for _ in 0..12 {
        nested = format!("sh -c \"$(sh -c '{nested}')\"");
    }
    assert!(read(&nested).commands.len() < 1_000_000);
}

proptest! {
    #[test]
    fn any_text_gives_commands_with_lines(
        text in "(\\$\\(|\\$\\{|\\}|\\)|\\(|<<E\\n|E\\n|[`'\"\\\\;&|<>#=$ \\n\\t]|[a-c]|sh -c |exec |case |in |esac|cd |ä|\\PC){0,60}"
    ) {
        let count = u32::try_from(text.matches('\n').count() + 1).expect("short");
        let script = read(&text);
        for command in &script.commands {
            prop_assert!(command.line >= 1 && command.line <= count, "{command:?}");
            prop_assert!(!command.words.is_empty() && !command.words[0].is_empty());
        }
        for (_, _, line) in &script.variables {
            prop_assert!(*line >= 1 && *line <= count);
        }
        split(&text);
        is_script(&text);
    }
}
