//! Module sets of real libraries, held against those of the JDK's own tool.

use super::Needs;
use crate::jdk;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// Libraries, and the modules that they get beside those of `jdeps`, which sees neither strings nor what is loaded by name.
const LIBRARIES: [(&str, &str); 10] = [
    ("com.google.code.gson:gson:2.10.1", ""),
    ("commons-codec:commons-codec:1.16.1", ""),
    ("commons-io:commons-io:2.15.1", ""),
    ("org.apache.commons:commons-csv:1.11.0", ""),
    ("org.apache.commons:commons-lang3:3.14.0", ""),
    ("org.jsoup:jsoup:1.17.2", ""),
    ("org.slf4j:slf4j-api:2.0.16", ""),
    ("com.fasterxml.jackson.core:jackson-databind:2.17.2", ""),
    ("com.h2database:h2:2.2.224", ""),
    ("org.apache.httpcomponents.client5:httpclient5:5.3.1", ""),
];

/// Modules with all that they require.
fn closed<'m>(modules: impl Iterator<Item = &'m str>) -> BTreeSet<&'m str> {
    let mut all = BTreeSet::new();
    let mut open: Vec<&str> = modules.collect();
    while let Some(name) = open.pop() {
        if all.insert(name) {
            open.extend(jdk::module(name).into_iter().flat_map(|module| module.requires.iter().copied()));
        }
    }
    all
}

fn output(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{command:?}: {}{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}

/// Lets Maven put the libraries alone into a folder.
fn fetched(folder: &Path) {
    let line = |name: &(&str, &str)| {
        let parts: Vec<&str> = name.0.split(':').collect();
        let [group, artifact, version] = parts[..] else { panic!("{}", name.0) };
        format!(
            "<dependency><groupId>{group}</groupId><artifactId>{artifact}</artifactId><version>{version}</version></dependency>"
        )
    };
    let lines: String = LIBRARIES.iter().map(line).collect();
    let pom = format!(
        "<project><modelVersion>4.0.0</modelVersion><groupId>farm</groupId><artifactId>barn</artifactId><version>1</version>\
         <dependencies>{lines}</dependencies></project>"
    );
    fs_err::write(folder.join("pom.xml"), pom).unwrap();
    let goal = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies";
    output(
        Command::new("mvn")
            .args(["-B", "-q", goal, "-DexcludeTransitive=true", "-DoutputDirectory=jars"])
            .current_dir(folder),
    );
}

#[test]
#[ignore = "installs real packages"]
fn module_sets_are_those_of_jdeps_and_what_it_cannot_see() {
    let folder = tempfile::tempdir().unwrap();
    fetched(folder.path());
    let mut wrong = Vec::new();
    for (name, beside) in LIBRARIES {
        let parts: Vec<&str> = name.split(':').collect();
        let jar = folder.path().join("jars").join(format!("{}-{}.jar", parts[1], parts[2]));
        let said = output(
            Command::new("jdeps")
                .args(["--ignore-missing-deps", "--multi-release", "17", "--print-module-deps"])
                .arg(&jar),
        );
        let mut needs = Needs::default();
        needs.take(&fs_err::read(&jar).unwrap(), name).unwrap();
        let theirs = closed(said.trim().split(','));
        let ours = closed(needs.roots().into_iter());
        let lacking: Vec<&&str> = theirs.difference(&ours).collect();
        let more: Vec<&str> = needs.modules.keys().filter(|module| !theirs.contains(*module)).copied().collect();
        if !lacking.is_empty() || more.join(" ") != beside {
            let why: Vec<&String> = more.iter().filter_map(|module| needs.modules.get(module)).collect();
            wrong.push(format!("{name}: lacks {lacking:?}, has {more:?} more: {why:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
