//! The container files that depslim writes for programs of Go, Rust, Java and Node, really built: each holds what the program needs and
//! nothing else, and the program answers in it.

#![expect(clippy::unwrap_used, reason = "what a story needs and does not get fails it")]

use depslim_tests::bases;
use depslim_tests::images::{answer, build_with, layers, mounted};
use depslim_tests::{project, run, stderr, tools, with_clients};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Exports the project, holds what is written against hadolint, builds it, asks what it starts for a page; gives the bytes of the layers.
fn check(name: &str, folder: &Path, shown: &[(PathBuf, String)], written_has: &[&str], page_has: &str) -> Vec<u64> {
    let output = with_clients(folder, &["export"]).output().unwrap();
    let file = folder.join("slim/Dockerfile");
    let written = fs_err::read_to_string(&file).unwrap_or_else(|e| panic!("{e}: {}", stderr(&output)));
    for part in written_has {
        assert!(written.contains(part), "{part} is not in\n{written}{}", stderr(&output));
    }
    run(Command::new(tools().join("hadolint")).args(["--ignore", "DL3008"]).arg(&file));
    bases::finals();
    let image = format!("story/{name}");
    build_with(&image, &file, folder, Some(&folder.join("slim/Dockerfile.dockerignore")), shown);
    let page = answer(&image);
    assert!(page.contains(page_has), "{page}");
    layers(&image)
}

/// Whether an image holds a file, by the end of its path.
fn holds(image: &str, path: &str) -> bool {
    mounted(image, |system| system.join(path).exists())
}

const GO: &str = r#"package main

import (
	"fmt"
	"html/template"
	"net"
	"net/http"
	"os"

	"github.com/google/uuid"
)

func main() {
	page := template.Must(template.ParseFiles("views/page.html"))
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { page.Execute(w, uuid.Nil) })
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Getenv("PORT"))
	if err != nil {
		panic(err)
	}
	fmt.Println("listening on", listener.Addr().(*net.TCPAddr).Port)
	panic(http.Serve(listener, nil))
}
"#;

#[test]
#[ignore = "installs real packages: cargo xtask test"]
fn a_server_of_go_is_all_that_its_image_holds() {
    let folder = project(&[
        ("go.mod", "module farm.example/barn\n\ngo 1.24\n\nrequire github.com/google/uuid v1.6.0\n"),
        ("main.go", GO),
        ("views/page.html", "<p>{{.}} cows</p>\n"),
        (
            "Dockerfile",
            "FROM golang:1.24 AS build\nWORKDIR /src\nCOPY . .\nRUN go build -o /barn .\nFROM debian:bookworm\nWORKDIR /srv\nCOPY --from=build /barn /usr/local/bin/barn\nCOPY --from=build /src/views ./views\nEXPOSE 8080\nCMD [\"barn\"]\n",
        ),
    ]);
    run(Command::new("go").args(["mod", "tidy"]).current_dir(folder.path()).env("GOTOOLCHAIN", "local"));
    let shown = bases::go();
    let written = ["FROM golang:1.27-trixie AS build", "CGO_ENABLED=0", "COPY --chown=65532:65532 views /srv/views"];
    let bytes = check("go", folder.path(), &shown, &written, "00000000-0000-0000-0000-000000000000 cows");
    let own: u64 = bytes.iter().skip(1).sum();
    assert!(own < 9_000_000, "{bytes:?}");
    assert!(!holds("story/go", "bin/sh") && !holds("story/go", "src"));
}

const RUST: &str = r#"use std::io::{Read, Write};

fn main() {
    let port = std::env::var("PORT").unwrap_or_default();
    let listener = std::net::TcpListener::bind(format!("127.0.0.1:{port}")).unwrap();
    println!("listening on {}", listener.local_addr().unwrap().port());
    for stream in listener.incoming() {
        let mut stream = stream.unwrap();
        let _ = stream.read(&mut [0; 1024]);
        let _ = write!(stream, "HTTP/1.0 200 OK\r\n\r\n{} cows", itoa::Buffer::new().format(42_u8));
    }
}
"#;

#[test]
#[ignore = "installs real packages: cargo xtask test"]
fn a_server_of_rust_is_all_that_its_image_holds() {
    let manifest = "[package]\nname = \"barn\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[dependencies]\nitoa = \"1\"\n\n[profile.release]\nstrip = true\nopt-level = \"z\"\nlto = true\ncodegen-units = 1\npanic = \"abort\"\n";
    let folder = project(&[("Cargo.toml", manifest), ("src/main.rs", RUST)]);
    run(Command::new(env!("CARGO")).arg("generate-lockfile").current_dir(folder.path()));
    let shown = bases::rust();
    let written = ["FROM rust:1-slim-trixie AS build", "FROM gcr.io/distroless/static-"];
    let bytes = check("rust", folder.path(), &shown, &written, "42 cows");
    let own: u64 = bytes.iter().skip(1).sum();
    assert!(own < 1_000_000, "{bytes:?}");
}

const JAVA: &str = r#"package farm;

import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

public class Barn {
    public static void main(String[] arguments) throws Exception {
        int port = Integer.parseInt(System.getenv("PORT"));
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
        server.createContext("/", exchange -> {
            byte[] page = (arguments[0] + " cows on " + ModuleLayer.boot().modules().size()).getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, page.length);
            exchange.getResponseBody().write(page);
            exchange.close();
        });
        server.start();
        System.out.println("listening on " + server.getAddress().getPort());
    }
}
"#;

#[test]
#[ignore = "installs real packages: cargo xtask test"]
fn a_server_of_java_brings_the_modules_that_it_needs() {
    let pom = r#"<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>farm</groupId>
  <artifactId>barn</artifactId>
  <version>1</version>
  <properties>
    <maven.compiler.release>17</maven.compiler.release>
    <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
    <exec.mainClass>farm.Barn</exec.mainClass>
  </properties>
</project>
"#;
    let folder = project(&[
        ("pom.xml", pom),
        ("src/main/java/farm/Barn.java", JAVA),
        (
            "Dockerfile",
            "FROM maven:3.9-eclipse-temurin-21 AS build\nWORKDIR /src\nCOPY . .\nRUN mvn package\nFROM eclipse-temurin:21-jre\nWORKDIR /srv\nCOPY --from=build /src/target/barn-1.jar barn.jar\nCMD java $JAVA_OPTS -Xmx32m -cp barn.jar farm.Barn 42\n",
        ),
    ]);
    bases::maven();
    let written = [
        "jlink --add-modules jdk.httpserver \\\n",
        "# jdk.httpserver: com.sun.net.httpserver.HttpServer in src/main/java/farm/Barn.java:3\n",
        "ENTRYPOINT [\"/opt/jre/bin/java\", \"-Xmx32m\", \"-cp\", \"/srv/*\", \"farm.Barn\", \"42\"]",
        "FROM gcr.io/distroless/cc-debian13:nonroot",
    ];
    // The runtime's own module, and the base that every one has.
    let bytes = check("java", folder.path(), &[], &written, "42 cows on 2");
    let whole: u64 = bytes.iter().sum();
    assert!(whole < 75_000_000, "{bytes:?}");
    assert!(!holds("story/java", "bin/sh") && !holds("story/java", "opt/jre/bin/jlink"));
}

const SERVER: &str = r#"const message: string = require("is-odd")(3) ? "odd" : "even";
const server = require("node:http").createServer((_: unknown, answer: any) => answer.end(`${message} cows`));
server.listen(process.env.PORT || 3000, () => console.log(`listening on ${server.address().port}`));
"#;

#[test]
#[ignore = "installs real packages: cargo xtask test"]
fn a_server_of_node_that_is_built_first_leaves_its_tools_behind() {
    let manifest = r#"{
  "name": "barn",
  "version": "1.0.0",
  "private": true,
  "scripts": { "build": "tsc", "start": "node dist/server.js", "prepare": "tsc --version" },
  "dependencies": { "is-odd": "3.0.1", "moment": "2.30.1" },
  "devDependencies": { "typescript": "5.9.3", "@types/node": "24.10.1" }
}
"#;
    let settings = r#"{"compilerOptions": {"module": "commonjs", "target": "es2022", "outDir": "dist", "strict": true, "types": ["node"]}, "include": ["src"]}"#;
    let folder = project(&[
        ("package.json", manifest),
        ("tsconfig.json", settings),
        ("src/server.ts", SERVER),
        (
            "Dockerfile",
            "FROM node:24\nWORKDIR /srv\nCOPY . .\nRUN npm ci && npm run build\nEXPOSE 3000\nCMD [\"npm\", \"start\"]\n",
        ),
    ]);
    run(Command::new("npm")
        .args(["install", "--no-audit", "--no-fund", "--ignore-scripts"])
        .current_dir(folder.path()));
    bases::node();
    let written = ["    && npm run build\n", "WORKDIR /production\n", "CMD [\"node\", \"dist/server.js\"]\n"];
    check("node-built", folder.path(), &[], &written, "odd cows");
    let modules = |name: &str| holds("story/node-built", &format!("srv/node_modules/{name}"));
    assert!(modules("is-odd") && !modules("typescript") && !modules("moment") && !modules("@types"));
}

#[test]
#[ignore = "installs real packages: cargo xtask test"]
fn a_server_of_node_takes_what_production_needs() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let app = folder.path().join("guestbook");
    depslim_tests::copy(&root.join("fixtures/apps/guestbook"), &app);
    // The release that the base is made of.
    let file = fs_err::read_to_string(app.join("Dockerfile")).unwrap().replace("node:20", "node:24");
    fs_err::write(app.join("Dockerfile"), file).unwrap();
    run(Command::new("npm").args(["install", "--no-audit", "--no-fund", "--ignore-scripts"]).current_dir(&app));
    bases::node();
    check("node", &app, &[], &["RUN --mount=type=cache,target=/root/.npm \\\n    npm ci --omit=dev\n"], "<");
    let modules = |name: &str| holds("story/node", &format!("app/node_modules/{name}"));
    assert!(modules("express") && modules("ejs") && !modules("mocha") && !modules("nodemon"));
}

#[test]
#[ignore = "installs real packages: cargo xtask test"]
fn hadolint_sees_what_breaks_its_rules() {
    let folder = project(&[("Dockerfile", "FROM debian\nRUN cd /x && apt install curl\n")]);
    let output = Command::new(tools().join("hadolint")).arg(folder.path().join("Dockerfile")).output().unwrap();
    assert!(!output.status.success() && depslim_tests::stdout(&output).contains("DL3006"));
}
