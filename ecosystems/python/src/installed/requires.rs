//! `requires.txt` of an egg: requirements in sections for extras and conditions.

use super::headers::edge;
use crate::marker::both;
use depslim_model::{Facts, Source};

/// The reader's view of a file: what the package that the folder's name says requires.
pub(super) fn read(source: &Source<'_>) -> Facts {
    let (package, _) = super::name_and_version(super::folder_name(source));
    parse(package, source.bytes)
}

/// Reads the file: plain requirements, then sections `[extra]`, `[:marker]` and `[extra:marker]`.
pub(super) fn parse(from: &str, bytes: &[u8]) -> Facts {
    let text = super::text(bytes);
    let mut facts = Facts::default();
    let mut section = None;
    for (line, text) in super::lines(&text) {
        if text.starts_with('#') {
            continue;
        }
        if let Some(inner) = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
            let (extra, marker) = inner.split_once(':').unwrap_or((inner, ""));
            let extra = (!extra.trim().is_empty()).then(|| format!("extra == '{}'", extra.trim().replace('\'', "")));
            section = both([Some(marker.trim().to_owned()), extra]);
            continue;
        }
        // The section's condition goes behind the line's own, and is read with it.
        let own = text.split_once(';').map(|(_, marker)| marker.trim().to_owned());
        let bare = text.split(';').next().unwrap_or(text);
        let whole = match both([own, section.clone()]) {
            Some(condition) => format!("{bare} ; {condition}"),
            None => bare.to_owned(),
        };
        let (require, problem) = edge(from, &whole, line);
        facts.requires.extend(require);
        facts.problems.extend(problem);
    }
    facts
}

#[cfg(test)]
mod tests {
    use super::parse;
    use depslim_model::Group;

    #[test]
    fn sections_become_conditions() {
        let text = "six>=1.9\n\n[:python_version < \"3.8\"]\ntyping-ext\n\n[s3]\nboto3[crt]>=1 \n[s3:sys_platform == 'win32' or os_name == 'nt']\npywin32";
        let facts = parse("plum", text.as_bytes());
        let said: Vec<String> = facts
            .requires
            .iter()
            .map(|r| {
                let group = if r.group == Group::Optional { r.group_name.as_deref().unwrap_or("?") } else { "-" };
                format!("{} {} {:?} {group} {}", r.line, r.name, r.features, r.condition.as_deref().unwrap_or("-"))
            })
            .collect();
        insta::assert_snapshot!(said.join("\n"), @r#"
        1 six [] - -
        4 typing-ext [] - python_version < "3.8"
        7 boto3 ["crt"] s3 extra == 's3'
        9 pywin32 [] s3 (sys_platform == 'win32' or os_name == 'nt') and extra == 's3'
        "#);
        assert!(facts.problems.is_empty() && facts.requires.iter().all(|r| r.from.as_deref() == Some("plum")));
    }

    #[test]
    fn broken_lines_are_told() {
        let facts = parse("plum", b"good\n!!! bad\n[open\nalso-good");
        assert_eq!(facts.requires.iter().map(|r| r.name.as_str()).collect::<Vec<_>>(), ["good", "also-good"]);
        assert_eq!(facts.problems.iter().map(|p| p.line).collect::<Vec<_>>(), [2, 3]);
    }
}
