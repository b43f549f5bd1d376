//! Findings on container files: SLIM050, SLIM051 (what a build leaves behind), SLIM055, SLIM056.

use super::files::ContainerFile;
use depslim_engine::Project;
use depslim_formats::shell::base_name;
use depslim_image::context::Context;
use depslim_image::{Choice, Ignores, Kept, Needs, Tag, catalogue, context, leftovers};
use depslim_model::report::{Evidence, EvidenceKind, Location};
use depslim_model::{Code, Confidence, Finding, Stage, human};
use std::collections::BTreeSet;
use std::path::Path;

/// Less than this of a build context is not worth a word.
const CONTEXT: u64 = 1_000_000;

pub(super) fn finding(project: &Project, code: Code, key: &str, place: (&str, u32), message: String) -> Finding {
    Finding {
        code,
        name: code.name().into(),
        severity: code.severity(),
        confidence: Confidence::High,
        new: true,
        fingerprint: format!("{code}:{}:{key}", project.report.id),
        project: project.report.id.clone(),
        package: String::new(),
        bytes: 0,
        packages: 0,
        message,
        location: Some(Location { file: place.0.to_owned(), line: place.1.max(1), column: 1 }),
        evidence: Vec::new(),
        help: Vec::new(),
        fix: None,
        url: code.url().map(Into::into),
    }
}

pub(super) fn line(path: &str, line: u32, text: impl Into<String>) -> Evidence {
    Evidence {
        kind: EvidenceKind::Dockerfile,
        file: Some(path.to_owned()),
        line: Some(line),
        text: text.into(),
        ..Evidence::default()
    }
}

/// SLIM050 and SLIM055.
pub(super) fn of_base(
    project: &Project,
    container: &ContainerFile<'_>,
    choice: &Choice,
    needs: Option<&Needs>,
) -> Vec<Finding> {
    let (path, at, now) = (container.path, container.base.line, container.base.reference.as_str());
    let image = &choice.image;
    let mut found = Vec::new();
    let better = image.recommended.as_deref().filter(|r| *r != now);
    if let Some(better) = better.filter(|_| choice.saves > 0) {
        let with = if image.system_packages.is_empty() {
            String::new()
        } else {
            format!(" with {}", some(&image.system_packages))
        };
        let mut heavier = finding(project, Code::HeavierBase, path, (path, at), format!("{now} can be {better}{with}"));
        heavier.bytes = choice.saves;
        heavier.confidence = image.confidence;
        heavier.evidence.push(line(path, at, format!("FROM {now}")));
        heavier.evidence.extend(linked(needs, project.ecosystem.name, image.system_packages.is_empty()));
        heavier.help.clone_from(&image.reasons);
        let lacking: BTreeSet<String> = container
            .observed
            .commands
            .iter()
            .filter(|c| c.stage == Stage::ImageBuild)
            .filter_map(|c| {
                let program = base_name(c.words.first()?);
                catalogue::package_of_program(program)
                    .map(|_| format!("{path}:{} runs {program} while it builds, which the smaller base lacks", c.line))
            })
            .collect();
        heavier.help.extend(lacking);
        found.push(heavier);
    }
    if !choice.ended.is_empty() {
        let mut over = finding(project, Code::EndOfLifeBase, path, (path, at), format!("{now} gets no security fixes"));
        over.evidence.push(line(path, at, format!("FROM {now}")));
        let text = format!("{}, by the catalogue of {}", choice.ended.join(", "), catalogue::day());
        over.evidence.push(Evidence { kind: EvidenceKind::Rule, text, ..Evidence::default() });
        if let Some(better) = better {
            over.help.push(format!("nearest that is maintained: {better}"));
        }
        found.push(over);
    }
    found
}

/// The files that decide: what needs the newest C library, and, when packages are to be added, what links libraries.
fn linked(needs: Option<&Needs>, language: &str, nothing_to_add: bool) -> Vec<Evidence> {
    let Some(needs) = needs else { return Vec::new() };
    let evidence = |file: &str, text: String| Evidence {
        kind: EvidenceKind::LinkedLibrary,
        file: Some(file.to_owned()),
        installed: true,
        text,
        ..Evidence::default()
    };
    let newest =
        needs.versions[0].iter().map(|(version, place)| evidence(&place.file, format!("needs GLIBC_{version}")));
    let libraries = needs.libraries.iter().filter(|(soname, _)| !nothing_to_add && !is_everywhere(language, soname));
    newest.chain(libraries.map(|(soname, place)| evidence(&place.file, format!("links {soname}")))).take(6).collect()
}

/// Libraries that every slim base of the catalogue holds.
fn is_everywhere(language: &str, soname: &str) -> bool {
    catalogue::bases(language).filter(|b| b.family == "slim").all(|b| b.has(soname))
}

/// SLIM051: what the build of the image leaves in it.
pub(super) fn of_leftovers(root: &Path, project: &Project, container: &ContainerFile<'_>) -> Vec<Finding> {
    let known = Tag::parse(&container.base.reference, project.ecosystem.name).is_some();
    leftovers(&container.parsed, &|line| container.ships(line))
        .into_iter()
        .filter_map(|left| {
            let (first, _) = left.lines.first()?;
            let mut names: Vec<String> = left.lines.iter().flat_map(|(_, what)| what.split(", ").map(str::to_owned)).collect();
            let mut seen = BTreeSet::new();
            names.retain(|name| seen.insert(name.clone()));
            let (message, help) = match left.kind {
                Kept::Tools => (
                    format!("the image keeps what only its build needs: {}", some(&names)),
                    "build in a stage of its own, and copy the result into the final one; what the program links at run time is a package without -dev",
                ),
                Kept::Lists => (format!("the image keeps {}", some(&names)), "remove it in the same RUN, or mount a cache there: a later layer can't take it out again"),
                Kept::Doubled => (format!("the image holds {} twice: a step changes the owner or mode of files of an earlier layer", some(&names)), "give the owner where the files are copied: COPY --chown=10001:10001"),
                Kept::Cache => (format!("the image keeps {}", some(&names)), "turn the cache off on that line, or mount a cache: RUN --mount=type=cache,target=/root/.cache"),
            };
            let key = format!("{}:{}", container.path, left.kind.key());
            let mut found = finding(project, Code::DevInImage, &key, (container.path, *first), message);
            // A base that is not catalogued may turn caches off by itself.
            found.confidence = if left.kind == Kept::Cache && !known { Confidence::Medium } else { Confidence::High };
            if left.kind == Kept::Doubled {
                found.bytes = if names.iter().any(|n| copies_all_to(container, n)) { sent(root, container).0.bytes } else { 0 };
                found.confidence = Confidence::Medium;
            }
            found.evidence = left.lines.iter().map(|(at, what)| line(container.path, *at, what.clone())).collect();
            found.help.push(help.to_owned());
            Some(found)
        })
        .collect()
}

/// SLIM056: what `COPY .` sends.
pub(super) fn of_context(root: &Path, project: &Project, container: &ContainerFile<'_>) -> Option<Finding> {
    let copy = container.observed.copies.iter().find(|c| c.from.is_none() && c.sources.iter().any(|s| is_whole(s)))?;
    let folder = container.observed.context.as_deref().unwrap_or("");
    let (context, has_file) = sent(root, container);
    let needless = context.needless_bytes();
    if needless < CONTEXT {
        return None;
    }
    let message = format!("COPY . sends {}, {} of it is not needed", human(context.bytes), human(needless));
    let mut found = finding(project, Code::BuildContext, container.path, (container.path, copy.line), message);
    found.bytes = needless;
    // Tests and documentation are the project's own files: it may read them after all.
    let own = |place: &str| ["tests", "test", "docs", "doc"].contains(&place);
    let doubt = context.cut || !context.unread.is_empty() || context.needless.iter().any(|(place, _)| own(place));
    found.confidence = if doubt { Confidence::Medium } else { Confidence::High };
    found.evidence.push(line(
        container.path,
        copy.line,
        format!("COPY {} {}", copy.sources.join(" "), copy.destination),
    ));
    let places = context.needless.iter().take(6).map(|(place, bytes)| format!("{place} {}", human(*bytes)));
    found.help.push(places.collect::<Vec<_>>().join(", "));
    if context.needless.len() > 6 {
        found.help.push(format!("and {} more places", context.needless.len() - 6));
    }
    if !has_file {
        found
            .help
            .push(format!("no .dockerignore in {}", if folder.is_empty() { "the project's folder" } else { folder }));
    }
    Some(found)
}

fn is_whole(source: &str) -> bool {
    matches!(source.trim_end_matches('/'), "." | "")
}

/// Whether all of the context is copied to a place, or to one below it.
fn copies_all_to(container: &ContainerFile<'_>, path: &str) -> bool {
    let below = |to: &str| {
        let to = to.trim_end_matches('/');
        to == path || path == "/" || to.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'))
    };
    container
        .observed
        .copies
        .iter()
        .any(|c| c.from.is_none() && c.final_stage && c.sources.iter().any(|s| is_whole(s)) && below(&c.destination))
}

/// What the build context sends, and whether an ignore file has a say in it.
fn sent(root: &Path, container: &ContainerFile<'_>) -> (Context, bool) {
    let at = root.join(container.observed.context.as_deref().unwrap_or(""));
    // A file beside the container file wins over the one of the context, as builders do it.
    let beside = root.join(format!("{}.dockerignore", container.path));
    let text = fs_err::read(&beside).or_else(|_| fs_err::read(at.join(".dockerignore")));
    let ignores = text.as_ref().map(|bytes| Ignores::read(&String::from_utf8_lossy(bytes))).unwrap_or_default();
    (context::weigh(&at, &ignores), text.is_ok())
}

/// `a, b, c and 4 more`.
fn some(names: &[String]) -> String {
    const MOST: usize = 5;
    let first = names.iter().take(MOST).map(String::as_str).collect::<Vec<_>>().join(", ");
    if names.len() > MOST { format!("{first} and {} more", names.len() - MOST) } else { first }
}
