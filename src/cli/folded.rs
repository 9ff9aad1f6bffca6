//! Long lines of a listing in a terminal: each goes on below its own text, and names stay in the column before it.

use std::io::{self, Write};

/// A narrower terminal is taken to have so many columns: in fewer, nothing would be left to read.
const LEAST: usize = 40;

/// Lines that are longer than the terminal's go on in the next one, where their text began; without columns they stay as they
/// are.
pub(super) struct Folded<W: Write> {
    out: W,
    columns: Option<usize>,
    /// The line that is not ended yet.
    line: Vec<u8>,
}

impl<W: Write> Folded<W> {
    pub(super) fn new(out: W, columns: Option<usize>) -> Self {
        Folded { out, columns: columns.map(|columns| columns.max(LEAST)), line: Vec::new() }
    }

    /// Writes a line as long as it is.
    pub(super) fn whole(&mut self, line: &str) -> io::Result<()> {
        self.out.write_all(&std::mem::take(&mut self.line))?;
        writeln!(self.out, "{line}")
    }
}

impl<W: Write> Write for Folded<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(columns) = self.columns else { return self.out.write(bytes) };
        for &byte in bytes {
            self.line.push(byte);
            if byte == b'\n' {
                let line = std::mem::take(&mut self.line);
                self.out.write_all(fold(&String::from_utf8_lossy(&line), columns).as_bytes())?;
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.write_all(&std::mem::take(&mut self.line))?;
        self.out.flush()
    }
}

/// Where the text of a line begins: behind the last gap of two blanks or more in its first half, else behind the first word.
fn text_begins(line: &str, columns: usize) -> usize {
    let (mut begins, mut blanks, mut first) = (0, 0, None);
    for (place, c) in line.chars().enumerate().take(columns / 2) {
        match c {
            ' ' => blanks += 1,
            _ => {
                begins = if blanks > 1 { place } else { begins };
                first = first.or((blanks > 0).then_some(place));
                blanks = 0;
            }
        }
    }
    if begins > 0 { begins } else { first.unwrap_or(0) }
}

fn fold(line: &str, columns: usize) -> String {
    if line.trim_end().chars().count() <= columns {
        return line.to_owned();
    }
    let begins = text_begins(line, columns);
    let (mut folded, mut width) = (String::new(), 0);
    for (place, word) in line.split(' ').enumerate() {
        let long = word.trim_end().chars().count();
        if place > 0 && width >= begins && width > 0 && width + 1 + long > columns && long > 0 {
            folded.truncate(folded.trim_end_matches(' ').len());
            folded.push('\n');
            folded.push_str(&" ".repeat(begins));
            width = begins;
        } else if place > 0 {
            folded.push(' ');
            width += 1;
        }
        folded.push_str(word);
        width += long;
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(columns: Option<usize>, text: &str) -> String {
        let mut out = Vec::new();
        let mut folded = Folded { out: &mut out, columns, line: Vec::new() };
        write!(folded, "{text}").unwrap();
        folded.flush().unwrap();
        drop(folded);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_long_line_goes_on_below_its_own_text() {
        let text =
            "study      a short one\nscaler     3: none, standard, robust\nclassifier 3: prior, lightgbm, xgboost\n";
        assert_eq!(of(None, text), text);
        assert_eq!(of(Some(80), text), text);
        assert_eq!(
            of(Some(30), text),
            "study      a short one\nscaler     3: none, standard,\n           robust\nclassifier 3: prior, lightgbm,\n           \
             xgboost\n"
        );
        // A name in a narrower column than the gap before its value; and a word that is longer than the terminal.
        assert_eq!(of(Some(20), "  as in  https://a.org/b/c/d and\n"), "  as in  https://a.org/b/c/d\n         and\n");
        assert_eq!(of(Some(12), "no gap in this"), "no gap in this", "not ended yet");
        assert_eq!(of(Some(12), "no gap in this\n"), "no gap in\n   this\n");
    }

    #[test]
    fn a_whole_line_stays_whole() {
        let mut out = Vec::new();
        let mut folded = Folded { out: io::BufWriter::new(&mut out), columns: Some(5), line: b"no end ".to_vec() };
        folded.whole("one two three").unwrap();
        assert!(folded.out.get_ref().is_empty(), "thousands of lines are written together");
        drop(folded);
        assert_eq!(out, b"no end one two three\n");
    }

    #[test]
    fn a_narrow_terminal_is_taken_for_one_of_forty_columns() {
        let mut out = Vec::new();
        let mut folded = Folded::new(&mut out, Some(12));
        // Of forty columns, and of one more.
        write!(folded, "{}\n{}\n", "ab ".repeat(13) + "a", "ab ".repeat(13) + "ab").unwrap();
        drop(folded);
        let (whole, cut) = ("ab ".repeat(13) + "a", "ab ".repeat(12) + "ab");
        assert_eq!(String::from_utf8(out).unwrap(), format!("{whole}\n{cut}\n   ab\n"));
    }
}
