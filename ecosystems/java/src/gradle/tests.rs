//! What Gradle builds declare, alone and together.

use super::*;
use crate::tests::{analysed, found, holds, jar};
use depslim_model::Settings;

fn settled(files: &[(&str, &str)]) -> Vec<String> {
    let mut all: Vec<(String, Facts)> = files
        .iter()
        .map(|(path, text)| {
            let reader =
                READERS.iter().find(|r| r.globs.iter().any(|g| path.ends_with(g.trim_start_matches('*')))).unwrap();
            let source = Source { path, bytes: text.as_bytes(), settings: &Settings::default() };
            ((*path).to_owned(), (reader.read)(&source))
        })
        .collect();
    settle(&mut all);
    let mut said = Vec::new();
    for (path, facts) in &all {
        assert!(facts.aliases.is_empty());
        for r in &facts.requires {
            let flags = [(r.given, " given"), (r.inherited, " inherited")];
            let flags: String = flags.iter().filter(|(on, _)| *on).map(|(_, word)| *word).collect();
            said.push(format!("{path}: {} {:?} {}{flags}", r.name, r.group, r.version.as_deref().unwrap_or("-")));
        }
    }
    said
}

#[test]
fn configurations_are_groups() {
    for (configuration, expect) in [
        ("implementation", Some((Group::Prod, false))),
        ("runtimeOnly", Some((Group::Prod, false))),
        ("compileOnly", Some((Group::Prod, true))),
        ("testImplementation", Some((Group::Dev, false))),
        ("integrationTestRuntimeOnly", Some((Group::Dev, false))),
        ("annotationProcessor", Some((Group::Build, false))),
        ("testAnnotationProcessor", Some((Group::Build, false))),
        ("kapt", Some((Group::Build, false))),
        ("jmhImplementation", Some((Group::Dev, false))),
        ("mainImplementation", Some((Group::Prod, false))),
        ("kotlinDependency", None),
        ("checkstyle", None),
    ] {
        assert_eq!(group_of(configuration), expect, "{configuration}");
    }
}

#[test]
fn catalogs_properties_and_shared_lines_are_settled() {
    let root = "ext.hay = '3'\nsubprojects { dependencies { implementation \"feed:hay:$hay\" } }\n";
    let loft = "dependencies {\n  implementation(libs.feed.oats)\n  compileOnly \"feed:straw:${strawVersion}\"\n}\n";
    let catalog = "[libraries]\nfeed-oats = 'feed:oats:2'\n";
    assert_eq!(
        settled(&[
            ("build.gradle", root),
            ("loft/build.gradle.kts", loft),
            ("gradle/libs.versions.toml", catalog),
            ("gradle.properties", "strawVersion=7\n"),
        ]),
        [
            "build.gradle: feed:hay Prod 3",
            "loft/build.gradle.kts: feed:oats Prod 2",
            "loft/build.gradle.kts: feed:straw Prod 7 given",
            "loft/build.gradle.kts: feed:hay Prod 3 inherited",
        ]
    );
}

#[test]
fn properties_that_lead_to_themselves_end() {
    let properties = BTreeMap::from([("a".to_owned(), "$b$b".to_owned()), ("b".to_owned(), "${a}${a}".to_owned())]);
    assert!(filled("$a", &properties, 8).len() < 100_000);
    assert_eq!(filled("x${rootProject.ext.a", &BTreeMap::new(), 8), "x${rootProject.ext.a");
}

#[test]
fn the_newest_version_wins_and_lines_are_judged() {
    let brings = "<dependencies><dependency><groupId>feed</groupId><artifactId>oats</artifactId><version>2</version></dependency></dependencies>";
    let jars = [
        jar("feed:hay:1", brings, vec![holds("hay/Hay.class", &["c:oats/Oats"])]),
        jar("feed:oats:1", "", vec![holds("oats/Oats.class", &[])]),
        jar("feed:oats:2", "", vec![holds("oats/Oats.class", &[])]),
        jar("feed:straw:1", "", vec![holds("straw/Straw.class", &[])]),
    ];
    let files = [
        ("build.gradle", "dependencies {\n implementation 'feed:hay:1'\n implementation 'feed:oats:1'\n implementation 'feed:straw:1'\n}\n".to_owned()),
        ("src/main/java/farm/Barn.java", "package farm;\nimport hay.Hay;\nimport oats.Oats;\n".to_owned()),
    ];
    let analysis = analysed(&files, &jars);
    assert_eq!(found(&analysis), ["SLIM001 feed:straw"]);
    let graph = &analysis.projects[0].graph;
    let oats = graph.find("feed:oats").unwrap();
    assert_eq!(graph.node(oats).provide.version, "2");
}

#[test]
fn without_any_artifact_names_must_do() {
    let files = [
        ("build.gradle", "dependencies {\n implementation 'org.feed:hay:1'\n}\n".to_owned()),
        ("src/main/java/farm/Barn.java", "package farm;\nimport org.feed.hay.Bale;\n".to_owned()),
    ];
    let analysis = analysed(&files, &[]);
    assert_eq!(found(&analysis), Vec::<String>::new());
}
