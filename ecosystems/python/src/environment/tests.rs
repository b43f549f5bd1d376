//! Environments made by hand, found or rightly passed over.

use super::*;
use depslim_model::Settings;
use std::collections::BTreeMap;
use tempfile::TempDir;

/// A folder with the projects and environments of one test.
struct World {
    dir: TempDir,
    variables: BTreeMap<String, String>,
    settings: Settings,
}

impl World {
    fn new() -> Self {
        Self { dir: TempDir::new().unwrap(), variables: BTreeMap::new(), settings: Settings::default() }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
    }

    /// A distribution in the folder `site`.
    fn dist(&self, site: &str, name: &str) {
        self.write(
            &format!("{site}/{name}-1.0.dist-info/METADATA"),
            &format!("Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"),
        );
        self.write(&format!("{site}/{name}-1.0.dist-info/RECORD"), "");
    }

    /// A virtual environment with one distribution.
    fn venv(&self, path: &str, dist: &str) {
        self.write(&format!("{path}/pyvenv.cfg"), "home = /usr/bin\nversion = 3.11.7\n");
        self.dist(&format!("{path}/lib/python3.11/site-packages"), dist);
    }

    fn set(mut self, variable: &str, value: &str) -> Self {
        self.variables.insert(variable.to_owned(), value.replace("$DIR", self.dir.path().to_str().unwrap()));
        self
    }

    fn setting(mut self, values: &[&str]) -> Self {
        self.settings.0.insert("environment".to_owned(), values.iter().map(|v| (*v).to_owned()).collect());
        self
    }

    fn find(&self, project: &str) -> Vec<Environment> {
        let (project, root) = (self.path(project), self.path("root"));
        fs_err::create_dir_all(&project).unwrap();
        let variable = |name: &str| self.variables.get(name).cloned();
        environments(&Host { project: &project, root: &root, variable: &variable, settings: &self.settings })
    }

    /// `label: tree | sites | distributions | runtime`, paths relative to the test's folder.
    fn check(&self, project: &str, expect: &[&str]) {
        let shown = |path: &Path| path.strip_prefix(self.dir.path()).unwrap_or(path).to_string_lossy().into_owned();
        let lines: Vec<String> = self
            .find(project)
            .iter()
            .map(|e| {
                let join = |paths: &[PathBuf]| paths.iter().map(|p| shown(p)).collect::<Vec<_>>().join(" ");
                let names: Vec<String> =
                    e.metadata.iter().map(|p| shown(p.strip_prefix(&e.tree).unwrap_or(p))).collect();
                let names = names.iter().map(|n| n.trim_end_matches("/METADATA").rsplit('/').next().unwrap_or(n));
                let system = if e.sees_system { " +system" } else { "" };
                format!(
                    "{}: {} | {} | {} | {}{system}",
                    e.label.replace(self.dir.path().to_str().unwrap(), "$DIR"),
                    shown(&e.tree),
                    join(&e.sites),
                    names.collect::<Vec<_>>().join(" "),
                    e.runtime.as_deref().unwrap_or("-")
                )
            })
            .collect();
        assert_eq!(lines, expect);
    }
}

#[test]
fn in_the_project_by_the_usual_names() {
    for name in [".venv", "venv", "env", ".env"] {
        let world = World::new();
        world.venv(&format!("root/app/{name}"), "plum");
        let site = format!("root/app/{name}/lib/python3.11/site-packages");
        world.check("root/app", &[&format!("{name}: root/app/{name} | {site} | plum-1.0.dist-info | 3.11.7")]);
    }
}

#[test]
fn in_a_folder_above_up_to_the_root() {
    let world = World::new();
    world.venv("root/.venv", "plum");
    world.venv(".venv", "above-the-root");
    world.venv("root/elsewhere/.venv", "other");
    let site = "root/.venv/lib/python3.11/site-packages";
    world.check("root/packages/core", &[&format!(".venv: root/.venv | {site} | plum-1.0.dist-info | 3.11.7")]);
    fs_err::remove_dir_all(world.path("root/.venv")).unwrap();
    world.check("root/packages/core", &[]);
}

#[test]
fn the_nearest_wins_and_other_names_come_last() {
    let world = World::new();
    world.venv("root/app/.venv-docs", "docs");
    world.venv("root/.venv", "far");
    assert_eq!(world.find("root/app")[0].label, ".venv-docs");
    world.venv("root/app/venv", "near");
    assert_eq!(world.find("root/app")[0].label, "venv");
}

#[test]
fn broken_ones_are_passed_over() {
    let world = World::new();
    world.write("root/app/.venv/pyvenv.cfg", "home = /usr/bin\n");
    world.write("root/app/venv/lib/python3.11/site-packages/_virtualenv.py", "");
    world.write("root/app/env", "a file");
    world.write("root/app/.env", "SECRET=1");
    world.check("root/app", &[]);
    world.venv("root/.venv", "plum");
    assert_eq!(world.find("root/app")[0].label, ".venv");
}

#[test]
fn settings_come_first_and_alone() {
    let world = World::new().setting(&["../env-a", "missing"]).set("VIRTUAL_ENV", "$DIR/root/app/.venv");
    world.venv("root/app/.venv", "wrong");
    world.venv("root/env-a", "plum");
    let site = "root/app/../env-a/lib/python3.11/site-packages";
    let found = world.find("root/app");
    assert_eq!((found.len(), found[0].sites[0].strip_prefix(world.dir.path()).unwrap()), (1, Path::new(site)));
    let world = World::new().setting(&["~/envs/plum"]).set("HOME", "$DIR/home");
    world.venv("home/envs/plum", "plum");
    assert_eq!(world.find("root/app").len(), 1);
    let world = World::new().setting(&["missing"]);
    world.venv("root/app/.venv", "wrong");
    world.check("root/app", &[]);
}

#[test]
fn active_environments_count_first_only_inside_the_root() {
    let world = World::new().set("VIRTUAL_ENV", "$DIR/root/app/.nox/run");
    world.venv("root/app/.nox/run", "active");
    world.venv("root/app/.venv", "usual");
    assert_eq!(world.find("root/app")[0].label, ".nox/run");

    let world = World::new().set("VIRTUAL_ENV", "$DIR/away");
    world.venv("away", "active");
    let site = "away/lib/python3.11/site-packages";
    world.check("root/app", &[&format!("$DIR/away: away | {site} | active-1.0.dist-info | 3.11.7")]);
    world.venv("root/app/.venv", "usual");
    assert_eq!(world.find("root/app")[0].label, ".venv");

    let world = World::new().set("CONDA_PREFIX", "$DIR/away");
    world.venv("away", "active");
    assert_eq!(world.find("root/app").len(), 1);
    let world = world.set("CONDA_DEFAULT_ENV", "base");
    world.check("root/app", &[]);

    let world = World::new().set("UV_PROJECT_ENVIRONMENT", "made/by-uv").set("VIRTUAL_ENV", "");
    world.venv("root/made/by-uv", "plum");
    world.venv("root/app/.venv", "usual");
    assert_eq!(world.find("root/app")[0].label, "made/by-uv");
}

#[test]
fn sites_of_all_layouts() {
    let world = World::new();
    world.write("root/a/.venv/pyvenv.cfg", "include-system-site-packages = true\n");
    world.dist("root/a/.venv/lib/python3.12/site-packages", "pure");
    world.dist("root/a/.venv/lib64/python3.12/site-packages", "native");
    let site = |lib: &str| format!("root/a/.venv/{lib}/python3.12/site-packages");
    let expect = format!(
        ".venv: root/a/.venv | {} {} | pure-1.0.dist-info native-1.0.dist-info | 3.12 +system",
        site("lib"),
        site("lib64")
    );
    world.check("root/a", &[&expect]);

    std::os::unix::fs::symlink("lib", world.path("root/b-lib64")).unwrap();
    world.venv("root/b/.venv", "plum");
    std::os::unix::fs::symlink("lib", world.path("root/b/.venv/lib64")).unwrap();
    assert_eq!(world.find("root/b")[0].sites.len(), 1);

    world.write("root/c/.venv/pyvenv.cfg", "version = 3.13.0\n");
    world.dist("root/c/.venv/Lib/site-packages", "windows");
    world.check("root/c", &[".venv: root/c/.venv | root/c/.venv/Lib/site-packages | windows-1.0.dist-info | 3.13.0"]);

    world.dist("root/d/.venv/lib/python3/dist-packages", "debian");
    world.check("root/d", &[".venv: root/d/.venv | root/d/.venv/lib/python3/dist-packages | debian-1.0.dist-info | -"]);
}

#[test]
fn all_kinds_of_metadata_are_listed() {
    let world = World::new();
    world.venv("root/app/.venv", "plum");
    let site = "root/app/.venv/lib/python3.11/site-packages";
    world.write(&format!("{site}/old-2.egg-info/PKG-INFO"), "");
    world.write(&format!("{site}/single-3.egg-info"), "");
    world.write(&format!("{site}/linked.egg-link"), "/srv/linked\n.");
    world.write(&format!("{site}/zipped-1-py3.11.egg/EGG-INFO/PKG-INFO"), "");
    world.write(&format!("{site}/~lum-1.0.dist-info/METADATA"), "");
    world.write(&format!("{site}/win32/lib/x.py"), "");
    world.write(&format!("{site}/pywin32.pth"), "win32\nwin32/lib\nnowhere\nimport pywin32_bootstrap\n");
    world.write(&format!("{site}/easy-install.pth"), "/srv/linked\n./zipped-1-py3.11.egg\n");
    world.write(&format!("{site}/distutils-precedence.pth"), "import os; x\n");
    world.write(&format!("{site}/__editable___jam_1_0_finder.py"), "");
    world.write(&format!("{site}/__editable__.jam-1.0.pth"), "import __editable___jam_1_0_finder; x\n");
    let found = world.find("root/app");
    let names = |paths: &[PathBuf]| -> Vec<String> {
        paths.iter().map(|p| p.strip_prefix(world.path(site)).unwrap().to_str().unwrap().to_owned()).collect()
    };
    assert_eq!(
        names(&found[0].metadata),
        [
            "linked.egg-link",
            "old-2.egg-info/PKG-INFO",
            "plum-1.0.dist-info/METADATA",
            "single-3.egg-info",
            "zipped-1-py3.11.egg/EGG-INFO/PKG-INFO",
            "__editable__.jam-1.0.pth",
            "easy-install.pth",
        ]
    );
    assert_eq!(names(&found[0].sites), ["", "zipped-1-py3.11.egg", "win32", "win32/lib"]);
}

#[test]
fn conda_comes_behind_the_distributions() {
    let world = World::new();
    let site = "root/app/env/lib/python3.10/site-packages";
    world.dist(site, "torch");
    world.dist(site, "by_pip");
    world.write(
        "root/app/env/conda-meta/pytorch-2.1-py310.json",
        r#"{"name": "pytorch", "version": "2.1", "files": ["lib/python3.10/site-packages/torch-1.0.dist-info/METADATA"]}"#,
    );
    world.write(
        "root/app/env/conda-meta/python-3.10.4-h1.json",
        r#"{"name": "python", "version": "3.10.4", "files": []}"#,
    );
    world.write("root/app/env/conda-meta/broken.json", "{");
    world.write("root/app/env/conda-meta/history", "");
    world.check(
        "root/app",
        &[&format!("env: root/app/env | {site} | by_pip-1.0.dist-info torch-1.0.dist-info broken.json python-3.10.4-h1.json pytorch-2.1-py310.json | 3.10.4")],
    );
}

#[test]
fn poetry_and_pipenv_keep_them_elsewhere() {
    let world = World::new().set("HOME", "$DIR/home");
    world.write("root/app/pyproject.toml", "");
    world.write("root/app/Pipfile", "");
    let app = fs_err::canonicalize(world.path("root/app")).unwrap();
    let hash = |path: &Path| central::short_hash(path.to_str().unwrap());
    let store = "home/.cache/pypoetry/virtualenvs";
    let base = format!("plum-{}", hash(&app));
    world.venv(&format!("{store}/plum-OTHERoth-py3.11"), "other");
    world.venv(&format!("{store}/{base}-py3.9"), "nine");
    world.venv(&format!("{store}/{base}-py3.10"), "ten");
    let tree = |world: &World| world.find("root/app")[0].tree.file_name().unwrap().to_str().unwrap().to_owned();
    assert_eq!(tree(&world), format!("{base}-py3.10"));
    world.write(&format!("{store}/envs.toml"), &format!("[{base}]\nminor = \"3.9\"\n"));
    assert_eq!(tree(&world), format!("{base}-py3.9"));

    fs_err::remove_dir_all(world.path(store)).unwrap();
    world.check("root/app", &[]);
    let name = format!("app-{}-python3", hash(&app.join("Pipfile")));
    world.venv(&format!("home/.local/share/virtualenvs/{name}"), "plum");
    assert_eq!(tree(&world), name);

    let world = world.set("WORKON_HOME", "$DIR/work");
    world.venv("work/mine", "plum");
    world.check("root/app", &[]);
    world.write("root/app/.venv", "mine\n");
    assert_eq!(tree(&world), "mine");
}

#[test]
fn pypackages_of_the_highest_version() {
    let world = World::new();
    world.dist("root/app/__pypackages__/3.9/lib", "nine");
    world.dist("root/app/__pypackages__/3.12/lib", "twelve");
    world.check(
        "root/app",
        &["__pypackages__/3.12: root/app/__pypackages__/3.12 | root/app/__pypackages__/3.12/lib | twelve-1.0.dist-info | 3.12"],
    );
}

#[test]
fn folders_that_distributions_were_copied_into() {
    let world = World::new();
    world.dist("root/app/python_packages", "plum");
    world.dist("root/app/layers/tools/python/lib/python3.11/site-packages", "jam");
    world.write("root/app/layers/tools/python/bin/jam", "");
    world.dist("root/app/tests/data", "fixture");
    world.dist("root/app/node_modules/x", "never");
    world.write("root/app/empty-1.0.dist-info/notes.txt", "");
    let layer = "root/app/layers/tools/python";
    world.check(
        "root/app",
        &[
            &format!("layers/tools/python: {layer} | {layer}/lib/python3.11/site-packages | jam-1.0.dist-info | 3.11"),
            "python_packages: root/app/python_packages | root/app/python_packages | plum-1.0.dist-info | -",
        ],
    );
    // Beside an environment of the project's own they are data.
    world.venv("root/app/.venv", "real");
    assert_eq!(world.find("root/app").len(), 1);
}

#[test]
fn a_prefix_that_is_the_project_is_not_the_tree() {
    let world = World::new();
    world.dist("root/app/lib/python3.11/site-packages", "plum");
    let site = "root/app/lib/python3.11/site-packages";
    world.check("root/app", &[&format!("lib/python3.11/site-packages: {site} | {site} | plum-1.0.dist-info | 3.11")]);
    let world = World::new().setting(&["."]);
    world.dist("root/app/lib/python3.11/site-packages", "plum");
    assert_eq!(world.find("root/app")[0].tree, world.path("root/app/").join("./lib/python3.11/site-packages"));
}
