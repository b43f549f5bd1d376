//! Where the files of an image come from: paths in the image back to paths in the build context, through all stages.

use super::paths::{file_name, folder_of, join};

/// The copies of a container file, by stage.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Layout {
    stages: Vec<StageLayout>,
    /// The stages that ship, last first.
    shipped: Vec<usize>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct StageLayout {
    base: Option<usize>,
    copies: Vec<Copied>,
}

/// One source of a `COPY`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Copied {
    /// Path in the build context, or absolute path in the stage that it comes from.
    pub(super) source: String,
    /// The stage that it comes from.
    pub(super) stage: Option<usize>,
    /// Absolute path in the image.
    pub(super) destination: String,
    /// True when other sources are copied to the same place: it is a folder then.
    pub(super) shared: bool,
}

/// More candidates than anybody wants to try.
const MAX_CANDIDATES: usize = 16;
/// More copies than a look-up visits: stages can copy from each other in many ways.
const MAX_STEPS: usize = 2000;

impl Layout {
    pub(super) fn add_stage(&mut self, base: Option<usize>) {
        self.stages.push(StageLayout { base, copies: Vec::new() });
    }

    pub(super) fn add_copy(&mut self, copied: Copied) {
        if let Some(stage) = self.stages.last_mut() {
            stage.copies.push(copied);
        }
    }

    pub(super) fn ship(&mut self, stage: usize) {
        if !self.shipped.contains(&stage) {
            self.shipped.push(stage);
        }
    }

    /// Whether packages that a stage installs may ship: it ships itself, others that do build on it, or they copy from it more than
    /// folders of static files.
    pub(super) fn may_ship(&self, stage: usize) -> bool {
        let mut open = self.shipped.clone();
        let mut seen = vec![false; self.stages.len()];
        while let Some(at) = open.pop() {
            let Some(layout) = self.stages.get(at).filter(|_| !std::mem::replace(&mut seen[at], true)) else {
                continue;
            };
            open.extend(layout.base);
            open.extend(layout.copies.iter().filter(|copied| !is_static(&copied.source)).filter_map(|c| c.stage));
        }
        seen.get(stage).copied().unwrap_or(true)
    }

    /// Paths in the build context that an absolute path in the shipped image may come from, the likeliest first; `.` is the
    /// context itself. Whether they exist is for the caller to see: a `COPY` does not say what is a folder.
    pub fn sources(&self, path: &str) -> Vec<String> {
        let mut found = Vec::new();
        for stage in &self.shipped {
            self.find(*stage, path, &mut MAX_STEPS.clone(), 0, &mut found);
        }
        found
    }

    /// The same for a folder in one stage: what is copied into its subfolders counts too.
    pub(super) fn folder(&self, stage: usize, path: &str) -> Option<String> {
        let mut found = Vec::new();
        self.find(stage, path, &mut MAX_STEPS.clone(), 0, &mut found);
        // A file that is copied into the folder says nothing about the folder.
        found.retain(|source| source == "." || !file_name(source).contains('.') && !source.contains('*'));
        found.into_iter().next().or_else(|| self.above_copies(stage, path))
    }

    /// `COPY src /app/src` says that `/app` is the context.
    fn above_copies(&self, stage: usize, path: &str) -> Option<String> {
        let mut at = Some(stage);
        for _ in 0..self.stages.len() {
            let layout = self.stages.get(at?)?;
            for copied in layout.copies.iter().rev().filter(|copied| copied.stage.is_none()) {
                let Some(below) = copied.destination.strip_prefix(path).and_then(|rest| rest.strip_prefix('/')) else {
                    continue;
                };
                if copied.source == below {
                    return Some(".".to_owned());
                }
                if let Some(above) = copied.source.strip_suffix(below).and_then(|above| above.strip_suffix('/')) {
                    return Some(above.to_owned());
                }
            }
            at = layout.base;
        }
        None
    }

    fn find(&self, stage: usize, path: &str, steps: &mut usize, depth: u32, found: &mut Vec<String>) {
        let Some(layout) = self.stages.get(stage).filter(|_| depth < 16) else { return };
        for copied in layout.copies.iter().rev() {
            if *steps == 0 || found.len() >= MAX_CANDIDATES {
                return;
            }
            *steps -= 1;
            for source in candidates(copied, path) {
                match copied.stage {
                    Some(from) if from < stage => self.find(from, &source, steps, depth + 1, found),
                    None if !found.contains(&source) => found.push(source),
                    Some(_) | None => {}
                }
            }
        }
        if let Some(base) = layout.base.filter(|base| *base < stage) {
            self.find(base, path, steps, depth + 1, found);
        }
    }
}

/// Folders that hold pages, styles and scripts for browsers.
const STATIC: &[&str] = &["static", "staticfiles", "static_root", "static-root", "assets", "public", "html", "www"];

/// Whether a path lies in a folder of static files.
fn is_static(path: &str) -> bool {
    path.split('/').any(|part| STATIC.contains(&part.to_ascii_lowercase().as_str()))
}

/// What a path below the destination of a copy was before it.
fn candidates(copied: &Copied, path: &str) -> Vec<String> {
    let Copied { source, destination, .. } = copied;
    let Some(rest) = path.strip_prefix(destination.trim_end_matches('/')) else { return Vec::new() };
    let rest = match rest.strip_prefix('/') {
        Some(rest) => rest,
        None if rest.is_empty() => rest,
        None => return Vec::new(),
    };
    if let Some((before, behind)) = file_name(source).split_once('*') {
        let matches = !rest.is_empty()
            && rest.len() >= before.len() + behind.len()
            && rest.starts_with(before)
            && rest.ends_with(behind.trim_start_matches('*'));
        return if matches { vec![join(folder_of(source), rest)] } else { Vec::new() };
    }
    if rest.is_empty() {
        return if copied.shared { Vec::new() } else { vec![source.clone()] };
    }
    // A folder's content is copied, a file keeps its name.
    let inside = join(source, rest);
    if file_name(source) == rest {
        if rest.contains('.') { vec![source.clone()] } else { vec![source.clone(), inside] }
    } else {
        vec![inside]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Source, stage, destination of each copy.
    type Copies<'a> = &'a [(&'a str, Option<usize>, &'a str)];

    fn layout(stages: &[(Option<usize>, Copies<'_>)]) -> Layout {
        let mut layout = Layout::default();
        for (base, copies) in stages {
            layout.add_stage(*base);
            for (source, stage, destination) in *copies {
                layout.add_copy(Copied {
                    source: (*source).into(),
                    stage: *stage,
                    destination: (*destination).into(),
                    shared: false,
                });
            }
        }
        layout.ship(stages.len() - 1);
        layout
    }

    #[test]
    fn paths_go_back_to_the_context() {
        let layout = layout(&[(
            None,
            &[(".", None, "/app"), ("docker/run.sh", None, "/run.sh"), ("docker/a.sh", None, "/bin")],
        )]);
        for (path, expect) in [
            ("/app/web/main.x", &["web/main.x"][..]),
            ("/app", &["."]),
            ("/run.sh", &["docker/run.sh"]),
            ("/bin/a.sh", &["docker/a.sh"]),
            ("/bin/b.sh", &["docker/a.sh/b.sh"]),
            ("/application", &[]),
            ("/etc/x", &[]),
        ] {
            assert_eq!(layout.sources(path), expect, "{path}");
        }
    }

    #[test]
    fn paths_go_through_stages_and_patterns() {
        let layout = layout(&[
            (None, &[("src", None, "/build/src"), ("conf*.toml", None, "/build")]),
            (Some(0), &[]),
            (None, &[("/build", Some(1), "/srv/app")]),
        ]);
        assert_eq!(layout.sources("/srv/app/src/a.x"), ["src/a.x"]);
        assert_eq!(layout.sources("/srv/app/conf.prod.toml"), ["conf.prod.toml"]);
        assert_eq!(layout.sources("/build/src/a.x"), Vec::<String>::new(), "that stage does not ship");
    }

    #[test]
    fn folders_are_told_by_what_lies_in_them() {
        let layout = layout(&[(None, &[("list.txt", None, "/app/list.txt"), ("api/web", None, "/app/web")])]);
        assert_eq!(layout.folder(0, "/app").as_deref(), Some("api"));
        assert_eq!(layout.folder(0, "/app/web").as_deref(), Some("api/web"));
        assert_eq!(layout.folder(0, "/srv"), None);
    }

    #[test]
    fn many_ways_end() {
        let mut layout = Layout::default();
        for stage in 0..60_usize {
            layout.add_stage(stage.checked_sub(1));
            for _ in 0..4 {
                layout.add_copy(Copied {
                    source: "/x".into(),
                    stage: stage.checked_sub(1),
                    destination: "/x".into(),
                    shared: false,
                });
            }
        }
        layout.ship(59);
        assert_eq!(layout.sources("/x/y"), Vec::<String>::new());
    }
}
