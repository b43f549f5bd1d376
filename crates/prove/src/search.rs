//! The proof itself: run, read what is missing, put it back, run again; where the words say nothing, try one by one.

mod outcome;
mod trimming;
mod trying;

use crate::case::{Case, Limits};
use crate::claims::Claims;
use crate::copy::Slim;
use crate::error::Error;
use crate::lacks::{Asked, asked};
use crate::process;
use crate::trim;
use crate::watch::Watch;
use depslim_model::proof::{Lack, Script};
use depslim_model::report::{Outcome, Proved, Trimmed, Watched};
use fs_err as fs;
use std::collections::{BTreeMap, BTreeSet};

/// Runs a project on what would ship; puts back what it turns out to need.
///
/// `tell` is told what happens; `stop` is asked now and then whether to end at once.
///
/// # Errors
/// When no copy can be made, there is nothing to run, or somebody asked to stop. That a command fails is no error.
pub fn prove(case: &Case, limits: &Limits, tell: &dyn Fn(&str), stop: &dyn Fn() -> bool) -> Result<Proved, Error> {
    let mut claims = Claims::of(&case.units);
    tell("copying what is installed");
    let whole;
    let mut case = case;
    if !limits.trim.is_empty() {
        let mut more = case.clone();
        more.units.extend(trim::units(case, &claims, &limits.trim));
        claims = Claims::of(&more.units);
        whole = more;
        case = &whole;
    }
    let slim = Slim::new(case, limits, &claims, stop)?;
    let script = if case.command.is_empty() {
        slim.trial(case.proof.trial).map_err(Error::NoTrial)?
    } else {
        Script { words: case.command.clone(), ..Script::default() }
    };
    slim.check(&script.words)?;
    for (name, text) in &script.files {
        fs::write(slim.scratch().join(name), text)?;
    }
    let out: BTreeSet<usize> = (0..case.units.len()).filter(|at| case.units[*at].out).collect();
    let mut search = Search {
        case,
        limits,
        claims,
        slim,
        script,
        out,
        back: Vec::new(),
        anyway: None,
        unwritable: false,
        runs: 0,
        parts: Vec::new(),
        notes: Vec::new(),
        prepared: false,
        tell,
        stop,
    };
    let mut found = search.search()?;
    let (mut watched, mut trimmed): (Option<Watched>, Option<Trimmed>) = (None, None);
    if (limits.watch || !limits.trim.is_empty())
        && found.outcome != Outcome::Nothing
        && let Some(loaded) = search.watch()?
    {
        watched = limits.watch.then(|| search.idle(&loaded));
        if !limits.trim.is_empty() {
            trimmed = Some(search.trim(&loaded, &mut found.last)?);
        }
    }
    let proved = search.report(found);
    Ok(Proved { watched, trimmed, ..proved })
}

/// What one run came to.
#[derive(Debug, Clone, Default)]
struct Tried {
    passed: bool,
    /// What went well and what did not, for a script that tries several things.
    well: BTreeSet<String>,
    failed: BTreeMap<String, String>,
    ran: process::Ran,
}

/// A unit that was put back.
#[derive(Debug, Clone)]
struct Back {
    unit: usize,
    /// What came with it.
    brought: Vec<usize>,
    asked: Option<Asked>,
}

struct Search<'a> {
    case: &'a Case,
    limits: &'a Limits,
    claims: Claims,
    slim: Slim<'a>,
    script: Script,
    /// Units that are not there.
    out: BTreeSet<usize>,
    back: Vec<Back>,
    /// What fails with everything there too, once somebody had to know.
    anyway: Option<BTreeMap<String, String>>,
    /// A run wanted to write where nothing can be written.
    unwritable: bool,
    runs: u32,
    /// Parts of the runtime that runs asked for.
    parts: Vec<(String, Asked)>,
    notes: Vec<String>,
    /// What has to be made before the first run is there.
    prepared: bool,
    tell: &'a dyn Fn(&str),
    stop: &'a dyn Fn() -> bool,
}

/// How it came out, with the last run that matters.
struct Found {
    outcome: Outcome,
    last: Tried,
    note: Option<String>,
}

impl Search<'_> {
    fn search(&mut self) -> Result<Found, Error> {
        let mut tried = self.run()?;
        while !tried.passed {
            // A run that takes too long lacks time, as far as anybody can tell.
            if tried.ran.timed_out {
                return Ok(nothing(tried, "it was stopped"));
            }
            if self.add_parts(&tried) {
                tried = self.run()?;
                continue;
            }
            // What fails with everything there says nothing of what is not.
            if self.script.results.is_some() && self.anyway.is_none() {
                let whole = self.whole()?;
                if whole.well.is_empty() {
                    return Ok(nothing(whole, "nothing of it goes well with everything installed either"));
                }
                tried = self.judged(tried);
                continue;
            }
            let mut asked = asked(self.case, &self.claims, &tried.ran.lines, &|unit| self.out.contains(&unit));
            if asked.is_empty() {
                if self.anyway.is_none() {
                    let whole = self.whole()?;
                    if !whole.passed {
                        return Ok(nothing(whole, "it fails with everything installed too"));
                    }
                }
                if !self.try_one_by_one()? {
                    return Ok(nothing(tried, "it fails, and no package that was left out makes a difference"));
                }
                tried = self.run()?;
                break;
            }
            // One error ends a command; a script goes on and may name several things at once.
            if self.script.results.is_none() {
                asked.truncate(1);
            }
            for one in asked {
                self.put_back(one.unit, Some(one));
            }
            tried = self.run()?;
        }
        if !tried.passed {
            return Ok(nothing(tried, "it passes at one time and fails at another"));
        }
        let last = if self.back.is_empty() { tried } else { self.leave_out_again(tried)? };
        let outcome = if self.back.is_empty() && self.parts.is_empty() { Outcome::Proved } else { Outcome::Mended };
        Ok(Found { outcome, last, note: None })
    }

    /// Adds the parts of the runtime that a run asks for. False when it asks for none that could be added.
    fn add_parts(&mut self, tried: &Tried) -> bool {
        if self.case.proof.prepare.is_none() {
            return false;
        }
        let before = self.parts.len();
        for (line, text) in &tried.ran.lines {
            for part in (self.case.proof.missing)(text).into_iter().filter(|missing| missing.what == Lack::Part) {
                if !self.slim.parts.contains(&part.name) {
                    self.slim.parts.push(part.name.clone());
                    let asked = Asked { unit: usize::MAX, line: *line, text: text.trim().to_owned(), by: None };
                    self.parts.push((part.name, asked));
                }
            }
        }
        // What is made anew is made with them.
        self.prepared &= self.parts.len() == before;
        self.parts.len() > before
    }

    /// Makes what has to be there before anything is run.
    fn prepare(&mut self) -> Result<(), Error> {
        let Some(prepare) = self.case.proof.prepare.filter(|_| !self.prepared) else { return Ok(()) };
        self.prepared = true;
        let script = self.slim.trial(prepare);
        for (name, text) in &script.files {
            fs::write(self.slim.scratch().join(name), text)?;
        }
        (self.tell)(&script.about);
        let command = self.slim.command(&script.words, None);
        let ran = process::run(command, self.slim.mark(), self.limits.timeout, self.stop);
        let ran = ran.map_err(|error| self.not_started(&error))?.ok_or(Error::Stopped)?;
        if ran.code != Some(0) {
            let said = ran.tail(3).join("; ");
            return Err(Error::NoTrial(format!("{} {}: {said}", script.about, ran.end(self.limits.timeout))));
        }
        let said: Vec<String> = ran.tail(1);
        if !self.notes.iter().any(|note| said.contains(note)) {
            self.notes.extend(said);
        }
        Ok(())
    }

    /// Puts a unit back, and what it requires.
    fn put_back(&mut self, unit: usize, asked: Option<Asked>) {
        if !self.out.remove(&unit) {
            return;
        }
        let brought: Vec<usize> = self.with_needs(unit).into_iter().filter(|need| self.out.remove(need)).collect();
        (self.tell)(&format!("putting back {}", self.case.units[unit].name));
        self.back.push(Back { unit, brought, asked });
    }

    /// What a unit requires, and what that requires.
    fn with_needs(&self, unit: usize) -> BTreeSet<usize> {
        let (mut all, mut open) = (BTreeSet::new(), vec![unit]);
        while let Some(unit) = open.pop() {
            open.extend(self.case.units[unit].needs.iter().copied().filter(|need| all.insert(*need)));
        }
        all.remove(&unit);
        all
    }

    /// Runs with everything there.
    fn whole(&mut self) -> Result<Tried, Error> {
        (self.tell)("running with everything installed");
        let whole = self.run_with(&BTreeSet::new())?;
        if whole.passed || self.script.results.is_some() {
            self.anyway = Some(whole.failed.clone());
        }
        Ok(whole)
    }

    /// Runs without what is out.
    fn run(&mut self) -> Result<Tried, Error> {
        let out = self.out.clone();
        (self.tell)(&format!("running without {} packages", out.len()));
        let tried = self.run_with(&out)?;
        Ok(self.judged(tried))
    }

    /// A run, judged by what is known of what fails anyway.
    fn judged(&self, mut tried: Tried) -> Tried {
        if let (Some(_), Some(anyway)) = (&self.script.results, &self.anyway) {
            let new = tried.failed.keys().any(|name| !anyway.contains_key(name));
            tried.passed = !new && !tried.ran.timed_out && !tried.well.is_empty();
        }
        tried
    }

    fn run_with(&mut self, out: &BTreeSet<usize>) -> Result<Tried, Error> {
        self.run_watched(out, None)
    }

    fn run_watched(&mut self, out: &BTreeSet<usize>, watch: Option<&Watch>) -> Result<Tried, Error> {
        self.slim.shape(&|unit| out.contains(&unit), self.stop)?;
        self.prepare()?;
        let results = self.script.results.as_ref().map(|name| self.slim.scratch().join(name));
        if let Some(results) = &results {
            let _ = fs::remove_file(results);
        }
        self.runs += 1;
        let command = self.slim.command(&self.script.words, watch);
        // Looking on takes time.
        let limit = if watch.is_some() { self.limits.timeout * 4 } else { self.limits.timeout };
        let ran = process::run(command, self.slim.mark(), limit, self.stop);
        let ran = ran.map_err(|error| self.not_started(&error))?.ok_or(Error::Stopped)?;
        self.unwritable |= ran.lines.iter().any(|(_, line)| line.contains("Read-only file system"));
        let mut tried = Tried { passed: ran.code == Some(0), ran, ..Tried::default() };
        if let Some(results) = results {
            let text = fs::read(&results).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
            for line in text.lines() {
                let (outcome, rest) = line.split_once(' ').unwrap_or((line, ""));
                let (name, reason) = rest.split_once('\t').unwrap_or((rest, ""));
                match outcome {
                    "ok" => _ = tried.well.insert(name.to_owned()),
                    "fail" => _ = tried.failed.insert(name.to_owned(), reason.to_owned()),
                    _ => {}
                }
            }
            tried.passed &= tried.failed.is_empty() && !tried.well.is_empty();
        }
        Ok(tried)
    }

    fn not_started(&self, error: &std::io::Error) -> Error {
        Error::NoTrial(format!("{} can't be started: {error}", self.script.words.first().map_or("", String::as_str)))
    }
}

fn nothing(last: Tried, why: &str) -> Found {
    Found { outcome: Outcome::Nothing, last, note: Some(why.to_owned()) }
}
