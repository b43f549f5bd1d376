//! What the TOML lockfiles of Python have in common.

use super::credentials::without_credentials;
use super::requirement::decode_percent;
use depslim_formats::text::{Decoded, decode};
use depslim_formats::toml::{self, Doc, Node};
use depslim_model::{Artifact, Facts, Problem, Require, Source};

/// Reads a lock: `take` gets the parsed file.
pub(super) fn read(source: &Source<'_>, take: fn(&Doc<'_>, &Source<'_>) -> Facts) -> Facts {
    let Decoded { text, problems, .. } = decode(source.bytes);
    match toml::parse(&text) {
        Ok(doc) => {
            let mut facts = take(&doc, source);
            facts.problems.extend(problems);
            facts
        }
        Err(problem) => Facts::broken(Problem { message: without_credentials(&problem.message), ..problem }),
    }
}

/// The text under a key.
pub(super) fn text<'d>(node: Node<'d>, key: &str) -> Option<&'d str> {
    node.get(key)?.text()
}

/// One downloadable file: its name from `file`, `filename`, `name`, or the end of `url` or `path`.
pub(super) fn artifact(node: Node<'_>) -> Artifact {
    let named = ["file", "filename", "name"].into_iter().find_map(|key| text(node, key)).map(str::to_owned);
    let file = named.or_else(|| {
        let from = text(node, "url").or_else(|| text(node, "path"))?;
        Some(decode_percent(from.split(['#', '?']).next()?.rsplit(['/', '\\']).next()?))
    });
    Artifact {
        file: file.unwrap_or_default(),
        hash: text(node, "hash").map(str::to_owned).or_else(|| hash_table(node)),
        bytes: node.get("size").and_then(|n| n.integer()).and_then(|n| u64::try_from(n).ok()),
    }
}

/// `hashes = { sha256 = "…" }`: SHA-256 where there is a choice, since pip and uv take it.
fn hash_table(node: Node<'_>) -> Option<String> {
    let hashes = node.get("hashes")?;
    let sha256 = text(hashes, "sha256").map(|digest| ("sha256", digest));
    let (algorithm, digest) = sha256.or_else(|| hashes.entries().find_map(|(name, n)| Some((name, n.text()?))))?;
    Some(format!("{algorithm}:{digest}"))
}

/// An edge between packages.
pub(super) fn edge(from: &str, name: &str, line: u32) -> Require {
    Require { from: Some(from.to_owned()), name: name.to_owned(), line, ..Require::default() }
}

/// `extra == 'name'`.
pub(super) fn extra(name: &str) -> String {
    format!("extra == '{}'", name.replace(['\'', '"', '\\'], ""))
}
