//! `reproduction.tex`: every table with booktabs, to be taken in by `\input`.

use super::document::{Block, Document};
use super::tables::Table;
use crate::report::latex::escape;

/// The document's tables.
pub fn tables(document: &Document) -> String {
    let mut out = String::from(
        "% Needs \\usepackage{booktabs}. Written by fraudbench; claims.csv has the claims in full precision.\n",
    );
    for block in document.sections.iter().flat_map(|section| &section.blocks) {
        if let Block::Table(t) = block {
            out.push_str(&table(t));
        }
    }
    out
}

fn table(t: &Table) -> String {
    let column = |(_, share): &(&str, Option<f64>)| match share {
        Some(share) => format!("p{{{share}\\linewidth}}"),
        None => "l".to_owned(),
    };
    let line = |cells: Vec<String>| format!("{} \\\\\n", cells.join(" & "));
    let mut out = String::from("\n\\begin{table}\n\\centering\\scriptsize\\setlength{\\tabcolsep}{3pt}\n");
    out.push_str(&format!("\\caption{{{}}}\n\\label{{tab:reproduction-{}}}\n", rich(&t.caption), t.id));
    out.push_str(&format!("\\begin{{tabular}}{{{}}}\n\\toprule\n", t.header.iter().map(column).collect::<String>()));
    out.push_str(&line(t.header.iter().map(|(name, _)| rich(name)).collect()));
    out.push_str("\\midrule\n");
    for row in &t.rows {
        out.push_str(&line(row.iter().map(|cell| rich(cell)).collect()));
    }
    out.push_str("\\bottomrule\n\\end{tabular}\n\\end{table}\n");
    out
}

/// Bold and code become commands, everything else is text.
fn rich(text: &str) -> String {
    let marked = |text: &str, mark: &str, command: &str| {
        let pieces: Vec<&str> = text.split(mark).collect();
        let last = pieces.len() - 1;
        let piece = |(i, piece): (usize, &&str)| match i % 2 {
            // A mark without its partner is a character like any other.
            1 if i == last => format!("{mark}{piece}"),
            1 => format!("\\{command}{{{piece}}}"),
            _ => (*piece).to_owned(),
        };
        pieces.iter().enumerate().map(piece).collect::<String>()
    };
    let text = marked(&marked(&escape(text), "**", "textbf"), "`", "texttt");
    let signs = [
        ("× 10\\textasciicircum{}4", "$\\times 10^4$"),
        ("±", "$\\pm$"),
        ("×", "$\\times$"),
        (" -0.", " $-$0."),
        ("–", "--"),
        ("“", "``"),
        ("”", "''"),
    ];
    signs.iter().fold(text, |text, (sign, command)| text.replace(sign, command))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_and_signs_become_commands_and_nothing_else_does() {
        assert_eq!(rich("**a_b** and `x+y`, 5% ± 1"), "\\textbf{a\\_b} and \\texttt{x+y}, 5\\% $\\pm$ 1");
        assert_eq!(rich("SD (× 10^4)"), "SD ($\\times 10^4$)");
        assert_eq!(rich("a ** b"), "a ** b");
        assert_eq!(rich("CI -0.3 to +0.1"), "CI $-$0.3 to +0.1");
    }
}
