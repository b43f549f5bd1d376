//! What `pom.xml` files say, alone and together.

use super::*;
use depslim_model::Settings;

fn facts(text: &str) -> Facts {
    read(&Source { path: "pom.xml", bytes: text.as_bytes(), settings: &Settings::default() })
}

fn pom(inner: &str) -> String {
    format!("<project><groupId>farm</groupId><artifactId>barn</artifactId><version>1</version>{inner}</project>")
}

fn dependency(name: &str, more: &str) -> String {
    let (group, artifact) = name.split_once(':').unwrap();
    format!("<dependency><groupId>{group}</groupId><artifactId>{artifact}</artifactId>{more}</dependency>")
}

fn line(require: &Require) -> String {
    let mut said = format!("{} {:?}", require.name, require.group);
    if let Some(version) = &require.version {
        said += &[" ", version].concat();
    }
    for (flag, word) in [(require.given, " given"), (require.inherited, " inherited")] {
        said += if flag { word } else { "" };
    }
    said
}

#[test]
fn scopes_are_groups() {
    for (more, expect) in [
        ("", "feed:hay Prod"),
        ("<scope>compile</scope>", "feed:hay Prod"),
        ("<scope>runtime</scope>", "feed:hay Prod"),
        ("<scope>provided</scope>", "feed:hay Prod given"),
        ("<scope>test</scope>", "feed:hay Dev"),
        ("<version>2</version><classifier>dry</classifier>", "feed:hay:dry Prod 2"),
        ("<type>test-jar</type>", "feed:hay:tests Prod"),
    ] {
        let facts = facts(&pom(&format!("<dependencies>{}</dependencies>", dependency("feed:hay", more))));
        assert_eq!(facts.requires.iter().map(line).collect::<Vec<_>>(), [expect], "{more}");
    }
}

#[test]
fn a_file_that_only_gathers_is_no_project() {
    let gathers = "<packaging>pom</packaging><modules><module>loft</module></modules>";
    assert_eq!(facts(&pom(gathers)).manifest.unwrap().name, None);
    assert_eq!(facts(&pom("")).manifest.unwrap().name.as_deref(), Some("farm:barn"));
}

#[test]
fn the_lowest_java_is_said() {
    for (text, expect) in [
        ("<properties><java.version>17</java.version></properties>", Some(">=17")),
        ("<properties><maven.compiler.source>1.8</maven.compiler.source></properties>", Some(">=8")),
        ("<properties><java.version>${x}</java.version></properties>", None),
        (
            "<build><plugins><plugin><artifactId>maven-compiler-plugin</artifactId><configuration><release>21</release>\
             </configuration></plugin></plugins></build>",
            Some(">=21"),
        ),
    ] {
        assert_eq!(facts(&pom(text)).manifest.unwrap().runtime.as_deref(), expect, "{text}");
    }
}

fn settled(files: &[(&str, String)]) -> Vec<Vec<String>> {
    let mut all: Vec<(String, Facts)> = files.iter().map(|(path, text)| ((*path).to_owned(), facts(text))).collect();
    settle(&mut all);
    all.iter().map(|(_, facts)| facts.requires.iter().map(line).collect()).collect()
}

#[test]
fn children_inherit_properties_scopes_and_dependencies() {
    let parent = pom(&format!(
        "<packaging>pom</packaging><properties><hay.version>3</hay.version></properties>\
         <dependencyManagement><dependencies>{}</dependencies></dependencyManagement><dependencies>{}</dependencies>",
        dependency("feed:oats", "<version>${hay.version}</version><scope>test</scope>"),
        dependency("feed:salt", ""),
    ));
    let child = format!(
        "<project><parent><groupId>farm</groupId><artifactId>barn</artifactId><version>1</version></parent>\
         <artifactId>loft</artifactId><dependencies>{}{}{}</dependencies></project>",
        dependency("feed:hay", "<version>${hay.version}</version>"),
        dependency("feed:oats", ""),
        dependency("${project.groupId}:stall", "<version>${project.version}</version>"),
    );
    assert_eq!(
        settled(&[("pom.xml", parent), ("loft/pom.xml", child)]),
        [
            vec!["feed:salt Prod".to_owned()],
            vec![
                "feed:hay Prod 3".to_owned(),
                "feed:oats Dev 3".to_owned(),
                "farm:stall Prod 1".to_owned(),
                "feed:salt Prod inherited".to_owned(),
            ],
        ]
    );
}

#[test]
fn parents_in_a_ring_end() {
    let ring = |other: &str| {
        format!(
            "<project><parent><groupId>farm</groupId><artifactId>x</artifactId><version>1</version>\
             <relativePath>{other}</relativePath></parent><artifactId>x</artifactId></project>"
        )
    };
    assert_eq!(settled(&[("pom.xml", ring("a")), ("a/pom.xml", ring(".."))]), [Vec::<String>::new(), Vec::new()]);
}
