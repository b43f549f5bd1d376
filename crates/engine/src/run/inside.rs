//! Bytes of packages inside a program that was built from the project: what ships of a language that compiles.

use crate::judge::Weights;
use crate::link::Graph;
use depslim_model::program::Program;
use depslim_model::report::{Measure, Note};
use depslim_model::{Ecosystem, Host, human};
use std::collections::HashMap;
use std::path::Path;

/// Larger files are not taken apart.
const LARGEST: u64 = 2_000_000_000;

/// Weighs packages by what the built program holds of them, when there is one that tells.
pub(super) fn weigh(
    ecosystem: &'static Ecosystem,
    host: &Host<'_>,
    project: &str,
    graph: &Graph,
    weights: &mut Weights,
    notes: &mut Vec<Note>,
) {
    let (Some(find), Some(read)) = (ecosystem.programs, ecosystem.program) else { return };
    for path in find(host) {
        if !fs_err::metadata(&path).is_ok_and(|about| about.len() <= LARGEST) {
            continue;
        }
        let Some(program) = fs_err::read(&path).ok().and_then(|bytes| read(&bytes)) else { continue };
        let shown = path.strip_prefix(host.root).unwrap_or(&path);
        let note = |message: String| Note { project: Some(project.to_owned()), message, ..Note::default() };
        if program.shares.is_empty() {
            notes.extend(program.problems.iter().map(|p| note(format!("{}: {}", shown.display(), p.message))));
            continue;
        }
        let (bytes, unclear) = by_package(&program, graph);
        notes.push(note(summary(shown, &program, bytes.iter().sum(), unclear)));
        (weights.bytes, weights.measure) = (bytes, Measure::Binary);
        weights.files = vec![0; graph.nodes.len()];
        return;
    }
}

/// Bytes by package, and those of names that several packages have or none.
fn by_package(program: &Program, graph: &Graph) -> (Vec<u64>, u64) {
    let plain = |name: &str| name.replace('-', "_");
    let mut named: HashMap<String, Vec<usize>> = HashMap::new();
    for (at, node) in graph.nodes.iter().enumerate() {
        let own = [plain(&node.canonical)];
        let names = if node.provide.modules.is_empty() { &own[..] } else { &node.provide.modules };
        for name in names {
            named.entry(plain(name)).or_default().push(at);
        }
    }
    let mut bytes = vec![0; graph.nodes.len()];
    let mut unclear = 0;
    for share in &program.shares {
        // What is in it of the symbols themselves goes with a stripped file.
        let total = share.bytes.code + share.bytes.tables + share.bytes.data;
        match named.get(&plain(&share.package)).map(Vec::as_slice) {
            Some([one]) => bytes[*one] += total,
            _ if share.own => {}
            // What is named after the package, whatever of it is used.
            None if graph.find(&share.package).is_some() => {
                bytes[graph.find(&share.package).unwrap_or_default() as usize] += total;
            }
            _ => unclear += total,
        }
    }
    (bytes, unclear)
}

/// What was found in the program, the part that nobody can tell included.
fn summary(path: &Path, program: &Program, packages: u64, unclear: u64) -> String {
    let symbols: u64 = program.shares.iter().map(|s| s.bytes.symbols).sum::<u64>() + program.runtime.symbols;
    let own: u64 = program.shares.iter().filter(|s| s.own).map(|s| s.bytes.total() - s.bytes.symbols).sum();
    let runtime = program.runtime.total() - program.runtime.symbols;
    let rest = program.total.saturating_sub(packages + own + runtime + symbols);
    let several = if unclear > 0 {
        format!(", {} of it of crates that are no package of the lock or several", human(unclear))
    } else {
        String::new()
    };
    format!(
        "{}: of {}, {} are packages', {} the project's own, {} the language's, {} names of symbols, {} of unknown origin{several}",
        path.display(),
        human(program.total),
        human(packages),
        human(own),
        human(runtime),
        human(symbols),
        human(rest)
    )
}
