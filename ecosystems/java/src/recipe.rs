//! How a production image of a program is built: packed in a stage of its own, beside a runtime that has the modules which the classes
//! need and no others. Nothing else of that stage is in the image.

use crate::jre::Needs;
use crate::pom::raw;
use crate::{command, emit};
use depslim_model::recipe::{Recipe, RecipeRequest, Runtime, Step};
use depslim_model::{Command, Stage};

/// Where the project lies in the builder stage.
const FOLDER: &str = "/build";
/// Where the runtime lies in the image.
const RUNTIME: &str = "/opt/jre";
/// Where the program lies there, unless the project's own container file says it.
const PROGRAM: &str = "/app";
/// Versions with long-term support, for which builder images are published, and until when Temurin fixes them: 11 and 17 until 2027-10,
/// 21 until 2029-12, 25 until 2031-09 (<https://endoflife.date/eclipse-temurin>, read on 2026-11-21). Version 8 has no `jlink`.
const MAINTAINED: &[u16] = &[11, 17, 21, 25];
/// What is taken when nothing says which version is wanted.
const USUAL: u16 = 21;

/// The recipe.
pub(crate) fn recipe(request: &RecipeRequest<'_>) -> Result<Recipe, String> {
    let folder = if request.plan.project == "." { "" } else { request.plan.project.as_str() };
    let own = |name: &str| request.sources.iter().find(|s| s.file_name() == name && s.folder() == folder);
    let script = own("build.gradle").or_else(|| own("build.gradle.kts"));
    let needs = emit::needs(request.plan)?;
    let started = Started::of(request);
    let build = match (own("pom.xml"), script) {
        (Some(pom), _) => Build::maven(&String::from_utf8_lossy(pom.bytes), pom.path, request, folder, &started)?,
        (None, Some(script)) => Build::gradle(&String::from_utf8_lossy(script.bytes), script.path, request, folder)?,
        (None, None) => return Err("it has no pom.xml and no script of Gradle of its own".into()),
    };
    let java = version(request, &needs);
    let up = build.above.split('/').filter(|part| !part.is_empty()).count();
    let whole = if up == 0 { ".".to_owned() } else { vec![".."; up].join("/") };
    let modules = needs.roots();
    let steps = vec![
        Step::Folder(FOLDER.to_owned()),
        Step::Run { command: link(&modules, java), caches: Vec::new() },
        Step::Copy { sources: vec![whole], to: ".".to_owned() },
        Step::Run { command: build.command, caches: vec![build.cache.to_owned()] },
    ];
    let mut remarks = vec![build.remark];
    remarks.extend(modules.iter().filter_map(|module| Some(format!("{module}: {}", needs.modules.get(module)?))));
    if needs.broken > 0 {
        remarks
            .push(format!("{} classes could not be read: try the image before you rely on its modules", needs.broken));
    }
    if started.dropped {
        remarks.push("variables among the options of java need a shell: JAVA_TOOL_OPTIONS does without".to_owned());
    }
    let mut results = vec![("/out/jre".to_owned(), RUNTIME.to_owned())];
    let (from, to) = match build.layout {
        Layout::Jar => ("/out/app.jar", started.jar.clone().unwrap_or_else(|| format!("{PROGRAM}/app.jar"))),
        Layout::Folder(_) | Layout::ClassPath => {
            ("/out/app", started.folder.clone().unwrap_or_else(|| PROGRAM.to_owned()))
        }
    };
    results.push((from.to_owned(), to.clone()));
    let start = started.words(&build.layout, &to, build.main.as_deref());
    Ok(Recipe {
        builder: Some(build.image.replace("{java}", &java.to_string())),
        runtime: Runtime::Libraries,
        steps,
        results,
        variables: vec![("PATH".to_owned(), format!("{RUNTIME}/bin")), ("JAVA_HOME".to_owned(), RUNTIME.to_owned())],
        starts_directly: !started.needs_shell && !start.is_empty(),
        start,
        client_variables: &["JAVA_HOME", "MAVEN_", "GRADLE_"],
        environments: &["target/", "build/libs", "build/install", "build/quarkus-app", ".jar", "/jre", "dependency"],
        remarks,
        needless: build.needless,
        reads_all: true,
        ..Recipe::default()
    })
}

/// The command that makes the runtime: <https://docs.oracle.com/en/java/javase/21/docs/specs/man/jlink.html>. Native symbols are left
/// out by the published builds already.
fn link(modules: &[&str], java: u16) -> String {
    let compress = if java >= 21 { "zip-6" } else { "2" };
    format!(
        "jlink --add-modules {} \\\n    --strip-java-debug-attributes --no-header-files --no-man-pages --compress={compress} --output /out/jre",
        modules.join(",")
    )
}

/// The version of the runtime: what the own image has, else what the classes need, as long as it gets fixes.
fn version(request: &RecipeRequest<'_>, needs: &Needs) -> u16 {
    let image = request.plan.target.runtime.as_deref().and_then(|version| version.split('.').next()?.parse().ok());
    let asked = image.into_iter().chain(needs.java()).max();
    asked.map_or(USUAL, |asked: u16| MAINTAINED.iter().copied().find(|v| *v >= asked).unwrap_or(asked))
}

/// What comes out of a build.
enum Layout {
    /// One archive with everything.
    Jar,
    /// A folder, which this archive in it starts.
    Folder(String),
    /// Archives in a folder.
    ClassPath,
}

struct Build {
    image: &'static str,
    command: String,
    cache: &'static str,
    layout: Layout,
    /// The class that starts it, when the build says it.
    main: Option<String>,
    /// The folder of the project below the one that is built.
    above: String,
    remark: String,
    needless: &'static [&'static str],
}

impl Build {
    fn maven(
        text: &str,
        path: &str,
        request: &RecipeRequest<'_>,
        folder: &str,
        started: &Started,
    ) -> Result<Self, String> {
        let pom = raw::read(text).map_err(|_| "pom.xml can't be read".to_owned())?;
        if pom.packaging.as_deref() == Some("war") {
            return Err("a war needs a server, and which one is not known".into());
        }
        if pom.packaging.as_deref() == Some("pom") {
            return Err("it only gathers modules and is no program of its own".into());
        }
        let plugin = |name: &str| pom.plugins.iter().find(|plugin| plugin.artifact == name && !plugin.managed);
        let packing = table("maven").find_map(|row| Some((row, plugin(row.plugin)?)));
        let above = topmost(request, folder, "pom.xml");
        let (module, place) = if above.is_empty() {
            (String::new(), String::new())
        } else {
            (format!(" --projects {above} --also-make"), format!("{above}/"))
        };
        let mut command = format!("mvn --batch-mode --no-transfer-progress{module} -DskipTests package");
        let (layout, pattern, remark) = match packing {
            Some((row, plugin)) => (row.layout(), row.pattern, format!("{path}:{} packs it", plugin.line)),
            None => (
                Layout::ClassPath,
                "*.jar",
                "its archives stand beside each other: no plugin packs them into one".to_owned(),
            ),
        };
        // What the own container file takes is what the build is meant to make.
        let named = started.taken.as_deref().filter(|_| matches!(layout, Layout::Jar));
        let target = format!("{place}target");
        let take = match &layout {
            Layout::Jar => find(&target, named.unwrap_or(pattern), "/out/app.jar"),
            Layout::Folder(_) => format!("cp -r {target}/{} /out/app", pattern.split('/').next().unwrap_or_default()),
            Layout::ClassPath => format!("mkdir -p /out/app && {}", find(&target, pattern, "/out/app/")),
        };
        if matches!(layout, Layout::ClassPath) && !request.plan.keep.is_empty() {
            command.push_str(" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory=/out/app");
        }
        let texts = pom.plugins.iter().flat_map(|plugin| &plugin.texts);
        let class = |name: &str| ["mainClass", "Main-Class", "start-class"].contains(&name);
        let property = pom.properties.iter().find(|(name, _)| class(name) || *name == "exec.mainClass");
        let main = texts
            .filter(|(name, _, _)| class(name))
            .map(|(_, text, _)| text.trim())
            .chain(property.map(|(_, text)| text.trim()));
        Ok(Self {
            image: "maven:3.9-eclipse-temurin-{java}",
            command: format!("{command} \\\n    && {take}"),
            cache: "/root/.m2",
            layout,
            main: main.filter(|name| !name.contains('$')).map(str::to_owned).next(),
            above,
            remark,
            needless: &["target"],
        })
    }

    fn gradle(text: &str, path: &str, request: &RecipeRequest<'_>, folder: &str) -> Result<Self, String> {
        let lines = || text.lines().map(str::trim).filter(|line| !line.starts_with("//") && !line.starts_with('*'));
        let applied = |plugin: &str| {
            let quoted = [format!("\"{plugin}\""), format!("'{plugin}'")];
            let bare = |line: &str| line == plugin || line == format!("`{plugin}`");
            let at = lines().zip(1u32..).find(|(line, _)| {
                bare(line)
                    || quoted
                        .iter()
                        .any(|q| line.contains(q.as_str()) && (line.contains("id") || line.contains("plugin")))
            });
            at.map(|(_, at)| at)
        };
        let order = |row: &Row| row.plugin == "application";
        let mut rows: Vec<Row> = table("gradle").collect();
        rows.sort_by_key(order);
        let (row, line) = rows
            .into_iter()
            .find_map(|row| Some((row, applied(row.plugin)?)))
            .ok_or("no plugin of its build packs a program that starts by itself")?;
        let above = topmost(request, folder, "settings.gradle");
        let above = if above.is_empty() { topmost(request, folder, "settings.gradle.kts") } else { above };
        let (task, place) = if above.is_empty() {
            (row.task.to_owned(), String::new())
        } else {
            (format!(":{}:{}", above.replace('/', ":"), row.task), format!("{above}/"))
        };
        let wrapper = request.texts.iter().any(|(name, _)| name == "gradlew") && above.is_empty();
        let program = if wrapper { "sh ./gradlew" } else { "gradle" };
        let layout = row.layout();
        let take = match &layout {
            Layout::Jar => {
                let (folder, pattern) = row.pattern.split_once('/').unwrap_or(("libs", row.pattern));
                find(&format!("{place}build/{folder}"), pattern, "/out/app.jar")
            }
            Layout::Folder(_) => {
                format!("cp -r {place}build/{} /out/app", row.pattern.split('/').next().unwrap_or_default())
            }
            Layout::ClassPath => format!("cp -r {place}build/{} /out/app", row.pattern),
        };
        let says = ["mainClass.set(", "mainClassName", "mainClass"];
        let main = lines().find_map(|line| {
            let rest = says.iter().find_map(|word| line.strip_prefix(word))?;
            let quote = rest.find(['"', '\''])?;
            let rest = &rest[quote + 1..];
            Some(rest[..rest.find(['"', '\''])?].to_owned())
        });
        Ok(Self {
            image: if wrapper { "eclipse-temurin:{java}-jdk" } else { "gradle:8-jdk{java}" },
            command: format!("{program} --no-daemon {task} \\\n    && {take}"),
            cache: if wrapper { "/root/.gradle" } else { "/home/gradle/.gradle" },
            layout,
            main: main.filter(|name| !name.contains('$')),
            above,
            remark: format!("{path}:{line} packs it"),
            needless: &["build", ".gradle"],
        })
    }
}

/// Takes the archive that a pattern names, and none of those that lie beside it for other ends.
fn find(folder: &str, pattern: &str, to: &str) -> String {
    format!(
        "find {folder} -maxdepth 1 -name '{pattern}' ! -name '*-sources.jar' ! -name '*-javadoc.jar' ! -name '*-tests.jar' ! -name '*-plain.jar' ! -name 'original-*' -exec cp {{}} {to} \\;"
    )
}

/// The folder of a project below the topmost one that has a file of this name; empty when that is its own.
fn topmost(request: &RecipeRequest<'_>, folder: &str, name: &str) -> String {
    let holds = |above: &str| request.sources.iter().any(|s| s.file_name() == name && s.folder() == above);
    let mut above = folder;
    let mut top = folder;
    while let Some((parent, _)) = above.rsplit_once('/').or((!above.is_empty()).then_some(("", above))) {
        if holds(parent) {
            top = parent;
        }
        above = parent;
    }
    folder[top.len()..].trim_start_matches('/').to_owned()
}

/// A line of the table.
#[derive(Clone, Copy)]
struct Row {
    plugin: &'static str,
    task: &'static str,
    what: &'static str,
    pattern: &'static str,
}

impl Row {
    fn layout(&self) -> Layout {
        match self.what {
            "jar" => Layout::Jar,
            "folder" => Layout::Folder(self.pattern.rsplit('/').next().unwrap_or_default().to_owned()),
            _ => Layout::ClassPath,
        }
    }
}

fn table(build: &str) -> impl Iterator<Item = Row> {
    include_str!("../data/packaging.txt").lines().filter(|line| !line.starts_with('#')).filter_map(move |line| {
        let mut parts = line.split('\t');
        let (tool, plugin, task, what, pattern) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        (tool == build).then_some(Row { plugin, task, what, pattern })
    })
}

/// What the own container file starts.
#[derive(Default)]
struct Started {
    /// Options of `java`.
    options: Vec<String>,
    /// The archive that it starts, with its absolute path.
    jar: Option<String>,
    /// The class that it starts.
    class: Option<String>,
    /// What the program is given.
    arguments: Vec<String>,
    /// The folder that it is started in.
    folder: Option<String>,
    /// The name of the archive that the image takes from its builder stage.
    taken: Option<String>,
    /// Some options of `java` are left out, since only a shell fills them in.
    dropped: bool,
    /// Some arguments are, or something else is started.
    needs_shell: bool,
}

impl Started {
    fn of(request: &RecipeRequest<'_>) -> Self {
        let mut started = Self::default();
        let archives = request.taken.iter().filter_map(|(from, _)| from.rsplit('/').next());
        started.taken =
            archives.filter(|name| name.ends_with(".jar") && !name.contains(['$', '\''])).map(str::to_owned).next();
        let runs = |c: &&Command| {
            c.stage == Stage::Run && c.words.first().is_some_and(|p| p.rsplit('/').next() == Some("java"))
        };
        let Some(command) = request.commands.iter().rev().find(runs) else {
            started.needs_shell = request.commands.iter().any(|c| c.stage == Stage::Run);
            return started;
        };
        started.folder = request.folder.filter(|path| path.len() > 1).map(str::to_owned);
        let mut words = command.words.iter().skip(1);
        while let Some(word) = words.next() {
            match word.as_str() {
                word if word.contains('$') => started.dropped = true,
                "-jar" => {
                    let path = words.next().cloned().unwrap_or_default();
                    let base = started.folder.as_deref().unwrap_or("").trim_end_matches('/');
                    let path = if path.starts_with('/') { path } else { format!("{base}/{path}") };
                    started.jar = Some(path).filter(|p| p.ends_with(".jar") && !p.contains(['$', '*', ' ']));
                    started.arguments.extend(words.by_ref().cloned());
                }
                // The class path is another one here.
                "-cp" | "-classpath" | "--class-path" => {
                    words.next();
                }
                option if command::WITH_VALUE.contains(&option) => {
                    started.options.push(option.to_owned());
                    started.options.extend(words.next().cloned());
                }
                option if option.starts_with('-') => started.options.push(option.to_owned()),
                class => {
                    started.class = Some(class.to_owned());
                    started.arguments.extend(words.by_ref().cloned());
                }
            }
        }
        if started.arguments.iter().any(|word| word.contains('$')) {
            started.needs_shell = true;
            started.arguments.retain(|word| !word.contains('$'));
        }
        started
    }

    /// What starts the program; empty when nothing says which class does.
    fn words(&self, layout: &Layout, place: &str, main: Option<&str>) -> Vec<String> {
        let mut words = vec![format!("{RUNTIME}/bin/java")];
        words.extend(self.options.iter().cloned());
        match layout {
            Layout::Jar => words.extend(["-jar".to_owned(), place.to_owned()]),
            Layout::Folder(archive) => words.extend(["-jar".to_owned(), format!("{place}/{archive}")]),
            Layout::ClassPath => {
                let Some(class) = self.class.as_deref().or(main) else { return Vec::new() };
                words.extend(["-cp".to_owned(), format!("{place}/*"), class.to_owned()]);
            }
        }
        words.extend(self.arguments.iter().cloned());
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use depslim_model::ecosystem::Plan;
    use depslim_model::{Settings, Source, Target};

    /// The recipe for files of a build, what the own container file starts (`folder: words`), and what it takes out of its builder.
    fn check(files: &[(&str, &str)], project: &str, start: &str, taken: &str) -> Result<Recipe, String> {
        let settings = Settings::default();
        let sources: Vec<Source<'_>> =
            files.iter().map(|(path, text)| Source { path, bytes: text.as_bytes(), settings: &settings }).collect();
        let (folder, words) = start.split_once(": ").unwrap_or(("", start));
        let commands = [Command {
            words: words.split(' ').map(str::to_owned).collect(),
            stage: Stage::Run,
            line: 9,
            workdir: None,
            variables: Vec::new(),
        }];
        let runtime = [("java.sql.Driver".to_owned(), "src/main/java/A.java:3".to_owned())].into();
        let target = Target { runtime: Some("17".into()), ..Target::default() };
        recipe(&RecipeRequest {
            plan: &Plan { project: project.to_owned(), runtime, target, ..Plan::default() },
            sources: &sources,
            exported: &[],
            commands: if start.is_empty() { &[] } else { &commands },
            variables: &[],
            taken: &[(taken.to_owned(), "/app.jar".to_owned())],
            folder: Some(folder).filter(|folder| !folder.is_empty()),
            base: "",
            from_source: &[],
            sends_files: None,
            set: &[],
            texts: &files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect::<Vec<_>>(),
            entries: &[],
            needs: &[],
        })
    }

    fn pom(inner: &str) -> String {
        format!("<project><artifactId>barn</artifactId>{inner}</project>")
    }

    fn plugin(name: &str) -> String {
        pom(&format!("<build><plugins><plugin><artifactId>{name}</artifactId></plugin></plugins></build>"))
    }

    fn build_of(recipe: &Recipe) -> &str {
        match recipe.steps.last() {
            Some(Step::Run { command, .. }) => command,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_runtime_has_the_modules_that_are_needed() {
        let found = check(&[("pom.xml", &plugin("spring-boot-maven-plugin"))], ".", "", "").unwrap();
        assert_eq!(
            (found.runtime, found.builder.as_deref()),
            (Runtime::Libraries, Some("maven:3.9-eclipse-temurin-17"))
        );
        let Step::Run { command, .. } = &found.steps[1] else { panic!("{:?}", found.steps) };
        assert!(
            command.starts_with("jlink --add-modules java.sql \\\n") && command.contains("--compress=2 "),
            "{command}"
        );
        assert!(link(&["java.base"], 21).contains("--compress=zip-6 "));
        assert_eq!(found.remarks, ["pom.xml:1 packs it", "java.sql: java.sql.Driver in src/main/java/A.java:3"]);
        assert_eq!(found.start, ["/opt/jre/bin/java", "-jar", "/app/app.jar"]);
        assert!(build_of(&found).starts_with("mvn --batch-mode --no-transfer-progress -DskipTests package \\\n"));
    }

    #[test]
    fn what_the_own_container_file_starts_is_started_without_a_shell() {
        let files = [("pom.xml", plugin("maven-shade-plugin"))];
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
        let found = check(&files, ".", "/srv: java $JAVA_OPTS -Xmx64m -jar barn.jar --hay", "/b/target/barn-*-all.jar")
            .unwrap();
        assert_eq!(found.start, ["/opt/jre/bin/java", "-Xmx64m", "-jar", "/srv/barn.jar", "--hay"]);
        assert!(found.starts_directly && found.results[1].1 == "/srv/barn.jar");
        assert!(build_of(&found).contains("-name 'barn-*-all.jar'"), "{}", build_of(&found));
        assert!(found.remarks.iter().any(|remark| remark.contains("JAVA_TOOL_OPTIONS")));
        assert!(!check(&files, ".", "java -jar barn.jar --port $PORT", "").unwrap().starts_directly);
        assert!(!check(&files, ".", "./run.sh", "").unwrap().starts_directly);
    }

    #[test]
    fn archives_beside_each_other_need_a_class_to_start() {
        let said = pom("<properties><exec.mainClass>farm.Barn</exec.mainClass></properties>");
        let found = check(&[("pom.xml", &said)], ".", "", "").unwrap();
        assert_eq!(found.start, ["/opt/jre/bin/java", "-cp", "/app/*", "farm.Barn"]);
        let told = check(&[("pom.xml", &said)], ".", "/app: java -cp x:lib/* farm.Other a", "").unwrap();
        assert_eq!(told.start, ["/opt/jre/bin/java", "-cp", "/app/*", "farm.Other", "a"]);
        assert!(check(&[("pom.xml", &pom(""))], ".", "", "").unwrap().start.is_empty());
    }

    #[test]
    fn modules_of_a_build_are_built_with_it() {
        let files =
            [("pom.xml", pom("<packaging>pom</packaging>")), ("farm/barn/pom.xml", plugin("maven-shade-plugin"))];
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
        let found = check(&files, "farm/barn", "", "").unwrap();
        assert!(build_of(&found).contains("--projects farm/barn --also-make"), "{}", build_of(&found));
        assert!(build_of(&found).contains("find farm/barn/target "), "{}", build_of(&found));
        assert!(found.steps.contains(&Step::Copy { sources: vec!["../..".to_owned()], to: ".".to_owned() }));
        assert!(check(&files, ".", "", "").unwrap_err().contains("gathers modules"));
        assert!(check(&[("pom.xml", &pom("<packaging>war</packaging>"))], ".", "", "").unwrap_err().contains("a war"));
    }

    #[test]
    fn gradle_packs_by_its_plugins() {
        for (script, task, start) in [
            (
                "plugins {\n id 'org.springframework.boot' version '3.4.0'\n id 'application'\n}\n",
                "bootJar",
                "-jar /app/app.jar",
            ),
            (
                "plugins {\n    application\n}\napplication {\n    mainClass.set(\"farm.Barn\")\n}\n",
                "installDist",
                "-cp /app/* farm.Barn",
            ),
            ("apply plugin: 'application'\nmainClassName = 'farm.Barn'\n", "installDist", "-cp /app/* farm.Barn"),
            ("plugins { id(\"io.quarkus\") }\n", "quarkusBuild", "-jar /app/quarkus-run.jar"),
        ] {
            let found = check(&[("build.gradle.kts", script)], ".", "", "").unwrap_or_else(|e| panic!("{script}: {e}"));
            assert!(build_of(&found).starts_with(&format!("gradle --no-daemon {task} \\\n")), "{}", build_of(&found));
            assert_eq!(found.start[1..].join(" "), start, "{script}");
            assert_eq!(found.builder.as_deref(), Some("gradle:8-jdk17"));
        }
        let wrapped = check(&[("build.gradle", "plugins { id 'io.quarkus' }"), ("gradlew", "")], ".", "", "").unwrap();
        assert_eq!(wrapped.builder.as_deref(), Some("eclipse-temurin:17-jdk"));
        assert!(build_of(&wrapped).starts_with("sh ./gradlew "));
        assert!(check(&[("build.gradle", "// id 'io.quarkus'\nplugins { id 'java' }\n")], ".", "", "").is_err());
        assert!(check(&[], ".", "", "").is_err());
    }

    #[test]
    fn the_table_is_sorted_and_every_line_is_whole() {
        let lines: Vec<&str> = include_str!("../data/packaging.txt").lines().filter(|l| !l.starts_with('#')).collect();
        assert!(lines.is_sorted() && table("maven").count() + table("gradle").count() == lines.len());
        for line in lines {
            let what = line.split('\t').nth(3).unwrap();
            assert!(["jar", "folder", "classpath"].contains(&what), "{line}");
        }
    }
}
