//! Credentials taken out of URLs, so that nothing that is printed or written can hold one.

/// The text with the user information and the secret parameters of every URL in it taken out.
///
/// References to variables (`https://${TOKEN}@host/…`, which pip fills in) and the user `git` of an SSH address are no secrets, and
/// stay: without them the address would not work.
pub(crate) fn without_credentials(text: &str) -> String {
    if !text.contains("//") && !text.contains('@') {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("//") {
        let (before, after) = rest.split_at(at + 2);
        out.push_str(before);
        let end = after.find(ends_url).unwrap_or(after.len());
        let (url, tail) = after.split_at(end);
        out.push_str(&clean(url, scheme(&before[..at])));
        rest = tail;
    }
    out.push_str(rest);
    out
}

/// What stands before `://`, without a version control system's prefix.
fn scheme(before: &str) -> &str {
    let before = before.strip_suffix(':').unwrap_or(before);
    let start = before.rfind(|c: char| !c.is_ascii_alphanumeric() && c != '.' && c != '-').map_or(0, |at| at + 1);
    before.get(start..).unwrap_or_default()
}

fn ends_url(c: char) -> bool {
    c.is_whitespace() || c.is_control() || matches!(c, '"' | '\'' | '<' | '>' | '`')
}

/// `url` is what follows the `//`.
fn clean(url: &str, scheme: &str) -> String {
    let host = after_user(url);
    let user = &url[..host];
    let user = if harmless(user.strip_suffix('@').unwrap_or(user), scheme) { user } else { "" };
    format!("{user}{}", without_secret_parameters(&url[host..]))
}

/// Where the host begins: behind the last `@` of the authority.
fn after_user(url: &str) -> usize {
    let end = url.find(['/', '?', '#']).unwrap_or(url.len());
    let authority = &url[..end];
    if let Some(at) = authority.rfind('@') {
        return at + 1;
    }
    // A password with an unescaped `/`, `?` or `#` ends the authority early; then what looks like a port is none.
    let port = authority.split_once(':').map_or("", |(_, port)| port);
    let strange = !authority.starts_with('[') && !port.bytes().all(|b| b.is_ascii_digit());
    if strange { url.rfind('@').map_or(0, |at| at + 1) } else { 0 }
}

fn harmless(user: &str, scheme: &str) -> bool {
    match user.split_once(':') {
        None => user.is_empty() || is_variable(user) || (user == "git" && scheme.ends_with("ssh")),
        Some((name, password)) => is_variable(password) && (is_variable(name) || is_plain(name)),
    }
}

fn is_variable(text: &str) -> bool {
    let name = text.strip_prefix("${").and_then(|t| t.strip_suffix('}'));
    name.is_some_and(|name| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
}

fn is_plain(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    text.len() < 20 && digits < 2 && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

fn without_secret_parameters(url: &str) -> String {
    let (front, fragment) = url.split_at(url.find('#').unwrap_or(url.len()));
    let Some((path, query)) = front.split_once('?') else { return url.to_owned() };
    let kept: Vec<&str> = query.split('&').filter(|parameter| !is_secret(parameter)).collect();
    if kept.is_empty() { format!("{path}{fragment}") } else { format!("{path}?{}{fragment}", kept.join("&")) }
}

fn is_secret(parameter: &str) -> bool {
    let Some((name, value)) = parameter.split_once('=') else { return false };
    let name = name.to_ascii_lowercase();
    !is_variable(value)
        && ["token", "key", "secret", "pass", "pwd", "auth", "sig", "credential"].iter().any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, expect: &str) {
        assert_eq!(without_credentials(text), expect);
        assert_eq!(without_credentials(expect), expect, "nothing is left to take out");
    }

    #[test]
    fn users_and_passwords_go() {
        check("https://ann:hunter2@pkgs.example.invalid/simple", "https://pkgs.example.invalid/simple");
        check("https://ghp_abc123@code.example.invalid/o/r", "https://code.example.invalid/o/r");
        check(
            "git+https://ann:p%40ss@h.example.invalid/o/r.git@v1#egg=plum",
            "git+https://h.example.invalid/o/r.git@v1#egg=plum",
        );
        check(
            "plum @ git+https://a:b@h.example.invalid/r@main ; os_name == 'nt'",
            "plum @ git+https://h.example.invalid/r@main ; os_name == 'nt'",
        );
        check(
            "--index-url=https://a:b@x.example.invalid --extra-index-url https://c@y.example.invalid:8080/s",
            "--index-url=https://x.example.invalid --extra-index-url https://y.example.invalid:8080/s",
        );
        check("postgresql://ann:pw@db.example.invalid/x", "postgresql://db.example.invalid/x");
        check("//a:b@h.example.invalid/x", "//h.example.invalid/x");
        check("see \"https://a:b@h.example.invalid\", please", "see \"https://h.example.invalid\", please");
    }

    #[test]
    fn passwords_with_unescaped_signs_go() {
        check("https://ann:a/b@h.example.invalid/s", "https://h.example.invalid/s");
        check("https://ann:a?b#c@h.example.invalid/s", "https://h.example.invalid/s");
        check("https://ann:a@b@h.example.invalid/s", "https://h.example.invalid/s");
    }

    #[test]
    fn secret_parameters_go() {
        check(
            "https://h.example.invalid/p.whl?access_token=abc&x=1#sha256=00",
            "https://h.example.invalid/p.whl?x=1#sha256=00",
        );
        check("https://h.example.invalid/p.whl?X-Amz-Signature=abc", "https://h.example.invalid/p.whl");
    }

    #[test]
    fn what_an_address_needs_stays() {
        for text in [
            "https://h.example.invalid/o/r.git@v1.0#egg=plum&subdirectory=py",
            "git+ssh://git@h.example.invalid/o/r.git@abc",
            "git+ssh://git@h.example.invalid:o/r.git",
            "git+https://${TOKEN}@h.example.invalid/r",
            "git+https://oauth2:${TOKEN}@h.example.invalid/r",
            "http://[::1]:8080/x@y",
            "http://h.example.invalid:8080/@scope",
            "git@h.example.invalid:o/r.git",
            "ann@example.invalid wrote this",
            "file:///srv/x@1",
            "plain==1.0",
        ] {
            check(text, text);
        }
    }

    #[test]
    fn what_only_looks_like_a_variable_goes() {
        check("https://a:$PASS@h.example.invalid", "https://h.example.invalid");
        check("https://9f8e7d6c5b4a:${X}@h.example.invalid", "https://h.example.invalid");
        check("https://git@h.example.invalid", "https://h.example.invalid");
    }

    proptest! {
        #[test]
        fn a_password_never_survives(scheme in "(git\\+)?https?|ssh|ftp", user in "[a-z]{0,6}", password in "[A-Z]{8}[/?#:a-z]{0,4}", tail in "[/?#@a-z0-9.]{0,12}") {
            let text = format!("x {scheme}://{user}:{password}@h.example.invalid/{tail} y");
            prop_assert!(!without_credentials(&text).contains(&password[..8]), "{}", without_credentials(&text));
        }

        #[test]
        fn no_text_panics(text in "\\PC*") {
            let once = without_credentials(&text);
            prop_assert_eq!(without_credentials(&once), once);
        }
    }
}
