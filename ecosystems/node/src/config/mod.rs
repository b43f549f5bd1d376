//! Configuration files of tools and frameworks: which packages their strings name.
//!
//! A string of such a file is a use of the module that it names, as it stands or as the tool reads it: `data/conventions.txt` says how
//! each tool makes names. What no package answers to is nothing.

mod conventions;
mod files;
mod names;
mod prisma;

#[cfg(test)]
mod tests;

use conventions::{Conventions, Meaning, Tool};
use depslim_formats::shell;
use depslim_formats::text::decode;
use depslim_model::{Command, Facts, How, Layer, Reader, Source, Stage, Strength, Use};
use files::Entry;
use rustc_hash::FxHashSet;
use std::collections::BTreeMap;

/// Readers of configuration files.
pub(crate) const READERS: &[Reader] = &[
    Reader {
        name: "tool configuration",
        layer: Layer::Config,
        globs: &[
            "package.json",
            ".*rc",
            ".*rc.{json,json5,jsonc,yml,yaml,js,cjs,mjs,ts}",
            "*.config.{js,cjs,mjs,ts,cts,mts,json,jsonc,yml,yaml}",
            "*.conf.{js,cjs,mjs,ts}",
            "{webpack,rollup,vite,jest,karma}.*.{js,cjs,mjs,ts}",
            "{tsconfig,jsconfig}*.json",
            "*jest*.json",
            "{nest-cli,.nest-cli}*.json",
            "{angular,workspace,project,nx,lerna,app,eas,cdk,biome,nodemon,ormconfig,typedoc,cypress,cspell,now,vercel,tslint,process,pm2,ecosystem,knip,renovate,.cspell,.release-it,.size-limit,.cz,.oxlintrc,stryker.conf,.markdownlint,.markdownlint-cli2,.commitlintrc,lighthouserc,.lighthouserc}.{json,jsonc}",
            ".changeset/config.json",
            ".storybook/*.{js,cjs,mjs,ts,tsx,jsx}",
            "{codegen,serverless,graphql-codegen,cspell,.graphql,.markdownlint,.markdownlint-cli2,.release-it}*.{yml,yaml,ts,js,json}",
            "{gulpfile,Gruntfile,gruntfile,plopfile,knexfile,ormconfig,datasource,Jakefile}.{js,cjs,mjs,ts,babel.js}",
            "netlify.toml",
            "config-overrides.js",
            "gatsby-{config,node}.{js,ts,mjs}",
        ],
        read,
    },
    Reader { name: "Prisma schema", layer: Layer::Config, globs: &["*.prisma"], read: prisma::read },
];

/// Reads one configuration file.
pub(crate) fn read(source: &Source<'_>) -> Facts {
    let conventions = Conventions::known();
    let tools: Vec<&Tool> = conventions.tools_of(source.path).collect();
    let manifest = source.file_name() == "package.json";
    let decoded = decode(source.bytes);
    let text: &str = &decoded.text;
    let mut taker = Taker::default();
    for entry in files::entries(source.path, text) {
        if manifest && entry.key && entry.path.is_empty() {
            for tool in conventions.tools_of_key(&entry.text) {
                tool.packages.iter().for_each(|package| taker.name(package, &entry.text, Strength::Lazy, entry.line));
            }
        }
        // Most of a manifest configures nothing.
        let (tools, path) = if manifest {
            let (key, rest) = entry.path.split_once('/').unwrap_or((&entry.path, ""));
            (conventions.tools_of_key(key), rest)
        } else {
            (tools.clone(), entry.path.as_str())
        };
        if !(manifest && tools.is_empty()) {
            taker.entry(&tools, path, &entry);
        }
    }
    taker.facts
}

/// Turns strings into uses, each once.
#[derive(Default)]
struct Taker {
    facts: Facts,
    known: FxHashSet<String>,
}

impl Taker {
    fn entry(&mut self, tools: &[&Tool], path: &str, entry: &Entry) {
        let mut plain = !entry.key && !path.starts_with("$schema");
        let types = tools.iter().any(|tool| tool.types);
        let strength = if types { Strength::Types } else { Strength::Lazy };
        for tool in tools {
            for meaning in tool.meanings(path, entry.key) {
                match meaning {
                    Meaning::Ignore => return,
                    Meaning::Command => {
                        self.command(entry);
                        plain = false;
                    }
                    Meaning::Names(templates) => {
                        plain = true;
                        for template in templates {
                            if let Some(name) = template.name(&entry.text) {
                                let strength = if template.rewrites() { Strength::Lazy } else { strength };
                                self.name(&name, path, strength, entry.line);
                            }
                        }
                    }
                }
            }
        }
        if plain {
            self.name(&entry.text, path, strength, entry.line);
        }
    }

    fn name(&mut self, text: &str, path: &str, strength: Strength, line: u32) {
        for name in names::modules(text) {
            if self.known.insert(name.clone()) {
                let said = path.rsplit('/').find(|part| !part.is_empty()).unwrap_or("config").to_owned();
                let used = Use { how: How::Dynamic, name, value: said, strength, line };
                self.facts.uses.push(used);
            }
        }
    }

    /// A command line: what it runs, as any command of a development file.
    fn command(&mut self, entry: &Entry) {
        if entry.key {
            return;
        }
        for simple in shell::read_at(&entry.text, entry.line, &BTreeMap::new()).commands {
            let command = Command {
                words: simple.words,
                stage: Stage::Dev,
                line: entry.line,
                workdir: None,
                variables: Vec::new(),
            };
            let facts = crate::command::interpret(&command);
            self.facts.uses.extend(facts.uses);
        }
    }
}
