//! The depslim command.
