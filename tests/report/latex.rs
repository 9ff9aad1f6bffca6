//! The tables for papers, compiled. Skipped, and said so, where no LaTeX is installed; continuous integration must have it.

use std::process::{Command, Stdio};

use fraudbench::analyze::best::{ROPE, best};
use fraudbench::analyze::leaderboard::leaderboard;
use fraudbench::metric::Score;
use fraudbench::report::document::{Block, Document, Table, Text, Width};
use fraudbench::report::render::latex;

use crate::sample::{SMALL, Shape, made_up};

/// Compiles tables in an article in LaTeX's own layout and says what stands out of the text; none where there is no LaTeX.
pub fn overfull(tables: &str) -> Option<Vec<String>> {
    let found = Command::new("pdflatex").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if found.is_err() {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "no pdflatex is installed");
        eprintln!("skipped: no pdflatex is installed");
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("tables.tex"), tables).unwrap();
    let article =
        "\\documentclass{article}\\usepackage{array,booktabs}\\begin{document}\\input{tables}\\end{document}\n";
    std::fs::write(folder.path().join("article.tex"), article).unwrap();
    let run = Command::new("pdflatex")
        .args(["-interaction=nonstopmode", "-halt-on-error", "article"])
        .env("max_print_line", "1000")
        .current_dir(folder.path())
        .output()
        .unwrap();
    let log = String::from_utf8_lossy(&std::fs::read(folder.path().join("article.log")).unwrap()).into_owned();
    assert!(
        run.status.success(),
        "{}",
        log.lines().filter(|l| l.starts_with('!') || l.starts_with("l.")).collect::<String>()
    );
    Some(log.lines().filter(|line| line.starts_with("Overfull \\hbox")).map(str::to_owned).collect())
}

/// Compiles tables, which must fit.
pub fn assert_fits(tables: &str) {
    if let Some(lines) = overfull(tables) {
        assert!(lines.is_empty(), "{lines:#?}");
    }
}

#[test]
fn leaderboards_fit_the_text() {
    let wide = Shape {
        families: 11,
        scalers: 10,
        folds: 10,
        dedups: &[false, true],
        resamplers: &["none", "tomek-links"],
        ..SMALL
    };
    for (shape, seed) in [(wide, 40), (SMALL, 41), (Shape { families: 11, scalers: 1, ..SMALL }, 42)] {
        let mut results = made_up(shape, seed);
        for encoder in ["a_long%name&more", "another-encoder-with-a-name"].iter().take(usize::from(seed == 40) * 2) {
            for record in &mut results.records {
                record.cell.encoder = (*encoder).into();
            }
            results.planned.iter_mut().for_each(|planned| planned.cell.encoder = (*encoder).into());
        }
        let board = leaderboard(&results);
        assert_fits(&latex::leaderboard(&results, &board, &best(&board, ROPE)));
    }
    let none = made_up(Shape { missing: 1_000, ..SMALL }, 1);
    assert_fits(&latex::leaderboard(&none, &leaderboard(&none), &[]));
}

#[test]
fn tables_of_words_and_of_many_numbers_fit_the_text() {
    let words = "An accuracy of 0.9994 is what `random-forest` with `resample-before-split+scaler-on-all-rows` has, ≥ 0.95 → “yes”";
    let claims = Table::marked(
        "claims",
        &["claim", "where", "measured", "what follows from it", "verdict"],
        (0..4)
            .map(|i| vec![format!("{i}"), "Table 3".into(), words.into(), words.repeat(2), "not reproduced".into()])
            .collect(),
    )
    .widths(&[Width::Natural, Width::Share(0.15), Width::Share(0.3), Width::Share(0.4), Width::Natural])
    .captioned("Claims of `a_paper` and what became of them");
    let header: Vec<String> = (0..24).map(|i| format!("threshold of the other folds: saved {i}")).collect();
    let row =
        |i: usize| (0..24).map(|k| if k == 0 { format!("family-{i}") } else { format!("0.{i}{k}51 ± 0.03") }).collect();
    let numbers = Table::plain("numbers", &header, (0..5).map(row).collect());
    let one = Table::plain("one", &["pipeline"], vec![vec!["a-pipeline-with-a-name-that-never-ends ".repeat(6)]]);
    let document = Document {
        title: Text::plain("x"),
        lead: [claims, numbers, one].into_iter().map(Block::Table).collect(),
        sections: Vec::new(),
    };
    let tex = latex::tables(&document, ("test", "Made up"), "made up.");
    assert!(tex.contains("Part 2 of "), "{tex}");
    assert_fits(&tex);
}

#[test]
fn what_all_rows_share_is_said_in_the_caption() {
    let results = made_up(Shape { families: 5, scalers: 1, ..SMALL }, 43);
    let board = leaderboard(&results);
    let tex = latex::leaderboard(&results, &board, &best(&board, ROPE));
    assert!(tex.contains("The same in all rows: scaler none") && !tex.contains(" & scaler"), "{tex}");
}

#[test]
fn all_pipelines_with_the_best_mean_are_bold() {
    let mut results = made_up(Shape { families: 4, scalers: 1, ..SMALL }, 44);
    let primary = results.primary.clone();
    for record in &mut results.records {
        if ["logistic-regression", "decision-tree"].contains(&record.family.as_str()) {
            record.metrics.insert(primary.clone(), Score::Value(0.99 - 0.001 * f64::from(record.cell.fold)));
        }
    }
    let board = leaderboard(&results);
    let tex = latex::leaderboard(&results, &board, &best(&board, ROPE));
    assert_eq!(tex.matches("\\textbf{0.988").count(), 2, "{tex}");
    assert!(tex.contains("Bold: first by mean; $^\\ast$: not distinguishable from it"), "{tex}");
}

#[test]
fn more_tables_than_latex_holds_at_once_compile() {
    let table = |i: usize| Table::plain(&format!("t-{i}"), &["a"], vec![vec![i.to_string()]]);
    let document = Document {
        title: Text::plain("x"),
        lead: (0..80).map(table).map(Block::Table).collect(),
        sections: Vec::new(),
    };
    assert_fits(&latex::tables(&document, ("test", "Made up"), "made up."));
}

#[test]
fn leaderboards_say_which_study_and_data_they_are_of() {
    let of = |data: &str| {
        let mut results = made_up(Shape { families: 5, scalers: 1, ..SMALL }, 43);
        results.manifest.study = "name = 'quick'".into();
        results.manifest.data[0].name = data.into();
        let board = leaderboard(&results);
        latex::leaderboard(&results, &board, &best(&board, ROPE))
    };
    let (one, other) = (of("cards_1"), of("cards 2%"));
    for (tex, name, label) in [(&one, "cards\\_1", "cards_1"), (&other, "cards 2\\%", "cards=202=25")] {
        let caption = format!("5 ranked pipelines by pr-auc (study quick, data set {name}): mean $\\pm$ sample SD");
        assert!(tex.contains(&caption), "{caption}: {tex}");
        assert!(tex.contains(&format!("\\label{{tab:quick:{label}:leaderboard}}")), "{tex}");
    }
    // Both in one paper.
    assert_fits(&(one + &other));
}

#[test]
fn of_one_fold_no_mark_says_that_a_pipeline_is_told_apart() {
    let of = |folds: u32| {
        let results = made_up(Shape { folds, ..SMALL }, 6);
        let board = leaderboard(&results);
        latex::leaderboard(&results, &board, &best(&board, ROPE))
    };
    let one = of(1);
    let said = "values of one fold, so without an SD. Bold: first by mean. Whether the other 2 are worse cannot be told from one \
                fold.";
    assert!(one.contains(said), "{one}");
    assert!(!one.contains("\\ast") && !one.contains("sample SD"), "{one}");
    let several = of(3);
    assert!(several.contains("mean $\\pm$ sample SD over the folds. Bold: first by mean; $^\\ast$: not"), "{several}");
}
