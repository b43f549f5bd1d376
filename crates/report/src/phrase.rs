//! The words that several formats share: sizes, counts, evidence, places.

use crate::view::View;
use depslim_model::difference::PackageChange;
use depslim_model::report::{Image, Measure};
use depslim_model::{
    Bytes, Code, Confidence, Evidence, EvidenceKind, Finding, Package, Project, Report, Scope, Severity, human,
};

/// Kinds of places that a search names without `-v`.
const PLACES: usize = 6;

/// A size, marked when it is an estimate.
pub(crate) fn size(bytes: Bytes, measure: Measure) -> String {
    match measure {
        Measure::Installed | Measure::Binary | Measure::Source => human(bytes),
        Measure::Estimated => format!("~{}", human(bytes)),
        Measure::Unknown => "unknown".to_owned(),
    }
}

/// How a total over all projects was found: an estimate in it makes it one; projects without sizes add nothing.
pub(crate) fn overall(report: &Report) -> Measure {
    let rank = |measure: &Measure| match measure {
        Measure::Estimated => 4,
        Measure::Source => 3,
        Measure::Installed => 2,
        Measure::Binary => 1,
        Measure::Unknown => 0,
    };
    let all = report.projects.iter().filter(|project| project.failed.is_none()).map(|project| project.measure);
    all.max_by_key(rank).unwrap_or(Measure::Unknown)
}

/// `python:3.12 -> python:3.12-slim + libpq5`, with names as `show` writes them; `None` when nothing is known.
pub(crate) fn base_image(image: &Image, arrow: &str, show: impl Fn(&str) -> String) -> Option<String> {
    let mut out = match (&image.current, &image.recommended) {
        (Some(now), Some(better)) if now == better => format!("{}, keep it", show(now)),
        (Some(now), Some(better)) => format!("{} {arrow} {}", show(now), show(better)),
        (None, Some(only)) | (Some(only), None) => show(only),
        (None, None) => return None,
    };
    for package in &image.system_packages {
        out.push_str(" + ");
        out.push_str(&show(package));
    }
    Some(out)
}

/// A change of size with its sign.
pub(crate) fn signed(change: i64) -> String {
    let sign = match change {
        ..0 => "-",
        0 => "",
        _ => "+",
    };
    format!("{sign}{}", human(change.unsigned_abs()))
}

/// The change of production's bytes by one package: `+1.2 MB`, `~-300.0 kB` when it rests on an estimate, `?` when it can't be told.
pub(crate) fn delta(change: &PackageChange) -> String {
    let unknown = [&change.before, &change.after].into_iter().flatten().all(|side| side.bytes == 0 && side.estimated);
    match change.prod_delta {
        Some(delta) if !unknown => format!("{}{}", if change.is_estimated() { "~" } else { "" }, signed(delta)),
        _ => "?".to_owned(),
    }
}

/// Bytes of a package by the best measure there is.
pub(crate) fn weight(package: &Package) -> Option<(Bytes, Measure)> {
    let of = |bytes: Option<u64>, measure| bytes.map(|bytes| (bytes, measure));
    of(package.installed_bytes, Measure::Installed)
        .or_else(|| of(package.binary_bytes, Measure::Binary))
        .or_else(|| of(package.estimated_bytes, Measure::Estimated))
        .or_else(|| of(package.source_bytes, Measure::Source))
}

/// Only development needs it, and production does not install it.
pub(crate) fn is_dev(package: &Package) -> bool {
    !package.ships && package.scope == Scope::Dev
}

/// A package's own size.
pub(crate) fn size_of(package: &Package) -> String {
    weight(package).map_or_else(|| "unknown".to_owned(), |(bytes, measure)| size(bytes, measure))
}

/// The sum of sizes. A report may come from a file, where every number is possible.
pub(crate) fn sum(sizes: impl Iterator<Item = Bytes>) -> Bytes {
    sizes.fold(0, Bytes::saturating_add)
}

/// ` (24 of them not installed)`: how many packages of a kind were counted without a size, where the others have one.
pub(crate) fn absent<'p>(project: &Project, packages: impl Iterator<Item = &'p Package>) -> Option<String> {
    let count = packages.filter(|package| weight(package).is_none()).count() as u64;
    let what = if project.measure == Measure::Installed { "installed" } else { "sized" };
    (count > 0 && project.measure != Measure::Unknown).then(|| format!("{} not {what}", number(count)))
}

/// `1 184`.
pub(crate) fn number(count: u64) -> String {
    let digits = count.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(' ');
        }
        out.push(digit);
    }
    out
}

/// `1 package`, `61 packages`.
pub(crate) fn count(count: u64, noun: &str) -> String {
    format!("{} {}", number(count), plural(count, noun))
}

/// `package` or `packages`.
pub(crate) fn plural(count: u64, noun: &str) -> String {
    match noun.strip_suffix('y') {
        _ if count == 1 => noun.to_owned(),
        Some(stem) if !stem.ends_with(['a', 'e', 'o']) => format!("{stem}ies"),
        _ => format!("{noun}s"),
    }
}

/// Percent, as a whole number; `<1` for a little.
pub(crate) fn percent(part: Bytes, whole: Bytes) -> String {
    if whole == 0 || part == 0 {
        return "0".to_owned();
    }
    match (u128::from(part) * 200 / u128::from(whole)).div_ceil(2) {
        _ if u128::from(part) * 100 < u128::from(whole) => "<1".to_owned(),
        percent => percent.to_string(),
    }
}

/// `error`, `warning`, or `note` for what is only worth a look.
pub(crate) fn level(finding: &Finding) -> &'static str {
    match finding.severity {
        _ if finding.confidence == Confidence::Low => "note",
        Severity::Error => "error",
        Severity::Warn | Severity::Off => "warning",
    }
}

/// What following a finding frees: `frees 9.8 MB`. `None` where the bytes of a finding mean something else, or are none.
pub(crate) fn frees(report: &Report, finding: &Finding) -> Option<String> {
    if matches!(finding.code, Code::OverBudget | Code::Growth) {
        return None;
    }
    if finding.bytes == 0 {
        return match finding.packages {
            0 => None,
            1 => Some("frees 1 package".into()),
            more => Some(format!("frees {more} packages")),
        };
    }
    match project(report, &finding.project).map_or(Measure::Installed, |project| project.measure) {
        Measure::Unknown => None,
        Measure::Binary => Some(format!("in binary {}", human(finding.bytes))),
        measure => Some(format!("frees {}", size(finding.bytes, measure))),
    }
}

/// A project by its id.
pub(crate) fn project<'r>(report: &'r Report, id: &str) -> Option<&'r Project> {
    report.projects.iter().find(|project| project.id == id)
}

/// Where a finding is: file, line and column (from 1). A finding without a place is at the head of its project's manifest.
pub(crate) fn place(report: &Report, finding: &Finding, view: &View) -> Option<(String, u32, Option<u32>)> {
    if let Some(at) = &finding.location {
        return Some((view.path(&at.file), at.line.max(1), (at.column > 0).then_some(at.column)));
    }
    let project = project(report, &finding.project)?;
    let file = project.manifest.as_ref().or(project.lockfile.as_ref())?;
    Some((view.path(file), 1, None))
}

/// One piece of evidence as a phrase.
pub(crate) fn evidence(evidence: &Evidence, view: &View) -> String {
    if evidence.kind == EvidenceKind::Searched {
        return searched(evidence, view);
    }
    let text = evidence.text.trim();
    match spot(evidence, view) {
        None => text.to_owned(),
        Some(spot) if text.is_empty() => format!("{spot} ({})", evidence.kind),
        Some(spot) => format!("{spot}: {text}"),
    }
}

/// `settings.py:88`; an installed file says so.
pub(crate) fn spot(evidence: &Evidence, view: &View) -> Option<String> {
    let file = evidence.file.as_ref()?;
    let line = evidence.line.map_or_else(String::new, |line| format!(":{line}"));
    Some(if evidence.installed { format!("installed {file}{line}") } else { format!("{}{line}", view.path(file)) })
}

fn searched(evidence: &Evidence, view: &View) -> String {
    let files = evidence.files.map(|files| count(u64::from(files), "file"));
    let most = if view.verbose > 0 || evidence.places.len() <= PLACES + 1 { usize::MAX } else { PLACES };
    let mut places: Vec<&str> = evidence.places.iter().take(most).map(String::as_str).collect();
    let more = format!("{} more", evidence.places.len().saturating_sub(most));
    if evidence.places.len() > most {
        places.push(&more);
    }
    let places = places.join(", ");
    let what = match (files, places.is_empty()) {
        (Some(files), true) => format!("searched {files}"),
        (Some(files), false) => format!("searched {files} ({places})"),
        (None, true) => "searched".to_owned(),
        (None, false) => format!("searched {places}"),
    };
    if evidence.text.is_empty() { format!("{what}: no use") } else { format!("{what}: {}", evidence.text) }
}

/// Who hid a finding, in words.
pub(crate) fn hidden_by(by: &str) -> &str {
    match by {
        "inline" => "a comment",
        "config" => "the configuration",
        "baseline" => "the baseline",
        other => other,
    }
}

/// True for a name that can stand in a command line as it is.
pub(crate) fn is_word(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with('-')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | '@'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        for (value, expect) in [(0, "0"), (999, "999"), (1184, "1 184"), (1_234_567, "1 234 567")] {
            assert_eq!(number(value), expect);
        }
    }

    #[test]
    fn nouns_follow_their_number() {
        assert_eq!(count(1, "package"), "1 package");
        assert_eq!(count(0, "repository"), "0 repositories");
        assert_eq!(count(2, "day"), "2 days");
    }

    #[test]
    fn shares_are_rounded() {
        for (part, whole, expect) in [
            (21_000_000, 262_400_000, "8"),
            (1, 1000, "<1"),
            (0, 5, "0"),
            (5, 0, "0"),
            (999, 1000, "100"),
            (45, 100, "45"),
            (u64::MAX, u64::MAX, "100"),
        ] {
            assert_eq!(percent(part, whole), expect, "{part}/{whole}");
        }
    }

    #[test]
    fn changes_have_a_sign() {
        assert_eq!(signed(118_700_000), "+118.7 MB");
        assert_eq!(signed(-1), "-1 B");
        assert_eq!(signed(0), "0 B");
        assert_eq!(signed(i64::MIN), "-9.2 EB");
    }

    #[test]
    fn commands_are_suggested_for_plain_names_only() {
        assert!(is_word("@scope/pkg"));
        for text in ["", "-rf", "a b", "$(x)", "a;b", "é"] {
            assert!(!is_word(text), "{text}");
        }
    }
}
