//! Names: Maven coordinates as package names, folders of projects, packages of the Java runtime.

use crate::jdk;
use depslim_model::Target;

/// `group:artifact`, or `group:artifact:classifier` for an artifact beside the main one.
pub(crate) fn coordinate(group: &str, artifact: &str, classifier: &str) -> String {
    if classifier.is_empty() { format!("{group}:{artifact}") } else { format!("{group}:{artifact}:{classifier}") }
}

/// Coordinates compare as they are written.
pub(crate) fn canonical(name: &str) -> String {
    name.trim().to_owned()
}

/// The folder that a manifest speaks of. What lies in `gradle/` speaks of the folder around it.
pub(crate) fn home(path: &str) -> String {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    match folder.rsplit_once('/') {
        Some((around, "gradle")) => around.to_owned(),
        None if folder == "gradle" => String::new(),
        _ => folder.to_owned(),
    }
}

/// Whether every Java runtime supplies the package or class. What older runtimes had and newer ones left out belongs to jars.
pub(crate) fn standard(module: &str, _: &Target) -> bool {
    jdk::module_of(module).is_some()
}

/// Files that a class, or a package's member, may be written in: `a.b.C.D` is a class of its own, or part of `a/b/C.java`.
pub(crate) fn locate(module: &str) -> Vec<Vec<String>> {
    const ENDINGS: [&str; 4] = ["java", "kt", "scala", "groovy"];
    let mut candidates = Vec::new();
    let mut name = module;
    loop {
        let path = name.replace('.', "/");
        candidates.extend(ENDINGS.iter().map(|ending| format!("{path}.{ending}")));
        match name.rsplit_once('.') {
            // Only what lies in a class is a part of it.
            Some((outer, _)) if last_is_class(outer) => name = outer,
            _ => return vec![candidates],
        }
    }
}

fn last_is_class(name: &str) -> bool {
    name.rsplit('.').next().is_some_and(|last| last.starts_with(|c: char| c.is_ascii_uppercase()))
}

/// Whether a text has the form of a class's full name: `a.b.C`, at least one package.
pub(crate) fn looks_like_class(text: &str) -> bool {
    let Some((package, class)) = text.rsplit_once('.') else { return false };
    text.len() < 200
        && class.starts_with(|c: char| c.is_ascii_uppercase())
        && class.chars().all(is_name_char)
        && package.split('.').all(|part| {
            part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && part.chars().all(is_name_char)
        })
}

/// A character of a Java name.
pub(crate) fn is_name_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '$'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manifests_speak_of_their_folder() {
        for (path, expect) in [
            ("pom.xml", ""),
            ("barn/pom.xml", "barn"),
            ("gradle/libs.versions.toml", ""),
            ("barn/gradle/libs.versions.toml", "barn"),
            ("gradle.lockfile", ""),
        ] {
            assert_eq!(home(path), expect, "{path}");
        }
    }

    #[test]
    fn a_nested_class_lies_in_the_file_of_the_outer_one() {
        let files =
            |module: &str| locate(module).concat().into_iter().filter(|f| f.ends_with(".java")).collect::<Vec<_>>();
        assert_eq!(files("farm.Barn"), ["farm/Barn.java"]);
        assert_eq!(files("farm.Barn.Door"), ["farm/Barn/Door.java", "farm/Barn.java"]);
    }

    #[test]
    fn the_runtime_supplies_its_own_packages_only() {
        let target = Target::default();
        for (module, expect) in [
            ("java.util.List", true),
            ("java.util", true),
            ("javax.sql.DataSource", true),
            ("javax.xml.stream.XMLStreamReader", true),
            ("org.w3c.dom.Document", true),
            ("javax.xml.bind.JAXBContext", false),
            ("javax.annotation.Nullable", false),
            ("javax.servlet.Servlet", false),
            ("javaslang.Tuple", false),
        ] {
            assert_eq!(standard(module, &target), expect, "{module}");
        }
    }

    #[test]
    fn class_names_are_told_from_other_dotted_texts() {
        for (text, expect) in [
            ("farm.Barn", true),
            ("farm.stock.Hay$Bale", true),
            ("farm.barn", false),
            ("Barn", false),
            ("farm..Barn", false),
            ("1.2.X", false),
        ] {
            assert_eq!(looks_like_class(text), expect, "{text}");
        }
    }
}
