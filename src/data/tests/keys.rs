//! Whole numbers that doubles do not tell apart, and decimals of any length.

use std::path::Path;

use ::parquet::data_type::{
    ByteArray, ByteArrayType, DoubleType, FixedLenByteArray, FixedLenByteArrayType, Int32Type, Int64Type,
};

use super::parquet_files::{column, one_group};
use super::*;

/// 2^53, from which on a double may stand for several whole numbers.
const FIRST: i128 = 9_007_199_254_740_992;

fn options(change: impl FnOnce(&mut ReadOptions)) -> ReadOptions {
    let mut options = ReadOptions { label: Some("y".into()), ..ReadOptions::default() };
    change(&mut options);
    options
}

/// Columns of types for whole numbers, each with a number in the first row and the next one in the others.
fn keys(path: &Path) {
    let schema = "message m { required int64 id; required int64 unsigned (INTEGER(64, false));
        required fixed_len_byte_array(16) number (DECIMAL(38, 0)); required fixed_len_byte_array(16) wide (DECIMAL(38, 10));
        required fixed_len_byte_array(17) long (DECIMAL(40, 0)); required double a; required int32 y; }";
    let decimals =
        |unit: i128| [0, 1, 1].map(|more| FixedLenByteArray::from(((FIRST + more) * unit).to_be_bytes().to_vec()));
    // 10^39, which no i128 holds.
    let long: [u8; 17] =
        [0x02, 0xf0, 0x50, 0xfe, 0x93, 0x89, 0x43, 0xac, 0xc4, 0x5f, 0x65, 0x56, 0x80, 0x00, 0x00, 0x00, 0x00];
    let long = [0, 1, 1].map(|last| FixedLenByteArray::from([&long[..16], &[last]].concat()));
    one_group(path, schema, None, &|group| {
        column::<Int64Type>(group, &[0, 1, 1].map(|more| FIRST as i64 + more), None);
        // 2^64 - 2 and 2^64 - 1.
        column::<Int64Type>(group, &[-2, -1, -1], None);
        column::<FixedLenByteArrayType>(group, &decimals(1), None);
        column::<FixedLenByteArrayType>(group, &decimals(10_000_000_000), None);
        column::<FixedLenByteArrayType>(group, &long, None);
        column::<DoubleType>(group, &[1.0, 1.0, 1.0], None);
        column::<Int32Type>(group, &[0, 0, 1], None);
    });
}

#[test]
fn whole_numbers_of_every_type_stay_apart_wherever_rows_are_told_apart_by_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.parquet");
    keys(&path);
    let digits = [
        ("id", ["9007199254740992", "9007199254740993"]),
        ("unsigned", ["18446744073709551614", "18446744073709551615"]),
        ("number", ["9007199254740992", "9007199254740993"]),
        ("wide", ["9007199254740992", "9007199254740993"]),
        ("long", ["1000000000000000000000000000000000000000", "1000000000000000000000000000000000000001"]),
    ];
    for (name, digits) in digits {
        let others: Vec<String> = ["id", "unsigned", "number", "wide", "long"]
            .into_iter()
            .filter(|other| *other != name)
            .map(str::to_owned)
            .collect();
        let of = |change: &dyn Fn(&mut ReadOptions)| {
            let mut options = options(|o| o.ignore = others.clone());
            change(&mut options);
            read(&path, &options).unwrap()
        };
        let kept = of(&|o| (o.ignore, o.keep) = ([&others[..], &[name.into()]].concat(), vec![name.into()])).kept;
        assert_eq!((kept[0].is_text, &kept[0].values[..]), (true, &[0.0, 1.0, 1.0][..]), "{name}");
        assert_eq!(of(&|o| o.group = Some(name.into())).sides.group, Some(vec![0, 1, 1]), "{name}");
        let fold = of(&|o| o.fold = Some(name.into())).sides.fold.unwrap();
        assert_eq!((fold.codes, &fold.names[..]), (vec![0, 1, 1], &digits.map(str::to_owned)[..]), "{name}");
        let categories = of(&|o| o.categorical = vec![name.into()]);
        for data in [of(&|_| ()), categories] {
            assert_eq!(data.columns[0].kind, Kind::Category(digits.map(str::to_owned).into()), "{name}");
            assert_eq!((data.column(name).unwrap(), dedup(&data).removed), (vec![0.0, 1.0, 1.0], 0), "{name}");
        }
        let found = survey(&path, &ReadOptions::default()).unwrap();
        assert_eq!(found.column(name).unwrap().distinct, 2, "{name}");
    }
    // Asked for as a number it is the nearest one, and that is told.
    let data = read(&path, &options(|o| o.numeric = vec!["long".into()])).unwrap();
    assert_eq!(data.column("long").unwrap(), [1e39; 3]);
    let told =
        "`long` holds whole numbers beyond 2^53 (row 1: `1000000000000000000000000000000000000000` and 2 more rows)";
    assert!(data.notes.iter().any(|note| note.contains(told)), "{:?}", data.notes);
}

#[test]
fn amounts_with_decimals_are_numbers_however_large() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.parquet");
    // 2^53 + 1 and a quarter.
    let amounts = [(FIRST + 1) * 100, 25].map(|cents| FixedLenByteArray::from(cents.to_be_bytes().to_vec()));
    let schema = "message m { required fixed_len_byte_array(16) sum (DECIMAL(38, 2)); required int32 y; }";
    one_group(&path, schema, None, &|group| {
        column::<FixedLenByteArrayType>(group, &amounts, None);
        column::<Int32Type>(group, &[0, 1], None);
    });
    let data = read(&path, &options(|_| ())).unwrap();
    assert_eq!(data.column("sum").unwrap(), [9_007_199_254_740_992.0, 0.25]);
    assert!(data.notes[0].contains("`sum` holds whole numbers beyond 2^53 (row 1: `9007199254740993`)"));
}

#[test]
fn decimals_of_more_than_38_digits_are_the_nearest_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.parquet");
    let schema = "message m { optional fixed_len_byte_array(32) a (DECIMAL(76, 2)); required binary b (DECIMAL(50, 3));
        required int32 y; }";
    let in_bytes = |sign: u8, rest: i128| [&[sign; 16][..], &rest.to_be_bytes()].concat();
    let mut large = in_bytes(0, 0);
    large[15] = 1;
    let fixed = [in_bytes(0xff, -9_905), in_bytes(0, 10), large.clone()].map(FixedLenByteArray::from);
    // The shortest form of -1, 1,500 with more bytes than it needs, 2^128, and nothing.
    let short = [vec![0xff], [&[0; 30][..], &[0x05, 0xdc]].concat(), large[15..].to_vec(), vec![0]];
    one_group(&path, schema, None, &|group| {
        column::<FixedLenByteArrayType>(group, &fixed, Some(&[1, 1, 1, 0]));
        column::<ByteArrayType>(group, &short.clone().map(ByteArray::from), None);
        column::<Int32Type>(group, &[0, 1, 0, 1], None);
    });
    let data = read(&path, &options(|_| ())).unwrap();
    let a = data.column("a").unwrap();
    assert_eq!((&a[..3], a[3].is_nan()), (&[-99.05, 0.1, 3.402823669209385e36][..], true));
    assert_eq!(data.column("b").unwrap(), [-0.001, 1.5, 3.402823669209385e35, 0.0]);
    let data = read(&path, &options(|o| o.categorical = vec!["b".into()])).unwrap();
    let levels = ["-0.001", "0", "1.5", "340282366920938463463374607431768211.456"].map(str::to_owned);
    assert_eq!(data.columns[1].kind, Kind::Category(levels.into()));
}

#[test]
fn a_key_that_is_asked_for_as_a_number_is_refused_where_numbers_merge() {
    let text = "card,n,y\n9007199254740992,1,0\n9007199254740993,2,1\n";
    let group = |o: &mut ReadOptions| o.group = Some("card".into());
    assert_eq!(csv_with(text, &options(group)).unwrap().sides.group, Some(vec![0, 1]));
    let both = options(|o| {
        group(o);
        o.numeric = vec!["card".into()];
    });
    assert_eq!(
        said_with(text, &both),
        "t.csv: whole numbers that 64-bit floats do not tell apart stand in `card` (line 3: `9007199254740993`): take the column out of \
         `numeric`: as `group` or `fold` it is read by its digits"
    );
}

#[test]
fn keys_of_csv_files_keep_all_digits_however_they_are_written() {
    let points = "card,n,y\n9007199254740993.0,1,0\n9007199254740992.00,2,1\n9007199254740993,3,1\n";
    let data = csv_with(points, &options(|o| o.group = Some("card".into()))).unwrap();
    assert_eq!(data.sides.group, Some(vec![1, 0, 1]));
    let thousands = "id;n;y\n9.007.199.254.740.993;1;0\n9.007.199.254.740.992;2;1\n";
    let german = options(|o| {
        (o.decimal_comma, o.thousands) = (true, Some(b'.'));
        (o.ignore, o.keep) = (vec!["id".into()], vec!["id".into()]);
    });
    assert_eq!(csv_with(thousands, &german).unwrap().kept[0].values, [0.0, 1.0]);
}

#[test]
fn a_time_of_too_large_numbers_is_told_with_its_first_one() {
    let of = |o: &mut ReadOptions| o.time = Some("when".into());
    for (first, second) in [("20240101002127", "20240101011846"), ("9007199254740993", "9007199254740995")] {
        assert_eq!(
            said_with(&format!("when,n,y\n{first},1,0\n{second},2,1\n"), &options(of)),
            format!(
                "t.csv: `time` needs numbers (seconds) or ISO dates and times (2018-04-01 00:00:31), and numbers out of range stand in \
                 `when` (line 2: `{first}` and 1 more row): mend the file, or name another column"
            )
        );
    }
}

#[test]
fn a_number_of_a_role_that_is_not_finite_is_told_once_without_advice_that_is_followed() {
    let out_of_range = "`time` needs numbers (seconds) or ISO dates and times (2018-04-01 00:00:31), and numbers out of range stand in \
                        `a` (line 2: `inf` and 1 more row): mend the file, or name another column";
    let weights = "weights are finite and at least 0, and others stand in `a` (line 2: `inf` and 1 more row): mend the file, or name \
                   another column";
    let others =
        "values that are not finite stand in `a` (line 2: `inf` and 1 more row): mend the file, or name another column";
    type Give = fn(&mut ReadOptions, Option<String>);
    let roles: [(Give, &str); 3] = [
        (|o, name| o.time = name, out_of_range),
        (|o, name| o.weight = name, weights),
        (|o, name| o.amount = name, others),
    ];
    for (give, wanted) in roles {
        let said = said_with("a,b,y\ninf,1,0\n1,2,1\n-inf,3,1\n", &options(|o| give(o, Some("a".into()))));
        assert_eq!(said, format!("t.csv: {wanted}"));
    }
    // A time may be in `ignore` already.
    let ignored = |o: &mut ReadOptions| (o.time, o.ignore) = (Some("a".into()), vec!["a".into()]);
    let said = said_with("a,b,y\ninf,1,0\n1,2,1\n-inf,3,1\n", &options(ignored));
    assert_eq!(said, format!("t.csv: {out_of_range}"));
}

#[test]
fn texts_that_are_asked_for_as_numbers_are_looked_at_as_in_csv() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.parquet");
    let schema = "message m { required binary digits (STRING); required binary other (STRING); required int32 y; }";
    one_group(&path, schema, None, &|group| {
        column::<ByteArrayType>(group, &["9007199254740993", "1"].map(ByteArray::from), None);
        column::<ByteArrayType>(group, &["1", "inf"].map(ByteArray::from), None);
        column::<Int32Type>(group, &[0, 1], None);
    });
    let numeric = |names: &[&str]| options(|o| o.numeric = names.iter().map(|&name| name.to_owned()).collect());
    let data = read(&path, &numeric(&["digits"])).unwrap();
    assert!(data.notes[0].contains("`digits` holds whole numbers beyond 2^53 (row 1: `9007199254740993`)"));
    let said = read(&path, &numeric(&["other"])).unwrap_err().to_string();
    assert!(said.contains("values that are not finite stand in `other` (row 2: `inf`)"), "{said}");
}
