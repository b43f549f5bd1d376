//! How it is shown that a trimmed class path still carries production: every class of the project, and every class that those name, is
//! loaded on a runtime of the modules that `export` lists; the words of the virtual machine are read.

use crate::jdk;
use crate::jre::Needs;
use depslim_model::proof::{Copied, Lack, Missing, Proof, Script, Trial, Variable, Watching};
use std::path::{Path, PathBuf};

/// What is said of proofs.
pub(crate) const PROOF: Proof = Proof {
    copy: Copied::Installed,
    programs: &[],
    placed: &[],
    variables,
    trial,
    missing,
    place,
    places_follow: true,
    pin: |name, version| if version.is_empty() { name.to_owned() } else { format!("{name}:{version}") },
    prepare: Some(prepare),
    made: &["jre/bin"],
    watch,
    loaded,
    about: &[],
    trims: &[],
};

/// The class path of production: what the project and its neighbours compile to, then the artifacts.
fn variables(trial: &Trial<'_>) -> Vec<Variable> {
    let own = [trial.folder].into_iter().chain(trial.own.iter().map(PathBuf::as_path)).flat_map(compiled);
    let all: Vec<String> =
        own.chain(trial.packages.iter().cloned()).map(|path| path.to_string_lossy().into_owned()).collect();
    let unset = |name: &str| Variable::Unset(name.to_owned());
    vec![Variable::Set("CLASSPATH".to_owned(), all.join(":")), unset("JAVA_TOOL_OPTIONS"), unset("JDK_JAVA_OPTIONS")]
}

/// Folders that a build leaves classes and resources of production in.
fn compiled(project: &Path) -> Vec<PathBuf> {
    let fixed = ["target/classes", "build/resources/main"].map(|folder| project.join(folder));
    let languages = fs_err::read_dir(project.join("build/classes")).into_iter().flatten().flatten();
    let mut languages: Vec<PathBuf> = languages.map(|entry| entry.path().join("main")).collect();
    languages.sort();
    fixed.into_iter().chain(languages).filter(|folder| folder.is_dir()).collect()
}

fn trial(trial: &Trial<'_>) -> Result<Script, String> {
    let folders = compiled(trial.folder);
    if folders.is_empty() {
        return Err("nothing is compiled here: build it first (mvn compile, gradle classes), or name a command: \
            depslim prove -- java MAIN-CLASS"
            .to_owned());
    }
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let mut words: Vec<String> =
        ["sh", "-c", "exec java -cp \"$0:$CLASSPATH\" Prove \"$@\""].map(str::to_owned).to_vec();
    words.extend([text(&trial.scratch.join("classes")), text(&trial.scratch.join("results.txt"))]);
    words.extend(folders.iter().map(|folder| text(folder)));
    Ok(Script {
        words,
        files: Vec::new(),
        results: Some("results.txt".to_owned()),
        about: "loads every class of the project and every class that those name".to_owned(),
    })
}

/// Compiles what is run by default, and makes the runtime of production's modules where `jlink` is there.
fn prepare(trial: &Trial<'_>) -> Script {
    let mut needs = Needs::default();
    for (name, place) in trial.runtime {
        needs.named(name, place);
    }
    for path in trial.packages {
        // What can't be read says no more here than it does elsewhere: the run will.
        if let Ok(bytes) = fs_err::read(path) {
            let _ = needs.take(&bytes, &path.to_string_lossy());
        }
    }
    let mut modules: Vec<&str> = needs.roots();
    modules.extend(trial.parts.iter().map(String::as_str));
    let script = trial.scratch.join("prepare.sh").to_string_lossy().into_owned();
    let mut files = vec![
        ("prepare.sh".to_owned(), include_str!("../data/prepare.sh").to_owned()),
        ("java-modules.txt".to_owned(), modules.join(",")),
    ];
    if trial.default {
        files.push(("Prove.java".to_owned(), include_str!("../data/Prove.java").to_owned()));
    }
    Script {
        words: vec!["sh".to_owned(), script],
        files,
        results: None,
        about: "making a Java runtime of the modules that production needs".to_owned(),
    }
}

/// The virtual machine logs every class that it loads with where from ([JEP 158](https://openjdk.org/jeps/158)). Looking for a class
/// opens the artifacts before it, so that an open file says nothing.
fn watch(trial: &Trial<'_>) -> Watching {
    let into = trial.scratch.join("watch/loaded/java-%p.txt").to_string_lossy().into_owned();
    Watching {
        variables: vec![("JDK_JAVA_OPTIONS".to_owned(), format!("\"-Xlog:class+load:file={into}\""), " ".to_owned())],
        files: Vec::new(),
        into: "watch/loaded".to_owned(),
        opens_all: true,
    }
}

/// `[0.1s][info][class,load] feed.Hay source: file:/repository/hay.jar`.
fn loaded(line: &str) -> Option<String> {
    let (_, path) = line.split_once(" source: file:")?;
    Some(path.trim().replace("%20", " "))
}

/// Words before the name of a class that is not there, and what may end the name.
const LACKS: &[&str] = &[
    "NoClassDefFoundError: ",
    "ClassNotFoundException: ",
    "TypeNotPresentException: Type ",
    "error: package ",
    "ERROR: package ",
    ": Provider ",
];

fn missing(line: &str) -> Vec<Missing> {
    let named = LACKS.iter().filter_map(|words| line.split_once(words)).filter_map(|(_, rest)| {
        let end =
            rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '/' | '_' | '$'))).unwrap_or(rest.len());
        let name = rest[..end].replace('/', ".");
        // A class in a class comes with it.
        let name = name.split_once('$').map_or(name.as_str(), |(outer, _)| outer).trim_matches('.').to_owned();
        name.contains('.').then_some(name)
    });
    named
        .map(|name| match jdk::module_of(&name) {
            Some(module) => Missing::new(Lack::Part, module),
            None => Missing::new(Lack::Module, name),
        })
        .collect()
}

/// `    at farm.Barn.main(Barn.java:12)`.
fn place(line: &str) -> Option<(String, u32)> {
    let (method, spot) = line.trim().strip_prefix("at ")?.strip_suffix(')')?.split_once('(')?;
    let (file, line) = spot.rsplit_once(':')?;
    // `java.base/java.lang.Class.forName`, `app//farm.Barn.main`.
    let method = method.rsplit('/').next().unwrap_or(method);
    if jdk::module_of(method).is_some() || method.starts_with("java.") {
        return None;
    }
    let class = method.rsplit_once('.')?.0;
    let package = class.rsplit_once('.').map_or("", |(package, _)| package).replace('.', "/");
    let file = if package.is_empty() { file.to_owned() } else { format!("{package}/{file}") };
    Some((file, line.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_name_what_is_missing() {
        let module = |name: &str| vec![Missing::new(Lack::Module, name)];
        for (line, expect) in [
            ("java.lang.NoClassDefFoundError: feed/Hay$Bale", module("feed.Hay")),
            ("Caused by: java.lang.ClassNotFoundException: feed.Oats", module("feed.Oats")),
            ("java.lang.TypeNotPresentException: Type feed.Corn not present", module("feed.Corn")),
            ("Barn.java:3: error: package feed.grain does not exist", module("feed.grain")),
            ("java.util.ServiceConfigurationError: loft.Owl: Provider feed.Mouse not found", module("feed.Mouse")),
            ("java.lang.NoClassDefFoundError: java/sql/Date", vec![Missing::new(Lack::Part, "java.sql")]),
            ("java.lang.NoClassDefFoundError: Could not initialize class feed.Hay", vec![]),
            ("all is well", vec![]),
        ] {
            assert_eq!(missing(line), expect, "{line}");
        }
    }

    #[test]
    fn frames_are_places() {
        for (line, expect) in [
            ("\tat farm.Barn.main(Barn.java:12)", Some(("farm/Barn.java", 12))),
            ("\tat app//farm.Barn.<init>(Barn.java:3)", Some(("farm/Barn.java", 3))),
            ("\tat java.base/java.lang.Class.forName0(Native Method)", None),
            ("\tat java.base/java.lang.Class.forName(Class.java:375)", None),
            ("\tat Main.main(Main.java:1)", Some(("Main.java", 1))),
            ("at", None),
        ] {
            assert_eq!(place(line), expect.map(|(file, line)| (file.to_owned(), line)), "{line}");
        }
    }

    #[test]
    fn the_log_says_where_classes_come_from() {
        let line = "[0.2s][info][class,load] feed.Hay source: file:/repository/my%20feed/hay.jar";
        assert_eq!(loaded(line).as_deref(), Some("/repository/my feed/hay.jar"));
        assert_eq!(loaded("[0.1s][info][class,load] java.lang.Object source: jrt:/java.base"), None);
    }

    proptest! {
        #[test]
        fn any_line_is_read(line in "\\PC*", name in "[a-z$/.():]{0,20}") {
            for line in [line, format!("NoClassDefFoundError: {name}"), format!("at {name}(X:1)"), format!(" source: file:{name}")] {
                let _ = (missing(&line), place(&line), loaded(&line));
            }
        }
    }
}
