//! Module sets of real libraries, held against those of the JDK's own tool.

use super::Needs;
use crate::jdk;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// Libraries, and the modules that they get beside those of `jdeps`. That leaves out what a module's descriptor calls optional, though
/// its code names it (`requires static`: `java.sql` of gson, `java.desktop`, `java.sql` and `java.xml` of jackson-databind), sees no
/// class that a string names (`java.naming`, `java.rmi` and `java.sql.rowset` of jackson-databind, `jdk.compiler` of h2,
/// `jdk.unsupported`), and nothing that the runtime loads by name (`jdk.charsets`, `jdk.crypto.ec`, `jdk.management`, `jdk.zipfs`).
const LIBRARIES: [(&str, &str); 10] = [
    ("com.google.code.gson:gson:2.10.1", "java.sql jdk.unsupported"),
    ("commons-codec:commons-codec:1.16.1", ""),
    ("commons-io:commons-io:2.15.1", "jdk.charsets jdk.unsupported"),
    ("org.apache.commons:commons-csv:1.11.0", ""),
    ("org.apache.commons:commons-lang3:3.14.0", ""),
    ("org.jsoup:jsoup:1.17.2", "jdk.crypto.ec"),
    ("org.slf4j:slf4j-api:2.0.16", ""),
    (
        "com.fasterxml.jackson.core:jackson-databind:2.17.2",
        "java.desktop java.naming java.rmi java.sql java.sql.rowset java.xml",
    ),
    ("com.h2database:h2:2.2.224", "jdk.compiler jdk.crypto.ec jdk.management jdk.unsupported jdk.zipfs"),
    ("org.apache.httpcomponents.client5:httpclient5:5.3.1", "jdk.crypto.ec"),
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

/// Lets Maven put the libraries into a folder, with what they need: `jdeps` gives up where a module lacks one that it requires.
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
    output(Command::new("mvn").args(["-B", "-q", goal, "-DoutputDirectory=jars"]).current_dir(folder));
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
                .args(["--ignore-missing-deps", "--multi-release", "17", "--print-module-deps", "--module-path"])
                .args([&folder.path().join("jars"), &jar]),
        );
        let mut needs = Needs::default();
        needs.take(&fs_err::read(&jar).unwrap(), name).unwrap();
        let theirs = closed(said.trim().split(',').filter(|module| jdk::module(module).is_some()));
        let ours = closed(needs.roots().into_iter());
        // Every runtime has that one.
        let told = |module: &&str| *module != "java.base";
        let lacking: Vec<&str> = theirs.difference(&ours).copied().filter(told).collect();
        let more: Vec<&str> = needs.modules.keys().copied().filter(|m| !theirs.contains(m)).filter(told).collect();
        if !lacking.is_empty() || more.join(" ") != beside {
            let why: Vec<&String> = more.iter().filter_map(|module| needs.modules.get(module)).collect();
            wrong.push(format!("{name}: lacks {lacking:?}, has {more:?} more: {why:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
