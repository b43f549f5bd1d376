//! The project's own files that ship: what its container file would be sent, less what no production image needs.

use crate::image::files::ContainerFile;
use depslim_image::{Ignores, context};
use std::path::{Path, PathBuf};

/// The files, absolute, in order. The ignore file of the build context decides, as it does for `COPY`; what version control ignores
/// may well ship (collected assets). `into` is the folder that is being made.
pub(super) fn files(root: &Path, folder: &Path, container: Option<&ContainerFile<'_>>, into: &Path) -> Vec<PathBuf> {
    let context = container.and_then(|c| c.observed.context.as_deref()).unwrap_or_default();
    let context = if context.is_empty() || context == "." { root.to_owned() } else { root.join(context) };
    let beside = container.map(|c| root.join(format!("{}.dockerignore", c.path)));
    let text = beside
        .and_then(|path| fs_err::read(path).ok())
        .or_else(|| fs_err::read(context.join(".dockerignore")).ok())
        .unwrap_or_default();
    let ignores = Ignores::read(&String::from_utf8_lossy(&text));
    // The folder as the ignore file calls it; one outside of the context is not spoken of.
    let prefix = folder.strip_prefix(&context).map(|p| p.to_string_lossy().into_owned()).unwrap_or_default();
    let name = |path: &str| if prefix.is_empty() { path.to_owned() } else { format!("{prefix}/{path}") };
    let parent = fs_err::canonicalize(into.parent().unwrap_or(Path::new("/")));
    let into = parent.map_or_else(|_| into.to_owned(), |parent| parent.join(into.file_name().unwrap_or_default()));
    let made = |path: &Path| path == into || path.join(depslim_model::EXPORTED).exists();
    context::needed(folder, &|path| ignores.leaves_out(&name(path)), &made)
        .into_iter()
        .map(|path| folder.join(path))
        .collect()
}
