//! The list of files that production loads: an Express, a `NestJS` and a command-line application, really installed, run on these files
//! alone and serve what lies beside their code; and the list is not much longer than that of a file tracer.

#![expect(clippy::unwrap_used, reason = "what a story can't set up fails it")]

use depslim_tests::node::{answers, client, traced_by_another};
use depslim_tests::{project, run, stderr, with_clients};
use std::path::{Path, PathBuf};
use std::process::Command;

/// An application, and the file that it starts with.
struct Application {
    files: &'static [(&'static str, &'static str)],
    entry: &'static str,
}

const EXPRESS: Application = Application {
    entry: "src/index.js",
    files: &[
        (
            "package.json",
            r#"{"name": "shop", "version": "1.0.0", "private": true, "scripts": {"start": "node src/index.js", "test": "mocha"},
"dependencies": {"express": "4.21.2", "ejs": "3.1.10", "swagger-ui-express": "5.0.1", "winston": "3.17.0", "bcryptjs": "2.4.3",
  "express-validator": "7.2.1", "compression": "1.7.5"},
"devDependencies": {"mocha": "11.1.0"}}"#,
        ),
        (
            "src/index.js",
            r"const path = require('path');
const express = require('express');
const winston = require('winston');
const log = winston.createLogger({ transports: [new winston.transports.Console()], format: winston.format.simple() });
const app = express();
app.use(require('compression')());
app.set('view engine', 'ejs');
app.set('views', path.join(__dirname, '..', 'views'));
app.use('/assets', express.static('public'));
app.use('/docs', require('./docs'));
app.get('/', (req, res) => res.render('home', { hash: require('bcryptjs').hashSync('x', 4) }));
app.get('/fail', require('express-validator').query('x').notEmpty(), (req, res) => res.status(500).end());
const server = app.listen(process.env.PORT, () => { log.info('up'); console.log('listening on ' + server.address().port); });
",
        ),
        (
            "src/docs.js",
            r"const ui = require('swagger-ui-express');
const router = require('express').Router();
router.use('/', ui.serve, ui.setup({ openapi: '3.0.0', info: { title: 'shop', version: '1' }, paths: {} }));
module.exports = router;
",
        ),
        ("src/unused.js", "require('compression')"),
        ("views/home.ejs", "<p>home <%= hash.length %></p>"),
        ("public/app.css", "p { color: plum }"),
        ("test/home.test.js", "require('../src/index.js')"),
    ],
};

const NEST: Application = Application {
    entry: "src/main.js",
    files: &[
        (
            "package.json",
            r#"{"name": "desk", "version": "1.0.0", "private": true, "scripts": {"start:prod": "node src/main"},
"dependencies": {"@nestjs/common": "10.4.15", "@nestjs/core": "10.4.15", "@nestjs/platform-express": "10.4.15",
  "@nestjs/swagger": "8.1.0", "@nestjs/serve-static": "4.0.2", "reflect-metadata": "0.2.2", "rxjs": "7.8.1", "class-validator": "0.14.1",
  "class-transformer": "0.5.1"},
"devDependencies": {"@nestjs/cli": "10.4.9", "typescript": "5.7.3"}}"#,
        ),
        (
            "src/main.js",
            r"require('reflect-metadata');
const { NestFactory } = require('@nestjs/core');
const { ValidationPipe } = require('@nestjs/common');
const { DocumentBuilder, SwaggerModule } = require('@nestjs/swagger');
const { AppModule } = require('./app.module');
async function start() {
  const app = await NestFactory.create(AppModule, { logger: ['error'] });
  app.useGlobalPipes(new ValidationPipe());
  SwaggerModule.setup('docs', app, SwaggerModule.createDocument(app, new DocumentBuilder().setTitle('desk').build()));
  await app.listen(process.env.PORT);
  console.log('listening on ' + app.getHttpServer().address().port);
}
start();
",
        ),
        (
            "src/app.module.js",
            r"const { Controller, Get, Module } = require('@nestjs/common');
const { ServeStaticModule } = require('@nestjs/serve-static');
const { join } = require('node:path');
class AppController { home() { return 'home of the desk'; } }
Controller()(AppController);
Get('hello')(AppController.prototype, 'home', Object.getOwnPropertyDescriptor(AppController.prototype, 'home'));
class AppModule {}
Module({ imports: [ServeStaticModule.forRoot({ rootPath: join(__dirname, '..', 'client'), exclude: ['/docs*'] })],
  controllers: [AppController] })(AppModule);
exports.AppModule = AppModule;
",
        ),
        (
            "Dockerfile",
            "FROM node:20-slim\nWORKDIR /srv\nCOPY . .\nRUN npm ci --omit=dev\nCMD [\"node\", \"/srv/src/main\"]\n",
        ),
        ("client/index.html", "<p>the client</p>"),
    ],
};

const CLI: Application = Application {
    entry: "bin/weather",
    files: &[
        (
            "package.json",
            r#"{"name": "weather", "version": "1.0.0", "private": true, "bin": {"weather": "bin/weather"},
"dependencies": {"yargs": "17.7.2", "chalk": "4.1.2", "fs-extra": "11.3.0", "inquirer": "8.2.6", "ora": "5.4.1"},
"devDependencies": {"mocha": "11.1.0"}}"#,
        ),
        (
            "bin/weather",
            r"#!/usr/bin/env node
const chalk = require('chalk');
const fs = require('fs-extra');
const args = require('yargs').locale('de').command('show', 'shows it').demandCommand(1)
  .command('ask', 'asks', {}, () => require('inquirer').prompt([])).parse();
if (args._[0] === 'show') {
  require('ora')({ isSilent: true }).start().stop();
  console.log(chalk.green(fs.readJsonSync(require('path').join(__dirname, '../data', 'today.json')).sky));
}
",
        ),
        ("data/today.json", r#"{"sky": "clear"}"#),
    ],
};

/// The application with everything installed, and beside it a folder with the files of its list alone.
fn reduced(application: &Application, client_name: &str, install: &[&str]) -> (tempfile::TempDir, PathBuf, PathBuf) {
    let around = tempfile::tempdir().unwrap();
    let made = project(application.files);
    let (app, into) = (around.path().join("app"), around.path().join("into"));
    fs_err::rename(made.keep(), &app).unwrap();
    run(client(client_name).current_dir(&app).args(install));
    let out = around.path().join("out");
    let output = with_clients(&app, &["export", "--files", "--out-dir", out.to_str().unwrap()]).output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    fs_err::create_dir_all(&into).unwrap();
    let archive = around.path().join("files.tar");
    let list = out.join("production.files");
    run(Command::new("tar").arg("-C").arg(&app).arg("-cf").arg(&archive).arg("-T").arg(list));
    run(Command::new("tar").arg("-C").arg(&into).arg("-xf").arg(&archive));
    (around, app, into)
}

const NPM: &[&str] = &["install", "--ignore-scripts", "--no-audit", "--no-fund"];

/// Bytes of all files below a folder.
fn bytes(folder: &Path) -> u64 {
    let entries = fs_err::read_dir(folder).unwrap().flatten();
    let sizes = entries.map(|entry| {
        let about = entry.path().symlink_metadata().unwrap();
        if about.is_dir() { bytes(&entry.path()) } else { about.len() }
    });
    sizes.sum()
}

/// What is left is not much more than a tracer leaves, and much less than what is installed. The assets that the tracer loses are not
/// counted: the application does not serve its pages without them.
fn is_small(application: &Application, app: &Path, into: &Path) {
    let stored = fs_err::read_dir(into.join("node_modules/.pnpm")).into_iter().flatten().flatten().map(|e| e.path());
    let assets = stored.chain([into.join("node_modules/swagger-ui-dist")]).filter(|path| {
        path.exists() && path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("swagger-ui-dist"))
    });
    let lost: u64 = assets.map(|path| bytes(&path)).sum();
    let (all, left, other) = (bytes(app), bytes(into) - lost, traced_by_another(app, application.entry));
    assert!(left * 2 <= other * 3, "{left} bytes are left, and a tracer leaves {other}");
    assert!(left * 2 <= all, "{left} of {all} bytes are left");
}

fn lacks(folder: &Path, names: &[&str]) {
    for name in names {
        assert!(!folder.join(name).exists(), "{name} is not needed");
    }
}

fn express_runs(client: &str, install: &[&str]) {
    let (_around, app, into) = reduced(&EXPRESS, client, install);
    lacks(&into, &["node_modules/mocha", "src/unused.js", "test", "node_modules/swagger-ui-dist/swagger-ui.js.map"]);
    let paths = ["/", "/assets/app.css", "/docs/swagger-ui.css", "/docs/swagger-ui-bundle.js", "/fail?x=1"];
    let said = answers(&into, "src/index.js", &paths);
    for (path, said) in paths.iter().zip(&said).take(4) {
        assert!(said.starts_with("HTTP/1.1 200"), "{path}: {}", &said[..said.len().min(300)]);
    }
    assert!(said[0].contains("home 60") && said[1].contains("plum") && said[2].contains(".swagger-ui"));
    is_small(&EXPRESS, &app, &into);
}

#[test]
#[ignore = "installs real packages: cargo xtask test"]
fn express_runs_on_its_files_and_serves_its_assets() {
    express_runs("npm", NPM);
}

#[test]
#[ignore = "installs real packages: cargo xtask test"]
fn express_runs_out_of_pnpms_store() {
    express_runs("pnpm", &["install", "--no-frozen-lockfile", "--ignore-scripts"]);
}

#[test]
#[ignore = "installs real packages: cargo xtask test"]
fn nest_runs_on_its_files_and_serves_its_assets() {
    let (_around, app, into) = reduced(&NEST, "npm", NPM);
    lacks(&into, &["node_modules/typescript", "node_modules/@nestjs/cli"]);
    let paths = ["/hello", "/", "/docs", "/docs/swagger-ui.css", "/docs/swagger-ui-bundle.js"];
    let said = answers(&into, "src/main.js", &paths);
    for (path, said) in paths.iter().zip(&said) {
        assert!(said.starts_with("HTTP/1.1 200"), "{path}: {}", &said[..said.len().min(300)]);
    }
    assert!(said[0].contains("home of the desk") && said[1].contains("the client") && said[3].contains(".swagger-ui"));
    is_small(&NEST, &app, &into);
}

#[test]
#[ignore = "installs real packages: cargo xtask test"]
fn a_program_runs_on_its_files_and_finds_its_data() {
    let (_around, app, into) = reduced(&CLI, "npm", NPM);
    let say = |arguments: &[&str]| {
        let output = Command::new("node").current_dir(&into).arg("bin/weather").args(arguments).output().unwrap();
        (String::from_utf8_lossy(&output.stdout).into_owned(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    assert_eq!(say(&["show"]).0.trim(), "clear");
    let help = say(&["--help"]).0;
    assert!(help.contains("Hilfe anzeigen"), "the texts of another language are there: {help}");
    assert_eq!(say(&["ask"]).1, "");
    is_small(&CLI, &app, &into);
}
