//! Final stages that need no runtime of the language: a web server for files, or a program on as little as it links.

use super::{Blueprint, File, builder, chowned, copy, env, joined, merged, start, words};
use crate::catalogue::{Final, final_of};
use crate::own::{Item, Own};
use depslim_formats::dockerfile::Form;
use depslim_model::recipe::Runtime::{Files, Libraries, Nothing};
use depslim_model::{Recipe, Runtime};

/// Where the image's web server reads it.
const CONFIGURATION_THERE: &str = "/etc/nginx/nginx.conf";
/// Where the image's web server looks for files.
pub const FILES_THERE: &str = "/usr/share/nginx/html";

/// The stage's base; `None` for the language's own.
pub fn base(runtime: Runtime) -> Option<Final> {
    match runtime {
        Runtime::Language => None,
        Files => final_of("files"),
        Nothing => final_of("nothing"),
        Libraries => final_of("libraries"),
    }
}

/// Writes the stage.
pub(super) fn write(blueprint: &Blueprint<'_>, own: &Own, stands: &Final, file: &mut File) {
    let registry = |image: &str| match blueprint.registry {
        Some(registry) if !image.contains('/') => format!("{}/{image}", registry.trim_end_matches('/')),
        _ => image.to_owned(),
    };
    file.line(&format!("FROM {}", registry(stands.image)));
    for (from, to) in &blueprint.recipe.results {
        file.line(&format!("COPY --from={} {from} {to}", builder::stage(blueprint)));
    }
    if !blueprint.recipe.variables.is_empty() {
        file.line(&env(&blueprint.recipe.variables));
    }
    if blueprint.recipe.runtime == Files {
        let configuration = joined(blueprint.out, blueprint.configuration);
        file.line(&format!("COPY {configuration} {CONFIGURATION_THERE}"));
        file.reads.push(configuration);
        let port = port(own);
        file.line(&format!("EXPOSE {port}"));
        file.line(&format!("USER {}:{}", stands.user, stands.user));
        // The image's own shell tools have it.
        let check = ["wget", "-q", "-O", "/dev/null"]
            .map(str::to_owned)
            .into_iter()
            .chain([format!("http://127.0.0.1:{port}/")]);
        file.line(&format!("HEALTHCHECK CMD {}", start::json(&check.collect::<Vec<_>>())));
        file.line(r#"CMD ["nginx", "-g", "daemon off;"]"#);
        return;
    }
    let folder = own.folder.as_deref().filter(|folder| folder.len() > 1);
    if let Some(folder) = folder {
        file.line(&format!("WORKDIR {folder}"));
    }
    let chown = format!("--chown={}:{} ", stands.user, stands.user);
    if own.builds_there {
        let note = "the image holds the program and nothing else of the project: files that it reads while it runs need a COPY of their own";
        file.comment(note);
        file.notes.push(note.to_owned());
    }
    for item in merged(&own.items) {
        match &item {
            Item::Other(text)
                if ["EXPOSE ", "LABEL ", "STOPSIGNAL ", "VOLUME "].iter().any(|k| text.starts_with(k)) =>
            {
                file.line(text);
            }
            // What other stages make, and files of the project.
            Item::Other(text) if text.starts_with("COPY ") => file.line(&chowned(text, &chown)),
            Item::Copy { sources, to, .. } if !own.builds_there => {
                let sources: Vec<String> = sources.iter().map(|s| joined(blueprint.own_context, s)).collect();
                file.reads.extend(sources.iter().cloned());
                file.line(&copy(&chown, &sources, to));
            }
            Item::Variables(set) => {
                let set: Vec<_> = set.iter().filter(|(name, _)| name != "PATH").cloned().collect();
                if !set.is_empty() {
                    file.line(&env(&set));
                }
            }
            _ => {}
        }
    }
    file.line(&format!("USER {}:{}", stands.user, stands.user));
    if let Some((_, _, line)) = &own.health {
        file.comment(&format!(
            "line {line} of the project's own file asks whether it works: no program is here that could"
        ));
    }
    let started = own_start(blueprint, own).unwrap_or_else(|| blueprint.recipe.start.clone());
    if !started.is_empty() {
        file.line(&format!("ENTRYPOINT {}", start::json(&started)));
    }
}

/// What the own container file starts, with its arguments, when that is one of the programs that are built.
fn own_start(blueprint: &Blueprint<'_>, own: &Own) -> Option<Vec<String>> {
    let words = |form| start::exec(form, blueprint);
    let mut all = own.entrypoint.as_ref().map(|(form, _)| words(form)).unwrap_or_default();
    all.extend(own.command.as_ref().map(|(form, _)| words(form)).unwrap_or_default());
    let waits = |word: &String| ["tini", "dumb-init", "--"].contains(&word.rsplit('/').next().unwrap_or_default());
    all.drain(..all.iter().take_while(|word| waits(word)).count());
    let program = all.first_mut()?;
    let name = program.rsplit('/').next().unwrap_or_default();
    let (_, place) = blueprint.recipe.results.iter().find(|(_, to)| to.rsplit('/').next() == Some(name))?;
    program.clone_from(place);
    Some(all)
}

/// The base that has a shell and a package manager, and why the program needs them: the own container file installs something there, or
/// starts what is no program of the build.
pub fn distribution(recipe: &Recipe, own: &Own, alpine: bool) -> Option<(Final, String)> {
    let stands = base(recipe.runtime).filter(|_| recipe.runtime != Files)?;
    let installs = own.system.iter().find(|(name, _)| !stands.has(name));
    let why = installs.map(|(name, line)| format!("line {line} of the project's own file installs {name}"));
    let why = why.or_else(|| {
        let starts = |form: &Form| {
            let Some(words) = words(form) else { return true };
            let name = |word: &String| word.rsplit('/').next().unwrap_or_default().to_owned();
            let built = |word: &String| recipe.results.iter().any(|(_, to)| to.rsplit('/').next() == Some(&name(word)));
            // What only passes signals on is not needed, and what follows it counts.
            let waits = |word: &&String| ["tini", "dumb-init", "--", "-g", "-s"].contains(&name(word).as_str());
            words.iter().find(|word| !waits(word)).is_some_and(|word| !built(word))
        };
        let (form, line) = own.entrypoint.as_ref().or(own.command.as_ref())?;
        (!recipe.starts_directly && starts(form))
            .then(|| format!("line {line} of the project's own file starts something else than what is built"))
    })?;
    let kind = if alpine && recipe.runtime == Nothing { "alpine" } else { "debian" };
    Some((final_of(kind)?, why))
}

/// The port that the project's own image answers on, if it is one that needs no right.
pub fn port(own: &Own) -> u32 {
    let exposed =
        own.items.iter().filter_map(|i| if let Item::Other(text) = i { text.strip_prefix("EXPOSE ") } else { None });
    let mut numbers = exposed.flat_map(str::split_whitespace).filter_map(|p| p.trim_end_matches("/tcp").parse().ok());
    numbers.find(|p| (1024..65536).contains(p)).unwrap_or(8080)
}

/// The web server's configuration: files as they are, anything else is the application's own matter.
pub fn configuration(port: u32, tool: &str) -> String {
    format!(
        "# Written by depslim {tool}: files as they were built; addresses that are no file belong to the application.\n\
         worker_processes auto;\n\
         pid /tmp/nginx.pid;\n\
         error_log /dev/stderr warn;\n\
         events {{ worker_connections 1024; }}\n\
         http {{\n    \
             include /etc/nginx/mime.types;\n    \
             default_type application/octet-stream;\n    \
             access_log /dev/stdout;\n    \
             sendfile on;\n    \
             gzip on;\n    \
             gzip_types text/css application/javascript application/json image/svg+xml;\n    \
             client_body_temp_path /tmp/client;\n    \
             proxy_temp_path /tmp/proxy;\n    \
             fastcgi_temp_path /tmp/fastcgi;\n    \
             uwsgi_temp_path /tmp/uwsgi;\n    \
             scgi_temp_path /tmp/scgi;\n    \
             server {{\n        \
                 listen {port};\n        \
                 root {FILES_THERE};\n        \
                 location / {{ try_files $uri $uri/ /index.html; }}\n    \
             }}\n\
         }}\n"
    )
}
