use super::*;

/// Names and kinds of the features.
fn kinds(data: &Dataset) -> Vec<(&str, String)> {
    data.columns.iter().map(|column| (column.name.as_str(), column.kind.to_string())).collect()
}

fn kind(kind: &str) -> String {
    kind.to_owned()
}

fn options(change: impl FnOnce(&mut ReadOptions)) -> ReadOptions {
    let mut options = ReadOptions { label: Some("y".into()), ..ReadOptions::default() };
    change(&mut options);
    options
}

#[test]
fn kinds_are_inferred_from_all_rows() {
    let text =
        "n,b,yn,t,c,e,y\n1,TRUE,no,2018-04-01,NZ,,0\n,False,Yes,2018-04-01 00:00:31.5+02:00,,,1\n2.5,true,,,DE,NA,0\n";
    let data = csv(text);
    let expected = ["number", "number", "number", "time", "category", "number"].map(kind);
    assert_eq!(kinds(&data), ["n", "b", "yn", "t", "c", "e"].into_iter().zip(expected).collect::<Vec<_>>());
    assert_eq!(data.columns[4].kind, Kind::Category(["DE".to_owned(), "NZ".to_owned()].into()));
    let nan = f64::NAN;
    let expected = array![
        [1.0, 1.0, 0.0, 1_522_540_800.0, 1.0, nan],
        [nan, 0.0, 1.0, 1_522_533_631.5, nan, nan],
        [2.5, 1.0, nan, nan, 0.0, nan],
    ];
    assert!(data.x.iter().zip(&expected).all(|(a, b)| a == b || a.is_nan() && b.is_nan()), "{:?}", data.x);
}

#[test]
fn a_kind_that_shows_late_is_found_and_threads_change_nothing() {
    let mut text = String::from("a,b,c,y\n");
    for i in 0..200_000 {
        let late = i > 150_000;
        let (a, b) = if late { ("2018-04-01", "x") } else { ("", "yes") };
        text += &format!("{a},{b},{},{}\n", ["k", "l", "m"][(i * 7 % 11) % 3], i % 2);
    }
    assert!(text.len() > 2 << 20, "several parts");
    let (_folder, path) = file("t.csv", &text);
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| read(&path, &ReadOptions::default())).unwrap()
    };
    let data = on(1);
    assert_eq!(kinds(&data), [("a", kind("time")), ("b", kind("category")), ("c", kind("category"))]);
    assert!(data.x[[0, 0]].is_nan() && data.x[[199_999, 0]] == 1_522_540_800.0);
    assert_eq!((data.x[[0, 1]], data.x[[199_999, 1]], data.x[[1, 2]]), (1.0, 0.0, 1.0));
    assert_eq!(data.digests, on(3).digests);
}

#[test]
fn codes_do_not_depend_on_the_order_of_rows() {
    let codes = |text: &str| csv(text).column("c").unwrap();
    assert_eq!(codes("c,y\nb,0\na,1\nB,0\n"), [2.0, 1.0, 0.0]);
    assert_eq!(codes("c,y\na,1\nB,0\nb,0\n"), [1.0, 0.0, 2.0]);
}

#[test]
fn kinds_can_be_set() {
    let text = "code,n,y\n007,1,0\n7,2,1\n";
    let data = csv_with(text, &options(|o| o.categorical = vec!["code".into()])).unwrap();
    assert_eq!(data.columns[0].kind, Kind::Category(["007".to_owned(), "7".to_owned()].into()));
    assert_eq!(kinds(&csv(text)), [("code", kind("number")), ("n", kind("number"))]);
    let said = said_with("code,n,y\nA,1,0\n7,2,1\n8,x,1\n", &options(|o| o.numeric = vec!["code".into()]));
    assert_eq!(
        said,
        "t.csv: numbers are asked for, and texts stand in `code` (line 2: `A`): mend the file, add the text to `missing`, or \
         take the column out of `numeric`, `amount` or `weight`; texts stand among numbers in `n` (line 4: `x`): add the text \
         to `missing`, set `decimal` or `thousands`, or add the column to `categorical` or `ignore`; `missing` has to list all texts \
         that are missing values: write missing = [\"\", \"A\", \"x\"]"
    );
}

#[test]
fn times_that_are_no_seconds_are_told_and_stay_what_they_are() {
    let notes = |first: &str, second: &str, ignored: bool| {
        let text = format!("n,when,y\n1,{first},0\n2,{second},1\n");
        let ignore = if ignored { vec!["when".to_owned()] } else { Vec::new() };
        let data = csv_with(&text, &options(|o| (o.time, o.ignore) = (Some("when".into()), ignore))).unwrap();
        assert_eq!(data.sides.time.as_ref().map(Vec::len), Some(2));
        data.notes
    };
    for ignored in [false, true] {
        assert_eq!(
            notes("20240131", "20240201", ignored),
            [
                "the numbers in `when` are taken for seconds (line 2: `20240131` for 1970-08-23 06:15:31), and look like dates \
              (YYYYMMDD): if they are, write ISO dates (2024-01-31) in the file"
            ]
        );
        assert_eq!(notes("1704068487000", "1704068488000", ignored).len(), 1);
        // Seconds, and ISO times however far away.
        for (first, second) in
            [("1704068487", "1704068488"), ("0", "172792"), ("2024-01-31", "9999-12-31"), ("20240131", "20240132")]
        {
            assert_eq!(notes(first, second, ignored), [""; 0], "{first}");
        }
    }
    // What is no time may look as it likes.
    let other = csv_with("n,day,y\n1,20240131,0\n2,20240201,1\n", &options(|_| ())).unwrap();
    assert_eq!(other.notes, [""; 0]);
}

#[test]
fn missing_markers_can_be_named_so_that_na_is_namibia() {
    let text = "country,n,y\nNA,-,0\nDE,1,1\n,2,0\n";
    assert!(csv_with(text, &options(|o| o.ignore = vec!["n".into()])).unwrap().x[[0, 0]].is_nan());
    let data = csv_with(text, &options(|o| o.missing = Some(vec![String::new(), "-".into()]))).unwrap();
    assert_eq!(data.columns[0].kind, Kind::Category(["DE".to_owned(), "NA".to_owned()].into()));
    assert!(data.x[[2, 0]].is_nan() && data.x[[0, 1]].is_nan());
}

#[test]
fn no_marker_is_missing_that_is_not_named() {
    let only_empty = options(|o| o.missing = Some(vec![String::new()]));
    for text in ["NaN", "nan", "-NaN", "NA"] {
        let said = said_with(&format!("n,y\n1,0\n{text},1\n2,0\n3,1\n"), &only_empty);
        assert_eq!(
            said,
            format!(
                "t.csv: texts stand among numbers in `n` (line 3: `{text}`): add the text to `missing`, set `decimal` or `thousands`, or \
                 add the column to `categorical` or `ignore`; `missing` has to list all texts that are missing values: write missing = \
                 [\"\", \"{text}\"]"
            )
        );
        let named = options(|o| o.missing = Some(vec![text.to_owned()]));
        assert!(csv_with(&format!("n,y\n1,0\n{text},1\n2,0\n"), &named).unwrap().x[[1, 0]].is_nan(), "{text}");
    }
    let numeric = ReadOptions { numeric: vec!["n".into()], ..only_empty };
    let said = said_with("n,y\n1,0\nNaN,1\n2,0\n", &numeric);
    assert!(said.contains("numbers are asked for, and texts stand in `n` (line 3: `NaN`)"), "{said}");
}

#[test]
fn texts_that_are_taken_for_missing_values_are_told_where_they_may_be_levels() {
    let text = "discount,seen,n,y\nnone,yes,1,0\nlow,none,NA,1\nNA,no,2,0\nnone,yes,3,1\nlow,,4,0\n";
    let told = "texts are taken for missing values in `discount` (`none` in 2 rows, `NA` in 1 row), `seen` (`none` in 1 row): if they \
                are levels, ";
    let data = csv_with(text, &options(|_| ())).unwrap();
    assert_eq!(data.notes, [format!("{told}write missing = [\"\"]")]);
    assert_eq!(data.columns[0].kind, Kind::Category(["low".to_owned()].into()));
    let on_line = csv_with(text, &options(|o| o.called = Called::OnLine)).unwrap();
    assert_eq!(on_line.notes, [format!("{told}give `--missing ''`")]);
    // What the study names itself it knows, and what is no feature is nobody's level.
    let named = |o: &mut ReadOptions| (o.missing, o.ignore) = (Some(vec![String::new()]), vec!["n".into()]);
    let data = csv_with(text, &options(named)).unwrap();
    assert_eq!(data.notes, [""; 0]);
    assert_eq!(data.columns[0].kind, Kind::Category(["NA", "low", "none"].map(str::to_owned).into()));
    assert_eq!(data.columns[1].kind, Kind::Category(["no", "none", "yes"].map(str::to_owned).into()));
    let ignored = csv_with(text, &options(|o| o.ignore = vec!["discount".into(), "seen".into()])).unwrap();
    assert_eq!(ignored.notes, [""; 0]);
}

#[test]
fn a_label_or_a_group_that_is_missing_by_its_text_says_which() {
    let of = |o: &mut ReadOptions| o.group = Some("card".into());
    let text = "card,n,y\na,1,none\nb,2,fraud\na,3,none\n";
    assert_eq!(
        said_with(text, &options(of)),
        "t.csv: the label column `y` is missing in line 2 and another row: leave such rows out of the file, or, if `none` is a level, \
         write missing = [\"\"]"
    );
    assert_eq!(
        said_with("card,n,y\nnone,1,0\nb,2,1\nNA,3,0\n", &options(of)),
        "t.csv: values are missing in `card` (line 2 and 1 more row; if `none` and `NA` are levels, write missing = [\"\"]): fill them in \
         the file; without them these roles mean nothing"
    );
    // A field without anything in it is missing anyhow.
    assert_eq!(
        said_with("card,n,y\na,1,none\nb,2,x\na,3,\n", &options(of)),
        "t.csv: the label column `y` is missing in line 2 and another row: leave such rows out of the file"
    );
    // Those without a value are the negative ones where all others are positive.
    assert_eq!(
        said_with("card,n,y\na,1,\nb,2,1\na,3,\nb,4,1.0\n", &options(of)),
        "t.csv: the label column `y` is missing in line 2 and another row: write the other value there, such as 0, as all other rows are \
         positive"
    );
}

#[test]
fn every_column_that_does_not_fit_is_told_with_what_to_write() {
    let mut text = String::from("id,note,n,when,y\n");
    (0..30).for_each(|i| text += &format!("{i}x,n{i},{i},2018-04-{:02},{}\n", i + 1, i % 2));
    text += "z,z,oops,later,1\n";
    assert_eq!(
        said(&text),
        "t.csv: nearly every row has another text in `id` (31 in 31 rows, such as `0x`), `note` (31 in 31 rows, such as `n0`): \
         add the column to `ignore`, or to `categorical` if these are levels; texts stand among numbers in `n` (line 32: `oops`): add the text to `missing`, set `decimal` or `thousands`, or add the column to \
         `categorical` or `ignore`; texts stand among dates and times in `when` (line 32: `later`): add the text to `missing`, \
         or the column to `categorical` or `ignore`; `missing` has to list all texts that are missing values: write missing = [\"\", \
         \"oops\", \"later\"]"
    );
    let text = "X1,X2,default\nLIMIT_BAL,SEX,Y\n20,1,0\n30,2,1\n";
    let both = said(text);
    assert!(both.contains("`X1` (line 2: `LIMIT_BAL`), `X2` (line 2: `SEX`)"), "{both}");
    assert!(
        both.contains("the label column `default` (the last one; name another with `label`) has 3 values"),
        "{both}"
    );
    let (_folder, path) = file("t.csv", b"c,y\n\xe4,0\nb,1\n");
    let said = read(&path, &ReadOptions::default()).unwrap_err().to_string();
    assert!(said.contains("texts that are not UTF-8 stand in `c` (line 2: "), "{said}");
}

#[test]
fn whole_numbers_that_a_float_cannot_hold_are_names_or_told() {
    let data = csv("account,y\n9007199254740992,0\n9007199254740993,0\n9007199254740993,1\n");
    assert_eq!((kinds(&data), dedup(&data).removed), (vec![("account", kind("category"))], 0));
    let data = csv_with("a,y\n9007199254740993,0\n0.5,1\n", &options(|_| ())).unwrap();
    assert_eq!(kinds(&data), [("a", kind("number"))]);
    assert_eq!(
        data.notes,
        [
            "`a` holds whole numbers beyond 2^53 (line 2: `9007199254740993`); 64-bit floats hold the nearest one that they can"
        ]
    );
}

#[test]
fn roles_make_sides_and_group_fold_and_weight_are_no_features() {
    let text = "card,when,amount,part,w,v,y\n10,5,1.5,b,1,7,0\n9,2.5,,a,0.5,8,1\n10,0,3,b,2,9,0\n";
    let roles = |o: &mut ReadOptions| {
        let name = |name: &str| Some(name.to_owned());
        (o.group, o.time, o.amount, o.fold, o.weight) =
            (name("card"), name("when"), name("amount"), name("part"), name("w"));
    };
    let data = csv_with(text, &options(roles)).unwrap();
    assert_eq!(names(&data), ["when", "amount", "v"]);
    let others: Vec<(&str, Option<Role>)> = data.others.iter().map(|c| (c.name.as_str(), c.role)).collect();
    let expected = [Role::Group, Role::Fold, Role::Weight, Role::Label].map(Some);
    assert_eq!(others, ["card", "part", "w", "y"].into_iter().zip(expected).collect::<Vec<_>>());
    assert_eq!(
        (data.columns[0].role, data.columns[1].role, data.columns[2].role),
        (Some(Role::Time), Some(Role::Amount), None)
    );
    let sides = &data.sides;
    assert_eq!(sides.group, Some(vec![1, 0, 1]));
    assert_eq!(sides.time, Some(vec![5_000_000, 2_500_000, 0]));
    let names: Vec<String> = vec!["a".into(), "b".into()];
    assert_eq!(sides.fold, Some(Folds { codes: vec![1, 0, 1], names: names.into() }));
    assert_eq!(sides.weight, Some(vec![1.0, 0.5, 2.0]));
    assert!(sides.amount.as_ref().is_some_and(|a| a[0] == 1.5 && a[1].is_nan() && a[2] == 3.0));
    assert_eq!(data.select(&[2, 1]).sides.group, Some(vec![1, 0]));
    // Named as a feature, or ignored as one.
    let data = csv_with(
        text,
        &options(|o| {
            roles(o);
            (o.ignore, o.categorical) = (vec!["amount".into(), "when".into()], vec!["part".into()]);
            o.numeric = vec!["card".into()];
        }),
    )
    .unwrap();
    assert_eq!(kinds(&data), [("card", kind("number")), ("part", kind("category")), ("v", kind("number"))]);
    assert_eq!((&data.sides.group, &data.sides.time), (&sides.group, &sides.time));
    assert_eq!((data.sides.fold.as_ref(), data.sides.amount.is_some()), (sides.fold.as_ref(), true));
    assert_eq!(data.columns[1].role, Some(Role::Fold));
    assert_eq!(data.digests.group, csv_with(text, &options(roles)).unwrap().digests.group);
}

#[test]
fn times_as_texts_are_sides_and_features() {
    let data = csv_with("when,y\n2018-04-01 00:00:31.25,0\n2018-04-01,1\n", &options(|o| o.time = Some("when".into())))
        .unwrap();
    assert_eq!(data.sides.time, Some(vec![1_522_540_831_250_000, 1_522_540_800_000_000]));
    assert_eq!(data.x, array![[1_522_540_831.25], [1_522_540_800.0]]);
}

#[test]
fn roles_that_cannot_be_are_told() {
    let text = "a,b,c,y\n1,2,x,0\n2,-3,z,1\n,5,z,1\n";
    for (change, said) in [
        (
            &(|o: &mut ReadOptions| o.time = Some("a".into())) as &dyn Fn(&mut ReadOptions),
            "values are missing in `a` (line 4)",
        ),
        (&|o| o.group = Some("a".into()), "values are missing in `a` (line 4)"),
        (
            &|o| o.weight = Some("b".into()),
            "weights are finite and at least 0, and others stand in `b` (line 3: `-3`): mend the file, or name another column",
        ),
        (
            &|o| o.amount = Some("c".into()),
            "numbers are asked for, and texts stand in `c` (line 2: `x` and 2 more rows)",
        ),
        (&|o| o.time = Some("c".into()), "`time` needs numbers (seconds) or ISO dates and times"),
        (&|o| (o.time, o.amount) = (Some("b".into()), Some("b".into())), "`b` cannot be both `time` and `amount`"),
        (&|o| o.group = Some("y".into()), "`y` is the label and cannot be `group` too"),
        (&|o| o.categorical = vec!["y".into()], "`y` is the label and cannot be in `categorical` or `numeric`"),
        (
            &|o| (o.categorical, o.numeric) = (vec!["b".into()], vec!["b".into()]),
            "`b` cannot be both `categorical` and `numeric`",
        ),
        (
            &|o| (o.categorical, o.ignore) = (vec!["b".into()], vec!["b".into()]),
            "`b` is in `ignore` and in `categorical`",
        ),
        (
            &|o| (o.categorical, o.amount) = (vec!["b".into()], Some("b".into())),
            "`b` is in `categorical`, but the amount is no category",
        ),
        (&|o| (o.group, o.fold) = (Some("q".into()), Some("r".into())), "unknown column in `group` `q`"),
    ] {
        let found = said_with(text, &options(change));
        assert!(found.contains(said), "{said}\nis not in\n{found}");
    }
    let both = said_with(text, &options(|o| (o.group, o.fold) = (Some("q".into()), Some("r".into()))));
    assert!(both.contains("unknown column in `fold` `r`"), "{both}");
}

#[test]
fn the_label_by_default_and_columns_called_like_one_are_told() {
    let data = csv("amount,isFraud,isFlaggedFraud\n1,1,0\n2,0,1\n3,0,0\n");
    assert_eq!(data.notes.len(), 2);
    assert_eq!(data.notes[0], "the label is the last column, `isFlaggedFraud`; name another one with `label`");
    assert_eq!(
        data.notes[1],
        "`isFraud` has two values and is called like a label, but the label is `isFlaggedFraud`: if it is one too, write ignore \
         = [\"isFraud\"]"
    );
    let named = csv_with("target,fraud_rate,y\n1,0.5,0\n2,0.25,1\n3,0.75,0\n", &options(|_| ())).unwrap();
    assert!(named.notes.is_empty(), "{:?}", named.notes);
}

#[test]
fn numbers_that_are_written_in_another_way_are_told_with_what_to_write() {
    let of = |write: &dyn Fn(usize) -> String, rows: usize| -> String {
        (0..rows).fold("x;y\n".into(), |text, i| format!("{text}{};{}\n", write(i), i % 2))
    };
    let comma = |i: usize| format!("{i},{}", i % 10);
    let thousands = |i: usize| format!("{},{:03}.5", i + 1, i);
    let both = |i: usize| format!("{}.{:03},5", i + 1, i);
    for (write, wrong, remedy) in [
        (&comma as &dyn Fn(usize) -> String, "decimal commas", "set `decimal = \",\"`, or"),
        (&thousands, "commas between thousands", "set `thousands = \",\"`, or"),
        (&both, "decimal commas and points between thousands", "set `decimal = \",\"` and `thousands = \".\"`, or"),
    ] {
        let said = said(&of(write, 40));
        let told = format!("numbers with {wrong} are texts in `x` (line 2: `{}` and 39 more rows)", write(0));
        assert!(said.contains(&told), "{said}");
        assert!(said.contains(remedy), "{said}");
        // Few levels make a category, which may be meant.
        let notes = csv(&of(&|i| write(i % 5), 40)).notes.join(" ");
        assert!(
            notes.contains(&format!("numbers with {wrong} are texts in `x` (line 2")) && notes.contains(remedy),
            "{notes}"
        );
    }
    let plain = csv(&of(&|i| ["red", "1,5"][i % 2].into(), 40));
    assert!(plain.notes.iter().all(|note| !note.contains("decimal")), "{:?}", plain.notes);
}

#[test]
fn the_example_of_another_spelling_is_a_number_that_shows_it() {
    // The first numbers read the same in both: whole ones, and of thousands those below one.
    let of = |write: &dyn Fn(usize) -> String, rows: usize| -> String {
        (0..rows).fold("x;y\n".into(), |text, i| format!("{text}{};{}\n", write(i), i % 2))
    };
    let comma = |i: usize| if i < 3 { i.to_string() } else { format!("{i},5") };
    let said = said(&of(&comma, 40));
    assert!(said.contains("are texts in `x` (line 5: `3,5` and 36 more rows)"), "{said}");
    let few = csv(&of(&|i| comma(i % 7), 70)).notes.join(" ");
    assert!(few.contains("numbers with decimal commas are texts in `x` (line 5: `3,5`)"), "{few}");
}

#[test]
fn dates_in_another_form_are_told_with_the_form_that_is_read() {
    let of = |write: &dyn Fn(usize) -> String| -> String {
        (0..40).fold("x,y\n".into(), |text, i| format!("{text}{},{}\n", write(i), i % 2))
    };
    assert_eq!(
        said(&of(&|i| format!("{:02}.01.2024 00:21:{i:02}", i % 28 + 1))),
        "t.csv: dates and times that are not ISO stand in `x` (line 2: `01.01.2024 00:21:00` and 39 more rows): write them as 2018-04-01 \
         00:00:31, or add the column to `categorical` or `ignore`"
    );
    let few = of(&|i| format!("{:02}-Jan-2024", i % 5 + 1));
    let note = "dates and times that are not ISO stand in `x` (line 2: `01-Jan-2024`), which is taken for a category: write them as \
                2018-04-01 00:00:31, or add the column to `categorical` or `ignore`";
    assert_eq!(csv_with(&few, &options(|_| ())).unwrap().notes, [note]);
    // Who says what it is knows it.
    assert_eq!(csv_with(&few, &options(|o| o.categorical = vec!["x".into()])).unwrap().notes, [""; 0]);
    let few = of(&|i| ["01-Jan-2024", "never"][i % 2].into());
    assert_eq!(csv_with(&few, &options(|_| ())).unwrap().notes, [""; 0]);
}

#[test]
fn the_odd_one_among_words_for_yes_and_no_is_named() {
    let said = said_with("b,y\nTrue,0\nFalse,1\nmaybe,0\n", &options(|o| o.numeric = vec!["b".into()]));
    assert!(
        said.contains("other texts stand among `true` and `false`, or `yes` and `no`, in `b` (line 4: `maybe`)"),
        "{said}"
    );
}

#[test]
fn the_rarer_label_is_offered_as_positive() {
    for (rare, common) in [("yes", "no"), ("legit", "fraud"), ("1", "2"), ("2", "1")] {
        let said = said(&format!("a,y\n1,{common}\n2,{common}\n3,{rare}\n"));
        assert!(said.ends_with(&format!("say which is positive, such as positive = \"{rare}\"")), "{said}");
    }
}

#[test]
fn of_numbers_in_another_spelling_than_the_studys_nothing_is_asked_for_that_is_set() {
    let of = |write: &dyn Fn(usize) -> String| -> String {
        (0..60).fold("x;y\n".into(), |text, i| format!("{text}{};{}\n", write(i), i % 2))
    };
    let german = options(|o| (o.decimal_comma, o.thousands) = (true, Some(b'.')));
    let points = said_with(&of(&|i| format!("{i}.25")), &german);
    assert!(
        points.contains(
            "numbers with decimal points are texts in `x` (line 2: `0.25` and 59 more rows): leave `decimal` and `thousands` out if \
             all numbers are written so, or add the column to `categorical` or `ignore`"
        ),
        "{points}"
    );
    // A third with decimal commas, each another one, and the rest of one number with a point: no category of 21 levels.
    let mixed = of(&|i| if i % 3 == 0 { format!("{i},5") } else { "12.34".into() });
    assert_eq!(
        said_with(&mixed, &german),
        "t.csv: texts stand among numbers in `x` (line 3: `12.34` and 39 more rows): add the text to `missing`, write all numbers alike, \
         or add the column to `categorical` or `ignore`"
    );
    let english = options(|o| o.thousands = Some(b','));
    let commas = said_with(&of(&|i| format!("{i},5")), &english);
    assert!(commas.contains("set `decimal = \",\"` without `thousands` if all numbers are written so"), "{commas}");
    let text = "x;y\n1,5;0\n2,5;1\noops;0\n";
    let among = said_with(text, &options(|o| o.decimal_comma = true));
    assert!(
        among.contains("(line 4: `oops`): add the text to `missing`, set `thousands` too, write all numbers alike"),
        "{among}"
    );
}

#[test]
fn all_rows_that_do_not_fit_are_counted() {
    let name = |name: &str| Some(name.to_owned());
    type Case<'a> = (&'a str, &'a dyn Fn(&mut ReadOptions), &'a str);
    let cases: [Case<'_>; 6] = [
        (
            "a,y\n1,0\nx,0\nz,1\nx,1\n",
            &|o| o.numeric = vec!["a".into()],
            "numbers are asked for, and texts stand in `a` (line 3: `x` and 2 more rows)",
        ),
        (
            "n,y\n1,0\n2,1\n3,0\n4,1\nx,0\nx,1\n",
            &|_| {},
            "texts stand among numbers in `n` (line 6: `x` and 1 more row)",
        ),
        ("a,y\ninf,0\n2,1\n-inf,1\n", &|_| {}, "not finite stand in `a` (line 2: `inf` and 1 more row)"),
        ("a,b,y\n,1,0\n1,2,1\n,3,1\n", &|o| o.group = name("a"), "values are missing in `a` (line 2 and 1 more row)"),
        ("a,b,y\n-3,1,0\n1,2,1\n-1,3,1\n", &|o| o.weight = name("a"), "stand in `a` (line 2: `-3` and 1 more row)"),
        (
            "a,b,y\n1e13,1,0\n1,2,1\n1e14,3,1\n",
            &|o| o.time = name("a"),
            "numbers out of range stand in `a` (line 2: `10000000000000` and 1 more row): mend the file, or name another column",
        ),
    ];
    for (text, change, wanted) in cases {
        let found = said_with(text, &options(change));
        assert!(found.contains(wanted), "{wanted}\nis not in\n{found}");
    }
}

#[test]
fn a_model_is_given_numbers_as_its_own_table_has_them() {
    let said = |text: &str, options: &ReadOptions| {
        let (_folder, path) = file("new.csv", text);
        let wanted = [Column::number("a"), Column::number("b")];
        read_rows(&path, (&wanted, &[]), options, &[true; 2]).unwrap_err().to_string()
    };
    let point = said("a;b\n1,5;1\n2,5;x\n", &ReadOptions { separator: Some(b';'), ..ReadOptions::default() });
    assert!(
        point.ends_with(
            "numbers with decimal commas are texts in `a` (line 2: `1,5` and 1 more row): write numbers with a decimal point \
             and with nothing between thousands, as the table has that the model was fitted on; numbers are asked for, and \
             texts stand in `b` (line 3: `x`): mend the file"
        ),
        "{point}"
    );
    let german = ReadOptions { separator: Some(b';'), decimal_comma: true, ..ReadOptions::default() };
    let comma = "write numbers with a decimal comma and with nothing between thousands, as the table has that the model was fitted on";
    for (text, wanted) in [
        ("a;b\n1.5;1\n2,5;2\n", "numbers are asked for, and texts stand in `a` (line 2: `1.5`)"),
        ("a;b\n1.5;1\n2.5;2\n", "numbers with decimal points are texts in `a` (line 2: `1.5` and 1 more row)"),
    ] {
        let said = said(text, &german);
        assert!(said.ends_with(&format!("{wanted}: {comma}")), "{said}");
    }
}
