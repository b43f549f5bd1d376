//! Where the words of a failure say nothing: the smallest set is found by trying.

use super::{Back, Search, Tried};
use crate::error::Error;
use std::collections::BTreeSet;

/// Whether a run passes when these units are back.
type Passes<'a> = dyn FnMut(&mut Search<'_>, &[usize]) -> Result<bool, Error> + 'a;

impl Search<'_> {
    /// Finds units without which it fails, by halving. False when even all of them do not help.
    ///
    /// Putting more back is taken to never break what ran with less. Then the shortest beginning of a list that helps ends with a unit
    /// that is needed; what is needed beside it lies before it.
    pub(super) fn try_one_by_one(&mut self) -> Result<bool, Error> {
        // What the project itself declares is likely what it needs; it comes first.
        let mut list: Vec<usize> = self.out.iter().copied().collect();
        list.sort_by_key(|unit| (self.is_needed_by_others(*unit), std::cmp::Reverse(self.case.units[*unit].bytes)));
        let Some(needed) = self.halve(list, &mut |search, back| search.passes_with(back))? else { return Ok(false) };
        for unit in needed {
            self.put_back(unit, None);
        }
        Ok(true)
    }

    /// A smallest part of a list with which `passes`; `None` when even the whole of it does not help.
    pub(super) fn halve(&mut self, mut list: Vec<usize>, passes: &mut Passes<'_>) -> Result<Option<Vec<usize>>, Error> {
        let mut needed: Vec<usize> = Vec::new();
        if !passes(self, &list)? {
            return Ok(None);
        }
        // Holds from here on: it fails with what is needed so far, and passes with the list beside that.
        loop {
            let (mut fails, mut well) = (0, list.len());
            while fails + 1 < well {
                let middle = usize::midpoint(fails, well);
                (self.tell)(&format!("trying {middle} of {} packages", list.len()));
                let some: Vec<usize> = needed.iter().chain(&list[..middle]).copied().collect();
                if passes(self, &some)? { well = middle } else { fails = middle }
            }
            let Some(unit) = list.get(well.saturating_sub(1)).copied() else { return Ok(None) };
            needed.push(unit);
            list.truncate(well - 1);
            if passes(self, &needed)? {
                return Ok(Some(needed));
            }
        }
    }

    /// Whether another unit that is out requires it.
    fn is_needed_by_others(&self, unit: usize) -> bool {
        self.out.iter().any(|other| *other != unit && self.case.units[*other].needs.contains(&unit))
    }

    fn passes_with(&mut self, back: &[usize]) -> Result<bool, Error> {
        let mut out = self.out.clone();
        for unit in back {
            out.remove(unit);
            for need in self.with_needs(*unit) {
                out.remove(&need);
            }
        }
        let tried = self.run_with(&out)?;
        Ok(self.judged(tried).passed)
    }

    /// What another one requires comes along with that.
    fn gather(&mut self) {
        let all = std::mem::take(&mut self.back);
        let required = |at: usize| {
            let by = |(other, back): (usize, &Back)| {
                let mutual = self.with_needs(all[at].unit).contains(&back.unit);
                other != at && self.with_needs(back.unit).contains(&all[at].unit) && (!mutual || other < at)
            };
            all.iter().enumerate().any(by)
        };
        let (within, mut kept): (Vec<_>, Vec<_>) = (0..all.len()).partition(|at| required(*at));
        let left: Vec<usize> = within
            .into_iter()
            .flat_map(|at| [all[at].unit].into_iter().chain(all[at].brought.iter().copied()))
            .collect();
        self.back = kept.drain(..).map(|at| all[at].clone()).collect();
        self.hand_over(&left);
    }

    /// Gives units that came with something that goes to those that require them too.
    fn hand_over(&mut self, left: &[usize]) {
        let mut back = std::mem::take(&mut self.back);
        for one in &mut back {
            let needs = self.with_needs(one.unit);
            one.brought.extend(left.iter().copied().filter(|unit| needs.contains(unit)));
            one.brought.sort_unstable();
            one.brought.dedup();
        }
        self.back = back;
    }

    /// Leaves out again what was put back on a word that meant nothing. Gives the last run that passed.
    pub(super) fn leave_out_again(&mut self, mut last: Tried) -> Result<Tried, Error> {
        self.gather();
        let mut at = 0;
        while self.back.len() > 1 && at < self.back.len() {
            let mut others = self.back.clone();
            let one = others.remove(at);
            let stay: BTreeSet<usize> =
                others.iter().flat_map(|back| self.with_needs(back.unit).into_iter().chain([back.unit])).collect();
            // Something else that was put back requires it: then that is what is needed.
            let goes: BTreeSet<usize> =
                [one.unit].into_iter().chain(one.brought.iter().copied()).filter(|u| !stay.contains(u)).collect();
            let out: BTreeSet<usize> = self.out.union(&goes).copied().collect();
            (self.tell)(&format!("trying without {}", self.case.units[one.unit].name));
            let tried = self.run_with(&out)?;
            let tried = self.judged(tried);
            if tried.passed {
                // What it brought and others require came with those.
                let left: Vec<usize> = [one.unit].into_iter().chain(one.brought).filter(|u| stay.contains(u)).collect();
                self.back = others;
                self.hand_over(&left);
                self.out = out;
                last = tried;
            } else {
                at += 1;
            }
        }
        Ok(last)
    }
}
