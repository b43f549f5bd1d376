//! Container files as people write them, and what of them stays.

use super::*;
use depslim_formats::dockerfile;

fn check(text: &str) -> Own {
    let file = dockerfile::read(text);
    let is_language = |image: &str| image.starts_with("fig:");
    let installs = |words: &[String]| words.starts_with(&["fig".to_owned(), "install".to_owned()]);
    let classify = Classify {
        is_language: &is_language,
        installs: &installs,
        bootstraps: &["get-fig"],
        environments: &["/figs"],
        client_variables: &["FIG_"],
        exists: None,
    };
    own(text, &file, file.final_stage().unwrap(), &classify)
}

fn runs(own: &Own) -> Vec<(&str, bool)> {
    own.items
        .iter()
        .filter_map(
            |i| if let Item::Run { command, system, .. } = i { Some((command.as_str(), *system)) } else { None },
        )
        .collect()
}

#[test]
fn steps_that_are_done_otherwise_go_and_the_others_stay_in_order() {
    let own = check(
        "FROM fig:3\nRUN set -eux; apt-get update && apt-get install -y gcc tidy=5:1 libx-dev && fig install && chmod +x /run.sh; prepare 'a && b' && rm -rf /var/lib/apt/lists/* /tmp/x\nRUN curl -L https://get-fig.example.invalid | sh\nRUN if [ -n \"$DEV\" ]; then fig install dev; fi\nRUN if a; then b; fi\nRUN cd /srv && export X=1\n",
    );
    assert_eq!(runs(&own), [("set -eux && chmod +x /run.sh && prepare 'a && b'", false), ("if a; then b; fi", false)]);
    assert_eq!(own.system.into_iter().collect::<Vec<_>>(), [("tidy".to_owned(), 2)]);
    assert_eq!(own.replaced, [2, 3, 4]);
}

#[test]
fn folders_and_users_are_told_apart() {
    let own = check(
        "FROM fig:3\nENV HOME_OF=/srv/app\nWORKDIR /srv\nRUN mkdir -p log $HOME_OF/data && useradd -u 77 -m keeper && chown -R keeper log\nUSER keeper\n",
    );
    let folders: Vec<_> = own.items.iter().filter(|i| matches!(i, Item::Folders(_))).collect();
    assert_eq!(folders, [&Item::Folders(vec!["/srv/log".to_owned(), "/srv/app/data".to_owned()])]);
    assert_eq!((own.user.as_deref(), own.ids.get("keeper").map(String::as_str)), (Some("keeper"), Some("77")));
    assert_eq!(runs(&own), []);
}

#[test]
fn copies_out_of_stages_of_the_language_come_from_the_project() {
    let own = check(
        "FROM fig:3 AS base\nCOPY a.conf /etc/a.conf\nFROM base AS build\nWORKDIR /w\nCOPY src ./src\nCOPY list .\nFROM base\nCOPY --from=build /w /srv\nCOPY --from=build /w/figs /figs\n",
    );
    let copies: Vec<(String, &str)> = own
        .items
        .iter()
        .filter_map(
            |i| if let Item::Copy { sources, to, .. } = i { Some((sources.join(" "), to.as_str())) } else { None },
        )
        .collect();
    let expect = [("a.conf", "/etc/a.conf"), ("src", "/srv/src"), ("list", "/srv")];
    assert_eq!(copies.iter().map(|(s, t)| (s.as_str(), t.trim_end_matches('/'))).collect::<Vec<_>>(), expect);
}

#[test]
fn secrets_are_told_by_name_or_address() {
    for (name, value, secret) in [
        ("DJANGO_SECRET_KEY", "x", true),
        ("DB_PASSWORD", "x", true),
        ("API_TOKEN", "", false),
        ("PASSWORD_FILE", "/run/secrets/p", false),
        ("TOKENIZERS_PARALLELISM", "false", false),
        ("DATABASE_URL", "db://u:p@h/x", true),
        ("DATABASE_URL", "db://u:$PW@h/x", false),
        ("MODE", "secret", false),
    ] {
        assert_eq!(is_secret(name, value), secret, "{name}={value}");
    }
}

#[test]
fn stages_that_copy_in_circles_end() {
    let text = (0..40)
        .map(|n| {
            format!(
                "FROM fig:3 AS s{n}\nCOPY . /x\nCOPY --from=s{} /x /x\nCOPY --from=s{} /x /x\n",
                (n + 39) % 40,
                n / 2
            )
        })
        .collect::<Vec<String>>()
        .concat();
    assert!(check(&text).items.len() < 20_000);
}
