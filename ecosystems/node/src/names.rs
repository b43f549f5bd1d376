//! Names: how packages are compared, which folder a manifest speaks of, which images bring a runtime.

/// Names compare as they are: the registry has packages that differ only in the case of their letters.
pub(crate) fn canonical(name: &str) -> String {
    name.to_owned()
}

/// `@types/express` tells the types of `express`, `@types/babel__core` those of `@babel/core`.
pub(crate) fn types_of(name: &str) -> Option<String> {
    let described = name.strip_prefix("@types/").filter(|rest| !rest.is_empty())?;
    Some(match described.split_once("__") {
        Some((scope, rest)) => format!("@{scope}/{rest}"),
        None => described.to_owned(),
    })
}

/// A manifest or lock speaks of the folder that it lies in.
pub(crate) fn home(path: &str) -> String {
    path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned()
}

/// `node:20-alpine` brings Node 20. Tags that name no number (`lts`, `iron`) say nothing.
pub(crate) fn runtime_of_image(reference: &str) -> Option<String> {
    let reference = reference.split('@').next().unwrap_or(reference);
    let (image, tag) = reference.rsplit_once(':').filter(|(_, tag)| !tag.contains('/')).unwrap_or((reference, ""));
    let name = image.rsplit('/').next().unwrap_or(image);
    let in_name = |name: &str| -> Option<String> {
        let digits: String = name.chars().take_while(char::is_ascii_digit).collect();
        (!digits.is_empty()).then_some(digits)
    };
    match name {
        "node" | "nodejs" => {
            let version: String = tag.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
            let version = version.trim_end_matches('.');
            (!version.is_empty()).then(|| version.to_owned())
        }
        // `gcr.io/distroless/nodejs20-debian12`, `registry.access.redhat.com/ubi9/nodejs-20`.
        _ => name.strip_prefix("nodejs").and_then(|rest| in_name(rest.trim_start_matches('-'))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_of_scoped_packages_have_two_underscores() {
        assert_eq!(types_of("@types/express").as_deref(), Some("express"));
        assert_eq!(types_of("@types/babel__core").as_deref(), Some("@babel/core"));
        assert_eq!(types_of("express"), None);
    }

    #[test]
    fn a_manifest_speaks_of_its_folder() {
        assert_eq!(home("package.json"), "");
        assert_eq!(home("apps/web/package.json"), "apps/web");
    }

    #[test]
    fn images_of_the_language_name_their_runtime() {
        for (image, expect) in [
            ("node:20-alpine", Some("20")),
            ("node:18.19.1-bookworm-slim@sha256:00", Some("18.19.1")),
            ("mirror.example.invalid:5000/library/node:22", Some("22")),
            ("distroless/nodejs20-debian12", Some("20")),
            ("ubi9/nodejs-18", Some("18")),
            ("node:lts", None),
            ("node", None),
            ("nodemon:3", None),
            ("nginx:1.27", None),
        ] {
            assert_eq!(runtime_of_image(image).as_deref(), expect, "{image}");
        }
    }
}
