//! Advice that changes something: what is said to be written is what stands in the way.

use super::*;

fn options(change: impl FnOnce(&mut ReadOptions)) -> ReadOptions {
    let mut options = ReadOptions { label: Some("y".into()), ..ReadOptions::default() };
    change(&mut options);
    options
}

#[test]
fn where_numbers_are_asked_for_the_advice_is_about_what_asks_for_them() {
    let end = "or take the column out of `numeric`, `amount` or `weight`";
    let name = |name: &str| Some(name.to_owned());
    let asked: [&dyn Fn(&mut ReadOptions); 4] =
        [&|o| o.numeric = vec!["m".into()], &|o| o.amount = name("m"), &|o| o.weight = name("m"), &|o| {
            (o.amount, o.ignore) = (name("m"), vec!["m".into()])
        }];
    let of = |cells: [&str; 3], change: &dyn Fn(&mut ReadOptions)| {
        let text = format!("a;m;y\n1;{};0\n2;{};1\n3;{};1\n", cells[0], cells[1], cells[2]);
        said_with(&text, &options(|o| (o.separator, ()) = (Some(b';'), change(o))))
    };
    let signs = "numbers with a sign of money or per cent, in brackets or with a minus behind them are texts in `m`";
    for change in asked {
        assert_eq!(
            of(["$1.14", "$2.5", "3"], change),
            format!(
                "t.csv: {signs} (line 2: `$1.14` and 1 more row): write them without it in the file, with a minus before what is \
                 below zero, {end}"
            )
        );
        for (cells, words, write) in [
            (["12.50", "1'012.50", "7"], "apostrophes between thousands", "set `thousands = \"'\"`"),
            (["12.50", "1\u{2019}012.50", "7"], "apostrophes between thousands", "set `thousands = \"'\"`"),
            (
                ["7", "1\u{a0}012,50", "8"],
                "decimal commas and blanks between thousands",
                "set `decimal = \",\"` and `thousands = \" \"`",
            ),
            (["7", "12,5", "8"], "decimal commas", "set `decimal = \",\"`"),
        ] {
            assert_eq!(
                of(cells, change),
                format!("t.csv: numbers with {words} are texts in `m` (line 3: `{}`): {write}, {end}", cells[1])
            );
        }
    }
    // What is missing among such numbers is no number by any spelling.
    let among = of(["12.50", "1'012.50", "x"], asked[1]);
    assert!(
        among.contains("numbers are asked for, and texts stand in `m` (line 3: `1'012.50` and 1 more row)"),
        "{among}"
    );
}

#[test]
fn no_column_with_a_role_is_told_to_be_ignored() {
    let (_folder, path) = file("t.csv", b"a,m,y\n1,\xff,0\n2,\xfe,1\n");
    let said = |change: &dyn Fn(&mut ReadOptions)| read(&path, &options(change)).unwrap_err().to_string();
    let found = "texts that are not UTF-8 stand in `m` (line 2: `\u{fffd}` and 1 more row): save the file as UTF-8, or";
    for change in [&(|o: &mut ReadOptions| o.amount = Some("m".into())) as &dyn Fn(&mut ReadOptions), &|o| {
        o.group = Some("m".into())
    }] {
        assert!(said(change).ends_with(&format!("{found} name another column")), "{}", said(change));
    }
    assert!(said(&|_| {}).ends_with(&format!("{found} add the column to `ignore`")));
}
