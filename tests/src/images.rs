//! Images without a container engine: `buildah` with a store of its own below the build folder, on bases that are made here.

use crate::run;
use crate::system::{as_root, machine};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// Where images of the stories are kept.
fn store() -> PathBuf {
    crate::binary().parent().map_or_else(PathBuf::new, Path::to_owned).join("stories/images")
}

/// `buildah` on that store.
pub fn buildah(arguments: &[&str]) -> Command {
    with_driver(driver(), arguments)
}

/// How layers are kept: on each other where the machine lets them, else as whole copies.
fn driver() -> &'static str {
    static DRIVER: OnceLock<&str> = OnceLock::new();
    DRIVER.get_or_init(|| {
        machine();
        let made = with_driver("overlay", &["from", "scratch"]).output();
        let Some(made) = made.ok().filter(|o| o.status.success()) else { return "vfs" };
        let container = crate::stdout(&made);
        let lies = with_driver("overlay", &["mount", container.trim()]).output().is_ok_and(|o| o.status.success());
        let _ = with_driver("overlay", &["rm", container.trim()]).output();
        if lies { "overlay" } else { "vfs" }
    })
}

fn with_driver(driver: &str, arguments: &[&str]) -> Command {
    let mut command = as_root("buildah");
    command.args(["--storage-driver", driver, "--root"]).arg(store().join(driver));
    command.arg("--runroot").arg(store().join("run")).args(arguments);
    command
}

/// Makes an image of a folder under the name of a published one, unless an earlier run did.
///
/// # Panics
/// When it can't be made.
pub fn import(name: &str, folder: &Path) {
    import_with(name, folder, &[]);
}

/// The same with variables.
///
/// # Panics
/// When it can't be made.
pub fn import_with(name: &str, folder: &Path, variables: &[(&str, &str)]) {
    if buildah(&["inspect", "--type", "image", name]).output().is_ok_and(|o| o.status.success()) {
        return;
    }
    let container = run(&mut buildah(&["from", "scratch"]));
    let container = container.trim();
    run(buildah(&["copy", "--quiet", container]).arg(folder).arg("/"));
    let mut set = vec!["PATH=/usr/local/bin:/usr/local/sbin:/usr/bin:/usr/sbin:/bin:/sbin".to_owned()];
    set.extend(variables.iter().map(|(name, value)| format!("{name}={value}")));
    // Where a machine reaches package indexes through something that signs for them, its bundle has to count in the image too.
    for name in ["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"] {
        if std::env::var_os(name).is_some() {
            set.push(format!("{name}=/etc/ssl/certs/ca-certificates.crt"));
        }
    }
    for variable in set {
        run(&mut buildah(&["config", "--env", &variable, container]));
    }
    run(&mut buildah(&["commit", "--quiet", "--rm", container, name]));
}

/// Builds an image; bases have to be there already.
///
/// # Panics
/// When it can't be built.
pub fn build(name: &str, file: &Path, context: &Path, ignore: Option<&Path>) {
    build_with(name, file, context, ignore, &[]);
}

/// The same with folders of this machine that commands of the build see: (folder here, folder there).
///
/// # Panics
/// When it can't be built.
pub fn build_with(name: &str, file: &Path, context: &Path, ignore: Option<&Path>, shown: &[(PathBuf, String)]) {
    let mut command = buildah(&["build", "--quiet", "--isolation", "chroot", "--layers", "--pull-never"]);
    command.args(["--format", "docker", "--tag", name, "--file"]).arg(file);
    if let Some(ignore) = ignore {
        command.arg("--ignorefile").arg(ignore);
    }
    for (here, there) in shown {
        command.arg("--volume").arg(format!("{}:{there}", here.display()));
    }
    run(command.arg(context));
}

/// Bytes of an image's layers from the base upwards: of the files in each, as engines count them; where layers are whole copies, of
/// their archives, which are some percent larger.
///
/// # Panics
/// When there is no such image.
pub fn layers(name: &str) -> Vec<u64> {
    let read = |file: &str| -> Value {
        let path = store().join(driver()).join(format!("{}-{file}", driver()));
        let text = run(as_root("cat").arg(path));
        serde_json::from_str(&text).unwrap_or_default()
    };
    let (images, layers) = (read("images/images.json"), read("layers/layers.json"));
    let named = |image: &&Value| {
        image["names"].as_array().is_some_and(|names| {
            names.iter().filter_map(Value::as_str).any(|n| n.trim_end_matches(":latest").ends_with(name))
        })
    };
    let top = images.as_array().and_then(|list| list.iter().rfind(named)).map(|image| image["layer"].clone());
    let mut next = top.unwrap_or_else(|| panic!("no image is called {name}"));
    let mut sizes = Vec::new();
    while let Some(layer) =
        layers.as_array().and_then(|l| l.iter().find(|layer| layer["id"] == next && !next.is_null()))
    {
        let files = store().join(driver()).join(driver()).join(layer["id"].as_str().unwrap_or_default()).join("diff");
        sizes.push(match driver() {
            "overlay" => files_in(&files),
            _ => layer["diff-size"].as_u64().unwrap_or_default(),
        });
        next = layer["parent"].clone();
    }
    sizes.reverse();
    sizes
}

/// Bytes of the files below a folder, each once.
///
/// # Panics
/// When it can't be looked at.
pub fn files_in(folder: &Path) -> u64 {
    let listed = run(as_root("find").arg(folder).args(["-type", "f", "-printf", "%i %s\\n"]));
    let sizes: BTreeMap<&str, u64> = listed
        .lines()
        .filter_map(|line| line.split_once(' '))
        .filter_map(|(i, s)| Some((i, s.parse().ok()?)))
        .collect();
    sizes.values().sum()
}

/// Does something with the files of an image, in a folder that goes afterwards.
///
/// # Panics
/// When the image can't be mounted.
pub fn mounted<T>(name: &str, work: impl FnOnce(&Path) -> T) -> T {
    let container = run(&mut buildah(&["from", "--pull-never", name]));
    let container = container.trim();
    let folder = PathBuf::from(run(&mut buildah(&["mount", container])).trim());
    let result = work(&folder);
    run(&mut buildah(&["rm", container]));
    result
}

/// The command that an image starts, and the folder it is started in.
///
/// # Panics
/// When there is no such image.
pub fn start(name: &str) -> (Vec<String>, String) {
    let config = config(name);
    let words = list(&config["Entrypoint"]).into_iter().chain(list(&config["Cmd"]));
    (words.collect(), config["WorkingDir"].as_str().filter(|folder| !folder.is_empty()).unwrap_or("/").to_owned())
}

/// Starts what an image starts, as its own user, with its own variables and its files read-only; asks it for a page, as soon as it says
/// `listening on PORT`, and gives the answer.
///
/// # Panics
/// When it does not start, or does not answer.
pub fn answer(name: &str) -> String {
    let (words, folder) = start(name);
    let config = config(name);
    let user = config["User"].as_str().unwrap_or_default().to_owned();
    let mut set: Vec<String> = list(&config["Env"]);
    set.push("PORT=0".to_owned());
    mounted(name, |system| {
        let mut command = as_root("bwrap");
        command.args(["--unshare-user-try", "--unshare-pid", "--unshare-ipc", "--die-with-parent", "--clearenv"]);
        let (user, group) = user.split_once(':').unwrap_or((&user, &user));
        command.args(["--uid", user, "--gid", group, "--ro-bind"]).arg(system).arg("/");
        // What an engine puts into every container.
        for (mount, place) in [("--proc", "/proc"), ("--dev", "/dev"), ("--tmpfs", "/tmp")] {
            run(as_root("mkdir").arg("-p").arg(system.join(&place[1..])));
            command.args([mount, place]);
        }
        for (variable, value) in set.iter().filter_map(|variable| variable.split_once('=')) {
            command.args(["--setenv", variable, value]);
        }
        crate::node::ask(command.arg("--chdir").arg(&folder).args(&words), &["/"]).remove(0)
    })
}

/// The settings of an image, as its engine keeps them.
fn config(name: &str) -> Value {
    let about: Value =
        serde_json::from_str(&run(&mut buildah(&["inspect", "--type", "image", name]))).unwrap_or_default();
    about["OCIv1"]["config"].clone()
}

fn list(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(|word| word.as_str().map(str::to_owned)).collect()
}

/// The commands of a written Dockerfile's builder stage, for this machine: without cache mounts, and with `/out` put elsewhere.
pub fn builder_steps(dockerfile: &str, out: &Path) -> Vec<String> {
    let whole = dockerfile.replace("\\\n", " ");
    let steps = whole.lines().filter_map(|line| line.strip_prefix("RUN "));
    let plain =
        steps.map(|line| line.split_whitespace().filter(|word| !word.starts_with("--mount=")).collect::<Vec<_>>());
    plain.map(|words| words.join(" ").replace("/out", &out.to_string_lossy())).collect()
}
