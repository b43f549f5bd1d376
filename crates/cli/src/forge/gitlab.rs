//! GitLab's API. Sources: the REST references for notes, discussions and merge requests (version 4), and for suggestions in Markdown.

use super::http::Client;
use super::{Api, Comment, Failed, Request, patch};
use depslim_report::Suggestion;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// A note may have a million characters; nobody reads that.
const LIMIT: usize = 60_000;

pub(super) struct GitLab {
    client: Client,
    author: Option<String>,
    project: String,
    number: u64,
}

impl GitLab {
    pub(super) fn new(
        api: &str,
        project: &str,
        number: u64,
        token: &str,
        author: Option<String>,
        authorities: Option<&str>,
    ) -> Result<Self, String> {
        let client = Client::new(api, vec![("PRIVATE-TOKEN", token.to_owned())], token, authorities)?;
        Ok(Self { client, author, project: project.to_owned(), number })
    }

    fn merge_request(&self, rest: &str) -> String {
        format!("/projects/{}/merge_requests/{}{rest}", self.project, self.number)
    }
}

impl Api for GitLab {
    fn limit(&self) -> usize {
        LIMIT
    }

    fn me(&self) -> Result<String, Failed> {
        match &self.author {
            Some(author) => Ok(author.clone()),
            None => Ok(self.client.get("/user")?["username"].as_str().unwrap_or_default().to_owned()),
        }
    }

    fn request(&self) -> Result<Request, Failed> {
        let said = self.client.get(&self.merge_request(""))?;
        let text = |value: &Value| value.as_str().map(str::to_owned);
        Ok(Request {
            head: text(&said["sha"]).unwrap_or_default(),
            merge: None,
            into: text(&said["target_branch"]).unwrap_or_default(),
            start: text(&said["diff_refs"]["start_sha"]),
            base: text(&said["diff_refs"]["base_sha"]),
        })
    }

    fn comments(&self) -> Result<Vec<Comment>, Failed> {
        let path = self.merge_request("/notes?per_page=100&sort=asc&order_by=created_at");
        let notes = self.client.list(&path)?;
        Ok(notes.iter().filter(|note| note["system"].as_bool() != Some(true)).filter_map(comment).collect())
    }

    fn create(&self, body: &str) -> Result<(), Failed> {
        let is_there = || Ok(self.comments()?.iter().any(|comment| comment.body == body));
        self.client.create(&self.merge_request("/notes"), &json!({ "body": body }), is_there)
    }

    fn update(&self, id: u64, body: &str) -> Result<(), Failed> {
        let path = self.merge_request(&format!("/notes/{id}"));
        self.client.change("PUT", &path, &json!({ "body": body })).map(|_| ())
    }

    fn line_comments(&self) -> Result<Vec<Comment>, Failed> {
        self.comments()
    }

    fn added(&self) -> Result<BTreeMap<String, BTreeSet<u32>>, Failed> {
        let files = self.client.list(&self.merge_request("/diffs?per_page=100"))?;
        let of = |file: &Value| Some((file["new_path"].as_str()?.to_owned(), patch::added(file["diff"].as_str()?)));
        Ok(files.iter().filter_map(of).collect())
    }

    fn suggest(&self, request: &Request, suggestions: &[(String, &Suggestion)]) -> Result<(), Failed> {
        for (path, suggestion) in suggestions {
            // A note stands below one line; the block says how many lines above it are replaced, too.
            let body = suggestion.body(&format!("suggestion:-{}+0", suggestion.last - suggestion.first));
            let position = json!({
                "position_type": "text",
                "base_sha": request.base,
                "start_sha": request.start,
                "head_sha": request.head,
                "old_path": path,
                "new_path": path,
                "new_line": suggestion.last,
            });
            let is_there = || Ok(self.comments()?.iter().any(|comment| comment.body.contains(&suggestion.mark)));
            let body = json!({ "body": body, "position": position });
            self.client.create(&self.merge_request("/discussions"), &body, is_there)?;
        }
        Ok(())
    }
}

fn comment(value: &Value) -> Option<Comment> {
    Some(Comment {
        id: value["id"].as_u64()?,
        author: value["author"]["username"].as_str().unwrap_or_default().to_owned(),
        body: value["body"].as_str().unwrap_or_default().to_owned(),
    })
}
