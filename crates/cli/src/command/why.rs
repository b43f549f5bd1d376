//! `depslim why`: everything about one package, or what a rule means.

use super::analyse;
use crate::args::Why;
use crate::session::Session;
use crate::stop::{Outcome, Stop};
use crate::write::print;
use depslim::policy;
use depslim_model::{Code, exit};
use depslim_report::{explain, why};

pub(crate) fn run(session: &Session, flags: &Why) -> Outcome {
    if let Some(code) = Code::find(&flags.subject) {
        print(&explain(code, &session.view(&session.here)))?;
        return Ok(exit::CLEAN);
    }
    if is_code(&flags.subject) {
        let hint = crate::suggest::hint(&flags.subject, Code::ALL.iter().map(|code| code.code()));
        return Err(Stop::error(format_args!("no rule `{}`{hint}", flags.subject)));
    }
    let root = session.root(&flags.path)?;
    let mut analysed = analyse(session, &root, &flags.analysis)?;
    policy::apply(&mut analysed.report, &analysed.config.policy, &analysed.inline, None);
    match why(&analysed.report, &flags.subject, &session.view(&root)) {
        Ok(text) => {
            print(&text)?;
            Ok(exit::CLEAN)
        }
        Err(none) => Err(Stop::error(none)),
    }
}

/// Whether a word can only be a rule's code.
fn is_code(word: &str) -> bool {
    let number = word.get(..4).filter(|prefix| prefix.eq_ignore_ascii_case("slim")).map(|_| &word[4..]);
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}
