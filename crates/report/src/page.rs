//! Text for a terminal, line by line: styles, links, widths, and the one place where foreign text becomes harmless.

use crate::escape;
use crate::view::View;
use anstyle::{AnsiColor, Style};
use std::fmt::Write as _;
use unicode_width::UnicodeWidthStr as _;

pub(crate) const PLAIN: Style = Style::new();
pub(crate) const BOLD: Style = Style::new().bold();
pub(crate) const DIM: Style = Style::new().dimmed();
pub(crate) const ERROR: Style = AnsiColor::Red.on_default().bold();
pub(crate) const WARNING: Style = AnsiColor::Yellow.on_default().bold();
pub(crate) const NOTE: Style = AnsiColor::Cyan.on_default().bold();
pub(crate) const PLACE: Style = AnsiColor::Cyan.on_default();
pub(crate) const GOOD: Style = AnsiColor::Green.on_default().bold();

/// Columns that text takes on a terminal.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// One line.
#[derive(Debug, Clone, Default)]
pub(crate) struct Line {
    parts: Vec<(Style, Option<&'static str>, String)>,
}

impl Line {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds text, made harmless.
    pub(crate) fn put(mut self, style: Style, text: &str) -> Self {
        self.parts.push((style, None, escape::terminal(text).into_owned()));
        self
    }

    pub(crate) fn plain(self, text: &str) -> Self {
        self.put(PLAIN, text)
    }

    /// Adds text that leads to an address of our own.
    pub(crate) fn link(mut self, style: Style, text: &str, url: Option<&'static str>) -> Self {
        self.parts.push((style, url, escape::terminal(text).into_owned()));
        self
    }

    pub(crate) fn width(&self) -> usize {
        self.parts.iter().map(|(_, _, text)| width(text)).sum()
    }

    /// Adds text so that it ends at a column, at least `gap` columns behind what is there.
    pub(crate) fn right(self, column: usize, gap: usize, style: Style, text: &str) -> Self {
        let text = escape::terminal(text);
        let room = column.saturating_sub(self.width() + width(&text)).max(gap);
        self.plain(&" ".repeat(room)).put(style, &text)
    }

    /// Adds spaces up to a column.
    pub(crate) fn to(self, column: usize) -> Self {
        let room = column.saturating_sub(self.width());
        self.plain(&" ".repeat(room))
    }
}

/// Lines in the making.
#[derive(Debug)]
pub(crate) struct Page {
    /// Columns.
    pub(crate) width: usize,
    color: bool,
    hyperlinks: bool,
    gap: bool,
    out: String,
}

impl Page {
    pub(crate) fn new(view: &View) -> Self {
        let width = if view.width == 0 { 100 } else { view.width.max(40) };
        Self { width, color: view.color, hyperlinks: view.hyperlinks, gap: false, out: String::new() }
    }

    /// True when links are told in the text itself.
    pub(crate) fn spells_links(&self) -> bool {
        !self.hyperlinks
    }

    /// An empty line, unless there is one already or nothing follows.
    pub(crate) fn blank(&mut self) {
        self.gap = !self.out.is_empty();
    }

    pub(crate) fn line(&mut self, line: Line) {
        if std::mem::take(&mut self.gap) {
            self.out.push('\n');
        }
        let mut parts = line.parts;
        // A CI runner takes a line that begins with `::` for a command, whatever spaces are before it.
        let first = parts.iter_mut().find(|(_, _, text)| !text.trim().is_empty());
        if let Some((_, _, text)) = first
            && text.trim_start().starts_with(':')
        {
            *text = text.replacen(':', "\\u{3a}", 1);
        }
        while parts
            .last()
            .is_some_and(|(style, link, text)| *style == PLAIN && link.is_none() && text.trim().is_empty())
        {
            parts.pop();
        }
        for (style, link, text) in parts {
            let target = link.filter(|_| self.hyperlinks);
            if let Some(url) = target {
                let _ = write!(self.out, "\x1b]8;;{url}\x1b\\");
            }
            if self.color && style != PLAIN && !text.is_empty() {
                let _ = write!(self.out, "{style}{text}{style:#}");
            } else {
                self.out.push_str(&text);
            }
            if target.is_some() {
                self.out.push_str("\x1b]8;;\x1b\\");
            }
        }
        self.out.push('\n');
    }

    /// A paragraph: words are wrapped, lines after the first are indented to where the text of the first began.
    pub(crate) fn wrapped(&mut self, lead: Line, style: Style, text: &str) {
        let indent = lead.width();
        self.hanging(lead, indent, style, text);
    }

    /// A paragraph with an indent of its own for the lines after the first.
    pub(crate) fn hanging(&mut self, lead: Line, indent: usize, style: Style, text: &str) {
        let (first, rest) = (self.width.saturating_sub(lead.width()), self.width.saturating_sub(indent));
        let mut lead = Some(lead);
        for piece in wrap(&escape::terminal(text), first, rest) {
            let line = lead.take().unwrap_or_else(|| Line::new().to(indent));
            self.line(line.put(style, &piece));
        }
    }

    /// A short text and, from a column on, a long one; below it when the short one is longer than the column.
    pub(crate) fn entry(&mut self, style: Style, short: &str, column: usize, long: &str) {
        let lead = Line::new().plain("  ").put(style, short);
        if lead.width() > 2 + column {
            self.line(lead);
            self.wrapped(Line::new().plain("      "), PLAIN, long);
        } else {
            self.wrapped(lead.to(2 + column).plain("   "), PLAIN, long);
        }
    }

    /// Items side by side, three columns apart, as many a line as fit; lines after the first are indented.
    pub(crate) fn items(&mut self, lead: Line, items: &[Line]) {
        let indent = lead.width();
        let mut line = lead;
        let mut empty = true;
        for item in items {
            if !empty && line.width() + 3 + item.width() > self.width {
                self.line(std::mem::replace(&mut line, Line::new().to(indent)));
                empty = true;
            }
            if !empty {
                line = line.plain("   ");
            }
            line.parts.extend(item.parts.iter().cloned());
            empty = false;
        }
        self.line(line);
    }

    pub(crate) fn finish(self) -> String {
        self.out
    }
}

/// Cuts text into pieces, at spaces, of at most `first` columns and then at most `rest`; a word that is longer stays whole, so
/// that it can be copied.
fn wrap(text: &str, first: usize, rest: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        let room = if lines.is_empty() { first } else { rest };
        let fits = width(&line) + 1 + width(word) <= room.max(20);
        if !line.is_empty() && !fits {
            lines.push(line.trim_end().to_owned());
            line.clear();
        }
        // Spaces between words are kept, those where a line is cut are not.
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line.trim_end().to_owned());
    lines
}

/// At most `columns` columns of a text, cut at a word where one ends; says with `…` that something is missing.
pub(crate) fn shorten(text: &str, columns: usize) -> String {
    let text = escape::terminal(text);
    if width(&text) <= columns {
        return text.into_owned();
    }
    let mut out = String::new();
    for c in text.chars() {
        if width(&out) + width(c.encode_utf8(&mut [0; 4])) >= columns {
            break;
        }
        out.push(c);
    }
    if let Some(space) = out.rfind(' ').filter(|at| *at >= out.len() / 2) {
        out.truncate(space);
    }
    out.push('…');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(color: bool, hyperlinks: bool) -> Page {
        Page::new(&View { width: 40, color, hyperlinks, ..View::default() })
    }

    #[test]
    fn without_colour_there_is_no_escape() {
        let mut page = page(false, false);
        page.line(
            Line::new().put(ERROR, "error").link(BOLD, "SLIM001", Some("https://example.invalid/x")).plain("\x1b[2J"),
        );
        assert_eq!(page.finish(), "errorSLIM001\\u{1b}[2J\n");
    }

    #[test]
    fn colours_and_links_are_closed() {
        let mut page = page(true, true);
        page.line(Line::new().link(ERROR, "SLIM001", Some("https://example.invalid/x")));
        assert_eq!(
            page.finish(),
            "\x1b]8;;https://example.invalid/x\x1b\\\x1b[1m\x1b[31mSLIM001\x1b[0m\x1b]8;;\x1b\\\n"
        );
    }

    #[test]
    fn blank_lines_stand_between_things_only() {
        let mut page = page(false, false);
        page.blank();
        page.line(Line::new().plain("a"));
        page.blank();
        page.blank();
        page.line(Line::new().plain("b   "));
        page.blank();
        assert_eq!(page.finish(), "a\n\nb   \n");
    }

    #[test]
    fn no_line_is_a_command_to_the_runner() {
        let mut page = page(false, false);
        page.line(Line::new().plain("  ").plain("::error::x"));
        page.wrapped(
            Line::new().plain("   = "),
            PLAIN,
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa ::set-env name=x::y",
        );
        for line in page.finish().lines() {
            assert!(!line.trim_start().starts_with("::"), "{line}");
        }
    }

    #[test]
    fn text_is_wrapped_not_cut() {
        let mut page = page(false, false);
        page.wrapped(
            Line::new().plain("   = "),
            PLAIN,
            "searched 212 files in settings and in a-very-long-path/that/can/not/be/wrapped.py: no use",
        );
        insta::assert_snapshot!(page.finish(), @r"
           = searched 212 files in settings and
             in
             a-very-long-path/that/can/not/be/wrapped.py:
             no use
        ");
    }

    #[test]
    fn long_text_is_shortened_at_a_word() {
        assert_eq!(shorten("short", 10), "short");
        assert_eq!(shorten("gunicorn app.main:app -b 0.0.0.0", 24), "gunicorn app.main:app…");
        assert_eq!(shorten("名前名前名前", 6), "名前…");
        assert_eq!(shorten("aaaaaaaaaaaaaaa", 6), "aaaaa…");
    }
}
