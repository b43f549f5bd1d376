//! What `export` writes: `toy.slim`, a list of all that production installs.

use crate::list;
use depslim_model::ecosystem::{Kept, Plan};
use depslim_model::{Emission, Emitter, Source};

/// Everything that can be written.
pub(crate) const EMITTERS: &[Emitter] = &[Emitter { name: "toy.slim", emit, direct_only: false, reread: list::read }];

fn emit(plan: &Plan, _sources: &[Source<'_>]) -> Result<Vec<Emission>, String> {
    if plan.keep.is_empty() {
        return Err("production needs no package".into());
    }
    let head = format!("# made by depslim {} for {}\n", plan.tool, plan.target);
    let content = plan.keep.iter().map(line).fold(head, |text, line| text + &line);
    let summary = format!("{} packages", plan.keep.len());
    Ok(vec![Emission { path: "toy.slim".into(), content, summary, complete: None }])
}

fn line(kept: &Kept) -> String {
    let exact = kept.version.as_ref().map(|version| format!("={version}"));
    let features = (!kept.features.is_empty()).then(|| format!("[{}]", kept.features.join(",")));
    let condition = kept.condition.as_ref().map(|condition| format!("if {condition}"));
    let parts = [Some(kept.package.clone()), exact.or_else(|| kept.constraint.clone()), features, condition];
    format!("{}  # {}\n", parts.into_iter().flatten().collect::<Vec<_>>().join(" "), kept.why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use depslim_model::{Settings, Target};

    #[test]
    fn what_is_written_can_be_read_again() {
        let keep = vec![
            Kept {
                package: "paint".into(),
                version: Some("2.1".into()),
                features: vec!["gold".into()],
                condition: Some("glibc".into()),
                why: "imported at farm/main.toy:1".into(),
                ..Kept::default()
            },
            Kept {
                package: "ink".into(),
                constraint: Some(">=1".into()),
                why: "needed by paint".into(),
                ..Kept::default()
            },
        ];
        let plan = Plan { keep, target: Target::default(), tool: "0.1.0".into(), ..Plan::default() };
        let written = emit(&plan, &[]).unwrap().remove(0);
        let expect = "# made by depslim 0.1.0 for linux-x86_64-glibc\n\
                      paint =2.1 [gold] if glibc  # imported at farm/main.toy:1\n\
                      ink >=1  # needed by paint\n";
        assert_eq!(written.content, expect);
        let source = Source { path: &written.path, bytes: written.content.as_bytes(), settings: &Settings::default() };
        let read = (EMITTERS[0].reread)(&source);
        assert_eq!(read.requires.iter().map(|r| r.name.as_str()).collect::<Vec<_>>(), ["paint", "ink"]);
        assert!(read.problems.is_empty());
    }

    #[test]
    fn nothing_to_install_is_said() {
        assert_eq!(emit(&Plan::default(), &[]), Err("production needs no package".to_owned()));
    }
}
