//! Readers of `go.mod`, `go.work`, `go.sum` and `vendor/modules.txt`.

use crate::gomod::{self, GoMod, is_folder};
use depslim_model::{
    Artifact, Facts, Group, How, Layer, Manifest, Problem, Provide, Reader, Require, Role, Source, Strength, Use,
};
use std::collections::{BTreeMap, BTreeSet};

/// One reader for each format.
pub(crate) const READERS: [Reader; 4] = [
    Reader { name: "go.mod", layer: Layer::Manifest, globs: &["go.mod"], read: read_mod },
    Reader { name: "go.work", layer: Layer::Manifest, globs: &["go.work"], read: read_work },
    Reader { name: "go.sum", layer: Layer::Manifest, globs: &["go.sum"], read: read_sum },
    Reader { name: "vendor/modules.txt", layer: Layer::Manifest, globs: &["vendor/modules.txt"], read: read_vendored },
];

/// Name of the use that a package of a `tool` directive is.
pub(crate) const TOOL: &str = "tool";

/// Name of the use that a folder of an `ignore` directive is.
pub(crate) const IGNORE: &str = "ignore";

/// The folder of the module that a file speaks of.
pub(crate) fn home(path: &str) -> String {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let vendored = path.ends_with("/modules.txt") && (folder == "vendor" || folder.ends_with("/vendor"));
    let folder = if vendored { folder.strip_suffix("vendor").unwrap_or(folder).trim_end_matches('/') } else { folder };
    folder.to_owned()
}

fn read_mod(source: &Source<'_>) -> Facts {
    let found = gomod::parse(source.bytes);
    let mut facts = Facts { problems: problems(&found), ..Facts::default() };
    if found.module.is_empty() {
        facts.problems.push(Problem::fatal(0, "no module directive: the file names no module"));
    }
    facts.manifest = Some(Manifest {
        role: Role::Manifest,
        name: (!found.module.is_empty()).then(|| found.module.clone()),
        manager: Some("go".into()),
        runtime: found.go.as_ref().map(|version| format!(">={version}")),
        ..Manifest::default()
    });
    for line in &found.requires {
        let replaced = found.replacement(&line.path, &line.version);
        let origin = replaced.map(|r| match &r.with_version {
            Some(version) => format!("{} {version}", r.with),
            None => r.with.clone(),
        });
        facts.requires.push(Require {
            name: line.path.clone(),
            version: Some(line.version.clone()),
            group: Group::Prod,
            indirect: line.indirect,
            line: line.at,
            span: Some(line.span.clone()),
            comment: line.comment.clone(),
            origin,
            ..Require::default()
        });
    }
    let said = |name: &str, value: &str, line| Use {
        how: How::Setting,
        name: name.to_owned(),
        value: value.to_owned(),
        strength: Strength::Lazy,
        line,
    };
    facts.dev_uses.extend(found.tools.iter().map(|(package, line)| said(TOOL, package, *line)));
    facts.uses.extend(found.ignores.iter().map(|folder| said(IGNORE, folder, found.module_line)));
    facts
}

fn problems(found: &GoMod) -> Vec<Problem> {
    found.problems.iter().map(|(line, message)| Problem::at(*line, message.clone())).collect()
}

fn read_work(source: &Source<'_>) -> Facts {
    let found = gomod::parse(source.bytes);
    let members = found.uses.iter().map(|(folder, _)| folder.clone()).collect();
    Facts {
        problems: problems(&found),
        manifest: Some(Manifest { role: Role::Manifest, manager: Some("go".into()), members, ..Manifest::default() }),
        ..Facts::default()
    }
}

/// The modules whose contents a `go.sum` vouches for. Format: <https://go.dev/ref/mod#go-sum-files>. It may hold several versions of
/// a module: those that count are told by `go.mod`.
fn read_sum(source: &Source<'_>) -> Facts {
    let mut facts = Facts {
        manifest: Some(Manifest { role: Role::Lock, manager: Some("go".into()), ..Manifest::default() }),
        ..Facts::default()
    };
    for (line, text) in (1..).zip(String::from_utf8_lossy(source.bytes).lines()) {
        let words: Vec<&str> = text.split_whitespace().collect();
        match words.as_slice() {
            [] => {}
            [_, version, hash] if hash.starts_with("h1:") && version.ends_with("/go.mod") => {}
            [path, version, hash] if hash.starts_with("h1:") => facts.provides.push(Provide {
                package: (*path).to_owned(),
                version: (*version).to_owned(),
                artifacts: vec![Artifact {
                    file: format!("{path}@{version}.zip"),
                    hash: Some((*hash).to_owned()),
                    bytes: None,
                }],
                line,
                ..Provide::default()
            }),
            // Other kinds of hashes may come.
            [_, _, hash] if hash.contains(':') => {}
            _ => facts.problems.push(Problem::at(line, "neither module, version and hash nor empty")),
        }
    }
    facts
}

/// What `go mod vendor` copied. Format: the comments of `cmd/go/internal/modload/vendor.go`: `# module version [=> …]`, then lines
/// `## explicit; go 1.21` and the packages.
fn read_vendored(source: &Source<'_>) -> Facts {
    let mut facts = Facts {
        manifest: Some(Manifest { role: Role::Lock, manager: Some("go".into()), ..Manifest::default() }),
        ..Facts::default()
    };
    for (line, text) in (1..).zip(String::from_utf8_lossy(source.bytes).lines()) {
        let text = text.trim();
        if let Some(module) = text.strip_prefix("# ") {
            let words: Vec<&str> = module.split_whitespace().collect();
            let version = words.get(1).filter(|w| **w != "=>").map_or("", |w| *w);
            // `# module => ../folder` repeats a replacement that was told before.
            if let ([path, ..], false) = (words.as_slice(), version.is_empty()) {
                facts.provides.push(Provide {
                    package: (*path).to_owned(),
                    version: version.to_owned(),
                    first_party: words
                        .iter()
                        .position(|w| *w == "=>")
                        .is_some_and(|at| words.get(at + 1).is_some_and(|with| is_folder(with))),
                    line,
                    ..Provide::default()
                });
            }
        } else if !text.is_empty() && !text.starts_with('#') {
            match facts.provides.last_mut() {
                Some(provide) => provide.modules.push(text.to_owned()),
                None => facts.problems.push(Problem::at(line, "a package before any module")),
            }
        }
    }
    facts
}

/// Settles the manifests of the tree: what lies in a vendor folder beside a module is other people's, whatever files came with it.
pub(crate) fn vendored(files: &mut [(String, Facts)]) {
    let modules: BTreeSet<String> =
        files.iter().filter_map(|(path, _)| path.strip_suffix("go.mod").map(str::to_owned)).collect();
    for (path, facts) in files.iter_mut().filter(|(path, _)| !path.ends_with("/modules.txt")) {
        let mut folders = path.match_indices("vendor/").map(|(at, _)| &path[..at]);
        if folders.any(|folder| (folder.is_empty() || folder.ends_with('/')) && modules.contains(folder)) {
            *facts = Facts::default();
        }
    }
}

/// Settles a module's files together: of what `go.sum` vouches for, the version that `go.mod` asks for, else the latest; nothing of
/// it where a vendor folder says what is there.
pub(crate) fn settle(files: &mut [(String, Facts)]) {
    let asked: BTreeMap<String, String> = files
        .iter()
        .filter(|(path, _)| path.ends_with("go.mod"))
        .flat_map(|(_, facts)| &facts.requires)
        .filter_map(|r| Some((r.name.clone(), r.version.clone()?)))
        .collect();
    for (path, facts) in files.iter_mut() {
        if !path.ends_with("go.sum") {
            continue;
        }
        let mut chosen: BTreeMap<String, Provide> = BTreeMap::new();
        for provide in facts.provides.drain(..) {
            let exact = asked.get(&provide.package).is_some_and(|version| *version == provide.version);
            let later = chosen.get(&provide.package).is_none_or(|other| {
                asked.get(&other.package) != Some(&other.version)
                    && crate::version::compare(&other.version, &provide.version).is_lt()
            });
            if exact || later {
                chosen.insert(provide.package.clone(), provide);
            }
        }
        facts.provides = chosen.into_values().collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use depslim_model::Settings;

    fn read(path: &str, text: &str) -> Facts {
        let reader = READERS.iter().find(|r| path.ends_with(r.name)).unwrap();
        (reader.read)(&Source { path, bytes: text.as_bytes(), settings: &Settings::default() })
    }

    #[test]
    fn requirements_carry_marks_and_replacements() {
        let facts = read(
            "go.mod",
            "module example.invalid/barn\ngo 1.21\nrequire hay.example v1.0.0 // indirect\nrequire straw.example v2.0.0 // for the roof\nreplace straw.example => ../straw\ntool hay.example/cmd/mow\n",
        );
        let about = facts.manifest.unwrap();
        assert_eq!((about.name.as_deref(), about.runtime.as_deref()), (Some("example.invalid/barn"), Some(">=1.21")));
        let lines: Vec<_> = facts
            .requires
            .iter()
            .map(|r| (r.name.as_str(), r.indirect, r.origin.as_deref(), r.comment.as_deref()))
            .collect();
        assert_eq!(
            lines,
            [("hay.example", true, None, None), ("straw.example", false, Some("../straw"), Some("for the roof"))]
        );
        assert_eq!(facts.dev_uses[0].value, "hay.example/cmd/mow");
        assert!(read("go.mod", "// nothing\n").problems[0].fatal);
    }

    #[test]
    fn sums_vouch_for_contents() {
        let facts = read(
            "go.sum",
            "hay.example v1.0.0 h1:AAA=\nhay.example v1.0.0/go.mod h1:BBB=\nstraw.example v2.0.0/go.mod h1:CCC=\n<<<<<<< HEAD\n",
        );
        assert_eq!(facts.provides.iter().map(|p| p.package.as_str()).collect::<Vec<_>>(), ["hay.example"]);
        assert_eq!(facts.problems.iter().map(|p| p.line).collect::<Vec<_>>(), [4]);
    }

    #[test]
    fn of_several_versions_the_one_asked_for_counts() {
        let mut files = vec![
            ("go.mod".to_owned(), read("go.mod", "module m\nrequire hay.example v1.0.0\n")),
            (
                "go.sum".to_owned(),
                read(
                    "go.sum",
                    "hay.example v1.0.0 h1:A=\nhay.example v1.2.0 h1:B=\noats.example v1.9.0 h1:C=\noats.example v1.10.0 h1:D=\n",
                ),
            ),
        ];
        settle(&mut files);
        let versions: Vec<_> = files[1].1.provides.iter().map(|p| p.version.as_str()).collect();
        assert_eq!(versions, ["v1.0.0", "v1.10.0"]);
    }

    #[test]
    fn vendored_packages_belong_to_modules() {
        let facts = read(
            "vendor/modules.txt",
            "## workspace\n# hay.example v1.0.0\n## explicit; go 1.20\nhay.example\nhay.example/bale\n# straw.example v1.0.0 => ../straw\nstraw.example\n# straw.example => ../straw\n",
        );
        let found: Vec<_> =
            facts.provides.iter().map(|p| (p.package.as_str(), p.modules.len(), p.first_party)).collect();
        assert_eq!(found, [("hay.example", 2, false), ("straw.example", 1, true)]);
        assert_eq!(read("vendor/modules.txt", "hay.example\n").problems.len(), 1);
    }

    #[test]
    fn vendored_modules_are_no_projects() {
        let paths = ["go.mod", "vendor/hay.example/go.mod", "vendor/modules.txt", "a/vendor/go.mod", "myvendor/go.mod"];
        let of = |path: &&str| ((*path).to_owned(), read(path.rsplit('/').next().unwrap(), "module m\n"));
        let mut files: Vec<(String, Facts)> = paths[..2].iter().chain(&paths[3..]).map(of).collect();
        files.push((paths[2].to_owned(), read("vendor/modules.txt", "# hay.example v1.0.0\nhay.example\n")));
        vendored(&mut files);
        let left: Vec<&str> = files.iter().filter(|(_, f)| f.manifest.is_some()).map(|(p, _)| p.as_str()).collect();
        assert_eq!(left, ["go.mod", "a/vendor/go.mod", "myvendor/go.mod", "vendor/modules.txt"]);
    }

    #[test]
    fn homes() {
        for (path, folder) in
            [("go.mod", ""), ("a/go.sum", "a"), ("vendor/modules.txt", ""), ("a/b/vendor/modules.txt", "a/b")]
        {
            assert_eq!(home(path), folder, "{path}");
        }
    }
}
