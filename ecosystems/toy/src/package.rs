//! Packages: the blocks of `toy.lock`, and the `meta/NAME.meta` files of installed ones, which are one block each. Paths are
//! relative to the folder of the file that says them.
//!
//! ```text
//! package stripes 1.2.0
//! module stripes
//! needs paint >=1 [gold] if not musl
//! extra fast
//! needs rocket if extra fast
//! program stripe
//! plugin farm.fences zebra stripes.zebra
//! file ../stripes/
//! artifact stripes-1.2.0-any.box 1200 sha256:4be1
//! ```

use crate::{requirement, text};
use depslim_model::{Artifact, Facts, Manifest, Owns, Plugin, Problem, Provide, Role, Source, Target};

/// Reads `toy.lock`.
pub(crate) fn read_lock(source: &Source<'_>) -> Facts {
    let mut facts = read_blocks(source);
    for problem in &mut facts.problems {
        // Half a lock is none: what it does not say would look like nobody's need.
        problem.fatal = true;
    }
    facts.manifest = Some(Manifest { role: Role::Lock, manager: Some("toyget".into()), ..Manifest::default() });
    facts
}

/// Reads the metadata of one installed package; the file itself belongs to the package too.
pub(crate) fn read_installed(source: &Source<'_>) -> Facts {
    let mut facts = read_blocks(source);
    for provide in &mut facts.provides {
        if let Owns::Files(files) = &mut provide.owns {
            files.push(source.file_name().to_owned());
        } else {
            provide.owns = Owns::Files(vec![source.file_name().to_owned()]);
        }
    }
    facts
}

/// Which artifact the target installs: the one for its C library, else the one for any.
pub(crate) fn choose(artifacts: &[Artifact], target: &Target) -> Option<usize> {
    let made_for = |what: &str| artifacts.iter().position(|a| a.file.ends_with(&format!("-{what}.box")));
    made_for(&target.libc).or_else(|| made_for("any"))
}

fn read_blocks(source: &Source<'_>) -> Facts {
    let (text, problem) = text::decode(source.bytes);
    let mut facts = Facts { problems: problem.into_iter().collect(), ..Facts::default() };
    for line in text::lines(&text) {
        let words: Vec<&str> = line.text.split_whitespace().collect();
        let good = match (words.as_slice(), facts.provides.last_mut()) {
            (["package", name, version], _) if requirement::is_name(name) => {
                let (package, version) = ((*name).into(), (*version).into());
                facts.provides.push(Provide { package, version, line: line.number, ..Provide::default() });
                true
            }
            (["needs", ..], Some(package)) => match requirement::parse(&line.text["needs".len()..], line.number) {
                Some(mut require) => {
                    require.from = Some(package.package.clone());
                    facts.requires.push(require);
                    true
                }
                None => false,
            },
            (words, Some(package)) => describe(package, words),
            (_, None) => false,
        };
        if !good {
            facts.problems.push(Problem::at(line.number, format!("`{}` says nothing about a package", line.text)));
        }
    }
    facts
}

/// Adds what one line says about a package; false when it says nothing.
fn describe(package: &mut Provide, words: &[&str]) -> bool {
    match words {
        ["module", module] => package.modules.push((*module).into()),
        ["program", program] => package.programs.push((*program).into()),
        ["extra", extra] => package.features.push((*extra).into()),
        ["plugin", group, name, target] => {
            package.plugins.push(Plugin { group: (*group).into(), name: (*name).into(), target: (*target).into() });
        }
        ["file", path] => match &mut package.owns {
            Owns::Files(files) => files.push((*path).into()),
            other => *other = Owns::Files(vec![(*path).into()]),
        },
        ["artifact", file, bytes, hash @ ..] => {
            let hash = hash.first().map(|h| (*h).to_owned());
            package.artifacts.push(Artifact { file: (*file).into(), bytes: bytes.parse().ok(), hash });
        }
        ["license", license] => package.license = Some((*license).into()),
        ["own"] => package.first_party = true,
        _ => return false,
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use depslim_model::Settings;

    fn facts(read: fn(&Source<'_>) -> Facts, path: &str, text: &str) -> Facts {
        read(&Source { path, bytes: text.as_bytes(), settings: &Settings::default() })
    }

    #[test]
    fn metadata_says_what_a_package_brings() {
        let text = "package Stripes 1.2.0\nmodule stripes\nprogram stripe\nextra fast\nneeds paint >=1\n\
                    needs rocket if extra fast\nplugin farm.fences zebra stripes.zebra\nfile ../stripes/\n";
        let facts = facts(read_installed, "toybox/meta/stripes.meta", text);
        insta::assert_json_snapshot!(facts, @r#"
        {
          "requires": [
            {
              "from": "Stripes",
              "name": "paint",
              "features": [],
              "group": "prod",
              "group_name": null,
              "version": ">=1",
              "condition": null,
              "line": 5,
              "span": null,
              "comment": null,
              "origin": null
            },
            {
              "from": "Stripes",
              "name": "rocket",
              "features": [],
              "group": "prod",
              "group_name": null,
              "version": null,
              "condition": "extra fast",
              "line": 6,
              "span": null,
              "comment": null,
              "origin": null
            }
          ],
          "provides": [
            {
              "package": "Stripes",
              "version": "1.2.0",
              "modules": [
                "stripes"
              ],
              "programs": [
                "stripe"
              ],
              "plugins": [
                {
                  "group": "farm.fences",
                  "name": "zebra",
                  "target": "stripes.zebra"
                }
              ],
              "features": [
                "fast"
              ],
              "owns": {
                "files": [
                  "../stripes/",
                  "stripes.meta"
                ]
              },
              "artifacts": [],
              "first_party": false,
              "origin": null,
              "condition": null,
              "license": null,
              "line": 1
            }
          ]
        }
        "#);
    }

    #[test]
    fn a_lock_is_many_blocks() {
        let facts =
            facts(read_lock, "toy.lock", "package paint 2\npackage ink 1\nneeds paint\n\npackage farm 0\nown\n");
        let versions: Vec<_> =
            facts.provides.iter().map(|p| (p.package.as_str(), p.version.as_str(), p.line)).collect();
        assert_eq!(versions, [("paint", "2", 1), ("ink", "1", 2), ("farm", "0", 5)]);
        assert_eq!(facts.requires[0].from.as_deref(), Some("ink"));
        assert_eq!(facts.manifest.unwrap().role, Role::Lock);
    }

    #[test]
    fn half_a_lock_is_none() {
        let facts = facts(read_lock, "toy.lock", "module lost\npackage paint 2\n<<<<<<< ours\n");
        assert_eq!(facts.problems.iter().map(|p| (p.line, p.fatal)).collect::<Vec<_>>(), [(1, true), (3, true)]);
    }

    #[test]
    fn the_artifact_for_the_target_is_chosen() {
        let named = |file: &str| Artifact { file: file.into(), ..Artifact::default() };
        let artifacts = [named("paint-2-any.box"), named("paint-2-musl.box")];
        assert_eq!(choose(&artifacts, &Target::default()), Some(0));
        let alpine = Target { libc: "musl".into(), ..Target::default() };
        assert_eq!(choose(&artifacts, &alpine), Some(1));
        assert_eq!(choose(&artifacts[1..], &Target::default()), None);
    }
}
