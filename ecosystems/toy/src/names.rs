//! Names: of packages, of the folder that a manifest speaks of, of images.

/// Package names are compared in lower case, `_` as `-`.
pub(crate) fn canonical(name: &str) -> String {
    name.to_lowercase().replace('_', "-")
}

/// A manifest speaks of the folder that it lies in; one in a folder `lists` speaks of that folder's parent.
pub(crate) fn home(path: &str) -> String {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    match folder.rsplit_once('/') {
        Some((parent, "lists")) => parent.to_owned(),
        None if folder == "lists" => String::new(),
        _ => folder.to_owned(),
    }
}

/// `toy:3.1-slim` brings the runtime 3.1.
pub(crate) fn runtime_of_image(reference: &str) -> Option<String> {
    let (name, tag) = reference.rsplit_once(':')?;
    let version: String = tag.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    let known = name.rsplit('/').next() == Some("toy") && version.starts_with(|c: char| c.is_ascii_digit());
    known.then(|| version.trim_end_matches('.').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelling_of_a_package_does_not_matter() {
        assert_eq!(canonical("Big_Stripes"), canonical("big-stripes"));
    }

    #[test]
    fn a_folder_of_lists_speaks_of_its_parent() {
        for (path, expect) in
            [("toy.list", ""), ("farm/toy.list", "farm"), ("lists/base.list", ""), ("farm/lists/base.list", "farm")]
        {
            assert_eq!(home(path), expect, "{path}");
        }
    }

    #[test]
    fn images_of_the_language_name_their_runtime() {
        for (image, expect) in [
            ("toy:3.1-slim", Some("3.1")),
            ("mirror.example.invalid/library/toy:2", Some("2")),
            ("toy:latest", None),
            ("toy", None),
            ("toyshop:3", None),
        ] {
            assert_eq!(runtime_of_image(image).as_deref(), expect, "{image}");
        }
    }
}
