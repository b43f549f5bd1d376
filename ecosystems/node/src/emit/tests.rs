//! Tests of what is exported for each client: the manifest and lock of production.

use super::*;
use depslim_model::Settings;
use depslim_model::ecosystem::Kept;

/// The exported manifest and lock of a farm whose production needs `plum` and, declared for development, `pear`.
fn exported(emitter: usize, files: &[(&str, &str)], project: &str) -> Result<(String, String), String> {
    let settings = Settings::default();
    let sources: Vec<Source<'_>> =
        files.iter().map(|(path, text)| Source { path, bytes: text.as_bytes(), settings: &settings }).collect();
    let kept = |name: &str| Kept { package: name.into(), ..Kept::default() };
    let plan = Plan { project: project.into(), keep: ["plum", "pear", "stone"].map(kept).into(), ..Plan::default() };
    let mut files = (EMITTERS[emitter].emit)(&plan, &sources)?.into_iter();
    let mut next = || files.next().map(|file| file.content).unwrap_or_default();
    Ok((next(), next()))
}

const MANIFEST_TEXT: &str = "{\n  \"name\": \"farm\",\n  \"scripts\": {\n    \"prepare\": \"husky\",\n    \"start\": \"node .\"\n  },\n  \"dependencies\": {\n    \"plum\": \"^1\"\n  },\n  \"devDependencies\": {\n    \"pear\": \"1\",\n    \"pruner\": \"1\"\n  }\n}\n";

const LEFT: &str = "{\n  \"name\": \"farm\",\n  \"scripts\": {\n    \"start\": \"node .\"\n  },\n  \"dependencies\": {\n    \"pear\": \"1\",\n    \"plum\": \"^1\"\n  }\n}\n";

const PNPM_9: &str = "lockfileVersion: '9.0'\n\nsettings:\n  autoInstallPeers: true\n\nimporters:\n\n  .:\n    dependencies:\n      plum:\n        specifier: ^1\n        version: 1.0.0(bird@1.0.0)\n    devDependencies:\n      pear:\n        specifier: '1'\n        version: 1.0.0\n      pruner:\n        specifier: '1'\n        version: 1.0.0\n\npackages:\n\n  bird@1.0.0:\n    resolution: {integrity: sha512-b}\n\n  pear@1.0.0:\n    resolution: {integrity: sha512-p}\n\n  plum@1.0.0:\n    resolution: {integrity: sha512-l}\n    peerDependencies:\n      bird: '*'\n    peerDependenciesMeta:\n      bird:\n        optional: true\n\n  pruner@1.0.0:\n    resolution: {integrity: sha512-r}\n\n  stone@1.0.0:\n    resolution: {integrity: sha512-s}\n\nsnapshots:\n\n  bird@1.0.0: {}\n\n  pear@1.0.0: {}\n\n  plum@1.0.0(bird@1.0.0):\n    dependencies:\n      stone: 1.0.0\n    optionalDependencies:\n      bird: 1.0.0\n\n  pruner@1.0.0:\n    dependencies:\n      bird: 1.0.0\n\n  stone@1.0.0: {}\n";

#[test]
fn pnpm_keeps_what_production_reaches() {
    let files = [("package.json", MANIFEST_TEXT), ("pnpm-lock.yaml", PNPM_9)];
    let (manifest, lock) = exported(1, &files, ".").unwrap();
    assert_eq!(manifest, LEFT);
    assert_eq!(
        lock,
        "lockfileVersion: '9.0'\n\nsettings:\n  autoInstallPeers: true\n\nimporters:\n\n  .:\n    dependencies:\n      pear:\n        specifier: '1'\n        version: 1.0.0\n      plum:\n        specifier: ^1\n        version: 1.0.0(bird@1.0.0)\n\npackages:\n\n  pear@1.0.0:\n    resolution: {integrity: sha512-p}\n\n  plum@1.0.0:\n    resolution: {integrity: sha512-l}\n    peerDependencies:\n      bird: '*'\n    peerDependenciesMeta:\n      bird:\n        optional: true\n\n  stone@1.0.0:\n    resolution: {integrity: sha512-s}\n\nsnapshots:\n\n  pear@1.0.0: {}\n\n  plum@1.0.0(bird@1.0.0):\n    dependencies:\n      stone: 1.0.0\n\n  stone@1.0.0: {}\n"
    );
}

#[test]
fn a_member_of_a_pnpm_workspace_becomes_a_project_of_its_own() {
    let lock = PNPM_9.replace("importers:\n\n  .:", "importers:\n\n  .: {}\n\n  apps/web:");
    let files = [("apps/web/package.json", MANIFEST_TEXT), ("pnpm-lock.yaml", lock.as_str())];
    let (_, alone) = exported(1, &files, "apps/web").unwrap();
    assert!(alone.contains("importers:\n\n  .:\n    dependencies:\n      pear:"), "{alone}");
    let linked = lock.replace("        version: 1.0.0\n      pruner:", "        version: link:../soil\n      pruner:");
    let files = [("apps/web/package.json", MANIFEST_TEXT), ("pnpm-lock.yaml", linked.as_str())];
    assert!(exported(1, &files, "apps/web").is_err());
}

#[test]
fn older_locks_of_pnpm_say_who_is_for_development() {
    let lock = "lockfileVersion: '6.0'\n\ndependencies:\n  plum:\n    specifier: ^1\n    version: 1.0.0\n\ndevDependencies:\n  pear:\n    specifier: '1'\n    version: 1.0.0\n  pruner:\n    specifier: '1'\n    version: 1.0.0\n\npackages:\n\n  /pear@1.0.0:\n    resolution: {integrity: sha512-p}\n    dev: true\n\n  /plum@1.0.0:\n    resolution: {integrity: sha512-l}\n    dev: false\n\n  /pruner@1.0.0:\n    resolution: {integrity: sha512-r}\n    dev: true\n";
    let files = [("package.json", MANIFEST_TEXT), ("pnpm-lock.yaml", lock)];
    let (_, left) = exported(1, &files, ".").unwrap();
    assert_eq!(
        left,
        "lockfileVersion: '6.0'\n\ndependencies:\n  pear:\n    specifier: '1'\n    version: 1.0.0\n  plum:\n    specifier: ^1\n    version: 1.0.0\n\npackages:\n\n  /pear@1.0.0:\n    resolution: {integrity: sha512-p}\n    dev: false\n\n  /plum@1.0.0:\n    resolution: {integrity: sha512-l}\n    dev: false\n"
    );
}

#[test]
fn the_first_yarn_keeps_the_descriptors_that_somebody_asks_for() {
    let lock = "# yarn lockfile v1\n\n\npear@1:\n  version \"1.0.0\"\n\nplum@^1:\n  version \"1.0.0\"\n  dependencies:\n    stone \"^1\"\n\npruner@1:\n  version \"1.0.0\"\n  dependencies:\n    stone \"*\"\n\nstone@*, stone@^1:\n  version \"1.0.0\"\n";
    let files = [("package.json", MANIFEST_TEXT), ("yarn.lock", lock)];
    let (manifest, left) = exported(2, &files, ".").unwrap();
    assert_eq!(manifest, LEFT);
    assert_eq!(
        left,
        "# yarn lockfile v1\n\n\npear@1:\n  version \"1.0.0\"\n\nplum@^1:\n  version \"1.0.0\"\n  dependencies:\n    stone \"^1\"\n\nstone@^1:\n  version \"1.0.0\"\n"
    );
}

#[test]
fn later_yarns_keep_patches_and_the_project() {
    let lock = "__metadata:\n  version: 8\n  cacheKey: 10c0\n\n\"farm@workspace:.\":\n  version: 0.0.0-use.local\n  resolution: \"farm@workspace:.\"\n  dependencies:\n    pear: \"npm:1\"\n    plum: \"npm:^1\"\n    pruner: \"npm:1\"\n  languageName: unknown\n  linkType: soft\n\n\"pear@npm:1\":\n  version: 1.0.0\n  resolution: \"pear@npm:1.0.0\"\n  languageName: node\n  linkType: hard\n\n\"plum@npm:^1\":\n  version: 1.0.0\n  resolution: \"plum@npm:1.0.0\"\n  dependencies:\n    stone: \"npm:^1\"\n  languageName: node\n  linkType: hard\n\n\"pruner@npm:1\":\n  version: 1.0.0\n  resolution: \"pruner@npm:1.0.0\"\n  dependencies:\n    stone: \"npm:*\"\n  languageName: node\n  linkType: hard\n\n\"stone@npm:*, stone@npm:^1\":\n  version: 1.0.0\n  resolution: \"stone@npm:1.0.0\"\n  languageName: node\n  linkType: hard\n\n\"stone@patch:stone@npm%3A^1#optional!builtin<compat/stone>\":\n  version: 1.0.0\n  resolution: \"stone@patch:stone@npm%3A1.0.0#optional!builtin<compat/stone>\"\n  languageName: node\n  linkType: hard\n";
    let files = [("package.json", MANIFEST_TEXT), ("yarn.lock", lock)];
    let (_, left) = exported(2, &files, ".").unwrap();
    assert!(!left.contains("pruner") && left.contains("\n\"stone@npm:^1\":\n"), "{left}");
    assert!(
        left.contains("\"stone@patch:stone@npm%3A^1#") && left.contains("    pear: \"npm:1\"\n    plum:"),
        "{left}"
    );
}

#[test]
fn what_a_lock_does_not_have_is_said() {
    let yarn =
        [("package.json", MANIFEST_TEXT), ("yarn.lock", "# yarn lockfile v1\n\nplum@^2:\n  version \"2.0.0\"\n")];
    assert!(exported(2, &yarn, ".").unwrap_err().contains("run yarn install first"));
    let pnpm = [("package.json", MANIFEST_TEXT), ("pnpm-lock.yaml", "lockfileVersion: '9.0'\nimporters:\n  .: {}\n")];
    assert!(exported(1, &pnpm, ".").unwrap_err().contains("run pnpm install first"));
    assert!(exported(1, &[("package.json", MANIFEST_TEXT)], ".").unwrap_err().starts_with("no pnpm-lock.yaml"));
}
