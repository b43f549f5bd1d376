//! Which reader gets which file, and what holds for all readers.

use super::{READERS, testing};
use globset::GlobBuilder;
use proptest::prelude::*;

/// The first reader whose globs match, as the engine chooses it.
fn reader_of(path: &str) -> Option<&'static str> {
    let asks = |glob: &&str| {
        let anywhere = format!("**/{glob}");
        GlobBuilder::new(&anywhere).literal_separator(true).build().expect("a glob").compile_matcher().is_match(path)
    };
    READERS.iter().find(|r| r.globs.iter().any(asks)).map(|r| r.name)
}

#[test]
fn readers_by_path() {
    for (path, expect) in [
        ("pyproject.toml", "pyproject.toml"),
        ("a/b/setup.cfg", "setup.cfg"),
        ("uv.lock", "uv.lock"),
        ("svc/poetry.lock", "poetry.lock"),
        ("pdm.lock", "pdm.lock"),
        ("pdm.ci.lock", "pdm.lock"),
        ("pylock.toml", "pylock.toml"),
        ("pylock.prod.toml", "pylock.toml"),
        ("Pipfile", "Pipfile"),
        ("Pipfile.lock", "Pipfile.lock"),
        ("environment.yml", "environment.yml"),
        ("environment-dev.yaml", "environment.yml"),
        ("ci/py311_environment.yml", "environment.yml"),
        ("requirements.txt", "requirements.txt"),
        ("requirements.in", "requirements.txt"),
        ("requirements-dev.lock", "requirements.txt"),
        ("svc/test_requirements.txt", "requirements.txt"),
        ("svc/requirements/base.txt", "requirements.txt"),
        ("requirements/prod/linux.in", "requirements.txt"),
        ("constraints.txt", "requirements.txt"),
        ("limits/upper-constraints.txt", "requirements.txt"),
        ("reqs.txt", "requirements.txt"),
    ] {
        assert_eq!(reader_of(path), Some(expect), "{path}");
    }
    for path in [
        "README.txt",
        "notes/list.txt",
        "Cargo.lock",
        "environment.ts",
        "docs/environments.yml",
        "a.toml",
        "LICENSE.txt",
    ] {
        assert_eq!(reader_of(path), None, "{path}");
    }
}

proptest! {
    #[test]
    fn same_bytes_same_facts_and_no_panic(bytes in proptest::collection::vec(any::<u8>(), 0..160)) {
        for reader in READERS {
            let source = testing::source(reader.name, &bytes);
            let facts = (reader.read)(&source);
            testing::check_facts(&bytes, &facts);
            prop_assert_eq!(facts, (reader.read)(&source));
        }
    }
}
