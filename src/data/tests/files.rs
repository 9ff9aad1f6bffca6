use super::*;

#[test]
fn separators_are_found_or_given() {
    let plain = csv("Time,V1,Class\n1,-1.5,0\n2,0.25,1\n");
    for separator in [';', '\t', '|'] {
        let text =
            format!("Time{separator}V1{separator}Class\n1{separator}-1.5{separator}0\n2{separator}.25{separator}1\n");
        assert_eq!(csv(&text).digests, plain.digests, "{separator:?}");
    }
    // Excel's own line.
    assert_eq!(csv("sep=;\r\nTime;V1;Class\r\n1;-1.5;0\r\n2;.25;1\r\n").digests, plain.digests);
    assert_eq!(csv("sep=,\nTime,V1,Class\n1,-1.5,0\n2,.25,1\n").digests, plain.digests);
    // A comma in every text is no separator where semicolons fit.
    let data = csv("a;b;y\nx, y;1;0\nx, y;2;1\n");
    assert_eq!((names(&data), data.columns[0].kind.to_string()), (vec!["a", "b"], "category".to_string()));
    let given = ReadOptions { separator: Some(b'/'), ..ReadOptions::default() };
    assert_eq!(csv_with("Time/V1/Class\n1/-1.5/0\n2/.25/1\n", &given).unwrap().digests, plain.digests);
    assert_eq!(
        said_with("a,b,y\n1,2,0\n", &ReadOptions { separator: Some(b';'), ..ReadOptions::default() }),
        "t.csv: no column is left beside the label: name the `separator` if the fields are not told apart"
    );
}

#[test]
fn decimal_commas_and_thousands_are_read_when_asked_for() {
    let options = ReadOptions { decimal_comma: true, thousands: Some(b'.'), ..ReadOptions::default() };
    let data = csv_with("a;b;y\n1.234,5;7;0\n-0,25;1.000;1\n", &options).unwrap();
    assert_eq!(data.x, array![[1234.5, 7.0], [-0.25, 1000.0]]);
    let rows: String = (0..20).map(|i| format!("{i},5;{}\n", i % 2)).collect();
    assert!(
        said(&format!("a;y\n{rows}"))
            .contains("numbers with decimal commas are texts in `a` (line 2: `0,5` and 19 more rows)")
    );
}

#[test]
fn beside_a_decimal_comma_a_point_is_no_decimal_point() {
    let text = format!("x;y\n1.234;0\n{}", "2,5;1\n6,5;0\n".repeat(3));
    let comma = ReadOptions { decimal_comma: true, ..ReadOptions::default() };
    let said = said_with(&text, &comma);
    assert!(said.contains("texts stand among numbers in `x` (line 2: `1.234`)"), "{said}");
    let data = csv_with(&text, &ReadOptions { thousands: Some(b'.'), ..comma }).unwrap();
    assert_eq!(data.x.column(0).to_vec(), [1234.0, 2.5, 6.5, 2.5, 6.5, 2.5, 6.5]);
}

#[test]
fn a_wrong_separator_is_told_once_whatever_columns_are_named() {
    let text = "id,when,card,y\n1,2,3,0\n4,5,6,1\n";
    let named = |separator| ReadOptions {
        separator,
        label: Some("y".into()),
        time: Some("when".into()),
        group: Some("card".into()),
        ignore: vec!["id".into()],
        ..ReadOptions::default()
    };
    assert_eq!(
        said_with(text, &named(Some(b';'))),
        "t.csv: with separator `;` the file has one column, `id,when,card,y`: name the right `separator`"
    );
    assert!(said_with(text, &named(Some(b'\t'))).contains("with separator `\\t` the file has one column"));
    // Where a column is all that there is, what lacks is told by its name.
    let one = said_with("a\n1\n0\n", &ReadOptions { label: Some("y".into()), ..ReadOptions::default() });
    assert!(one.contains("unknown column in `label` `y`"), "{one}");
}

#[test]
fn a_line_above_the_header_is_told_as_one() {
    let rows = "a,b,y\n1,2,0\n3,4,1\n";
    let said_of = |title: &str, line: usize| {
        format!(
            "t.csv, line 1: `{title}` stands above the header, which is line {line} with 3 fields: take the lines above the header out of the file"
        )
    };
    let wanted = said_of("Export of May", 2);
    let of = |separator: Option<u8>, label: Option<&str>| ReadOptions {
        separator,
        label: label.map(str::to_owned),
        ..ReadOptions::default()
    };
    for separator in [None, Some(b',')] {
        for label in [None, Some("y")] {
            assert_eq!(said_with(&format!("Export of May\n{rows}"), &of(separator, label)), wanted);
        }
    }
    let semicolons = format!("Export of May\n{}", rows.replace(',', ";"));
    assert_eq!(said_with(&semicolons, &of(None, None)), wanted);
    // Another separator than the rows have is what is wrong.
    assert!(said_with(&semicolons, &of(Some(b'/'), None)).contains("name the `separator`"));
    // So it is where the right one divides the header as it does the rows, though decimal commas divide these alike.
    let decimals = "a;b;y\n1,5;2;0\n2,5;3;1\n";
    assert_eq!(
        said_with(decimals, &of(Some(b','), Some("y"))),
        "t.csv: with separator `,` the file has one column, `a;b;y`: name the right `separator`"
    );
    assert!(said_with(&format!("sep=,\n{decimals}"), &of(None, Some("y"))).ends_with("`a;b;y`: name its `separator`"));
    // A title may hold another mark than the rows.
    let title = semicolons.replace("Export of May", "Export of May, all cards");
    assert_eq!(said_with(&title, &of(Some(b';'), Some("y"))), said_of("Export of May, all cards", 2));
    // There may be several, and spreadsheets fill them up with separators.
    for (above, title, line) in [
        ("# export of May\n# by me\n", "# export of May", 3),
        ("# export of May, by me, all\n# of 7, and 8\n", "# export of May, by me, all", 3),
        ("May\n\nof the bank\n", "May", 4),
        ("May,,\n,,\n", "May,,", 3),
    ] {
        for label in [None, Some("y")] {
            assert_eq!(said_with(&format!("{above}{rows}"), &of(None, label)), said_of(title, line), "{above}");
        }
    }
    // A comment's mark is part of a name where the line is divided as the rows are, and a row of numbers is no header.
    assert_eq!(names(&csv(&format!("#{rows}"))), ["#a", "b"]);
    assert_eq!(
        said("y\n1,2\n3,4\n"),
        "t.csv: no column is left beside the label: name the `separator` if the fields are not told apart"
    );
    // One column it may be, whatever its texts hold.
    let label = Some("y".to_owned());
    let ragged = said_with("a,y\n1,2,0\n3,4,1\n", &ReadOptions { label, ..ReadOptions::default() });
    assert_eq!(
        ragged,
        "t.csv, line 2: 3 fields where the header has 2; line 3 does not fit either: write as many fields in every row as in the header, \
         and `\"` around a field that holds a `,`"
    );
}

#[test]
fn shares_are_no_numbers_of_thousands() {
    let german = ReadOptions { decimal_comma: true, thousands: Some(b'.'), ..ReadOptions::default() };
    let rows: String = (0..20).map(|i| format!("1.193,20;0.{};{}\n", 401 + i, i % 2)).collect();
    assert_eq!(
        said_with(&format!("sum;risk;y\n{rows}"), &german),
        "t.csv: numbers with decimal points are texts in `risk` (line 2: `0.401` and 19 more rows): leave `decimal` and `thousands` out if \
         all numbers are written so, or add the column to `categorical` or `ignore`"
    );
}

#[test]
fn quoted_fields_may_hold_line_ends_and_separators() {
    let options = ReadOptions { ignore: vec!["note".into()], ..ReadOptions::default() };
    let data =
        csv_with("note,a,y\n\"one\ntwo, \"\"three\"\"\n\n\",1,0\nplain 5\" pipe,2,1\n\"x\r\ny\",3,0\n", &options)
            .unwrap();
    assert_eq!((data.x, data.y), (array![[1.0], [2.0], [3.0]], vec![0, 1, 0]));
    let data = csv("a,b,y\n\"p\"\"q\nr\",1,0\n\"p\"\"q\nr\",2,1\n");
    assert_eq!(data.columns[0].kind, Kind::Category(["p\"q\nr".to_owned()].into()));
    // Lines are counted as an editor counts them.
    assert!(said("a,b,y\n\"1\n\",1,0\n2\n").starts_with("t.csv, line 4: 1 field where the header has 3"));
}

#[test]
fn quoted_fields_across_parts_are_whole() {
    let long = "x".repeat(300_000);
    let mut text = String::from("note,a,y\n");
    for i in 0..12 {
        text += &format!("\"{long}\n{long}\n\",{i},{}\n", i % 2);
    }
    let options = ReadOptions { ignore: vec!["note".into()], ..ReadOptions::default() };
    let data = csv_with(&text, &options).unwrap();
    assert_eq!(data.column("a").unwrap(), (0..12).map(f64::from).collect::<Vec<_>>());
}

#[test]
fn old_line_ends_and_marks_change_nothing() {
    let plain = csv("a,b,y\n1,2,0\n3,4,1\n");
    for text in
        ["a,b,y\r1,2,0\r3,4,1\r", "\u{feff}\u{feff}a,b,y\n1,2,0\n3,4,1\n", "a,b,y\r\n1,2,0\r\n\r\n3,4,1\r\n\u{1a}"]
    {
        let data = csv(text);
        assert_eq!((names(&data), &data.digests), (names(&plain), &plain.digests), "{text:?}");
    }
}

#[test]
fn names_that_are_numbers_are_a_header_where_the_label_is_named() {
    let named = ReadOptions { label: Some("Class".into()), ..ReadOptions::default() };
    assert_eq!(names(&csv_with("0.5,1.0,Class\n1,2,0\n3,4,1\n", &named).unwrap()), ["0.5", "1.0"]);
}

#[test]
fn a_pandas_index_can_be_ignored_by_either_name() {
    for name in ["", "Unnamed: 0"] {
        let options = ReadOptions { ignore: vec![name.into()], ..ReadOptions::default() };
        assert_eq!(names(&csv_with(",a,y\n0,1,0\n1,2,1\n", &options).unwrap()), ["a"]);
    }
    assert!(said("Unnamed: 0,a,y\n0,1,0\n1,2,1\n").contains("looks like the index of a pandas table"));
    let kept = ReadOptions { numeric: vec!["Unnamed: 0".into()], ..ReadOptions::default() };
    assert_eq!(names(&csv_with(",a,y\n0,1,0\n1,2,1\n", &kept).unwrap()), ["Unnamed: 0", "a"]);
}

#[test]
fn rows_that_end_in_a_separator_are_told_as_such() {
    let rows: String = (0..1500).map(|i| format!("{i},2,{},\n", i % 2)).collect();
    assert_eq!(
        said(&format!("a,b,y\n{rows}")),
        "t.csv, line 2: 4 fields where the header has 3; line 3, line 4, line 5, line 6, line 7, line 8, line 9, line 10, line 11, line 12 \
         and 1,489 more lines do not fit either: these rows end in a separator and the header does not: take it out of the rows"
    );
    // A header is none of the lines above one, though it may begin as a comment does.
    assert_eq!(
        said("#card,shop,y\nc1,north,no,\nc2,south,yes,\n"),
        "t.csv, line 2: 4 fields where the header has 3; line 3 does not fit either: these rows end in a separator and the header does \
         not: take it out of the rows"
    );
}

#[test]
fn a_header_within_a_file_is_told_by_its_line() {
    let text = "a,b,y\n1,2,0\na,b,y\n3,4,1\n\"a\",b,y\n";
    assert_eq!(said(text), "t.csv, line 3: the header stands here again: take the line out of the file");
    // What stands in a single column may be a value.
    let one = ReadOptions { label: Some("y".into()), ..ReadOptions::default() };
    assert!(!said_with("y\ny\nn\n", &one).contains("again"));
    // So may what stands below names that are all numbers.
    let numbered = ReadOptions { label: Some("1".into()), ..ReadOptions::default() };
    let data = csv_with("0,1\n5,0\n0,1\n7,1\n", &numbered).unwrap();
    assert_eq!(
        (names(&data), data.column("0").unwrap(), data.y.clone()),
        (vec!["0"], vec![5.0, 0.0, 7.0], vec![0, 1, 1])
    );
}
