//! The interpreter that a container image supplies, from its name and tag.

/// `python:3.11-slim` → `3.11`. `None` when the image says nothing about an interpreter.
pub(crate) fn of_image(reference: &str) -> Option<String> {
    let reference = reference.split('@').next().unwrap_or(reference);
    let (name, tag) = match reference.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, tag),
        _ => (reference, ""),
    };
    let last = name.rsplit('/').next().unwrap_or(name);
    if matches!(last, "python" | "pypy") {
        return version(tag);
    }
    // `python3.11-slim`, `uv:python3.12-bookworm`, `tiangolo/uvicorn-gunicorn:python3.9`
    for text in [tag, last] {
        if let Some(at) = text.find("python") {
            let rest = text[at + 6..].trim_start_matches(['-', ':']);
            if let Some(found) = version(rest) {
                return Some(found);
            }
        }
        // Lambda's and functions' images: `lambda/python:3.12` is met above; `python-312` names its version without a dot.
        if let Some(digits) =
            text.strip_prefix("python-3").filter(|d| !d.is_empty() && d.bytes().all(|b| b.is_ascii_digit()))
        {
            return Some(format!("3.{digits}"));
        }
    }
    None
}

/// The `3.Y` at the start of a tag.
fn version(tag: &str) -> Option<String> {
    let rest = tag.strip_prefix("3.")?;
    let minor: String = rest.chars().take_while(char::is_ascii_digit).collect();
    (!minor.is_empty()).then(|| format!("3.{minor}"))
}

#[cfg(test)]
mod tests {
    use super::of_image;

    #[test]
    fn the_tag_says_which_interpreter() {
        for (image, expect) in [
            ("python:3.11", Some("3.11")),
            ("docker.io/library/python:3.12.4-slim-bookworm@sha256:00", Some("3.12")),
            ("registry.example.invalid:5000/team/python:3.9-alpine", Some("3.9")),
            ("ghcr.example.invalid/astral/uv:python3.13-bookworm-slim", Some("3.13")),
            ("tiangolo/uvicorn-gunicorn-fastapi:python3.11", Some("3.11")),
            ("ubi9/python-312", Some("3.12")),
            ("python:latest", None),
            ("python:2.7", None),
            ("node:20", None),
            ("scratch", None),
        ] {
            assert_eq!(of_image(image).as_deref(), expect, "{image}");
        }
    }
}
