//! `depslim comment` against a server that speaks the API of a forge: a report that the real binary made of a real repository, and
//! everything that may go wrong between the two.

#![expect(clippy::unwrap_used, reason = "a test that cannot set its stage up has to fail")]

use depslim_tests::api::{Answer, Asked, Server};
use depslim_tests::git::{commit, git, head, init, put};
use depslim_tests::venv::install;
use depslim_tests::{command, depslim, project, run, stderr, stdout};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Output;
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

const TOKEN: &str = "hunter2-token";
const ME: &str = "github-actions[bot]";

/// A repository whose branch adds a package to production that nothing uses, and the report on it.
fn story() -> TempDir {
    let folder = project(&[
        ("api/requirements.txt", "tqdm==4.67.1\n"),
        ("api/main.py", "import tqdm\n"),
        (".gitignore", "depslim.json\n.venv/\n"),
    ]);
    install(&folder.path().join("api"), "tqdm", "4.67.1", 400_000);
    install(&folder.path().join("api"), "idle", "2.0", 2_000_000);
    init(folder.path());
    commit(folder.path(), "first");
    run(git(folder.path()).args(["checkout", "--quiet", "-b", "topic"]));
    put(folder.path(), "api/requirements.txt", "tqdm==4.67.1\nidle==2.0\n");
    commit(folder.path(), "an idle one");
    report(folder.path());
    folder
}

/// Makes the report on a repository's folder `api` against its main branch.
fn report(folder: &Path) {
    let output = depslim(&folder.join("api"), &["--base", "main", "-q", "-o", "../depslim.json"]);
    assert!(matches!(output.status.code(), Some(0 | 1)), "{}", stderr(&output));
}

/// What a forge knows of the pull request.
#[derive(Debug, Clone)]
struct Forge {
    head: String,
    comments: Vec<Value>,
    line_comments: Vec<Value>,
    patch: String,
    page: usize,
    next: u64,
}

impl Forge {
    fn new(folder: &Path) -> Self {
        Self {
            head: head(folder),
            comments: Vec::new(),
            line_comments: Vec::new(),
            patch: "@@ -1 +1,2 @@\n tqdm==4.67.1\n+idle==2.0".into(),
            page: 100,
            next: 1000,
        }
    }

    /// With a comment that somebody wrote before.
    fn with(mut self, author: &str, body: &str) -> Self {
        self.next += 1;
        self.comments.push(json!({ "id": self.next, "user": { "login": author }, "body": body }));
        self
    }

    fn answer(&mut self, asked: &Asked) -> Answer {
        let path = asked.path.split('?').next().unwrap().to_owned();
        match (asked.method.as_str(), path.as_str()) {
            ("GET", "/user") => Answer::json(403, &json!({ "message": "Resource not accessible by integration" })),
            ("GET", "/repos/robin/shop/pulls/7") => Answer::json(
                200,
                &json!({ "head": { "sha": self.head }, "merge_commit_sha": "m", "base": { "ref": "main" } }),
            ),
            ("GET", "/repos/robin/shop/issues/7/comments") => self.pages(asked, &self.comments),
            ("GET", "/repos/robin/shop/pulls/7/comments") => self.pages(asked, &self.line_comments),
            ("GET", "/repos/robin/shop/pulls/7/files") => {
                Answer::json(200, &json!([{ "filename": "api/requirements.txt", "patch": self.patch }]))
            }
            ("POST", "/repos/robin/shop/issues/7/comments") => {
                self.next += 1;
                let comment = json!({ "id": self.next, "user": { "login": ME }, "body": asked.json()["body"] });
                self.comments.push(comment.clone());
                Answer::json(201, &comment)
            }
            ("POST", "/repos/robin/shop/pulls/7/reviews") => {
                for comment in asked.json()["comments"].as_array().unwrap() {
                    self.next += 1;
                    self.line_comments
                        .push(json!({ "id": self.next, "user": { "login": ME }, "body": comment["body"] }));
                }
                Answer::json(200, &json!({ "id": 1 }))
            }
            ("PATCH", path) => {
                let id: u64 = path.strip_prefix("/repos/robin/shop/issues/comments/").unwrap().parse().unwrap();
                let comment = self.comments.iter_mut().find(|comment| comment["id"] == id).unwrap();
                comment["body"] = asked.json()["body"].clone();
                Answer::json(200, &comment.clone())
            }
            _ => Answer::json(404, &json!({ "message": "Not Found" })),
        }
    }

    fn pages(&self, asked: &Asked, all: &[Value]) -> Answer {
        let page = asked.path.split_once("page=").filter(|_| asked.path.contains("&page="));
        let page: usize = page.and_then(|_| asked.path.rsplit_once("page=")?.1.parse().ok()).unwrap_or(1);
        let items: Vec<&Value> = all.iter().skip((page - 1) * self.page).take(self.page).collect();
        let answer = Answer::json(200, &json!(items));
        if page * self.page >= all.len() {
            return answer;
        }
        let host = asked.header("host").unwrap();
        let path = asked.path.split("&page=").next().unwrap();
        answer.with(
            "Link",
            &format!("<http://{host}{path}&page={}>; rel=\"next\", <http://{host}/x>; rel=\"last\"", page + 1),
        )
    }
}

/// A server over a forge; `first` answers before it, when it has something to say.
fn serve(forge: &Arc<Mutex<Forge>>, first: impl Fn(&Asked) -> Option<Answer> + Send + 'static) -> Server {
    let forge = Arc::clone(forge);
    Server::new(move |asked| first(asked).unwrap_or_else(|| forge.lock().unwrap().answer(asked)))
}

/// Runs `depslim comment` as a workflow of the pull request would.
fn speak(folder: &Path, server: &Server, more: &[&str]) -> Output {
    let event = folder.join(".git/event.json");
    fs_err::write(&event, json!({ "pull_request": { "number": 7 } }).to_string()).unwrap();
    let output = command(folder, &[&["comment", "depslim.json"], more].concat())
        .env("GITHUB_REPOSITORY", "robin/shop")
        .env("GITHUB_API_URL", &server.url)
        .env("GITHUB_TOKEN", TOKEN)
        .env("GITHUB_EVENT_PATH", &event)
        .env("NO_PROXY", "*")
        .output()
        .unwrap();
    let all = stdout(&output) + &stderr(&output);
    assert!(!all.contains(TOKEN), "the token was printed: {all}");
    for asked in server.asked() {
        assert_eq!(asked.header("authorization"), Some(&*format!("Bearer {TOKEN}")));
        assert!(!asked.path.contains(TOKEN) && !asked.body.contains(TOKEN));
    }
    output
}

fn shared(forge: Forge) -> Arc<Mutex<Forge>> {
    Arc::new(Mutex::new(forge))
}

fn bodies(forge: &Arc<Mutex<Forge>>) -> Vec<String> {
    forge.lock().unwrap().comments.iter().map(|comment| comment["body"].as_str().unwrap().to_owned()).collect()
}

const CREATED: &str = "POST /repos/robin/shop/issues/7/comments";
const REVIEWED: &str = "POST /repos/robin/shop/pulls/7/reviews";

#[test]
fn a_comment_is_made_updated_and_resolved() {
    let folder = story();
    let forge = shared(Forge::new(folder.path()));
    let server = serve(&forge, |_| None);
    let output = speak(folder.path(), &server, &[]);
    assert_eq!((output.status.code(), &*stderr(&output)), (Some(0), "made a comment; suggestions: 1\n"));
    assert_eq!(server.changes(), [CREATED, REVIEWED]);
    let body = &bodies(&forge)[0];
    let mark = format!("<!-- depslim:sticky v=1 key=default head={} -->\n", head(folder.path()));
    assert!(body.starts_with(&mark) && body.contains("`idle`") && body.contains("(suggestion below)"), "{body}");
    let review = &server.asked().last().unwrap().json();
    assert_eq!(review["event"], "COMMENT");
    let place = (&review["comments"][0]["path"], &review["comments"][0]["line"], &review["comments"][0]["side"]);
    assert_eq!(place, (&json!("api/requirements.txt"), &json!(2), &json!("RIGHT")));
    assert!(review["comments"][0]["body"].as_str().unwrap().ends_with("```suggestion\n```\n"), "{review}");

    // The same again is nothing new, and nothing is suggested twice.
    let server = serve(&forge, |_| None);
    assert_eq!(stderr(&speak(folder.path(), &server, &[])), "the comment is up to date\n");
    assert_eq!(server.changes(), Vec::<String>::new());

    // The branch takes it back: the comment says so.
    put(folder.path(), "api/requirements.txt", "tqdm==4.67.1\n");
    commit(folder.path(), "without it");
    report(folder.path());
    forge.lock().unwrap().head = head(folder.path());
    let server = serve(&forge, |_| None);
    assert_eq!(stderr(&speak(folder.path(), &server, &[])), "updated the comment\n");
    assert_eq!(bodies(&forge).len(), 1);
    assert!(bodies(&forge)[0].contains("### depslim: resolved, "), "{}", bodies(&forge)[0]);
    assert!(bodies(&forge)[0].lines().count() <= 3, "{}", bodies(&forge)[0]);
}

#[test]
fn three_suggestions_are_all_that_a_pull_request_gets() {
    let folder = story();
    let names = ["auk", "dodo", "emu", "kiwi", "moa"];
    let (mut list, mut patch) = ("tqdm==4.67.1\n".to_owned(), "@@ -1 +1,6 @@\n tqdm==4.67.1".to_owned());
    for name in names {
        install(&folder.path().join("api"), name, "1.0", 500_000);
        list.extend([name, "==1.0\n"]);
        patch.extend(["\n+", name, "==1.0"]);
    }
    put(folder.path(), "api/requirements.txt", &list);
    commit(folder.path(), "five idle ones");
    report(folder.path());
    let forge = shared(Forge { patch, ..Forge::new(folder.path()) });
    let server = serve(&forge, |_| None);
    assert_eq!(stderr(&speak(folder.path(), &server, &[])), "made a comment; suggestions: 3\n");
    let server = serve(&forge, |_| None);
    assert_eq!(stderr(&speak(folder.path(), &server, &[])), "the comment is up to date\n");
    assert_eq!(forge.lock().unwrap().line_comments.len(), 3, "not three a run, but three a pull request");
    let body = &bodies(&forge)[0];
    assert!(names.iter().all(|name| body.contains(&format!("`{name}`"))), "{body}");
}

#[test]
fn who_has_nothing_to_say_is_silent() {
    let folder = story();
    put(folder.path(), "api/requirements.txt", "tqdm==4.67.1\n");
    commit(folder.path(), "without it");
    report(folder.path());
    let forge = shared(Forge::new(folder.path()).with("wren", "nice work"));
    let server = serve(&forge, |_| None);
    assert_eq!(stderr(&speak(folder.path(), &server, &[])), "no comment: nothing new to say\n");
    assert_eq!(server.changes(), Vec::<String>::new());
    let server = serve(&forge, |_| None);
    speak(folder.path(), &server, &["--config", "comment.mode='always'"]);
    assert_eq!(server.changes(), [CREATED]);
    let server = serve(&forge, |_| None);
    assert_eq!(
        stderr(&speak(folder.path(), &server, &["--config", "comment.mode='never'"])),
        "no comment: comment.mode is \"never\"\n"
    );
    assert_eq!(server.asked(), []);
}

#[test]
fn a_mark_of_somebody_else_is_not_ours_and_ours_may_be_far_back() {
    let folder = story();
    let mark = "<!-- depslim:sticky v=1 key=default head=0 -->\n";
    let mut forge = Forge::new(folder.path()).with("mallory", &format!("{mark}nothing to see here"));
    for number in 0..5 {
        forge = forge.with("wren", &format!("comment {number}"));
    }
    let forge = shared(Forge { page: 2, ..forge.with(ME, &format!("{mark}old news")) });
    let server = serve(&forge, |_| None);
    assert!(stderr(&speak(folder.path(), &server, &[])).starts_with("updated the comment"));
    let bodies = bodies(&forge);
    assert_eq!(bodies.len(), 7);
    assert!(bodies[0].ends_with("nothing to see here") && bodies[6].contains("`idle`"), "{bodies:?}");
    let pages = server.asked().iter().filter(|asked| asked.path.contains("/issues/7/comments?")).count();
    assert_eq!(pages, 4);

    let spoofed = shared(Forge::new(folder.path()).with("mallory", &format!("{mark}nothing to see here")));
    let server = serve(&spoofed, |_| None);
    assert!(stderr(&speak(folder.path(), &server, &[])).starts_with("made a comment"));
}

/// The token of an app is no user's, and its comments are the app's: found again without being told who that is.
#[test]
fn an_app_finds_its_own_comment() {
    let folder = story();
    let mark = "<!-- depslim:sticky v=1 key=default head=0 -->\n";
    for (login, expect) in [("slim-app[bot]", "updated the comment"), ("other[bot]", "made a comment")] {
        let forge = shared(Forge::new(folder.path()).with("slim-app[bot]", &format!("{mark}old news")));
        let server = serve(&forge, move |asked| {
            (asked.path == "/graphql").then(|| {
                assert_eq!(asked.json()["query"], "{ viewer { login } }");
                Answer::json(200, &json!({ "data": { "viewer": { "login": login } } }))
            })
        });
        let said = stderr(&speak(folder.path(), &server, &[]));
        assert!(said.starts_with(expect), "{login}: {said}");
    }
    // Where the flag says it, nobody is asked.
    let forge = shared(Forge::new(folder.path()).with("slim-app[bot]", &format!("{mark}old news")));
    let server = serve(&forge, |_| None);
    assert!(stderr(&speak(folder.path(), &server, &["--author", "slim-app[bot]"])).starts_with("updated the comment"));
    assert!(server.asked().iter().all(|asked| asked.path != "/user" && asked.path != "/graphql"));
}

#[test]
fn pages_elsewhere_are_not_asked_for() {
    let folder = story();
    let forge = shared(Forge::new(folder.path()));
    let elsewhere = Server::new(|_| Answer::json(200, &json!([])));
    let link = format!("<{}/repos/x?page=2>; rel=\"next\"", elsewhere.url);
    let server = serve(&forge, move |asked| {
        let list = asked.method == "GET" && asked.path.contains("/issues/7/comments");
        list.then(|| Answer::json(200, &json!([])).with("Link", &link))
    });
    speak(folder.path(), &server, &[]);
    assert_eq!(elsewhere.asked(), [], "the token went to another host");
}

#[test]
fn a_refusal_is_one_line_and_no_failure() {
    let folder = story();
    for (status, message) in
        [(403, "Resource not accessible by integration"), (404, "Not Found"), (401, "Bad credentials hunter2-token")]
    {
        let forge = shared(Forge::new(folder.path()));
        let server = serve(&forge, move |asked| {
            (asked.method == "POST")
                .then(|| Answer::json(status, &json!({ "message": format!("{message}\n::error::x\u{1b}[31m") })))
        });
        let output = speak(folder.path(), &server, &[]);
        assert_eq!(output.status.code(), Some(0));
        let said = stderr(&output);
        assert!(said.starts_with("warning: no comment: POST /repos/robin/shop/issues/7/comments: "), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(!said.contains('\u{1b}'), "{said}");
        assert_eq!(server.changes().len(), 1, "a refusal is not tried again");
    }
}

#[test]
fn a_suggestion_that_is_rejected_leaves_the_comment() {
    let folder = story();
    let forge = shared(Forge::new(folder.path()));
    let server = serve(&forge, |asked| {
        asked.path.ends_with("/reviews").then(|| Answer::json(422, &json!({ "message": "Validation Failed" })))
    });
    let output = speak(folder.path(), &server, &[]);
    assert_eq!(
        (output.status.code(), &*stderr(&output)),
        (
            Some(0),
            "made a comment\nwarning: no suggestions: POST /repos/robin/shop/pulls/7/reviews: 422 Validation Failed\n"
        )
    );
    assert_eq!(bodies(&forge).len(), 1);
}

#[test]
fn a_forge_out_of_order_is_asked_again_and_nothing_is_said_twice() {
    let folder = story();
    for lost in [false, true] {
        let forge = shared(Forge::new(folder.path()));
        let (failures, inner) = (Mutex::new(0), Arc::clone(&forge));
        let server = serve(&forge, move |asked| {
            let mut failures = failures.lock().unwrap();
            if asked.method != "POST" || !asked.path.ends_with("/comments") || *failures == 2 {
                return None;
            }
            *failures += 1;
            if lost {
                // The comment was made, and the answer did not arrive.
                inner.lock().unwrap().answer(asked);
            }
            Some(Answer { status: 502, ..Answer::default() })
        });
        let output = speak(folder.path(), &server, &[]);
        assert!(stderr(&output).starts_with("made a comment"), "{}", stderr(&output));
        assert_eq!(bodies(&forge).len(), 1, "lost: {lost}");
        let made = server.changes().iter().filter(|change| *change == CREATED).count();
        assert_eq!(made, if lost { 1 } else { 3 });
    }
}

#[test]
fn reading_is_tried_again_and_given_up_in_one_line() {
    let folder = story();
    let forge = shared(Forge::new(folder.path()));
    let failures = Mutex::new(0);
    let server = serve(&forge, move |asked| {
        let mut failures = failures.lock().unwrap();
        let fails = asked.path == "/repos/robin/shop/pulls/7" && *failures < 2;
        *failures += usize::from(fails);
        fails.then(|| Answer { status: 502, ..Answer::default() })
    });
    assert!(stderr(&speak(folder.path(), &server, &[])).starts_with("made a comment"));

    let server = Server::new(|_| Answer { status: 500, body: "<html>".into(), ..Answer::default() });
    let output = speak(folder.path(), &server, &[]);
    assert_eq!(output.status.code(), Some(0));
    assert!(
        stderr(&output).starts_with("warning: no comment: GET /repos/robin/shop/pulls/7: 500"),
        "{}",
        stderr(&output)
    );
    assert_eq!((stderr(&output).lines().count(), server.asked().len()), (1, 4));
}

#[test]
fn a_limit_is_waited_for_when_it_is_short() {
    let folder = story();
    for status in [403, 429] {
        let forge = shared(Forge::new(folder.path()));
        let limited = Mutex::new(false);
        let server = serve(&forge, move |asked| {
            let mut limited = limited.lock().unwrap();
            if asked.method != "POST" || !asked.path.ends_with("/comments") || std::mem::replace(&mut *limited, true) {
                return None;
            }
            Some(Answer::json(status, &json!({ "message": "secondary rate limit" })).with("Retry-After", "1"))
        });
        let start = std::time::Instant::now();
        assert!(stderr(&speak(folder.path(), &server, &[])).starts_with("made a comment"), "{status}");
        assert!(start.elapsed().as_millis() >= 1000, "{status}: it did not wait");
        assert_eq!(bodies(&forge).len(), 1);
    }
    let server = Server::new(|_| {
        Answer::json(403, &json!({ "message": "API rate limit exceeded" }))
            .with("X-RateLimit-Remaining", "0")
            .with("X-RateLimit-Reset", "99999999999")
    });
    let said = stderr(&speak(folder.path(), &server, &[]));
    assert!(said.contains("API rate limit exceeded; it asks to wait"), "{said}");
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn a_report_about_another_commit_is_not_posted() {
    let folder = story();
    let forge = shared(Forge { head: "1".repeat(40), ..Forge::new(folder.path()) });
    let server = serve(&forge, |_| None);
    let output = speak(folder.path(), &server, &[]);
    assert!(stderr(&output).contains("another commit than the pull request's head"), "{}", stderr(&output));
    assert_eq!(server.changes(), Vec::<String>::new());
}

#[test]
fn the_run_of_a_fork_finds_its_pull_request_by_branch_and_commit() {
    let folder = story();
    let forge = shared(Forge::new(folder.path()));
    let sha = head(folder.path());
    let pulls = json!([{ "number": 6, "head": { "sha": "0" } }, { "number": 7, "head": { "sha": sha } }]);
    let server = serve(&forge, move |asked| {
        let list = asked.path.starts_with("/repos/robin/shop/pulls?state=open&head=mallory%3Aa%2Fb%26c&");
        list.then(|| Answer::json(200, &pulls))
    });
    let event = |sha: &str| {
        let run =
            json!({ "head_sha": sha, "head_branch": "a/b&c", "head_repository": { "owner": { "login": "mallory" } } });
        let file = folder.path().join(".git/run.json");
        fs_err::write(&file, json!({ "workflow_run": run }).to_string()).unwrap();
        let mut comment = command(folder.path(), &["comment", "depslim.json"]);
        comment.env("GITHUB_REPOSITORY", "robin/shop").env("GITHUB_API_URL", &server.url).env("GITHUB_TOKEN", TOKEN);
        stderr(&comment.env("GITHUB_EVENT_PATH", file).env("NO_PROXY", "*").output().unwrap())
    };
    assert_eq!(event(&"2".repeat(40)), "no comment: this run is about no open pull request\n");
    assert!(event(&sha).starts_with("made a comment"));
}

#[test]
fn lines_that_the_pull_request_does_not_add_get_no_suggestion() {
    let folder = story();
    let forge = shared(Forge {
        patch: "@@ -1,2 +1,3 @@\n+# list\n tqdm==4.67.1\n idle==2.0".into(),
        ..Forge::new(folder.path())
    });
    let server = serve(&forge, |_| None);
    assert_eq!(stderr(&speak(folder.path(), &server, &[])), "made a comment\n");
    assert!(bodies(&forge)[0].contains("`depslim --fix`"), "{}", bodies(&forge)[0]);
    let server = serve(&shared(Forge::new(folder.path())), |_| None);
    speak(folder.path(), &server, &["--config", "comment.suggestions=0"]);
    assert_eq!(server.changes(), [CREATED]);
}

#[test]
fn a_long_comment_is_cut_below_the_limit() {
    let folder = story();
    // Many packages with long and hostile names, all of them new.
    let mut report: Value =
        serde_json::from_str(&fs_err::read_to_string(folder.path().join("depslim.json")).unwrap()).unwrap();
    let side = json!({ "versions": ["1"], "bytes": 1000, "prod_bytes": 1000, "scope": "prod", "ships": true });
    let name = "@team/<img src=x>`|[x](https://evil.invalid)\u{1b}[31m".repeat(3);
    let many: Vec<Value> = (0..3000)
        .map(|n| json!({ "project": "p", "package": format!("pkg:x/{n}"), "name": format!("{name}{n}"), "after": side, "prod_delta": 1000 }))
        .collect();
    report["difference"]["packages"] = many.into();
    fs_err::write(folder.path().join("depslim.json"), report.to_string()).unwrap();
    let forge = shared(Forge::new(folder.path()));
    let server = serve(&forge, |_| None);
    assert!(stderr(&speak(folder.path(), &server, &[])).starts_with("made a comment"));
    let body = &bodies(&forge)[0];
    assert!(body.len() <= 60_000 && body.len() > 20_000, "{}", body.len());
    assert!(body.contains(" more in ") && !body.contains('\u{1b}'), "{body}");
}

#[test]
fn gitlab_is_spoken_too() {
    let folder = story();
    let sha = head(folder.path());
    let notes: Arc<Mutex<Vec<Value>>> = Arc::default();
    let inner = Arc::clone(&notes);
    let server = Server::new(move |asked| {
        let mut notes = inner.lock().unwrap();
        let path = asked.path.split('?').next().unwrap();
        let mut add = |body: &Value| {
            let note = json!({ "id": notes.len() + 1, "author": { "username": "depslim-bot" }, "body": body, "system": false });
            notes.push(note.clone());
            Answer::json(201, &note)
        };
        match (asked.method.as_str(), path) {
            ("GET", "/user") => Answer::json(200, &json!({ "username": "depslim-bot" })),
            ("GET", "/projects/5/merge_requests/3") => Answer::json(
                200,
                &json!({ "sha": sha, "target_branch": "main", "diff_refs": { "base_sha": "b", "start_sha": "s", "head_sha": sha } }),
            ),
            ("GET", "/projects/5/merge_requests/3/notes") => Answer::json(200, &json!(*notes)),
            ("GET", "/projects/5/merge_requests/3/diffs") => Answer::json(
                200,
                &json!([{ "new_path": "api/requirements.txt", "diff": "@@ -1 +1,2 @@\n tqdm==4.67.1\n+idle==2.0\n" }]),
            ),
            ("POST", "/projects/5/merge_requests/3/notes" | "/projects/5/merge_requests/3/discussions") => {
                add(&asked.json()["body"])
            }
            ("PUT", path) => {
                let id: usize = path.rsplit('/').next().unwrap().parse().unwrap();
                notes[id - 1]["body"] = asked.json()["body"].clone();
                Answer::json(200, &notes[id - 1])
            }
            _ => Answer::json(404, &json!({})),
        }
    });
    let speak = || {
        let mut comment = command(folder.path(), &["comment", "depslim.json"]);
        comment.env("CI_PROJECT_ID", "5").env("CI_MERGE_REQUEST_IID", "3").env("CI_API_V4_URL", &server.url);
        let output = comment.env("GITLAB_TOKEN", TOKEN).env("NO_PROXY", "*").output().unwrap();
        assert!(!stderr(&output).contains(TOKEN));
        stderr(&output)
    };
    assert_eq!(speak(), "made a comment; suggestions: 1\n");
    assert_eq!(speak(), "the comment is up to date\n");
    assert!(server.asked().iter().all(|asked| asked.header("private-token") == Some(TOKEN)));
    let position = server.asked().iter().find(|asked| asked.path.ends_with("/discussions")).unwrap().json();
    assert_eq!((&position["position"]["new_line"], &position["position"]["start_sha"]), (&json!(2), &json!("s")));
    assert!(position["body"].as_str().unwrap().contains("```suggestion:-0+0\n"), "{position}");
    notes.lock().unwrap()[0]["body"] = json!("<!-- depslim:sticky v=1 key=default head=0 -->\nold");
    assert_eq!(speak(), "updated the comment\n");
}

#[test]
fn without_a_forge_a_token_or_a_report_nothing_is_sent() {
    let folder = story();
    let run = |variables: &[(&str, &str)], words: &[&str]| {
        let output = command(folder.path(), words).envs(variables.iter().copied()).output().unwrap();
        (output.status.code(), stdout(&output), stderr(&output))
    };
    let (code, _, said) = run(&[], &["comment", "depslim.json"]);
    assert!(code == Some(2) && said.contains("--dry-run prints the comment"), "{said}");
    let github = ("GITHUB_REPOSITORY", "robin/shop");
    assert_eq!(run(&[github], &["comment", "depslim.json"]).0, Some(0), "a fork has no token");
    let (code, _, said) =
        run(&[("GITHUB_REPOSITORY", "robin/../admin"), ("GITHUB_TOKEN", TOKEN)], &["comment", "depslim.json"]);
    assert!(code == Some(2) && said.contains("OWNER/NAME"), "{said}");
    let plain = [github, ("GITHUB_TOKEN", TOKEN), ("GITHUB_API_URL", "http://forge.invalid")];
    let (code, _, said) = run(&plain, &["comment", "depslim.json", "--pull-request", "7"]);
    assert!(code == Some(2) && said.contains("https only") && !said.contains(TOKEN), "{said}");
    let (code, out, _) = run(&[], &["comment", "depslim.json", "--dry-run"]);
    assert!(code == Some(0) && out.contains("`idle`"), "{out}");
    assert_eq!(run(&[], &["comment", "nothing.json"]).0, Some(2));
}
