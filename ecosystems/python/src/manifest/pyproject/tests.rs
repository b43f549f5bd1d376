//! What `pyproject.toml` says, by table.

use super::super::testing::{check_facts, show, source};
use super::{read, read_hatch_toml};
use proptest::prelude::*;

fn check(text: &str) -> String {
    show(text.as_bytes(), &read(&source("pyproject.toml", text.as_bytes())))
}

#[test]
fn the_standard_tables() {
    insta::assert_snapshot!(check(r#"
[build-system]
requires = ["hatchling>=1", "hatch-vcs"]
build-backend = "hatchling.build"

[project]
name = "Orchard"
requires-python = ">=3.11"
dependencies = [
    "plum>=1,<2",   # keep: CVE-1
    "pear[jam, juice] ; python_version < '3.12'",
    "fig @ git+https://u:secret@h.example.invalid/fig.git@v1",
    "broken>=x", 3,
]

[project.optional-dependencies]
s3 = ["quince"]
all = ["orchard[s3,test]"]
test = ["pytest", "orchard[all]"]
"#), @r#"
    manifest name=Orchard runtime=>=3.11
    10: plum >=1,<2 # keep: CVE-1 -    \"plum>=1,<2\",   # keep: CVE-1\n
    11: pear[jam,juice] ; python_version < '3.12' -    \"pear[jam, juice] ; python_version < \'3.12\'\",\n
    12: fig @ git+https://h.example.invalid/fig.git@v1 -    \"fig @ git+https://u:secret@h.example.invalid/fig.git@v1\",\n
    13: broken >=x -\"broken>=x\", 
    17: quince (optional:s3) -\"quince\"
    19: pytest (dev:test) -\"pytest\", 
    17: quince (dev:test)
    17: quince (optional:all)
    19: pytest (dev:all)
    3: hatchling >=1 (build) -\"hatchling>=1\", 
    3: hatch-vcs (build) -, \"hatch-vcs\"
    13: problem: broken: `>=x` is not a version specifier that pip accepts
    13: problem: not a string: a requirement is one
    "#);
}

#[test]
fn arrays_on_one_line_give_items_with_their_commas() {
    insta::assert_snapshot!(check("[project]\nname='a'\ndependencies = ['plum', 'pear#1', 'fig'] # three\n"), @r"
    manifest name=a
    3: plum # three -\'plum\', 
    3: pear #1 # three -\'pear#1\',
    3: fig # three -, \'fig\'
    3: problem: pear: `#1` is not a version specifier that pip accepts
    ");
}

#[test]
fn groups_that_include_groups() {
    insta::assert_snapshot!(check(r#"
[dependency-groups]
main = ["plum==1", {include-group = "Shared_Base"}]
shared-base = ["pear"]
dev = [{include-group = "main"}, {include-group = "dev"}, "ruff"]
odd = [{include-group = "none"}, {x = 1}]
"#), @r#"
    manifest
    3: plum ==1 (main) -\"plum==1\", 
    4: pear (optional:shared-base) -\"pear\"
    5: ruff (dev:dev) -, \"ruff\"
    4: pear (main)
    3: plum ==1 (dev:dev)
    4: pear (dev:dev)
    6: problem: group odd: neither a requirement nor an include-group
    6: problem: group none is included and does not exist
    "#);
}

#[test]
fn tables_of_uv() {
    insta::assert_snapshot!(check(r#"
[project]
name = "orchard"
dependencies = ["plum", "pear", "fig", "kiwi"]
[dependency-groups]
lint = ["ruff"]
[tool.uv]
dev-dependencies = ["pytest"]
default-groups = "all"
[tool.uv.sources]
plum = { git = "https://t@h.example.invalid/plum", rev = "abc", subdirectory = "py" }
pear = { workspace = true }
fig = [{ path = "../fig", marker = "sys_platform == 'linux'" }, { index = "own" }]
kiwi = { index = "own" }
[tool.uv.workspace]
members = ["packages/*", "app"]
"#), @r#"
    manifest name=orchard manager=uv members=packages/*,app default-groups=lint
    4: plum @ git+https://h.example.invalid/plum@abc#subdirectory=py -\"plum\", 
    4: pear @ workspace -\"pear\", 
    4: fig @ ../fig -\"fig\", 
    4: kiwi -, \"kiwi\"
    6: ruff (dev:lint) -\"ruff\"
    8: pytest (dev:dev) -\"pytest\"
    "#);
    insta::assert_snapshot!(check("[tool.uv.workspace]\nmembers = ['a']\n[tool.uv]\ndefault-groups = []\n"), @"manifest manager=uv members=a default-groups=");
}

#[test]
fn tables_of_poetry_1() {
    insta::assert_snapshot!(check(r#"
[tool.poetry]
name = "orchard"
[tool.poetry.dependencies]
python = "^3.10"
plum = "^1.2"       # why
pear = { version = "~2", extras = ["jam"], markers = "os_name == 'posix'", python = "<3.12" }
fig = { git = "https://h.example.invalid/fig.git", tag = "v1" }
kiwi = [
    { version = "1", python = "<3.11" },
    { version = "2", python = ">=3.11" },
]
quince = { version = "*", optional = true }
medlar = { path = "../medlar", optional = true }
odd = 3
[tool.poetry.dependencies.sloe]
version = "3"
[tool.poetry.extras]
s3 = ["quince (>=1)"]
test = ["quince"]
[tool.poetry.dev-dependencies]
pytest = "*"
[tool.poetry.group.docs.dependencies]
sphinx = "^7"
[tool.poetry.group.all_ds]
optional = true
[tool.poetry.group.all_ds.dependencies]
oak = "1.0"
[build-system]
requires = ["poetry-core"]
"#), @r#"
    manifest name=orchard manager=poetry runtime=>=3.10,<4.0 default-groups=dev,docs
    6: plum ^1.2 # why -plum = \"^1.2\"       # why\n
    7: pear[jam] ~2 ; os_name == 'posix' and python_version < '3.12' -pear = { version = \"~2\", extras = [\"jam\"], markers = \"os_name == \'posix\'\", python = \"<3.12\" }\n
    8: fig @ git+https://h.example.invalid/fig.git@v1 -fig = { git = \"https://h.example.invalid/fig.git\", tag = \"v1\" }\n
    10: kiwi 1 ; python_version < '3.11' -kiwi = [\n    { version = \"1\", python = \"<3.11\" },\n    { version = \"2\", python = \">=3.11\" },\n]\n
    11: kiwi 2 ; python_version >= '3.11' -kiwi = [\n    { version = \"1\", python = \"<3.11\" },\n    { version = \"2\", python = \">=3.11\" },\n]\n
    13: quince (optional:s3) -quince = { version = \"*\", optional = true }\n
    13: quince (dev:test) -quince = { version = \"*\", optional = true }\n
    14: medlar @ ../medlar (optional) -medlar = { path = \"../medlar\", optional = true }\n
    16: sloe 3 -[tool.poetry.dependencies.sloe]\nversion = \"3\"\n
    22: pytest (dev:dev) -pytest = \"*\"\n
    24: sphinx ^7 (dev:docs) -sphinx = \"^7\"\n
    28: oak 1.0 (optional:all_ds) -oak = \"1.0\"\n
    30: poetry-core (build) -\"poetry-core\"
    15: problem: odd: neither a version constraint nor a table
    "#);
}

#[test]
fn tables_of_poetry_2() {
    insta::assert_snapshot!(check(r#"
[project]
name = "orchard"
dependencies = ["plum (>=1,<2)"]
[tool.poetry.dependencies]
plum = { git = "https://h.example.invalid/plum.git" }
stray = "1"
[tool.poetry.group.test.dependencies]
pytest = "*"
[dependency-groups]
lint = ["ruff"]
"#), @r#"
    manifest name=orchard manager=poetry default-groups=test,lint
    4: plum >=1,<2 @ git+https://h.example.invalid/plum.git -\"plum (>=1,<2)\"
    11: ruff (dev:lint) -\"ruff\"
    9: pytest (dev:test) -pytest = \"*\"\n
    "#);
}

#[test]
fn an_empty_standard_list_leaves_the_word_to_poetry() {
    insta::assert_snapshot!(check("[project]\nname = 'orchard'\ndependencies = []\n[tool.poetry.dependencies]\nplum = '1'\n"), @r"
    manifest name=orchard manager=poetry default-groups=
    5: plum 1 -plum = \'1\'\n
    ");
}

#[test]
fn tables_of_other_tools() {
    insta::assert_snapshot!(check(r#"
[project]
name = "orchard"
dynamic = ["version", "dependencies"]
[project.optional-dependencies]
web = ["pear"]
[tool.pdm.dev-dependencies]
test = ["pytest", "-e file:///${PROJECT_ROOT}/x#egg=fig"]
[tool.hatch.envs.default]
dependencies = ["ipdb"]
features = ["web"]
[tool.rye]
dev-dependencies = ["ruff"]
[tool.pixi.dependencies]
pytorch = ">=2"
python = "3.12.*"
[tool.pixi.pypi-dependencies]
orchard = { path = ".", editable = true }
kiwi = { version = "*", extras = ["x"] }
[tool.pixi.feature.docs.pypi-dependencies]
sphinx = "*"
[tool.setuptools.dynamic]
dependencies = { file = ["requirements.in"] }
"#), @r#"
    manifest name=orchard manager=pdm
    23: includes requirements.in as requirements
    6: pear (optional:web) -\"pear\"
    8: pytest (dev:test) -\"pytest\", 
    8: fig @ file:///${PROJECT_ROOT}/x#egg=fig (dev:test) -, \"-e file:///${PROJECT_ROOT}/x#egg=fig\"
    10: ipdb (dev:default) -\"ipdb\"
    6: pear (dev:default)
    13: ruff (dev:dev) -\"ruff\"
    15: torch >=2 -pytorch = \">=2\"\n
    19: kiwi[x] -kiwi = { version = \"*\", extras = [\"x\"] }\n
    21: sphinx (dev:docs) -sphinx = \"*\"\n
    "#);
    insta::assert_snapshot!(check("[project]\nname = 'a'\ndynamic = ['dependencies']\n[build-system]\nbuild-backend = 'own'\n"), @"
    manifest name=a
    3: problem: dependencies are computed by the build backend (own): not read
    ");
    insta::assert_snapshot!(check("[tool.flit.metadata]\nmodule = 'orchard'\nrequires = ['plum']\n[tool.flit.metadata.requires-extra]\ntest = ['pytest']\n"), @r"
    manifest name=orchard
    3: plum -\'plum\'
    5: pytest (dev:test) -\'pytest\'
    ");
}

#[test]
fn a_file_for_tools_only_is_no_manifest() {
    insta::assert_snapshot!(check("[tool.ruff]\nline-length = 100\n"), @"");
}

#[test]
fn broken_files_name_the_line() {
    insta::assert_snapshot!(check("[project]\ndependencies = [\n  'plum'\n  'pear'\n]\n"), @"4: fatal: not valid TOML: missing comma between array elements, expected `,`");
    insta::assert_snapshot!(check("[project]\nname = 1\ndependencies = 'plum'\noptional-dependencies = ['x']\n[dependency-groups]\ndev = 'x'\n[tool]\npoetry = 1\nuv = []\n"), @"
    manifest manager=uv default-groups=dev
    3: problem: not an array of requirement strings
    6: problem: group dev: not an array
    ");
}

#[test]
fn spans_count_from_the_start_of_the_file() {
    insta::assert_snapshot!(check("\u{FEFF}[project]\r\ndependencies = [\r\n  'plum',\r\n  'pear',\r\n]\r\n"), @r"
    manifest
    3: plum -  \'plum\',\r\n
    4: pear -  \'pear\',\r\n
    ");
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        check_facts(&bytes, &read(&source("pyproject.toml", &bytes)));
    }

    #[test]
    fn no_values_in_odd_places_panic(
        values in proptest::collection::vec(prop_oneof![Just("1"), Just("'plum'"), Just("[]"), Just("['plum', 1, {}]"), Just("{a = 'b', file = ['x']}"), Just("[['x']]"), Just("{a = [{version = 1}]}"), Just("true")], 12)
    ) {
        let keys = ["project.dependencies", "project.optional-dependencies", "project.name", "project.dynamic", "dependency-groups", "tool.uv", "tool.poetry.dependencies", "tool.poetry.group", "tool.pdm", "tool.hatch", "tool.setuptools", "build-system.requires"];
        let text = keys.iter().zip(&values).map(|(k, v)| format!("{k} = {v}\n")).collect::<Vec<_>>().concat();
        check_facts(text.as_bytes(), &read(&source("pyproject.toml", text.as_bytes())));
    }
}

#[test]
fn hatch_in_a_file_of_its_own() {
    let text = "[envs.default]\ndependencies = [\"pytest\", \"plum>=1\"]\n[envs.docs]\nextra-dependencies = [\"mkdocs\"] # why\n[build]\nx = 1\n";
    let facts = read_hatch_toml(&source("hatch.toml", text.as_bytes()));
    insta::assert_snapshot!(show(text.as_bytes(), &facts), @r#"
    manifest
    2: pytest (dev:default) -\"pytest\", 
    2: plum >=1 (dev:default) -, \"plum>=1\"
    4: mkdocs (dev:docs) # why -\"mkdocs\"
    "#);
    let broken = read_hatch_toml(&source("hatch.toml", b"[envs\n"));
    assert!(broken.problems[0].fatal);
}
