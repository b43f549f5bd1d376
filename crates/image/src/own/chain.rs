//! Shell text taken apart into the commands that `&&`, `;` and line ends join, where that is all there is to it.

/// The commands, each as it is written. `None` when the text has anything that ties them together otherwise (`||`, pipes, loops,
/// conditions, here-documents): then it has to stay whole.
pub(crate) fn split(text: &str) -> Option<Vec<String>> {
    let mut commands = vec![String::new()];
    let mut quote: Option<char> = None;
    let mut depth = 0_u32;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let last = commands.last_mut()?;
        match (character, quote) {
            ('\\', None | Some('"')) => match characters.next() {
                Some('\n') => last.push(' '),
                Some(next) => last.extend([character, next]),
                None => return None,
            },
            (_, Some(open)) => {
                if character == open {
                    quote = None;
                }
                last.push(character);
            }
            ('\'' | '"', None) => {
                quote = Some(character);
                last.push(character);
            }
            // A substitution is part of its word.
            ('$', None) if characters.peek() == Some(&'(') => {
                characters.next();
                depth += 1;
                last.push_str("$(");
            }
            ('(', None) if depth > 0 => {
                depth += 1;
                last.push(character);
            }
            (')', None) if depth > 0 => {
                depth -= 1;
                last.push(character);
            }
            (_, None) if depth > 0 => last.push(character),
            ('#', None) if last.chars().next_back().is_none_or(char::is_whitespace) => {
                while characters.peek().is_some_and(|c| *c != '\n') {
                    characters.next();
                }
            }
            ('&', None) if characters.peek() == Some(&'&') => {
                characters.next();
                commands.push(String::new());
            }
            // `2>&1`
            ('&', None) if last.ends_with('>') || characters.peek() == Some(&'>') => last.push(character),
            (';' | '\n', None) => commands.push(String::new()),
            ('&' | '|' | '(' | ')' | '`', None) => return None,
            ('<', None) if characters.peek() == Some(&'<') => return None,
            (character, None) => last.push(character),
        }
    }
    if quote.is_some() || depth > 0 {
        return None;
    }
    let commands: Vec<String> = commands.iter().map(|c| c.trim().to_owned()).filter(|c| !c.is_empty()).collect();
    let ties = [
        "if", "then", "else", "elif", "fi", "for", "while", "until", "do", "done", "case", "esac", "{", "}", "!",
        "function",
    ];
    let tied = commands.iter().any(|c| c.split_whitespace().next().is_some_and(|w| ties.contains(&w)));
    (!tied).then_some(commands)
}

#[cfg(test)]
mod tests {
    use super::split;

    fn check(text: &str, expect: Option<&[&str]>) {
        assert_eq!(
            split(text).as_deref(),
            expect.map(|e| e.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>()).as_deref(),
            "{text}"
        );
    }

    #[test]
    fn commands_that_follow_each_other() {
        check("a b && c; d\ne", Some(&["a b", "c", "d", "e"]));
        check("a 'x && y' \"p; q\" && b \\\n  c", Some(&["a 'x && y' \"p; q\"", "b    c"]));
        check("set -eux; # why\n a > /dev/null 2>&1", Some(&["set -eux", "a > /dev/null 2>&1"]));
        check(
            "sed -i \"s/x/$(date +'%Y && %m')/\" f && b $(c; d | e)",
            Some(&["sed -i \"s/x/$(date +'%Y && %m')/\" f", "b $(c; d | e)"]),
        );
        check("", Some(&[]));
    }

    #[test]
    fn what_hangs_together_stays_whole() {
        for text in [
            "a || b",
            "a | b",
            "(a; b)",
            "if a; then b; fi",
            "for x in y; do z; done",
            "cat <<E\nx\nE",
            "a &",
            "a 'b",
            "x `y`",
            "! a",
            "\\",
        ] {
            check(text, None);
        }
    }
}
