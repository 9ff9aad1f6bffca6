//! Inner folds that a member of bagging cuts. The bag is a step ahead of the member: it is drawn anew from each fold's training part, and
//! the rows that judge are never drawn. Cut out of the bag itself, copies of a row would stand on both sides.

use ndarray::Array2;

use super::bag::{Part, columns_of};
use crate::component::{InnerFold, Train, TrainingRows};
use crate::error::{Error, Result};
use crate::split::{cut, judging, labels};

/// Draws a member's rows and columns; the columns are none where they are all of them in order.
pub(super) type Draw<'d> = dyn Fn(&Train<'_>) -> Result<(Part, Option<Vec<usize>>)> + Send + Sync + 'd;

/// The rows that a member's inner folds are cut out of: those that the ensemble is fitted on.
pub(super) struct BaggedRows<'s, 't> {
    from: Origin<'s, 't>,
    draw: &'s Draw<'s>,
}

/// What the rows are.
enum Origin<'s, 't> {
    Train(&'s Train<'t>),
    /// The training part of an inner fold, before the bag was drawn from it.
    Fold(Box<InnerFold<'s>>),
}

impl<'s, 't> BaggedRows<'s, 't> {
    pub fn new(train: &'s Train<'t>, draw: &'s Draw<'s>) -> Self {
        BaggedRows { from: Origin::Train(train), draw }
    }

    fn bagged<'f>(&'f self, folds: Vec<InnerFold<'f>>) -> Result<Vec<InnerFold<'f>>> {
        let one = |(nth, fold): (usize, InnerFold<'f>)| {
            let said = |e: Error| Error::Component(format!("inner fold {}, bag: {e}", nth + 1));
            self.drawn(fold).map_err(said)
        };
        folds.into_iter().enumerate().map(one).collect()
    }

    /// The fold with what is drawn of its training part, and with the drawn columns.
    fn drawn<'f>(&'f self, mut fold: InnerFold<'f>) -> Result<InnerFold<'f>> {
        let (Part { x, y, weight, columns }, drawn) = (self.draw)(&fold.training())?;
        let mut test = std::mem::take(&mut fold.test);
        if let Some(drawn) = drawn {
            test = columns_of(test.view(), &drawn);
        }
        let (test_y, places) = (std::mem::take(&mut fold.test_y), std::mem::take(&mut fold.places));
        let sides = std::mem::take(&mut fold.sides);
        if fold.rows.is_some() {
            // Further folds are cut from these: the matrix is not looked at again.
            fold.train = Array2::default((0, 0));
        }
        let rows: Box<dyn TrainingRows + 'f> =
            Box::new(BaggedRows { from: Origin::Fold(Box::new(fold)), draw: self.draw });
        Ok(InnerFold { train: x, train_y: y, weight, columns, test, test_y, places, sides, rows: Some(rows) })
    }
}

impl TrainingRows for BaggedRows<'_, '_> {
    fn labels(&self) -> &[u8] {
        match &self.from {
            Origin::Train(train) => labels(train),
            Origin::Fold(fold) => fold.rows.as_ref().map_or(&fold.train_y, |rows| rows.labels()),
        }
    }

    fn inner_folds(&self, rows: &[usize], folds: u32, seed: Option<u32>) -> Result<Vec<InnerFold<'_>>> {
        let folds = match &self.from {
            Origin::Train(train) => cut(train, rows, (folds, seed)),
            Origin::Fold(fold) => cut(&fold.training(), rows, (folds, seed)),
        };
        self.bagged(folds?)
    }

    fn judging_folds(&self, rows: &[usize], folds: u32, seed: Option<u32>) -> Result<Vec<InnerFold<'_>>> {
        let folds = match &self.from {
            Origin::Train(train) => judging(train, rows, (folds, seed)),
            Origin::Fold(fold) => judging(&fold.training(), rows, (folds, seed)),
        };
        self.bagged(folds?)
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;

    #[test]
    fn a_folds_bag_is_drawn_from_its_training_part_and_judged_by_whole_rows_of_its_columns() {
        // A row's number stands in its first column, and twice that in its second.
        let x = Array2::from_shape_fn((12, 2), |(row, column)| (row * (column + 1)) as f64);
        let y: Vec<u8> = (0..12).map(|row| u8::from(row % 2 == 0)).collect();
        let train = Train::numbers(x.view(), &y);
        // The first row of the part, three times, and its second column alone.
        let draw = |part: &Train<'_>| Ok((Part::of(part, &[0, 0, 0], Some(&[1])), Some(vec![1])));
        let rows = BaggedRows::new(&train, &draw);
        assert_eq!(rows.labels(), y);
        let all: Vec<usize> = (0..12).collect();
        let folds = rows.inner_folds(&all, 3, None).unwrap();
        // Of each class blocks of two rows: the first fold judges 0, 1, 2 and 3, the others leave row 0 to learn from.
        let told = |fold: &InnerFold<'_>| (fold.train.column(0).to_vec(), fold.test.column(0).to_vec());
        assert_eq!(told(&folds[0]), (vec![8.0; 3], vec![0.0, 2.0, 4.0, 6.0]));
        assert_eq!(told(&folds[1]), (vec![0.0; 3], vec![8.0, 10.0, 12.0, 14.0]));
        assert_eq!((folds[0].train_y.as_slice(), folds[0].test_y.as_slice()), (&[1, 1, 1][..], &[1, 0, 1, 0][..]));
        assert_eq!((folds[0].train.ncols(), folds[0].test.ncols()), (1, 1));
        // Folds within the first one are cut from the eight rows that it learns from, and not from the bag.
        let within = folds[0].rows.as_ref().unwrap();
        assert_eq!(within.labels(), [1, 0, 1, 0, 1, 0, 1, 0]);
        let inner = within.inner_folds(&(0..8).collect::<Vec<usize>>(), 2, None).unwrap();
        assert_eq!(told(&inner[0]), (vec![16.0; 3], vec![8.0, 10.0, 12.0, 14.0]));
        assert_eq!(told(&inner[1]), (vec![8.0; 3], vec![16.0, 18.0, 20.0, 22.0]));
    }

    #[test]
    fn a_bag_that_cannot_be_drawn_names_the_fold() {
        let (x, y) = (Array2::zeros((6, 1)), [0, 1, 0, 1, 0, 1]);
        let train = Train::numbers(x.view(), &y);
        let draw = |_: &Train<'_>| Err(Error::Component("there are 4 rows".into()));
        let rows = BaggedRows::new(&train, &draw);
        let said = rows.inner_folds(&[0, 1, 2, 3, 4, 5], 3, None).err().unwrap().to_string();
        assert_eq!(said, "inner fold 1, bag: there are 4 rows");
    }
}
