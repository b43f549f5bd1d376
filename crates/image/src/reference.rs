//! Image references: repository, version, kind and release behind a tag such as `python:3.11.4-slim-bookworm`.

use crate::catalogue::{Base, Release, bases, version_of};

/// A reference to one of the images that a language's people publish (`python`, `docker.io/library/python`, a mirror's).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// All before the tag, as written.
    pub repository: String,
    /// The language's version, with the parts that its images have (`3.11`); `None` when the tag floats (`latest`, `3`, `slim`).
    pub version: Option<String>,
    /// `full`, `slim`, `alpine`.
    pub family: &'static str,
    /// The distribution's release, when the tag names it.
    pub release: Option<Release>,
}

impl Tag {
    /// Reads a reference. `None` when it is not one of a language's own images, or its tag says something unknown.
    pub fn parse(reference: &str, language: &str) -> Option<Self> {
        let named = reference.split('@').next().unwrap_or(reference);
        let (repository, tag) = match named.rsplit_once(':') {
            Some((repository, tag)) if !tag.contains('/') => (repository, tag),
            _ => (named, "latest"),
        };
        let (front, last) = repository.rsplit_once('/').unwrap_or(("", repository));
        // A name with an owner other than `library` is somebody else's image; a mirror has a host in front.
        let own = front.is_empty()
            || front == "library"
            || front.split('/').next().is_some_and(|host| host.contains(['.', ':']));
        if last != language || !own {
            return None;
        }
        let mut found = Self { repository: repository.to_owned(), version: None, family: "full", release: None };
        for (at, part) in tag.split('-').enumerate() {
            if let Some(number) = part.strip_prefix("alpine") {
                found.family = "alpine";
                found.release = Release::find("alpine", number);
                if !number.is_empty() && found.release.is_none() {
                    return None;
                }
            } else if part == "slim" {
                found.family = "slim";
            } else if let Some(release) = Release::of_codename(part) {
                found.release = Some(release);
            } else if at == 0 && part.starts_with(|c: char| c.is_ascii_digit()) {
                found.version = version_of(language, part).map(str::to_owned);
            } else if !(at == 0 && part == "latest") {
                return None;
            }
        }
        Some(found)
    }

    /// The catalogue's entry that the tag means for a version: of the release that it names, else of the newest one.
    pub fn base(&self, language: &str, version: &str) -> Option<Base> {
        let fits = |base: &Base| {
            base.family == self.family
                && base.version == version
                && self.release.is_none_or(|r| (r.name, r.version) == (base.os, base.os_version))
        };
        bases(language).filter(fits).max_by_key(release_order)
    }

    /// The release that it stands on: the one that it names, else the one that its floating tag means now.
    pub fn stands_on(&self, language: &str, version: &str) -> Option<Release> {
        self.release.or_else(|| self.base(language, version).and_then(|base| Release::find(base.os, base.os_version)))
    }

    /// The reference to another image of the same repository, or of the same name in another registry.
    pub fn to(&self, base: &Base, registry: Option<&str>) -> String {
        let Some((name, tag)) = base.image.split_once(':') else { return base.image.to_owned() };
        // What everybody's registry is called is left out, as everybody does.
        match registry.map(|r| r.trim_end_matches('/')).filter(|r| !["docker.io/library", "docker.io", ""].contains(r))
        {
            Some(registry) => format!("{registry}/{name}:{tag}"),
            None => format!("{}:{tag}", self.repository),
        }
    }
}

/// Newer releases compare greater.
pub(crate) fn release_order(base: &Base) -> Vec<u32> {
    base.os_version.split('.').filter_map(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(reference: &str, expect: Option<(&str, Option<&str>, &str, Option<&str>)>) {
        let tag = Tag::parse(reference, "python");
        let shown = tag.as_ref().map(|t| {
            (t.repository.as_str(), t.version.as_deref(), t.family, t.release.map(|r| r.codename.unwrap_or(r.version)))
        });
        assert_eq!(shown, expect, "{reference}");
    }

    #[test]
    fn tags_say_what_they_stand_on() {
        check("python:3.11.4-slim-bookworm@sha256:00", Some(("python", Some("3.11"), "slim", Some("bookworm"))));
        check("docker.io/library/python:3.12", Some(("docker.io/library/python", Some("3.12"), "full", None)));
        check(
            "mirror.example.invalid:5000/python:3.9-alpine3.15",
            Some(("mirror.example.invalid:5000/python", Some("3.9"), "alpine", Some("3.15"))),
        );
        check("python:3.13-alpine", Some(("python", Some("3.13"), "alpine", None)));
        check("python:slim", Some(("python", None, "slim", None)));
        check("python", Some(("python", None, "full", None)));
        check("python:3", Some(("python", None, "full", None)));
        check("python:3.8-buster", Some(("python", Some("3.8"), "full", Some("buster"))));
    }

    #[test]
    fn other_languages_count_otherwise() {
        let tag = Tag::parse("node:20.11.1-bookworm-slim", "node").unwrap();
        assert_eq!((tag.version.as_deref(), tag.family), (Some("20"), "slim"));
        assert_eq!(tag.base("node", "20").unwrap().image, "node:20-bookworm-slim");
        assert_eq!(Tag::parse("node:lts-alpine", "node"), None);
    }

    #[test]
    fn other_images_are_not_guessed() {
        for reference in [
            "node:20",
            "somebody/python:3.11",
            "python:3.11-windowsservercore",
            "python:${VERSION}",
            "python:3.11-alpine9.99",
            "scratch",
            "",
        ] {
            check(reference, None);
        }
    }

    #[test]
    fn floating_tags_mean_the_newest_release() {
        let tag = Tag::parse("python:3.13-slim", "python").unwrap();
        assert_eq!(tag.base("python", "3.13").unwrap().image, "python:3.13-slim-trixie");
        let bookworm = bases("python").find(|b| b.image == "python:3.13-slim-bookworm").unwrap();
        assert_eq!(
            Tag { repository: "r.example.invalid/python".into(), ..tag }.to(&bookworm, None),
            "r.example.invalid/python:3.13-slim-bookworm"
        );
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,60}") {
            let _ = Tag::parse(&text, "python");
        }
    }
}
