//! One requirement, as manifests, locks and metadata write it: `name >=1 [extra,extra] if condition`.

use depslim_model::Require;

/// Reads a requirement. `None` when it is none.
pub(crate) fn parse(text: &str, line: u32) -> Option<Require> {
    let (text, condition) = match text.split_once(" if ") {
        Some((text, condition)) => (text, Some(condition.trim().to_owned())),
        None => (text, None),
    };
    let (text, features) = match text.split_once('[') {
        Some((text, rest)) => (text, names(rest.trim_end().strip_suffix(']')?)),
        None => (text, Vec::new()),
    };
    let mut words = text.split_whitespace();
    let name = words.next().filter(|name| is_name(name))?.to_owned();
    let version = words.next().map(str::to_owned);
    let good = version.as_deref().is_none_or(|v| v.starts_with(['>', '<', '='])) && words.next().is_none();
    good.then(|| Require { name, features, version, condition, line, ..Require::default() })
}

/// Whether a word can be a package's name.
pub(crate) fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_alphanumeric())
        && word.chars().all(|c| c.is_ascii_alphanumeric() || ['-', '_'].contains(&c))
}

fn names(list: &str) -> Vec<String> {
    list.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_but_the_name_may_be_missing() {
        let full = parse("big_stripes >=1.2 [gold, silver] if musl and extra fast", 7).unwrap();
        assert_eq!((full.name.as_str(), full.version.as_deref(), full.line), ("big_stripes", Some(">=1.2"), 7));
        assert_eq!(full.features, ["gold", "silver"]);
        assert_eq!(full.condition.as_deref(), Some("musl and extra fast"));
        assert_eq!(parse("stripes", 1).unwrap().name, "stripes");
        assert_eq!(parse("stripes [gold]", 1).unwrap().features, ["gold"]);
    }

    #[test]
    fn what_is_no_requirement_is_refused() {
        for text in
            ["", "stripes 1.2", "stripes >=1 >=2", "stripes [gold", "stripes [gold] silver", "st/ripes", "[gold]"]
        {
            assert_eq!(parse(text, 1), None, "{text}");
        }
    }
}
