//! Where the analysed files come from: the commit of the work tree, and the repository's name where CI says it. Reads two or
//! three small files of `.git`; no git is run, so no setting of the repository can make it run something.

use crate::session::repository;
use depslim_model::report::Origin;
use std::path::{Path, PathBuf};

/// The origin of a folder's files; empty outside a repository.
pub(crate) fn origin(root: &Path, variable: impl Fn(&str) -> Option<String>) -> Origin {
    let top = repository(root);
    let commit = top.and_then(commit);
    let folder = top.map(|top| crate::config::relative(top, root)).filter(|folder| folder != ".");
    // Names of GitHub Actions and of GitLab CI.
    let repo = ["GITHUB_REPOSITORY", "CI_PROJECT_PATH"].into_iter().find_map(&variable);
    // A run for a pull request may analyse a merge that was made for it.
    let event = variable("GITHUB_EVENT_PATH").and_then(|file| fs_err::read_to_string(file).ok());
    let event = event.and_then(|text| serde_json::from_str::<serde_json::Value>(&text).ok());
    let head = event.and_then(|event| hash(event["pull_request"]["head"]["sha"].as_str()?));
    let head = head.or_else(|| hash(&variable("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA")?));
    Origin { repo: repo.filter(|name| !name.is_empty()), commit, head, folder, base_commit: None }
}

/// The commit that `HEAD` names.
///
/// Format: gitrepository-layout(5).
fn commit(repository: &Path) -> Option<String> {
    let git = git_folder(repository)?;
    let head = read(&git.join("HEAD"))?;
    let Some(name) = head.strip_prefix("ref: ") else { return hash(&head) };
    if !name.starts_with("refs/") {
        return None;
    }
    let shared = read(&git.join("commondir")).map_or_else(|| git.clone(), |path| git.join(path));
    let loose = [&git, &shared].into_iter().find_map(|folder| hash(&read(&folder.join(name))?));
    loose.or_else(|| {
        let packed = fs_err::read_to_string(shared.join("packed-refs")).ok()?;
        let mut lines = packed.lines().filter_map(|line| line.split_once(' '));
        lines.find(|(_, of)| *of == name).and_then(|(commit, _)| hash(commit))
    })
}

/// `.git`, or the folder that a work tree's `.git` file names.
fn git_folder(repository: &Path) -> Option<PathBuf> {
    let git = repository.join(".git");
    if git.is_dir() {
        return Some(git);
    }
    Some(repository.join(read(&git)?.strip_prefix("gitdir: ")?))
}

fn read(file: &Path) -> Option<String> {
    fs_err::read_to_string(file).ok().map(|text| text.trim().to_owned())
}

/// A full object name, SHA-1 or SHA-256.
fn hash(text: &str) -> Option<String> {
    let hex = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    (hex && matches!(text.len(), 40 | 64)).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "1111111111111111111111111111111111111111";
    const TWO: &str = "2222222222222222222222222222222222222222";

    /// The commit of the folder `work` with these files beside it.
    fn check(files: &[(&str, &str)], expect: Option<&str>) {
        let tree = tempfile::tempdir().unwrap();
        for (file, text) in files {
            let file = tree.path().join(file);
            fs_err::create_dir_all(file.parent().unwrap()).unwrap();
            fs_err::write(file, text).unwrap();
        }
        let origin = origin(&tree.path().join("work/api"), |_| None);
        assert_eq!(origin.commit.as_deref(), expect, "{files:?}");
    }

    #[test]
    fn the_commit_is_found_where_git_keeps_it() {
        let head = ("work/.git/HEAD", "ref: refs/heads/main\n");
        let packed = format!("# pack-refs with: peeled\n{TWO} refs/heads/other\n{ONE} refs/heads/main\n^{TWO}\n");
        check(&[("work/.git/HEAD", &format!("{ONE}\n"))], Some(ONE));
        check(&[head, ("work/.git/refs/heads/main", &format!("{ONE}\n"))], Some(ONE));
        check(&[head, ("work/.git/packed-refs", &packed)], Some(ONE));
        check(&[head, ("work/.git/packed-refs", &packed), ("work/.git/refs/heads/main", TWO)], Some(TWO));
    }

    #[test]
    fn a_second_work_tree_shares_its_branches() {
        check(
            &[
                ("work/.git", "gitdir: ../main/.git/worktrees/second\n"),
                ("main/.git/worktrees/second/HEAD", "ref: refs/heads/topic\n"),
                ("main/.git/worktrees/second/commondir", "../..\n"),
                ("main/.git/refs/heads/topic", ONE),
            ],
            Some(ONE),
        );
    }

    #[test]
    fn what_is_no_repository_has_no_commit() {
        check(&[("work/api/x", "")], None);
        check(&[("work/.git/HEAD", "ref: refs/heads/unborn\n")], None);
        check(&[("work/.git/HEAD", "ref: ../../../../etc/passwd\n")], None);
        check(&[("work/.git", "nonsense")], None);
    }

    #[test]
    fn ci_says_the_name_of_the_repository() {
        let named =
            |set: &'static str| origin(Path::new("/"), move |name| (name == set).then(|| "owner/name".to_owned())).repo;
        assert_eq!(named("GITHUB_REPOSITORY").as_deref(), Some("owner/name"));
        assert_eq!(named("CI_PROJECT_PATH").as_deref(), Some("owner/name"));
        assert_eq!(named("HOME"), None);
    }
}
