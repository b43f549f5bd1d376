//! Requirements, each where `go mod tidy` puts it.

use super::lines::{Block, Item, Layout, Line};
use super::{Stated, Wanted};

/// From this minor version on, marked lines have a block of their own.
const SEPARATE: u32 = 17;

impl Layout {
    /// Makes the file state these requirements and no others, for a minor version of the language.
    pub(crate) fn require(&mut self, wanted: &Wanted, language: u32) {
        let places = if language >= SEPARATE { self.separate() } else { Places::default() };
        let mut missing = wanted.clone();
        let mut moved: Vec<(bool, Line)> = Vec::new();
        for (at, item) in self.items.iter_mut().enumerate() {
            let (lines, inside): (&mut [Line], bool) = match item {
                Item::Line(line) if is_require(line) => (std::slice::from_mut(line), false),
                Item::Block(block) if block.verb == "require" => (&mut block.lines, true),
                _ => continue,
            };
            for line in lines {
                let first = usize::from(!inside);
                let path = line.words.get(first).map(|word| word.trim_matches(['"', '`']).to_owned());
                let Some(stated) = path.and_then(|path| missing.remove(&path)) else {
                    line.words.clear();
                    continue;
                };
                state(line, &stated, inside);
                let (wrong, alone) = if stated.indirect {
                    (places.direct, places.direct_alone)
                } else {
                    (places.indirect, places.indirect_alone)
                };
                if places.mixed || (inside && !alone && wrong == Some(at)) {
                    let mut line = std::mem::take(line);
                    line.words.drain(..first);
                    moved.push((stated.indirect, line));
                }
            }
        }
        for (path, stated) in missing {
            let mut line = Line { words: vec![quoted(&path), stated.version], ..Line::default() };
            mark(&mut line, stated.indirect);
            moved.push((stated.indirect, line));
        }
        for (indirect, line) in moved {
            let place = if indirect { places.indirect } else { places.direct };
            self.insert(place, line);
        }
        for item in &mut self.items {
            if let Item::Block(block) = item {
                block.lines.sort_by(|a, b| a.words.cmp(&b.words));
            }
        }
        self.clean();
    }

    /// Makes the file ask for another version of the language.
    pub(crate) fn language(&mut self, version: &str) {
        for item in &mut self.items {
            match item {
                Item::Line(line) if line.words.first().is_some_and(|verb| verb == "go") && line.words.len() == 2 => {
                    version.clone_into(&mut line.words[1]);
                }
                _ => {}
            }
        }
    }

    /// The last block of lines that are all unmarked, and the last of lines that are all marked, without comments of other kinds: made
    /// where there are none.
    fn separate(&mut self) -> Places {
        let mut places = Places::default();
        let mut last = None;
        let mut count = 0;
        let mut plain_last = false;
        for (at, item) in self.items.iter().enumerate() {
            let (lines, plain): (&[Line], bool) = match item {
                Item::Line(line) if is_require(line) => (std::slice::from_ref(line), is_plain(line)),
                Item::Block(block) if block.verb == "require" => {
                    let plain = block.before.is_empty() && block.behind_open.is_none() && block.behind_close.is_none();
                    (&block.lines, plain)
                }
                _ => continue,
            };
            last = Some(at);
            count += 1;
            plain_last = plain && if matches!(item, Item::Line(_)) { is_plain(&lines[0]) } else { true };
            let all_plain = plain && !lines.is_empty() && lines.iter().all(is_plain);
            if all_plain && lines.iter().all(|line| !is_marked(line)) {
                places.direct = Some(at);
            }
            if all_plain && lines.iter().all(is_marked) {
                places.indirect = Some(at);
            }
        }
        places.mixed = count == 1 && plain_last;
        let alone = |at: Option<usize>| at.is_some_and(|at| matches!(self.items.get(at), Some(Item::Line(_))));
        (places.direct_alone, places.indirect_alone) = (alone(places.direct), alone(places.indirect));
        let direct = match (places.direct, places.indirect, last) {
            (Some(at), ..) => self.block(at),
            (None, Some(at), _) => {
                places.indirect = Some(at + 1);
                self.new_block(at)
            }
            (None, None, Some(at)) => self.new_block(at + 1),
            (None, None, None) => self.new_block(self.items.len()),
        };
        let indirect = match places.indirect {
            Some(at) => self.block(at),
            None => self.new_block(direct + 1),
        };
        places.direct = Some(direct);
        places.indirect = Some(indirect);
        places
    }

    fn new_block(&mut self, at: usize) -> usize {
        self.items.insert(at, Item::Block(Block { verb: "require".into(), ..Block::default() }));
        at
    }

    /// Makes a block of the item at a place, if it is a line.
    fn block(&mut self, at: usize) -> usize {
        if let Some(Item::Line(line)) = self.items.get_mut(at) {
            let mut line = std::mem::take(line);
            line.words.drain(..1);
            self.items[at] = Item::Block(Block { verb: "require".into(), lines: vec![line], ..Block::default() });
        }
        at
    }

    /// Puts a line into a block; without a place into the last one with requirements.
    fn insert(&mut self, place: Option<usize>, line: Line) {
        let require = |item: &Item| match item {
            Item::Line(line) => is_require(line),
            Item::Block(block) => block.verb == "require",
            Item::Comments(_) => false,
        };
        let at = match place.or_else(|| self.items.iter().rposition(require)) {
            Some(at) => self.block(at),
            None => self.new_block(self.items.len()),
        };
        if let Some(Item::Block(block)) = self.items.get_mut(at) {
            block.lines.push(line);
        }
    }

    /// Takes out what has no words left; a block with one line becomes that line.
    fn clean(&mut self) {
        let items = std::mem::take(&mut self.items);
        self.items = items
            .into_iter()
            .filter_map(|item| match item {
                Item::Line(line) => (!line.words.is_empty()).then_some(Item::Line(line)),
                Item::Block(mut block) => {
                    block.lines.retain(|line| !line.words.is_empty());
                    match block.lines.len() {
                        0 => None,
                        1 if block.last.is_empty() => {
                            let mut line = block.lines.remove(0);
                            line.before.splice(0..0, block.before);
                            line.words.insert(0, block.verb);
                            line.behind = line.behind.or(block.behind_close).or(block.behind_open);
                            Some(Item::Line(line))
                        }
                        _ => Some(Item::Block(block)),
                    }
                }
                comments @ Item::Comments(_) => Some(comments),
            })
            .collect();
    }
}

/// Where lines belong.
#[derive(Debug, Clone, Copy, Default)]
struct Places {
    direct: Option<usize>,
    indirect: Option<usize>,
    /// There is one line or block, and its lines are parted.
    mixed: bool,
    /// The block was a single line, which stays where it is.
    direct_alone: bool,
    indirect_alone: bool,
}

fn is_require(line: &Line) -> bool {
    line.words.first().is_some_and(|verb| verb == "require")
}

/// Whether a line has no comment but the mark.
fn is_plain(line: &Line) -> bool {
    let comment = line.behind.as_deref().map(|comment| comment.trim_start_matches("//").trim());
    line.before.is_empty() && comment.is_none_or(|comment| comment == "indirect")
}

fn is_marked(line: &Line) -> bool {
    let Some(comment) = &line.behind else { return false };
    let mut words = comment.trim_start_matches("//").split_whitespace();
    match words.next() {
        Some("indirect") => words.next().is_none(),
        Some("indirect;") => words.next().is_some(),
        _ => false,
    }
}

/// Gives a line its version and its mark.
fn state(line: &mut Line, stated: &Stated, inside: bool) {
    if inside && line.before.len() == 1 && line.before[0].is_empty() {
        line.before.clear();
    }
    if let Some(version) = line.words.get_mut(if inside { 1 } else { 2 }) {
        stated.version.clone_into(version);
    }
    mark(line, stated.indirect);
}

/// Sets the mark, and keeps what else the comment says.
fn mark(line: &mut Line, indirect: bool) {
    if is_marked(line) == indirect {
        return;
    }
    let said = line.behind.take().map(|comment| comment.trim_start_matches("//").trim().to_owned());
    let said = said.filter(|said| !said.is_empty());
    line.behind = match (indirect, said) {
        (true, None) => Some("// indirect".to_owned()),
        (true, Some(said)) => Some(format!("// indirect; {said}")),
        (false, said) => said.and_then(|said| Some(format!("// {}", said.strip_prefix("indirect;")?.trim_start()))),
    };
}

/// A path as a file may hold it.
fn quoted(path: &str) -> String {
    let plain = |c: char| !c.is_whitespace() && !matches!(c, '"' | '`' | '(' | ')' | '[' | ']' | ',');
    if path.chars().all(plain) && !path.contains("//") { path.to_owned() } else { format!("\"{path}\"") }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The requirements of a file, each `path version`, marked ones with a `*` in front.
    fn check(text: &str, wanted: &[&str], language: u32, expect: &str) {
        let wanted: Wanted = wanted
            .iter()
            .map(|line| {
                let (path, version) = line.trim_start_matches('*').split_once(' ').unwrap();
                (path.to_owned(), Stated { version: version.to_owned(), indirect: line.starts_with('*') })
            })
            .collect();
        let mut layout = Layout::read(text).unwrap();
        layout.require(&wanted, language);
        assert_eq!(layout.text(), expect, "{text}");
    }

    #[test]
    fn marked_lines_have_a_block_of_their_own() {
        check(
            "module m\n\ngo 1.21\n\nrequire (\n\tb.example v1.0.0\n\ta.example v1.0.0\n)\n",
            &["a.example v1.0.0", "*b.example v1.0.0", "*c.example v1.0.0"],
            21,
            "module m\n\ngo 1.21\n\nrequire a.example v1.0.0\n\nrequire (\n\tb.example v1.0.0 // indirect\n\tc.example v1.0.0 // indirect\n)\n",
        );
        check(
            "module m\n\ngo 1.16\n\nrequire (\n\tb.example v1.0.0\n\ta.example v1.0.0\n)\n",
            &["a.example v1.0.0", "*b.example v1.1.0", "*c.example v1.0.0"],
            16,
            "module m\n\ngo 1.16\n\nrequire (\n\ta.example v1.0.0\n\tb.example v1.1.0 // indirect\n\tc.example v1.0.0 // indirect\n)\n",
        );
    }

    #[test]
    fn lines_move_between_the_blocks() {
        let text = "module m\n\nrequire (\n\ta.example v1.0.0\n\tb.example v1.0.0\n)\n\nrequire (\n\tc.example v1.0.0 // indirect\n\td.example v1.0.0 // indirect\n)\n";
        check(
            text,
            &["*a.example v1.0.0", "b.example v1.0.0", "c.example v1.0.0", "*d.example v1.0.0"],
            21,
            "module m\n\nrequire (\n\tb.example v1.0.0\n\tc.example v1.0.0\n)\n\nrequire (\n\ta.example v1.0.0 // indirect\n\td.example v1.0.0 // indirect\n)\n",
        );
        check(text, &["*d.example v1.0.0"], 21, "module m\n\nrequire d.example v1.0.0 // indirect\n");
        check(text, &[], 21, "module m\n");
        check("module m\n", &["a.example v1.0.0"], 21, "module m\n\nrequire a.example v1.0.0\n");
        check("module m\n", &["*a.example v1.0.0"], 12, "module m\n\nrequire a.example v1.0.0 // indirect\n");
        check(
            "module m\n\nrequire b.example v1.0.0 // indirect\n",
            &["a.example v1.0.0", "*b.example v1.0.0"],
            21,
            "module m\n\nrequire a.example v1.0.0\n\nrequire b.example v1.0.0 // indirect\n",
        );
    }

    #[test]
    fn comments_stay_with_their_lines() {
        check(
            "module m\n\nrequire (\n\t// roof\n\ta.example v1.0.0 // indirect; rain\n\n\tb.example v1.0.0 // ours\n\tb.example v0.9.0\n)\n",
            &["a.example v1.0.0", "*b.example v1.0.0"],
            21,
            "module m\n\n// roof\nrequire a.example v1.0.0 // rain\n\nrequire b.example v1.0.0 // indirect; ours\n",
        );
    }
}
