//! A table that nobody has described: `try`, `init`, and what `run` says of it.

use std::process::Output;

use crate::{Place, csv};

/// Rows of cards with times, amounts, a text with blanks, an id, a constant and a label of yes and no.
fn cards(rows: usize) -> String {
    let mut text = String::from("row_id,booked at,card_id,Amount paid,shop kind,bank,is fraud\n");
    for i in 0..rows {
        let fraud = i % 9 == 4;
        let amount = (i * 7919 % 1000) as f64 / 10.0 + if fraud { 60.0 } else { 0.5 };
        let shop = ["food", "travel", "", "games"][i * 31 % 4];
        let (day, hour) = (1 + i / 24 % 28, i % 24);
        let label = if fraud { "yes" } else { "no" };
        text.push_str(&format!(
            "{i},2024-{:02}-{day:02} {hour:02}:00:00,c{},{amount},{shop},us,{label}\n",
            1 + i / 672,
            i * 17 % 40
        ));
    }
    text
}

fn ended(output: Output) -> (Option<i32>, String, String) {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn a_table_is_looked_at_run_and_left_as_a_study_that_runs_the_same_again() {
    let place = Place::new("", "");
    place.write("My cards.csv", &cards(900));
    let (code, text, said) = ended(place.run(&["try", "My cards.csv"]));
    assert_eq!(code, Some(0), "{text}{said}");
    for (what, column) in [
        ("label", "is fraud"),
        ("positive", "yes"),
        ("group", "card_id"),
        ("time", "booked at"),
        ("amount", "Amount paid"),
        ("ignored", "row_id"),
        ("ignored", "bank"),
        ("features", "2"),
        ("splits", "time-series (folds 5"),
    ] {
        let found =
            text.lines().any(|line| line.trim_start().starts_with(what) && line[2..].contains(&format!(" {column}")));
        assert!(found, "{what} {column}: {text}");
    }
    assert!(text.contains("100 rows (11.1111%)") && text.contains("rank  classifier "), "{text}");
    assert!(text.contains("Study: my-cards.toml") && text.contains("Page: runs/my-cards/report.html"), "{text}");
    // The study is accepted as it is, and gives the same records.
    place.expect(0, &["run", "my-cards.toml", "--out", "again"]);
    let first = place.records("runs/my-cards");
    assert_eq!(first.len(), 30);
    assert_eq!(first, place.records("again"));
    // Nothing is overwritten: another try has another name.
    let before = std::fs::read(place.path("my-cards.toml")).unwrap();
    let (code, text, said) =
        ended(place.run(&["init", "My cards.csv", "--time", "none", "--group", "none", "--ignore", "bank"]));
    assert_eq!(code, Some(0), "{said}");
    assert!(text.contains("stay as they are") && text.contains("Study: my-cards-2.toml"), "{text}");
    assert!(text.contains("splits    stratified-k-fold (folds 5"), "{text}");
    assert_eq!(before, std::fs::read(place.path("my-cards.toml")).unwrap());
    let said = place.expect(2, &["init", "My cards.csv", "--study", "my-cards.toml"]);
    assert!(said.contains("my-cards.toml is there already and is not overwritten"), "{said}");
}

#[test]
fn plain_numbers_are_split_by_class() {
    let place = Place::new(&csv(350), "");
    let (code, text, said) = ended(place.run(&["try", "data.csv", "--out", "out", "--study", "mine.toml"]));
    assert_eq!(code, Some(0), "{text}{said}");
    assert!(text.contains("splits    stratified-k-fold (folds 5") && text.contains("Study: mine.toml"), "{text}");
    assert!(text.contains("positive  1") && text.contains("the rarer value: 50 rows (14.2857%)"), "{text}");
    assert_eq!(place.records("out").len(), 30);
}

#[test]
fn few_positives_get_fewer_folds_and_none_is_told() {
    let rare = |positives: usize| {
        let rows = (0..200).map(|i| format!("{},{},{}\n", i * 37 % 101, i * 53 % 97, u8::from(i % 200 < positives)));
        format!("a,b,label\n{}", rows.collect::<String>())
    };
    let place = Place::new(&rare(16), "");
    let (code, text, _) = ended(place.run(&["init", "data.csv"]));
    assert!(code == Some(0) && text.contains("splits    stratified-k-fold (folds 3"), "{text}");
    let place = Place::new(&rare(1), "");
    let said = place.expect(2, &["try", "data.csv"]);
    assert!(said.contains("1 positive"), "{said}");
    assert!(!place.path("data.toml").exists() && !place.path("runs").exists());
}

#[test]
fn tables_without_a_label_name_what_comes_nearest() {
    let place = Place::new("a,b,kind\n1,2,x\n3,4,y\n5,6,z\n7,8.5,x\n", "");
    let said = place.expect(2, &["try", "data.csv"]);
    assert!(said.contains("no column has exactly two values") && said.contains("`kind` (3 values)"), "{said}");
    assert!(said.contains("`--label COLUMN`"), "{said}");
    let said = place.expect(2, &["try", "data.csv", "--label", "kind"]);
    assert!(said.contains("a label has two values, and `kind` has 3: `x` in 2 rows"), "{said}");
    let said = place.expect(2, &["try", "data.csv", "--ignore", "nix", "--ignore", "b", "--time", "nada"]);
    let told = "data.csv: unknown column for --time `nada`. Allowed: a, b, kind; unknown column for --ignore `nix`. ";
    assert!(said.contains(told), "{said}");
    let said = place.expect(2, &["try", "data.csv", "--label", "kindd"]);
    assert!(said.contains("unknown column for --label `kindd`; did you mean `kind`?"), "{said}");
    let one = Place::new(&csv(70).replace(",1\n", ",0\n"), "");
    let said = one.expect(2, &["try", "data.csv"]);
    assert!(said.contains("`label` (1 value)"), "{said}");
    let few = Place::new("a,label\n1,0\n2,1\n", "");
    let said = few.expect(2, &["try", "data.csv"]);
    assert!(said.contains("data.csv: 2 folds need 2 rows of each class"), "{said}");
    assert!(!place.path("data.toml").exists());
}

#[test]
fn a_table_given_as_a_study_is_told_what_to_do() {
    let place = Place::new(&csv(70), "");
    std::fs::copy(place.path("data.csv"), place.path("table")).unwrap();
    for command in ["run", "list", "audit"] {
        let said = place.expect(2, &[command, "data.csv"]);
        assert_eq!(
            said,
            "fraudbench: data.csv is a table and not a study: `fraudbench try data.csv` runs a first study on it\n"
        );
    }
    std::fs::write(place.path("table"), b"PAR1....PAR1").unwrap();
    assert!(place.expect(2, &["run", "table"]).contains("table is a table and not a study"));
}

#[test]
fn the_template_is_written_once() {
    let place = Place::new(&csv(70), "");
    let (code, text, said) = ended(place.run(&["init", "--study", "new.toml"]));
    assert!(code == Some(0) && text.contains("fraudbench run new.toml"), "{text}{said}");
    let template = std::fs::read_to_string(place.path("new.toml")).unwrap();
    place.write("other.toml", &template.replace("my.csv", "data.csv"));
    place.expect(0, &["list", "other.toml"]);
    let said = place.expect(2, &["init", "--study", "new.toml"]);
    assert!(said.contains("is not overwritten"), "{said}");
    assert!(place.expect(2, &["init", "--label", "x"]).contains("name its file"));
}

#[test]
fn amounts_with_decimal_commas_are_found_by_their_option_in_any_place() {
    // Each amount is another text; the last column is read as a label would be.
    let rows = (0..90).map(|i| format!("{},5;{};{}\n", 3 + i, u8::from(i % 9 == 4), 500 + i % 40));
    let row = |row: String| {
        let [amount, fraud, score] = row.trim().split(';').collect::<Vec<_>>()[..] else { panic!("{row}") };
        [format!("{amount};{score};{fraud}\n"), format!("{fraud};{score};{amount}\n")]
    };
    let (first, last): (Vec<String>, Vec<String>) = rows.map(row).map(|[first, last]| (first, last)).unzip();
    let place = Place::new(&format!("amount;score;fraud\n{}", first.concat()), "");
    place.write("last.csv", &format!("fraud;score;amount\n{}", last.concat()));
    for (file, study) in [("data.csv", "data.toml"), ("last.csv", "last.toml")] {
        let said = place.printed(0, &["init", file]);
        let hint = "; `init` and `try` take numbers from it with `--decimal ,`";
        assert!(said.contains("  amount    -") && said.contains(hint), "{file}: {said}");
        assert!(std::fs::read_to_string(place.path(study)).unwrap().contains(hint), "{file}");
        let said = place.printed(0, &["init", file, "--decimal", ",", "--study", &format!("with-{study}")]);
        assert!(said.contains("  amount    amount") && !said.contains("ignored   amount"), "{file}: {said}");
        place.expect(0, &["list", &format!("with-{study}")]);
    }
}

#[test]
fn a_decimal_comma_is_told_and_read_by_one_option_of_every_command() {
    let rows = (0..90).map(|i| format!("-{},5;{}.{:03};{}\n", i % 7, 1 + i % 3, i * 37 % 11, u8::from(i % 9 == 4)));
    let place = Place::new(&format!("x1;x2;fraud\n{}", rows.collect::<String>()), "");
    let note = "note: numbers with decimal commas are texts in `x1`";
    assert!(place.expect(0, &["data", "describe", "data.csv", "--label", "fraud"]).contains(note));
    // What would be a category without a word is told before the first run.
    let said = place.expect(0, &["init", "data.csv", "--study", "without.toml"]);
    assert!(said.contains(note), "{said}");
    let marks = ["--decimal", ",", "--thousands", "."];
    let (code, _, said) = ended(place.run(&[&["init", "data.csv", "--study", "with.toml"], &marks[..]].concat()));
    assert!(code == Some(0) && !said.contains("note:"), "{said}");
    let study = std::fs::read_to_string(place.path("with.toml")).unwrap();
    assert!(study.contains("\ndecimal = \",\"") && study.contains("\nthousands = \".\""), "{study}");
    assert!(!study.contains("one-hot"), "both columns are numbers: {study}");
    place.expect(0, &["list", "with.toml"]);
    let described = |options: &[&str]| {
        let of = ["data", "describe", "data.csv", "--label", "fraud", "--thousands", "."];
        ended(place.run(&[&of[..], options].concat()))
    };
    let (code, text, _) = described(&["--decimal", ","]);
    assert!(code == Some(0) && text.contains("-3."), "{text}");
    assert_eq!(described(&["--decimal-comma"]).1, text, "as it was called before");
    place.expect(2, &["data", "describe", "data.csv", "--decimal", ";"]);
    // As in a study: a point cannot be both, and nothing that numbers are written with stands between digits.
    let said = "--thousands .: `.` is the decimal mark: give `--decimal ,`, too";
    for command in [&["data", "describe", "data.csv"][..], &["init", "data.csv"], &["try", "data.csv"]] {
        let with = |options: &[&str]| place.expect(2, &[command, options].concat());
        assert!(with(&["--thousands", "."]).contains(said), "{command:?}");
        assert!(with(&["--decimal", ",", "--thousands", ","]).contains("`,` is the decimal mark: give `--decimal .`"));
        for options in [["--thousands", "1"], ["--thousands", "e"], ["--separator", "\""]] {
            assert!(with(&options).contains("it must be one character, such as ; or ,"), "{command:?} {options:?}");
        }
    }
    assert!(!place.path("data.toml").exists());
    assert!(place.expect(2, &["init", "--decimal", ","]).contains("name its file"));
    let (code, text, said) = ended(place.run(&[&["try", "data.csv", "--out", "out"], &marks[..]].concat()));
    assert!(code == Some(0) && !said.contains("decimal commas"), "{text}{said}");
}

#[test]
fn messages_about_a_table_name_options_where_there_is_no_study() {
    let rows = (0..90).map(|i| format!("-{},5;{}.{:03};{}\n", i % 7, 1 + i % 3, i * 37 % 11, u8::from(i % 9 == 4)));
    let place = Place::new(&format!("x1;x2;fraud\n{}", rows.collect::<String>()), "");
    let described =
        |code: i32, options: &[&str]| place.expect(code, &[&["data", "describe", "data.csv"], options].concat());
    let said = described(0, &[]);
    for wanted in [
        "note: the label is the last column, `fraud`; name another one with `--label`\n",
        "which is taken for a category: set `--decimal ,`, or add the column to `--categorical` or `--ignore`\n",
    ] {
        assert!(said.contains(wanted), "{wanted}: {said}");
    }
    for (options, wanted) in [
        (&["--label", "frod"][..], "unknown column in `--label` `frod`; did you mean `fraud`?"),
        (&["--label", "fraud", "--positive", "yes"], "holds `0` and `1`, and `--positive` is `yes`\n"),
        (&["--label", "x1", "--ignore", "x1"], "`x1` is the label and cannot be in `--ignore`\n"),
        (&["--categorical", "x2", "--numeric", "x2"], "`x2` cannot be both `--categorical` and `--numeric`"),
        (
            &["--label", "fraud", "--separator", "/"],
            "the file has one column, `x1;x2;fraud`: name the right `--separator`\n",
        ),
        (
            &["--label", "fraud", "--numeric", "x1"],
            "set `--decimal ,`, or take the column out of `--numeric`, `--amount` or `--weight`",
        ),
    ] {
        let said = described(2, options);
        assert!(said.contains(wanted), "{wanted}: {said}");
    }
    place.write("texts.csv", "x1,fraud\nmany,0\n2,1\n3,0\n");
    let said = place.expect(2, &["data", "describe", "texts.csv", "--label", "fraud", "--numeric", "x1"]);
    let wanted =
        "mend the file, add the text to `--missing`, or take the column out of `--numeric`, `--amount` or `--weight`";
    assert!(said.contains(wanted), "{said}");
    let said = place.expect(2, &["init", "data.csv", "--separator", "/"]);
    assert!(said.contains("name the `--separator` if the fields are not told apart"), "{said}");
    // A study has keys.
    let study = "name = 'x'\n[data]\npath = 'data.csv'\nlabel = 'frod'\n[protocol]\nkind = 'hold-out'\n[grid]\nclassifiers = ['prior']\n";
    place.write("study.toml", study);
    assert!(place.expect(2, &["list", "study.toml"]).contains("unknown column in `label` `frod`"));
}

#[test]
fn try_and_init_name_their_own_options_and_no_keys() {
    let row = |i: usize| {
        let label = if i % 9 == 4 { "yes" } else { "no" };
        format!(
            "c{},2024-01-{:02},{}.5,{},{},{label}\n",
            i % 40,
            1 + i / 11,
            i * 7 % 100,
            i % 5,
            ["a", "b", "c"][i % 3]
        )
    };
    let rows: String = (0..300).map(row).collect();
    let place = Place::new(&format!("card,when,amount,none,city,label\n{rows}"), "");
    for command in ["init", "try"] {
        for (options, wanted) in [
            (&["--group", "label", "--label", "label"][..], "`label` is the label and cannot be `--group` too"),
            (&["--group", "when"], "`when` cannot be both `--group` and `--time`"),
            (
                &["--amount", "none"],
                "data.csv: `--amount none` means that no column is the money, but there is a column called `none`: give this column \
                 another name in the file",
            ),
            (&["--amount", "city"], "mend the file, add the text to `--missing`, or take the column out of `--amount`"),
            (&["--time", "city"], "`--time` needs numbers (seconds) or ISO dates and times"),
        ] {
            let said = place.expect(2, &[&[command, "data.csv"], options].concat());
            assert!(said.contains(wanted), "{command} {options:?}: {said}");
            assert!(!said.contains("[data]") && !place.path("data.toml").exists(), "{said}");
        }
    }
    // What is told of the table is said so, too, also by the run that `try` begins; there is no option for a category.
    let rows = (0..90).map(|i| format!("-{},5;{}.{:03};{}\n", i % 7, 1 + i % 3, i * 37 % 11, u8::from(i % 9 == 4)));
    let place = Place::new(&format!("x1;x2;fraud\n{}", rows.collect::<String>()), "");
    for command in ["init", "try"] {
        let said = place.expect(0, &[command, "data.csv"]);
        let note = "which is taken for a category: set `--decimal ,`, or add the column to `--ignore`\n";
        assert!(said.contains(note), "{command}: {said}");
    }
}

#[test]
fn a_line_break_in_a_cell_breaks_neither_the_study_nor_a_message() {
    let row = |i: usize| {
        let note = if i == 0 { "a\n\"\"kind\"\",#".to_owned() } else { format!("call {i}\r\nback\u{1b}\u{b}") };
        format!("{}.5,k{},\"{note}\",\"p{}\nq\",{}\n", i * 7 % 60, i % 3, i % 2, u8::from(i % 6 == 4))
    };
    let rows: String = (0..60).map(row).collect();
    let place = Place::new(&format!("amount,kind,note,\"x\ny\",fraud\n{rows}"), "");
    let (code, text, said) = ended(place.run(&["init", "data.csv"]));
    assert_eq!(code, Some(0), "{text}{said}");
    // Amount, kind, and a column whose name has a line break.
    assert!(text.contains("\n  features  3 ") && text.contains("  ignored   note"), "{text}");
    assert!(!text.lines().chain(said.lines()).any(|line| ["\"kind", "back", "y"].iter().any(|w| line.starts_with(w))));
    let listed = place.printed(0, &["list", "data.toml"]);
    assert!(listed.contains("3 feature columns"), "{listed}");
    for (code, options) in [
        (2, &["--label", "fraud"][..]),
        (2, &["--label", "fraud", "--numeric", "x\ny"]),
        (2, &["--label", "nothere"]),
        (0, &["--label", "fraud", "--ignore", "note"]),
    ] {
        let (ended, text, said) = ended(place.run(&[&["data", "describe", "data.csv"], options].concat()));
        assert_eq!(ended, Some(code), "{options:?}: {said}");
        assert!(said.lines().all(|line| line.starts_with("fraudbench: ") || line.starts_with("note: ")), "{said}");
        assert!(code == 2 || text.contains("\n  x\u{fffd}y ") && text.contains("p0\u{fffd}q, p1\u{fffd}q\n"), "{text}");
    }
}

#[test]
fn columns_that_rise_with_the_time_are_left_out_wherever_they_stand() {
    let row = |i: usize| {
        let fields = [format!("{}.5", i * 7 % 97), u8::from(i % 9 == 4).to_string(), (500 + i / 2).to_string()];
        let day = format!("2024-{:02}-{:02}", 1 + i / 28, 1 + i % 28);
        [fields.to_vec(), vec![day]].concat()
    };
    let table = |order: [usize; 4]| {
        let header = ["amount", "fraud", "seq", "when"].map(str::to_owned).to_vec();
        let lines = std::iter::once(header).chain((0..180).map(row));
        lines.map(|fields| order.map(|at| fields[at].clone()).join(",") + "\n").collect::<String>()
    };
    for order in [[0, 1, 2, 3], [0, 1, 3, 2], [3, 2, 0, 1]] {
        let place = Place::new(&table(order), "");
        let text = place.printed(0, &["init", "data.csv"]);
        let has = |words: &str| text.lines().any(|line| line.split_whitespace().collect::<Vec<_>>().join(" ") == words);
        assert!(has("ignored seq rises from row to row as the time does"), "{order:?}: {text}");
        assert!(has("features 1 the other columns") && has("time when dates or times in every row"), "{text}");
    }
}

#[test]
fn a_time_that_one_row_spoils_is_told_before_the_first_run() {
    let row = |i: usize| {
        let when = if i == 5 { "2024-02-30".into() } else { format!("2024-{:02}-{:02}", 1 + i / 28, 1 + i % 28) };
        format!("{when},{}.5,{}\n", i * 7 % 97, u8::from(i % 9 == 4))
    };
    let place = Place::new(&format!("when,amount,fraud\n{}", (0..180).map(row).collect::<String>()), "");
    for command in ["init", "try"] {
        let said = place.expect(0, &[command, "data.csv"]);
        let note = "note: `when` would be the time, but not every row holds an ISO date or time (line 7: `2024-02-30`)";
        assert!(said.contains(note), "{command}: {said}");
    }
    assert!(!place.expect(0, &["init", "data.csv", "--time", "none"]).contains("would be the time"));
}

/// Rows of an amount, a number and a label, by what the amount is written as.
fn amounts(written: impl Fn(usize) -> String) -> String {
    let rows = (0..120).map(|i| format!("{};{};{}\n", written(i), 500 + i * 7 % 41, u8::from(i % 6 == 4)));
    format!("amount;score;fraud\n{}", rows.collect::<String>())
}

#[test]
fn money_as_people_write_it_is_told_with_its_options() {
    for (blank, options) in [
        (" ", "--decimal , --thousands ' '"),
        ("\u{a0}", "--decimal , --thousands ' '"),
        ("\u{202f}", "--decimal , --thousands ' '"),
    ] {
        let place = Place::new(&amounts(|i| format!("{}{blank}{:03},5", 1 + i, i * 37 % 1000)), "");
        let said = place.printed(0, &["init", "data.csv"]);
        assert!(said.contains(&format!("`init` and `try` take numbers from it with `{options}`")), "{blank:?}: {said}");
        let with = ["init", "data.csv", "--decimal", ",", "--thousands", blank, "--study", "with.toml"];
        let said = place.printed(0, &with);
        assert!(said.contains("  amount    amount"), "{blank:?}: {said}");
        place.expect(0, &["list", "with.toml"]);
    }
    let swiss = Place::new(&amounts(|i| format!("{}'{:03}.5", 1 + i, i * 37 % 1000)), "");
    let said = swiss.printed(0, &["init", "data.csv"]);
    assert!(said.contains("take numbers from it with `--thousands \"'\"`"), "{said}");
    assert!(swiss.printed(0, &["try", "data.csv", "--thousands", "'"]).contains("  amount    amount"));
    // A sign is nothing that an option takes away.
    let dollars = Place::new(&amounts(|i| format!("${}.5", 1 + i)), "");
    let said = dollars.expect(2, &["data", "describe", "data.csv"]);
    assert!(said.contains("numbers with a sign of money") && said.contains("`$1.5`"), "{said}");
    assert!(said.contains("write them without it in the file"), "{said}");
    let said = dollars.expect(2, &["init", "data.csv", "--separator", "§"]);
    assert!(said.contains("it must be one ASCII character, such as ; or ,: replace this one in the file"), "{said}");
}

#[test]
fn the_option_for_missing_texts_is_told_whole_and_reads_the_table() {
    let row = |i: usize| {
        let (age, income) = (
            if i % 9 == 2 { "-".into() } else { (i % 40).to_string() },
            match i % 7 {
                3 => String::new(),
                5 => "NA".into(),
                _ => (i * 3 % 50).to_string(),
            },
        );
        format!("{age},{income},{}\n", u8::from(i % 6 == 4))
    };
    let place = Place::new(&format!("age,income,fraud\n{}", (0..120).map(row).collect::<String>()), "");
    let said = place.expect(2, &["data", "describe", "data.csv"]);
    let options = "--missing '' --missing NA --missing -";
    assert!(said.ends_with(&format!("has to list all texts that are missing values: give `{options}`\n")), "{said}");
    let said = place.printed(0, &["init", "data.csv"]);
    assert!(said.contains(&format!("take numbers from it with `{options}`")), "{said}");
    let given = ["--missing", "", "--missing", "NA", "--missing", "-"];
    place.expect(0, &[&["data", "describe", "data.csv"][..], &given].concat());
    let said = place.printed(0, &[&["init", "data.csv", "--study", "with.toml"][..], &given].concat());
    assert!(said.contains("2 of them with missing values") && !said.contains("ignored   age"), "{said}");
    // Half of it is worse than none: the empty fields and `NA` are texts then.
    let said = place.expect(2, &["data", "describe", "data.csv", "--missing", "-"]);
    assert!(said.ends_with("give `--missing - --missing '' --missing NA`\n"), "{said}");
}

#[test]
fn a_folder_of_parquet_files_is_tried_and_what_is_read_once_is_refused() {
    let place = Place::new("", "");
    let simulate =
        ["data", "simulate", "handbook", "--customers", "200", "--terminals", "400", "--days", "30", "--out"];
    std::fs::create_dir(place.path("many")).unwrap();
    for part in ["many/a.parquet", "many/b.parquet"] {
        place.expect(0, &[&simulate[..], &[part]].concat());
    }
    let said = place.printed(0, &["init", "many"]);
    assert!(said.contains("label     TX_FRAUD") && said.contains("Study: many.toml"), "{said}");
    place.expect(0, &["list", "many.toml"]);
    for command in ["init", "try"] {
        let said = place.expect(2, &[command, "-"]);
        assert!(said.contains("standard input: a study names the file of its table"), "{said}");
    }
    std::fs::create_dir(place.path("none")).unwrap();
    assert!(place.expect(2, &["init", "none"]).contains("none: a folder without a file that ends in .parquet"));
}

#[test]
fn titles_above_a_header_and_a_label_that_is_given_away_are_told() {
    let rows = csv(70);
    let (header, _) = rows.split_once('\n').unwrap();
    let fields = header.split(',').count();
    let place = Place::new(&format!("# export of May\n# by me\n{rows}"), "");
    place.write("title.csv", &format!("May{0}\n{0}\n{rows}", ",".repeat(fields - 1)));
    for (file, title) in
        [("data.csv", "# export of May".to_owned()), ("title.csv", format!("May{}", ",".repeat(fields - 1)))]
    {
        let wanted = format!(
            "{file}, line 1: `{title}` stands above the header, which is line 3 with {fields} fields: take the lines above the header out of \
             the file"
        );
        for command in [&["init"][..], &["try"], &["data", "describe"]] {
            assert!(place.expect(2, &[command, &[file]].concat()).contains(&wanted), "{command:?} {file}");
        }
    }
    place.write("plain.csv", &rows);
    let said = place.expect(2, &["init", "plain.csv", "--group", "label"]);
    assert!(said.contains("`label` has two values and is given as `--group`"), "{said}");
}

#[test]
fn a_column_that_gives_the_label_away_is_told_beside_the_scores() {
    // Three columns say little. A case has days until it was closed where there was one.
    let table = |leaks: bool| {
        let row = |i: usize| {
            let fraud = i % 9 == 4;
            let days = if fraud && leaks { 1 + i % 30 } else { 0 };
            format!("{},{},{days},{}\n", i * 37 % 101, i * 53 % 97, u8::from(fraud))
        };
        format!("a,b,closed_days,is_fraud\n{}", (0..900).map(row).collect::<String>())
    };
    let place = Place::new(&table(true), "");
    let (code, text, said) = ended(place.run(&["try", "data.csv", "--out", "out"]));
    assert_eq!(code, Some(0), "{text}{said}");
    let leak =
        "leak: separating-features: with duplicates, `closed_days` has a threshold with precision and recall 1\n";
    assert!(text.contains(leak) && text.contains("put it into `ignore` in data.toml"), "{text}");
    assert!(text.contains("To look for leaks: fraudbench audit data.toml --inspect\n"), "{text}");
    let flowing = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flowing.contains("the best possible") && flowing.contains("that may be a leak"), "{text}");
    let report = std::fs::read_to_string(place.path("out/report.md")).unwrap();
    assert!(report.contains("that may be a leak, such as a column"), "{report}");
    // It is what the inspection says of the same study.
    assert!(place.printed(0, &["audit", "data.toml", "--inspect"]).contains(leak));
    // Without such a column neither is said, and `init` names the inspection, too.
    let place = Place::new(&table(false), "");
    let (code, text, _) = ended(place.run(&["try", "data.csv", "--out", "out"]));
    assert!(code == Some(0) && !text.contains("leak: ") && !text.contains("may be a leak"), "{text}");
    let text = place.printed(0, &["init", "data.csv", "--study", "other.toml"]);
    assert!(text.contains(", fraudbench audit other.toml --inspect, fraudbench run other.toml\n"), "{text}");
}
