//! `smote`: made-up minority rows between a minority row and one of its nearest minority rows.

use super::integer_columns::Params;
use super::interpolate::{Adding, nearest_among};
use crate::component::{Context, Entry, InPython, N_JOBS, Resampled, Resampler, Shape, Train, build, later};
use crate::error::Result;

const ID: &str = "smote";

struct Smote(Params);

impl Resampler for Smote {
    fn shape(&self, given: &Shape) -> Result<Shape, String> {
        given.numbers_only().and_then(|()| given.complete())?;
        self.0.integer_columns.in_shape(ID, given).map(|()| given.clone())
    }

    fn on_scaled(&self) -> Result<(), String> {
        self.0.integer_columns.on_scaled()
    }

    fn resample(&self, train: &Train<'_>, context: &Context) -> Result<Resampled> {
        let (x, y) = (train.x(), train.y);
        let params = &self.0.common;
        let adding = Adding::new(ID, params.sampling_strategy, y)?;
        if adding.wanted == 0 {
            return Ok(adding.resampled);
        }
        let k = params.k_neighbors;
        let rows = adding.minority(ID, ("k_neighbors", k), y)?;
        let joins = nearest_among(ID, x, &rows, &rows, k)?;
        let steps = joins.steps(adding.wanted, 1.0, params.random_state.unwrap_or(context.seed as u32));
        let made = self.0.integer_columns.cut(ID, &train.features, joins.made(x, &steps, |_| None))?;
        Ok(adding.with(made, joins.origins(&steps)))
    }
}

/// Chawla, Bowyer, Hall, Kegelmeyer, "SMOTE: Synthetic Minority Over-sampling Technique", JAIR 16, 2002, as imbalanced-learn's
/// `SMOTE`: <https://imbalanced-learn.org/0.14/references/generated/imblearn.over_sampling.SMOTE.html>. With the same
/// `random_state` the same rows, but for minority rows that stand there twice, where imbalanced-learn can take a row for its
/// own neighbour, and for neighbours that are equally far, which it leaves open and here are ordered by row.
pub const ENTRY: Entry<dyn Resampler> =
    Entry::new(ID, "made-up minority rows between a minority row and its nearest ones", |table| {
        let built =
            build::<Params, _>(ID, table, |params| Ok(Box::new(Smote(params.checked()?)) as Box<dyn Resampler>))?;
        Ok(later::<Params, _>(built, &["integer_columns"]))
    })
    .also(&[N_JOBS])
    .source("https://imbalanced-learn.org/0.14/references/generated/imblearn.over_sampling.SMOTE.html")
    .in_python(InPython::new().lacks(&["integer_columns"]));

#[cfg(test)]
mod tests {
    use ndarray::{Array2, array};

    use super::super::tests::resample as any;
    use super::*;
    use crate::component::{Features, Perhaps, Registry};
    use crate::data::{Column, ColumnShape};

    fn resample(toml: &str, x: &Array2<f64>, y: &[u8]) -> Result<Resampled> {
        any(&ENTRY, toml, &Train::numbers(x.view(), y))
    }

    #[test]
    fn made_rows_lie_between_a_minority_row_and_its_nearest_ones() {
        // Three minority rows on a line; with one neighbour the outer ones are joined with the middle one alone.
        let x = array![[0.0, 0.0], [1.0, 2.0], [3.0, 6.0], [9.0, 9.0], [9.0, 8.0], [8.0, 9.0], [7.0, 7.0], [6.0, 9.0]];
        let y = [1, 1, 1, 0, 0, 0, 0, 0];
        let made = resample("k_neighbors = 1", &x, &y).unwrap();
        assert_eq!((made.rows.len(), made.made_y.as_slice()), (8, &[1, 1][..]));
        for (row, &from) in made.made.rows().into_iter().zip(&made.made_from) {
            assert_eq!(row[1], 2.0 * row[0], "on the line");
            let (low, high) = if from == 2 { (1.0, 3.0) } else { (0.0, 1.0) };
            assert!((low..=high).contains(&row[0]), "{row} from {from}");
        }
    }

    #[test]
    fn a_row_is_never_its_own_neighbour_among_equal_ones() {
        let mut x = Array2::zeros((40, 1));
        // Twelve equal minority rows and one apart: of the equal ones each has five equal others.
        x[(12, 0)] = 5.0;
        let y: Vec<u8> = (0..40).map(|row| u8::from(row < 13)).collect();
        let made = resample("", &x, &y).unwrap();
        let rows: Vec<usize> = (0..13).collect();
        let near = nearest_among(ID, x.view(), &rows, &rows, 5).unwrap().near;
        assert!((0..13).all(|row| !near[row * 5..row * 5 + 5].contains(&row)));
        assert!(made.made.iter().zip(&made.made_from).all(|(value, &from)| from == 12 || *value == 0.0));
    }

    #[test]
    fn integer_columns_are_cut_to_whole_numbers_and_the_others_stay() {
        let x = Array2::from_shape_fn((16, 2), |(row, column)| (row * row % 11) as f64 - 5.0 * column as f64);
        let y: Vec<u8> = (0..16).map(|row| u8::from(row < 6)).collect();
        let columns = ["a", "b"].map(Column::number);
        let train = Train::new(Features { x: x.view(), columns: &columns }, &y);
        let made = |toml: &str| any(&ENTRY, toml, &train).map(|resampled| resampled.made);
        let (plain, cut) = (made("").unwrap(), made("integer_columns = ['b']").unwrap());
        assert_eq!((plain.column(0), plain.column(1).mapv(f64::trunc)), (cut.column(0), cut.column(1).to_owned()));
        assert!(plain.column(1).iter().any(|value| value.fract() < 0.0), "towards 0 and not down");
        let said = made("integer_columns = ['B']").unwrap_err().to_string();
        assert!(
            said.contains("unknown column in smote's `integer_columns` `B`; did you mean `b`? Allowed: a, b"),
            "{said}"
        );
    }

    #[test]
    fn integer_columns_that_cannot_be_found_are_told_before_any_fit() {
        let built = |toml: &str| ENTRY.build(&toml.parse().unwrap(), &Registry::built_in()).unwrap().component;
        let column = |name: &str| ColumnShape { name: name.into(), levels: None, blanks: false, empty: false };
        let given = Shape::new(9, ["a", "b"].map(column).into());
        assert_eq!(built("integer_columns = ['b']").shape(&given), Ok(given.clone()));
        let said = built("integer_columns = ['B', 'a', 'z']").shape(&given).unwrap_err();
        assert!(said.contains("`integer_columns` `B`") && said.contains("; unknown column"), "{said}");
        // A level of `c` after an encoder: only a fit tells whether it is there.
        let unnamed = Shape::new(9, ["a", ""].map(column).into());
        let encoded = Shape { perhaps: vec![Perhaps::Starts("c_".into())], ..unnamed };
        assert!(built("integer_columns = ['a', 'c_x']").shape(&encoded).is_ok());
        let said = built("integer_columns = ['z']").shape(&encoded).unwrap_err();
        assert!(said.ends_with("`integer_columns` `z`. Allowed: a, c_..."), "{said}");
        assert_eq!(built("").on_scaled(), Ok(()));
        let said = built("integer_columns = ['b']").on_scaled().unwrap_err();
        assert!(said.ends_with("leave out `on`, or the parameter `integer_columns`"), "{said}");
    }

    #[test]
    fn what_cannot_be_made_is_said() {
        let x = Array2::from_shape_fn((12, 1), |(row, _)| row as f64);
        let y: Vec<u8> = (0..12).map(|row| u8::from(row < 4)).collect();
        let said = |toml: &str| resample(toml, &x, &y).err().map(|e| e.to_string()).unwrap_or_default();
        assert!(said("").contains("with 5 others, and there are 4 minority rows"), "{}", said(""));
        assert!(said("k_neighbors = 2\nsampling_strategy = 0.25").contains("there are 4 already"));
        assert!(said("sampling_strategy = 1.5").contains("above 0 and at most 1"));
        let half = resample("k_neighbors = 2\nsampling_strategy = 0.75", &x, &y).unwrap();
        assert_eq!(half.made_y.len(), 2);
    }
}
