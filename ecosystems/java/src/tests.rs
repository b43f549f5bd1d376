//! Whole projects: builds, a local repository with jars made here, and what is said of every declaration.

use super::ECOSYSTEM;
use crate::archive::tests::zip;
use crate::class::tests::class;
use depslim_engine::{Analysis, Request, run};
use depslim_model::{Code, Settings, Target};
use std::collections::BTreeMap;
use std::path::Path;

/// A jar of a local repository: `group:artifact:version`, what its model says inside, its entries.
pub(crate) struct Jar<'a> {
    pub(crate) name: &'a str,
    pub(crate) model: String,
    pub(crate) entries: Vec<(&'a str, Vec<u8>)>,
}

/// A class of a jar, by the constants that it has.
pub(crate) fn holds<'a>(path: &'a str, constants: &[&str]) -> (&'a str, Vec<u8>) {
    (path, class(61, constants))
}

pub(crate) fn jar<'a>(name: &'a str, model: &str, entries: Vec<(&'a str, Vec<u8>)>) -> Jar<'a> {
    Jar { name, model: model.to_owned(), entries }
}

pub(crate) fn dependency(name: &str, more: &str) -> String {
    let parts: Vec<&str> = name.split(':').collect();
    let version = parts.get(2).map_or_else(String::new, |version| format!("<version>{version}</version>"));
    format!(
        "<dependency><groupId>{}</groupId><artifactId>{}</artifactId>{version}{more}</dependency>\n",
        parts[0], parts[1]
    )
}

fn fill(repository: &Path, jar: &Jar<'_>) {
    let parts: Vec<&str> = jar.name.split(':').collect();
    let [group, artifact, version] = parts[..] else { panic!("{}", jar.name) };
    let folder = repository.join(group.replace('.', "/")).join(artifact).join(version);
    fs_err::create_dir_all(&folder).unwrap();
    let model = format!(
        "<project><modelVersion>4.0.0</modelVersion><groupId>{group}</groupId><artifactId>{artifact}</artifactId>\
         <version>{version}</version>{}</project>",
        jar.model
    );
    fs_err::write(folder.join(format!("{artifact}-{version}.pom")), model).unwrap();
    if !jar.model.contains("<packaging>pom") {
        let entries: Vec<(&str, &[u8])> = jar.entries.iter().map(|(name, bytes)| (*name, bytes.as_slice())).collect();
        fs_err::write(folder.join(format!("{artifact}-{version}.jar")), zip(&entries)).unwrap();
    }
}

/// Analyses a project of these files with these jars in the user's repository.
pub(crate) fn analysed(files: &[(&str, String)], jars: &[Jar<'_>]) -> Analysis {
    kept(files, jars).0
}

/// The same, with the folder that holds all of it.
pub(crate) fn kept(files: &[(&str, String)], jars: &[Jar<'_>]) -> (Analysis, tempfile::TempDir) {
    let outer = tempfile::tempdir().unwrap();
    let root = outer.path().join("farm");
    for (path, text) in files {
        let path = root.join(path);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
    }
    (analysed_at(&root, jars), outer)
}

/// Analyses what lies in a folder, with these jars in the user's repository beside it.
fn analysed_at(root: &std::path::Path, jars: &[Jar<'_>]) -> Analysis {
    let home = root.with_file_name("home");
    for jar in jars {
        fill(&home.join(".m2/repository"), jar);
    }
    let home = home.to_string_lossy().into_owned();
    let request = Request {
        root,
        ecosystems: &[&ECOSYSTEM],
        exclude: &[],
        wants: &|_, _| true,
        target: &|_| Target::default(),
        heavy: 25_000_000,
        settings: &|_, _| Settings::default(),
        keep: &|_, _, _| None,
        keep_lines: &|_, _| BTreeMap::new(),
        threads: 1,
        variable: &|name| (name == "HOME").then(|| home.clone()),
        install: &|_, _, _| None,
        progress: &|_| {},
        version: "0",
        memory: None,
        past: None,
    };
    run(&request).unwrap()
}

/// `SLIM001 feed:hay pom.xml:4` for each finding on a package, sorted.
pub(crate) fn found(analysis: &Analysis) -> Vec<String> {
    let findings = analysis.projects.iter().flat_map(|project| &project.findings);
    let mut said: Vec<String> = findings
        .filter(|finding| matches!(finding.code, Code::Unused | Code::DevInProd | Code::Undeclared))
        .map(|finding| {
            let name = finding.package.trim_start_matches("pkg:maven/").split('@').next().unwrap_or_default();
            format!("{} {}", finding.code, name.replacen('/', ":", 1))
        })
        .collect();
    said.sort();
    said
}

pub(crate) fn pom(inner: &str) -> String {
    format!(
        "<project>\n<modelVersion>4.0.0</modelVersion>\n<groupId>farm</groupId>\n<artifactId>barn</artifactId>\n<version>1</version>\n{inner}\n</project>\n"
    )
}

fn code(body: &str) -> (&'static str, String) {
    ("src/main/java/farm/Barn.java", format!("package farm;\n{body}"))
}

fn plain(name: &str) -> Jar<'_> {
    let artifact = name.split(':').nth(1).unwrap();
    let path: &'static str = Box::leak(format!("{artifact}/{artifact}x/Thing.class").into_boxed_str());
    jar(name, "", vec![holds(path, &[])])
}

/// Sixteen jars of one class each, every one used in another way but one.
#[test]
fn sixteen_ways_to_use_a_jar() {
    let main = "package a; import d.imp.I; import java.util.*;\n/** {@link I} */\n@d.srcann.A @d.clsann.A @d.rtann.A\n\
                public class Main {\n  @d.typeuse.A String x;\n  List<d.gen.G> gs;\n  int k = d.konst.K.MAX;\n  \
                void f(Object o) throws d.thr.T { if (o instanceof d.inst.O) System.out.println(1); d.local.V v = null; }\n  \
                public static void main(String[] a) throws Exception { Class.forName(\"d.refl.D\"); \
                java.sql.DriverManager.getConnection(\"x:y\"); new d.mid.M().hi(); }\n}\n";
    let one = |name: &'static str, path: &'static str| jar(name, "", vec![holds(path, &["c:java/lang/Object"])]);
    let jars = [
        one("traps:dconst:1", "d/konst/K.class"),
        one("traps:dsrcann:1", "d/srcann/A.class"),
        one("traps:dclsann:1", "d/clsann/A.class"),
        one("traps:drtann:1", "d/rtann/A.class"),
        one("traps:dtypeuse:1", "d/typeuse/A.class"),
        one("traps:drefl:1", "d/refl/D.class"),
        jar(
            "traps:dspi:1",
            "",
            vec![
                holds("d/spi/Drv.class", &["c:java/sql/Driver"]),
                ("META-INF/services/java.sql.Driver", b"d.spi.Drv\n".to_vec()),
            ],
        ),
        one("traps:dimport:1", "d/imp/I.class"),
        one("traps:dgen:1", "d/gen/G.class"),
        one("traps:dthrows:1", "d/thr/T.class"),
        one("traps:dinst:1", "d/inst/O.class"),
        one("traps:dlocal:1", "d/local/V.class"),
        one("traps:dunused:1", "d/unused/U.class"),
        one("traps:dpkgann:1", "d/pkgann/P.class"),
        jar("traps:dmid:1", "", vec![holds("d/mid/M.class", &["c:d/sup/S"])]),
        one("traps:dsuper:1", "d/sup/S.class"),
    ];
    let lines: String = jars.iter().map(|jar| dependency(jar.name, "")).collect();
    let files = [
        ("pom.xml", pom(&format!("<dependencies>{lines}</dependencies>"))),
        ("src/main/java/a/Main.java", main.to_owned()),
        ("src/main/java/a/package-info.java", "@d.pkgann.P package a;\n".to_owned()),
    ];
    assert_eq!(found(&analysed(&files, &jars)), ["SLIM001 traps:dunused"]);
}

#[test]
fn lines_are_judged_by_who_sees_what_they_bring() {
    let jars = [plain("feed:hay:1"), plain("feed:oats:1"), plain("feed:straw:1")];
    let bundle = format!("<packaging>pom</packaging><dependencies>{}</dependencies>", dependency("feed:oats:1", ""));
    let gathers = format!("<dependencies>{}</dependencies>", dependency("feed:oats:1", ""));
    for (lines, body, jar_of_line, expect) in [
        // Used by tests alone.
        (dependency("feed:hay:1", ""), code(""), None, vec!["SLIM002 feed:hay"]),
        // Declared for tests, used by tests.
        (dependency("feed:hay:1", "<scope>test</scope>"), code(""), None, vec![]),
        // Declared for tests, used by nobody.
        (dependency("feed:straw:1", "<scope>test</scope>"), code(""), None, vec!["SLIM001 feed:straw"]),
        // A jar without classes is used when what it brings is.
        (
            dependency("feed:starter:1", ""),
            code("import oats.oatsx.Thing;"),
            Some(jar("feed:starter:1", &gathers, vec![])),
            vec!["SLIM004 feed:oats"],
        ),
        (
            dependency("feed:starter:1", ""),
            code(""),
            Some(jar("feed:starter:1", &gathers, vec![])),
            vec!["SLIM001 feed:starter"],
        ),
        // So is any other that brings what nobody else brings.
        (
            dependency("feed:sack:1", ""),
            code("import oats.oatsx.Thing;"),
            Some(jar("feed:sack:1", &gathers, vec![holds("sack/Sack.class", &[])])),
            vec!["SLIM004 feed:oats"],
        ),
        // What a container brings is used like all else.
        (dependency("feed:hay:1", "<scope>provided</scope>"), code("import hay.hayx.Thing;"), None, vec![]),
        (dependency("feed:straw:1", "<scope>provided</scope>"), code(""), None, vec!["SLIM001 feed:straw"]),
    ] {
        let files = [
            ("pom.xml", pom(&format!("<dependencies>{lines}</dependencies>"))),
            body,
            ("src/test/java/farm/BarnTest.java", "package farm;\nimport hay.hayx.Thing;\n".to_owned()),
        ];
        let mut here: Vec<Jar<'_>> = jars.iter().map(|j| jar(j.name, &j.model, j.entries.clone())).collect();
        here.extend(jar_of_line);
        assert_eq!(found(&analysed(&files, &here)), expect, "{lines}");
    }
    // A bill of materials that is no jar brings what it names.
    let files = [
        ("pom.xml", pom(&format!("<dependencies>{}</dependencies>", dependency("feed:bundle:1", "<type>pom</type>")))),
        code("import oats.oatsx.Thing;"),
    ];
    let jars = [plain("feed:oats:1"), jar("feed:bundle:1", &bundle, vec![])];
    assert_eq!(found(&analysed(&files, &jars)), ["SLIM004 feed:oats"]);
}

#[test]
fn a_line_that_decides_on_a_version_stays() {
    let brings =
        |version: &str| format!("<dependencies>{}</dependencies>", dependency(&format!("feed:oats:{version}"), ""));
    let sack = |version: &str| {
        jar("feed:sack:1", &brings(version), vec![holds("sack/sackx/Thing.class", &["c:oats/oatsx/Thing"])])
    };
    let project = [
        (
            "pom.xml",
            pom(&format!(
                "<dependencies>{}{}</dependencies>",
                dependency("feed:sack:1", ""),
                dependency("feed:oats:2", "")
            )),
        ),
        code("import sack.sackx.Thing;"),
    ];
    let same = [sack("2"), plain("feed:oats:2")];
    assert_eq!(found(&analysed(&project, &same)), ["SLIM001 feed:oats"]);
    let other = [sack("1"), plain("feed:oats:2"), plain("feed:oats:1")];
    assert_eq!(found(&analysed(&project, &other)), Vec::<String>::new());
}

#[test]
fn what_a_parent_declares_is_judged_at_the_parent() {
    let parent = "<packaging>pom</packaging><modules><module>loft</module></modules>";
    let lines = [dependency("feed:hay:1", ""), dependency("feed:straw:1", "")].concat();
    let child = "<project><modelVersion>4.0.0</modelVersion><parent><groupId>farm</groupId><artifactId>barn</artifactId><version>1</version>\
                 </parent><artifactId>loft</artifactId></project>";
    let files = [
        ("pom.xml", pom(&format!("{parent}<dependencies>{lines}</dependencies>"))),
        ("loft/pom.xml", child.to_owned()),
        ("loft/src/main/java/farm/Loft.java", "package farm;\nimport hay.hayx.Thing;\n".to_owned()),
    ];
    let analysis = analysed(&files, &[plain("feed:hay:1"), plain("feed:straw:1")]);
    assert_eq!(found(&analysis), ["SLIM001 feed:straw"]);
}

#[test]
fn modules_of_one_build_use_each_other() {
    let module = |name: &str, lines: &str| {
        format!(
            "<project><modelVersion>4.0.0</modelVersion><parent><groupId>farm</groupId><artifactId>barn</artifactId><version>1</version>\
             </parent><artifactId>{name}</artifactId><dependencies>{lines}</dependencies></project>"
        )
    };
    let of_build = |name: &str| dependency(&format!("farm:{name}:${{project.version}}"), "");
    let files = [
        (
            "pom.xml",
            pom(
                "<packaging>pom</packaging><modules><module>loft</module><module>stall</module><module>shed</module></modules>",
            ),
        ),
        ("loft/pom.xml", module("loft", "")),
        ("loft/src/main/java/loft/Loft.java", "package loft;\npublic class Loft {}\n".to_owned()),
        ("shed/pom.xml", module("shed", "")),
        ("shed/src/main/java/shed/Shed.java", "package shed;\npublic class Shed {}\n".to_owned()),
        ("stall/pom.xml", module("stall", &[of_build("loft"), of_build("shed")].concat())),
        ("stall/src/main/java/stall/Stall.java", "package stall;\nimport loft.Loft;\n".to_owned()),
    ];
    assert_eq!(found(&analysed(&files, &[])), ["SLIM001 farm:shed"]);
}

#[test]
fn what_a_module_declares_may_be_used_by_who_depends_on_it() {
    let module = |name: &str, lines: &str| {
        format!(
            "<project><modelVersion>4.0.0</modelVersion><parent><groupId>farm</groupId><artifactId>barn</artifactId><version>1</version>\
             </parent><artifactId>{name}</artifactId><dependencies>{lines}</dependencies></project>"
        )
    };
    let files = [
        ("pom.xml", pom("<packaging>pom</packaging><modules><module>loft</module><module>stall</module></modules>")),
        ("loft/pom.xml", module("loft", &[dependency("feed:hay:1", ""), dependency("feed:straw:1", "")].concat())),
        ("loft/src/main/java/loft/Loft.java", "package loft;\npublic class Loft {}\n".to_owned()),
        ("stall/pom.xml", module("stall", &dependency("farm:loft:1", ""))),
        (
            "stall/src/main/java/stall/Stall.java",
            "package stall;\nimport loft.Loft;\nimport hay.hayx.Thing;\n".to_owned(),
        ),
    ];
    let analysis = analysed(&files, &[plain("feed:hay:1"), plain("feed:straw:1")]);
    assert_eq!(found(&analysis), ["SLIM001 feed:straw", "SLIM004 feed:hay"]);
}

#[test]
fn settings_name_drivers_and_services_are_loaded() {
    let service = |name: &'static str, service: &'static str, class_path: &'static str, provider: &'static str| {
        jar(name, "", vec![holds(class_path, &[]), (service, provider.as_bytes().to_vec())])
    };
    let jars = [
        jar("feed:api:1", "", vec![holds("api/apix/Feeder.class", &[])]),
        service("feed:fast:1", "META-INF/services/api.apix.Feeder", "fast/Fast.class", "fast.Fast\n"),
        service("feed:other:1", "META-INF/services/gone.Feeder", "other/Other.class", "other.Other\n"),
        plain("feed:driver:1"),
        jar(
            "feed:tags:1",
            "",
            vec![
                ("META-INF/feed.tld", b"<taglib><uri>http://feed.invalid/tags</uri></taglib>".to_vec()),
                holds("tags/T.class", &[]),
            ],
        ),
    ];
    let lines: String = jars.iter().map(|jar| dependency(jar.name, "")).collect();
    let files = [
        ("pom.xml", pom(&format!("<dependencies>{lines}</dependencies>"))),
        code("import api.apix.Feeder;"),
        ("src/main/resources/application.properties", "driver = driver.driverx.Thing\n".to_owned()),
        ("src/main/webapp/a.jsp", "<%@ taglib prefix=\"f\" uri=\"http://feed.invalid/tags\" %>\n".to_owned()),
    ];
    assert_eq!(found(&analysed(&files, &jars)), ["SLIM001 feed:other"]);
}

#[test]
fn loops_and_absent_parents_are_said_and_end() {
    let ring = "<parent><groupId>feed</groupId><artifactId>ring</artifactId><version>1</version></parent>";
    let jars = [jar("feed:ring:1", &format!("{ring}<packaging>pom</packaging>"), vec![]), plain("feed:hay:1")];
    for (parent, expect) in [("feed:ring:1", "feed:ring:1"), ("feed:gone:1", "feed:gone:1")] {
        let artifact = parent.split(':').nth(1).unwrap();
        let text = format!(
            "<parent><groupId>feed</groupId><artifactId>{artifact}</artifactId><version>1</version><relativePath/></parent>\
             <dependencies>{}</dependencies>",
            dependency("feed:hay:1", "")
        );
        let analysis = analysed(&[("pom.xml", pom(&text)), code("import hay.hayx.Thing;")], &jars);
        let notes: Vec<&str> = analysis.projects[0].notes.iter().map(|note| note.message.as_str()).collect();
        assert!(notes.iter().any(|note| note.starts_with(expect)), "{parent}: {notes:?}");
        assert_eq!(found(&analysis), Vec::<String>::new());
    }
}

/// A project of these files with lines for these jars.
fn with_lines(jars: &[Jar<'_>], scope: &str, files: &[(&'static str, String)]) -> Vec<String> {
    let lines: String = jars.iter().map(|jar| dependency(jar.name, scope)).collect();
    let mut all = vec![("pom.xml", pom(&format!("<dependencies>{lines}</dependencies>")))];
    all.extend(files.iter().cloned());
    found(&analysed(&all, jars))
}

#[test]
fn code_that_the_build_made_counts() {
    let jars = [plain("feed:hay:1"), plain("feed:oats:1"), plain("feed:straw:1"), plain("feed:corn:1")];
    let made = |text: &str| ("target/generated-sources/x/farm/Made.java", format!("package farm;\nimport {text};\n"));
    let ignored = (".gitignore", "target/\n".to_owned());
    let files = [code("class Barn {}"), ignored, made("hay.hayx.Thing")];
    assert_eq!(with_lines(&jars, "", &files), ["SLIM001 feed:corn", "SLIM001 feed:oats", "SLIM001 feed:straw"]);
    // Compiled classes, of production and of tests.
    let outer = tempfile::tempdir().unwrap();
    let root = outer.path().join("farm");
    let lines: String = jars.iter().map(|jar| dependency(jar.name, "")).collect();
    for (path, bytes) in [
        ("pom.xml", pom(&format!("<dependencies>{lines}</dependencies>")).into_bytes()),
        (".gitignore", b"target\n".to_vec()),
        ("src/main/java/farm/Barn.java", b"package farm;".to_vec()),
        ("target/classes/farm/Barn.class", holds("", &["u:Loats/oatsx/Thing;", "c:farm/Door", "c:java/sql/Driver"]).1),
        ("target/test-classes/farm/BarnTest.class", holds("", &["c:straw/strawx/Thing"]).1),
        ("target/other/farm/Old.class", holds("", &["c:corn/cornx/Thing"]).1),
    ] {
        let path = root.join(path);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, bytes).unwrap();
    }
    let analysis = analysed_at(&root, &jars);
    assert_eq!(found(&analysis), ["SLIM001 feed:corn", "SLIM001 feed:hay", "SLIM002 feed:straw"]);
    let runtime: Vec<&str> = analysis.projects[0].plan.runtime.keys().map(String::as_str).collect();
    assert_eq!(runtime, ["java.sql.Driver"]);
}

#[test]
fn classes_of_ones_own_package_need_no_import() {
    let jars = [
        jar("feed:hay:1", "", vec![holds("farm/hay/Thing.class", &[])]),
        jar("feed:oats:1", "", vec![holds("farm/Thing.class", &[])]),
    ];
    let file = ("src/main/java/farm/hay/Barn.java", "package farm.hay;\nclass Barn extends Thing {}".to_owned());
    assert_eq!(with_lines(&jars, "", &[file]), ["SLIM001 feed:oats"]);
}

#[test]
fn annotations_of_jars_are_needed_by_nobody() {
    // A class with one field of the second text as its descriptor; the first is an annotation's.
    let mut class = holds("", &["u:Lnote/notex/Thing;", "u:Lhay/hayx/Thing;"]).1;
    for number in [0x21, 1, 1, 0, 1, 0, 1, 2, 0, 0, 0] {
        class.extend(u16::to_be_bytes(number));
    }
    let jars =
        [jar("feed:sack:1", "", vec![("sack/sackx/Thing.class", class)]), plain("feed:hay:1"), plain("feed:note:1")];
    assert_eq!(with_lines(&jars, "", &[code("import sack.sackx.Thing;")]), ["SLIM001 feed:note"]);
}

#[test]
fn what_a_container_brings_brings_its_own() {
    let gathers = format!("<dependencies>{}</dependencies>", dependency("feed:oats:1", ""));
    let jars = [jar("feed:sack:1", &gathers, vec![holds("sack/sackx/Thing.class", &[])]), plain("feed:oats:1")];
    let both = code("import sack.sackx.Thing;\nimport oats.oatsx.Thing;");
    let lines = dependency("feed:sack:1", "<scope>provided</scope>");
    let analysis = analysed(&[("pom.xml", pom(&format!("<dependencies>{lines}</dependencies>"))), both], &jars);
    let low = analysis.projects[0].findings.iter().all(|f| f.confidence == depslim_model::Confidence::Low);
    assert!(low, "{:?}", analysis.projects[0].findings);
}

#[test]
fn what_an_annotation_adds_is_used() {
    let named = |name: &'static str, class: &'static str| jar(name, "", vec![holds(class, &[])]);
    let jars = [
        named("org.projectlombok:lombok:1", "lombok/extern/slf4j/Slf4j.class"),
        named("org.slf4j:slf4j-api:1", "org/slf4j/Logger.class"),
        plain("feed:straw:1"),
    ];
    let barn = code("import lombok.extern.slf4j.Slf4j;\n@Slf4j class Barn {}");
    assert_eq!(with_lines(&jars, "", std::slice::from_ref(&barn)), ["SLIM001 feed:straw"]);
    // The same where a parent has the lines.
    let lines: String = jars.iter().map(|jar| dependency(jar.name, "")).collect();
    let child = "<project><modelVersion>4.0.0</modelVersion><parent><groupId>farm</groupId><artifactId>barn</artifactId><version>1</version>\
                 </parent><artifactId>loft</artifactId></project>";
    let parent = format!(
        "<packaging>pom</packaging><modules><module>loft</module></modules><dependencies>{lines}</dependencies>"
    );
    let files =
        [("pom.xml", pom(&parent)), ("loft/pom.xml", child.to_owned()), ("loft/src/main/java/farm/Barn.java", barn.1)];
    assert_eq!(found(&analysed(&files, &jars)), ["SLIM001 feed:straw"]);
}

#[test]
fn projects_that_tests_build_are_left_out() {
    let idle = pom(&format!("<dependencies>{}</dependencies>", dependency("feed:straw:1", "")));
    let files = [
        ("pom.xml", pom("")),
        code("class Barn {}"),
        ("src/it/idle/pom.xml", idle.clone()),
        ("src/it/idle/src/main/java/a/A.java", "package a;".to_owned()),
        ("src/test/resources-its/idle/pom.xml", idle),
    ];
    assert_eq!(found(&analysed(&files, &[plain("feed:straw:1")])), Vec::<String>::new());
}

#[test]
fn what_is_not_here_to_be_looked_into_is_doubted() {
    let gathers = format!("<dependencies>{}</dependencies>", dependency("feed:gone:1", ""));
    let jars = [jar("feed:sack:1", &gathers, vec![holds("sack/sackx/Thing.class", &[])]), plain("feed:straw:1")];
    let lines: String = jars.iter().map(|jar| dependency(jar.name, "")).collect();
    let files = [("pom.xml", pom(&format!("<dependencies>{lines}</dependencies>"))), code("import who.knows.Thing;")];
    let analysis = analysed(&files, &jars);
    let sure = |finding: &&depslim_model::Finding| {
        finding.code == Code::Unused && finding.confidence > depslim_model::Confidence::Low
    };
    let sure: Vec<&str> = analysis.projects[0].findings.iter().filter(sure).map(|f| f.package.as_str()).collect();
    assert_eq!(sure, ["pkg:maven/feed/straw@1"]);
}

/// Findings of a rule, with their messages.
fn said(analysis: &Analysis, code: Code) -> Vec<&str> {
    let findings = analysis.projects.iter().flat_map(|project| &project.findings);
    findings.filter(|finding| finding.code == code).map(|finding| finding.message.as_str()).collect()
}

#[test]
fn what_is_only_loaded_by_name_need_not_be_seen_by_the_compiler() {
    let registered = |name: &'static str, class: &'static str, service: &'static str, provider: &str| {
        jar(name, "", vec![holds(class, &[]), (service, provider.as_bytes().to_vec())])
    };
    let (driver, processor) =
        ("META-INF/services/java.sql.Driver", "META-INF/services/javax.annotation.processing.Processor");
    let jars = [
        registered("feed:driver:1", "driver/Driver.class", driver, "driver.Driver\n"),
        registered("feed:late:1", "late/Driver.class", driver, "late.Driver\n"),
        registered("feed:named:1", "named/namedx/Thing.class", driver, "named.namedx.Thing\n"),
        registered("feed:maker:1", "maker/Maker.class", processor, "maker.Maker\n"),
    ];
    let lines = [
        dependency("feed:driver:1", ""),
        dependency("feed:late:1", "<scope>runtime</scope>"),
        dependency("feed:named:1", ""),
        dependency("feed:maker:1", ""),
    ];
    let files = [
        ("pom.xml", pom(&format!("<dependencies>{}</dependencies>", lines.concat()))),
        code("import named.namedx.Thing;"),
    ];
    let analysis = analysed(&files, &jars);
    assert_eq!(found(&analysis), Vec::<String>::new());
    assert_eq!(
        said(&analysis, Code::Misstated),
        ["feed:driver is only loaded by name: code need not see it while it is compiled"]
    );
}

#[test]
fn classes_that_two_jars_hold_are_said() {
    let jars = [
        jar("feed:hay:1", "", vec![holds("barn/Hay.class", &[]), holds("barn/Only.class", &[])]),
        jar("feed:straw:1", "", vec![holds("barn/Hay.class", &[]), holds("barn/Other.class", &[])]),
        jar("feed:tests:1", "", vec![holds("barn/Hay.class", &[])]),
    ];
    let lines = [
        dependency("feed:hay:1", ""),
        dependency("feed:straw:1", ""),
        dependency("feed:tests:1", "<scope>test</scope>"),
    ];
    let files =
        [("pom.xml", pom(&format!("<dependencies>{}</dependencies>", lines.concat()))), code("import barn.Hay;")];
    let analysis = analysed(&files, &jars);
    assert_eq!(said(&analysis, Code::Duplicate), ["feed:hay and feed:straw hold the same class"]);
}
