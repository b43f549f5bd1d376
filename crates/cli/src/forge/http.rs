//! Calls to an API: pages, retries with growing pauses, rate limits. The token goes to one host only and into no message.

use depslim_report::escape;
use serde_json::Value;
use std::fmt;
use std::time::{Duration, SystemTime};
use ureq::http::{Response, StatusCode};
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig};
use ureq::{Agent, Body};

/// How often a call is tried.
const TRIES: u32 = 4;
/// The pause after the first failure; it doubles with every further one.
const PAUSE: Duration = Duration::from_millis(500);
/// A forge that asks for a longer pause is not waited for.
const PATIENCE: Duration = Duration::from_secs(90);
/// One call, with everything.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Most bytes of an answer.
const LARGEST: u64 = 32 * 1024 * 1024;
/// Most pages of a list.
const PAGES: usize = 200;

/// Why a call has no result. Each is one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failed {
    /// The token may not do that, or there is no such thing to be seen with it: 401, 403, 404.
    Refused(String),
    /// The forge understood and said no: 422 and the like.
    Rejected(String),
    /// The forge can't be reached, or is out of order.
    Down(String),
    /// Too many calls.
    Limited(String),
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Refused(text) | Self::Rejected(text) | Self::Down(text) | Self::Limited(text)) = self;
        f.write_str(text)
    }
}

/// A connection to one API.
pub(super) struct Client {
    agent: Agent,
    base: String,
    headers: Vec<(&'static str, String)>,
    secret: String,
}

/// An answer: what it says, and where the next page is.
#[derive(Debug)]
struct Answer {
    body: Value,
    next: Option<String>,
}

impl Client {
    /// A client for the API at `base`. `headers` go with every call; `secret` is what must not be printed.
    ///
    /// # Errors
    /// When the address is no place to send a token to, or the certificates at `authorities` can't be read.
    pub(super) fn new(
        base: &str,
        headers: Vec<(&'static str, String)>,
        secret: &str,
        authorities: Option<&str>,
    ) -> Result<Self, String> {
        let base = base.trim_end_matches('/').to_owned();
        if !is_safe(&base) {
            return Err(format!("{}: the token is sent over https only", escape::terminal(&base)));
        }
        let mut tls = TlsConfig::builder();
        if let Some(file) = authorities.filter(|file| !file.is_empty()) {
            tls = tls.root_certs(RootCerts::from(certificates(file)?));
        }
        let config = Agent::config_builder()
            .timeout_global(Some(TIMEOUT))
            .http_status_as_error(false)
            // A renamed repository answers with a redirect; the token stays with the host.
            .redirect_auth_headers(ureq::config::RedirectAuthHeaders::SameHost)
            .max_redirects_will_error(false)
            .user_agent(concat!("depslim/", env!("CARGO_PKG_VERSION")))
            .tls_config(tls.build())
            .build();
        Ok(Self { agent: config.into(), base, headers, secret: secret.to_owned() })
    }

    /// Asks for one thing.
    pub(super) fn get(&self, path: &str) -> Result<Value, Failed> {
        let url = format!("{}{path}", self.base);
        self.patiently("GET", path, || self.send("GET", &url, None)).map(|answer| answer.body)
    }

    /// Asks for all pages of a list.
    pub(super) fn list(&self, path: &str) -> Result<Vec<Value>, Failed> {
        let mut all = Vec::new();
        let mut next = Some(format!("{}{path}", self.base));
        for _ in 0..PAGES {
            let Some(url) = next else { break };
            let answer = self.patiently("GET", path, || self.send("GET", &url, None))?;
            let Value::Array(items) = answer.body else {
                return Err(Failed::Down(format!("GET {path}: the answer is no list")));
            };
            all.extend(items);
            // Pages lie where the list lies.
            next = answer.next.filter(|next| next.strip_prefix(&self.base).is_some_and(|rest| rest.starts_with('/')));
        }
        Ok(all)
    }

    /// Asks the GraphQL side of GitHub's API, which lies beside the REST one: `/graphql`, or `/api/graphql` beside `/api/v3`.
    pub(super) fn query(&self, query: &str) -> Result<Value, Failed> {
        let url = format!("{}/graphql", self.base.strip_suffix("/v3").unwrap_or(&self.base));
        let body = serde_json::json!({ "query": query });
        self.patiently("POST", "/graphql", || self.send("POST", &url, Some(&body))).map(|answer| answer.body)
    }

    /// Changes something that is there: doing so twice is doing so once.
    pub(super) fn change(&self, method: &str, path: &str, body: &Value) -> Result<Value, Failed> {
        let url = format!("{}{path}", self.base);
        self.patiently(method, path, || self.send(method, &url, Some(body))).map(|answer| answer.body)
    }

    /// Makes something new. After a failure that may have come too late, `is_there` tells whether it was made all the same.
    pub(super) fn create(
        &self,
        path: &str,
        body: &Value,
        is_there: impl Fn() -> Result<bool, Failed>,
    ) -> Result<(), Failed> {
        let url = format!("{}{path}", self.base);
        let again = std::cell::Cell::new(false);
        self.patiently("POST", path, || {
            if again.replace(true) && is_there().is_ok_and(|there| there) {
                return Ok(Ok(Answer { body: Value::Null, next: None }));
            }
            self.send("POST", &url, Some(body))
        })
        .map(|_| ())
    }

    /// Tries until it works, it is clear that it won't, or patience ends.
    fn patiently(
        &self,
        method: &str,
        path: &str,
        call: impl Fn() -> Result<Result<Answer, Pause>, String>,
    ) -> Result<Answer, Failed> {
        let path = path.split('?').next().unwrap_or(path);
        let named = |text: &str| self.clean(&format!("{method} {path}: {text}"));
        let mut pause = PAUSE;
        for rest in (0..TRIES).rev() {
            let wait = match call() {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(Pause::Never(status, text))) => {
                    let text = named(&text);
                    let refused = matches!(status.as_u16(), 401 | 403 | 404);
                    return Err(if refused { Failed::Refused(text) } else { Failed::Rejected(text) });
                }
                Ok(Err(Pause::AsLongAs(asked, text))) if asked > PATIENCE || rest == 0 => {
                    let text = format!("{text}; it asks to wait {} s", asked.as_secs());
                    return Err(Failed::Limited(named(&text)));
                }
                Ok(Err(Pause::AsLongAs(asked, _))) => asked,
                Ok(Err(Pause::AWhile(text))) | Err(text) if rest == 0 => return Err(Failed::Down(named(&text))),
                Ok(Err(Pause::AWhile(_))) | Err(_) => pause,
            };
            std::thread::sleep(wait);
            pause *= 2;
        }
        Err(Failed::Down(named("no answer")))
    }

    fn send(&self, method: &str, url: &str, body: Option<&Value>) -> Result<Result<Answer, Pause>, String> {
        let mut request = ureq::http::Request::builder().method(method).uri(url);
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let text = body.map(ToString::to_string);
        let answer = match text {
            Some(text) => {
                let request = request.header("Content-Type", "application/json").body(text);
                self.agent.run(request.map_err(|error| error.to_string())?)
            }
            None => self.agent.run(request.body(()).map_err(|error| error.to_string())?),
        };
        let mut answer = answer.map_err(|error| error.to_string())?;
        let read = answer.body_mut().with_config().limit(LARGEST).read_to_vec();
        let bytes = read.map_err(|error| error.to_string())?;
        let body: Value = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        if answer.status().is_success() {
            return Ok(Ok(Answer { body, next: next(&answer) }));
        }
        Ok(Err(pause(&answer, &body)))
    }

    /// A message that may be printed: no token, no commands, one line, not too long.
    fn clean(&self, text: &str) -> String {
        let text = if self.secret.is_empty() { text.to_owned() } else { text.replace(&self.secret, "…") };
        let text: String = escape::terminal(&text).chars().take(300).collect();
        text
    }
}

/// What to do after an answer that is no success.
#[derive(Debug)]
enum Pause {
    /// It would be the same again.
    Never(StatusCode, String),
    /// Wait until the limit ends.
    AsLongAs(Duration, String),
    /// Something is out of order.
    AWhile(String),
}

fn pause(answer: &Response<Body>, body: &Value) -> Pause {
    let status = answer.status();
    let said = match &body["message"] {
        Value::String(text) => text.clone(),
        Value::Null => body["error"].as_str().unwrap_or_default().to_owned(),
        other => other.to_string(),
    };
    let text = if said.is_empty() { status.to_string() } else { format!("{} {said}", status.as_u16()) };
    let header = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let after = header("retry-after").and_then(|seconds| seconds.parse().ok()).map(Duration::from_secs);
    let spent = header("x-ratelimit-remaining") == Some("0");
    match status.as_u16() {
        429 => Pause::AsLongAs(after.or_else(|| reset(header("x-ratelimit-reset"))).unwrap_or(PAUSE * 4), text),
        403 if after.is_some() || spent => {
            Pause::AsLongAs(after.or_else(|| reset(header("x-ratelimit-reset"))).unwrap_or(PATIENCE * 2), text)
        }
        503 if after.is_some() => Pause::AsLongAs(after.unwrap_or(PAUSE), text),
        500.. => Pause::AWhile(text),
        _ => Pause::Never(status, text),
    }
}

/// The time until a moment that is given in seconds since 1970.
fn reset(moment: Option<&str>) -> Option<Duration> {
    let moment = SystemTime::UNIX_EPOCH + Duration::from_secs(moment?.parse().ok()?);
    Some(moment.duration_since(SystemTime::now()).unwrap_or_default() + Duration::from_secs(1))
}

/// The next page of a list (RFC 8288).
fn next(answer: &Response<Body>) -> Option<String> {
    let links = answer.headers().get("link")?.to_str().ok()?;
    links.split(',').find_map(|link| {
        let (url, about) = link.trim().strip_prefix('<')?.split_once('>')?;
        about.split(';').any(|part| part.trim() == "rel=\"next\"").then(|| url.to_owned())
    })
}

/// Encrypted, or not leaving this machine.
fn is_safe(base: &str) -> bool {
    let loopback = |rest: &str| {
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
        matches!(host, "127.0.0.1" | "localhost" | "[::1]")
    };
    base.starts_with("https://") || base.strip_prefix("http://").is_some_and(loopback)
}

/// The certificates of a PEM file: those of an own authority.
fn certificates(file: &str) -> Result<Vec<Certificate<'static>>, String> {
    let bytes = fs_err::read(file).map_err(|error| error.to_string())?;
    let items = ureq::tls::parse_pem(&bytes).filter_map(|item| match item {
        Ok(PemItem::Certificate(certificate)) => Some(certificate),
        _ => None,
    });
    let all: Vec<_> = items.collect();
    if all.is_empty() { Err(format!("{file}: holds no certificate")) } else { Ok(all) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_goes_over_https_or_stays_here() {
        for (base, expect) in [
            ("https://forge.example.invalid/api/v3", true),
            ("http://127.0.0.1:8080", true),
            ("http://localhost", true),
            ("http://[::1]:80/x", true),
            ("http://forge.example.invalid", false),
            ("http://localhost.example.invalid", false),
            ("http://127.0.0.1@example.invalid", false),
            ("ftp://example.invalid", false),
        ] {
            assert_eq!(is_safe(base), expect, "{base}");
        }
    }

    #[test]
    fn messages_hold_no_token() {
        let client = Client::new("https://example.invalid", Vec::new(), "hunter2", None).unwrap();
        assert_eq!(client.clean("bad hunter2\n::error::x"), "bad …\\n::error::x");
        assert_eq!(client.clean(&"x".repeat(999)).len(), 300);
    }
}
