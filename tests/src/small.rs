//! One small project of each language: it uses one package, declares one for nothing, and one that only its tests use.

use crate::git::put;
use crate::project;
use crate::venv::install;
use tempfile::TempDir;

/// A project of one language.
#[derive(Debug)]
pub struct Small {
    /// The language.
    pub ecosystem: &'static str,
    /// Its manifest.
    pub manifest: &'static str,
    /// Its files, beside what is installed.
    pub files: &'static [(&'static str, &'static str)],
    /// What no code uses, as the report names it.
    pub unused: &'static str,
    /// What only tests use.
    pub tests_only: &'static str,
    /// What lines of code that use what production uses have in them.
    pub fly: &'static str,
    /// What the manifest says to declare what no code uses.
    pub line: &'static str,
    /// The last part of the name of what production uses.
    pub used: &'static str,
}

impl Small {
    /// Writes it, and what is installed for it, into a new folder.
    pub fn make(&self) -> TempDir {
        let folder = project(self.files);
        for name in ["heron", "dodo", "magpie"] {
            match self.ecosystem {
                "python" => install(folder.path(), name, "1.0", 1_000_000),
                "node" => {
                    let about = format!("{{ \"name\": \"{name}\", \"version\": \"1.0.0\", \"main\": \"index.js\" }}\n");
                    put(folder.path(), &format!("node_modules/{name}/package.json"), &about);
                    let code = format!("module.exports = () => '{}';\n", "x".repeat(1_000_000));
                    put(folder.path(), &format!("node_modules/{name}/index.js"), &code);
                }
                _ => {}
            }
        }
        folder
    }
}

/// One of each.
pub const ALL: &[Small] = &[
    Small {
        ecosystem: "python",
        manifest: "pyproject.toml",
        files: &[
            (".gitignore", ".venv/\n"),
            (
                "pyproject.toml",
                "[project]\nname = \"farm\"\nversion = \"1.0\"\nrequires-python = \">=3.12\"\ndependencies = [\n    \"heron==1.0\",\n    \"dodo==1.0\",\n    \"magpie==1.0\",\n]\n",
            ),
            ("app.py", "import heron\n\nheron.fly()\n"),
            ("tests/test_app.py", "import magpie\n\nmagpie.sing()\n"),
        ],
        line: "    \"dodo==1.0\",\n",
        fly: "heron",
        unused: "pkg:pypi/dodo",
        tests_only: "pkg:pypi/magpie",
        used: "heron",
    },
    Small {
        ecosystem: "node",
        manifest: "package.json",
        files: &[
            (".gitignore", "node_modules/\n"),
            (
                "package.json",
                "{\n  \"name\": \"farm\",\n  \"version\": \"1.0.0\",\n  \"main\": \"index.js\",\n  \"dependencies\": {\n    \"dodo\": \"1.0.0\",\n    \"heron\": \"1.0.0\",\n    \"magpie\": \"1.0.0\"\n  }\n}\n",
            ),
            ("index.js", "const heron = require('heron');\nheron();\n"),
            ("test/app.test.js", "const magpie = require('magpie');\nmagpie();\n"),
        ],
        line: "    \"dodo\": \"1.0.0\",\n",
        fly: "heron",
        unused: "pkg:npm/dodo",
        tests_only: "pkg:npm/magpie",
        used: "heron",
    },
    Small {
        ecosystem: "rust",
        manifest: "Cargo.toml",
        files: &[
            (
                "Cargo.toml",
                "[package]\nname = \"farm\"\nversion = \"1.0.0\"\nedition = \"2024\"\n\n[dependencies]\nheron = \"1.0\"\ndodo = \"1.0\"\nmagpie = \"1.0\"\n",
            ),
            ("src/main.rs", "fn main() {\n    heron::fly();\n}\n"),
            ("tests/song.rs", "#[test]\nfn sings() {\n    magpie::sing();\n}\n"),
        ],
        line: "dodo = \"1.0\"\n",
        fly: "heron::fly",
        unused: "pkg:cargo/dodo",
        tests_only: "pkg:cargo/magpie",
        used: "heron",
    },
    Small {
        ecosystem: "go",
        manifest: "go.mod",
        files: &[
            (
                "go.mod",
                "module farm.example/farm\n\ngo 1.24\n\nrequire (\n\tdodo.example v1.0.0\n\theron.example v1.0.0\n\tmagpie.example v1.0.0\n)\n",
            ),
            ("main.go", "package main\n\nimport \"heron.example\"\n\nfunc main() { heron.Fly() }\n"),
            ("main_test.go", "package main\n\nimport \"magpie.example\"\n\nvar _ = magpie.Sing\n"),
        ],
        line: "\tdodo.example v1.0.0\n",
        fly: "heron",
        unused: "pkg:golang/dodo.example",
        tests_only: "pkg:golang/magpie.example",
        used: "heron.example",
    },
    // Nothing is installed: which packages these bring is known.
    Small {
        ecosystem: "java",
        manifest: "pom.xml",
        files: &[
            (
                "pom.xml",
                "<project>\n  <modelVersion>4.0.0</modelVersion>\n  <groupId>farm</groupId>\n  <artifactId>farm</artifactId>\n  <version>1.0</version>\n  <dependencies>\n    <dependency>\n      <groupId>org.apache.commons</groupId>\n      <artifactId>commons-lang3</artifactId>\n      <version>3.17.0</version>\n    </dependency>\n    <dependency>\n      <groupId>com.google.guava</groupId>\n      <artifactId>guava</artifactId>\n      <version>33.0.0-jre</version>\n    </dependency>\n    <dependency>\n      <groupId>org.jsoup</groupId>\n      <artifactId>jsoup</artifactId>\n      <version>1.18.1</version>\n    </dependency>\n  </dependencies>\n</project>\n",
            ),
            (
                "src/main/java/farm/Farm.java",
                "package farm;\n\nimport org.apache.commons.lang3.StringUtils;\n\npublic class Farm {\n  public static void main(String[] words) { StringUtils.trim(\"\"); }\n}\n",
            ),
            (
                "src/test/java/farm/FarmTest.java",
                "package farm;\n\nimport org.jsoup.Jsoup;\n\nclass FarmTest {\n  Object page = Jsoup.parse(\"\");\n}\n",
            ),
        ],
        line: "    <dependency>\n      <groupId>com.google.guava</groupId>\n      <artifactId>guava</artifactId>\n      <version>33.0.0-jre</version>\n    </dependency>\n",
        fly: "StringUtils",
        unused: "pkg:maven/com.google.guava/guava",
        tests_only: "pkg:maven/org.jsoup/jsoup",
        used: "commons-lang3",
    },
];
