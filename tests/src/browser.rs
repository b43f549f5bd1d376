//! A headless Chromium, driven over the `WebDriver` protocol (<https://www.w3.org/TR/webdriver2/>): it really lays out, clicks and types.

use crate::system;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// Keeps the browser from speaking to anybody of its own accord.
const FLAGS: &[&str] = &[
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
];

/// A browser with one page.
#[derive(Debug)]
pub struct Browser {
    driver: Child,
    session: String,
    agent: ureq::Agent,
    profile: TempDir,
}

impl Browser {
    /// Starts one; installs Debian's when there is none.
    ///
    /// # Panics
    /// When it can't be started.
    pub fn start() -> Self {
        system::programs(&[("chromium", "chromium"), ("chromedriver", "chromium-driver")]);
        let profile = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
        let mut driver = Command::new("chromedriver")
            .args(["--port=0", "--allowed-ips=127.0.0.1"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|e| panic!("chromedriver can't be started: {e}"));
        let out = driver.stdout.take().unwrap_or_else(|| panic!("chromedriver has no output"));
        let mut lines = BufReader::new(out).lines().map_while(Result::ok);
        let port = |line: String| Some(line.rsplit_once(" successfully on port ")?.1.trim_end_matches('.').to_owned());
        let port = lines.find_map(port).unwrap_or_else(|| panic!("chromedriver said no port"));
        // What it says later has to go somewhere: a closed pipe would end it.
        std::thread::spawn(move || lines.for_each(drop));
        let config = ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build();
        let mut browser =
            Self { driver, session: format!("http://127.0.0.1:{port}/session"), agent: config.into(), profile };
        let mut flags: Vec<String> = FLAGS.iter().map(|flag| (*flag).to_owned()).collect();
        flags.push(format!("--user-data-dir={}", browser.profile.path().display()));
        let options = json!({ "args": flags, "perfLoggingPrefs": { "enableNetwork": true } });
        let wanted =
            json!({ "goog:chromeOptions": options, "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" } });
        let made = browser.post("", &json!({ "capabilities": { "alwaysMatch": wanted } }));
        let id = made["sessionId"].as_str().unwrap_or_else(|| panic!("no session: {made}"));
        browser.session = format!("{}/{id}", browser.session);
        browser
    }

    /// Opens a file.
    pub fn open(&self, file: &Path) {
        self.post("/url", &json!({ "url": format!("file://{}", file.display()) }));
    }

    /// Gives the page a size, with or without the dark scheme, as a phone or as a screen.
    pub fn dress(&self, width: u32, height: u32, dark: bool) {
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500 });
        self.devtools("Emulation.setDeviceMetricsOverride", &metrics);
        let scheme = if dark { "dark" } else { "light" };
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.devtools("Emulation.setEmulatedMedia", &features);
    }

    /// Runs a script in the page; gives what it returns.
    pub fn script(&self, script: &str) -> Value {
        self.post("/execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// Clicks in the middle of what a selector finds, as a mouse does.
    ///
    /// # Panics
    /// When there is no such element.
    pub fn click(&self, selector: &str) {
        let element = self.find(selector);
        let origin = json!({ "element-6066-11e4-a52e-4f735466cecf": element });
        let steps = json!([
            { "type": "pointerMove", "duration": 0, "origin": origin, "x": 0, "y": 0 },
            { "type": "pointerDown", "button": 0 },
            { "type": "pointerUp", "button": 0 },
        ]);
        self.post("/actions", &json!({ "actions": [{ "type": "pointer", "id": "mouse", "actions": steps }] }));
    }

    /// Presses keys, each a character; those of `WebDriver`'s table for what has none (`\u{e00c}` is Escape).
    pub fn press(&self, keys: &str) {
        let steps: Vec<Value> = keys
            .chars()
            .flat_map(|key| [json!({ "type": "keyDown", "value": key }), json!({ "type": "keyUp", "value": key })])
            .collect();
        self.post("/actions", &json!({ "actions": [{ "type": "key", "id": "keys", "actions": steps }] }));
    }

    /// The picture of what is seen, as a PNG.
    ///
    /// # Panics
    /// When there is none.
    pub fn picture(&self) -> Vec<u8> {
        let shot = self.get("/screenshot");
        decode(shot.as_str().unwrap_or_else(|| panic!("no picture: {shot}")))
    }

    /// What the page wrote into its console: warnings and errors.
    pub fn complaints(&self) -> Vec<String> {
        let entries = self.post("/se/log", &json!({ "type": "browser" }));
        let entries = entries.as_array().cloned().unwrap_or_default();
        entries.iter().filter(|e| e["level"] != "INFO").map(|e| e["message"].to_string()).collect()
    }

    /// Every address that pages asked for since the last question, the browser's own start page left out.
    pub fn requests(&self) -> Vec<String> {
        let entries = self.post("/se/log", &json!({ "type": "performance" }));
        let entries = entries.as_array().cloned().unwrap_or_default();
        let sent = entries.iter().filter_map(|entry| {
            let message: Value = serde_json::from_str(entry["message"].as_str()?).ok()?;
            let (method, about) = (message["message"]["method"].clone(), &message["message"]["params"]);
            let by_a_page = !about["documentURL"].as_str().is_some_and(|page| page.starts_with("chrome://"));
            let sent = by_a_page && method == "Network.requestWillBeSent";
            sent.then(|| about["request"]["url"].as_str().map(str::to_owned))?
        });
        sent.collect()
    }

    fn find(&self, selector: &str) -> String {
        let found = self.post("/element", &json!({ "using": "css selector", "value": selector }));
        let element = found["element-6066-11e4-a52e-4f735466cecf"].as_str();
        element.unwrap_or_else(|| panic!("{selector}: {found}")).to_owned()
    }

    fn devtools(&self, command: &str, parameters: &Value) {
        self.post("/goog/cdp/execute", &json!({ "cmd": command, "params": parameters }));
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        let answer = self.agent.post(format!("{}{path}", self.session)).send_json(body);
        value(path, answer)
    }

    fn get(&self, path: &str) -> Value {
        value(path, self.agent.get(format!("{}{path}", self.session)).call())
    }
}

fn value(path: &str, answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Value {
    let mut answer = answer.unwrap_or_else(|e| panic!("{path}: {e}"));
    let text = answer.body_mut().with_config().limit(64 * 1024 * 1024).read_to_string();
    let text = text.unwrap_or_else(|e| panic!("{path}: {e}"));
    let body: Value = serde_json::from_str(&text).unwrap_or_default();
    assert!(answer.status().is_success(), "{path}: {}", body["value"]["message"]);
    body["value"].clone()
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The driver takes its browser with it; one that is gone already needs no end.
        let _ = self.agent.delete(&self.session).call();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// Base 64 (RFC 4648).
fn decode(text: &str) -> Vec<u8> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bits: (u32, u32) = (0, 0);
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    for byte in text.bytes() {
        let Some(value) = LETTERS.iter().position(|letter| *letter == byte) else { continue };
        bits = (bits.0 << 6 | u32::try_from(value).unwrap_or(0), bits.1 + 6);
        if bits.1 >= 8 {
            bits.1 -= 8;
            out.push((bits.0 >> bits.1 & 0xff) as u8);
        }
    }
    out
}
