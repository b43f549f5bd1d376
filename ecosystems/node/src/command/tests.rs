//! Commands as people write them, and what they mean.

use super::*;

fn facts(line: &str) -> Facts {
    let words = line.split_whitespace().map(str::to_owned).collect();
    interpret(&Command { words, stage: Stage::Run, line: 4, workdir: None, variables: Vec::new() })
}

/// Entries as `> file`, loaded modules as `+ module`, programs as `program arguments`.
fn check(line: &str, expect: &[&str]) {
    let facts = facts(line);
    let entries = facts.entries.iter().map(|entry| format!("> {}", entry.target));
    let uses = facts.uses.iter().map(|used| match used.how {
        How::Load => format!("+ {}", used.name),
        _ => format!("{} {}", used.name, used.value).trim_end().to_owned(),
    });
    assert_eq!(uses.chain(entries).collect::<Vec<_>>(), expect, "{line}");
}

#[test]
fn a_runtime_starts_a_file() {
    check("node dist/main.js --port 80", &["> dist/main.js"]);
    check("node --enable-source-maps ./bin/www", &["> bin/www"]);
    check("node -e console.log(1)", &[]);
    check("/usr/local/bin/node server", &["> server"]);
    check("tsx watch src/app.ts", &["tsx watch src/app.ts", "> src/app.ts"]);
    check("pm2-runtime start ecosystem.config.js", &["pm2-runtime start ecosystem.config.js", "> ecosystem.config.js"]);
    check("node node_modules/plum/bin/pit.js", &["+ plum/bin/pit.js"]);
    check("node node_modules/.bin/pit --all", &["pit --all"]);
    check("./node_modules/.bin/pit", &["pit"]);
    check("./server.js", &["server.js", "> server.js"]);
}

#[test]
fn modules_are_loaded_first() {
    check("node -r dotenv/config app.js", &["+ dotenv/config", "> app.js"]);
    check("node --import=tsx --require ./env.js app.ts", &["+ tsx", "> env.js", "> app.ts"]);
    check("mocha -r ts-node/register test", &["mocha -r ts-node/register test", "+ ts-node/register"]);
    let words = ["node", "app.js"].map(str::to_owned).into();
    let variables = vec![("NODE_OPTIONS".to_owned(), "--require tracer/init".to_owned())];
    let found = interpret(&Command { words, stage: Stage::Run, line: 1, workdir: None, variables });
    assert_eq!(found.uses[0].name, "tracer/init");
}

#[test]
fn clients_run_scripts_or_programs() {
    check("yarn eslint .", &["eslint ."]);
    check("pnpm --filter web vitest run", &["vitest run"]);
    check("npm run build", &[]);
    check("npm audit", &[]);
    check("yarn", &[]);
    check("bun src/server.ts", &["> src/server.ts"]);
    check("npx -p @fruit/plum@2 pit", &["npx -p @fruit/plum@2 pit", "+ @fruit/plum"]);
}

#[test]
fn what_a_shell_fills_in_names_nothing() {
    check("$RUNNER app.js", &[]);
    check("", &[]);
}

#[test]
fn installs_say_what_comes_along() {
    for (line, client, dev, project, packages) in [
        ("npm ci --omit=dev", "npm", Some(false), true, &[][..]),
        ("npm ci", "npm", Some(true), true, &[]),
        ("npm install --production", "npm", Some(false), true, &[]),
        ("npm ci --only=production", "npm", Some(false), true, &[]),
        ("npm i -g pm2@5 @fruit/plum", "npm", Some(false), false, &["pm2", "@fruit/plum"]),
        ("pnpm install --prod --frozen-lockfile", "pnpm", Some(false), true, &[]),
        ("pnpm i -P", "pnpm", Some(false), true, &[]),
        ("yarn --frozen-lockfile", "yarn", Some(true), true, &[]),
        ("yarn workspaces focus --production", "yarn", Some(false), true, &[]),
        ("bun install --production", "bun", Some(false), true, &[]),
        ("npm prune --omit dev", "npm", Some(false), true, &[]),
    ] {
        let found = facts(line).installs.remove(0);
        let names: Vec<&str> = found.packages.iter().map(|package| package.name.as_str()).collect();
        assert_eq!(
            (found.client.as_str(), found.dev, found.project, names.as_slice()),
            (client, dev, project, packages),
            "{line}"
        );
    }
    for line in ["npm run ci", "yarn build", "pnpm exec x", "npm publish"] {
        assert!(facts(line).installs.is_empty(), "{line}");
    }
}
