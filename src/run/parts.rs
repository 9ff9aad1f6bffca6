//! Which rows of the data a cell trains, validates and tests on, and which rows its resampler, encoder, scaler, select and inner
//! choices see. All that a leaky protocol does with rows happens here; what it does with columns, in [`super::derived`].

use std::sync::Arc;

use super::job::{Job, Table};
use super::prefix::Failure;
use crate::cell::Cell;
use crate::component::Resampled;
use crate::numeric::mt19937::Mt19937;
use crate::seed::{Purpose, derive};
use crate::split::{Leak, Split, redivided};
use crate::store::Stage;

/// Row numbers of the data, ascending in each part.
pub struct Parts {
    /// Training rows.
    pub train: Vec<usize>,
    /// Validation rows.
    pub validation: Vec<usize>,
    /// Test rows.
    pub test: Vec<usize>,
    /// All rows, for what a leaky protocol lets look at them; empty in the honest one. Without the duplicates unless a leak
    /// brings them back.
    pub all: Vec<usize>,
    resampled_all: bool,
    encoded_all: bool,
    scaled_all: bool,
    selected_all: bool,
    chosen_on_test: bool,
}

/// The rows that a step is fitted on, where a leak has it see others than the training rows.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// The encoder's.
    pub encoder: Option<Arc<[usize]>>,
    /// The scaler's.
    pub scaler: Option<Arc<[usize]>>,
    /// The selection's.
    pub select: Option<Arc<[usize]>>,
}

/// What a resampler did to the training rows.
pub struct Counts {
    /// Rows that are gone.
    pub removed: usize,
    /// Rows that stand there once more.
    pub repeated: usize,
}

impl Parts {
    /// The rows of a cell before its resampler has chosen.
    ///
    /// # Errors
    /// Its split cannot be made.
    pub fn of(job: &Job<'_>, cell: &Cell) -> Result<Self, Failure> {
        Self::divided(job, cell).map_err(|said| Failure::new(Stage::Split, said))
    }

    fn divided(job: &Job<'_>, cell: &Cell) -> Result<Self, String> {
        let table = job.table(cell);
        let keep = table.variant_rows(cell.id.dedup);
        let rows = |positions: &[usize]| positions.iter().map(|&p| keep.map_or(p, |k| k[p])).collect::<Vec<usize>>();
        let split = table.split(cell)?;
        let mut parts = Parts {
            train: rows(&split.train),
            validation: rows(&split.validation),
            test: rows(&split.test),
            all: Vec::new(),
            resampled_all: cell.leaks.has(Leak::ResampleBeforeSplit),
            encoded_all: cell.leaks.has(Leak::EncoderOnAllRows),
            scaled_all: cell.leaks.has(Leak::ScalerOnAllRows),
            selected_all: cell.leaks.has(Leak::SelectOnAllRows),
            chosen_on_test: cell.leaks.has(Leak::ChosenOnTestRows),
        };
        if cell.leaks.divide_at_random() {
            let seed = derive(job.study.seed, Purpose::Redivide, &format!("{}|{}", cell.id.repeat, cell.id.fold));
            let before = [&parts.train[..], &parts.validation, &parts.test];
            [parts.train, parts.validation, parts.test] =
                redivided(before, table.data.y, seed as u32).map_err(|e| e.to_string())?;
        }
        let duplicates = cell.leaks.has(Leak::DuplicatesAcrossSplit);
        let elsewhere = cell.leaks.has(Leak::TrainedOnAnotherSplit);
        if duplicates {
            parts.put_back(table, table.whole(cell)?);
        }
        if elsewhere {
            parts.train = table.elsewhere(cell)?.train.clone();
        }
        if cell.leaks.has(Leak::JudgedOnTrainingRows) {
            parts.test.clone_from(&parts.train);
        }
        if !cell.leaks.is_empty() {
            parts.all = match keep {
                Some(kept) if !duplicates && !elsewhere => kept.to_vec(),
                _ => (0..table.data.y.len()).collect(),
            };
        }
        Ok(parts)
    }

    /// Puts the rows that dedup dropped into the parts where the split of the whole data has them.
    fn put_back(&mut self, table: &Table<'_>, whole: &Split) {
        let mut dropped = vec![true; table.data.y.len()];
        table.deduplicated.iter().for_each(|&row| dropped[row] = false);
        let parts =
            [(&mut self.train, &whole.train), (&mut self.validation, &whole.validation), (&mut self.test, &whole.test)];
        for (part, rows) in parts {
            part.extend(rows.iter().filter(|&&row| dropped[row]));
            part.sort_unstable();
        }
    }

    /// The rows that the resampler chooses among.
    pub fn before_resampling(&self) -> &[usize] {
        if self.resampled_all { &self.all } else { &self.train }
    }

    /// Takes over what the resampler made of [`Parts::before_resampling`]; says which made-up rows belong to which part. Under
    /// `resample-before-split` real rows keep their part, repeated and made-up ones draw theirs by the parts' sizes.
    pub fn resample(&mut self, resampled: &Resampled, seed: u64) -> [Vec<usize>; 3] {
        let chosen: Vec<usize> = resampled.rows.iter().map(|&place| self.before_resampling()[place]).collect();
        let made = 0..resampled.made_y.len();
        if !self.resampled_all {
            self.train = chosen;
            return [made.collect(), Vec::new(), Vec::new()];
        }
        let mut kept = vec![false; self.all.iter().max().map_or(0, |last| last + 1)];
        let mut first = Vec::new();
        let mut again = Vec::new();
        for &row in &chosen {
            match std::mem::replace(&mut kept[row], true) {
                false => first.push(row),
                true => again.push(row),
            }
        }
        let sizes = [self.train.len(), self.validation.len(), self.test.len()];
        let parts = [&mut self.train, &mut self.validation, &mut self.test];
        parts.into_iter().for_each(|part| part.retain(|&row| kept.get(row) == Some(&true)));
        first.sort_unstable();
        self.all = first;
        let mut draws = Mt19937::new(derive(seed, Purpose::Resample, "parts") as u32);
        let mut draw = || {
            let at = draws.next_f64() * sizes.iter().sum::<usize>() as f64;
            usize::from(at >= sizes[0] as f64) + usize::from(at >= (sizes[0] + sizes[1]) as f64)
        };
        for row in again {
            [&mut self.train, &mut self.validation, &mut self.test][draw()].push(row);
        }
        let mut of_part = [const { Vec::new() }; 3];
        made.for_each(|nth| of_part[draw()].push(nth));
        of_part
    }

    /// How many of `before` training rows are gone, and how many stand there again.
    pub fn counts(&self, before: usize) -> Counts {
        let mut distinct = self.train.clone();
        distinct.sort_unstable();
        distinct.dedup();
        Counts { removed: before.saturating_sub(distinct.len()), repeated: self.train.len() - distinct.len() }
    }

    /// The rows that steps are fitted on, where these are not the training rows.
    pub fn seen(&self) -> Seen {
        let all = || Arc::from(self.all.as_slice());
        Seen {
            encoder: self.encoded_all.then(all),
            scaler: self.scaled_all.then(all),
            select: self.selected_all.then(all),
        }
    }

    /// The rows that a search, a threshold or a calibration is judged by, where these are not folds of the training rows.
    pub fn chosen_on(&self) -> Option<&[usize]> {
        self.chosen_on_test.then_some(&self.test)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::cell::{Filter, Plan};
    use crate::component::Registry;
    use crate::data::Dataset;
    use crate::split::{ELSEWHERE, Leaks, Roles};
    use crate::study::Study;

    /// Distinct rows, every fifth positive; then the first twenty again.
    const DISTINCT: usize = 60;
    const ROWS: usize = DISTINCT + 20;

    fn value(row: usize) -> f64 {
        (row % DISTINCT) as f64
    }

    fn with_parts(leaks: &str, check: impl FnOnce(&Job<'_>, &Cell, Parts)) {
        let text = format!(
            "name = 'x'\nseed = 7\n[data]\npath = 'x.csv'\n[protocol]\nkind = 'hold-out'\ntest = 0.3\nvalidation = 0.2\n\
             repeats = 2\nleaks = ['{leaks}']\n[grid]\ndedup = true\nclassifiers = ['prior']\n"
        );
        let study = Study::parse(&text, "x.toml", Path::new("."), &Registry::built_in()).unwrap();
        let x = ndarray::Array2::from_shape_fn((ROWS, 1), |(row, _)| value(row));
        let y: Vec<u8> = (0..ROWS).map(|row| u8::from((row % DISTINCT).is_multiple_of(5))).collect();
        let data = Dataset::of_numbers("x", &["a"], x, y).unwrap();
        let job = Job::new(&study, [(&data, (0..DISTINCT).collect())]).unwrap();
        let plan = Plan::of(&study, &[], &Filter::default()).unwrap();
        // The second repeat, so that a wrong seed shows.
        let cell = &plan.cells[1];
        check(&job, cell, Parts::of(&job, cell).unwrap());
    }

    fn honest() -> [Vec<usize>; 3] {
        let mut rows = [const { Vec::new() }; 3];
        with_parts("honest", |job, cell, parts| {
            let split = job.table(cell).split(cell).unwrap();
            assert_eq!((&parts.train, &parts.validation, &parts.test), (&split.train, &split.validation, &split.test));
            assert_eq!(parts.before_resampling(), parts.train);
            assert!(parts.all.is_empty() && parts.seen().scaler.is_none() && parts.seen().select.is_none());
            rows = [parts.train, parts.validation, parts.test];
        });
        rows
    }

    fn both_sides(parts: &Parts) -> usize {
        parts.test.iter().filter(|test| parts.train.iter().any(|train| value(*train) == value(**test))).count()
    }

    #[test]
    fn the_honest_protocol_sees_no_test_row() {
        let [train, validation, test] = honest();
        let mut all = [train, validation, test].concat();
        all.sort_unstable();
        assert_eq!(all, (0..DISTINCT).collect::<Vec<_>>());
    }

    #[test]
    fn a_scaler_on_all_rows_sees_the_test_rows_and_nothing_else_changes() {
        with_parts("scaler-on-all-rows", |_, _, parts| {
            assert_eq!(parts.seen().scaler.as_deref(), Some(&(0..DISTINCT).collect::<Vec<_>>()[..]));
            assert!(parts.seen().select.is_none());
            assert_eq!(parts.before_resampling(), parts.train);
            assert_eq!([parts.train, parts.validation, parts.test], honest());
        });
    }

    #[test]
    fn a_selection_on_all_rows_sees_the_test_rows_and_nothing_else_changes() {
        with_parts("select-on-all-rows", |_, _, parts| {
            assert_eq!(parts.seen().select.as_deref(), Some(&(0..DISTINCT).collect::<Vec<_>>()[..]));
            assert!(parts.seen().scaler.is_none());
            assert_eq!(parts.before_resampling(), parts.train);
            assert_eq!([parts.train, parts.validation, parts.test], honest());
        });
    }

    #[test]
    fn a_resampler_before_the_split_drops_test_rows() {
        with_parts("resample-before-split", |_, _, mut parts| {
            assert_eq!(parts.before_resampling(), (0..DISTINCT).collect::<Vec<_>>());
            let [train, validation, test] = honest();
            assert_eq!([&parts.train, &parts.validation, &parts.test], [&train, &validation, &test]);
            let gone = [test[0], test[3], train[1]];
            let kept: Vec<usize> = (0..DISTINCT).filter(|row| !gone.contains(row)).collect();
            parts.resample(&Resampled::chosen(kept.clone()), 0);
            let left = |rows: Vec<usize>| rows.into_iter().filter(|row| !gone.contains(row)).collect::<Vec<_>>();
            assert_eq!([parts.train, parts.validation, parts.test], [train, validation, test].map(left));
            assert_eq!(parts.all, kept);
        });
    }

    #[test]
    fn an_honest_resampler_drops_training_rows_alone() {
        with_parts("honest", |_, _, mut parts| {
            let [train, _, test] = honest();
            parts.resample(&Resampled::chosen(vec![0, 2]), 0);
            assert_eq!((parts.train, parts.test), (vec![train[0], train[2]], test));
        });
    }

    #[test]
    fn duplicates_come_back_on_both_sides_and_all_other_rows_stay() {
        with_parts("duplicates-across-split", |job, cell, parts| {
            let whole = job.table(cell).whole(cell).unwrap();
            assert_eq!(whole.train.len() + whole.validation.len() + whole.test.len(), ROWS);
            for (part, (before, drawn)) in [&parts.train, &parts.validation, &parts.test]
                .into_iter()
                .zip(honest().iter().zip([&whole.train, &whole.validation, &whole.test]))
            {
                let own: Vec<usize> = part.iter().copied().filter(|row| *row < DISTINCT).collect();
                let back: Vec<usize> = part.iter().copied().filter(|row| *row >= DISTINCT).collect();
                assert_eq!(own, *before);
                assert_eq!(back, drawn.iter().copied().filter(|row| *row >= DISTINCT).collect::<Vec<_>>());
            }
            assert_eq!(parts.train.len() + parts.validation.len() + parts.test.len(), ROWS);
            assert!(both_sides(&parts) >= 3, "{}", both_sides(&parts));
        });
    }

    #[test]
    fn another_splits_training_part_holds_most_of_the_test_rows() {
        with_parts("trained-on-another-split", |job, _, parts| {
            let [train, validation, test] = honest();
            assert_eq!((&parts.validation, &parts.test), (&validation, &test));
            assert_ne!(parts.train, train);
            let other = job.study.protocol.reseeded(ELSEWHERE).unwrap();
            assert_eq!(
                parts.train,
                other.splits(&Roles::labels(job.tables[0].data.y)).unwrap()[1].as_ref().unwrap().train
            );
            assert!(2 * both_sides(&parts) > test.len(), "{} of {}", both_sides(&parts), test.len());
        });
    }

    #[test]
    fn training_rows_are_judged_in_place_of_test_rows() {
        with_parts("judged-on-training-rows", |job, _, mut parts| {
            let [train, validation, _] = honest();
            assert_eq!([&parts.train, &parts.validation, &parts.test], [&train, &validation, &train]);
            assert!(parts.seen().scaler.is_none() && parts.seen().select.is_none());
            // What a resampler drops is judged all the same.
            parts.resample(&Resampled::chosen(vec![0, 2]), 0);
            assert_eq!((parts.train, parts.test), (vec![train[0], train[2]], train));
            let two = Leaks::parse("scaler-on-all-rows+judged-on-training-rows").unwrap();
            assert!(two.refused_by(&job.study.protocol).unwrap().contains("goes alone"));
        });
    }

    #[test]
    fn an_encoder_on_all_rows_and_a_choice_on_test_rows_change_no_part() {
        with_parts("encoder-on-all-rows", |_, _, parts| {
            assert_eq!(parts.seen().encoder.as_deref(), Some(&(0..DISTINCT).collect::<Vec<_>>()[..]));
            assert!(parts.seen().scaler.is_none() && parts.seen().select.is_none() && parts.chosen_on().is_none());
            assert_eq!([parts.train, parts.validation, parts.test], honest());
        });
    }

    #[test]
    fn rows_of_a_split_in_time_are_divided_at_random_in_parts_of_the_same_sizes() {
        let of = |leaks: &str| {
            let text = format!(
                "name = 'x'\nseed = 7\n[data]\npath = 'x.csv'\n[protocol]\nkind = 'time-series'\nfolds = 2\ncolumn = 'a'\nleaks = \
                 ['{leaks}']\n[grid]\ndedup = true\nclassifiers = ['prior']\n"
            );
            let study = Study::parse(&text, "x.toml", Path::new("."), &Registry::built_in()).unwrap();
            let x = ndarray::Array2::from_shape_fn((DISTINCT, 1), |(row, _)| value(row));
            let y: Vec<u8> = (0..DISTINCT).map(|row| u8::from(row.is_multiple_of(5))).collect();
            let data = Dataset::of_numbers("x", &["a"], x, y).unwrap();
            let job = Job::new(&study, [(&data, (0..DISTINCT).collect())]).unwrap();
            let plan = Plan::of(&study, &[], &Filter::default()).unwrap();
            let parts: Vec<[Vec<usize>; 2]> = plan
                .cells
                .iter()
                .map(|cell| Parts::of(&job, cell).unwrap())
                .map(|parts| [parts.train, parts.test])
                .collect();
            parts
        };
        let (honest, leaky) = (of("honest"), of("random-instead-of-time"));
        assert_eq!(leaky, of("random-instead-of-time"), "the draw follows from the seed");
        for (honest, leaky) in honest.iter().zip(&leaky) {
            let rows = |parts: &[Vec<usize>; 2]| {
                let mut all = parts.concat();
                all.sort_unstable();
                all
            };
            assert_eq!((rows(honest), honest.each_ref().map(Vec::len)), (rows(leaky), leaky.each_ref().map(Vec::len)));
            let positives = |rows: &[usize]| rows.iter().filter(|row| row.is_multiple_of(5)).count();
            assert_eq!(positives(&honest[1]), positives(&leaky[1]));
            assert!(honest[0].iter().max() < honest[1].iter().min());
            assert!(leaky[0].iter().max() > leaky[1].iter().min(), "later rows train");
        }
        assert_ne!(
            leaky[0][1].iter().map(|row| row % 20).collect::<Vec<_>>(),
            leaky[1][1].iter().map(|row| row % 20).collect::<Vec<_>>()
        );
    }

    #[test]
    fn all_leaks_together_are_each_of_them() {
        let all = Leaks::ladder(&Leak::COMMON).pop().unwrap().to_string();
        with_parts(&all, |job, cell, mut parts| {
            assert_eq!(parts.train, job.table(cell).elsewhere(cell).unwrap().train);
            assert!(parts.test.iter().any(|row| *row >= DISTINCT), "no duplicate tests");
            assert_eq!(parts.before_resampling(), (0..ROWS).collect::<Vec<_>>());
            let first = parts.test[0];
            parts.resample(&Resampled::chosen((0..ROWS).filter(|row| *row != first).collect()), 0);
            assert!(!parts.test.contains(&first));
            assert_eq!(parts.seen().scaler.map(|rows| rows.len()), Some(ROWS - 1));
        });
    }
}
