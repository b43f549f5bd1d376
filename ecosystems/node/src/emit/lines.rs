//! Locks that are made of lines: blocks by their indentation.

/// A line with what is indented below it, empty lines behind it included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block<'t> {
    /// The first line, without indentation and line end.
    pub(super) head: &'t str,
    /// All lines but the first, with their ends.
    pub(super) body: Vec<&'t str>,
    /// The first line as it stands.
    pub(super) line: &'t str,
}

impl<'t> Block<'t> {
    /// The key that the first line begins with, without quotes.
    pub(super) fn key(&self) -> &'t str {
        let head = self.head;
        for quote in ['\'', '"'] {
            if let Some(rest) = head.strip_prefix(quote) {
                return rest.split(quote).next().unwrap_or(rest);
            }
        }
        head.strip_suffix(':').unwrap_or_else(|| head.split(": ").next().unwrap_or(head))
    }

    /// Appends the block as it stands.
    pub(super) fn write(&self, out: &mut String) {
        out.push_str(self.line);
        out.extend(self.body.iter().copied());
    }
}

/// The blocks that begin at an indentation, and the lines before the first of them.
pub(super) fn blocks<'t>(lines: impl IntoIterator<Item = &'t str>, indent: usize) -> (Vec<&'t str>, Vec<Block<'t>>) {
    let (mut before, mut blocks) = (Vec::new(), Vec::<Block<'t>>::new());
    for line in lines {
        let said = line.trim();
        let starts =
            !said.is_empty() && line.len() - line.trim_start_matches(' ').len() == indent && !said.starts_with('#');
        match blocks.last_mut() {
            _ if starts => blocks.push(Block { head: said, body: Vec::new(), line }),
            Some(block) => block.body.push(line),
            None => before.push(line),
        }
    }
    (before, blocks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_what_is_indented() {
        let text = "# made\n\npackages:\n\n  'a@1':\n    x: 1\n\n  b: {}\n";
        let (before, top) = blocks(text.split_inclusive('\n'), 0);
        assert_eq!(before, ["# made\n", "\n"]);
        assert_eq!(top[0].key(), "packages");
        let (_, inner) = blocks(top[0].body.iter().copied(), 2);
        assert_eq!(inner.iter().map(Block::key).collect::<Vec<_>>(), ["a@1", "b"]);
        assert_eq!((inner[0].body.len(), inner[1].body.len()), (2, 0));
        let mut out = before.concat();
        for block in &top {
            block.write(&mut out);
        }
        assert_eq!(out, text);
    }
}
