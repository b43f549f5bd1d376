//! What commands mean: which start the project's classes, which install what it declares, which versions of Java images have.

use depslim_model::{Command, Facts, How, Install, Strength, Use};

/// Reads one command.
pub(crate) fn command(command: &Command) -> Facts {
    let mut facts = Facts::default();
    let Some((program, arguments)) = command.words.split_first() else { return facts };
    let name = program.rsplit('/').next().unwrap_or(program);
    match name.strip_suffix(".cmd").or_else(|| name.strip_suffix(".bat")).unwrap_or(name) {
        "java" => facts.uses.extend(main_class(arguments).map(|name| Use {
            how: How::Load,
            name: name.to_owned(),
            value: "java".into(),
            strength: Strength::Hard,
            line: command.line,
        })),
        "mvn" | "mvnw" | "gradle" | "gradlew" => facts.installs.push(Install {
            client: if name.starts_with("mvn") { "mvn" } else { "gradle" }.into(),
            stage: command.stage,
            project: true,
            line: command.line,
            text: command.words.join(" "),
            ..Install::default()
        }),
        _ => {}
    }
    facts
}

/// Options of `java` that take the next word.
pub(crate) const WITH_VALUE: [&str; 9] =
    ["-cp", "-classpath", "--class-path", "-p", "--module-path", "--add-modules", "--add-opens", "--add-exports", "-m"];

/// The class that `java` starts; none when it starts an archive.
fn main_class(arguments: &[String]) -> Option<&str> {
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "-jar" => return None,
            option if WITH_VALUE.contains(&option) => {
                words.next();
            }
            option if option.starts_with('-') => {}
            class => return Some(class).filter(|class| class.contains('.') && !class.contains(['$', '/'])),
        }
    }
    None
}

/// The version of Java that an image brings: `eclipse-temurin:21-jre` → `21`.
pub(crate) fn runtime_of_image(reference: &str) -> Option<String> {
    let reference = reference.split('@').next().unwrap_or(reference);
    let (path, tag) = reference.rsplit_once(':').unwrap_or((reference, ""));
    let repository = path.rsplit('/').next().unwrap_or(path);
    let number = |text: &str| -> Option<String> {
        let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
        let rest = text.strip_prefix("1.").map(|rest| rest.chars().take_while(char::is_ascii_digit).collect());
        rest.or(Some(digits)).filter(|digits: &String| !digits.is_empty())
    };
    match repository {
        "eclipse-temurin"
        | "openjdk"
        | "amazoncorretto"
        | "ibm-semeru-runtimes"
        | "sapmachine"
        | "liberica-openjdk-alpine"
        | "liberica-openjre-alpine"
        | "liberica-openjdk-debian"
        | "zulu-openjdk"
        | "zulu-openjdk-alpine"
        | "jdk"
        | "jre" => number(tag.trim_start_matches("open-").trim_start_matches("openjdk-")),
        "maven" | "gradle" | "tomcat" | "jetty" => {
            let parts: Vec<&str> = tag.split(['-', '_']).collect();
            let named = parts.iter().find_map(|part| {
                number(
                    part.strip_prefix("jdk")
                        .or_else(|| part.strip_prefix("jre"))
                        .or_else(|| part.strip_prefix("openjdk"))?,
                )
            });
            // `3.9-eclipse-temurin-21`: behind the name of who publishes it.
            let behind = || {
                let name = |text: &str| text.starts_with(|c: char| c.is_ascii_alphabetic());
                parts.windows(2).find_map(|two| number(two[1]).filter(|_| name(two[0])))
            };
            named.or_else(behind)
        }
        // `java17-debian12` of the images without a distribution.
        _ => number(repository.strip_prefix("java")?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use depslim_model::Stage;

    fn facts(text: &str) -> Facts {
        let words = text.split(' ').map(str::to_owned).collect();
        command(&Command { words, stage: Stage::Run, line: 1, workdir: None, variables: Vec::new() })
    }

    #[test]
    fn java_starts_a_class_or_an_archive() {
        for (text, expect) in [
            ("java -cp lib/* -Xmx1g farm.Barn --hay", Some("farm.Barn")),
            ("/opt/bin/java farm.Barn", Some("farm.Barn")),
            ("java -jar app.jar farm.Barn", None),
            ("java $MAIN", None),
        ] {
            assert_eq!(facts(text).uses.first().map(|used| used.name.as_str()), expect, "{text}");
        }
        assert_eq!(facts("./mvnw -B package").installs[0].client, "mvn");
    }

    #[test]
    fn images_bring_a_java() {
        for (image, expect) in [
            ("eclipse-temurin:21-jre-alpine", Some("21")),
            ("docker.invalid/library/openjdk:8-jdk", Some("8")),
            ("maven:3.9-eclipse-temurin-17", Some("17")),
            ("maven:3.9-amazoncorretto-21-alpine", Some("21")),
            ("maven:3.9", None),
            ("gradle:8.5-jdk17", Some("17")),
            ("gcr.invalid/distroless/java17-debian12", Some("17")),
            ("amazoncorretto:11@sha256:00", Some("11")),
            ("python:3.12", None),
        ] {
            assert_eq!(runtime_of_image(image).as_deref(), expect, "{image}");
        }
    }
}
