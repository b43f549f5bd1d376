//! How a production image of a program is built: compiled in a stage of its own, and nothing of that stage is in the image but the
//! program. What it stands on follows from the packages that it links: nothing when all of it can be linked in, else the image
//! that has the C and C++ libraries. The builder stage looks at the program itself and fails when that turns out to be wrong.

use depslim_formats::text::decode;
use depslim_formats::toml::{self, Doc, Node};
use depslim_model::recipe::{Recipe, RecipeRequest, Runtime, Step};
use std::collections::BTreeSet;

/// Where the project lies in the builder stage.
const FOLDER: &str = "/build";
/// Where the programs lie in the image.
const PROGRAMS: &str = "/usr/local/bin";
/// The release of Debian that builder and final stage share: what is linked in one is there in the other.
const SUITE: &str = "trixie";

/// What packages do to the linking of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Links {
    Nothing,
    Compiled,
    Libraries,
    System,
}

/// A line of the table.
struct Native {
    package: &'static str,
    links: Links,
    /// It loads libraries while it runs.
    loads: bool,
    build: &'static str,
    what: &'static str,
}

/// What settings of the profile save: measured with rustc 1.95 on a program that uses `clap`, `regex`, `serde` and `toml_edit`.
const MEASURED: &str = "a program with clap, regex, serde and toml_edit: 3.62 MB, stripped 2.79 MB, with all of it 2.27 MB, and with panic = \"abort\" 2.19 MB";

/// The first minor version of the toolchain whose images stand on that release.
const OLDEST: u32 = 90;

/// The recipe.
pub(crate) fn recipe(request: &RecipeRequest<'_>) -> Result<Recipe, String> {
    let folder = if request.plan.project == "." { "" } else { request.plan.project.as_str() };
    let path = if folder.is_empty() { "Cargo.toml".to_owned() } else { format!("{folder}/Cargo.toml") };
    let manifest = request.sources.iter().find(|s| s.path == path).ok_or("it has no Cargo.toml of its own")?;
    let decoded = decode(manifest.bytes);
    let doc = toml::parse(&decoded.text).map_err(|_| "Cargo.toml can't be read".to_owned())?;
    let lock = request.sources.iter().find(|s| s.file_name() == "Cargo.lock");
    let lock = lock.ok_or("it has no Cargo.lock, so two builds would not be the same")?;
    let name = doc.at(&["package", "name"]).and_then(|n| n.text()).ok_or("a workspace has no program of its own")?;
    let programs = programs(request, &doc, name)?;
    let link = Linking::of(request)?;
    // A member is built in the folder of its lock.
    let up = folder.strip_prefix(lock.folder()).unwrap_or("").split('/').filter(|part| !part.is_empty()).count();
    let whole = if up == 0 { ".".to_owned() } else { vec![".."; up].join("/") };
    let mut steps = vec![Step::Folder(FOLDER.to_owned())];
    let mut setup: Vec<&str> = link.build.iter().copied().collect();
    if link.fixed && link.compiles {
        setup.push("musl-tools");
    }
    if !setup.is_empty() {
        let command = format!(
            "apt-get update && apt-get install -y --no-install-recommends {} && rm -rf /var/lib/apt/lists/*",
            setup.join(" ")
        );
        steps.push(Step::Run { command, caches: Vec::new() });
    }
    let add = Step::Run { command: "rustup target add \"$(uname -m)-unknown-linux-musl\"".into(), caches: Vec::new() };
    // A toolchain file speaks once it is there.
    let pinned = pinned(request);
    if link.fixed && pinned.is_none() {
        steps.push(add.clone());
    }
    steps.push(Step::Copy { sources: vec![whole], to: ".".to_owned() });
    if link.fixed && pinned.is_some() {
        steps.push(add);
    }
    steps.push(Step::Run {
        command: build(name, &programs, link.fixed),
        caches: vec!["/usr/local/cargo/registry".to_owned(), format!("{FOLDER}/target")],
    });
    steps.push(Step::Run { command: verify(link.fixed), caches: Vec::new() });
    let start = match programs.as_slice() {
        [one] => vec![format!("{PROGRAMS}/{one}")],
        _ => Vec::new(),
    };
    Ok(Recipe {
        builder: Some(format!("rust:{}-slim-{SUITE}", toolchain(pinned.as_deref()))),
        runtime: if link.fixed { Runtime::Nothing } else { Runtime::Libraries },
        steps,
        results: programs.iter().map(|p| (format!("/out/{p}"), format!("{PROGRAMS}/{p}"))).collect(),
        start,
        remarks: link.remarks.into_iter().chain(profile(&doc)).collect(),
        needless: &["target"],
        // A manifest may name the files of tests, and code may take in documentation.
        reads_all: true,
        ..Recipe::default()
    })
}

/// What is built: what the own container file takes into its image, else what the manifest names, else the package's own program.
fn programs(request: &RecipeRequest<'_>, doc: &Doc<'_>, package: &str) -> Result<Vec<String>, String> {
    let named: Vec<String> = doc
        .at(&["bin"])
        .iter()
        .flat_map(Node::items)
        .filter(|bin| bin.get("required-features").is_none())
        .filter_map(|bin| bin.get("name").and_then(|n| n.text()).map(str::to_owned))
        .collect();
    let main = request.texts.iter().any(|(path, _)| path == "src/main.rs");
    let beside = beside(request, doc);
    let built = request.taken.iter().filter(|(from, _)| from.contains("/release/"));
    let built: BTreeSet<String> = built.filter_map(|(from, _)| from.rsplit('/').next().map(str::to_owned)).collect();
    let own: Vec<String> = built
        .iter()
        .filter(|name| named.contains(name) || beside.contains(name) || *name == package)
        .cloned()
        .collect();
    if !own.is_empty() {
        return Ok(own);
    }
    if !built.is_empty() {
        return Err(format!("the container file here builds {}", built.into_iter().collect::<Vec<_>>().join(", ")));
    }
    if !named.is_empty() {
        return Ok(named);
    }
    match (main, beside.is_empty()) {
        (true, _) => Ok(vec![package.to_owned()]),
        (false, false) => Ok(beside),
        (false, true) => Err("nothing says which program it starts".into()),
    }
}

/// Programs that cargo finds in `src/bin`.
fn beside(request: &RecipeRequest<'_>, doc: &Doc<'_>) -> Vec<String> {
    if doc.at(&["package", "autobins"]).and_then(|n| n.boolean()) == Some(false) {
        return Vec::new();
    }
    let files = request.texts.iter().filter_map(|(path, _)| path.strip_prefix("src/bin/")?.strip_suffix(".rs"));
    let mut names: Vec<String> = files
        .map(|path| path.strip_suffix("/main").unwrap_or(path))
        .filter(|name| !name.contains('/'))
        .map(str::to_owned)
        .collect();
    names.sort();
    names.dedup();
    names
}

/// The toolchain that an image brings, by its tag (`rust:1.90-slim`, `cargo-chef:latest-rust-1.90`).
pub(crate) fn runtime_of_image(reference: &str) -> Option<String> {
    let reference = reference.split('@').next().unwrap_or(reference);
    let (image, tag) = reference.rsplit_once(':').filter(|(_, tag)| !tag.contains('/')).unwrap_or((reference, ""));
    let name = image.rsplit('/').next().unwrap_or(image);
    let behind = match tag.split_once("rust-") {
        Some((_, version)) => version,
        None if name.split('-').any(|word| word == "rust" || word == "muslrust") => tag,
        None => return None,
    };
    let version: String = behind.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    let version = version.trim_end_matches('.');
    Some(if version.is_empty() { "1".to_owned() } else { version.to_owned() })
}

/// The command that builds them and puts them where the final stage takes them from.
fn build(package: &str, programs: &[String], fixed: bool) -> String {
    let bins: Vec<String> = programs.iter().map(|p| format!("--bin {p}")).collect();
    let (target, place) = if fixed {
        (" --target \"$(uname -m)-unknown-linux-musl\"", "target/\"$(uname -m)-unknown-linux-musl\"/release")
    } else {
        ("", "target/release")
    };
    let copies: Vec<String> = programs.iter().map(|p| format!("cp {place}/{p} /out/")).collect();
    format!(
        "cargo build --release --locked --package {package} {}{target} \\\n    && mkdir -p /out && {}",
        bins.join(" "),
        copies.join(" && ")
    )
}

/// Looks at what was built: what it links has to be in the image.
fn verify(fixed: bool) -> String {
    if fixed {
        return "for program in /out/*; do \\\n    ldd \"$program\" > /tmp/linked 2>&1 || true; ! grep -F '=>' /tmp/linked || exit 1; done".into();
    }
    let there = "linux-vdso|ld-linux|libc\\.so|libm\\.so|libdl\\.so|librt\\.so|libpthread\\.so|libgcc_s\\.so|libstdc\\+\\+\\.so|libssl\\.so\\.3|libcrypto\\.so\\.3|libgomp\\.so|libresolv\\.so|statically linked";
    format!(
        "for program in /out/*; do \\\n    ldd \"$program\" > /tmp/linked; ! grep -vE '{there}' /tmp/linked || exit 1; done"
    )
}

/// What a program links, as its packages tell.
struct Linking {
    /// All of it can be linked in.
    fixed: bool,
    /// Native code is compiled.
    compiles: bool,
    build: BTreeSet<&'static str>,
    remarks: Vec<String>,
}

impl Linking {
    fn of(request: &RecipeRequest<'_>) -> Result<Self, String> {
        let kept: BTreeSet<&str> = request.plan.keep.iter().map(|k| k.package.as_str()).collect();
        let mut link = Self {
            fixed: true,
            compiles: ["cc", "cmake"].iter().any(|builder| kept.contains(builder)),
            build: BTreeSet::new(),
            remarks: Vec::new(),
        };
        let table = table();
        for native in table.iter().filter(|native| kept.contains(native.package)) {
            let (what, unless) = native.what.split_once(" unless ").unwrap_or((native.what, ""));
            let inside = !unless.is_empty() && kept.contains(unless);
            match native.links {
                Links::System if !inside => {
                    return Err(format!(
                        "{} links a library of the system ({what}), and only images of programs are written that need none",
                        native.package
                    ));
                }
                Links::Nothing => continue,
                Links::Compiled => link.compiles = true,
                _ if inside => link.compiles = true,
                Links::Libraries | Links::System => {
                    link.fixed = false;
                    let verb = if native.loads { "loads" } else { "needs" };
                    link.remarks.push(format!("not from nothing: {} {verb} {what}", native.package));
                }
            }
            if !inside {
                link.build.extend(native.build.split(' ').filter(|p| *p != "-"));
            }
        }
        for package in kept.iter().filter(|name| name.ends_with("-sys") || name.ends_with("_sys")) {
            if !table.iter().any(|native| native.package == *package) {
                link.remarks.push(format!("what {package} links is not known: the last step of this stage looks"));
            }
        }
        if link.fixed {
            link.remarks.push("linked with musl, so that it needs nothing of the image".to_owned());
            let threads = ["tokio", "rayon"].iter().find(|name| kept.contains(*name));
            let own = ["mimalloc", "tikv-jemallocator", "jemallocator", "snmalloc-rs"].iter().any(|a| kept.contains(a));
            if let Some(threads) = threads.filter(|_| !own) {
                link.remarks.push(format!(
                    "musl's allocator is slow when many threads ({threads}) allocate: measure, or set another one (mimalloc)"
                ));
            }
        }
        Ok(link)
    }
}

fn table() -> Vec<Native> {
    include_str!("../data/native.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let mut parts = line.split('\t');
            let (package, does, build, what) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
            let links = match does {
                "none" => Links::Nothing,
                "compiles" => Links::Compiled,
                "libraries" | "loads" => Links::Libraries,
                _ => Links::System,
            };
            Some(Native { package, links, loads: does == "loads", build, what })
        })
        .collect()
}

/// The toolchain that the project pins.
fn pinned(request: &RecipeRequest<'_>) -> Option<String> {
    let text = |name: &str| request.texts.iter().find(|(path, _)| path == name).map(|(_, text)| text.as_str());
    let text = text("rust-toolchain.toml").or_else(|| text("rust-toolchain"))?;
    let doc = toml::parse(text).ok();
    let channel = doc.as_ref().and_then(|doc| doc.at(&["toolchain", "channel"])?.text().map(str::to_owned));
    Some(channel.unwrap_or_else(|| text.trim().to_owned()))
}

/// The tag's version: the pinned one where there are images of this release for it; any other one, rustup fetches.
fn toolchain(pinned: Option<&str>) -> String {
    let minor = |version: &&str| -> Option<u32> { version.strip_prefix("1.")?.split('.').next()?.parse().ok() };
    pinned.filter(|v| minor(v).is_some_and(|minor| minor >= OLDEST)).unwrap_or("1").to_owned()
}

/// What the profile leaves on the table.
fn profile(doc: &Doc<'_>) -> Vec<String> {
    let set = |name: &str| doc.at(&["profile", "release", name]).is_some();
    let mut missing: Vec<&str> = Vec::new();
    for (name, line) in [("strip", "strip = true"), ("lto", "lto = true"), ("codegen-units", "codegen-units = 1")] {
        if !set(name) {
            missing.push(line);
        }
    }
    if missing.is_empty() {
        return Vec::new();
    }
    vec![format!("smaller: {} below [profile.release] in Cargo.toml ({MEASURED})", missing.join(", "))]
}

#[cfg(test)]
mod tests {
    use super::*;
    use depslim_model::ecosystem::{Kept, Plan};
    use depslim_model::{Settings, Source};

    const APP: &str = "[package]\nname = \"barn\"\nversion = \"0.1.0\"\n[profile.release]\nstrip = true\nlto = true\ncodegen-units = 1\n";

    fn check(
        project: &str,
        manifest: &str,
        keep: &[&str],
        texts: &[(&str, &str)],
        taken: &[(&str, &str)],
    ) -> Result<Recipe, String> {
        let settings = Settings::default();
        let keep = keep.iter().map(|name| Kept { package: (*name).to_owned(), ..Kept::default() }).collect();
        let plan = Plan { project: project.to_owned(), keep, ..Plan::default() };
        let path = if project == "." { "Cargo.toml".to_owned() } else { format!("{project}/Cargo.toml") };
        let sources = [
            Source { path: &path, bytes: manifest.as_bytes(), settings: &settings },
            Source { path: "Cargo.lock", bytes: b"version = 4\n", settings: &settings },
        ];
        let pairs = |list: &[(&str, &str)]| -> Vec<(String, String)> {
            list.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
        };
        recipe(&RecipeRequest {
            plan: &plan,
            sources: &sources,
            exported: &[],
            commands: &[],
            variables: &[],
            taken: &pairs(taken),
            folder: None,
            base: "",
            from_source: &[],
            sends_files: None,
            set: &[],
            texts: &pairs(texts),
            entries: &[],
            needs: &[],
        })
    }

    const MAIN: (&str, &str) = ("src/main.rs", "");

    fn commands(recipe: &Recipe) -> Vec<&str> {
        let mut found = Vec::new();
        for step in &recipe.steps {
            if let Step::Run { command, .. } = step {
                found.push(command.as_str());
            }
        }
        found
    }

    #[test]
    fn a_program_of_rust_alone_needs_nothing() {
        let found = check(
            ".",
            APP,
            &["serde", "windows-sys"],
            &[MAIN, ("rust-toolchain.toml", "[toolchain]\nchannel = \"1.90\"\n")],
            &[],
        )
        .unwrap();
        assert_eq!((found.runtime, found.builder.as_deref()), (Runtime::Nothing, Some("rust:1.90-slim-trixie")));
        assert_eq!(found.results, [("/out/barn".to_owned(), "/usr/local/bin/barn".to_owned())]);
        assert_eq!(found.start, ["/usr/local/bin/barn"]);
        assert!(commands(&found)[1].starts_with("cargo build --release --locked --package barn --bin barn --target"));
        assert_eq!(found.remarks, ["linked with musl, so that it needs nothing of the image"]);
    }

    #[test]
    fn what_compiles_native_code_needs_a_compiler_for_it() {
        let found = check(".", APP, &["ring", "cc", "tokio"], &[MAIN], &[]).unwrap();
        assert!(commands(&found)[0].contains("musl-tools"), "{:?}", commands(&found));
        assert!(found.remarks[1].contains("tokio"), "{:?}", found.remarks);
    }

    #[test]
    fn libraries_decide_what_the_image_stands_on() {
        let found = check(".", APP, &["openssl-sys"], &[MAIN], &[]).unwrap();
        assert_eq!(found.runtime, Runtime::Libraries);
        assert!(commands(&found)[0].contains("libssl-dev") && !commands(&found)[0].contains("musl"));
        assert_eq!(check(".", APP, &["openssl-sys", "openssl-src"], &[MAIN], &[]).unwrap().runtime, Runtime::Nothing);
        assert_eq!(check(".", APP, &["libloading"], &[MAIN], &[]).unwrap().runtime, Runtime::Libraries);
        assert!(check(".", APP, &["pq-sys"], &[MAIN], &[]).unwrap_err().contains("libpq"));
        let unknown = check(".", APP, &["odd-sys"], &[MAIN], &[]).unwrap();
        assert!(unknown.remarks[0].contains("odd-sys"), "{:?}", unknown.remarks);
    }

    #[test]
    fn the_programs_are_those_that_are_named() {
        let two =
            format!("{APP}[[bin]]\nname = \"milk\"\npath = \"m.rs\"\n[[bin]]\nname = \"cows\"\npath = \"c.rs\"\n");
        let found = check("crates/barn", &two, &[], &[], &[]).unwrap();
        assert_eq!(found.results.len(), 2);
        assert!(found.start.is_empty());
        assert!(found.steps.contains(&Step::Copy { sources: vec!["../..".to_owned()], to: ".".to_owned() }));
        let taken = [("/app/target/release/dogs", "/dogs")];
        assert!(check(".", &two, &[], &[], &taken).unwrap_err().contains("builds dogs"));
        let taken = [("/app/target/release/cows", "/cows")];
        assert_eq!(check(".", &two, &[], &[], &taken).unwrap().start, ["/usr/local/bin/cows"]);
        assert!(check(".", APP, &[], &[], &[]).unwrap_err().contains("nothing says"));
        let bins =
            [("src/bin/cows.rs", ""), ("src/bin/dogs/main.rs", ""), ("src/bin/dogs/bark.rs", ""), ("src/lib.rs", "")];
        let found = check(".", APP, &[], &bins, &[]).unwrap();
        assert_eq!(found.results.iter().map(|(from, _)| from.as_str()).collect::<Vec<_>>(), ["/out/cows", "/out/dogs"]);
        let taken = [("/app/target/release/dogs", "/dogs")];
        assert_eq!(check(".", APP, &[], &bins, &taken).unwrap().start, ["/usr/local/bin/dogs"]);
        let silent = APP.replace("[profile", "autobins = false\n[profile");
        assert!(check(".", &silent, &[], &bins, &[]).is_err());
        assert!(check(".", "[workspace]\n", &[], &[], &[]).unwrap_err().contains("no program"));
        assert!(check(".", "[", &[], &[], &[]).is_err());
    }

    #[test]
    fn images_that_compile_are_known() {
        for (image, expect) in [
            ("rust:1.90-slim-bookworm", Some("1.90")),
            ("docker.io/library/rust", Some("1")),
            ("lukemathwalker/cargo-chef:latest-rust-1.80.1", Some("1.80.1")),
            ("debian:bookworm-slim", None),
            ("example.invalid:5000/trust:1", None),
        ] {
            assert_eq!(runtime_of_image(image).as_deref(), expect, "{image}");
        }
    }

    #[test]
    fn the_table_is_sorted_and_every_line_is_whole() {
        let lines: Vec<&str> = include_str!("../data/native.txt").lines().filter(|l| !l.starts_with('#')).collect();
        assert!(lines.is_sorted());
        assert_eq!(table().len(), lines.len());
        for line in lines {
            let does = line.split('\t').nth(1).unwrap();
            assert!(["none", "compiles", "libraries", "loads", "system"].contains(&does), "{line}");
        }
    }
}
