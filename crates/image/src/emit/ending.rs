//! The one layer of the final stage that changes the system: its packages, the user, the folders that the user writes to.

use super::{Blueprint, File, builder};
use crate::own::{Item, Own, filled};
use std::collections::{BTreeMap, BTreeSet};

/// Writes it.
pub(super) fn system(blueprint: &Blueprint<'_>, own: &Own, folder: &str, ids: (&str, &str), file: &mut File) {
    let mut packages: BTreeMap<&str, String> = own
        .system
        .iter()
        .map(|(name, line)| (name.as_str(), format!("line {line} of the project's own file installs it")))
        .collect();
    packages.extend(blueprint.system.iter().map(|(name, why)| (name.as_str(), why.clone())));
    for (name, why) in &packages {
        file.comment(&format!("{name}: {why}"));
    }
    let mut commands = Vec::new();
    if !packages.is_empty() {
        let names: Vec<&str> = packages.keys().copied().collect();
        commands.push(builder::install(&names, blueprint.alpine));
    }
    let (user, group) = ids;
    let folders = folders(own, folder);
    let home = folders.iter().find(|f| *f == folder).map_or(super::HOME, |_| folder);
    if user != "0" {
        commands.push(if blueprint.alpine {
            format!("addgroup -S -g {group} app && adduser -S -D -H -u {user} -G app -h {home} app")
        } else {
            format!("groupadd -r -g {group} app && useradd -l -r -u {user} -g app -d {home} app")
        });
        commands.push(format!(
            "install -d -o {user} -g {group} {}",
            folders.iter().map(String::as_str).collect::<Vec<_>>().join(" ")
        ));
    } else if folders.len() > 1 {
        commands.push(format!("mkdir -p {}", folders.iter().map(String::as_str).collect::<Vec<_>>().join(" ")));
    }
    if !commands.is_empty() {
        file.line(&format!("RUN {}", commands.join(" \\\n && ")));
    }
}

/// The folders that the program may write to: its own, those that the project's file makes, and its volumes.
fn folders(own: &Own, folder: &str) -> BTreeSet<String> {
    let mut all = BTreeSet::from([if is_of_system(folder) { super::HOME } else { folder }.to_owned()]);
    let variables: BTreeMap<String, String> = own
        .items
        .iter()
        .filter_map(|i| if let Item::Variables(set) = i { Some(set.iter().cloned()) } else { None })
        .flatten()
        .collect();
    let mut add = |path: &str| {
        let path = path.trim_end_matches('/');
        if !path.starts_with('/') || is_of_system(path) || path.contains(['$', '"', '\'', ' ', ';', '&', '|']) {
            return;
        }
        // What lies above it in the program's folder is made on the way, and has to be the program's too.
        let mut at = path.len();
        while at > folder.len() && folder.len() > 1 && path.starts_with(folder) {
            all.insert(path[..at].to_owned());
            at = path[..at].rfind('/').unwrap_or(0);
        }
        all.insert(path.to_owned());
    };
    for item in &own.items {
        match item {
            Item::Folders(paths) => {
                for path in paths {
                    add(path);
                }
            }
            Item::Other(text) if text.starts_with("VOLUME") => {
                let list = text.trim_start_matches("VOLUME").trim();
                let words: Vec<String> =
                    serde_json::from_str(list).unwrap_or_else(|_| list.split_whitespace().map(str::to_owned).collect());
                for path in &words {
                    add(&filled(path, &variables));
                }
            }
            _ => {}
        }
    }
    all
}

/// Whether a folder belongs to the system, whatever is done in it.
fn is_of_system(path: &str) -> bool {
    let top = [
        "", "/", "/bin", "/boot", "/dev", "/etc", "/home", "/lib", "/mnt", "/opt", "/proc", "/root", "/run", "/sbin",
        "/sys", "/tmp", "/usr", "/var",
    ];
    let path = path.trim_end_matches('/');
    let deeper = ["/usr/", "/etc/", "/lib/", "/dev/", "/proc/", "/sys/", "/run/", "/bin/"];
    top.contains(&path)
        || ["/var/log", "/var/run", "/var/lib", "/var/cache", "/var/tmp"].contains(&path)
        || deeper
            .iter()
            .any(|d| path.starts_with(d) && !path.starts_with("/usr/src/") && !path.starts_with("/usr/share/"))
}
