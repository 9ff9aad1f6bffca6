mod advice;
mod files;
mod keys;
mod kinds;
mod parquet_files;
mod parts;
mod surveys;
mod told;

use std::path::PathBuf;

use ndarray::array;
use tempfile::TempDir;

use super::*;

/// A file of that name with that content; it lives as long as the folder.
fn file(name: &str, content: impl AsRef<[u8]>) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, content).unwrap();
    (folder, path)
}

fn csv_with(content: &str, options: &ReadOptions) -> Result<Dataset> {
    let (_folder, path) = file("t.csv", content);
    read(&path, options)
}

fn csv(content: &str) -> Dataset {
    csv_with(content, &ReadOptions::default()).unwrap()
}

/// The sentence about a CSV, without its folder.
fn said_with(content: &str, options: &ReadOptions) -> String {
    let sentence = csv_with(content, options).unwrap_err().to_string();
    let at = sentence.find("t.csv").unwrap_or_else(|| panic!("no file name in: {sentence}"));
    sentence[at..].to_string()
}

fn said(content: &str) -> String {
    said_with(content, &ReadOptions::default())
}

fn names(data: &Dataset) -> Vec<&str> {
    data.columns.iter().map(|column| column.name.as_str()).collect()
}

fn bits(data: &Dataset) -> Vec<u64> {
    data.x.iter().map(|value| value.to_bits()).collect()
}

#[test]
fn quotes_exponents_signs_and_line_ends_change_nothing() {
    let plain = csv("Time,V1,Class\n100000,-1.5,0\n2,0.25,1\n");
    assert_eq!(names(&plain), ["Time", "V1"]);
    assert_eq!(plain.x, array![[1e5, -1.5], [2.0, 0.25]]);
    assert_eq!((plain.y.clone(), plain.labels.clone()), (vec![0, 1], ("0".into(), "1".into())));
    assert_eq!(plain.name, "t");
    for other in [
        "\u{feff}Time,V1,Class\n100000,-1.5,0\n2,0.25,1\n",
        "\"Time\",\"V1\",\"Class\"\r\n1e+05,-15E-1,\"0\"\r\n+2,.25,\"1\"",
        "Time, V1 ,Class\n 1e5 , \"-1.5\" ,0\n\n2.0000,\t25e-2,1\n\n",
        "Time,V1,Class\n1e5,-1.5,0.0\n2,0.25,1.0\n",
    ] {
        let other = csv(other);
        assert_eq!((other.columns, other.x, other.y, other.labels), {
            let p = plain.clone();
            (p.columns, p.x, p.y, p.labels)
        });
    }
}

#[test]
fn every_number_reads_as_rust_reads_it() {
    let texts = [
        "1.7976931348623157e308",
        "5e-324",
        "-0.0",
        "0.1",
        "123456789012345678901234567890",
        "2.2250738585072011e-308",
    ];
    let rows: String = texts.iter().enumerate().map(|(i, text)| format!("{text},{}\n", i % 2)).collect();
    let data = csv(&format!("a,y\n{rows}"));
    let expected: Vec<u64> = texts.iter().map(|text| text.parse::<f64>().unwrap().to_bits()).collect();
    assert_eq!(bits(&data), expected);
}

#[test]
fn missing_values_are_nan() {
    let data = csv("a,b,y\n,NaN,0\nNA,?,1\nnull,nan,1\n\"\",n/a,0\n1,2,0\n");
    assert_eq!(data.x.iter().filter(|value| value.is_nan()).count(), 8);
    assert_eq!(data.x.row(4).to_vec(), [1.0, 2.0]);
}

#[test]
fn the_result_does_not_depend_on_the_number_of_threads() {
    let mut text = String::from("a,b,y\r\n");
    for i in 0u32..150_000 {
        let noise = f64::from(i.wrapping_mul(2_654_435_761)) / 7.0;
        text += &format!("{noise},{i}e-3,{}\r\n", u8::from(i % 977 == 3));
    }
    assert!(text.len() > 3 << 20, "several parts");
    let (_folder, path) = file("big.csv", text);
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| read(&path, &ReadOptions::default())).unwrap()
    };
    let one = on(1);
    assert_eq!((one.y.len(), one.positives()), (150_000, 154));
    assert_eq!(one.x[[149_999, 1]], 149.999);
    for threads in [2, 5] {
        let many = on(threads);
        assert_eq!((bits(&many), many.y, many.sha256), (bits(&one), one.y.clone(), one.sha256.clone()));
    }
}

#[test]
fn a_fault_far_down_is_told_with_its_line() {
    let mut text = String::from("a,b,y\n");
    (0..200_000).for_each(|i| text += &format!("{i},1.5,{}\n\n", i % 2));
    text += "1,two,0\n";
    assert_eq!(
        said(&text),
        "t.csv: texts stand among numbers in `b` (line 400002: `two`): add the text to `missing`, set `decimal` or \
         `thousands`, or add the column to `categorical` or `ignore`; `missing` has to list all texts that are missing values: write \
         missing = [\"\", \"two\"]"
    );
}

#[test]
fn compressed_is_the_same_data() {
    let text = "a,y\n1,0\n2,1\n";
    let (_folder, path) = file("some.csv.zst", zstd::encode_all(text.as_bytes(), 3).unwrap());
    let data = read(&path, &ReadOptions::default()).unwrap();
    let plain = csv(text);
    assert_eq!((data.sha256, data.x, data.name), (plain.sha256.clone(), plain.x.clone(), "some".to_string()));
    let (_folder, path) = file("broken.csv.zst", b"\x28\xb5\x2f\xfdno zstd");
    let said = read(&path, &ReadOptions::default()).unwrap_err().to_string();
    assert!(said.contains("the Zstandard file is damaged or cut short"), "{said}");
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut gzip, text.as_bytes()).unwrap();
    // What it is called does not matter.
    let (_folder, path) = file("some.csv", gzip.finish().unwrap());
    assert_eq!(read(&path, &ReadOptions::default()).unwrap().sha256, plain.sha256);
}

#[test]
fn what_is_no_table_is_said_in_one_sentence() {
    let fields = "write as many fields in every row as in the header, and `\"` around a field that holds a `,`";
    let no_header = "here are numbers where a header with the columns' names is needed";
    for (content, sentence) in [
        ("", "t.csv: the file is empty, and a header with the columns' names is needed"),
        ("\u{feff}", "t.csv: the file is empty, and a header with the columns' names is needed"),
        ("\na,y\n1,0\n", "t.csv, line 1: the first line is empty, and a header with the columns' names is needed"),
        ("1,2,0\n3,4,1\n", &format!("t.csv, line 1: {no_header}")),
        ("5.1,3.5,setosa\n", &format!("t.csv, line 1: {no_header}")),
        ("a,b,y\n", "t.csv: a header but no rows"),
        ("a,b,y\n1,2\n", &format!("t.csv, line 2: 2 fields where the header has 3: {fields}")),
        ("a,b,y\n1,2,0\n1,2,0,4\n", &format!("t.csv, line 3: 4 fields where the header has 3: {fields}")),
        (
            "a,b,y\n1,2\n3\n4,5,1\n6\n",
            &format!("t.csv, line 2: 2 fields where the header has 3; line 3 and line 5 do not fit either: {fields}"),
        ),
        (
            "a,b,y\n1,2,0\n,\"2,5\",1\n",
            "t.csv: texts stand among numbers in `b` (line 3: `2,5`): add the text to `missing`, set `decimal` or `thousands`, \
             or add the column to `categorical` or `ignore`",
        ),
        (
            "a,b,y\n1,inf,0\n-1e999,2,1\n",
            "t.csv: values that are not finite stand in `a` (line 3: `-1e999`), `b` (line 2: `inf`): mend the file, or add \
             the column to `ignore`",
        ),
        ("a,b,y\n1,\"2,0\n", "t.csv, line 2: a quote is opened here and never closed"),
        (
            "a,b,y\n1,\"2\"3,0\n",
            "t.csv, line 2: text follows a closing quote: write `\"` around the whole field, and every quote in it twice",
        ),
        (
            "a,b,y\n1,2,\n3,4,0\n5,6,NA\n",
            "t.csv: the label column `y` (the last one; name another with `label`) is missing in line 2 and another row: leave \
             such rows out of the file",
        ),
        (
            "is_fraud,a,country\n1,2,US\n0,4,\n",
            "t.csv: the label column `country` (the last one; name another with `label`, such as `is_fraud`) is missing in line \
             3: leave such rows out of the file",
        ),
        ("a,a,b,b,y\n", "t.csv: the header names `a` and `b` twice: give every column a name of its own"),
        (
            ",a,y\n",
            "t.csv: column 1 has no name in the header and looks like the index of a pandas table: write ignore = [\"Unnamed: \
             0\"], or save the file with index=False",
        ),
        (
            "a,,y,\n",
            "t.csv: column 2 has no name in the header: name it there, or write ignore = [\"Unnamed: 1\"]; column 4 has no name \
             in the header (a line that ends in a separator has an empty last column): write ignore = [\"Unnamed: 3\"]",
        ),
        ("y\n1\n", "t.csv: no column is left beside the label: name the `separator` if the fields are not told apart"),
    ] {
        assert_eq!(said(content), sentence, "{content:?}");
    }
    let (_folder, path) = file("t.csv", b"a,\xff,y\n");
    assert!(
        read(&path, &ReadOptions::default())
            .unwrap_err()
            .to_string()
            .ends_with("line 1: the header is not UTF-8 text: save the file as UTF-8")
    );
    let folder = tempfile::tempdir().unwrap();
    let said = |path: &std::path::Path| read(path, &ReadOptions::default()).unwrap_err().to_string();
    assert!(said(&folder.path().join("none.csv")).starts_with("cannot read "));
    assert!(said(folder.path()).ends_with("a folder without a file that ends in .parquet"));
}

#[test]
fn the_label_needs_two_values_and_a_known_positive() {
    let options = |positive: &str| ReadOptions {
        label: Some("y".into()),
        positive: Some(positive.into()),
        ..ReadOptions::default()
    };
    let said_of_y = |text: &str| said_with(text, &ReadOptions { label: Some("y".into()), ..ReadOptions::default() });
    assert_eq!(
        said("a,y\n1,0\n2,0\n"),
        "t.csv: the label column `y` (the last one; name another with `label`) has 1 value where two are needed: `0` in 2 rows"
    );
    assert_eq!(
        said_of_y("a,y\n1,0\n2,1\n3,7\n4,0.0\n"),
        "t.csv: the label column `y` has 3 values where two are needed: `0` in 2 rows, `1` in line 3, `7` in line 4; write \
         one value for each class, or leave the rows of all but two out of the file, or name another column with `label`"
    );
    let many: String = (0..20).map(|i| format!("1,{i}\n")).collect();
    let sentence = said_of_y(&format!("a,y\n{many}"));
    assert!(
        sentence
            .starts_with("t.csv: the label column `y` has more than 8 values where two are needed: `0` in line 2, ")
    );
    let text = "a,y\n1,good\n2,bad\n3,good\n";
    assert_eq!(
        said_of_y(text),
        "t.csv: the label column `y` holds `good` and `bad`: say which is positive, such as positive = \"bad\""
    );
    assert_eq!(
        said_with(text, &options("Bad")),
        "t.csv: the label column `y` holds `good` and `bad`, and `positive` is `Bad`"
    );
    let data = csv_with(text, &options("bad")).unwrap();
    assert_eq!((data.y, data.labels), (vec![0, 1, 0], ("good".into(), "bad".into())));
    let data = csv_with("a,y\n1,0\n2,1\n", &options("0.0")).unwrap();
    assert_eq!((data.y, data.labels), (vec![1, 0], ("1".into(), "0".into())));
    assert_eq!(csv("a,y\n1,True\n2,False\n3,TRUE\n").y, [1, 0, 1]);
    assert_eq!(csv("a,y\n1,1\n2,-1\n").y, [1, 0]);
    let big = csv_with("a,y\n1,9007199254740992\n2,9007199254740993\n", &options("9007199254740993")).unwrap();
    assert_eq!(big.y, [0, 1]);
    assert!(said_of_y("a,y\n1,1\n2,2\n").contains("holds `1` and `2`: say which is positive"));
}

#[test]
fn columns_can_be_dropped_and_the_label_be_anywhere() {
    let text = "id,Class,a,b\nx7,1,1.5,2\nx8,0,2.5,3\n";
    let options = |label: &str, drop: &[&str]| ReadOptions {
        label: Some(label.into()),
        ignore: drop.iter().map(|d| d.to_string()).collect(),
        ..ReadOptions::default()
    };
    let data = csv_with(text, &options("Class", &["id"])).unwrap();
    assert_eq!((names(&data), data.y.clone()), (vec!["a", "b"], vec![1, 0]));
    assert_eq!(data.x, array![[1.5, 2.0], [2.5, 3.0]]);
    assert_eq!(data.column("b").unwrap(), [2.0, 3.0]);
    assert_eq!(data.column("bb").unwrap_err().to_string(), "unknown column of t `bb`; did you mean `b`? Allowed: a, b");
    assert_eq!(
        said_with(text, &options("Clas", &[])),
        "t.csv: unknown column in `label` `Clas`; did you mean `Class`? Allowed: id, Class, a, b"
    );
    assert_eq!(said_with(text, &options("Class", &["Class"])), "t.csv: `Class` is the label and cannot be in `ignore`");
    assert!(said_with(text, &options("Class", &["c"])).starts_with("t.csv: unknown column in `ignore` `c`"));
}

#[test]
fn duplicates_are_equal_rows_and_conflicts_are_kept() {
    // Rows: 1 repeats 0 (-0.0 is 0.0), 3 repeats 2 (missing is missing), 4 differs from 0 in its label, 6 repeats 4.
    let data = csv("a,b,y\n0,1,0\n-0.0,1,0\n,2,1\nNA,2,1\n0,1,1\n1,0,0\n0,1,1\n");
    assert_eq!(dedup(&data), Deduplicated { keep: vec![0, 2, 4, 5], removed: 3, conflicting: 1 });
    let kept = data.select(&dedup(&data).keep);
    assert_eq!((kept.y.clone(), dedup(&kept).removed, dedup(&kept).conflicting), (vec![0, 1, 1, 0], 0, 1));
}

proptest::proptest! {
    #[test]
    fn dedup_is_what_comparing_all_pairs_gives(cells in proptest::collection::vec((0u8..3, 0u8..3, 0u8..2), 2..60)) {
        let rows = cells.len();
        let x = Array2::from_shape_fn((rows, 2), |(r, c)| f64::from([cells[r].0, cells[r].1][c]));
        let y: Vec<u8> = cells.iter().map(|cell| cell.2).collect();
        let data = Dataset { x, y, ..csv("a,b,y\n1,1,0\n1,1,1\n") };
        let keep: Vec<usize> = (0..rows).filter(|&row| !cells[..row].contains(&cells[row])).collect();
        let both = |&row: &usize| cells[row].2 == 0 && cells.contains(&(cells[row].0, cells[row].1, 1));
        let conflicting = keep.iter().filter(|row| both(row)).count();
        proptest::prop_assert_eq!(dedup(&data), Deduplicated { removed: rows - keep.len(), keep, conflicting });
    }
}

#[test]
fn a_description_says_which_column_is_the_money() {
    let money = |text: &str| {
        let found = describe(&csv(text));
        let role = |column: &ColumnFacts| column.role == Some(Role::Amount);
        let marked: Vec<String> = found.columns.iter().filter(|c| role(c)).map(|c| c.name.clone()).collect();
        (marked, found.to_string().lines().find(|line| line.starts_with("  money ")).map(str::to_owned))
    };
    let line = Some("  money        AMOUNT".to_owned());
    assert_eq!(money("a,AMOUNT,y\n1,5,0\n2,6,1\n"), (vec!["AMOUNT".to_owned()], line));
    // Of several nobody knows which is meant, and texts are no money.
    assert_eq!(money("amount,AMOUNT,y\n1,5,0\n2,6,1\n"), (vec![], None));
    assert_eq!(money("a,amount,y\n1,s,0\n2,t,1\n"), (vec![], None));
}

#[test]
fn a_description_counts_and_shows() {
    let found = describe(&csv("a,b,c,y\n1,5,,0\n1,5,,0\n3,5,,1\n-1e12,5,,0\n"));
    assert_eq!((found.rows, found.positives, found.share), (4, Some(1), Some(0.25)));
    assert_eq!((found.duplicates, found.duplicate_positives, found.conflicting), (1, Some(0), Some(0)));
    let [a, b, c, _] = &found.columns[..] else { panic!("three features and the label") };
    assert_eq!((a.min, a.max, a.mean, a.constant, a.blanks.unwrap()), (-1e12, 3.0, -249999999998.75, false, 0));
    assert_eq!((b.constant, b.blanks.unwrap(), b.mean), (true, 0, 5.0));
    assert_eq!((c.constant, c.blanks.unwrap()), (false, 4));
    assert!(c.min.is_nan() && c.mean.is_nan() && c.max.is_nan());
    let text = found.to_string();
    for line in [
        "  positives    1 (25.0000%), labelled `1`; negatives `0`",
        "  duplicates   1 rows repeat an earlier one, 0 of them positive",
        "  missing      4 values",
        "  constant     b",
        "  column  blanks          min         mean          max  kind     levels  role   examples",
        "  a            0    -1.000e12    -2.500e11      3.00000  number        -         1, 3, -1000000000000",
        "  c            4          NaN          NaN          NaN  number        -",
        "  y            -            -            -            -  category      2  label",
    ] {
        assert!(text.lines().any(|l| l == line), "{line}\nin\n{text}");
    }
}
