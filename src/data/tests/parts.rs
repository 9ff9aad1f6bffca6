use super::*;

/// Files of parts in a folder of their own, read as one table.
fn parts(files: &[(&'static str, &str)], options: &ReadOptions) -> Result<Dataset> {
    let folder = tempfile::tempdir().unwrap();
    let write = |(part, content): &(&'static str, &str)| {
        let path = folder.path().join(format!("{part}.csv"));
        std::fs::write(&path, content).unwrap();
        (*part, path)
    };
    let read = read_parts(&files.iter().map(write).collect::<Vec<_>>(), options);
    // Sentences without the folder.
    let short = |said: String| said.replace(&format!("{}/", folder.path().display()), "");
    read.map_err(|e| Error::Data(short(e.to_string())))
}

#[test]
fn files_of_parts_are_one_table_whose_kinds_and_groups_are_decided_together() {
    let options = ReadOptions { group: Some("card".into()), ..ReadOptions::default() };
    let files = [
        ("train", "card,a,b,y\r\n9,1,x,0\r\n10,2,z,1"),
        ("validation", "\u{feff}card,a,b,y\n9,3,\"x\n\",0\n"),
        ("test", "card,a,b,y\n8,4,y,1\n10,word,z,0\n9,5,z,0\n"),
    ];
    let said = parts(&files, &options).unwrap_err().to_string();
    assert!(said.starts_with("train.csv and 2 more:") && said.contains("`a` (line 3 of test.csv: `word`)"), "{said}");
    let files = [files[0], files[1], (files[2].0, "card,a,b,y\n8,4,y,1\n10,,z,0\n9,5,z,0\n")];
    let data = parts(&files, &options).unwrap();
    let folds = data.sides.fold.as_ref().unwrap();
    assert_eq!(
        (folds.codes.as_slice(), folds.names.join(" ")),
        (&[0, 0, 1, 2, 2, 2][..], "train validation test".into())
    );
    // As in one file: codes of cards and levels of `b` are those of all rows.
    let whole = "card,a,b,y\n9,1,x,0\n10,2,z,1\n9,3,\"x\n\",0\n8,4,y,1\n10,,z,0\n9,5,z,0\n";
    let whole = csv_with(whole, &options).unwrap();
    assert_eq!((&data.digests.features, &data.sides.group), (&whole.digests.features, &whole.sides.group));
    assert_ne!(data.digests.fold, whole.digests.fold);
}

#[test]
fn files_that_do_not_agree_are_told_with_every_column() {
    let said = |test: &str| parts(&[("train", "a,b,y\n1,2,0\n"), ("test", test)], &ReadOptions::default());
    let said = |test: &str| said(test).unwrap_err().to_string();
    assert_eq!(
        said("a,c,d,y\n1,2,3,0\n"),
        "test.csv must have the columns of train.csv, but lacks `b` and has `c` and `d` beyond"
    );
    assert_eq!(
        said("b,a,y\n1,2,0\n"),
        "test.csv must have the columns of train.csv, but has the columns in another order: `b` stands where `a` should"
    );
    assert_eq!(said("a;b;y\n1;2;0\n"), "test.csv separates fields by `;`, and train.csv by `,`");
    assert_eq!(
        said("a,b,y\n1,2,0\n\n3,1\n"),
        "train.csv and 1 more, line 4 of test.csv: 2 fields where the header has 3: write as many fields in every row as in the header, \
         and `\"` around a field that holds a `,`"
    );
}
