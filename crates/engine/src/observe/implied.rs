//! Uses that no import shows: what the rules say of the project's uses and files.

use super::witness;
use super::{Watch, Witness};
use depslim_model::{EvidenceKind, Group, How, Strength, Use};
use std::sync::Arc;

impl Watch<'_> {
    /// Uses that no import shows, from what stands in the project: from the use at `first` on.
    pub(super) fn take_implied(&mut self, first: usize) {
        let rules = self.input.rules;
        let world = std::mem::take(&mut self.world);
        let uses = std::mem::take(&mut self.uses);
        for hit in rules.implied(&uses[first..], &world) {
            let at = first + hit.at;
            let placed = &self.placed[at];
            let kind = match uses[at].how {
                How::Url => EvidenceKind::Url,
                How::Setting => EvidenceKind::Setting,
                How::Command => witness::kind_of_stage(&placed.file, placed.stage.unwrap_or_default()),
                _ => EvidenceKind::Trigger,
            };
            let used = Use { strength: hit.strength, ..uses[at].clone() };
            let (mut group, stage, file) = (placed.group, placed.stage, Arc::clone(&placed.file));
            // What a command needs beside its program is needed where the program is.
            if used.how == How::Command
                && let Some(package) = self.input.graph.find(hit.package)
            {
                group = self.group_of_run(package, group, stage);
            }
            self.implied(hit.package, group, kind, &file, &used, hit.reason, hit.rule);
        }
        self.uses = uses;
        self.world = world;
    }

    /// Uses that no import shows, from what stands in the project and from which files it has.
    pub(super) fn take_rules(&mut self) {
        self.take_implied(0);
        let rules = self.input.rules;
        let world = std::mem::take(&mut self.world);
        let folder = self.input.project.folder.as_str();
        let files: Vec<&str> = self.own_files();
        let within: Vec<&str> =
            files.iter().map(|f| f.strip_prefix(folder).unwrap_or(f).trim_start_matches('/')).collect();
        for hit in rules.implied_by_files(&within, &world) {
            // A development tool's own file is there for development, wherever it lies.
            let tool = rules.scopes.is_dev_tool(hit.package);
            let group = if tool || rules.scopes.is_dev_path(within[hit.at]) { Group::Dev } else { Group::Prod };
            let used =
                Use { how: How::Load, name: String::new(), value: String::new(), strength: hit.strength, line: 0 };
            self.implied(hit.package, group, EvidenceKind::Trigger, files[hit.at], &used, hit.reason, hit.rule);
        }
        self.world = world;
        self.follow();
    }

    #[expect(clippy::too_many_arguments, reason = "each is one field of the witness; a struct would only repeat it")]
    pub(super) fn implied(
        &mut self,
        name: &str,
        group: Group,
        kind: EvidenceKind,
        file: &str,
        used: &Use,
        reason: &str,
        rule: &str,
    ) {
        let Some(package) = self.input.graph.find(name) else { return };
        // Production does without what is declared for development only; what it imports or runs all the same is seen as such.
        let group = if self.lines[package as usize].only_development() { Group::Dev } else { group };
        if used.strength == Strength::Optional && group == Group::Prod {
            let (file, text, rule) = (file.to_owned(), reason.to_owned(), Some(rule.to_owned()));
            let witness =
                Witness { kind, file, line: used.line, text, strength: used.strength, rule, installed: false };
            self.out.seen[package as usize].maybe.push(witness);
            return;
        }
        self.witness(package, group, kind, file, used, reason.to_owned(), Some(rule));
        if group == Group::Prod {
            self.start(package, None);
        }
    }
}
