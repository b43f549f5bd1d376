//! Container files as people write them, and as nobody should.

use super::*;
use proptest::prelude::*;

fn show(text: &str) -> String {
    let file = read(text);
    let mut out = Vec::new();
    for stage in &file.stages {
        let name = stage.name.as_deref().unwrap_or("-");
        let base = stage.base.map_or(String::new(), |base| format!(" on stage {base}"));
        let platform = stage.platform.as_deref().map_or(String::new(), |platform| format!(" for {platform}"));
        out.push(format!("{}: FROM {} as {name}{base}{platform}", stage.line, stage.image));
        for instruction in &stage.instructions {
            let on_build = if instruction.on_build { "on build " } else { "" };
            out.push(format!("  {}: {on_build}{}", instruction.line, show_kind(&instruction.kind)));
        }
    }
    out.extend(file.problems.iter().map(|problem| format!("problem {}: {}", problem.line, problem.message)));
    out.join("\n")
}

fn show_kind(kind: &Kind) -> String {
    let pairs = |variables: &[Variable]| {
        let pairs = variables.iter().map(|v| format!("{}:{}={}", v.line, v.name, v.value.as_deref().unwrap_or("?")));
        pairs.collect::<Vec<_>>().join(" ")
    };
    let copy = |copy: &Copy| {
        let stage = copy.stage.map_or(String::new(), |stage| format!(" (stage {stage})"));
        let from = copy.from.as_deref().map_or(String::new(), |from| format!(" from {from}{stage}"));
        format!("{:?} to {}{from} {:?}", copy.sources, copy.destination, copy.documents)
    };
    match kind {
        Kind::Run { command, mounts } => format!("RUN {} {mounts:?}", show_form(command)),
        Kind::Cmd(form) => format!("CMD {}", show_form(form)),
        Kind::Entrypoint(form) => format!("ENTRYPOINT {}", show_form(form)),
        Kind::Healthcheck(form) => format!("HEALTHCHECK {}", form.as_ref().map_or("NONE".to_owned(), show_form)),
        Kind::Copy(it) => format!("COPY {}", copy(it)),
        Kind::Add(it) => format!("ADD {}", copy(it)),
        Kind::Env(variables) => format!("ENV {}", pairs(variables)),
        Kind::Arg(variables) => format!("ARG {}", pairs(variables)),
        Kind::Workdir(path) => format!("WORKDIR {path}"),
        Kind::User(user) => format!("USER {user}"),
        Kind::Shell(words) => format!("SHELL {words:?}"),
        Kind::Other(keyword, words) => format!("{keyword} {words:?}"),
    }
}

fn show_form(form: &Form) -> String {
    match form {
        Form::Exec(words) => format!("exec {words:?}"),
        Form::Shell { text, line } => format!("shell {line} {text:?}"),
    }
}

#[test]
fn stages_images_and_platforms() {
    insta::assert_snapshot!(show(r"
# syntax=docker/dockerfile:1
ARG PYTHON=3.12
ARG FLAVOR
ARG TAG=${PYTHON}-slim
FROM --platform=$BUILDPLATFORM python:${TAG} AS Base
FROM node:$FLAVOR as web
FROM base
ARG PYTHON
COPY --from=web /dist /srv
COPY --from=0 /a /b
COPY --from=busybox:1 /bin/x /bin/
"), @r#"
    6: FROM python:3.12-slim as Base for $BUILDPLATFORM
    7: FROM node:$FLAVOR as web
    8: FROM base as - on stage 0
      9: ARG 9:PYTHON=3.12
      10: COPY ["/dist"] to /srv from web (stage 1) []
      11: COPY ["/a"] to /b from 0 (stage 0) []
      12: COPY ["/bin/x"] to /bin/ from busybox:1 []
    "#);
}

#[test]
fn both_forms_of_commands() {
    insta::assert_snapshot!(show(r#"FROM scratch
RUN --mount=type=cache,target=/c --network=none install it
run ["a", "b c", "\u0041"]
CMD [ "serve", \
  # which one
  "--all" ]
ENTRYPOINT ['not', 'json']
CMD serve "a b" $X
HEALTHCHECK --interval=5s CMD probe http://localhost || exit 1
HEALTHCHECK NONE
HEALTHCHECK CMD ["probe"]
SHELL ["/bin/bash", "-c"]
ONBUILD RUN later
"#), @r#"
    1: FROM scratch as -
      2: RUN shell 2 "install it" ["type=cache,target=/c"]
      3: RUN exec ["a", "b c", "A"] []
      4: CMD exec ["serve", "--all"]
      7: ENTRYPOINT exec ["not", "json"]
      8: CMD shell 8 "serve \"a b\" $X"
      9: HEALTHCHECK shell 9 "probe http://localhost || exit 1"
      10: HEALTHCHECK NONE
      11: HEALTHCHECK exec ["probe"]
      12: SHELL ["/bin/bash", "-c"]
      13: on build RUN shell 13 "later" []
    "#);
}

#[test]
fn continued_lines_keep_their_numbers() {
    let text = "FROM a\nRUN one && \\\n    # why two\n    two \\\n\n    --flag && \\\n  three\nRUN \\\n  four\n";
    insta::assert_snapshot!(show(text), @r#"
    1: FROM a as -
      2: RUN shell 2 "one && \\\n\\\n    two \\\n\\\n    --flag && \\\n  three" []
      8: RUN shell 9 "four" []
    "#);
    let file = read(text);
    let Kind::Run { command: Form::Shell { text, line }, .. } = &file.stages[0].instructions[0].kind else {
        panic!("a RUN in shell form");
    };
    let commands = shell::read_at(text, *line, &BTreeMap::new()).commands;
    let seen: Vec<_> = commands.iter().map(|command| (command.line, command.words.join(" "))).collect();
    assert_eq!(seen, [(2, "one".to_owned()), (4, "two --flag".to_owned()), (7, "three".to_owned())]);
}

#[test]
fn here_documents() {
    insta::assert_snapshot!(show("FROM a\nRUN <<EOF\nset -e\ninstall it\nEOF\nRUN cat <<'A' > /x && go\nRUN body\nA\nCOPY <<A <<-\"B\" /srv/\nx\nA\n\ty\n\tB\nRUN <<EOF python\nx = 1\nEOF\nRUN open <<NEVER\nrest\n"), @r#"
    1: FROM a as -
      2: RUN shell 3 "set -e\ninstall it\n" []
      6: RUN shell 6 "cat <<'A' > /x && go\nRUN body\nA" []
      9: COPY [] to /srv/ [("x\n", 10), ("y\n", 12)]
      14: RUN shell 14 "<<EOF python\nx = 1\nEOF" []
      17: RUN shell 17 "open <<NEVER\nrest" []
    "#);
}

#[test]
fn variables_and_folders() {
    insta::assert_snapshot!(show("FROM a AS one\nENV A=1 \\\n  # note\n  B=\"two words\" C='$A'\nENV OLD way of it\nENV D=$A-${B} E=${NONE:-d}\nARG X Y=2\nWORKDIR /srv\nWORKDIR app/$Y\nUSER ${D}\nCOPY $Y \"a b\" ./\nFROM one\nENV F=$A\nWORKDIR rel\n"), @r#"
    1: FROM a as one
      2: ENV 2:A=1 4:B=two words 4:C=$A
      5: ENV 5:OLD=way of it
      6: ENV 6:D=1-two words 6:E=d
      7: ARG 7:X=? 7:Y=2
      8: WORKDIR /srv
      9: WORKDIR /srv/app/2
      10: USER 1-two words
      11: COPY ["2", "a b"] to ./ []
    12: FROM one as - on stage 0
      13: ENV 13:F=1
      14: WORKDIR rel
    "#);
}

#[test]
fn backtick_escape_and_crlf() {
    insta::assert_snapshot!(show("# escape=`\r\nFROM a\r\nRUN one `\r\n  c:\\two\r\nCOPY a `\r\n  c:/x\r\n"), @r#"
    2: FROM a as -
      3: RUN shell 3 "one \\\n  c:\\two" []
      5: COPY ["a"] to c:/x []
    "#);
}

#[test]
fn what_a_builder_refuses_is_said_and_passed_over() {
    insta::assert_snapshot!(show("RUN early\nFROM a\n{% if x %}\nRUN one\nFETCH it\nHEALTHCHECK sometimes\nSHELL sh\nFROM\nCMD two\n"), @r#"
    2: FROM a as -
      4: RUN shell 4 "one" []
      9: CMD shell 9 "two"
    problem 1: RUN stands before the first FROM
    problem 3: unknown instruction {%
    problem 5: unknown instruction FETCH
    problem 6: HEALTHCHECK wants CMD or NONE, not SOMETIMES
    problem 7: SHELL wants a JSON list
    problem 8: FROM without an image
    "#);
    assert_eq!(
        show("hello\nworld"),
        "problem 0: no FROM instruction: not a container file\nproblem 1: unknown instruction HELLO\nproblem 2: unknown instruction WORLD"
    );
}

#[test]
fn a_chain_follows_the_bases() {
    let file = read("FROM x AS a\nFROM y AS b\nFROM a AS c\nFROM c\n");
    assert_eq!(file.chain(3), [3, 2, 0]);
    assert_eq!(file.find("B"), Some(1));
    assert_eq!(file.find("2"), Some(2));
    assert_eq!(file.find("z"), None);
    assert_eq!(file.final_stage(), Some(3));
    assert_eq!(read("FROM a AS a\n").stages[0].base, None, "a stage cannot be built on itself");
}

#[test]
fn hostile_files_end() {
    let mut doubling = "FROM a\nENV A=xxxxxxxx\n".to_owned();
    doubling.push_str(&"ENV A=$A$A\n".repeat(5_000));
    let stages = "FROM a AS a\n".repeat(20_000);
    let long = format!("FROM a\nRUN {}", "x \\\n".repeat(50_000));
    let braces = format!("FROM a\nENV A={}", "${".repeat(20_000));
    for text in [doubling, stages, long, braces, format!("FROM a\nCMD {}", "[".repeat(50_000))] {
        let file = read(&text);
        assert!(!file.stages.is_empty() && file.stages.len() <= MAX_STAGES);
    }
}

proptest! {
    #[test]
    fn any_text_reads(
        text in "(FROM a\\n|RUN |COPY |ENV |ARG |CMD |ONBUILD |<<E|E\\n|--x=|[\\[\\]\"'\\\\#=$\\{\\} \\n\\r\\t]|[a-c]|ä|\\PC){0,60}"
    ) {
        let count = u32::try_from(text.matches('\n').count() + 1).expect("short");
        let file = read(&text);
        for problem in &file.problems {
            prop_assert!(problem.line <= count);
        }
        for (index, stage) in file.stages.iter().enumerate() {
            prop_assert!(stage.line >= 1 && stage.line <= count);
            prop_assert!(stage.base.is_none_or(|base| base < index));
            for instruction in &stage.instructions {
                prop_assert!(instruction.line >= stage.line && instruction.line <= count);
                if let Kind::Run { command: Form::Shell { text: command, line }, .. } = &instruction.kind {
                    prop_assert!(*line as usize + command.trim_end_matches('\n').matches('\n').count() <= count as usize);
                }
            }
        }
    }
}
