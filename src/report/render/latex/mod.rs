//! The tables of a document with booktabs, to be taken in by `\input`; and `leaderboard.tex`. Each fits the width of the text.

mod fit;

use super::{Exporter, Report};
use crate::analyze::Results;
use crate::analyze::best::{ALPHA, Best};
use crate::analyze::leaderboard::{Leaderboard, Row};
use crate::cell::axis::Axis;
use crate::report::columns::shown;
use crate::report::document::{Block, Document, Inline, Section, Table, Text, Width};
use crate::report::run::best::others;
use crate::report::run::{TOP, beside, summary};
use crate::report::words::{ranking, scored};
use crate::store::study_name;
use crate::words::counted;
use fit::{Part, constants, heading, parts};

/// `leaderboard.tex`.
pub(super) const LEADERBOARD: Exporter = Exporter {
    file: "leaderboard.tex",
    bytes: |report: &Report<'_>| Ok(Some(leaderboard(report.results, report.board, report.bests).into_bytes())),
};

/// Tables in a row at most. LaTeX holds few that it has not placed, 52 since 2015 and 18 before, and a paper has some of its own.
const FLOATS: usize = 15;

/// Every table of a document, those inside sections too. `name` is what the document is about, for their labels, and `title` the same
/// for their captions; `note` says in a comment what else there is.
pub fn tables(document: &Document, (name, title): (&str, &str), note: &str) -> String {
    let (names, mut floats) = ([name], Vec::new());
    let mut see = |table: &Table| {
        let caption = match &table.caption {
            Some(caption) => Text::plain(format!("{title}: ")).then(caption.clone()),
            None => Text::plain(format!("{title}.")),
        };
        floats.extend(write(&Table { caption: Some(caption), ..table.clone() }, &names, 1));
    };
    within(&document.lead, &mut see);
    document.sections.iter().for_each(|Section { blocks, .. }| within(blocks, &mut see));
    file(note, &floats)
}

/// The file of these tables.
fn file(note: &str, floats: &[String]) -> String {
    let head = format!("% Needs \\usepackage{{array,booktabs}}. Written by fraudbench; {note}\n\n");
    let rows: Vec<String> = floats.chunks(FLOATS).map(|row| row.join("\n")).collect();
    head + &rows.join("\n\\clearpage\n\n")
}

/// The label of a table of what has these names. Its parts end with a colon, which none of them has: no two tables of different names
/// share one, so that those of several files can stand in one paper.
fn label(names: &[&str], table: &str) -> String {
    // A table that is alone in its study may have any name, and some characters end a label or are commands.
    let safe = |byte: u8| match byte {
        b'-' | b'.' | b'_' | b'+' => char::from(byte).to_string(),
        byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        byte => format!("={byte:02x}"),
    };
    let names: String = names.iter().map(|name| name.bytes().map(safe).collect::<String>() + ":").collect();
    format!("tab:{names}{table}")
}

fn within(blocks: &[Block], see: &mut dyn FnMut(&Table)) {
    for block in blocks {
        match block {
            Block::Table(table) => see(table),
            Block::Section(section) => within(&section.blocks, see),
            Block::Paragraph(_) | Block::Verdict(_) | Block::List(_) | Block::Chart(_) => {}
        }
    }
}

/// The table of what has these names, in several where it is too wide; the first `keys` columns stand in each of them.
fn write(table: &Table, names: &[&str], keys: usize) -> Vec<String> {
    let constant = constants(table);
    let without: Vec<usize> = constant.iter().map(|(column, _)| *column).collect();
    let all = parts(table, &without, keys);
    let shared = |(column, words): &(usize, String)| format!("{} {words}", table.columns[*column].name);
    let shared: Vec<String> = constant.iter().map(shared).collect();
    let label = label(names, &table.id);
    let each = all.iter().enumerate().map(|(nth, part)| {
        let mut said: Vec<String> = table.caption.iter().map(text).collect();
        if !shared.is_empty() {
            said.push(format!("The same in all rows: {}.", words(&shared.join("; "))));
        }
        if all.len() > 1 {
            said.push(format!("Part {} of {}.", nth + 1, all.len()));
        }
        let label = if nth == 0 { label.clone() } else { format!("{label}:part-{}", nth + 1) };
        one(table, part, &said.join(" "), &label)
    });
    each.collect()
}

fn one(table: &Table, part: &Part, caption: &str, label: &str) -> String {
    let line = |cells: Vec<String>| format!("{} \\\\\n", cells.join(" & "));
    let mut out = String::from("\\begin{table}\n\\centering\\scriptsize\\setlength{\\tabcolsep}{3pt}\n");
    if !caption.is_empty() {
        out.push_str(&format!("\\caption{{{caption}}}\n"));
    }
    out.push_str(&format!("\\label{{{label}}}\n"));
    let columns: String = part.iter().map(|(_, set)| set.column()).collect();
    out.push_str(&format!("\\begin{{tabular}}{{{columns}}}\n\\toprule\n"));
    out.push_str(&line(part.iter().map(|column| heading(table, *column)).collect()));
    out.push_str("\\midrule\n");
    for row in &table.rows {
        out.push_str(&line(part.iter().filter_map(|(column, _)| row.get(*column)).map(text).collect()));
    }
    out.push_str("\\bottomrule\n\\end{tabular}\n\\end{table}\n");
    out
}

/// A line as LaTeX.
pub fn text(text: &Text) -> String {
    text.0.iter().map(inline).collect()
}

fn inline(piece: &Inline) -> String {
    match piece {
        Inline::Plain(plain) => words(plain),
        // Typewriter type has no place to break at but these.
        Inline::Code(code) => format!("\\texttt{{{}}}", breakable(&escape(code).replace('-', "-\\allowbreak{}"))),
        Inline::Strong(inner) => format!("\\textbf{{{}}}", inner.iter().map(inline).collect::<String>()),
        // Where it leads is beside the report, not beside the paper.
        Inline::Link { text, .. } => words(text),
    }
}

/// Words, with the signs that LaTeX has in mathematics only.
fn words(plain: &str) -> String {
    let signs = [
        ("× 10\\textasciicircum{}4", "$\\times 10^4$"),
        ("±", "$\\pm$"),
        ("×", "$\\times$"),
        ("∗", "$^\\ast$"),
        ("≤", "$\\le$"),
        ("≥", "$\\ge$"),
        ("→", "$\\to$"),
        ("−", "$-$"),
        ("…", "\\dots{}"),
        ("–", "--"),
        ("“", "``"),
        ("”", "''"),
    ];
    signs.iter().fold(breakable(&negative(&escape(plain))), |text, (sign, command)| text.replace(sign, command))
}

/// Words longer than this have places to break at, characters.
const LONG: usize = 12;

/// With places to break at inside long names.
fn breakable(escaped: &str) -> String {
    let within = |word: &str| {
        let signs = ["/", "\\_", "="];
        signs.iter().fold(word.to_owned(), |word, sign| word.replace(sign, &format!("{sign}\\allowbreak{{}}")))
    };
    let of = |word: &str| if word.chars().count() > LONG { within(word) } else { word.to_owned() };
    escaped.split(' ').map(of).collect::<Vec<_>>().join(" ")
}

/// A hyphen in front of a number is a minus.
fn negative(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '-' if " (".contains(before) && rest.peek().is_some_and(char::is_ascii_digit) => out.push_str("$-$"),
            c => out.push(c),
        }
        before = c;
    }
    out
}

/// Text in which no character is a command. Line breaks become spaces, and other control characters, which LaTeX refuses, question marks.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\textbackslash{}"),
            '~' => out.push_str("\\textasciitilde{}"),
            '^' => out.push_str("\\textasciicircum{}"),
            '<' => out.push_str("\\textless{}"),
            '>' => out.push_str("\\textgreater{}"),
            '|' => out.push_str("\\textbar{}"),
            '&' | '%' | '$' | '#' | '_' | '{' | '}' => out.extend(['\\', c]),
            c if c.is_whitespace() => out.push(' '),
            c if c.is_control() => out.push('?'),
            c => out.push(c),
        }
    }
    out
}

/// `leaderboard.tex`: the first ranked pipelines of each variant. The best is bold, and so is every pipeline with the same mean; a star
/// marks the others that cannot be told apart from it.
pub fn leaderboard(results: &Results, board: &Leaderboard, bests: &[Best<'_>]) -> String {
    let variants = board.variants();
    let several = variants.len() > 1;
    let of = |(place, variant): (usize, &(&str, bool))| {
        let id = if several { format!("leaderboard-{}", place + 1) } else { "leaderboard".to_owned() };
        let which = if several { format!(" with {}", ranking(board, *variant)) } else { String::new() };
        of_variant(results, (board, bests), Some(*variant), &id, &which)
    };
    let floats: Vec<String> = match variants.is_empty() {
        true => of_variant(results, (board, bests), None, "leaderboard", ""),
        false => variants.iter().enumerate().flat_map(of).collect(),
    };
    file("all pipelines are in leaderboard.csv.", &floats)
}

fn of_variant(
    results: &Results,
    (board, bests): (&Leaderboard, &[Best<'_>]),
    variant: Option<(&str, bool)>,
    id: &str,
    which_ranking: &str,
) -> Vec<String> {
    let is_here = |row: &&Row| row.rank.is_some() && Some(row.pipeline.variant()) == variant;
    let ranked: Vec<&Row> = board.rows.iter().filter(is_here).collect();
    let beside = beside(board);
    let axes = shown(board.rows.iter().map(|row| &*row.pipeline));
    let mut header = vec![""];
    header.extend(axes.iter().map(|axis| axis.id));
    header.extend(["folds", &board.primary]);
    header.extend(&beside);
    let which = match ranked.len() {
        n if n > TOP => format!("The first {TOP} of {n} ranked pipelines"),
        n => counted(n as u64, "ranked pipeline"),
    };
    let (study, data) = (study_name(&results.manifest), &results.manifest.table().name);
    let best = bests.iter().find(|best| Some(best.best.pipeline.variant()) == variant);
    let caption = format!(
        "{which}{which_ranking} by {} (study {study}, data set {data}): {} Folds: scored/planned.",
        board.primary,
        marks(best)
    );
    let rows = ranked.into_iter().take(TOP).map(|row| cells(board, bests, row, (&axes, &beside))).collect();
    let table = Table { caption: Some(Text::plain(caption)), ..Table::of(id, &header, rows) };
    write(&table.widths(&[Width::Number]), &[&study, data], 1 + axes.len())
}

/// What the numbers are and what their marks mean.
fn marks(best: Option<&Best<'_>>) -> String {
    let numbers = match best {
        Some(best) if best.best.splits.len() == 1 => "values of one fold, so without an SD",
        _ => "mean ± sample SD over the folds",
    };
    match best.filter(|best| best.compared.is_empty()) {
        // Nothing was tested, so a missing star must not tell a pipeline apart.
        Some(best) => format!("{numbers}. Bold: first by mean. {}", others(best)),
        None => format!(
            "{numbers}. Bold: first by mean; ∗: not distinguishable from it (corrected resampled t-test on paired folds, adjusted for \
             having chosen the first, alpha {ALPHA})."
        ),
    }
}

fn cells(board: &Leaderboard, bests: &[Best<'_>], row: &Row, (axes, beside): (&[&Axis], &[&str])) -> Vec<Text> {
    // Equal means share a rank: the first one of them is only the first of the plan.
    let is_best = row.rank == Some(1);
    let is_equal = bests.iter().any(|best| best.equals(ALPHA).iter().any(|other| other.row.pipeline == row.pipeline));
    let primary = summary(board.summary(row, &board.primary));
    let mut cells = vec![Text::plain(row.rank.map_or_else(String::new, |rank| rank.to_string()))];
    cells.extend(axes.iter().map(|axis| Text::plain(axis.value(&row.pipeline).to_string())));
    cells.push(Text::plain(scored(row)));
    cells.push(match (is_best, is_equal) {
        (true, _) => Text::strong(primary),
        (_, true) => Text::plain(format!("{primary}∗")),
        _ => Text::plain(primary),
    });
    cells.extend(beside.iter().map(|metric| Text::plain(summary(board.summary(row, metric)))));
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_character_is_a_command() {
        assert_eq!(escape("a_b & 5% of {x} #1 $y$"), "a\\_b \\& 5\\% of \\{x\\} \\#1 \\$y\\$");
        assert_eq!(
            escape("\\input~^<|>\n\u{1b}"),
            "\\textbackslash{}input\\textasciitilde{}\\textasciicircum{}\\textless{}\\textbar{}\\textgreater{} ?"
        );
        assert_eq!(words("-0.5000 ± 0.2500 (3/5)"), "$-$0.5000 $\\pm$ 0.2500 (3/5)");
        assert_eq!(words("k-means, f-0 (-1 to 2)"), "k-means, f-0 ($-$1 to 2)");
    }

    #[test]
    fn marks_and_signs_become_commands_and_nothing_else_does() {
        let rich = |sentence: &str| text(&Text::marked(sentence));
        assert_eq!(rich("**a_b** and `x+y`, 5% ± 1"), "\\textbf{a\\_b} and \\texttt{x+y}, 5\\% $\\pm$ 1");
        assert_eq!(rich("SD (× 10^4)"), "SD ($\\times 10^4$)");
        assert_eq!(rich("a ** b"), "a ** b");
        assert_eq!(rich("CI -0.3 to +0.1"), "CI $-$0.3 to +0.1");
    }

    /// The labels in a file, in their order.
    fn labels(tex: &str) -> Vec<&str> {
        tex.split("\\label{").skip(1).filter_map(|rest| rest.split('}').next()).collect()
    }

    #[test]
    fn labels_are_of_one_study_one_data_set_and_one_table() {
        assert_eq!(label(&["quick", "d1"], "leaderboard"), "tab:quick:d1:leaderboard");
        assert_ne!(label(&["quick-d1", "x"], "t"), label(&["quick", "d1-x"], "t"));
        // A space, a percent sign and an e with an accent, which UTF-8 has in two bytes; and what they stand as.
        assert_eq!(label(&["quick", "5% é.csv"], "t"), "tab:quick:5=25=20=c3=a9.csv:t");
        assert_eq!(label(&["quick", "5=25"], "t"), "tab:quick:5=3d25:t");
        let header: Vec<String> = (0..24).map(|i| format!("the heading of column {i}")).collect();
        let wide = |id: &str| Table::plain(id, &header, vec![(0..24).map(|i| format!("0.{i} ± 0.034")).collect()]);
        let lead = [wide("numbers"), wide("numbers-2")].into_iter().map(Block::Table).collect();
        let document = Document { title: Text::plain("x"), lead, sections: Vec::new() };
        let [one, other] = ["one", "other"].map(|name| tables(&document, (name, "A title"), "made up."));
        let both: Vec<&str> = labels(&one).into_iter().chain(labels(&other)).collect();
        assert!(both.contains(&"tab:one:numbers:part-2") && both.contains(&"tab:other:numbers-2"), "{both:?}");
        assert_eq!(both.iter().collect::<std::collections::BTreeSet<_>>().len(), both.len(), "{both:?}");
        assert_eq!(one.matches("\\caption{A title. Part ").count(), labels(&one).len());
    }

    #[test]
    fn few_tables_stand_in_a_row() {
        let of = |many: usize| {
            let table = |i: usize| Block::Table(Table::plain(&format!("t-{i}"), &["a"], vec![vec!["1".into()]]));
            let document =
                Document { title: Text::plain("x"), lead: (0..many).map(table).collect(), sections: Vec::new() };
            let tex = tables(&document, ("paper", "A paper"), "made up.");
            tex.split("\\clearpage\n").map(|row| row.matches("\\begin{table}").count()).collect::<Vec<_>>()
        };
        assert_eq!([of(0), of(1), of(15), of(16)], [vec![0], vec![1], vec![15], vec![15, 1]]);
        assert_eq!(of(77), [15, 15, 15, 15, 15, 2]);
    }
}
