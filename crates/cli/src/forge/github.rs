//! GitHub's API. Sources: the REST references for issue comments, pull requests, reviews and review comments (version 2022-11-28).

use super::http::Client;
use super::{Api, Comment, Failed, Request, patch};
use depslim_report::Suggestion;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Below the 65 536 characters that a comment may have.
const LIMIT: usize = 60_000;

/// The account behind the token that a workflow is given.
const ACTIONS: &str = "github-actions[bot]";

pub(super) struct GitHub {
    client: Client,
    repository: String,
    author: Option<String>,
    /// The pull request.
    pub(super) number: u64,
}

impl GitHub {
    pub(super) fn new(
        api: &str,
        repository: &str,
        token: &str,
        author: Option<String>,
        authorities: Option<&str>,
    ) -> Result<Self, String> {
        let headers = vec![
            ("Authorization", format!("Bearer {token}")),
            ("Accept", "application/vnd.github+json".to_owned()),
            ("X-GitHub-Api-Version", "2022-11-28".to_owned()),
        ];
        let client = Client::new(api, headers, token, authorities)?;
        Ok(Self { client, repository: repository.to_owned(), author, number: 0 })
    }

    /// The open pull request whose head a finished workflow ran on. A fork's run names none: it is looked for by its branch.
    pub(super) fn of_run(&self, run: &Value) -> Result<Option<u64>, Failed> {
        let (Some(sha), Some(branch)) = (run["head_sha"].as_str(), run["head_branch"].as_str()) else {
            return Ok(None);
        };
        let Some(owner) = run["head_repository"]["owner"]["login"].as_str() else { return Ok(None) };
        let head = format!("{}%3A{}", spelled(owner), spelled(branch));
        let found =
            self.client.list(&format!("/repos/{}/pulls?state=open&head={head}&per_page=100", self.repository))?;
        let same = found.iter().filter(|request| request["head"]["sha"].as_str() == Some(sha));
        Ok(same.filter_map(|request| request["number"].as_u64()).min())
    }

    fn issue(&self, rest: &str) -> String {
        format!("/repos/{}/issues/{}{rest}", self.repository, self.number)
    }

    fn pull(&self, rest: &str) -> String {
        format!("/repos/{}/pulls/{}{rest}", self.repository, self.number)
    }
}

impl Api for GitHub {
    fn limit(&self) -> usize {
        LIMIT
    }

    fn me(&self) -> Result<String, Failed> {
        if let Some(author) = &self.author {
            return Ok(author.clone());
        }
        match self.client.get("/user") {
            Ok(user) => Ok(user["login"].as_str().unwrap_or(ACTIONS).to_owned()),
            // A token of an app, as a workflow's own is, belongs to no user; who it speaks as is told by the other API alone.
            Err(Failed::Refused(_)) => match self.client.query("{ viewer { login } }") {
                Ok(said) => Ok(said["data"]["viewer"]["login"].as_str().unwrap_or(ACTIONS).to_owned()),
                Err(Failed::Refused(_) | Failed::Rejected(_)) => Ok(ACTIONS.to_owned()),
                Err(error) => Err(error),
            },
            Err(error) => Err(error),
        }
    }

    fn request(&self) -> Result<Request, Failed> {
        let said = self.client.get(&self.pull(""))?;
        let text = |value: &Value| value.as_str().map(str::to_owned);
        Ok(Request {
            head: text(&said["head"]["sha"]).unwrap_or_default(),
            merge: text(&said["merge_commit_sha"]),
            into: text(&said["base"]["ref"]).unwrap_or_default(),
            start: None,
            base: None,
        })
    }

    fn comments(&self) -> Result<Vec<Comment>, Failed> {
        Ok(self.client.list(&self.issue("/comments?per_page=100"))?.iter().filter_map(comment).collect())
    }

    fn create(&self, body: &str) -> Result<(), Failed> {
        let is_there = || Ok(self.comments()?.iter().any(|comment| comment.body == body));
        self.client.create(&self.issue("/comments"), &json!({ "body": body }), is_there)
    }

    fn update(&self, id: u64, body: &str) -> Result<(), Failed> {
        let path = format!("/repos/{}/issues/comments/{id}", self.repository);
        self.client.change("PATCH", &path, &json!({ "body": body })).map(|_| ())
    }

    fn line_comments(&self) -> Result<Vec<Comment>, Failed> {
        Ok(self.client.list(&self.pull("/comments?per_page=100"))?.iter().filter_map(comment).collect())
    }

    fn added(&self) -> Result<BTreeMap<String, BTreeSet<u32>>, Failed> {
        let files = self.client.list(&self.pull("/files?per_page=100"))?;
        let of = |file: &Value| Some((file["filename"].as_str()?.to_owned(), patch::added(file["patch"].as_str()?)));
        Ok(files.iter().filter_map(of).collect())
    }

    fn suggest(&self, request: &Request, suggestions: &[(String, &Suggestion)]) -> Result<(), Failed> {
        let comments: Vec<Value> = suggestions
            .iter()
            .map(|(path, suggestion)| {
                let body = suggestion.body("suggestion");
                let mut one = json!({ "path": path, "line": suggestion.last, "side": "RIGHT", "body": body });
                if suggestion.first < suggestion.last {
                    one["start_line"] = suggestion.first.into();
                    one["start_side"] = "RIGHT".into();
                }
                one
            })
            .collect();
        // Never a request for changes: it is an offer.
        let body = json!({ "commit_id": request.head, "event": "COMMENT", "comments": comments });
        let marks: Vec<&str> = suggestions.iter().map(|(_, suggestion)| suggestion.mark.as_str()).collect();
        let is_there =
            || Ok(self.line_comments()?.iter().any(|comment| marks.iter().any(|m| comment.body.contains(m))));
        self.client.create(&self.pull("/reviews"), &body, is_there)
    }
}

fn comment(value: &Value) -> Option<Comment> {
    Some(Comment {
        id: value["id"].as_u64()?,
        author: value["user"]["login"].as_str().unwrap_or_default().to_owned(),
        body: value["body"].as_str().unwrap_or_default().to_owned(),
    })
}

/// A value of a query (RFC 3986): all that is not unreserved is spelled out.
fn spelled(text: &str) -> String {
    depslim_report::escape::uri(text).replace('/', "%2F")
}
