//! Tells a story to the engine: one text to a folder of files, and what the engine makes of it.
//!
//! ```text
//! == toy.list                 a file of the project
//! paint >=2
//! == farm/main.toy
//! use paint
//! ++ paint 2.1                an installed package: lines of its metadata …
//! needs ink
//! bytes 500                   … a file of 500 bytes …
//! use ink                     … and of the source of its module, which is called like the package unless a line says otherwise
//! ++ barn/toybox/hay 1        the same in another environment
//! module -                    without modules
//! ```

use depslim_engine::{Analysis, Project, Request, run};
use depslim_model::report::Status;
use depslim_model::{Code, Confidence, Evidence, Finding, Package, Report, Settings, Target};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

/// A project on disk, and how the engine is asked about it.
pub(crate) struct Story {
    dir: Arc<tempfile::TempDir>,
    target: Target,
    heavy: u64,
    settings: Settings,
    keep: BTreeMap<String, String>,
    threads: usize,
}

/// What the engine says.
pub(crate) struct Seen {
    dir: Arc<tempfile::TempDir>,
    /// All of it.
    pub(crate) analysis: Analysis,
}

/// Writes the files of a story.
pub(crate) fn story(text: &str) -> Story {
    let story = Story {
        dir: Arc::new(tempfile::tempdir().unwrap()),
        target: Target::default(),
        heavy: 1_000_000,
        settings: Settings::default(),
        keep: BTreeMap::new(),
        threads: 2,
    };
    for (path, content) in files(text) {
        story.write(&path, content.as_bytes());
    }
    story
}

/// Tells a story as it is.
pub(crate) fn tell(text: &str) -> Seen {
    story(text).run()
}

impl Story {
    /// The folder.
    pub(crate) fn root(&self) -> &Path {
        self.dir.path()
    }

    /// Adds or replaces a file.
    pub(crate) fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.root().join(path);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, bytes).unwrap();
    }

    /// For another platform.
    pub(crate) fn on(mut self, target: &str) -> Self {
        self.target = Target::parse(target).unwrap();
        self
    }

    /// With another threshold of what is heavy.
    pub(crate) fn heavy(mut self, bytes: u64) -> Self {
        self.heavy = bytes;
        self
    }

    /// With a value in the ecosystem's table of the configuration.
    pub(crate) fn setting(mut self, key: &str, value: &str) -> Self {
        self.settings.0.insert(key.into(), vec![value.into()]);
        self
    }

    /// With a package that the configuration keeps.
    pub(crate) fn keeping(mut self, package: &str, reason: &str) -> Self {
        self.keep.insert(package.into(), reason.into());
        self
    }

    /// With so many threads.
    pub(crate) fn threads(mut self, threads: usize) -> Self {
        self.threads = threads;
        self
    }

    /// Runs every stage.
    pub(crate) fn run(&self) -> Seen {
        let request = Request {
            root: self.root(),
            ecosystems: &[&depslim_toy::ECOSYSTEM],
            exclude: &[],
            wants: &|_, _| true,
            target: &|_| self.target.clone(),
            heavy: self.heavy,
            settings: &|_, _| self.settings.clone(),
            keep: &|_, _, package| self.keep.get(package).cloned(),
            // As a comment sign and a word: what comments look like is not the engine's business.
            keep_lines: &|_, text| {
                let lines = (1..).zip(text.lines());
                lines.filter_map(|(line, text)| Some((line, text.split_once("# stays: ")?.1.to_owned()))).collect()
            },
            threads: self.threads,
            variable: &|_| None,
            install: &|_, _, _| None,
            progress: &|_| {},
            version: "0.0.0",
            memory: None,
            past: None,
        };
        Seen { dir: self.dir.clone(), analysis: run(&request).unwrap() }
    }
}

impl Seen {
    /// The only project.
    pub(crate) fn project(&self) -> &Project {
        let [project] = self.analysis.projects.as_slice() else { panic!("not one project: {:?}", self.folders()) };
        project
    }

    /// The project in a folder; `.` for the root.
    pub(crate) fn project_in(&self, folder: &str) -> Seat<'_> {
        let project = self.analysis.projects.iter().find(|p| p.report.path == folder);
        Seat(project.unwrap_or_else(|| panic!("no project in {folder}: {:?}", self.folders())))
    }

    /// Folders of all projects.
    pub(crate) fn folders(&self) -> Vec<&str> {
        self.analysis.projects.iter().map(|p| p.report.path.as_str()).collect()
    }

    /// The only project, with the questions that stories ask.
    pub(crate) fn seat(&self) -> Seat<'_> {
        Seat(self.project())
    }

    /// `ink unused, paint used`: every package's verdict, by name.
    pub(crate) fn verdicts(&self) -> String {
        self.seat().verdicts()
    }

    /// `SLIM001 ink, SLIM002 checker`: the findings that are shown unasked, sorted; the one that nothing was measured left out.
    pub(crate) fn findings(&self) -> String {
        self.seat().findings()
    }

    /// The findings of low confidence, in the same form.
    pub(crate) fn doubts(&self) -> String {
        self.seat().listed(|f| f.confidence == Confidence::Low)
    }

    /// Where a package is used: `kind file:line text (rule)`.
    pub(crate) fn why(&self, package: &str) -> Vec<String> {
        self.seat().why(package)
    }

    /// Names of what the plan keeps.
    pub(crate) fn kept(&self) -> Vec<&str> {
        self.seat().kept()
    }

    /// A file of the story after the fixes of one rule.
    pub(crate) fn fixed(&self, file: &str, code: Code) -> String {
        let mut edits: Vec<_> = self
            .project()
            .findings
            .iter()
            .filter(|f| f.code == code)
            .flat_map(|f| f.fix.iter())
            .flat_map(|f| &f.edits)
            .collect();
        edits.retain(|edit| edit.file == file);
        edits.sort_by_key(|edit| edit.start);
        assert!(edits.windows(2).all(|pair| pair[0].end <= pair[1].start), "edits overlap: {edits:?}");
        let mut text = fs_err::read_to_string(self.dir.path().join(file)).unwrap();
        for edit in edits.iter().rev() {
            text.replace_range(edit.start..edit.end, &edit.text);
        }
        text
    }

    /// What the engine says as data.
    pub(crate) fn data(&self) -> Report {
        let projects = &self.analysis.projects;
        Report {
            schema: depslim_model::report::SCHEMA.into(),
            tool: depslim_model::report::Tool::default(),
            target: String::new(),
            source: depslim_model::report::Origin::default(),
            summary: depslim_model::report::Summary::default(),
            projects: projects.iter().map(|p| p.report.clone()).collect(),
            findings: projects.iter().flat_map(|p| p.findings.clone()).collect(),
            ignored: Vec::new(),
            notes: projects.iter().flat_map(|p| p.notes.clone()).chain(self.analysis.notes.clone()).collect(),
            difference: None,
        }
    }
}

/// One project, and the questions that stories ask of it.
#[derive(Clone, Copy)]
pub(crate) struct Seat<'a>(pub(crate) &'a Project);

impl<'a> Seat<'a> {
    pub(crate) fn verdicts(self) -> String {
        let mut all: Vec<String> =
            self.0.report.packages.iter().map(|p| format!("{} {}", p.name, p.usage.status)).collect();
        all.sort();
        all.join(", ")
    }

    pub(crate) fn findings(self) -> String {
        self.listed(|f| f.confidence > Confidence::Low)
    }

    fn listed(self, wanted: fn(&Finding) -> bool) -> String {
        let about = |f: &Finding| match name_of(&f.package) {
            "" => f.code.to_string(),
            name => format!("{} {name}", f.code),
        };
        let all: BTreeSet<String> =
            self.0.findings.iter().filter(|f| f.code != Code::NotMeasured && wanted(f)).map(about).collect();
        all.into_iter().collect::<Vec<_>>().join(", ")
    }

    /// The only finding of a rule.
    pub(crate) fn finding(self, code: Code) -> &'a Finding {
        let mut found = self.0.findings.iter().filter(|f| f.code == code);
        match (found.next(), found.next()) {
            (Some(finding), None) => finding,
            (None, _) => panic!("no {code}: {}", self.findings()),
            _ => panic!("more than one {code}: {:?}", self.0.findings),
        }
    }

    pub(crate) fn package(self, name: &str) -> &'a Package {
        let found = self.0.report.packages.iter().find(|p| p.name == name);
        found.unwrap_or_else(|| panic!("no package {name}: {}", self.verdicts()))
    }

    pub(crate) fn status(self, package: &str) -> Status {
        self.package(package).usage.status
    }

    pub(crate) fn why(self, package: &str) -> Vec<String> {
        self.package(package).usage.evidence.iter().map(shown).collect()
    }

    pub(crate) fn kept(self) -> Vec<&'a str> {
        self.0.plan.keep.iter().map(|kept| kept.package.as_str()).collect()
    }

    /// Messages of all notes, with their places.
    pub(crate) fn notes(self) -> Vec<String> {
        self.0
            .notes
            .iter()
            .map(|n| {
                let place = n.file.clone().unwrap_or_default();
                let line = n.line.map_or_else(String::new, |line| format!(":{line}"));
                format!("{place}{line} {}{}", n.message, if n.fatal { " (fatal)" } else { "" })
            })
            .collect()
    }
}

/// `kind file:line text (rule)`.
pub(crate) fn shown(evidence: &Evidence) -> String {
    let mut text = evidence.kind.to_string();
    if let Some(file) = &evidence.file {
        let _ = write!(text, " {}{file}", if evidence.installed { "toybox/" } else { "" });
    }
    if let Some(line) = evidence.line {
        let _ = write!(text, ":{line}");
    }
    if !evidence.text.is_empty() {
        let _ = write!(text, " {}", evidence.text);
    }
    if let Some(rule) = &evidence.rule {
        let _ = write!(text, " ({rule})");
    }
    text
}

/// `paint` of `pkg:toy/paint@2.1`.
fn name_of(purl: &str) -> &str {
    let name = purl.strip_prefix("pkg:toy/").unwrap_or(purl);
    name.split_once('@').map_or(name, |(name, _)| name)
}

/// The files that a story's text stands for. Every line loses the indentation of the first.
fn files(text: &str) -> Vec<(String, String)> {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let indent = first.len() - first.trim_start().len();
    let mut parts: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in text.lines().map(|line| line.get(indent..).unwrap_or_default()) {
        if line.starts_with("== ") || line.starts_with("++ ") {
            parts.push((line, Vec::new()));
        } else if let Some((_, body)) = parts.last_mut() {
            body.push(line);
        } else {
            assert!(line.trim().is_empty(), "a story begins with `== path` or `++ package`, not with {line:?}");
        }
    }
    parts
        .into_iter()
        .flat_map(|(head, body)| match head.split_at(3) {
            ("== ", path) => vec![(path.trim().to_owned(), lines(&body))],
            (_, package) => installed(package, &body),
        })
        .collect()
}

fn lines(body: &[&str]) -> String {
    let end = body.iter().rposition(|line| !line.trim().is_empty()).map_or(0, |at| at + 1);
    body[..end].iter().fold(String::new(), |text, line| text + line + "\n")
}

/// Metadata and sources of an installed package.
fn installed(head: &str, body: &[&str]) -> Vec<(String, String)> {
    let (place, version) = head.trim().split_once(' ').unwrap_or((head.trim(), "1"));
    let (toybox, name) = place.rsplit_once('/').unwrap_or(("toybox", place));
    let (mut meta, mut source, mut modules, mut files) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for line in body {
        match line.split_whitespace().collect::<Vec<_>>().as_slice() {
            ["module", module] => modules.push((*module).to_owned()),
            ["bytes", count] => {
                meta.push(format!("file ../{name}.bin"));
                files.push((format!("{toybox}/{name}.bin"), "x".repeat(count.parse().unwrap())));
            }
            ["file", path] => meta.push(format!("file ../{path}")),
            ["needs" | "extra" | "program" | "plugin" | "license" | "own", ..] => meta.push((*line).to_owned()),
            _ => source.push(*line),
        }
    }
    if modules.is_empty() {
        modules.push(name.replace('-', "_"));
    }
    modules.retain(|module| module != "-");
    for (at, module) in modules.iter().enumerate() {
        let folder = module.replace('.', "/");
        meta.extend([format!("module {module}"), format!("file ../{folder}/")]);
        files.push((format!("{toybox}/{folder}/start.toy"), if at == 0 { lines(&source) } else { String::new() }));
    }
    let meta = meta.iter().fold(format!("package {name} {version}\n"), |text, line| text + line + "\n");
    files.push((format!("{toybox}/meta/{name}.meta"), meta));
    files
}
