//! Which forge and which pull request a run is about: from what CI says in the environment, unless flags say otherwise.

use super::Api;
use super::github::GitHub;
use super::gitlab::GitLab;
use serde_json::Value;

/// A kind of forge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Forge {
    /// GitHub, github.com or one's own.
    Github,
    /// GitLab, gitlab.com or one's own.
    Gitlab,
}

/// What flags say.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted {
    /// The forge.
    pub(crate) forge: Option<Forge>,
    /// The pull request's number.
    pub(crate) number: Option<u64>,
    /// The login that depslim's comments are written under.
    pub(crate) author: Option<String>,
}

/// Why there is nobody to talk to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Nobody {
    /// The run is about no pull request, or may not speak: that is no failure.
    Quiet(String),
    /// The run was not told enough.
    Unclear(String),
}

/// The pull request that the run is about.
///
/// # Errors
/// When there is none, when there is no token, or when nothing says which forge it is on.
pub(crate) fn detect(wanted: &Wanted, variable: &dyn Fn(&str) -> Option<String>) -> Result<Box<dyn Api>, Nobody> {
    let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
    let forge = wanted.forge.or_else(|| {
        let set = |name: &str| variable(name).is_some();
        if set("GITHUB_REPOSITORY") {
            Some(Forge::Github)
        } else if set("CI_PROJECT_ID") {
            Some(Forge::Gitlab)
        } else {
            None
        }
    });
    let needed = |name: &str| variable(name).ok_or_else(|| Nobody::Unclear(format!("{name} is not set")));
    let authorities = ["SSL_CERT_FILE", "CI_SERVER_TLS_CA_FILE"].into_iter().find_map(variable);
    match forge {
        Some(Forge::Github) => {
            let token = ["DEPSLIM_TOKEN", "GITHUB_TOKEN", "GH_TOKEN"].into_iter().find_map(variable);
            let token = token.ok_or_else(|| Nobody::Quiet("no comment: GITHUB_TOKEN is not set".to_owned()))?;
            let api = variable("GITHUB_API_URL").unwrap_or_else(|| "https://api.github.com".to_owned());
            let repository = needed("GITHUB_REPOSITORY")?;
            let is_name = |part: &str| {
                let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
                !part.is_empty() && part.chars().all(plain) && !part.trim_matches('.').is_empty()
            };
            if !repository.split_once('/').is_some_and(|(owner, name)| is_name(owner) && is_name(name)) {
                return Err(Nobody::Unclear("GITHUB_REPOSITORY is not OWNER/NAME".to_owned()));
            }
            let event = variable("GITHUB_EVENT_PATH").and_then(|file| fs_err::read_to_string(file).ok());
            let event: Value = event.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
            let author = wanted.author.clone();
            let forge = GitHub::new(&api, &repository, &token, author, authorities.as_deref());
            let mut forge = forge.map_err(Nobody::Unclear)?;
            forge.number = match wanted.number.or_else(|| event["pull_request"]["number"].as_u64()) {
                Some(number) => number,
                None => forge
                    .of_run(&event["workflow_run"])
                    .map_err(|error| Nobody::Quiet(error.to_string()))?
                    .ok_or_else(|| Nobody::Quiet("no comment: this run is about no open pull request".to_owned()))?,
            };
            Ok(Box::new(forge))
        }
        Some(Forge::Gitlab) => {
            let token = ["DEPSLIM_TOKEN", "GITLAB_TOKEN"].into_iter().find_map(variable);
            let token = token.ok_or_else(|| {
                Nobody::Quiet("no comment: GITLAB_TOKEN is not set (a token with the scope `api`)".to_owned())
            })?;
            let api = variable("CI_API_V4_URL").unwrap_or_else(|| "https://gitlab.com/api/v4".to_owned());
            let project = needed("CI_PROJECT_ID")?;
            if !project.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(Nobody::Unclear("CI_PROJECT_ID is no number".to_owned()));
            }
            let number = wanted.number.or_else(|| variable("CI_MERGE_REQUEST_IID")?.parse().ok());
            let number =
                number.ok_or_else(|| Nobody::Quiet("no comment: this run is about no merge request".to_owned()))?;
            let author = wanted.author.clone();
            let forge = GitLab::new(&api, &project, number, &token, author, authorities.as_deref());
            Ok(Box::new(forge.map_err(Nobody::Unclear)?))
        }
        None => Err(Nobody::Unclear(
            "nothing says which pull request to comment on: neither GITHUB_REPOSITORY nor CI_PROJECT_ID is set; \
             --dry-run prints the comment"
                .to_owned(),
        )),
    }
}
