//! Stories of Java with its own clients: Maven takes the fixed `pom.xml`, and the program runs on the modules that are listed.

#![expect(clippy::unwrap_used, reason = "a test that cannot set its stage up has to fail")]

use depslim_tests::{binary, project, run, stderr};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

const BOOT: &str = "3.3.5";

fn pom(lines: &str) -> String {
    format!(
        "<project>\n  <modelVersion>4.0.0</modelVersion>\n  <parent>\n    <groupId>org.springframework.boot</groupId>\n    \
         <artifactId>spring-boot-starter-parent</artifactId>\n    <version>{BOOT}</version>\n    <relativePath/>\n  </parent>\n  \
         <groupId>farm</groupId>\n  <artifactId>barn</artifactId>\n  <version>1</version>\n  <properties>\n    \
         <java.version>17</java.version>\n  </properties>\n  <dependencies>\n{lines}  </dependencies>\n  <build>\n    <plugins>\n      \
         <plugin>\n        <groupId>org.springframework.boot</groupId>\n        \
         <artifactId>spring-boot-maven-plugin</artifactId>\n      </plugin>\n    </plugins>\n  </build>\n</project>\n"
    )
}

fn line(name: &str, version: &str) -> String {
    let (group, artifact) = name.split_once(':').unwrap();
    let version = if version.is_empty() { String::new() } else { format!("\n      <version>{version}</version>") };
    format!(
        "    <dependency>\n      <groupId>{group}</groupId>\n      <artifactId>{artifact}</artifactId>{version}\n    </dependency>\n"
    )
}

/// depslim with the machine's environment: the local repository is where the user keeps it.
fn depslim(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(binary()).current_dir(folder).args(arguments).env_remove("GITHUB_ACTIONS").output().unwrap()
}

fn maven(folder: &Path, words: &[&str]) {
    run(Command::new("mvn").args(["-B", "-q", "-DskipTests"]).args(words).current_dir(folder));
}

/// A program that is stopped when the test ends, however it ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn answer(port: u16, path: &str) -> Option<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    write!(stream, "GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n").ok()?;
    let mut text = String::new();
    stream.read_to_string(&mut text).ok()?;
    Some(text)
}

#[test]
#[ignore = "installs real packages"]
fn maven_takes_the_fixed_manifest_and_the_program_runs_on_the_listed_modules() {
    let lines = [
        line("org.springframework.boot:spring-boot-starter-web", ""),
        line("org.springframework.boot:spring-boot-starter-actuator", ""),
        line("org.apache.commons:commons-csv", "1.11.0"),
        line("commons-codec:commons-codec", ""),
    ];
    let barn = "package farm;\n\nimport org.springframework.boot.SpringApplication;\n\
                import org.springframework.boot.autoconfigure.SpringBootApplication;\n\n@SpringBootApplication\n\
                public class Barn {\n  public static void main(String[] words) {\n    \
                System.out.println(org.apache.commons.codec.digest.DigestUtils.md5Hex(\"hay\"));\n    \
                SpringApplication.run(Barn.class, words);\n  }\n}\n";
    let folder = project(&[("pom.xml", &pom(&lines.concat())), ("src/main/java/farm/Barn.java", barn)]);
    let folder = folder.path();
    maven(folder, &["package"]);
    let fixed = depslim(folder, &["--fix", "--exit-zero"]);
    let text = fs_err::read_to_string(folder.join("pom.xml")).unwrap();
    // The line that nothing uses is gone, and not a byte else.
    let kept = [&lines[0], &lines[1], &lines[3]].map(String::as_str).concat();
    assert_eq!(text, pom(&kept), "{}", stderr(&fixed));
    fs_err::remove_dir_all(folder.join("target")).unwrap();
    maven(folder, &["-o", "verify"]);

    let exported = depslim(folder, &["export"]);
    assert!(folder.join("slim/jlink.sh").is_file(), "{}", stderr(&exported));
    run(Command::new("sh").args(["slim/jlink.sh", "jre"]).current_dir(folder));
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let program = Command::new(folder.join("jre/bin/java"))
        .args(["-jar", "target/barn-1.jar", &format!("--server.port={port}")])
        .current_dir(folder)
        .env_clear()
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let _program = Running(program.unwrap());
    let begin = Instant::now();
    loop {
        let text = answer(port, "/actuator/health").unwrap_or_default();
        if text.contains("\"UP\"") {
            break;
        }
        assert!(begin.elapsed() < Duration::from_mins(4), "no answer: {text}");
        std::thread::sleep(Duration::from_millis(500));
    }
}
