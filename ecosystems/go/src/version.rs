//! Versions of modules, compared: semantic versions with a `v` in front. Format: <https://go.dev/ref/mod#versions>.

use std::cmp::Ordering;

/// Which of two versions is later; one that is none comes before all others.
pub(crate) fn compare(a: &str, b: &str) -> Ordering {
    match (parse(a), parse(b)) {
        (Some(a), Some(b)) => a.numbers().cmp(&b.numbers()).then_with(|| a.pre(&b)),
        (a, b) => a.is_some().cmp(&b.is_some()),
    }
}

struct Version<'a> {
    core: [&'a str; 3],
    /// Behind the dash; empty for a release.
    before: &'a str,
}

impl Version<'_> {
    /// Numbers of any length: shorter ones are smaller.
    fn numbers(&self) -> [(usize, &str); 3] {
        self.core.map(|part| {
            let part = part.trim_start_matches('0');
            (part.len(), part)
        })
    }

    fn pre(&self, other: &Self) -> Ordering {
        match (self.before.is_empty(), other.before.is_empty()) {
            (true, true) => return Ordering::Equal,
            (true, false) => return Ordering::Greater,
            (false, true) => return Ordering::Less,
            (false, false) => {}
        }
        let (mut a, mut b) = (self.before.split('.'), other.before.split('.'));
        loop {
            let (a, b) = match (a.next(), b.next()) {
                (None, None) => return Ordering::Equal,
                (None, Some(_)) => return Ordering::Less,
                (Some(_), None) => return Ordering::Greater,
                (Some(a), Some(b)) => (a, b),
            };
            let number = |text: &str| !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit());
            let order = match (number(a), number(b)) {
                (true, true) => {
                    let (a, b) = (a.trim_start_matches('0'), b.trim_start_matches('0'));
                    (a.len(), a).cmp(&(b.len(), b))
                }
                (true, false) => Ordering::Less,
                (false, true) => Ordering::Greater,
                (false, false) => a.cmp(b),
            };
            if order != Ordering::Equal {
                return order;
            }
        }
    }
}

fn parse(text: &str) -> Option<Version<'_>> {
    let text = text.strip_prefix('v')?;
    let text = text.split_once('+').map_or(text, |(version, _)| version);
    let (core, before) = text.split_once('-').unwrap_or((text, ""));
    let mut parts = core.split('.');
    let core = [parts.next()?, parts.next().unwrap_or("0"), parts.next().unwrap_or("0")];
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|c| c.is_ascii_digit());
    (core.iter().all(|p| digits(p)) && parts.next().is_none()).then_some(Version { core, before })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn from_early_to_late() {
        let order = [
            "none",
            "v0.0.0-20170225145430-13bacc38a0a5",
            "v0.0.0-20190627000000-000000000000",
            "v0.9.0",
            "v0.10.0",
            "v1.0.0-alpha",
            "v1.0.0-alpha.1",
            "v1.0.0-rc.2",
            "v1.0.0-rc.10",
            "v1.0.0",
            "v1.2.4-0.20200101000000-abcdefabcdef",
            "v1.2.4",
            "v2.0.0+incompatible",
            "v2.0.1",
            "v99999999999999999999999.0.0",
        ];
        for pair in order.windows(2) {
            assert_eq!(compare(pair[0], pair[1]), Ordering::Less, "{pair:?}");
            assert_eq!(compare(pair[1], pair[0]), Ordering::Greater, "{pair:?}");
        }
        assert_eq!(compare("v1.2.0", "v1.2.0"), Ordering::Equal);
        assert_eq!(compare("", "x"), Ordering::Equal);
    }
}
