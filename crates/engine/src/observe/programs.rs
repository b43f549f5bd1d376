//! Commands: which packages supply the programs that containers, processes, builds and CI run, and for whom they run them.

use super::{Input, Placed, Watch, group_of_stage, witness};
use crate::commands::{starts, surely_development};
use depslim_model::{Command, EvidenceKind, Group, How, Stage, Strength, Use};
use std::collections::BTreeSet;

impl Watch<'_> {
    pub(super) fn take_commands(&mut self) {
        let mut names = BTreeSet::new();
        for (path, file) in self.input.commands {
            names.insert(place_name(path));
            let scopes = &self.input.rules.scopes;
            let develops = |command: &&Command| command.words.iter().any(|word| scopes.starts_for_development(word));
            self.out.started |= starts(path, file).any(|command| !develops(&command));
            self.out.problems.extend(file.problems.iter().map(|p| (path.clone(), p.clone())));
            for (at, command) in file.commands.iter().enumerate() {
                let mut facts = (self.input.ecosystem.command)(command);
                if file.left_behind.iter().any(|(from, to)| (*from..*to).contains(&command.line)) {
                    facts.installs.clear();
                }
                self.surely_development = surely_development(file, at);
                self.take_facts(path, group_of_stage(command.stage), Some(command.stage), facts);
            }
            self.surely_development = false;
            let production = file.commands.is_empty()
                || file.commands.iter().any(|c| matches!(c.stage, Stage::Run | Stage::ImageBuild | Stage::Builder));
            let group = if production { Group::Prod } else { Group::Dev };
            for (name, value, line) in &file.variables {
                for used in uses_of_variable(name, value, *line) {
                    // One word in a variable is a word; a path to a class is more.
                    if used.how == How::Setting && !used.value.contains(self.input.ecosystem.separator) {
                        self.uses.push(used);
                        self.placed.push(Placed { file: path.as_str().into(), group, stage: None });
                    } else {
                        self.take_use(&path.as_str().into(), group, None, used);
                    }
                }
            }
        }
        for name in names {
            self.searched(name, true);
        }
    }

    pub(super) fn take_program(&mut self, file: &str, group: Group, stage: Option<Stage>, used: &Use) {
        let program = used.name.rsplit('/').next().unwrap_or(&used.name);
        let asked = stage;
        let stage = stage.unwrap_or(Stage::Dev);
        let kind = witness::kind_of_stage(file, stage);
        self.take_arguments(file, group, used, kind);
        for package in self.supplies_program(program) {
            let group = match asked {
                Some(_) => self.group_of_run(package, group, asked),
                None => self.group_of_start(package, group),
            };
            let text = format!("{program} {}", used.value).trim_end().chars().take(80).collect();
            self.witness(package, group, kind, file, used, text, None);
            if group == Group::Prod {
                self.start(package, Some(program));
            }
        }
    }

    /// Arguments that name a module which is really there: a worker class, a loader, an application.
    fn take_arguments(&mut self, file: &str, group: Group, used: &Use, kind: EvidenceKind) {
        let separator = self.input.ecosystem.separator;
        for word in used.value.split(|c: char| c.is_whitespace() || c == '=').filter(|w| w.contains(separator)) {
            let text = Use {
                how: How::Text,
                name: word.to_owned(),
                value: used.name.clone(),
                strength: Strength::Hard,
                line: used.line,
            };
            self.take_text(file, group, &text, kind);
        }
    }

    /// For whom a command runs a package.
    ///
    /// What a Makefile or a CI file runs is development only when it is a development tool or is not declared for production: these
    /// files start servers too. What builds an image, and what production is started through (`poetry run`), is needed there and not
    /// in what ships: it comes with the base or stays behind with the builder, unless a line of production asks for it.
    pub(super) fn group_of_run(&self, package: u32, group: Group, stage: Option<Stage>) -> Group {
        let Input { rules, graph, ecosystem, .. } = self.input;
        let name = &graph.node(package).canonical;
        let lines = self.lines[package as usize];
        let (tool, builds) = (rules.scopes.is_dev_tool(name), rules.scopes.is_build_tool(name));
        let building = matches!(stage, Some(Stage::ImageBuild | Stage::Builder));
        // Without a container nothing tells what a build tool's command is for.
        let told = !(tool || self.surely_development || ecosystem.strict && builds);
        match group {
            _ if building && (tool || builds) => Group::Build,
            Group::Dev if told && (lines.production || (ecosystem.strict && !lines.development)) => Group::Prod,
            Group::Prod if !lines.production && (building || tool || builds) => Group::Dev,
            group => group,
        }
    }

    /// For whom code starts a package: production's own code may offer to run a tool that is there for development only.
    pub(super) fn group_of_start(&self, package: u32, group: Group) -> Group {
        let Input { rules, graph, .. } = self.input;
        let name = &graph.node(package).canonical;
        let tool = rules.scopes.is_dev_tool(name) || rules.scopes.is_build_tool(name);
        if group == Group::Prod && tool && !self.lines[package as usize].production { Group::Dev } else { group }
    }

    pub(super) fn supplies_program(&self, program: &str) -> Vec<u32> {
        let graph = self.input.graph;
        let by_metadata: Vec<u32> = (0..graph.nodes.len() as u32)
            .filter(|p| graph.node(*p).provide.programs.iter().any(|own| own == program))
            .collect();
        if !by_metadata.is_empty() {
            return self.in_sight(by_metadata);
        }
        let by_table: Vec<u32> = self
            .input
            .rules
            .names
            .packages_of_program(program)
            .iter()
            .filter_map(|name| graph.find(&(self.input.ecosystem.canonical)(name)))
            .collect();
        if !by_table.is_empty() {
            return by_table;
        }
        graph.find(&(self.input.ecosystem.canonical)(program)).into_iter().collect()
    }

    /// Of packages that supply the same program, those that the project means: of several copies the one that it sees, and where
    /// each project has its own declarations, the declared ones.
    fn in_sight(&self, packages: Vec<u32>) -> Vec<u32> {
        let Input { graph, ecosystem, .. } = self.input;
        if !ecosystem.several_versions {
            return packages;
        }
        let seen: Vec<u32> =
            packages.into_iter().filter(|p| graph.find(&graph.node(*p).canonical) == Some(*p)).collect();
        let declared: Vec<u32> = seen.iter().copied().filter(|p| graph.declarations(*p).next().is_some()).collect();
        if declared.is_empty() { seen } else { declared }
    }
}

/// What a variable of a container or process file says: a setting, and the scheme of a URL. The value itself may hold a secret and
/// is only looked at.
fn uses_of_variable(name: &str, value: &str, line: u32) -> Vec<Use> {
    let mut uses = Vec::new();
    if let Some((scheme, _)) = value.split_once("://") {
        let scheme = scheme
            .rsplit(|c: char| !(c.is_ascii_alphanumeric() || c == '+' || c == '-' || c == '_'))
            .next()
            .unwrap_or_default();
        if !scheme.is_empty() {
            uses.push(Use {
                how: How::Url,
                name: scheme.to_ascii_lowercase(),
                value: name.to_owned(),
                strength: Strength::Lazy,
                line,
            });
        }
    } else if !value.is_empty() && value.len() < 200 {
        uses.push(Use {
            how: How::Setting,
            name: name.to_owned(),
            value: value.to_owned(),
            strength: Strength::Lazy,
            line,
        });
    }
    uses
}

/// The kind of place that a command file is, in words that people use.
fn place_name(path: &str) -> &'static str {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|w| name.contains(w));
    if path.contains(".github/")
        || path.contains(".circleci/")
        || has(&["gitlab-ci", "azure-pipelines", "travis", "jenkinsfile", "cloudbuild"])
    {
        "CI"
    } else if has(&["dockerfile", "containerfile"]) {
        "Dockerfile"
    } else if has(&["compose"]) {
        "compose"
    } else if has(&["procfile"]) {
        "Procfile"
    } else if has(&["makefile", "justfile", ".mk", "taskfile"]) {
        "Makefile"
    } else if name.ends_with(".sh") || !name.contains('.') {
        "shell scripts"
    } else if name.ends_with(".yaml") || name.ends_with(".yml") {
        "deployment files"
    } else if name.ends_with(".service") || name.ends_with(".conf") {
        "process files"
    } else {
        "task files"
    }
}
