//! The charts of runs of many shapes: whole, and no text cut or on top of another.

use std::path::{Path, PathBuf};

use fraudbench::analyze::Results;
use fraudbench::analyze::leaderboard::leaderboard;
use fraudbench::metric::Score;
use fraudbench::report::chart::text::{CAPITALS, text_width};
use fraudbench::report::write_all;

use crate::sample::{SMALL, Shape, made_up};

const WHOLE: Shape = Shape {
    families: 11,
    scalers: 12,
    dedups: &[false, true],
    resamplers: &["none", "tomek-links"],
    encoders: &["native"],
    folds: 10,
    missing: 2,
    failed: 2,
};

/// Text as an SVG file places it: left, top, right, bottom, and what it says.
struct Placed {
    bounds: [f64; 4],
    said: String,
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    tag.split_once(&format!(" {name}=\""))?.1.split('"').next()
}

/// The size of the drawing and its texts.
fn read_svg(svg: &str) -> ([f64; 2], Vec<Placed>) {
    let number = |tag: &str, name: &str| attribute(tag, name).unwrap().parse::<f64>().unwrap();
    let view: Vec<f64> = attribute(svg, "viewBox").unwrap().split(' ').map(|v| v.parse().unwrap()).collect();
    let mut face = "";
    let mut texts = Vec::new();
    for (place, _) in svg.match_indices(['<']) {
        let (tag, rest) = svg[place..].split_once('>').unwrap();
        if tag.starts_with("<g ") {
            face = tag;
        }
        if !tag.starts_with("<text ") {
            continue;
        }
        let said =
            ["&lt;<", "&gt;>", "&amp;&"].iter().fold(rest.split("</text>").next().unwrap().to_owned(), |text, pair| {
                text.replace(&pair[..pair.len() - 1], &pair[pair.len() - 1..])
            });
        let em = number(face, "font-size");
        let width = text_width(&said, em, attribute(face, "font-weight") == Some("bold"));
        let before = match attribute(face, "text-anchor") {
            None => 0.0,
            Some("middle") => width / 2.0,
            _ => width,
        };
        let (x, y) = (number(tag, "x"), number(tag, "y"));
        // Around the middle of capitals that stand on the base line.
        let (above, below) = ((0.46 + CAPITALS / 2.0) * em, (0.46 - CAPITALS / 2.0) * em);
        let bounds = match attribute(tag, "transform") {
            Some(turn) => {
                assert!(turn.starts_with("rotate(270"), "{turn}");
                [x - above, y - width + before, x + below, y + before]
            }
            None => [x - before, y - above, x - before + width, y + below],
        };
        texts.push(Placed { bounds, said });
    }
    ([view[2], view[3]], texts)
}

fn check(results: &Results, dir: &Path) -> Vec<PathBuf> {
    let written = write_all(results, dir).unwrap();
    check_charts(&written);
    written
}

/// Every SVG and PNG file is whole, and no text is cut or on top of another.
pub fn check_charts(written: &[PathBuf]) {
    for path in written.iter().filter(|path| path.extension().is_some_and(|e| e == "svg")) {
        check_svg(path);
    }
    for path in written.iter().filter(|path| path.extension().is_some_and(|e| e == "png")) {
        check_png(path);
    }
}

/// Every text lies inside the drawing, and none on another. Returns the texts.
pub fn check_svg(path: &Path) -> Vec<String> {
    let svg = std::fs::read_to_string(path).unwrap();
    let ([width, height], texts) = read_svg(&svg);
    assert!(texts.len() > 4, "{}", path.display());
    for (i, text) in texts.iter().enumerate() {
        let [left, top, right, bottom] = text.bounds;
        let inside = left >= 0.0 && top >= 0.0 && right <= width && bottom <= height;
        assert!(inside, "{}: {} at {:?} leaves {width} x {height}", path.display(), text.said, text.bounds);
        for other in &texts[..i] {
            let [l, t, r, b] = other.bounds;
            let apart = right <= l || r <= left || bottom <= t || b <= top;
            assert!(apart, "{}: {} lies on {}", path.display(), text.said, other.said);
        }
    }
    texts.into_iter().map(|text| text.said).collect()
}

/// The picture has ink, two dots a px, and an empty edge, so that nothing is cut there.
pub fn check_png(path: &Path) {
    let file = std::io::BufReader::new(std::fs::File::open(path).unwrap());
    let mut reader = png::Decoder::new(file).read_info().unwrap();
    let mut dots = vec![0; reader.output_buffer_size()];
    let info = reader.next_frame(&mut dots).unwrap();
    let (width, height) = (info.width as usize, info.height as usize);
    let svg = std::fs::read_to_string(path.with_extension("svg")).unwrap();
    let size = ["width", "height"].map(|name| attribute(&svg, name).unwrap().parse::<usize>().unwrap());
    assert_eq!([width, height], size.map(|s| 2 * s), "{}", path.display());
    let white = |x: usize, y: usize| dots[(y * width + x) * 3..][..3] == [255; 3];
    assert!((0..width).all(|x| (0..6).all(|i| white(x, i) && white(x, height - 1 - i))), "{}", path.display());
    assert!((0..height).all(|y| (0..6).all(|i| white(i, y) && white(width - 1 - i, y))), "{}", path.display());
    let ink = (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).filter(|(x, y)| !white(*x, *y)).count();
    assert!(ink > 1_000, "{}", path.display());
}

/// Kept after the test, so that the pictures can be looked at.
pub fn kept(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("report").join(name)
}

fn names(written: &[PathBuf]) -> Vec<String> {
    written.iter().map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect()
}

#[test]
fn few_families_and_one_scaler() {
    let written = names(&check(&made_up(SMALL, 11), &kept("small")));
    let wanted = ["heatmap.svg", "families.png", "time-quality.png"];
    assert!(wanted.iter().all(|name| written.iter().any(|w| w == name)), "{written:?}");
    // One scaler is compared with nothing.
    assert!(!written.iter().any(|name| name.starts_with("scalers-")), "{written:?}");
}

#[test]
fn nine_families() {
    let shape = Shape { families: 9, scalers: 4, folds: 10, ..SMALL };
    let written = names(&check(&made_up(shape, 11), &kept("nine")));
    assert!(written.contains(&"scalers-random-forest.svg".to_owned()), "{written:?}");
    let shape = Shape { scalers: 10, resamplers: &["none", "tomek-links"], missing: 4, failed: 4, ..shape };
    check(&made_up(shape, 12), &kept("two-panels"));
}

#[test]
fn eleven_families_twelve_scalers_four_panels() {
    check(&made_up(WHOLE, 11), &kept("whole"));
}

#[test]
fn three_panels_and_two_families() {
    let resamplers = &["none", "tomek-links", "random-under"];
    check(&made_up(Shape { families: 2, scalers: 2, resamplers, ..SMALL }, 1), &kept("three-panels"));
}

#[test]
fn axes_without_room_are_fixed_and_told() {
    let shape = Shape { families: 3, scalers: 3, encoders: &["one-hot", "ordinal"], ..SMALL };
    let results = made_up(shape, 5);
    let best = leaderboard(&results).best(|_| true).unwrap().pipeline.encoder.clone();
    check(&results, &kept("encoders"));
    for chart in ["heatmap.svg", "scalers-linear-discriminant-analysis.svg"] {
        let texts = check_svg(&kept("encoders").join("charts").join(chart));
        let note = format!("Only pipelines with encoder {best}, as the first by mean has.");
        assert!(texts.contains(&note), "{chart}: {texts:?}");
        let means = |encoder: &str| {
            let board = leaderboard(&results);
            let rows = board.rows.iter().filter(|row| row.rank.is_some() && row.pipeline.encoder == encoder);
            rows.filter_map(|row| board.primary_mean(row)).map(|mean| format!("{mean:.4}")).collect::<Vec<_>>()
        };
        if chart == "heatmap.svg" {
            let other = if best == "ordinal" { "one-hot" } else { "ordinal" };
            assert!(means(&best).iter().all(|mean| texts.contains(mean)), "{texts:?}");
            let strange: Vec<String> = means(other).into_iter().filter(|m| !means(&best).contains(m)).collect();
            assert!(!strange.is_empty() && strange.iter().all(|mean| !texts.contains(mean)), "{texts:?}");
        }
    }
}

#[test]
fn a_heatmap_says_how_many_pipelines_a_filter_left_out() {
    let mut results = made_up(Shape { families: 3, scalers: 4, ..SMALL }, 5);
    let chart = |results: &Results, name: &str| {
        check(results, &kept(name));
        check_svg(&kept(name).join("charts/heatmap.svg"))
    };
    let of_the_whole = chart(&results, "not-left-out");
    assert!(!of_the_whole.iter().any(|text| text.starts_with("White")), "{of_the_whole:?}");
    let [first, last] = [0, results.planned.len() - 1].map(|at| results.planned[at].cell.clone());
    let is_gone = |scaler: &str, classifier: &str| {
        [&first, &last].iter().any(|gone| gone.scaler == scaler && gone.classifier == classifier)
    };
    results.planned.retain(|planned| !is_gone(&planned.cell.scaler, &planned.cell.classifier));
    let texts = chart(&results, "left-out");
    assert!(texts.contains(&"White: 2 of 12 pipelines are not part of this run.".to_owned()), "{texts:?}");
}

#[test]
fn one_fold_of_one_pipeline() {
    check(&made_up(Shape { families: 1, folds: 1, ..SMALL }, 1), &kept("one"));
}

#[test]
fn a_run_that_is_still_going_on() {
    let shape =
        Shape { families: 3, scalers: 12, dedups: &[false, true], folds: 3, missing: 400, failed: 100, ..SMALL };
    check(&made_up(shape, 11), &kept("going-on"));
    let nothing = check(&made_up(Shape { missing: 1_000, ..shape }, 11), &kept("nothing-yet"));
    let tables = ["cells.csv", "cells.parquet", "leaderboard.csv", "leaderboard.json", "junit.xml", "leaderboard.tex"];
    let wanted = ["heatmap.svg", "heatmap.png"].into_iter().chain(tables).chain(["report.html", "report.md"]);
    assert_eq!(names(&nothing), wanted.collect::<Vec<_>>());
    let all_failed = check(&made_up(Shape { missing: 0, failed: 1_000, ..shape }, 11), &kept("all-failed"));
    assert_eq!(all_failed.len(), 10);
}

#[test]
fn long_and_strange_names() {
    let mut results = made_up(Shape { families: 5, scalers: 3, resamplers: &["none", "tomek-links"], ..SMALL }, 2);
    let long = |name: &str| format!("{name}-with-a-name-that-is-far-too-long-for-any-axis-label");
    results.title = "A title <that> goes \"on\" & on, ".repeat(6);
    results.manifest.data[0].name = "../some data/of a kind".into();
    for planned in &mut results.planned {
        planned.cell.classifier = long(&planned.cell.classifier);
        planned.cell.scaler = long(&planned.cell.scaler);
        planned.family = format!("../{}", planned.family);
    }
    for record in &mut results.records {
        record.cell.classifier = long(&record.cell.classifier);
        record.cell.scaler = long(&record.cell.scaler);
    }
    let written = check(&results, &kept("long"));
    assert!(written.iter().all(|path| path.starts_with(kept("long")) && !path.to_string_lossy().contains("..")));
}

#[test]
fn a_metric_where_smaller_is_better() {
    let mut results = made_up(Shape { families: 9, scalers: 5, ..SMALL }, 4);
    results.primary = "log-loss".into();
    for record in &mut results.records {
        let Some(Score::Value(quality)) = record.metrics.get("pr-auc").cloned() else { panic!("no pr-auc") };
        let loss = if quality < 0.01 { 34.5388 } else { 0.01 * (1.2 - quality) };
        record.metrics.insert("log-loss".into(), Score::Value(loss));
    }
    check(&results, &kept("log-loss"));
}

#[test]
fn times_that_are_all_too_short_to_measure_are_not_drawn() {
    let mut results = made_up(SMALL, 11);
    results.records.iter_mut().for_each(|record| record.seconds.fit = 0.0001 * f64::from(record.cell.fold));
    let has_times = |results: &Results| names(&check(results, &kept("fast"))).contains(&"time-quality.svg".to_owned());
    assert!(!has_times(&results));
    results.records.iter_mut().filter(|r| r.family == "prior").for_each(|record| record.seconds.fit = 0.5);
    assert!(has_times(&results));
}

#[test]
fn a_heatmap_is_named_after_what_it_compares() {
    for (families, scalers, by) in [(3, 1, "by classifier"), (1, 3, "by scaler"), (3, 2, "by scaler and classifier")] {
        let name = format!("heatmap-{families}-{scalers}");
        check(&made_up(Shape { families, scalers, ..SMALL }, 5), &kept(&name));
        let texts = check_svg(&kept(&name).join("charts/heatmap.svg"));
        let heading = format!("mean pr-auc {by}");
        assert!(texts.iter().any(|text| text.ends_with(&heading)), "{heading}: {texts:?}");
        let report = std::fs::read_to_string(kept(&name).join("report.md")).unwrap();
        assert!(report.contains(&format!("Mean pr-auc {by}")), "{report}");
    }
}

#[test]
fn long_names_of_data_sets_keep_their_ends() {
    let mut results = made_up(SMALL, 5);
    let name = format!("{}and-its-end", "a-name-without-a-blank-".repeat(8));
    results.manifest.data[0].name.clone_from(&name);
    check(&results, &kept("long-data"));
    for chart in ["heatmap", "families", "time-quality"] {
        let texts = check_svg(&kept("long-data").join(format!("charts/{chart}.svg")));
        assert!(texts.concat().contains(&name), "{chart}: {texts:?}");
    }
}
