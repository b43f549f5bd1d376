//! What is said about a choice: its reasons, and how sure it is.

use super::{Candidate, Choice, Situation};
use crate::catalogue::{Base, bases, day};
use crate::reference::Tag;
use crate::scan::VERSION_SETS;
use depslim_model::{Confidence, human};
use std::collections::BTreeSet;

/// Everything that decided, the answer to "why not Alpine" first.
pub(super) fn reasons(
    situation: &Situation<'_>,
    best: &Candidate,
    all: &[Candidate],
    choice: &Choice,
    instead_of: Option<Base>,
    moved: Option<&str>,
) -> Vec<String> {
    let mut out = Vec::new();
    if let Some(version) = moved {
        out.push(format!(
            "version {version} gets no fixes any more; lock the dependencies for {} and test",
            best.base.version
        ));
    }
    let mut told = BTreeSet::from([best.base.family]);
    // The other C library first: it is what people ask about.
    let mut others: Vec<&Candidate> = all.iter().filter(|c| c.base.family != best.base.family).collect();
    others.sort_by_key(|c| (c.base.libc == best.base.libc, c.base.family != "slim", c.total, c.base.image));
    let mut later = Vec::new();
    for other in others {
        if !told.insert(other.base.family) {
            // Of further releases of a family only what stands against them is news.
            later.extend(other.rejected.clone());
            continue;
        }
        let weighs = format!("about {} with the packages instead of {}", human(other.total), human(best.total));
        let line = other.rejected.clone().unwrap_or_else(|| {
            if other.base.libc == best.base.libc {
                format!("not {}: {weighs}", other.base.family)
            } else {
                format!(
                    "not {}: another C library, on which nothing was tried; it would fit by what is known, {weighs}",
                    other.base.family
                )
            }
        });
        if other.base.libc == best.base.libc {
            later.push(line);
        } else {
            out.push(line);
        }
        out.extend(other.because.clone());
    }
    if !told.contains("distroless") && bases(situation.language).any(|b| b.family == "distroless") {
        let versions: BTreeSet<&str> =
            bases(situation.language).filter(|b| b.family == "distroless").map(|b| b.version).collect();
        later
            .push(format!("not distroless: it has version {} only", listed(&versions.into_iter().collect::<Vec<_>>())));
    }
    if let Some(needs) = situation.needs {
        for (set, need) in VERSION_SETS.iter().zip(&needs.versions) {
            if let Some((version, place)) = need {
                out.push(format!("needs {set}_{version}: {}", place.file));
            }
        }
    }
    out.extend(best.system.iter().map(|(package, why)| format!("{package}: {why}")));
    if !choice.from_source.is_empty() {
        let names: Vec<&str> = choice.from_source.iter().map(String::as_str).collect();
        out.push(format!("built from source, in a stage that has a compiler: {}", listed(&names)));
    }
    // Rejected releases of the same family.
    let siblings = all.iter().filter(|c| c.base.family == best.base.family && c.base.image != best.base.image);
    out.extend(siblings.filter_map(|c| c.rejected.clone()));
    let mut said: BTreeSet<String> = out.iter().cloned().collect();
    later.retain(|line| said.insert(line.clone()));
    out.extend(later);
    if let Some(current) = instead_of.filter(|current| current.bytes != best.base.bytes) {
        out.push(format!("base {} instead of {}, catalogue of {}", range(&best.base), range(&current), day()));
    }
    if situation.needs.is_none() {
        out.push("nothing is installed: what files link was not seen".to_owned());
    }
    out
}

fn range(base: &Base) -> String {
    let (low, high) = (human(base.bytes.0), human(base.bytes.1));
    match base.is_measured() {
        true => low,
        false if low == high => format!("~{low}"),
        false => format!("~{low} to {high}"),
    }
}

/// `a, b, c and 4 more`.
pub(super) fn listed(names: &[&str]) -> String {
    const MOST: usize = 8;
    let first = names.iter().take(MOST).copied().collect::<Vec<_>>().join(", ");
    if names.len() > MOST { format!("{first} and {} more", names.len() - MOST) } else { first }
}

/// How sure. Programs that the code starts are not seen, so a smaller base is never better than likely.
pub(super) fn confidence(situation: &Situation<'_>, tag: &Tag, moved: bool, advised: bool) -> Confidence {
    let blind = situation.needs.is_none_or(|n| !n.damaged.is_empty() || (n.read == 0 && n.foreign > 0));
    if moved || tag.version.is_none() {
        Confidence::Low
    } else if advised || blind {
        Confidence::Medium
    } else {
        Confidence::High
    }
}
