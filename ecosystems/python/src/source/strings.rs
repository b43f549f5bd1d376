//! Strings: which ones name modules or services, and which ones hold secrets.

use std::borrow::Cow;

/// Schemes of URLs that name no driver.
const PLAIN_SCHEMES: [&str; 16] = [
    "http",
    "https",
    "ws",
    "wss",
    "file",
    "ftp",
    "ftps",
    "mailto",
    "tel",
    "data",
    "about",
    "chrome",
    "urn",
    "ssh",
    "git",
    "javascript",
];

/// The scheme of a URL that may name a driver (`postgresql+asyncpg`, `redis`, `s3`), in lower case.
pub(super) fn driver_scheme(text: &str) -> Option<String> {
    let end = text
        .bytes()
        .take(64)
        .position(|byte| !(byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.' | b'_')))?;
    let scheme = &text[..end];
    if !text[end..].starts_with("://") || !scheme.starts_with(|first: char| first.is_ascii_alphabetic()) {
        return None;
    }
    let scheme = scheme.to_ascii_lowercase();
    (!PLAIN_SCHEMES.contains(&scheme.as_str())).then_some(scheme)
}

/// A string that looks like the path of a module or of something in one, with dots only. File and host names are left out
/// where their last part tells.
pub(super) fn dotted_path(text: &str) -> Option<String> {
    const OTHERS: [&str; 49] = [
        "py", "pyc", "pyi", "ipynb", "txt", "csv", "tsv", "json", "jsonl", "yml", "yaml", "toml", "html", "htm", "css",
        "js", "ts", "md", "rst", "xml", "png", "jpg", "jpeg", "gif", "svg", "ico", "pdf", "log", "db", "sqlite",
        "sqlite3", "zip", "gz", "tar", "ini", "cfg", "conf", "sh", "sql", "env", "com", "org", "net", "local", "lock",
        "bin", "pem", "key", "crt",
    ];
    if text.len() > 200 || memchr::memchr(b'.', text.as_bytes()).is_none() {
        return None;
    }
    let (path, attribute) = text.split_once(':').map_or((text, None), |(path, attribute)| (path, Some(attribute)));
    for part in path.split('.').chain(attribute.into_iter().flat_map(|attribute| attribute.split('.'))) {
        if !is_identifier(part) {
            return None;
        }
    }
    let (first, last) = path.rsplit_once('.')?;
    let file = attribute.is_none() && !first.contains('.') && OTHERS.contains(&last);
    (!file).then(|| text.replace(':', "."))
}

fn is_identifier(part: &str) -> bool {
    part.starts_with(|first: char| first == '_' || first.is_alphabetic())
        && part.chars().all(|letter| letter == '_' || letter.is_alphanumeric())
}

/// A string that can be the value of a setting that names something: short, one word.
pub(super) fn is_setting_value(text: &str) -> bool {
    (1..=300).contains(&text.len()) && !text.contains(|letter: char| letter.is_whitespace() || letter.is_control())
}

/// A string that can be an argument that names something: short, one line.
pub(super) fn is_argument(text: &str) -> bool {
    text.len() <= 200 && !text.contains(['\n', '\r', '\0'])
}

/// The name of an environment variable.
pub(super) fn is_variable(text: &str) -> bool {
    text.len() >= 3
        && text.starts_with(|first: char| first.is_ascii_uppercase() || first == '_')
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

/// True when what goes by this name is better not repeated anywhere.
pub(super) fn is_secret(name: &str) -> bool {
    const WORDS: [&[u8]; 9] =
        [b"secret", b"password", b"passwd", b"passphrase", b"token", b"apikey", b"credential", b"salt", b"signature"];
    const LAST_WORDS: [&[u8]; 4] = [b"key", b"pwd", b"pass", b"auth"];
    let name = name.as_bytes();
    let name = &name[memchr::memrchr(b'.', name).map_or(0, |dot| dot + 1)..];
    // Each of the words starts with one of these letters.
    let may_start = |byte: &u8| matches!(byte | 0x20, b's' | b'p' | b't' | b'a' | b'c');
    let holds = |at: usize| {
        let starts = |word: &&[u8]| name.get(at..at + word.len()).is_some_and(|part| part.eq_ignore_ascii_case(word));
        may_start(&name[at]) && WORDS.iter().any(starts)
    };
    let last = &name[memchr::memrchr(b'_', name).map_or(0, |sign| sign + 1)..];
    (0..name.len()).any(holds) || LAST_WORDS.iter().any(|word| last.eq_ignore_ascii_case(word))
}

/// What may be told of a value: credentials in a URL are taken out; what looks like a key, or stands under a secret's name, only
/// passes when it is the path of a module (`TOKEN_GENERATOR = "accounts.tokens.Generator"`).
pub(super) fn told<'a>(name: &str, value: &'a str) -> Option<Cow<'a, str>> {
    if looks_random(value)
        || !name.is_empty() && is_secret(name) && dotted_path(value).is_none_or(|path| path.len() > 80)
    {
        return None;
    }
    Some(without_credentials(value))
}

/// Long, and of letters of both cases, digits and signs, or of three of them: a key that somebody left in the code.
fn looks_random(value: &str) -> bool {
    if value.len() < 20 || value.contains(['.', ':', '/', ' ']) {
        return false;
    }
    let has = |kind: fn(&u8) -> bool| usize::from(value.as_bytes().iter().any(kind));
    let sign = |byte: &u8| byte.is_ascii_punctuation() && !matches!(byte, b'-' | b'_');
    has(u8::is_ascii_lowercase) + has(u8::is_ascii_uppercase) + has(u8::is_ascii_digit) + has(sign) >= 3
}

/// A value without the user, password and query of a URL.
pub(super) fn without_credentials(value: &str) -> Cow<'_, str> {
    let Some(scheme) = value.find("://") else { return Cow::Borrowed(value) };
    let mut out = value.to_owned();
    let start = scheme + 3;
    let end = out[start..].find(['/', '?', '#']).map_or(out.len(), |length| start + length);
    // Passwords may hold the characters that end a host: the first `@` behind them counts then.
    let at = out[start..end].rfind('@').or_else(|| out[start..].find('@')).map(|length| start + length);
    if let Some(at) = at {
        out.replace_range(start..=at, "");
    }
    if let Some(query) = out.find('?') {
        out.truncate(query);
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::{dotted_path, driver_scheme, is_variable, told};

    #[test]
    fn schemes_that_name_drivers() {
        for (text, expect) in [
            ("postgresql+asyncpg://u:p@h/db", Some("postgresql+asyncpg")),
            ("Redis://localhost", Some("redis")),
            // SQLAlchemy's drivers are module names.
            ("db2+ibm_db://h/db", Some("db2+ibm_db")),
            ("sqlite:///./x.db", Some("sqlite")),
            ("s3://bucket", Some("s3")),
            ("https://example.invalid", None),
            ("://x", None),
            ("1x://y", None),
            ("no scheme://", None),
            ("redis:/x", None),
            ("ä://x", None),
            ("", None),
        ] {
            assert_eq!(driver_scheme(text).as_deref(), expect, "{text}");
        }
    }

    #[test]
    fn paths_of_modules() {
        for (text, expect) in [
            ("a.b", Some("a.b")),
            ("storages.backends.s3boto3.S3Boto3Storage", Some("storages.backends.s3boto3.S3Boto3Storage")),
            ("shop.tasks:run", Some("shop.tasks.run")),
            ("shop:run", None),
            ("_a._b", Some("_a._b")),
            ("a", None),
            ("a.", None),
            (".a.b", None),
            ("a..b", None),
            ("v1.2", None),
            ("readme.txt", None),
            ("example.com", None),
            ("a b.c", None),
            ("a.b:c:d", None),
            ("a/b.c", None),
        ] {
            assert_eq!(dotted_path(text).as_deref(), expect, "{text}");
        }
    }

    #[test]
    fn secrets_are_not_told() {
        for (name, value, expect) in [
            ("CACHE", "redis://cache/1", Some("redis://cache/1")),
            ("BROKER", "amqp://me:pa@ss@rabbit:5672//", Some("amqp://rabbit:5672//")),
            ("BROKER", "amqp://me:pa/ss@rabbit//", Some("amqp://rabbit//")),
            ("URL", "postgres://h/db?password=x", Some("postgres://h/db")),
            ("SECRET_KEY", "abc", None),
            ("stripe.api_key", "sk_live", None),
            ("AUTH_TOKEN", "abc", None),
            ("db_pass", "abc", None),
            ("COMPASS", "abc", Some("abc")),
            ("X", "#!kta!9e0)24d@9#=*=ra$r!0k0+p5@w", None),
            ("X", "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY", None),
            ("X", "storages.backends.s3boto3.S3Boto3Storage", Some("storages.backends.s3boto3.S3Boto3Storage")),
            ("X", "django-insecure-settings", Some("django-insecure-settings")),
            ("TOKEN_GENERATOR", "accounts.tokens.Generator", Some("accounts.tokens.Generator")),
        ] {
            assert_eq!(told(name, value).as_deref(), expect, "{name}={value}");
        }
    }

    #[test]
    fn variables() {
        for (text, expect) in [("DATABASE_URL", true), ("GET", true), ("Database", false), ("A-B", false), ("", false)]
        {
            assert_eq!(is_variable(text), expect, "{text}");
        }
    }
}
