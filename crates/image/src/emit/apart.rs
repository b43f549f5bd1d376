//! Final stages that need no runtime of the language: a web server for files, or a program on as little as it links.

use super::{Blueprint, File, env, joined, start};
use crate::catalogue::{Final, final_of};
use crate::own::{Item, Own};
use depslim_model::Runtime;
use depslim_model::recipe::Runtime::{Files, Libraries, Nothing};

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
        file.line(&format!("COPY --from=build {from} {to}"));
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
    for item in &own.items {
        match item {
            Item::Other(text) if ["EXPOSE ", "LABEL ", "STOPSIGNAL "].iter().any(|k| text.starts_with(k)) => {
                file.line(text);
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
    let program = all.first_mut()?;
    let name = program.rsplit('/').next().unwrap_or_default();
    let (_, place) = blueprint.recipe.results.iter().find(|(_, to)| to.rsplit('/').next() == Some(name))?;
    program.clone_from(place);
    Some(all)
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
