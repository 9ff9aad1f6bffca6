use std::path::Path;
use std::sync::Arc;

use ::parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DataType, DoubleType, FixedLenByteArray, FixedLenByteArrayType, Int32Type,
    Int64Type,
};
use ::parquet::file::metadata::KeyValue;
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use ::parquet::schema::parser::parse_message_type;

use super::*;

/// Writes one row group.
type Group<'a> = &'a dyn Fn(&mut SerializedFileWriter<std::fs::File>);

/// Writes a Parquet file of two row groups with these columns.
fn parquet_file(path: &Path, schema: &str, write: &[Group]) {
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let properties = Arc::new(WriterProperties::builder().build());
    let mut writer = SerializedFileWriter::new(std::fs::File::create(path).unwrap(), schema, properties).unwrap();
    write.iter().for_each(|group| group(&mut writer));
    writer.close().unwrap();
}

pub(super) fn column<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, std::fs::File>,
    values: &[T::T],
    levels: Option<&[i16]>,
) {
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<T>().write_batch(values, levels, None).unwrap();
    column.close().unwrap();
}

#[test]
fn parquet_gives_what_csv_gives() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.parquet");
    let schema = "message m { required double a; optional int32 b; required boolean c; optional binary id (UTF8); required \
                  binary y (UTF8); }";
    let texts = |texts: &[&str]| texts.iter().map(|t| ByteArray::from(*t)).collect::<Vec<_>>();
    parquet_file(
        &path,
        schema,
        &[
            &|writer| {
                let mut group = writer.next_row_group().unwrap();
                column::<DoubleType>(&mut group, &[1.5, f64::NAN, -2.0], None);
                column::<Int32Type>(&mut group, &[-7, 9], Some(&[1, 0, 1]));
                column::<BoolType>(&mut group, &[true, false, true], None);
                column::<ByteArrayType>(&mut group, &texts(&["p"]), Some(&[0, 1, 0]));
                column::<ByteArrayType>(&mut group, &texts(&["good", "bad", "good"]), None);
                group.close().unwrap();
            },
            &|writer| {
                let mut group = writer.next_row_group().unwrap();
                column::<DoubleType>(&mut group, &[0.1], None);
                column::<Int32Type>(&mut group, &[4], Some(&[1]));
                column::<BoolType>(&mut group, &[false], None);
                column::<ByteArrayType>(&mut group, &texts(&["q"]), Some(&[1]));
                column::<ByteArrayType>(&mut group, &texts(&["bad"]), None);
                group.close().unwrap();
            },
        ],
    );
    let options = ReadOptions { positive: Some("bad".into()), ignore: vec!["id".into()], ..ReadOptions::default() };
    let data = read(&path, &options).unwrap();
    let same = csv_with(
        "a,b,c,y\n1.5,-7,true,good\nNaN,,false,bad\n-2,9,true,good\n0.1,4,false,bad\n",
        &ReadOptions { ignore: vec![], ..options.clone() },
    );
    let same = same.unwrap();
    assert_eq!((&data.columns, &data.y, &data.labels), (&same.columns, &same.y, &same.labels));
    assert_eq!(bits(&data).len(), 12);
    assert!(data.x.iter().zip(&same.x).all(|(a, b)| a == b || a.is_nan() && b.is_nan()));

    let sentence = |options: ReadOptions| {
        let said = read(&path, &options).unwrap_err().to_string();
        said[said.find("t.parquet").unwrap()..].to_string()
    };
    let with_id = read(&path, &ReadOptions { ignore: vec![], ..options }).unwrap();
    assert_eq!(with_id.columns[3].kind, Kind::Category(["p".to_owned(), "q".to_owned()].into()));
    assert_eq!(with_id.x.column(3).iter().filter(|code| code.is_nan()).count(), 2);
    assert_eq!((with_id.x[[1, 3]], with_id.x[[3, 3]]), (0.0, 1.0));
    let by_id = ReadOptions { label: Some("id".into()), ignore: vec!["y".into()], ..ReadOptions::default() };
    assert_eq!(
        sentence(by_id),
        "t.parquet: the label column `id` is missing in row 1 and another row: leave such rows out of the file"
    );
    std::fs::write(&path, "no parquet").unwrap();
    assert!(sentence(ReadOptions::default()).starts_with("t.parquet: this is no Parquet file"));
}

/// A file of one row group; `metadata` is what pandas says of its index.
pub(super) fn one_group(
    path: &Path,
    schema: &str,
    metadata: Option<&str>,
    write: &dyn Fn(&mut SerializedRowGroupWriter<'_, std::fs::File>),
) {
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let pairs = metadata.map(|text| vec![KeyValue::new("pandas".to_owned(), text.to_owned())]);
    let properties = Arc::new(WriterProperties::builder().set_key_value_metadata(pairs).build());
    let mut writer = SerializedFileWriter::new(std::fs::File::create(path).unwrap(), schema, properties).unwrap();
    let mut group = writer.next_row_group().unwrap();
    write(&mut group);
    group.close().unwrap();
    writer.close().unwrap();
}

#[test]
fn every_flat_type_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.parquet");
    let schema = "message m {
        required int32 small (INTEGER(8, true)); required int32 u (INTEGER(32, false)); required int64 big (INTEGER(64, false));
        required int32 price (DECIMAL(9, 2)); required fixed_len_byte_array(9) long (DECIMAL(20, 3));
        required fixed_len_byte_array(2) half (FLOAT16); optional int32 day (DATE);
        required int64 ms (TIMESTAMP(MILLIS, true)); required int64 us (TIMESTAMP(MICROS, false));
        required int64 ns (TIMESTAMP(NANOS, false)); required binary when (STRING); required binary digits (STRING);
        required boolean y; }";
    let fixed = |values: [&[u8]; 2]| values.map(|value| FixedLenByteArray::from(value.to_vec()));
    let texts = |values: [&str; 2]| values.map(ByteArray::from);
    one_group(&path, schema, None, &|group| {
        column::<Int32Type>(group, &[-7, 9], None);
        column::<Int32Type>(group, &[-1, 1], None);
        column::<Int64Type>(group, &[i64::MIN, 1], None);
        column::<Int32Type>(group, &[-12_345, 5], None);
        column::<FixedLenByteArrayType>(group, &fixed([&[0xff; 9], &[0, 0, 0, 0, 0, 0, 0, 0x03, 0xe8]]), None);
        column::<FixedLenByteArrayType>(group, &fixed([&[0x00, 0x3e], &[0x00, 0xc0]]), None);
        column::<Int32Type>(group, &[17_622], Some(&[1, 0]));
        column::<Int64Type>(group, &[1_500, -1], None);
        column::<Int64Type>(group, &[1_522_540_831_000_001, 0], None);
        column::<Int64Type>(group, &[1_522_540_831_000_001_000, -1_000], None);
        column::<ByteArrayType>(group, &texts(["2018-04-01", "1970-01-02T00:00:00Z"]), None);
        column::<ByteArrayType>(group, &texts(["007", "7"]), None);
        column::<BoolType>(group, &[true, false], None);
    });
    let data = read(&path, &ReadOptions::default()).unwrap();
    let expected = array![
        [
            -7.0,
            4294967295.0,
            9223372036854775808.0,
            -123.45,
            -0.001,
            1.5,
            1522540800.0,
            1.5,
            1522540831.000001,
            1522540831.000001,
            1522540800.0,
            0.0
        ],
        [9.0, 1.0, 1.0, 0.05, 1.0, -2.0, f64::NAN, -0.001, 0.0, -1e-6, 86400.0, 1.0],
    ];
    assert!(data.x.iter().zip(&expected).all(|(a, b)| a == b || a.is_nan() && b.is_nan()), "{:?}", data.x);
    let kinds: Vec<String> = data.columns.iter().map(|column| column.kind.to_string()).collect();
    let number = ["number"; 6];
    assert_eq!(kinds, [&number[..], &["time"; 5], &["category"]].concat());
    assert_eq!((data.y, data.labels), (vec![1, 0], ("false".into(), "true".into())));
    let as_numbers = ReadOptions { numeric: vec!["digits".into()], ..ReadOptions::default() };
    assert_eq!(read(&path, &as_numbers).unwrap().column("digits").unwrap(), [7.0, 7.0]);
    let as_texts = ReadOptions { categorical: vec!["price".into(), "day".into()], ..ReadOptions::default() };
    let data = read(&path, &as_texts).unwrap();
    assert_eq!(data.columns[3].kind, Kind::Category(["-123.45".to_owned(), "0.05".to_owned()].into()));
    assert_eq!(data.columns[6].kind, Kind::Category(["2018-04-01".to_owned()].into()));
}

#[test]
fn what_does_not_fit_is_told_for_all_columns_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.parquet");
    let schema = "message m { required double a; required int64 ns (TIMESTAMP(NANOS, false)); required group items (LIST) { \
                  repeated group list { required int32 element; } } required group point { required double lat; required \
                  double lng; } required int32 clock (TIME(MILLIS, true)); required int32 y; }";
    one_group(&path, schema, None, &|group| {
        column::<DoubleType>(group, &[1.0, f64::INFINITY], None);
        column::<Int64Type>(group, &[1, 2_000], None);
        let mut list = group.next_column().unwrap().unwrap();
        list.typed::<Int32Type>().write_batch(&[1, 2, 3], Some(&[1, 1, 1]), Some(&[0, 1, 0])).unwrap();
        list.close().unwrap();
        column::<DoubleType>(group, &[1.0, 2.0], None);
        column::<DoubleType>(group, &[1.0, 2.0], None);
        column::<Int32Type>(group, &[1, 2], None);
        column::<Int32Type>(group, &[0, 1], None);
    });
    let said = read(&path, &ReadOptions::default()).unwrap_err().to_string();
    assert_eq!(
        &said[said.find("t.parquet").unwrap()..],
        "t.parquet: values that are not finite stand in `a` (row 2: `inf`): mend the file, or add the column to `ignore`; times \
         finer than a microsecond stand in `ns` (row 1: `1970-01-01 00:00:00.000000001`): round them in the file, or add the column to `ignore` (as \
         `time` it may stay); lists or structures, and no single values, are in `items` (a list), `point` (a structure): add the \
         column to `ignore`; values of a type that is not read are in `clock` (a time of the day): add the column to `ignore`"
    );
    let rest = ["items", "point", "clock", "ns"].map(str::to_owned).to_vec();
    let options = ReadOptions { ignore: rest, time: Some("ns".into()), ..ReadOptions::default() };
    assert!(read(&path, &options).unwrap_err().to_string().contains("`a` (row 2: `inf`)"));
    let options = ReadOptions { ignore: [options.ignore, vec!["a".into()]].concat(), numeric: vec![], ..options };
    assert!(read(&path, &options).unwrap_err().to_string().contains("no column is left beside the label"));
}

#[test]
fn the_index_of_pandas_is_no_feature_and_no_label() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.parquet");
    let schema =
        "message m { required int64 id; required double a; required int32 y; required int64 __index_level_0__; }";
    let write = |metadata: &str| {
        one_group(&path, schema, Some(metadata), &|group| {
            column::<Int64Type>(group, &[5, 6], None);
            column::<DoubleType>(group, &[1.0, 2.0], None);
            column::<Int32Type>(group, &[0, 1], None);
            column::<Int64Type>(group, &[3, 7], None);
        });
    };
    write("{}");
    let data = read(&path, &ReadOptions::default()).unwrap();
    assert_eq!((names(&data), data.others[0].name.as_str()), (vec!["id", "a"], "y"));
    assert!(data.notes.iter().any(|note| note == "`__index_level_0__` is the index of a pandas table and is ignored"));
    write("{\"index_columns\": [\"id\", {\"kind\": \"range\"}]}");
    assert_eq!(names(&read(&path, &ReadOptions::default()).unwrap()), ["a"]);
    let named = ReadOptions { numeric: vec!["id".into()], ..ReadOptions::default() };
    assert_eq!(names(&read(&path, &named).unwrap()), ["id", "a"]);
}

#[test]
fn what_is_more_than_a_number_in_pandas_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.parquet");
    let schema = "message m { required int64 code; required int64 took; required int64 n; required int32 y; }";
    let pandas = r#"{"index_columns": [], "columns": [
        {"name": "code", "field_name": "code", "pandas_type": "categorical", "numpy_type": "int8", "metadata": {"num_categories": 3}},
        {"name": "took", "field_name": "took", "pandas_type": "object", "numpy_type": "timedelta64[us]", "metadata": null},
        {"name": "n", "field_name": "n", "pandas_type": "int64", "numpy_type": "int64", "metadata": null},
        {"name": "y", "field_name": "y", "pandas_type": "categorical", "numpy_type": "int8", "metadata": null}]}"#;
    one_group(&path, schema, Some(pandas), &|group| {
        column::<Int64Type>(group, &[3, 1], None);
        column::<Int64Type>(group, &[60_000_000, 0], None);
        column::<Int64Type>(group, &[5, 6], None);
        column::<Int32Type>(group, &[0, 1], None);
    });
    let duration = "`took` is a duration in pandas and is read as a number of microseconds";
    let labelled = || ReadOptions { label: Some("y".into()), ..ReadOptions::default() };
    let notes = |options: &ReadOptions| read(&path, options).unwrap().notes;
    assert_eq!(
        notes(&labelled()),
        [
            "`code` is a category of numbers in pandas and is read as numbers: add it to `categorical` if they are codes",
            duration,
        ]
    );
    let on_line = ReadOptions { called: Called::OnLine, ..labelled() };
    assert!(notes(&on_line)[0].contains("add it to `--categorical` if"));
    // Who says what it is knows it.
    let named = ReadOptions { categorical: vec!["code".into()], ..labelled() };
    assert_eq!(notes(&named), [duration]);
    let both = ReadOptions { numeric: vec!["code".into()], ignore: vec!["took".into()], ..labelled() };
    assert_eq!(notes(&both), [""; 0]);
}

#[test]
fn several_files_are_one_table() {
    let folder = tempfile::tempdir().unwrap();
    let schema = "message m { required binary c (STRING); required double a; required int32 y; }";
    let write = |name: &str, texts: &[&str], values: &[f64], y: &[i32]| {
        one_group(&folder.path().join(name), schema, None, &|group| {
            column::<ByteArrayType>(group, &texts.iter().map(|t| ByteArray::from(*t)).collect::<Vec<_>>(), None);
            column::<DoubleType>(group, values, None);
            column::<Int32Type>(group, y, None);
        });
    };
    write("part-0.parquet", &["b", "c"], &[1.0, 2.0], &[0, 1]);
    write("part-1.parquet", &["a", "b", "c"], &[3.0, 4.0, 5.0], &[1, 0, 1]);
    std::fs::write(folder.path().join("notes.txt"), "no part").unwrap();
    let data = read(folder.path(), &ReadOptions::default()).unwrap();
    assert_eq!(data.x, array![[1.0, 1.0], [2.0, 2.0], [0.0, 3.0], [1.0, 4.0], [2.0, 5.0]]);
    assert_eq!(data.y, [0, 1, 1, 0, 1]);
    let paths = ["part-1.parquet", "part-0.parquet"].map(|name| folder.path().join(name));
    let turned = read_files(&paths, &ReadOptions::default()).unwrap();
    assert_eq!(turned.y, [1, 0, 1, 0, 1]);
    assert_ne!(data.digests.features, turned.digests.features);
    let parts = |first: &str, second: &str| {
        let files = [("train", folder.path().join(first)), ("test", folder.path().join(second))];
        read_parts(&files, &ReadOptions::default())
    };
    let given = parts("part-0.parquet", "part-1.parquet").unwrap();
    let folds = given.sides.fold.clone().unwrap();
    assert_eq!((folds.codes, folds.names.join(" ")), (vec![0, 0, 1, 1, 1], "train test".into()));
    assert_eq!((given.digests.features, given.x), (data.digests.features, data.x));
    let other = "message m { required binary c (STRING); required int32 a; required int32 y; }";
    one_group(&folder.path().join("other.pq"), other, None, &|group| {
        column::<ByteArrayType>(group, &[ByteArray::from("b")], None);
        column::<Int32Type>(group, &[1], None);
        column::<Int32Type>(group, &[1], None);
    });
    let said = parts("part-0.parquet", "other.pq").unwrap_err().to_string();
    assert!(said.ends_with("but `a` is required integer and not required float"), "{said}");
    std::fs::write(folder.path().join("rows.csv"), "c,a,y\nb,1,0\n").unwrap();
    let said = parts("part-0.parquet", "rows.csv").unwrap_err().to_string();
    assert!(
        said.contains("are of different formats: the files of a table's parts are all CSV or all Parquet"),
        "{said}"
    );
    write("part-1.parquet", &["a", "b"], &[3.0, f64::INFINITY], &[1, 0]);
    let said = read(folder.path(), &ReadOptions::default()).unwrap_err().to_string();
    assert!(said.contains("`a` (row 2 of ") && said.contains("part-1.parquet: `inf`)"), "{said}");
    let csv = folder.path().join("x.csv");
    std::fs::write(&csv, "a,y\n1,0\n").unwrap();
    let said = read_files(&[paths[0].clone(), csv], &ReadOptions::default()).unwrap_err().to_string();
    assert!(said.ends_with("x.csv: several files are read as one table only if all are Parquet"), "{said}");
}

#[test]
fn a_column_of_nulls_alone_fits_every_type_of_other_files() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, schema: &str, value: Option<f64>, texts: Option<&str>| {
        one_group(&folder.path().join(name), &format!("message m {{ {schema} required int32 y; }}"), None, &|group| {
            match value {
                Some(value) => column::<DoubleType>(group, &[value], Some(&[1])),
                None => column::<Int32Type>(group, &[], Some(&[0])),
            }
            match texts {
                Some(text) => column::<ByteArrayType>(group, &[ByteArray::from(text)], Some(&[1])),
                None => column::<Int32Type>(group, &[], Some(&[0])),
            }
            column::<Int32Type>(group, &[i32::from(texts == Some("b"))], None);
        });
    };
    let typed = "optional double a; optional binary c (STRING);";
    write("1.parquet", "optional int32 a (UNKNOWN); optional int32 c (UNKNOWN);", None, None);
    write("2.parquet", typed, Some(1.5), Some("b"));
    write("3.parquet", "optional double a; optional int32 c (UNKNOWN);", Some(2.5), None);
    let data = read(folder.path(), &ReadOptions::default()).unwrap();
    let [a, c] = ["a", "c"].map(|name| data.column(name).unwrap());
    assert_eq!((a[0].is_nan(), &a[1..]), (true, &[1.5, 2.5][..]));
    assert_eq!((c[0].is_nan(), c[1], c[2].is_nan()), (true, 0.0, true));
    assert_eq!(data.columns[1].kind, Kind::Category(["b".to_owned()].into()));
    // Alone it is a column without a value.
    let alone =
        read(&folder.path().join("3.parquet"), &ReadOptions { label: Some("a".into()), ..ReadOptions::default() });
    assert!(alone.unwrap_err().to_string().contains("has 1 value where two are needed"));
    // Which file says the type is told where the first one does not.
    write("4.parquet", "optional int32 a; optional binary c (STRING);", None, Some("b"));
    let said = read(folder.path(), &ReadOptions::default()).unwrap_err().to_string();
    let second = folder.path().join("2.parquet");
    let wanted = format!("1.parquet, but `a` is optional integer and not optional float as in {}", second.display());
    assert!(said.ends_with(&wanted), "{said}");
}

#[test]
fn a_type_that_is_not_read_is_the_reason_and_no_value_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.parquet");
    let schema = "message m { required fixed_len_byte_array(3) card; required int32 clock (TIME(MILLIS, true)); required double \
                  a; required int32 y; }";
    let fixed = [b"abc", b"xyz"].map(|bytes| FixedLenByteArray::from(bytes.to_vec()));
    one_group(&path, schema, None, &|group| {
        column::<FixedLenByteArrayType>(group, &fixed, None);
        column::<Int32Type>(group, &[1, 2], None);
        column::<DoubleType>(group, &[1.0, 2.0], None);
        column::<Int32Type>(group, &[0, 1], None);
    });
    let found = survey(&path, &ReadOptions::default()).unwrap();
    let card = found.column("card").unwrap();
    assert_eq!((card.distinct, card.blanks, card.few.as_ref(), card.whole), (0, 2, None, false));
    let fault = "values of a type that is not read are in `card` (bytes of a fixed length)";
    assert_eq!(card.fault.as_deref(), Some(fault));
    let reason = "the label column `clock` is of a type that is not read (a time of the day): write it as numbers or texts, or name \
                  another column";
    let said = label_values(&path, &found, "clock", &ReadOptions::default()).unwrap_err().to_string();
    assert!(said.ends_with(reason), "{said}");
    let label = ReadOptions { label: Some("clock".into()), ignore: vec!["card".into()], ..ReadOptions::default() };
    let said = read(&path, &label).unwrap_err().to_string();
    assert!(said.ends_with(reason), "{said}");
}

#[test]
fn whole_numbers_beyond_a_float_are_names() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.parquet");
    one_group(&path, "message m { required int64 account; required double a; required int32 y; }", None, &|group| {
        column::<Int64Type>(group, &[9_007_199_254_740_992, 9_007_199_254_740_993, 9_007_199_254_740_993], None);
        column::<DoubleType>(group, &[1.0, 1.0, 1.0], None);
        column::<Int32Type>(group, &[0, 0, 1], None);
    });
    let data = read(&path, &ReadOptions::default()).unwrap();
    assert_eq!((data.columns[0].kind.to_string(), dedup(&data).removed), ("category".into(), 0));
    assert_eq!(data.column("account").unwrap(), [0.0, 1.0, 1.0]);
    let data = read(&path, &ReadOptions { numeric: vec!["account".into()], ..ReadOptions::default() }).unwrap();
    assert!(
        data.notes[1].contains("`account` holds whole numbers beyond 2^53 (row 2: `9007199254740993` and 1 more row)"),
        "{:?}",
        data.notes
    );
}

#[test]
fn times_that_are_a_nanosecond_apart_are_two_levels() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.parquet");
    let schema = "message m { required int64 at (TIMESTAMP(NANOS, true)); required double a; required int32 y; }";
    one_group(&path, schema, None, &|group| {
        column::<Int64Type>(group, &[1, 2, 0, 2, 1_000_000_000, 1_000_001_000], None);
        column::<DoubleType>(group, &[1.0; 6], None);
        column::<Int32Type>(group, &[0, 1, 0, 1, 0, 1], None);
    });
    let data = read(&path, &ReadOptions { categorical: vec!["at".into()], ..ReadOptions::default() }).unwrap();
    let Kind::Category(levels) = &data.columns[0].kind else { panic!("{:?}", data.columns) };
    let wanted = [
        "1970-01-01",
        "1970-01-01 00:00:00.000000001",
        "1970-01-01 00:00:00.000000002",
        "1970-01-01 00:00:01",
        "1970-01-01 00:00:01.000001",
    ];
    assert_eq!(levels[..], wanted);
    assert_eq!(data.column("at").unwrap(), [1.0, 2.0, 0.0, 2.0, 3.0, 4.0]);
}

/// A file of a boolean column `b`, texts `w` and a label.
fn booleans(path: &Path, w: [&str; 3]) {
    let schema = "message m { required boolean b; required binary w (STRING); required int32 y; }";
    one_group(path, schema, None, &|group| {
        column::<BoolType>(group, &[true, false, false], None);
        column::<ByteArrayType>(group, &w.map(ByteArray::from), None);
        column::<Int32Type>(group, &[1, 0, 0], None);
    });
}

#[test]
fn words_are_numbers_where_numbers_are_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.parquet");
    let numeric = ReadOptions { numeric: vec!["w".into()], ..ReadOptions::default() };
    for (w, words) in [(["Yes", "no", "NO"], Words::YesNo), (["TRUE", "false", " False"], Words::TrueFalse)] {
        booleans(&path, w);
        let data = read(&path, &numeric).unwrap();
        assert_eq!((data.column("b").unwrap(), data.column("w").unwrap()), (vec![1.0, 0.0, 0.0], vec![1.0, 0.0, 0.0]));
        let found: Vec<Option<Words>> = data.columns.iter().map(|column| column.words).collect();
        assert_eq!(found, [Some(Words::TrueFalse), Some(words)]);
        // Nobody asked: texts are what they were stored as.
        let kind = |place: usize| read(&path, &ReadOptions::default()).unwrap().columns[place].clone();
        assert!(matches!(kind(1), Column { kind: Kind::Category(_), words: None, .. }));
        let as_text = ReadOptions { categorical: vec!["b".into()], ..ReadOptions::default() };
        assert_eq!(read(&path, &as_text).unwrap().columns[0].words, None);
    }
    booleans(&path, ["true", "false", "maybe"]);
    let said = read(&path, &numeric).unwrap_err().to_string();
    assert!(
        said.contains("other texts stand among `true` and `false`") && said.contains("`w` (row 3: `maybe`)"),
        "{said}"
    );
    booleans(&path, ["true", "no", "no"]);
    assert!(read(&path, &numeric).unwrap_err().to_string().contains("`w` (row 1: `true`)"));
}

#[test]
fn rows_to_be_scored_may_have_words_as_in_csv() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new.parquet");
    let number = |name: &str, words: Option<Words>| Column { words, ..Column::number(name) };
    let scored = |wanted: &[Column]| read_rows(&path, (wanted, &[]), &ReadOptions::default(), &[true; 2]);
    booleans(&path, ["yes", "No", "no"]);
    for words in [None, Some(Words::YesNo)] {
        let rows = scored(&[number("w", words), number("b", words)]).unwrap();
        assert_eq!(rows.x, array![[1.0, 1.0], [0.0, 0.0], [0.0, 0.0]]);
    }
    booleans(&path, ["yes", "no", "perhaps"]);
    let said = scored(&[number("w", Some(Words::YesNo))]).unwrap_err().to_string();
    assert!(
        said.contains("the model was fitted on `yes` and `no`, and others stand in `w` (row 3: `perhaps`)"),
        "{said}"
    );
    // What is no time is shown as it stands in the file.
    let time = Column { kind: Kind::Time, ..Column::number("b") };
    let said = scored(std::slice::from_ref(&time)).unwrap_err().to_string();
    assert!(said.contains("others stand in `b` (row 1: `true` and 2 more rows)"), "{said}");
    let (_folder, table) = file("new.csv", "b\nNo\nyes\n");
    let said = read_rows(&table, (&[time], &[]), &ReadOptions::default(), &[true]).unwrap_err().to_string();
    assert!(said.contains("others stand in `b` (line 2: `no` and 1 more row)"), "{said}");
}
