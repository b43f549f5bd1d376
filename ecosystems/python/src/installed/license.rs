//! The licence that core metadata names: three fields, none of them reliable alone.

/// What the headers say about the licence.
#[derive(Debug, Default)]
pub(super) struct License {
    /// `License-Expression`: an SPDX expression, since metadata 2.4.
    pub(super) expression: Option<String>,
    /// `License`: a name, or the whole text.
    pub(super) text: Option<String>,
    /// The last parts of the `License ::` classifiers.
    classifiers: Vec<String>,
}

impl License {
    /// Takes a classifier in; only those of licences count.
    pub(super) fn classifier(&mut self, value: &str) {
        if let Some(name) = value.strip_prefix("License :: ") {
            let name = name.rsplit(" :: ").next().unwrap_or(name);
            if name != "OSI Approved" {
                self.classifiers.push(name.to_owned());
            }
        }
    }

    /// The licence in few words: the expression, else a short name, else the classifiers.
    pub(super) fn said(self) -> Option<String> {
        // More than a line is the licence's text, which often begins with its name, but not always.
        let name = |text: &String| {
            let text = text.trim();
            !text.is_empty() && text.len() <= 80 && !text.contains('\n') && !text.eq_ignore_ascii_case("unknown")
        };
        let classifiers = (!self.classifiers.is_empty()).then(|| self.classifiers.join(", "));
        self.expression.filter(name).or(self.text.filter(name)).or(classifiers)
    }
}
