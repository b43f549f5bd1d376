//! The image of a program that is compiled and needs no language beside it: nothing, certificates and the like alone, or the C library,
//! from what its code asks of the system and from the built program where there is one.

use super::files::ContainerFile;
use super::findings;
use depslim_engine::Project;
use depslim_formats::shell::base_name;
use depslim_image::catalogue::{Final, final_of};
use depslim_image::{Elf, read_elf};
use depslim_model::ecosystem::{Host, Need};
use depslim_model::report::Image;
use depslim_model::{Code, Confidence, Finding, Stage};
use std::path::Path;

/// An image that holds what is copied into it, and nothing else.
const NOTHING: &str = "scratch";

/// What the image should stand on, for a project with a program whose needs are known.
pub(super) fn image(root: &Path, project: &Project, containers: &[ContainerFile<'_>]) -> Option<Image> {
    let observed = &project.observed;
    if !observed.complete || observed.entries.is_empty() {
        return None;
    }
    let container = containers.first();
    let mut image = Image {
        current: container.map(|c| c.base.reference.clone()),
        confidence: Confidence::High,
        ..Image::default()
    };
    if let Some(why) = container.and_then(more) {
        // What else it holds was put there for a reason that nothing here knows.
        image.recommended.clone_from(&image.current);
        image.confidence = Confidence::Medium;
        image.reasons.push(why);
        return Some(image);
    }
    let needed = |what: &str| observed.needs.iter().find(|need| need.what == what);
    let c = needed(Need::C_LIBRARY);
    let others: Vec<&Need> = [Need::CERTIFICATES, Need::ZONES, Need::USERS].iter().filter_map(|w| needed(w)).collect();
    let kind = match (c, others.is_empty()) {
        (Some(_), _) => final_of("libraries"),
        (None, false) => final_of("nothing"),
        (None, true) => None,
    };
    image.recommended = Some(kind.map_or(NOTHING, |base: Final| base.image).to_owned());
    image.reasons.push(match c {
        Some(need) => format!("links the C library: {} needs it", place(need)),
        None => {
            "links nothing when built without C (CGO_ENABLED=0): no package that production reaches needs C".to_owned()
        }
    });
    if others.is_empty() && c.is_none() {
        image.reasons.push("nothing that production reaches asks for certificates, time zones or users".to_owned());
    }
    image.reasons.extend(others.iter().map(|need| format!("needs {}: {}", need.what, place(need))));
    if let Some((path, elf)) = built(root, project) {
        image.reasons.push(linked(&path, &elf, c.is_some()));
    }
    Some(image)
}

/// SLIM050 for a container file whose final stage stands on more than the program needs.
pub(super) fn heavier(project: &Project, container: &ContainerFile<'_>, image: &Image) -> Option<Finding> {
    let now = container.base.reference.as_str();
    let better = image.recommended.as_deref().filter(|better| *better != now && is_larger(now))?;
    let (path, line) = (container.path, container.base.line);
    let mut found = findings::finding(project, Code::HeavierBase, path, (path, line), format!("{now} can be {better}"));
    found.confidence = Confidence::Medium;
    found.evidence.push(findings::line(path, line, format!("FROM {now}")));
    found.help.clone_from(&image.reasons);
    Some(found)
}

/// Whether a base is more than what programs without a language stand on.
fn is_larger(base: &str) -> bool {
    base != NOTHING && !base.contains("distroless") && !base.contains("chainguard") && !base.starts_with("busybox")
}

fn place(need: &Need) -> String {
    if need.line == 0 { need.file.clone() } else { format!("{}:{}", need.file, need.line) }
}

/// What the final stage installs or starts beside the program.
fn more(container: &ContainerFile<'_>) -> Option<String> {
    let commands = || container.observed.commands.iter();
    let start = commands().find(|c| {
        let program = c.words.first().map_or("", |word| base_name(word));
        c.stage == Stage::Run && (is_shell(program) || program.ends_with(".sh"))
    });
    if let Some(command) = start {
        return Some(format!("keep it: {}:{} starts a shell", container.path, command.line));
    }
    commands().filter(|c| c.stage == Stage::ImageBuild).find_map(|command| {
        let client = base_name(command.words.first()?);
        let verb = command.words.iter().skip(1).position(|word| matches!(word.as_str(), "add" | "install"))?;
        matches!(client, "apk" | "apt" | "apt-get" | "dnf" | "microdnf" | "yum").then_some(())?;
        let package = command.words.iter().skip(verb + 2).find(|word| {
            !word.starts_with('-') && !matches!(word.as_str(), "ca-certificates" | "tzdata" | "ca-certificates-bundle")
        })?;
        Some(format!("keep it: {}:{} installs {package}", container.path, command.line))
    })
}

fn is_shell(program: &str) -> bool {
    matches!(program, "sh" | "bash" | "ash" | "dash" | "busybox")
}

/// The program that was built from the project, and what its file says.
fn built(root: &Path, project: &Project) -> Option<(String, Elf)> {
    let folder = root.join(&project.files.folder);
    let host = Host { project: &folder, root, variable: &|_| None, settings: &project.settings };
    (project.ecosystem.programs?)(&host).into_iter().find_map(|path| {
        let elf = read_elf(fs_err::File::open(&path).ok()?).ok()??;
        let shown = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
        Some((shown, elf))
    })
}

/// How a built program is linked, from its headers alone: what it records of its build does not tell.
fn linked(path: &str, elf: &Elf, c: bool) -> String {
    if elf.interpreter.is_none() && elf.needed.is_empty() {
        return format!("{path} is linked statically: it asks for no loader and no shared library");
    }
    let loader = elf.interpreter.as_deref().unwrap_or("no loader");
    let hint = if c { "" } else { ": built with CGO_ENABLED=0 it would need neither" };
    format!("{path} asks for {loader} and links {}{hint}", elf.needed.join(", "))
}
