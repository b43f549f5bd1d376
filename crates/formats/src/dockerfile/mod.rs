//! Container files: stages, images and instructions with their lines.
//!
//! Format: the Dockerfile reference of Docker's documentation, as `BuildKit` reads it: parser directives, continued lines with
//! comments inside them, here-documents, exec and shell form, `ARG` and `ENV` substitution. What a builder would refuse is a
//! problem of its line; the rest of the file counts.
//!
//! Own code, because `parse-dockerfile` (0.1.9) ends at the first instruction it does not know, takes the body of
//! `RUN cat <<EOF` for instructions, and has no lines for the variables of one `ENV`.

mod lines;
mod substitute;

use crate::shell;
use depslim_model::Problem;
use lines::Logical;
use std::collections::BTreeMap;
use substitute::substitute;

/// A container file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dockerfile {
    /// The build stages in order; the last one makes the image unless a build asks for another target.
    pub stages: Vec<Stage>,
    /// What a builder would refuse.
    pub problems: Vec<Problem>,
}

/// One build stage.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stage {
    /// The name behind `AS`.
    pub name: Option<String>,
    /// The image or stage behind `FROM`, `ARG` defaults filled in; what has no default stays as written.
    pub image: String,
    /// The same as written.
    pub written: String,
    /// `--platform`, as written.
    pub platform: Option<String>,
    /// Line of the `FROM`.
    pub line: u32,
    /// The earlier stage that it is built on.
    pub base: Option<usize>,
    /// What follows the `FROM`.
    pub instructions: Vec<Instruction>,
    /// Values of `ARG` and `ENV` at the end of the stage, those of its base included.
    pub variables: BTreeMap<String, String>,
}

/// One instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instruction {
    /// Line of the keyword.
    pub line: u32,
    /// True for what stands behind `ONBUILD`.
    pub on_build: bool,
    /// What it does.
    pub kind: Kind,
}

/// What an instruction does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// `RUN`, with the values of its `--mount` options.
    Run {
        /// What is run.
        command: Form,
        /// `type=cache,target=…`.
        mounts: Vec<String>,
    },
    /// `CMD`.
    Cmd(Form),
    /// `ENTRYPOINT`.
    Entrypoint(Form),
    /// `HEALTHCHECK`; nothing for `NONE`.
    Healthcheck(Option<Form>),
    /// `COPY`.
    Copy(Copy),
    /// `ADD`.
    Add(Copy),
    /// `ENV`.
    Env(Vec<Variable>),
    /// `ARG`.
    Arg(Vec<Variable>),
    /// `WORKDIR`, joined to the one before.
    Workdir(String),
    /// `USER`.
    User(String),
    /// `SHELL`.
    Shell(Vec<String>),
    /// `EXPOSE`, `LABEL`, `VOLUME` …: the keyword in capitals, and the words.
    Other(String, Vec<String>),
}

/// The two forms of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    /// A list of arguments that no shell touches.
    Exec(Vec<String>),
    /// A text for the shell, comments and foreign escapes of the container file taken out, every line break kept.
    Shell {
        /// The text.
        text: String,
        /// Line on which it starts.
        line: u32,
    },
}

/// `COPY` or `ADD`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Copy {
    /// What is copied, variables filled in; here-documents are not among them.
    pub sources: Vec<String>,
    /// Where to.
    pub destination: String,
    /// `--from`: a stage's name or number, or an image.
    pub from: Option<String>,
    /// The stage that `--from` means, when it is one.
    pub stage: Option<usize>,
    /// Files written in place: body and line of its first line.
    pub documents: Vec<(String, u32)>,
}

/// One variable of `ENV` or `ARG`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its value, variables filled in; `ARG` may have none.
    pub value: Option<String>,
    /// Line of the name.
    pub line: u32,
}

impl Dockerfile {
    /// Index of the stage that makes the image: the last one.
    pub fn final_stage(&self) -> Option<usize> {
        self.stages.len().checked_sub(1)
    }

    /// Index of a stage by name, in any letter case, or by number.
    pub fn find(&self, target: &str) -> Option<usize> {
        find_stage(&self.stages, target)
    }

    /// A stage and the stages that it is built on, itself first.
    pub fn chain(&self, stage: usize) -> Vec<usize> {
        let mut chain = Vec::new();
        let mut next = Some(stage);
        // A base always stands before the stage that uses it.
        while let Some(index) = next.filter(|index| chain.last().is_none_or(|last| index < last)) {
            chain.push(index);
            next = self.stages.get(index).and_then(|stage| stage.base);
        }
        chain
    }
}

/// More stages than any real file has.
const MAX_STAGES: usize = 256;
/// How far back an `ARG` looks for an `ENV` of the same name.
const MAX_LOOK_BACK: usize = 1000;
/// More variables than a stage passes on to another.
const MAX_INHERITED: usize = 1000;
/// Problems beyond these say nothing new: the file is a template, or no container file.
const MAX_PROBLEMS: usize = 20;

/// Reads a whole file.
pub fn read(text: &str) -> Dockerfile {
    let mut file = Dockerfile::default();
    let mut globals = BTreeMap::new();
    for line in lines::logical(text) {
        instruction(&mut file, &mut globals, &line);
        if file.stages.len() > MAX_STAGES {
            file.stages.pop();
            file.problems.push(Problem::at(line.number, "more than 256 stages; the rest is not read"));
            break;
        }
    }
    if file.stages.is_empty() {
        file.problems.insert(0, Problem::fatal(0, "no FROM instruction: not a container file"));
    }
    file.problems.truncate(MAX_PROBLEMS);
    file
}

fn instruction(file: &mut Dockerfile, globals: &mut BTreeMap<String, String>, line: &Logical) {
    let mut line = line.clone();
    let mut keyword = line.take_keyword();
    let on_build = keyword == "ONBUILD";
    if on_build {
        keyword = line.take_keyword();
    }
    match keyword.as_str() {
        "FROM" => return from(file, globals, &mut line),
        "ARG" if file.stages.is_empty() => {
            for variable in pairs(&line, false, &|name| globals.get(name).cloned()) {
                if let Some(value) = variable.value {
                    globals.insert(variable.name, value);
                }
            }
            return;
        }
        _ => {}
    }
    if !lines::is_keyword(&keyword) {
        file.problems.push(Problem::at(line.number, format!("unknown instruction {}", clip(&keyword))));
        return;
    }
    let bases: Vec<(usize, String)> =
        file.stages.iter().enumerate().filter_map(|(index, stage)| Some((index, stage.name.clone()?))).collect();
    let count = file.stages.len();
    let Some(stage) = file.stages.last_mut() else {
        file.problems.push(Problem::at(line.number, format!("{keyword} stands before the first FROM")));
        return;
    };
    let kind = kind(&keyword, &mut line, stage, globals, &|target| {
        let by_name = bases.iter().rev().find(|(_, name)| name.eq_ignore_ascii_case(target)).map(|(index, _)| *index);
        by_name.or_else(|| target.parse().ok().filter(|index| *index < count))
    });
    match kind {
        Ok(kind) => stage.instructions.push(Instruction { line: line.number, on_build, kind }),
        Err(message) => file.problems.push(Problem::at(line.number, message)),
    }
}

fn from(file: &mut Dockerfile, globals: &BTreeMap<String, String>, line: &mut Logical) {
    let flags = line.take_flags();
    let words: Vec<_> = line.words().into_iter().map(|(_, word)| unquote(&word)).collect();
    let Some(written) = words.first() else {
        file.problems.push(Problem::at(line.number, "FROM without an image"));
        return;
    };
    let image = substitute(written, &|name| globals.get(name).cloned());
    let base = find_stage(&file.stages, &image).filter(|_| image.parse::<usize>().is_err());
    let inherited = base.and_then(|base| file.stages.get(base)).map(|stage| &stage.variables);
    file.stages.push(Stage {
        name: words.get(1).filter(|word| word.eq_ignore_ascii_case("as")).and_then(|_| words.get(2).cloned()),
        image,
        written: written.clone(),
        platform: flags.into_iter().find(|(name, _)| name == "platform").map(|(_, value)| value),
        line: line.number,
        base,
        instructions: Vec::new(),
        variables: inherited.map(|all| all.clone().into_iter().take(MAX_INHERITED).collect()).unwrap_or_default(),
    });
}

fn kind(
    keyword: &str,
    line: &mut Logical,
    stage: &mut Stage,
    globals: &BTreeMap<String, String>,
    find: &dyn Fn(&str) -> Option<usize>,
) -> Result<Kind, String> {
    Ok(match keyword {
        "RUN" => {
            let flags = line.take_flags();
            let mounts = flags.into_iter().filter(|(name, _)| name == "mount").map(|(_, value)| value).collect();
            Kind::Run { command: run_form(line), mounts }
        }
        "CMD" => Kind::Cmd(form(line)),
        "ENTRYPOINT" => Kind::Entrypoint(form(line)),
        "HEALTHCHECK" => {
            line.take_flags();
            match line.take_keyword().as_str() {
                "NONE" => Kind::Healthcheck(None),
                "CMD" => Kind::Healthcheck(Some(form(line))),
                other => return Err(format!("HEALTHCHECK wants CMD or NONE, not {}", clip(other))),
            }
        }
        "COPY" => Kind::Copy(copy(line, &stage.variables, find)),
        "ADD" => Kind::Add(copy(line, &stage.variables, find)),
        "ENV" => {
            let variables = pairs(line, true, &|name| stage.variables.get(name).cloned());
            remember(stage, &variables);
            Kind::Env(variables)
        }
        "ARG" => {
            let mut variables = pairs(line, false, &|name| stage.variables.get(name).cloned());
            for variable in variables.iter_mut().filter(|variable| variable.value.is_none()) {
                variable.value = globals.get(&variable.name).cloned();
            }
            // An ENV of the same name wins over an ARG.
            let set: Vec<_> = env_names(stage);
            let new: Vec<_> = variables.iter().filter(|variable| !set.contains(&variable.name)).cloned().collect();
            remember(stage, &new);
            Kind::Arg(variables)
        }
        "WORKDIR" => {
            let written = substitute(&unquote(line.joined().trim()), &|name| stage.variables.get(name).cloned());
            let before = stage.instructions.iter().rev().find_map(|instruction| match &instruction.kind {
                Kind::Workdir(path) => Some(path.as_str()),
                _ => None,
            });
            Kind::Workdir(match before {
                Some(before) if !written.starts_with(['/', '$']) && before.len() < 4096 => {
                    format!("{}/{written}", before.trim_end_matches('/'))
                }
                _ => written,
            })
        }
        "USER" => Kind::User(substitute(line.joined().trim(), &|name| stage.variables.get(name).cloned())),
        "SHELL" => match form(line) {
            Form::Exec(words) => Kind::Shell(words),
            Form::Shell { .. } => return Err("SHELL wants a JSON list".to_owned()),
        },
        other => Kind::Other(other.to_owned(), line.words().into_iter().map(|(_, word)| unquote(&word)).collect()),
    })
}

fn remember(stage: &mut Stage, variables: &[Variable]) {
    for variable in variables {
        if let Some(value) = &variable.value {
            stage.variables.insert(variable.name.clone(), value.clone());
        }
    }
}

fn env_names(stage: &Stage) -> Vec<String> {
    let env = stage.instructions.iter().rev().take(MAX_LOOK_BACK).filter_map(|instruction| match &instruction.kind {
        Kind::Env(variables) => Some(variables),
        _ => None,
    });
    env.flatten().map(|variable| variable.name.clone()).collect()
}

/// `NAME=value NAME=value`, or for `ENV` the older `NAME value`.
fn pairs(line: &Logical, older: bool, lookup: &dyn Fn(&str) -> Option<String>) -> Vec<Variable> {
    let words = line.words();
    let Some((first_line, first)) = words.first() else { return Vec::new() };
    if older && !first.contains('=') && words.len() > 1 {
        let joined = line.joined();
        let value = joined.trim().strip_prefix(first.as_str()).unwrap_or("").trim();
        let value = Some(substitute(&unquote(value), lookup));
        return vec![Variable { name: first.clone(), value, line: *first_line }];
    }
    words
        .into_iter()
        .map(|(line, word)| match word.split_once('=') {
            Some((name, value)) => {
                let quoted = value.starts_with('\'');
                let value = unquote(value);
                let value = if quoted { value } else { substitute(&value, lookup) };
                Variable { name: unquote(name), value: Some(value), line }
            }
            None => Variable { name: word, value: None, line },
        })
        .collect()
}

fn copy(line: &mut Logical, variables: &BTreeMap<String, String>, find: &dyn Fn(&str) -> Option<usize>) -> Copy {
    let lookup = |name: &str| variables.get(name).cloned();
    let flags = line.take_flags();
    let from =
        flags.into_iter().find(|(name, _)| name == "from").map(|(_, value)| substitute(&unquote(&value), &lookup));
    let mut words = match form(line) {
        Form::Exec(words) => words,
        Form::Shell { .. } => line.words().into_iter().map(|(_, word)| word).collect(),
    };
    words.retain(|word| lines::here_document(word).is_none());
    let mut words: Vec<_> = words.iter().map(|word| substitute(&unquote(word), &lookup)).collect();
    let destination = words.pop().unwrap_or_default();
    let stage = from.as_deref().and_then(find);
    Copy { sources: words, destination, from, stage, documents: line.documents.clone() }
}

/// The form of a `RUN`: here-documents belong to the text, and one that stands alone is the text.
fn run_form(line: &Logical) -> Form {
    let command = line.joined();
    if lines::here_document(command.trim()).is_some()
        && let [(body, number)] = line.documents.as_slice()
    {
        return Form::Shell { text: body.clone(), line: *number };
    }
    match form(line) {
        Form::Shell { text, line: number } => Form::Shell { text: text + &line.tail, line: number },
        exec @ Form::Exec(_) => exec,
    }
}

fn form(line: &Logical) -> Form {
    let joined = line.joined();
    let text = joined.trim();
    if text.starts_with('[') && text.ends_with(']') {
        let words = serde_json::from_str(text).or_else(|_| {
            // Single quotes are no JSON and would not start; what was meant is clear all the same.
            serde_json::from_str(&text.replace('\'', "\""))
        });
        if let Ok(words) = words {
            return Form::Exec(words);
        }
    }
    Form::Shell { text: line.shell_text(), line: line.argument_line() }
}

fn find_stage(stages: &[Stage], target: &str) -> Option<usize> {
    let named = |stage: &Stage| stage.name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(target));
    stages.iter().rposition(named).or_else(|| target.parse().ok().filter(|index| *index < stages.len()))
}

fn unquote(word: &str) -> String {
    if word.contains(['\'', '"', '\\']) { shell::split(word).join(" ") } else { word.to_owned() }
}

fn clip(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests;
