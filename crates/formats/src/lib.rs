//! Text to values with line numbers; format-keeping edits; knows no package manager.
