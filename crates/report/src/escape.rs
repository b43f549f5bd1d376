//! Makes foreign text harmless for the place where it is shown. Nothing is dropped: what can't be shown is spelled out.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Spells out what acts instead of showing: control characters (`\u{1b}`), line breaks, characters that turn the direction of
/// text, and characters that take no room.
///
/// ```
/// assert_eq!(depslim_report::escape::visible("a\x1b[31mb\nc"), "a\\u{1b}[31mb\\nc");
/// ```
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(acts) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\t' => out.push(' '),
            c if acts(c) => out.extend(c.escape_default()),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

fn acts(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// For terminals and logs: [`visible`], and nothing in it is a command to a CI runner that reads the log (`##[…]`).
pub fn terminal(text: &str) -> Cow<'_, str> {
    let text = visible(text);
    if text.contains("##[") { Cow::Owned(text.replace("##[", "##\\u{5b}")) } else { text }
}

const NOTHING: &str = "&#8203;";

/// For Markdown as running text: no markup, no HTML, no mention, no reference to an issue, no link.
pub fn markdown(text: &str) -> String {
    let text = visible(text);
    let mut out = String::with_capacity(text.len() + 16);
    for (at, c) in text.char_indices() {
        let follows = |mark: &str| text[at..].get(..mark.len()).is_some_and(|next| next.eq_ignore_ascii_case(mark));
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // A space of no width takes the meaning away: platforms look for these after Markdown is rendered.
            '@' | '#' => {
                out.push(c);
                out.push_str(NOTHING);
            }
            ':' if follows("://") => {
                out.push(':');
                out.push_str(NOTHING);
            }
            'w' | 'W' if follows("www.") => {
                out.push(c);
                out.push_str(NOTHING);
            }
            'g' | 'G' if follows("gh-") => {
                out.push(c);
                out.push_str(NOTHING);
            }
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '$' => {
                out.push('\\');
                out.push(c);
            }
            // Where a line starts, these make lists and rules.
            '+' | '-' | '=' if out.is_empty() => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    // `1.` at the start makes a list, too.
    let digits = out.bytes().take_while(u8::is_ascii_digit).count();
    let marker = out[digits..].strip_prefix(['.', ')']);
    if digits > 0 && marker.is_some_and(|rest| rest.is_empty() || rest.starts_with(' ')) {
        out.insert(digits, '\\');
    }
    out
}

/// For Markdown as code, inside or outside a table.
pub fn markdown_code(text: &str) -> String {
    let text = visible(text);
    if text.trim().is_empty() {
        return String::new();
    }
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let room = if text.starts_with('`') || text.ends_with('`') || longest > 0 { " " } else { "" };
    // A table's row is cut at pipes before anything else is looked at, also inside code.
    format!("{fence}{room}{}{room}{fence}", text.replace('|', "\\|"))
}

/// For HTML, in text and in quoted attributes.
pub fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for c in visible(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// JSON for the inside of a `<script>` element: the same value, without a character that could end the element.
pub fn script_json(json: &str) -> String {
    let mut out = String::with_capacity(json.len() + json.len() / 32);
    for c in json.chars() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

/// The message of a workflow command. Line breaks that are meant are given as separate `lines`.
pub fn workflow_message(lines: &[String]) -> String {
    let lines: Vec<String> = lines.iter().map(|line| terminal(line).replace('%', "%25")).collect();
    lines.join("%0A")
}

/// The value of a workflow command's property.
pub fn workflow_property(text: &str) -> String {
    terminal(text).replace('%', "%25").replace(':', "%3A").replace(',', "%2C")
}

/// A relative path as a URI reference (RFC 3986): all that is not unreserved is spelled out.
pub fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_acts_is_spelled_out() {
        for (text, expect) in [
            ("plain ünïcode 名前", "plain ünïcode 名前"),
            ("\x1b]8;;http://evil\x07x", "\\u{1b}]8;;http://evil\\u{7}x"),
            ("a\r\nb\tc", "a\\r\\nb c"),
            ("abc\u{202e}txt.exe", "abc\\u{202e}txt.exe"),
            ("zero\u{200b}width\u{feff}", "zero\\u{200b}width\\u{feff}"),
            ("\u{9b}31m", "\\u{9b}31m"),
        ] {
            assert_eq!(visible(text), expect);
        }
    }

    #[test]
    fn a_log_holds_no_commands() {
        assert_eq!(terminal("##[error]x"), "##\\u{5b}error]x");
        assert_eq!(workflow_message(&["100%\n::set-output::".into(), "b".into()]), "100%25\\n::set-output::%0Ab");
        assert_eq!(workflow_property("a:b,c%\r\n"), "a%3Ab%2Cc%25\\r\\n");
    }

    #[test]
    fn markdown_text_is_only_text() {
        for (text, expect) in [
            ("twilio is never used", "twilio is never used"),
            ("snake_case*", "snake\\_case\\*"),
            ("<img src=x> & @team #12", "&lt;img src=x&gt; &amp; @&#8203;team #&#8203;12"),
            ("[x](https://evil.example)", "\\[x\\](https:&#8203;//evil.example)"),
            ("www.evil.example GH-12", "w&#8203;ww.evil.example G&#8203;H-12"),
            ("a|b", "a\\|b"),
            ("- item", "\\- item"),
            ("12. item", "12\\. item"),
            ("0.1.0", "0.1.0"),
        ] {
            assert_eq!(markdown(text), expect);
        }
    }

    #[test]
    fn markdown_code_holds_any_text() {
        for (text, expect) in [
            ("pandas", "`pandas`"),
            ("a`b", "`` a`b ``"),
            ("``", "``` `` ```"),
            ("a|b", "`a\\|b`"),
            ("@team", "`@team`"),
            ("", ""),
            ("a\nb", "`a\\nb`"),
        ] {
            assert_eq!(markdown_code(text), expect);
        }
    }

    #[test]
    fn a_script_element_can_not_be_ended() {
        let json = script_json(r#"{"name":"</script><!--&"}"#);
        assert_eq!(json, r#"{"name":"\u003c/script\u003e\u003c!--\u0026"}"#);
        assert_eq!(html("<a href='\"'>&"), "&lt;a href=&#39;&quot;&#39;&gt;&amp;");
    }

    #[test]
    fn paths_become_uris() {
        assert_eq!(uri("a b/ü#1:%.py"), "a%20b/%C3%BC%231%3A%25.py");
    }

    proptest! {
        #[test]
        fn any_text_is_harmless(text in "\\PC*|[\\x00-\\x7f]*|(##\\[|::|`|\\||@|\x1b)*") {
            prop_assert!(!visible(&text).chars().any(char::is_control));
            prop_assert!(!terminal(&text).contains("##["));
            prop_assert!(!html(&text).contains(['<', '>', '"', '\'']));
            prop_assert!(!script_json(&text).contains(['<', '>', '&']));
            let property = workflow_property(&text);
            prop_assert!(!property.contains([':', ',', '\n', '\r']));
            prop_assert!(uri(&text).is_ascii());
            prop_assert!(!markdown(&text).contains(['<', '>', '\n']));
        }
    }
}
