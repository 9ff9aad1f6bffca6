//! What is told of a table that people have written: rows are counted, a file has one spelling, and zeros before a number are seen.

use ::parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int32Type};

use super::parquet_files::{column, one_group};
use super::*;

fn options(change: impl FnOnce(&mut ReadOptions)) -> ReadOptions {
    let mut options = ReadOptions { label: Some("y".into()), ..ReadOptions::default() };
    change(&mut options);
    options
}

fn name(name: &str) -> Option<String> {
    Some(name.to_owned())
}

#[test]
fn the_rows_of_a_fault_are_counted_and_not_its_texts() {
    // Forty rows of thirty amounts.
    let rows: String = (0..40).map(|i| format!("{},5;{}\n", i % 30, i % 2)).collect();
    let text = format!("x;y\n{rows}");
    assert!(said(&text).contains("are texts in `x` (line 2: `0,5` and 39 more rows)"), "{}", said(&text));
    let rows: String = (0..40).map(|i| format!("{:02}.01.2024;{}\n", 1 + i % 30, i % 2)).collect();
    let text = format!("x;y\n{rows}");
    assert!(said(&text).contains("stand in `x` (line 2: `01.01.2024` and 39 more rows)"), "{}", said(&text));
    // Where the texts themselves are the fault, they are counted.
    let rows: String = (0..40).map(|i| format!("n{};{}\n", i % 30, i % 2)).collect();
    let text = format!("x;y\n{rows}");
    assert!(said(&text).contains("another text in `x` (30 in 40 rows, such as `n0`)"), "{}", said(&text));
}

#[test]
fn one_decimal_mark_is_told_of_a_file() {
    // Every rate has three decimals, as thousands have three digits.
    let rows: String = (0..40).map(|i| format!("{i},5;4,{};{}\n", 900 + i, i % 2)).collect();
    let wanted = "t.csv: numbers with decimal commas are texts in `sum` (line 2: `0,5` and 39 more rows), `rate` (line 2: `4,900` and 39 \
                  more rows): set `decimal = \",\"`, or add the column to `categorical` or `ignore`";
    assert_eq!(said_with(&format!("sum;rate;y\n{rows}"), &options(|_| ())), wanted);
    let (_folder, path) = file("t.csv", format!("sum;rate;y\n{rows}"));
    let found = survey(&path, &ReadOptions::default()).unwrap();
    let read_by = |name: &str| found.column(name).unwrap().read_by.clone();
    assert_eq!(["sum", "rate"].map(read_by), [name("--decimal ,"), name("--decimal ,")]);
    // As a spreadsheet writes them; read by the mark that is told.
    let rows: String = (0..40).map(|i| format!("3,{}E+01;{}\n", 100 + i, i % 2)).collect();
    let text = format!("x;y\n{rows}");
    assert!(
        said(&text).contains("numbers with decimal commas are texts in `x` (line 2: `3,100E+01` and 39 more rows)")
    );
    let data = csv_with(&text, &options(|o| o.decimal_comma = true)).unwrap();
    assert_eq!(data.x[[9, 0]], 31.09);
    let thousands = said_with(&text, &options(|o| o.thousands = Some(b',')));
    assert!(thousands.contains("set `decimal = \",\"` without `thousands`"), "{thousands}");
}

#[test]
fn dates_of_another_form_among_dates_are_told_with_the_form_that_is_read() {
    let of = |write: &dyn Fn(usize) -> String| -> String {
        (0..40).fold("x,y\n".into(), |text, i| format!("{text}{},{}\n", write(i), i % 2))
    };
    let day = |i: usize| format!("2024-01-{:02}", 1 + i % 28);
    let remedy = "write them as 2018-04-01 00:00:31, or add the column to `categorical` or `ignore`";
    // Rows 0, 9, 18, 27 and 36.
    let every_ninth = of(&|i| if i % 9 == 0 { format!("{:02}/01/2024", 1 + i / 9) } else { day(i) });
    let wanted = format!(
        "t.csv: dates and times that are not ISO stand in `x` (line 2: `01/01/2024` and 4 more rows): {remedy}"
    );
    assert_eq!(said(&every_ninth), wanted);
    // Most of them, each another one: the ISO dates are no fault.
    let most = of(&|i| if i % 9 == 0 { day(i) } else { format!("{:02}/01/2024 10:{i:02}", 1 + i % 28) });
    let wanted = format!(
        "t.csv: dates and times that are not ISO stand in `x` (line 3: `02/01/2024 10:01` and 34 more rows): {remedy}"
    );
    assert_eq!(said(&most), wanted);
    // A text that is none may be a missing value.
    let both = of(&|i| match i {
        3 => "-".into(),
        5 => "06/01/2024".into(),
        i => day(i),
    });
    assert_eq!(
        said(&both),
        format!(
            "t.csv: dates and times that are not ISO stand in `x` (line 7: `06/01/2024`): {remedy}; texts stand among dates and times in \
             `x` (line 5: `-`): add the text to `missing`, or the column to `categorical` or `ignore`; `missing` has to list all texts \
             that are missing values: write missing = [\"\", \"-\"]"
        )
    );
}

#[test]
fn names_with_zeros_before_them_are_names_in_every_format() {
    let cards = ["7", "007", "08", "8", "9", "007"];
    let folder = tempfile::tempdir().unwrap();
    let (text, parquet) = (folder.path().join("t.csv"), folder.path().join("t.parquet"));
    let rows = cards.iter().enumerate().map(|(i, card)| format!("{card},{i}.5,{}\n", i % 2));
    std::fs::write(&text, format!("card,a,y\n{}", rows.collect::<String>())).unwrap();
    let schema = "message m { required binary card (STRING); required double a; required int32 y; }";
    one_group(&parquet, schema, None, &|group| {
        column::<ByteArrayType>(group, &cards.map(ByteArray::from), None);
        column::<DoubleType>(group, &[0.5, 1.5, 2.5, 3.5, 4.5, 5.5], None);
        column::<Int32Type>(group, &[0, 1, 0, 1, 0, 1], None);
    });
    for path in [&text, &parquet] {
        let read = |change: &dyn Fn(&mut ReadOptions)| read(path, &options(change)).unwrap();
        // By size, and where one number is written in two ways, by text: 007, 7, 08, 8, 9.
        let group = read(&|o| o.group = name("card")).sides.group;
        assert_eq!(group, Some(vec![1, 0, 2, 3, 4, 0]), "{}", path.display());
        let own = || vec!["card".to_owned()];
        let data = read(&|o| (o.ignore, o.keep, o.keys) = (own(), own(), own()));
        let kept = &data.kept[0];
        // As those of the group, in the order of the rows.
        assert_eq!((kept.is_text, &kept.values[..]), (true, &[0.0, 1.0, 2.0, 3.0, 4.0, 1.0][..]), "{}", path.display());
        assert_eq!(data.notes, [""; 0]);
    }
    // What is needed as a number stays one.
    let own = || vec!["card".to_owned()];
    let kept = read(&text, &options(|o| (o.ignore, o.keep) = (own(), own()))).unwrap().kept;
    assert_eq!((kept[0].is_text, &kept[0].values[..]), (false, &[7.0, 7.0, 8.0, 8.0, 9.0, 7.0][..]));
}

#[test]
fn a_key_splits_the_numbers_that_a_group_splits_and_no_others() {
    let own = || vec!["card".to_owned()];
    let texts = ["7", "7.0", "+7", "007", "", "9", "9.0"];
    let of = |cards: &[&str], change: &dyn Fn(&mut ReadOptions)| {
        let row = |(i, card): (usize, &&str)| format!("{card},{i}.5,{}\n", i % 2);
        let rows: String = cards.iter().enumerate().map(row).collect();
        csv_with(&format!("card,a,y\n{rows}"), &options(change)).unwrap()
    };
    // As they appear, and 007 is another name than 7.
    let kept = of(&texts, &|o| (o.ignore, o.keep, o.keys) = (own(), own(), own())).kept;
    let codes: Vec<Option<f64>> = kept[0].values.iter().map(|code| Some(*code).filter(|code| !code.is_nan())).collect();
    assert_eq!(codes, [Some(0.0), Some(0.0), Some(0.0), Some(1.0), None, Some(2.0), Some(2.0)]);
    // Groups go by size.
    let whole: Vec<&str> = texts.into_iter().filter(|text| !text.is_empty()).collect();
    let group = of(&whole, &|o| o.group = name("card")).sides.group;
    assert_eq!(group, Some(vec![1, 1, 1, 0, 2, 2]));
}

#[test]
fn who_looks_at_a_label_that_is_none_is_told_so_and_no_row_has_one() {
    let (_folder, path) = file("t.csv", "is_fraud,a,y\n0,1,a\n1,2,b\n0,3,c\n1,4,c\n");
    let data = read_to_look(&path, &options(|o| o.label = name("y"))).unwrap();
    assert_eq!((data.y.clone(), data.positives(), data.is_labelled()), (vec![LABEL_LACKS; 4], 0, false));
    // Not that another column is called like a label as well.
    assert_eq!(data.notes.len(), 1, "{:?}", data.notes);
    assert!(data.notes[0].starts_with("the label column `y` has 3 values where two are needed"), "{:?}", data.notes);
    let two = std::fs::read_to_string(&path).unwrap().replace(",c", ",b");
    let (_folder, path) = file("t.csv", two);
    let notes = read_to_look(&path, &options(|o| (o.label, o.positive) = (name("y"), name("b")))).unwrap().notes;
    assert!(
        notes[0].starts_with("`is_fraud` has two values and is called like a label, but the label is `y`"),
        "{notes:?}"
    );
}

#[test]
fn a_feature_of_numbers_with_zeros_before_them_is_told() {
    let notes = |codes: [&str; 3], change: &dyn Fn(&mut ReadOptions)| {
        let rows = codes.iter().enumerate().map(|(i, code)| format!("{code},{i}.5,{}\n", i % 2));
        csv_with(&format!("mcc,a,y\n{}", rows.collect::<String>()), &options(change)).unwrap().notes
    };
    let wanted = "`mcc` holds numbers with zeros before them (line 3: `0742` and 1 more row), which a number does not keep: if they are \
                  codes, write categorical = [\"mcc\"]";
    assert_eq!(notes(["5411", "0742", "0763"], &|_| ()), [wanted]);
    // In quotes, too, and with options.
    let wanted = "`mcc` holds numbers with zeros before them (line 3: `0742`), which a number does not keep: if they are codes, give \
                  `--categorical mcc`";
    assert_eq!(notes(["5411", "\"0742\"", "763"], &|o| o.called = Called::OnLine), [wanted]);
    for (codes, change) in [
        (["0", "0.5", "0742.5"], &(|_: &mut ReadOptions| ()) as &dyn Fn(&mut ReadOptions)),
        (["-0742", "1", "00x"], &|o| o.ignore = vec!["mcc".into()]),
        (["0742", "0763", "1"], &|o| o.categorical = vec!["mcc".into()]),
        // Who asks for numbers gets them.
        (["0742", "0763", "1"], &|o| o.numeric = vec!["mcc".into()]),
        (["0742", "0763", "1"], &|o| o.amount = name("mcc")),
    ] {
        assert_eq!(notes(codes, change), [""; 0], "{codes:?}");
    }
}

#[test]
fn a_table_whose_label_is_none_is_looked_at_with_a_note() {
    let (_folder, path) = file("t.csv", "a,b,y\n1,x,web\n2,,app\n1,x,shop\n");
    let options = ReadOptions { called: Called::OnLine, ..ReadOptions::default() };
    let data = read_to_look(&path, &options).unwrap();
    let found = describe(&data);
    assert_eq!((found.rows, found.duplicates, found.positives, found.labels.clone()), (3, 1, None, None));
    assert_eq!((found.columns[1].blanks, found.columns[2].levels), (Some(1), Some(3)));
    assert_eq!(
        found.notes[1],
        "the label column `y` (the last one; name another with `--label`) has 3 values where two are needed: `web` in line 2, `app` in \
         line 3, `shop` in line 4; write one value for each class, or leave the rows of all but two out of the file"
    );
    assert!(
        found.to_string().contains("\n  positives    -, as this column is no label (a note says why)\n"),
        "{found}"
    );
    assert!(read(&path, &options).is_err());
    // Other faults stay such.
    let (_folder, path) = file("t.csv", "a,y\n1,web\ninf,app\n");
    assert!(read_to_look(&path, &options).unwrap_err().to_string().contains("values that are not finite"));
}
