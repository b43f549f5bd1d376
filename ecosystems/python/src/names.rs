//! Names of distributions: the canonical form of PEP 503, and relative module names.

/// The canonical form of a distribution's name ([PEP 503](https://peps.python.org/pep-0503/)): lower case, runs of `-`, `_`
/// and `.` as one `-`.
pub(crate) fn canonical(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut gap = false;
    let separates = |c: char| matches!(c, '-' | '_' | '.');
    for c in name.trim_matches(|c: char| c.is_whitespace() || separates(c)).chars() {
        if separates(c) {
            gap = true;
        } else {
            if gap {
                out.push('-');
                gap = false;
            }
            out.extend(c.to_lowercase());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn names_compare_as_pep_503_says() {
        for (name, expect) in [
            ("Flask_Bcrypt", "flask-bcrypt"),
            ("fhir.resources", "fhir-resources"),
            ("ruamel.yaml", "ruamel-yaml"),
            ("a--__..b", "a-b"),
            ("zope.interface ", "zope-interface"),
        ] {
            assert_eq!(canonical(name), expect);
        }
    }
}
