//! `depslim debug`: one stage's data as JSON.

use crate::args::Debug;
use crate::session::{Session, failed};
use crate::stop::Outcome;
use crate::write::print;
use depslim_model::exit;

pub(crate) fn run(session: &Session, flags: &Debug) -> Outcome {
    let root = session.root(&flags.path)?;
    let config = session.config(&root, &flags.analysis)?;
    let text = depslim::debug(&root, &config.options, flags.stage.name()).map_err(|error| failed(&error))?;
    print(&text)?;
    if !text.ends_with('\n') {
        print("\n")?;
    }
    Ok(exit::CLEAN)
}
