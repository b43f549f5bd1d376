//! Why a run ends early, and with which exit code.

use depslim_model::exit;
use std::fmt::Display;
use std::io;

/// The end of a run that has no result.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The reader of the output went away: that is no failure.
    Closed,
    /// One message a line, and an exit code.
    Message(u8, Vec<String>),
}

/// What a command gives: an exit code.
pub(crate) type Outcome<T = u8> = Result<T, Stop>;

impl Stop {
    /// Bad usage, bad configuration, something that can't be read or written.
    pub(crate) fn error(message: impl Display) -> Self {
        Self::Message(exit::ERROR, vec![message.to_string()])
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe { Self::Closed } else { Self::error(error) }
    }
}
