//! What `export` writes: the modules of the Java runtime that production needs, with reasons, and the script that makes such a runtime.

use crate::jre::Needs;
use depslim_model::ecosystem::Plan;
use depslim_model::{Emission, Emitter, Facts, Problem, Require, Source};
use std::fmt::Write;

/// All that `export` can write for Java.
pub(crate) const EMITTERS: &[Emitter] = &[Emitter { name: MODULES, emit, direct_only: false, reread }];

const MODULES: &str = "jre-modules.txt";

/// How a line begins that names an artifact which was looked into.
const FROM: &str = "# from ";

fn emit(plan: &Plan, _: &[Source<'_>]) -> Result<Vec<Emission>, String> {
    if plan.keep.iter().all(|kept| kept.files.is_empty()) && plan.runtime.is_empty() {
        return Err("no class is here to look into: build once, then run again".into());
    }
    let needs = needs(plan)?;
    Ok(vec![
        Emission {
            path: MODULES.into(),
            content: listed(plan, &needs),
            summary: "modules of the Java runtime that production needs".into(),
            complete: None,
        },
        Emission {
            path: "jlink.sh".into(),
            content: SCRIPT.replace("{tool}", &plan.tool),
            summary: "makes a Java runtime of these modules".into(),
            complete: None,
        },
    ])
}

/// What the project's own code and the artifacts of production need of the runtime.
///
/// # Errors
/// When an artifact is not here, or can't be read.
pub(crate) fn needs(plan: &Plan) -> Result<Needs, String> {
    let unread: Vec<&str> = plan
        .keep
        .iter()
        .filter(|kept| kept.files.is_empty() && kept.bytes.is_none())
        .map(|kept| kept.package.as_str())
        .collect();
    if !unread.is_empty() {
        return Err(format!("{} not in the local repository: build once, then run again", unread.join(", ")));
    }
    let mut needs = Needs::default();
    for (name, place) in &plan.runtime {
        needs.named(name, place);
    }
    for (kept, path) in plan.keep.iter().flat_map(|kept| kept.files.iter().map(move |path| (kept, path))) {
        let bytes = fs_err::read(path).map_err(|error| error.to_string())?;
        needs.take(&bytes, &kept.package).map_err(|why| format!("{}: {why}", kept.package))?;
    }
    Ok(needs)
}

fn listed(plan: &Plan, needs: &Needs) -> String {
    let mut text =
        format!("# Written by depslim {}: modules of the Java runtime that production needs, and why.\n", plan.tool);
    if let Some(java) = needs.java() {
        let _ = writeln!(text, "# The classes need Java {java} or later.");
    }
    if needs.broken > 0 {
        let _ = writeln!(
            text,
            "# {} classes could not be read: start the program once before you rely on this.",
            needs.broken
        );
    }
    for module in needs.roots() {
        let why = needs.modules.get(module).map_or("everything needs it", String::as_str);
        let _ = writeln!(text, "{module}  # {why}");
    }
    for kept in &plan.keep {
        let _ = writeln!(text, "{FROM}{} {}", kept.package, kept.version.as_deref().unwrap_or_default());
    }
    text
}

const SCRIPT: &str = r#"#!/bin/sh
# Written by depslim {tool}: makes a Java runtime with the modules of jre-modules.txt, in the folder that is named, else in `jre`.
set -eu
list="$(dirname "$0")/jre-modules.txt"
modules="$(sed -n 's/^\([a-z][a-z0-9.]*\).*/\1/p' "$list" | tr '\n' ',' | sed 's/,$//')"
exec "${JAVA_HOME:+$JAVA_HOME/bin/}jlink" --add-modules "$modules" --strip-java-debug-attributes --no-header-files --no-man-pages \
  --compress=2 --output "${1:-jre}"
"#;

/// Reads back which artifacts the list was made from.
fn reread(source: &Source<'_>) -> Facts {
    let text = String::from_utf8_lossy(source.bytes);
    let mut facts = Facts::default();
    for (line, number) in text.lines().zip(1..) {
        if let Some(name) = line.strip_prefix(FROM).and_then(|rest| rest.split(' ').next()) {
            facts.requires.push(Require { name: name.to_owned(), line: number, ..Require::default() });
        } else if source.file_name() == MODULES && !line.starts_with('#') {
            let module = line.split_whitespace().next().unwrap_or_default();
            if crate::jdk::module(module).is_none() {
                facts.problems.push(Problem::at(number, format!("`{module}` is no module of the Java runtime")));
            }
        }
    }
    facts
}

#[cfg(test)]
mod tests {
    use crate::ECOSYSTEM;
    use crate::tests::{analysed, dependency, holds, jar, pom};
    use depslim_model::{Settings, Source};

    #[test]
    fn the_modules_of_what_ships_are_listed_with_reasons() {
        let jars = [
            jar("feed:hay:1", "", vec![holds("hay/Hay.class", &["c:javax/naming/Context"])]),
            jar("feed:straw:1", "", vec![holds("straw/Straw.class", &["c:java/net/http/HttpClient"])]),
        ];
        let lines: String = jars.iter().map(|jar| dependency(jar.name, "")).collect();
        let files = [
            ("pom.xml", pom(&format!("<dependencies>{lines}</dependencies>"))),
            (
                "src/main/java/farm/Barn.java",
                "package farm;\nimport hay.Hay;\nimport java.sql.Connection;\n".to_owned(),
            ),
            ("src/test/java/farm/BarnTest.java", "package farm;\nimport java.rmi.Remote;\n".to_owned()),
        ];
        let (analysis, _folder) = crate::tests::kept(&files, &jars);
        let emissions = (ECOSYSTEM.emitters[0].emit)(&analysis.projects[0].plan, &[]).unwrap();
        let expect = "# Written by depslim 0: modules of the Java runtime that production needs, and why.\n\
                      # The classes need Java 17 or later.\n\
                      java.naming  # javax.naming.Context in feed:hay\n\
                      java.sql  # java.sql.Connection in src/main/java/farm/Barn.java:3\n\
                      # from feed:hay 1\n";
        assert_eq!(emissions[0].content, expect);
        assert!(emissions[1].content.starts_with("#!/bin/sh\n# Written by depslim 0:"));
        let source = |text: &'static str| -> Vec<String> {
            let source = Source { path: "jre-modules.txt", bytes: text.as_bytes(), settings: &Settings::default() };
            let facts = (ECOSYSTEM.emitters[0].reread)(&source);
            facts.requires.into_iter().map(|r| r.name).chain(facts.problems.into_iter().map(|p| p.message)).collect()
        };
        assert_eq!(source("java.sql  # x\n# from feed:hay 1\n"), ["feed:hay"]);
        assert_eq!(source("java.hay\n"), ["`java.hay` is no module of the Java runtime"]);
        // Nothing to look into.
        assert!((ECOSYSTEM.emitters[0].emit)(&analysed(&[("pom.xml", pom(""))], &[]).projects[0].plan, &[]).is_err());
    }
}
