//! `depslim comment`: one comment on the pull request, made, kept up to date, and resolved; a few suggestions on its lines.

use super::check::read_report;
use crate::args::{Analysis, Comment as Flags};
use crate::config::{CommentMode, clean};
use crate::forge::{Api, Comment, Failed, Nobody, Request, Wanted, detect};
use crate::session::Session;
use crate::stop::{Outcome, Stop};
use crate::write::{print, say};
use depslim_model::{Report, exit};
use depslim_report::{CommentView, News, Suggestion, comment, mark_of, news, resolved, suggestions};

/// What is done with the comment.
#[derive(Debug, PartialEq, Eq)]
enum Deed {
    Nothing,
    Create(String),
    Update(u64, String),
}

pub(crate) fn run(session: &Session, flags: &Flags) -> Outcome {
    let report = read_report(session, &flags.report, "")?;
    let folder = clean(&session.here.join(&flags.path));
    let settings = session.config(&folder, &Analysis::unasked())?.comment;
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let mut view = CommentView {
        key: flags.key.clone(),
        base: flags.base_name.clone().unwrap_or_else(|| "the base".to_owned()),
        link: flags.link.clone().or_else(|| job(&variable)),
        min_delta: settings.min_delta,
        limit: 60_000,
        suggested: Vec::new(),
    };
    if flags.dry_run {
        print(&text(&report, &view))?;
        return Ok(exit::CLEAN);
    }
    if settings.mode == CommentMode::Never {
        say("no comment: comment.mode is \"never\"");
        return Ok(exit::CLEAN);
    }
    let wanted = Wanted { forge: flags.forge, number: flags.pull_request, author: flags.author.clone() };
    let api = match detect(&wanted, &variable) {
        Ok(api) => api,
        Err(Nobody::Quiet(message)) => {
            say(message);
            return Ok(exit::CLEAN);
        }
        Err(Nobody::Unclear(message)) => return Err(Stop::error(message)),
    };
    // The comment is a courtesy: where it can't be made, the run says so in one line, and what it found still counts.
    match post(&*api, &report, &mut view, &settings) {
        Ok(done) => say(done),
        Err(failed) => say(format_args!("warning: no comment: {failed}")),
    }
    Ok(exit::CLEAN)
}

/// What the comment says.
fn text(report: &Report, view: &CommentView) -> String {
    if news(report, view.min_delta) == News::Nothing { resolved(report, view) } else { comment(report, view) }
}

fn post(
    api: &dyn Api,
    report: &Report,
    view: &mut CommentView,
    settings: &crate::config::CommentSettings,
) -> Result<String, Failed> {
    let request = api.request()?;
    if !is_about(report, &request) {
        return Ok("warning: no comment: the report is about another commit than the pull request's head".to_owned());
    }
    if !request.into.is_empty() {
        view.base.clone_from(&request.into);
    }
    view.limit = api.limit();
    let me = api.me()?;
    let comments = api.comments()?;
    let all = suggestions(report);
    let (made, fresh) = if settings.suggestions == 0 || all.is_empty() {
        (Vec::new(), Vec::new())
    } else {
        choose(api, report, &all, &me, settings.suggestions)?
    };
    view.suggested = made.iter().chain(fresh.iter().map(|(_, s)| &s.fingerprint)).cloned().collect();
    let body = text(report, view);
    let deed = decide(&comments, &me, &mark_of(&view.key), &body, news(report, view.min_delta), settings.mode);
    let mut done = match deed {
        Deed::Nothing if mine(&comments, &me, &mark_of(&view.key)).is_some() => "the comment is up to date".to_owned(),
        Deed::Nothing => "no comment: nothing new to say".to_owned(),
        Deed::Create(body) => api.create(&body).map(|()| "made a comment".to_owned())?,
        Deed::Update(id, body) => api.update(id, &body).map(|()| "updated the comment".to_owned())?,
    };
    if !fresh.is_empty() {
        match api.suggest(&request, &fresh) {
            Ok(()) => done = format!("{done}; suggestions: {}", fresh.len()),
            Err(failed) => done = format!("{done}\nwarning: no suggestions: {failed}"),
        }
    }
    Ok(done)
}

/// The report is about what the pull request ends in, or about the merge that the forge made of that.
fn is_about(report: &Report, request: &Request) -> bool {
    let source = &report.source;
    let head = source.head.as_ref().or(source.commit.as_ref());
    let merge = source.commit.is_some() && source.commit == request.merge;
    head.is_some_and(|head| *head == request.head) || merge
}

/// The comment that is depslim's: its mark, and its author. Anybody can write a mark.
fn mine<'c>(comments: &'c [Comment], me: &str, mark: &str) -> Option<&'c Comment> {
    let own = |comment: &&Comment| comment.author.eq_ignore_ascii_case(me) && !me.is_empty();
    comments.iter().filter(own).filter(|comment| comment.body.contains(mark)).min_by_key(|comment| comment.id)
}

fn decide(comments: &[Comment], me: &str, mark: &str, body: &str, news: News, mode: CommentMode) -> Deed {
    match mine(comments, me, mark) {
        Some(comment) if comment.body.trim_end() == body.trim_end() => Deed::Nothing,
        Some(comment) => Deed::Update(comment.id, body.to_owned()),
        None if news == News::Much || mode == CommentMode::Always => Deed::Create(body.to_owned()),
        None => Deed::Nothing,
    }
}

/// Fingerprints of suggestions that stand there, and those to make with the line of each.
type Chosen<'s> = (Vec<String>, Vec<(String, &'s Suggestion)>);

/// Fingerprints of suggestions that stand there, and those to make: on lines that the pull request adds, and never twice.
fn choose<'s>(
    api: &dyn Api,
    report: &Report,
    all: &'s [Suggestion],
    me: &str,
    most: usize,
) -> Result<Chosen<'s>, Failed> {
    let (added, there) = (api.added()?, api.line_comments()?);
    let own = || there.iter().filter(|comment| comment.author.eq_ignore_ascii_case(me));
    let (made, rest): (Vec<_>, Vec<_>) =
        all.iter().partition(|suggestion| own().any(|comment| comment.body.contains(&suggestion.mark)));
    let spent = own().filter(|comment| comment.body.contains("<!-- depslim:suggestion ")).count();
    let fresh = rest.into_iter().filter_map(|suggestion| {
        let path = match report.source.folder.as_deref() {
            Some(folder) => format!("{folder}/{}", suggestion.file),
            None => suggestion.file.clone(),
        };
        let lines = added.get(&path)?;
        (suggestion.first..=suggestion.last).all(|line| lines.contains(&line)).then_some((path, suggestion))
    });
    let made = made.into_iter().map(|suggestion| suggestion.fingerprint.clone()).collect();
    Ok((made, fresh.take(most.saturating_sub(spent)).collect()))
}

/// The page of the job.
fn job(variable: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let github = || {
        let (server, repository) = (variable("GITHUB_SERVER_URL")?, variable("GITHUB_REPOSITORY")?);
        Some(format!("{server}/{repository}/actions/runs/{}", variable("GITHUB_RUN_ID")?))
    };
    github().or_else(|| variable("CI_JOB_URL"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comments() -> Vec<Comment> {
        let one = |id, author: &str, body: &str| Comment { id, author: author.into(), body: body.into() };
        vec![
            one(1, "mallory", "<!-- depslim:sticky v=1 key=default head=1 -->\nfake"),
            one(2, "robot", "hello"),
            one(3, "Robot", "<!-- depslim:sticky v=1 key=other head=1 -->\nother"),
            one(4, "robot", "<!-- depslim:sticky v=1 key=default head=1 -->\nold"),
        ]
    }

    #[test]
    fn a_comment_is_ours_by_mark_and_author() {
        let mark = mark_of("default");
        let id = |me: &str, mark: &str| mine(&comments(), me, mark).map(|comment| comment.id);
        assert_eq!(id("robot", &mark), Some(4));
        assert_eq!(id("robot", &mark_of("other")), Some(3));
        assert_eq!(id("somebody", &mark), None);
        assert_eq!(id("", &mark), None);
        // A key that begins with another one is another one.
        assert_eq!(id("robot", &mark_of("def")), None);
    }

    #[test]
    fn speaking_needs_a_reason_and_falling_silent_does_not() {
        let mark = mark_of("default");
        let with = |me: &str, news, mode| decide(&comments(), me, &mark, "new", news, mode);
        assert_eq!(with("nobody", News::Much, CommentMode::OnChange), Deed::Create("new".into()));
        assert_eq!(with("nobody", News::Some, CommentMode::OnChange), Deed::Nothing);
        assert_eq!(with("nobody", News::Nothing, CommentMode::Always), Deed::Create("new".into()));
        for news in [News::Much, News::Some, News::Nothing] {
            assert_eq!(with("robot", news, CommentMode::OnChange), Deed::Update(4, "new".into()));
        }
        let same = &comments()[3].body;
        assert_eq!(decide(&comments(), "robot", &mark, same, News::Much, CommentMode::OnChange), Deed::Nothing);
    }
}
