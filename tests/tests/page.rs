//! The HTML report in a real browser: a click into the treemap, a search, keys, a phone, five thousand packages. Nothing complains,
//! nothing leaves the page.

use depslim_tests::browser::Browser;
use depslim_tests::git::put;
use depslim_tests::venv::install_with;
use depslim_tests::{depslim, project, stderr, stdout};
use serde_json::Value;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A project with packages installed: name, bytes, what it requires. The first `direct` of them are declared and used.
fn shop(packages: &[(String, usize, Vec<String>)], direct: usize) -> TempDir {
    let declared: String = packages[..direct].iter().flat_map(|(name, ..)| [name, "==1.0\n"]).collect();
    let used: String = packages[..direct].iter().flat_map(|(name, ..)| ["import ", name, "\n"]).collect();
    let folder = project(&[("requirements.txt", &declared), ("app.py", &used)]);
    for (name, bytes, requires) in packages {
        install_with(folder.path(), name, "1.0", *bytes, requires);
    }
    folder
}

fn page(folder: &Path) -> PathBuf {
    let output = depslim(folder, &["-q", "--exit-zero", "-o", "report.html"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    folder.join("report.html")
}

/// A shop of birds: each declared one brings a flock. Nothing uses the dodo, and only tests use the magpie.
fn birds() -> TempDir {
    let flocks = [
        ("heron", 4_000_000, &["reed", "pond", "frog"][..]),
        ("owl", 2_500_000, &["mouse", "barn"]),
        ("stork", 1_600_000, &["chimney", "meadow"]),
        ("wren", 900_000, &["hedge"]),
        ("swift", 300_000, &[]),
        ("dodo", 1_200_000, &["island"]),
        ("magpie", 700_000, &["ring"]),
    ];
    let mut packages: Vec<(String, usize, Vec<String>)> = flocks
        .iter()
        .map(|(name, bytes, with)| ((*name).to_owned(), *bytes, with.iter().map(|w| (*w).to_owned()).collect()))
        .collect();
    for (_, bytes, with) in flocks {
        let share = |at: usize| bytes / (at + 2);
        packages.extend(with.iter().enumerate().map(|(at, w)| ((*w).to_owned(), share(at), Vec::new())));
    }
    let folder = shop(&packages, flocks.len());
    put(folder.path(), "app.py", "import heron\nimport owl\nimport stork\nimport swift\nimport wren\n");
    put(folder.path(), "tests/test_app.py", "import magpie\n");
    folder
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Only the page itself was asked for, and nothing was complained about.
fn is_quiet(browser: &Browser, page: &Path) {
    let asked = browser.requests();
    let own = format!("file://{}", page.display());
    assert!(asked.contains(&own), "the log of requests is empty: {asked:?}");
    assert!(asked.iter().all(|url| *url == own || url.starts_with("data:")), "{asked:?}");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

const CRUMBS: &str = "return document.getElementById('crumbs').textContent";
const DETAIL: &str = "return document.getElementById('detail').textContent";

#[test]
#[ignore = "installs real packages"]
fn a_click_a_search_and_keys_lead_through_the_page() {
    let folder = birds();
    let file = page(folder.path());
    let browser = Browser::start();
    browser.dress(1200, 900, false);
    browser.open(&file);
    // A click into a group goes into it, and shows the package that was clicked on.
    browser.script("[...document.querySelectorAll('.leaf')].find(b => b.title.startsWith('frog ')).id = 'frog'");
    browser.click("#frog");
    let (crumbs, detail) = (text(&browser.script(CRUMBS)), text(&browser.script(DETAIL)));
    assert!(crumbs.contains("everything") && crumbs.contains("heron"), "{crumbs}");
    assert!(
        detail.starts_with("frog 1.0") && detail.contains("heron") && detail.contains("depslim why frog"),
        "{detail}"
    );
    // What a group is said to hold is what leaves with it.
    let report: Value =
        serde_json::from_str(&stdout(&depslim(folder.path(), &["--exit-zero", "--output-format", "json"]))).unwrap();
    let rows = report["projects"][0]["packages"].as_array().unwrap();
    let heron = rows.iter().find(|row| row["name"] == "heron").unwrap()["exclusive_bytes"].as_f64().unwrap();
    assert!(crumbs.contains(&format!("heron {:.1} MB", heron / 1e6)), "{crumbs}: {heron}");
    // Escape leaves it again; arrows move; Enter goes in; a click on the way leads back.
    browser.script("document.getElementById('map').focus()");
    browser.press("\u{e00c}");
    assert!(!text(&browser.script(CRUMBS)).contains("heron"));
    browser.press("\u{e014}");
    assert_ne!(text(&browser.script(DETAIL)), detail, "an arrow moves on");
    browser.press("\u{e007}");
    assert!(text(&browser.script(CRUMBS)).contains(" › "), "Enter goes into a group");
    browser.click("#crumbs button");
    assert!(!text(&browser.script(CRUMBS)).contains(" › "));
    // A search finds by part of a name, in the table and on the map.
    browser.script("document.activeElement.blur()");
    browser.press("/himne");
    let rows = "return [...document.querySelectorAll('#packages tbody tr .name')].map(c => c.textContent)";
    assert_eq!(browser.script(rows), serde_json::json!(["chimney"]));
    let bright = "return [...document.querySelectorAll('.leaf:not(.dim) b')].map(b => b.textContent)";
    assert_eq!(browser.script(bright), serde_json::json!(["chimney"]));
    // Enter chooses it without a mouse; a click on its row does the same.
    browser.press("\u{e007}");
    let detail = text(&browser.script(DETAIL));
    assert!(detail.starts_with("chimney 1.0") && detail.contains("stork"), "{detail}");
    browser.script("document.getElementById('detail').replaceChildren()");
    browser.click("#packages tbody tr");
    assert_eq!(text(&browser.script(DETAIL)), detail);
    // Escape takes the search back.
    browser.script("document.getElementById('search').focus()");
    browser.press("\u{e00c}");
    assert_eq!(browser.script("return document.querySelectorAll('.leaf.dim').length"), 0);
    is_quiet(&browser, &file);
}

#[test]
#[ignore = "installs real packages"]
fn a_phone_and_the_dark_show_everything() {
    let folder = birds();
    let file = page(folder.path());
    let browser = Browser::start();
    for (width, height, dark) in [(390, 844, false), (390, 844, true), (1200, 900, true)] {
        browser.dress(width, height, dark);
        browser.open(&file);
        let overflow = browser.script("return document.documentElement.scrollWidth - innerWidth");
        assert!(overflow.as_i64().is_some_and(|pixels| pixels <= 0), "{width}: the page is {overflow} px too wide");
        let map = browser
            .script("const r = document.getElementById('map').getBoundingClientRect(); return [r.width, r.height]");
        assert!(map[0].as_f64().is_some_and(|w| w > 300.0) && map[1].as_f64().is_some_and(|h| h > 200.0), "{map}");
        let back = text(&browser.script("return getComputedStyle(document.body).backgroundColor"));
        let light: u32 = back.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse::<u32>().ok()).take(3).sum();
        assert_eq!(light < 380, dark, "{back}");
        is_quiet(&browser, &file);
    }
}

#[test]
#[ignore = "installs real packages"]
fn pictures_show_what_the_documentation_speaks_of() {
    let folder = birds();
    let file = page(folder.path());
    let browser = Browser::start();
    // `cargo xtask pictures` names the folder of the documentation; else they are only looked at here.
    let into = std::env::var_os("DEPSLIM_PICTURES").map_or_else(|| folder.path().to_owned(), PathBuf::from);
    for (name, width, height, dark) in
        [("report.png", 1200, 960, false), ("report-dark.png", 1200, 960, true), ("report-phone.png", 390, 844, true)]
    {
        browser.dress(width, height, dark);
        browser.open(&file);
        browser.script("[...document.querySelectorAll('.leaf')].find(b => b.title.startsWith('heron ')).click()");
        browser.script("[...document.querySelectorAll('#crumbs button')][0].click()");
        // The zoom takes a quarter of a second.
        std::thread::sleep(std::time::Duration::from_millis(600));
        let picture = browser.picture();
        // The first chunk of a PNG tells its size (https://www.w3.org/TR/png-3/#11IHDR).
        let size = |at: usize| u32::from_be_bytes(picture[at..at + 4].try_into().unwrap());
        assert_eq!((&picture[1..4], size(16), size(20)), (&b"PNG"[..], width, height), "{name}");
        fs_err::write(into.join(name), picture).unwrap();
    }
    is_quiet(&browser, &file);
}

#[test]
#[ignore = "installs real packages"]
fn five_thousand_packages_are_no_burden() {
    let packages: Vec<(String, usize, Vec<String>)> = (0..5000_usize)
        .map(|n| {
            let requires = (1..=10).map(|k| n * 10 + k).filter(|k| *k < 5000).map(|k| format!("bird{k}")).collect();
            (format!("bird{n}"), 1000 + n * 7 % 5000, requires)
        })
        .collect();
    let folder = shop(&packages, 20);
    let file = page(folder.path());
    let browser = Browser::start();
    browser.dress(1200, 900, false);
    browser.open(&file);
    let leaves = browser.script("return document.querySelectorAll('.leaf').length");
    assert_eq!(leaves, 5000);
    // From the first byte to the drawn map: bounded on a machine that does other things too.
    let took = browser.script("return performance.getEntriesByType('navigation')[0].loadEventEnd");
    assert!(took.as_f64().is_some_and(|ms| ms > 0.0 && ms < 8000.0), "the page took {took} ms to draw");
    // From the first key to the last row: a second, on a machine that does other things too.
    let took = browser.script(
        "const i = document.getElementById('search'), t = performance.now(); i.value = 'bird4321'; \
         i.dispatchEvent(new Event('input')); document.body.offsetHeight; return performance.now() - t",
    );
    assert!(took.as_f64().is_some_and(|ms| ms < 3000.0), "a search took {took} ms");
    let rows =
        browser.script("return [...document.querySelectorAll('#packages tbody tr .name')].map(c => c.textContent)");
    assert_eq!(rows, serde_json::json!(["bird4321"]));
    browser.click("#packages tbody tr");
    assert!(text(&browser.script(DETAIL)).starts_with("bird4321 1.0"));
    is_quiet(&browser, &file);
}
