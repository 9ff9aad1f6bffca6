//! Tables as people have them on their first day: labels in three spellings, days since 1900, blanks in the last column.

use std::process::Output;

use crate::Place;

/// 180 rows of `label`, an amount, and whether a card was there.
fn table(label: &str, value: impl Fn(usize) -> &'static str) -> String {
    let row = |i: usize| format!("{},{}.5,{}\n", value(i), i * 7 % 97, ["yes", "no"][usize::from(i % 11 == 3)]);
    format!("{label},amount,card_present\n{}", (0..180).map(row).collect::<String>())
}

fn ended(output: Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn a_label_of_three_values_stops_and_no_other_column_is_learnt() {
    // Every ninth row, and every ninth row behind it.
    let pending = table("is_fraud", |i| match i % 9 {
        4 => "fraud",
        5 => "pending",
        _ => "genuine",
    });
    let place = Place::new(&pending, "");
    let wanted = "fraudbench: data.csv: a label has two values, and `is_fraud` has 3: `genuine` in 140 rows, `fraud` in 20 rows, \
                  `pending` in 20 rows; write one value for each class, or leave the rows of all but two out of the file, or name \
                  another column with `--label COLUMN`\n";
    for command in ["init", "try"] {
        assert_eq!(place.expect(2, &[command, "data.csv"]), wanted, "{command}");
        assert_eq!(place.expect(2, &[command, "data.csv", "--label", "is_fraud"]), wanted, "{command}");
    }
    assert!(!place.path("data.toml").exists() && !place.path("runs").exists());
    let said = place.printed(0, &["init", "data.csv", "--label", "card_present"]);
    assert!(said.contains("label     card_present") && said.contains("ignored   is_fraud"), "{said}");
    // One value in all rows, and one beside blanks.
    place.write("none.csv", &table("fraud", |_| "0"));
    let said = place.expect(2, &["try", "none.csv"]);
    assert!(said.contains("a label has two values, and `fraud` has 1: `0` in 180 rows; name another column"), "{said}");
    place.write("blank.csv", &table("fraud", |i| if i % 9 == 4 { "Confirmed" } else { "NA" }));
    let said = place.expect(2, &["init", "blank.csv"]);
    assert!(
        said.contains("`fraud` has 1: `Confirmed` in 20 rows, and 160 rows have no value; write the other value"),
        "{said}"
    );
    // No row is left out where two of the values mean the same.
    place.write("mixed.csv", &table("fraud", |i| ["TRUE", "1", "0"][if i % 9 == 4 { i % 2 } else { 2 }]));
    let said = place.expect(2, &["init", "mixed.csv"]);
    let wanted = "write one value for each class (`true` and `1` mean the same), or name another column";
    assert!(said.contains(wanted) && !said.contains("leave the rows"), "{said}");
    // All of them mean one class.
    place.write("one.csv", &table("fraud", |i| ["TRUE", "1", "yes"][i % 3]));
    let said = place.expect(2, &["init", "one.csv"]);
    assert!(
        said.contains("; the values are one class (") && said.contains(" mean the same), or name another"),
        "{said}"
    );
}

#[test]
fn a_description_shows_the_columns_and_notes_what_is_wrong_with_the_label() {
    // The last column has blanks, and the label is the first.
    let place = Place::new(&table("fraud", |i| if i % 9 == 4 { "1" } else { "0" }).replace(",no\n", ",\n"), "");
    let (code, text, said) = ended(place.run(&["data", "describe", "data.csv"]));
    assert_eq!(code, Some(0), "{said}");
    assert!(text.contains("  label        fraud\n") && text.contains("positives    20 (11.1111%)"), "{text}");
    let note = "note: the label is `fraud` (two values, and called like a label); name another one with `--label`\n";
    assert!(said.starts_with(note) && said.lines().count() == 1, "{said}");
    // Who names a label is told that it is none.
    let said = place.expect(2, &["data", "describe", "data.csv", "--label", "card_present"]);
    assert!(said.contains("is missing in line 5 and 16 other rows"), "{said}");
    let pending = table("fraud", |i| ["genuine", "fraud", "Fraud"][(i % 9).saturating_sub(6)]);
    place.write("three.csv", &pending);
    let (code, text, said) = ended(place.run(&["data", "describe", "three.csv"]));
    assert_eq!(code, Some(0), "{said}");
    assert!(
        text.contains("  label        fraud\n") && text.contains("positives    -,") && text.contains("amount"),
        "{text}"
    );
    let wanted = "note: the label column `fraud` has 3 values where two are needed: `genuine` in 140 rows, `fraud` in 20 rows, `Fraud` \
                  in 20 rows; write one value for each class (`fraud` and `Fraud` differ in capitals), or name another column with \
                  `--label`\n";
    assert!(said.contains(wanted), "{said}");
    let json = place.printed(0, &["data", "describe", "three.csv", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["rows"], &json["positives"]), (&180.into(), &serde_json::Value::Null));
    // A class that is positive by nobody's word.
    place.write("words.csv", &table("fraud", |i| if i % 9 == 4 { "suspect" } else { "clean" }));
    let (code, _, said) = ended(place.run(&["data", "describe", "words.csv"]));
    assert!(code == Some(0) && said.contains("such as `--positive suspect`"), "{said}");
    place.expect(2, &["data", "describe", "words.csv", "--positive", "bad"]);
    assert!(
        place.printed(0, &["data", "describe", "words.csv", "--positive", "suspect"]).contains("labelled `suspect`")
    );
}

#[test]
fn days_since_1900_and_codes_with_zeros_are_told_before_the_first_run() {
    let row =
        |i: usize| format!("{}.25,{:04},{}.5,{}\n", 45_381 + i / 3, 740 + i % 20, i * 7 % 97, u8::from(i % 9 == 4));
    let place = Place::new(&format!("time,mcc,amount,fraud\n{}", (0..180).map(row).collect::<String>()), "");
    let said = place.expect(0, &["init", "data.csv"]);
    // 45381 is 2024-03-30 in a spreadsheet, and a quarter of a day is six hours.
    for wanted in [
        "(line 2: `45381.25` for 1970-01-01 12:36:21.250000), and look like days since 1900, as spreadsheets count them: if they are, \
         write ISO dates and times (2024-03-30 06:00:00) in the file\n",
        "note: `mcc` holds numbers with zeros before them (line 2: `0740` and 179 more rows), which a number does not keep: if they are \
         codes, write categorical = [\"mcc\"] in the study\n",
    ] {
        assert!(said.contains(wanted), "{wanted}: {said}");
    }
}
