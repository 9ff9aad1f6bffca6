//! `cells.parquet`, `leaderboard.json` and `leaderboard.tex` hold what the CSV files hold.

use std::collections::HashMap;
use std::io::Write;

use fraudbench::analyze::leaderboard::{Leaderboard, leaderboard};
use fraudbench::analyze::{Results, best};
use fraudbench::metric::Score;
use fraudbench::report::render::{csv as tables, json, latex, parquet as columns};
use parquet::basic::{LogicalType, Type};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use serde_json::Value;

use crate::sample::{SMALL, Shape, made_up};

/// Failed and missing cells, undefined metrics, validation scores, copies; text that every format must escape.
fn example() -> Results {
    let mut results =
        made_up(Shape { families: 4, resamplers: &["none", "tomek-links"], missing: 90, failed: 90, ..SMALL }, 31);
    let key = results.records[0].key.clone();
    results.records[1].equals = Some(key);
    results.records[1].peak_memory_mib = Some(12_345);
    results.records[2].validation.insert("recall".into(), Score::Value(0.1 + 0.2));
    results
}

fn csv_rows(bytes: &[u8]) -> (Vec<String>, Vec<HashMap<String, String>>) {
    let mut reader = csv::Reader::from_reader(bytes);
    let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let row = |r: csv::StringRecord| header.iter().cloned().zip(r.iter().map(str::to_owned)).collect();
    let rows = reader.records().map(|r| row(r.unwrap())).collect();
    (header, rows)
}

#[test]
fn the_parquet_file_has_the_cells_of_the_csv_file_with_types() {
    let results = example();
    let (header, rows) = csv_rows(&tables::cells(&results).unwrap());
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&columns::cells(&results).unwrap()).unwrap();
    let reader = SerializedFileReader::new(file).unwrap();
    let schema = reader.metadata().file_metadata().schema_descr_ptr();
    let names: Vec<&str> = schema.columns().iter().map(|c| c.name()).collect();
    assert_eq!(names, header);
    for column in schema.columns() {
        let wanted = match column.name() {
            "dedup" => Type::BOOLEAN,
            "repeat" | "fold" | "tp" | "fn" | "test_rows" | "threads" | "peak_memory_mib" => Type::INT64,
            "recall" | "validation_recall" | "fit_s" | "mcc" => Type::DOUBLE,
            "scaler" | "reason" | "undefined" | "key" | "equals" => Type::BYTE_ARRAY,
            _ => continue,
        };
        assert_eq!(column.physical_type(), wanted, "{}", column.name());
        if wanted == Type::BYTE_ARRAY {
            assert_eq!(column.logical_type_ref(), Some(&LogicalType::String));
        }
    }
    let mut seen = 0;
    for (wanted, row) in rows.iter().zip(reader.get_row_iter(None).unwrap()) {
        let row = row.unwrap();
        let fields: HashMap<&String, &Field> = row.get_column_iter().collect();
        for (name, text) in wanted {
            let same = match fields[name] {
                Field::Null => text.is_empty(),
                Field::Bool(flag) => text == if *flag { "on" } else { "off" },
                Field::Long(n) => text.parse() == Ok(*n),
                Field::Double(x) => text.parse() == Ok(*x),
                Field::Str(said) => said == text,
                other => panic!("{name}: {other:?}"),
            };
            assert!(same, "{name}: {} for {text}", fields[name]);
        }
        seen += 1;
        if seen == 2 {
            assert_eq!(*fields[&"peak_memory_mib".to_owned()], Field::Long(12_345));
            assert_eq!(*fields[&"equals".to_owned()], Field::Str(results.records[0].key.clone()));
        }
    }
    assert_eq!((seen, rows.len()), (results.planned.len(), results.planned.len()));
    assert!(rows.iter().any(|row| row["outcome"] == "failed") && rows.iter().any(|row| row["outcome"] == "missing"));
}

#[test]
fn the_json_leaderboard_is_the_csv_leaderboard() {
    let board = leaderboard(&example());
    let (_, rows) = csv_rows(&tables::leaderboard(&board).unwrap());
    let file: Value = serde_json::from_slice(&json::leaderboard(&board).unwrap()).unwrap();
    assert_eq!((&file["primary"], &file["better"], &file["layout"]), (&"pr-auc".into(), &"higher".into(), &3.into()));
    let pipelines = file["pipelines"].as_array().unwrap();
    assert_eq!(pipelines.len(), rows.len());
    assert!(rows.iter().any(|row| row["rank"].is_empty()) && rows.iter().any(|row| row["rank"] == "1"));
    let same = |value: &Value, text: &str| match value {
        Value::Null => text.is_empty(),
        Value::Bool(on) => text == if *on { "on" } else { "off" },
        Value::Number(n) => text.parse() == Ok(n.as_f64().unwrap()),
        other => other == text,
    };
    for (object, row) in pipelines.iter().zip(&rows) {
        for (name, value) in object.as_object().unwrap().iter().filter(|(name, _)| *name != "scores") {
            assert!(same(value, &row[name]), "{name}: {value} for {}", row[name]);
        }
        for metric in &board.metrics {
            for what in ["mean", "sd", "n_undefined"] {
                let (value, text) = (&object["scores"][metric][what], &row[&format!("{metric}_{what}")]);
                assert!(same(value, text), "{metric} {what}: {value} for {text}");
            }
        }
    }
}

fn tex(results: &Results, board: &Leaderboard) -> String {
    latex::leaderboard(results, board, &best::best(board, best::ROPE))
}

#[test]
fn the_latex_table_is_escaped_and_marks_the_best() {
    let mut results = made_up(Shape { families: 5, scalers: 4, folds: 10, ..SMALL }, 32);
    results.metrics.retain(|metric| ["pr-auc", "f1", "recall"].contains(&metric.as_str()));
    // One family is far below the others on every fold.
    let worst = results.records[0].family.clone();
    for record in results.records.iter_mut().filter(|record| record.family == worst) {
        let value = record.metrics["pr-auc"].value().unwrap();
        record.metrics.insert("pr-auc".into(), Score::Value(0.01 * value));
    }
    for planned in &mut results.planned {
        planned.cell.classifier = format!("{}_50%", planned.cell.classifier);
    }
    for record in &mut results.records {
        record.cell.classifier = format!("{}_50%", record.cell.classifier);
    }
    let board = leaderboard(&results);
    let text = tex(&results, &board);
    let body = text.split("\\midrule\n").nth(1).unwrap().split("\\bottomrule").next().unwrap();
    let lines: Vec<&str> = body.lines().collect();
    assert_eq!(lines.len(), 20);
    let columns = text.lines().find(|l| l.starts_with(" & classifier")).unwrap().matches(" & ").count();
    assert!(
        lines.iter().all(|l| l.matches(" & ").count() == columns
            && l.ends_with("\\\\")
            && (l.contains("\\_\\allowbreak{}50\\%") || l.contains("prior\\_50\\%"))),
        "{body}"
    );
    let best = &best::best(&board, best::ROPE)[0];
    let mean = board.primary_mean(best.best).unwrap();
    assert!(lines[0].contains(&format!("\\textbf{{{mean:.4} $\\pm$")), "{}", lines[0]);
    let equal: Vec<usize> = best.equals(best::ALPHA).iter().filter_map(|other| other.row.rank).collect();
    let starred: Vec<usize> = lines
        .iter()
        .filter(|l| l.contains("$^\\ast$"))
        .map(|l| l.split(" & ").next().unwrap().parse().unwrap())
        .collect();
    assert!(!starred.is_empty() && starred.len() < 19);
    assert_eq!(starred, equal.into_iter().filter(|rank| *rank <= 20).collect::<Vec<_>>());
    let none = made_up(Shape { missing: 1_000, ..SMALL }, 1);
    let nothing = tex(&none, &leaderboard(&none));
    assert!(nothing.contains("0 ranked pipelines") && nothing.contains("\\midrule\n\\bottomrule"), "{nothing}");
}
