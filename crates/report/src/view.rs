//! What a reader asked to see, and the formats there are.

use depslim_model::Package;
use depslim_model::difference::Difference;

/// How a report is shown. It narrows and lays out; it never changes what the report says.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    /// Columns to lay text out in. Text is wrapped to it, never cut.
    pub width: usize,
    /// Colours in text.
    pub color: bool,
    /// Terminal hyperlinks (OSC 8) to the pages of rules; plain addresses otherwise.
    pub hyperlinks: bool,
    /// Length of lists of the largest.
    pub top: usize,
    /// Packages that lists of the largest show.
    pub scope: ScopeFilter,
    /// Number of `-v`.
    pub verbose: u8,
    /// Findings only.
    pub quiet: bool,
    /// How long the run took (`0.2 s`), for the first line; reports carry no time.
    pub timing: Option<String>,
    /// Put before the project's paths, with `/` and no `/` at the end: the way to the analysed root from the current folder for
    /// text, from the repository's root for formats that a platform reads. Empty when they are the same.
    pub prefix: String,
    /// What changed against a base, when the run compared.
    pub difference: Option<Difference>,
}

impl Default for View {
    fn default() -> Self {
        Self {
            width: 100,
            color: false,
            hyperlinks: false,
            top: 10,
            scope: ScopeFilter::Prod,
            verbose: 0,
            quiet: false,
            timing: None,
            prefix: String::new(),
            difference: None,
        }
    }
}

impl View {
    /// A path of the report, as the reader can open it.
    pub(crate) fn path(&self, path: &str) -> String {
        let prefix = self.prefix.trim_end_matches('/');
        match (prefix, path) {
            ("" | ".", _) => path.to_owned(),
            (_, "" | ".") => prefix.to_owned(),
            _ => format!("{prefix}/{path}"),
        }
    }
}

/// Which packages are shown in lists.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum ScopeFilter {
    /// What production installs today.
    #[default]
    Prod,
    /// What only development needs.
    Dev,
    /// Everything.
    All,
}

impl ScopeFilter {
    /// Whether a package is shown.
    pub fn shows(self, package: &Package) -> bool {
        match self {
            Self::Prod => package.ships,
            Self::Dev => crate::phrase::is_dev(package),
            Self::All => true,
        }
    }

    /// What the list is called.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Prod => "production",
            Self::Dev => "development",
            Self::All => "all packages",
        }
    }
}

/// An output format.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Format {
    /// For people at a terminal.
    #[default]
    Text,
    /// One line a finding.
    Concise,
    /// `depslim.report/1`.
    Json,
    /// The same records, one a line.
    Jsonl,
    /// Workflow commands that GitHub turns into annotations.
    Github,
    /// GitLab's Code Quality report.
    Gitlab,
    /// SARIF 2.1.0.
    Sarif,
    /// A job summary.
    Markdown,
    /// A page with a treemap.
    Html,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 9] = [
        Self::Text,
        Self::Concise,
        Self::Json,
        Self::Jsonl,
        Self::Github,
        Self::Gitlab,
        Self::Sarif,
        Self::Markdown,
        Self::Html,
    ];

    /// The name that `--output-format` takes.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Concise => "concise",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Github => "github",
            Self::Gitlab => "gitlab",
            Self::Sarif => "sarif",
            Self::Markdown => "markdown",
            Self::Html => "html",
        }
    }

    /// Finds a format by its name.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// The format that a file's name asks for by its extension (`.json .jsonl .sarif .md .html`).
    pub fn of_file(name: &str) -> Option<Self> {
        let (_, extension) = name.rsplit_once('.')?;
        match extension.to_ascii_lowercase().as_str() {
            "json" => Some(Self::Json),
            "jsonl" => Some(Self::Jsonl),
            "sarif" => Some(Self::Sarif),
            "md" => Some(Self::Markdown),
            "html" => Some(Self::Html),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_found_by_name_and_by_file() {
        for format in Format::ALL {
            assert_eq!(Format::find(format.name()), Some(format));
        }
        assert_eq!(Format::find("yaml"), None);
        for (file, expect) in [
            ("out/report.JSON", Some(Format::Json)),
            ("r.jsonl", Some(Format::Jsonl)),
            ("r.sarif", Some(Format::Sarif)),
            ("r.md", Some(Format::Markdown)),
            ("r.html", Some(Format::Html)),
            ("r.txt", None),
            ("json", None),
        ] {
            assert_eq!(Format::of_file(file), expect, "{file}");
        }
    }

    #[test]
    fn paths_are_given_from_where_the_reader_is() {
        let at = |prefix: &str, path: &str| View { prefix: prefix.into(), ..View::default() }.path(path);
        assert_eq!(at("", "app/main.py"), "app/main.py");
        assert_eq!(at("services/api", "app/main.py"), "services/api/app/main.py");
        assert_eq!(at("../shop/", "."), "../shop");
        assert_eq!(at(".", "a"), "a");
    }
}
