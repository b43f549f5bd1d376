//! How a production image of a program is built: compiled in a stage of its own without what only debuggers read, and nothing of
//! that stage is in the image but the program.
//!
//! A program that needs no C is linked with nothing, and stands on an image that holds certificates, time zones and users alone.

use crate::gomod::{self, GoMod, is_folder, language};
use depslim_model::ecosystem::Need;
use depslim_model::recipe::{Recipe, RecipeRequest, Runtime, Step};
use depslim_model::{Command, Facts};

/// Where the project lies in the builder stage.
const FOLDER: &str = "/src";
/// Where the program lies in the image.
const PROGRAMS: &str = "/usr/local/bin";
/// The release of Debian that builder and final stage share: what is linked in one is there in the other.
const SUITE: &str = "trixie";
/// The oldest and the newest minor version of Go that gets security fixes, as of 2026-11 (<https://go.dev/doc/devel/release>). A newer
/// compiler builds older modules as their `go` directive says.
const MAINTAINED: (u32, u32) = (26, 27);

/// The recipe.
pub(crate) fn recipe(request: &RecipeRequest<'_>) -> Result<Recipe, String> {
    let folder = if request.plan.project == "." { "" } else { request.plan.project.as_str() };
    let own = |name: &str| request.sources.iter().find(|s| s.file_name() == name && s.folder() == folder);
    let module = gomod::parse(own("go.mod").ok_or("it has no go.mod of its own")?.bytes);
    if let Some(outside) = module.replaces.iter().find(|r| r.with_version.is_none() && leaves(&r.with)) {
        return Err(format!("{} is replaced by {}, which lies outside of its folder", outside.path, outside.with));
    }
    let build = Build::of(request, &module)?;
    let vendored = request.sources.iter().any(|s| s.file_name() == "modules.txt");
    let local = module.replaces.iter().any(|r| is_folder(&r.with));
    let caches = vec!["/go/pkg/mod".to_owned()];
    let mut steps = vec![Step::Folder(FOLDER.to_owned())];
    if !vendored && !local {
        let lists = ["go.mod", "go.sum"].iter().filter(|name| own(name).is_some());
        steps.push(Step::Copy { sources: lists.map(|name| (*name).to_owned()).collect(), to: "./".to_owned() });
        steps.push(Step::Run { command: "go mod download".to_owned(), caches: caches.clone() });
    }
    steps.push(Step::Copy { sources: vec![".".to_owned()], to: ".".to_owned() });
    let caches = caches.into_iter().chain(["/root/.cache/go-build".to_owned()]).collect();
    steps.push(Step::Run { command: build.command(), caches });
    let there = format!("{PROGRAMS}/{}", build.name);
    Ok(Recipe {
        builder: Some(format!("golang:{}-{SUITE}", compiler(request, &module))),
        runtime: if build.cgo.is_some() { Runtime::Libraries } else { Runtime::Nothing },
        steps,
        results: vec![(format!("/out/{}", build.name), there.clone())],
        start: vec![there],
        remarks: build.remarks(request.needs),
        // Files may be embedded from anywhere.
        reads_all: true,
        ..Recipe::default()
    })
}

/// Whether a folder leaves the one that it is relative to.
fn leaves(folder: &str) -> bool {
    folder.starts_with("..") || folder.starts_with('/') || folder.contains("/..")
}

/// The compiler's version: what the own container file or `go.mod` asks for, as long as it gets fixes.
fn compiler(request: &RecipeRequest<'_>, module: &GoMod) -> String {
    let asked = module.go.as_deref().map_or(0, |go| language(Some(go)));
    let image = request.plan.target.runtime.as_deref().map_or(0, |version| language(Some(version)));
    let (oldest, newest) = MAINTAINED;
    let version = match image.max(asked) {
        version if version >= oldest => version,
        // Somebody chose a version that is too old: the nearest that gets fixes.
        _ if image > asked => oldest,
        _ => newest,
    };
    format!("1.{version}")
}

/// What is built, and how.
struct Build<'a> {
    /// The package, relative to the module.
    package: String,
    name: String,
    tags: Option<&'a str>,
    /// Flags for the linker beside those that leave symbols out.
    linker: Vec<&'a str>,
    /// What the own container file gives to the linker, and only a build of its own can know.
    unknown: bool,
    cgo: Option<&'a Need>,
}

impl<'a> Build<'a> {
    fn of(request: &RecipeRequest<'a>, module: &GoMod) -> Result<Self, String> {
        let command = request.commands.iter().rev().find_map(built);
        let named = command.map(packages).filter(|named| named.len() == 1 && !named[0].contains("..."));
        let package = match named {
            Some(named) => named[0].to_owned(),
            None => chosen(request.entries, module)?,
        };
        let package = match package.trim_matches('/').trim_start_matches("./").trim_end_matches(".go") {
            "" | "." | "main" => ".".to_owned(),
            below => format!("./{below}"),
        };
        let last = if package == "." { module_name(module) } else { package.rsplit('/').next().unwrap_or("app") };
        let linker = command.and_then(|c| flag(c, "ldflags")).unwrap_or_default();
        let words: Vec<&str> = linker.split_whitespace().filter(|word| !matches!(*word, "-s" | "-w")).collect();
        let unknown = words.iter().any(|word| word.contains(['$', '`', '\'', '"']));
        Ok(Self {
            name: last.to_owned(),
            package,
            tags: command.and_then(|c| flag(c, "tags")).filter(|tags| !tags.contains('$')),
            linker: if unknown || words.contains(&"-extldflags") { Vec::new() } else { words },
            unknown,
            cgo: request.needs.iter().find(|need| need.what == Need::C_LIBRARY),
        })
    }

    fn command(&self) -> String {
        let cgo = u8::from(self.cgo.is_some());
        let tags = self.tags.map_or_else(String::new, |tags| format!(" -tags {tags}"));
        let linker: Vec<&str> = ["-s", "-w"].into_iter().chain(self.linker.iter().copied()).collect();
        let linker = linker.join(" ");
        format!(
            "CGO_ENABLED={cgo} go build -trimpath{tags} -ldflags=\"{linker}\" -o /out/{} {}",
            self.name, self.package
        )
    }

    fn remarks(&self, needs: &[Need]) -> Vec<String> {
        let place = |need: &Need| match need.line {
            0 => need.file.clone(),
            line => format!("{}:{line}", need.file),
        };
        let mut remarks = Vec::new();
        match self.cgo {
            Some(need) => {
                remarks.push(format!("needs C: {}; so the image has the C library", place(need)));
            }
            None => remarks.push("links nothing: no package that production reaches needs C".to_owned()),
        }
        let needed = |what: &str| needs.iter().find(|need| need.what == what);
        let found: Vec<String> = [Need::CERTIFICATES, Need::ZONES, Need::USERS]
            .iter()
            .filter_map(|what| Some(format!("{what} ({})", place(needed(what)?))))
            .collect();
        if !found.is_empty() {
            remarks.push(format!("uses what the base has: {}", found.join(", ")));
        } else if self.cgo.is_none() {
            let text = "nothing that production reaches asks for certificates, users or, in the project's own code, time zones: FROM scratch would do";
            remarks.push(text.to_owned());
        }
        if self.unknown {
            let text = "the project's own container file sets values at link time (-X) from variables: add them here";
            remarks.push(text.to_owned());
        }
        remarks
    }
}

/// A command that builds programs.
fn built(command: &Command) -> Option<&Command> {
    let words: Vec<&str> = command.words.iter().map(String::as_str).collect();
    let program = words.first()?.rsplit('/').next()?;
    (program == "go" && matches!(words.get(1), Some(&"build" | &"install"))).then_some(command)
}

/// Flags of `go build` that take a value: <https://pkg.go.dev/cmd/go#hdr-Compile_packages_and_dependencies>.
const WITH_VALUE: &[&str] = &[
    "o",
    "p",
    "asmflags",
    "buildmode",
    "compiler",
    "gccgoflags",
    "gcflags",
    "installsuffix",
    "ldflags",
    "mod",
    "modfile",
    "overlay",
    "pgo",
    "pkgdir",
    "tags",
    "toolexec",
    "C",
    "covermode",
    "coverpkg",
];

/// The packages that a command names.
fn packages(command: &Command) -> Vec<&str> {
    let mut found = Vec::new();
    let mut words = command.words.iter().skip(2).map(String::as_str);
    while let Some(word) = words.next() {
        match word.strip_prefix('-') {
            Some(flag) => {
                let flag = flag.trim_start_matches('-');
                if WITH_VALUE.contains(&flag) {
                    words.next();
                }
            }
            None => found.push(word),
        }
    }
    found.retain(|word| !word.contains('$'));
    found
}

/// The value of a flag.
fn flag<'a>(command: &'a Command, name: &str) -> Option<&'a str> {
    let mut words = command.words.iter().map(String::as_str);
    while let Some(word) = words.next() {
        let Some(flag) = word.strip_prefix('-') else { continue };
        let flag = flag.trim_start_matches('-');
        if flag == name {
            return words.next();
        }
        if let Some(value) = flag.strip_prefix(name).and_then(|rest| rest.strip_prefix('=')) {
            return Some(value.trim_matches(['"', '\'']));
        }
    }
    None
}

/// The last part of the module's path that is no version.
pub(crate) fn module_name(module: &GoMod) -> &str {
    let version = |part: &&str| {
        part.strip_prefix('v').is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|c| c.is_ascii_digit()))
    };
    module.module.rsplit('/').find(|part| !version(part)).unwrap_or("app")
}

/// The folder of the program that is meant when no file says it: the only one, else the one that is called like the module.
fn chosen(entries: &[String], module: &GoMod) -> Result<String, String> {
    let shown = |folder: &String| if folder.is_empty() { ".".to_owned() } else { folder.clone() };
    match entries {
        [] => Err("it has no program: no package main".into()),
        [one] => Ok(shown(one)),
        several => {
            let name = module_name(module);
            let named = several.iter().find(|f| f.is_empty() || f.rsplit('/').next() == Some(name));
            named.map(shown).ok_or_else(|| {
                let names: Vec<String> = several.iter().take(4).map(shown).collect();
                format!("it has several programs ({}), and no file says which one the image starts", names.join(", "))
            })
        }
    }
}

/// Nothing of Go is installed by a command that ends in an image; what builds there is replaced.
pub(crate) fn command(command: &Command) -> Facts {
    let client = command.words.first().is_some_and(|program| program.rsplit('/').next() == Some("go"));
    let installs =
        matches!(command.words.get(1).map(String::as_str), Some("mod" | "build" | "install" | "get" | "vet"));
    if !client || !installs {
        return Facts::default();
    }
    let text = command.words.join(" ");
    let install = depslim_model::Install {
        client: "go".into(),
        project: true,
        stage: command.stage,
        line: command.line,
        text,
        ..depslim_model::Install::default()
    };
    Facts { installs: vec![install], ..Facts::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use depslim_model::ecosystem::Plan;
    use depslim_model::{Settings, Source, Stage};

    /// The recipe for a `go.mod`, programs, needs and a command of the own container file.
    fn check(manifest: &str, entries: &[&str], needs: &[(&str, &str)], command: &str) -> Result<Recipe, String> {
        let settings = Settings::default();
        let sources = [Source { path: "go.mod", bytes: manifest.as_bytes(), settings: &settings }];
        let entries: Vec<String> = entries.iter().map(|e| (*e).to_owned()).collect();
        let needs: Vec<Need> = needs
            .iter()
            .map(|(what, file)| Need { what: (*what).to_owned(), file: (*file).to_owned(), line: 3 })
            .collect();
        let commands = [Command {
            words: command.split('|').map(str::to_owned).collect(),
            stage: Stage::Builder,
            line: 1,
            workdir: None,
            variables: Vec::new(),
        }];
        recipe(&RecipeRequest {
            plan: &Plan { project: ".".into(), ..Plan::default() },
            sources: &sources,
            exported: &[],
            commands: &commands,
            variables: &[],
            taken: &[],
            folder: None,
            base: "",
            from_source: &[],
            sends_files: None,
            set: &[],
            texts: &[],
            entries: &entries,
            needs: &needs,
        })
    }

    fn build_of(recipe: &Recipe) -> &str {
        match recipe.steps.last() {
            Some(Step::Run { command, .. }) => command,
            other => panic!("{other:?}"),
        }
    }

    const MANIFEST: &str = "module farm.example/barn/v2\n\ngo 1.21\n";

    #[test]
    fn a_program_without_c_stands_on_nothing() {
        let found = check(MANIFEST, &[""], &[(Need::CERTIFICATES, "main.go")], "echo").unwrap();
        assert_eq!(found.runtime, Runtime::Nothing);
        assert_eq!(found.builder.as_deref(), Some("golang:1.27-trixie"));
        assert_eq!(build_of(&found), "CGO_ENABLED=0 go build -trimpath -ldflags=\"-s -w\" -o /out/barn .");
        assert_eq!(found.start, ["/usr/local/bin/barn"]);
        assert!(found.remarks[1].contains("certificates (main.go:3)"), "{:?}", found.remarks);
        let silent = check(MANIFEST, &[""], &[], "echo").unwrap();
        assert!(silent.remarks[1].contains("FROM scratch would do"), "{:?}", silent.remarks);
    }

    #[test]
    fn c_needs_its_library() {
        let found = check(MANIFEST, &["cmd/barn"], &[(Need::C_LIBRARY, "driver.example@v1.0.0/d.go")], "echo").unwrap();
        assert_eq!(found.runtime, Runtime::Libraries);
        assert!(build_of(&found).starts_with("CGO_ENABLED=1 "));
        assert!(found.remarks[0].contains("driver.example@v1.0.0/d.go:3"));
    }

    #[test]
    fn the_own_container_file_says_what_is_built() {
        let found = check(
            "module m\ngo 1.26.2\n",
            &["cmd/a", "cmd/b"],
            &[],
            "go|build|-v|-tags|netgo|-ldflags=-s -X main.kind=hay|-o|/x|./cmd/b",
        )
        .unwrap();
        assert_eq!(
            build_of(&found),
            "CGO_ENABLED=0 go build -trimpath -tags netgo -ldflags=\"-s -w -X main.kind=hay\" -o /out/b ./cmd/b"
        );
        assert_eq!(found.builder.as_deref(), Some("golang:1.26-trixie"));
        let variable = check("module m\n", &[""], &[], "go|build|-ldflags|-X main.v=${V}|.").unwrap();
        assert!(
            build_of(&variable).contains("-ldflags=\"-s -w\"") && variable.remarks.iter().any(|r| r.contains("-X"))
        );
    }

    #[test]
    fn of_several_programs_none_is_guessed() {
        assert!(check(MANIFEST, &["cmd/a", "cmd/b"], &[], "echo").unwrap_err().contains("cmd/a, cmd/b"));
        assert!(build_of(&check(MANIFEST, &["cmd/a", "cmd/barn"], &[], "echo").unwrap()).ends_with("./cmd/barn"));
        assert!(check(MANIFEST, &[], &[], "echo").is_err());
        assert!(check("module m\nreplace a => ../a\n", &[""], &[], "echo").unwrap_err().contains("outside"));
    }
}
