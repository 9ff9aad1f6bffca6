use super::*;

const ONE: &str = "0123456789abcdef0123456789abcdef";
const OTHER: &str = "0123456789abcdef0123456789abcdee";

fn said(score: &[f64]) -> Predictions {
    let label = score.iter().map(|&s| u8::from(s > 0.5)).collect();
    let test = Prediction { score: score.to_vec(), label, kind: ScoreKind::Probability };
    Predictions { test, validation: None }
}

#[test]
fn what_was_written_comes_back_to_the_bit() {
    let folder = tempfile::TempDir::new().unwrap();
    let folder = folder.path();
    assert_eq!(Predictions::read(folder, ONE).unwrap(), None);
    // Some fit 32 bits, some do not.
    for score in [vec![0.25, 1.0, 0.0, -0.0], vec![0.1, 1.0 / 3.0, 1e-300, f64::INFINITY]] {
        let mut written = said(&score);
        written.validation = Some(Prediction { score: vec![0.5], label: vec![1], kind: ScoreKind::Probability });
        written.write(folder, ONE).unwrap();
        let read = Predictions::read(folder, ONE).unwrap().unwrap();
        let bits = |p: &Predictions| p.test.score.iter().map(|s| s.to_bits()).collect::<Vec<_>>();
        assert_eq!((bits(&read), &read), (bits(&written), &written));
    }
    let not_a_number = said(&[f64::NAN, 0.5]);
    not_a_number.write(folder, ONE).unwrap();
    assert!(Predictions::read(folder, ONE).unwrap().unwrap().test.score[0].is_nan());
    for sides in 0..8 {
        let test = KeptRows {
            row: vec![7, 4_000_000_000 + sides],
            y: vec![1, 0],
            amount: (sides & 1 != 0).then(|| vec![1.5, 2.5]),
            group: (sides & 2 != 0).then(|| vec![3_000_000_000, 0]),
            day: (sides & 4 != 0).then(|| vec![-1, 17_737]),
        };
        let rows = SplitRows { validation: Some(test.clone()).filter(|t| t.amount.is_some()), test };
        rows.write(folder).unwrap();
        assert_eq!(SplitRows::read(folder, &rows.digest()).unwrap(), Some(rows));
    }
}

/// Bytes of the file of these predictions, and whether they come back to the bit.
fn bytes_of(said: &Predictions) -> u64 {
    let folder = tempfile::TempDir::new().unwrap();
    said.write(folder.path(), ONE).unwrap();
    assert_eq!(Predictions::read(folder.path(), ONE).unwrap().as_ref(), Some(said));
    std::fs::metadata(predictions_path(folder.path(), ONE).unwrap()).unwrap().len()
}

#[test]
fn scores_and_rows_take_little_room() {
    const ROWS: u64 = 20_000;
    // A logistic function of numbers without a pattern: most scores are near 0, as on rare events, and no two are equal.
    let mut state = 7_u64;
    let mut drawn = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let spread: Vec<f64> = (0..ROWS).map(|_| 1.0 / (1.0 + (6.0 + 5.0 * drawn()).exp())).collect();
    // The sign, the exponent and the first digits are alike: less than 7.5 bytes, where a dictionary of all of them takes 10.
    let bytes = bytes_of(&said(&spread));
    assert!(bytes < ROWS * 15 / 2, "{bytes} bytes of 64 bits");
    let single: Vec<f64> = spread.iter().map(|&score| f64::from(score as f32)).collect();
    let bytes = bytes_of(&said(&single));
    assert!(bytes < ROWS * 18 / 5, "{bytes} bytes of 32 bits");
    // Shares of seven trees: three bits each, however long a score is.
    let few: Vec<f64> = (0..ROWS).map(|_| (drawn() * 8.0).floor() / 7.0).collect();
    let bytes = bytes_of(&said(&few));
    assert!(bytes < ROWS * 3 / 8 + 3_500, "{bytes} bytes of few values");
    // Every third row or so: less than a byte each instead of four.
    let row: Vec<u32> = (0..3 * ROWS as u32).filter(|_| drawn() < 1.0 / 3.0).collect();
    let test = KeptRows { y: vec![0; row.len()], row, ..KeptRows::default() };
    let (rows, folder) = (SplitRows { test, validation: None }, tempfile::TempDir::new().unwrap());
    rows.write(folder.path()).unwrap();
    let bytes = std::fs::metadata(rows_path(folder.path(), &rows.digest()).unwrap()).unwrap().len();
    assert!(bytes < ROWS * 3 / 4, "{bytes} bytes of row numbers");
    assert_eq!(SplitRows::read(folder.path(), &rows.digest()).unwrap(), Some(rows));
}

#[test]
fn kept_rows_hold_days_and_codes_that_metrics_read_again() {
    let sides = Sides { group: Some(vec![4, 0, 4]), time: Some(vec![DAY - 1, -1, 3 * DAY + 5]), ..Sides::default() };
    let kept = KeptRows::of(&[2, 1, 0], &[0, 1, 1], &sides);
    assert_eq!((kept.row.as_slice(), kept.y.as_slice()), (&[2, 1, 0][..], &[1, 1, 0][..]));
    assert_eq!((kept.group.as_deref(), kept.day.as_deref()), (Some(&[4, 0, 4][..]), Some(&[3, -1, 0][..])));
    let read = kept.sides();
    assert_eq!((read.group, read.time), (Some(vec![4, 0, 4]), Some(vec![3 * DAY, -DAY, 0])));
}

#[test]
fn the_rows_of_a_sample_are_kept_by_their_places_in_the_file() {
    // Rows 5, 8 and 11 of the file were drawn; the split tests the last and the first of them.
    let sides = Sides { place: Some(vec![5, 8, 11]), amount: Some(vec![1.0, 2.0, 3.0]), ..Sides::default() };
    let kept = KeptRows::of(&[2, 0], &[0, 1, 1], &sides);
    assert_eq!((kept.row.as_slice(), kept.y.as_slice()), (&[11, 5][..], &[1, 0][..]));
    assert_eq!(kept.amount.as_deref(), Some(&[3.0, 1.0][..]));
}

#[test]
fn the_same_rows_with_other_sides_lie_side_by_side() {
    let folder = tempfile::TempDir::new().unwrap();
    let folder = folder.path();
    let of = |amount: Option<f64>, group: Option<u32>, day: Option<i32>| {
        let (amount, group, day) = (amount.map(|a| vec![a]), group.map(|g| vec![g]), day.map(|d| vec![d]));
        SplitRows { test: KeptRows { row: vec![3], y: vec![1], amount, group, day }, validation: None }
    };
    let bare = of(None, None, None);
    assert_eq!(bare.sided_digest(), None);
    let each = |n: u8| [of(Some(n.into()), None, None), of(None, Some(n.into()), None), of(None, None, Some(n.into()))];
    let all = [each(1), each(2)].concat();
    let names: HashSet<String> = all.iter().map(|rows| rows.sided_digest().unwrap()).collect();
    assert_eq!(names.len(), all.len());
    for rows in &all {
        assert_eq!(rows.digest(), bare.digest());
        rows.write_as(folder, &rows.sided_digest().unwrap()).unwrap();
    }
    for rows in all {
        assert_eq!(SplitRows::read(folder, &rows.sided_digest().unwrap()).unwrap(), Some(rows));
    }
    // By the name that they had in all runs that there were.
    assert_eq!(SplitRows::read(folder, &bare.digest()).unwrap(), None);
}

#[test]
fn files_of_other_cells_and_changed_ones_are_told() {
    let folder = tempfile::TempDir::new().unwrap();
    let folder = folder.path();
    let told = |read: Result<()>, what: &str| {
        let e = read.unwrap_err();
        assert!(e.to_string().contains(what) && e.exit_code() == 3, "{e}");
    };
    let read = |key: &str| Predictions::read(folder, key).map(drop);
    said(&[0.1, 0.9]).write(folder, ONE).unwrap();
    let (one, other) = (predictions_path(folder, ONE).unwrap(), predictions_path(folder, OTHER).unwrap());
    std::fs::copy(&one, &other).unwrap();
    told(read(OTHER), "the predictions of another cell");
    // Other scores under the digest of the first ones.
    let facts = vec![(KEY, ONE.to_owned()), (KIND, PROBABILITY.to_owned())];
    let schema = "message predictions { required double score; required boolean label; }";
    let form = Form { schema, codings: &[], effort: Effort::Quick };
    table::write(&one, &form, facts, &said(&[0.1, 0.9]).digest(ONE), &[said(&[0.2, 0.9])], |group, part| {
        put::<DoubleType>(group, &part.test.score)?;
        put::<BoolType>(group, &[false, true])
    })
    .unwrap();
    told(read(ONE), "the digest differs");
    let test = KeptRows { row: vec![7, 9], y: vec![1, 0], ..KeptRows::default() };
    let rows = SplitRows { test, validation: None };
    rows.write(folder).unwrap();
    let path = rows_path(folder, &rows.digest()).unwrap();
    std::fs::copy(&path, rows_path(folder, ONE).unwrap()).unwrap();
    told(SplitRows::read(folder, ONE).map(drop), "the digest differs");
    std::fs::copy(&path, &one).unwrap();
    told(read(ONE), "not a file of predictions");
    std::fs::write(&one, "no parquet").unwrap();
    told(read(ONE), "01234567");
    let whole = std::fs::read(&path).unwrap();
    for damaged in [&b"no parquet"[..], &b"PAR1"[..], &whole[..whole.len() - 3], &whole[..]] {
        std::fs::write(&one, damaged).unwrap();
        told(read(ONE), ".parquet: the file is damaged, cut or of another kind (");
        let said = read(ONE).unwrap_err().to_string();
        assert!(!said.contains("Parquet error") && !said.contains("EOF") && said.ends_with(')'), "{said}");
    }
    for key in ["key", "../../0123456789abcdef0123456789", "0123456789ABCDEF0123456789abcdef"] {
        told(read(key), "not 32 hexadecimal digits");
    }
}
