//! What somebody may have meant: the nearest of the words that would have been right.

/// The nearest candidate, when it is near enough to be a slip of the finger.
pub(crate) fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let word = word.to_lowercase();
    let distance = |candidate: &str| strsim::damerau_levenshtein(&word, &candidate.to_lowercase());
    let near =
        candidates.into_iter().map(|candidate| (distance(candidate), candidate)).min_by_key(|(distance, _)| *distance);
    near.filter(|(distance, candidate)| *distance <= candidate.chars().count().div_ceil(3).min(3))
        .map(|(_, candidate)| candidate)
}

/// `; did you mean `x`?`, or nothing.
pub(crate) fn hint<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> String {
    nearest(word, candidates).map(|found| format!("; did you mean `{found}`?")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_the_finger_are_recognised() {
        let words = ["exclude", "extends", "heavy", "SLIM001", "SLIM002", "go"];
        for (word, expect) in [
            ("exlude", Some("exclude")),
            ("extend", Some("extends")),
            ("slim001", Some("SLIM001")),
            ("SLIM0001", Some("SLIM001")),
            ("haevy", Some("heavy")),
            ("og", Some("go")),
            ("colour", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, words), expect, "{word}");
        }
    }
}
