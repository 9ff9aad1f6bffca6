//! Successive halving over rows: many candidates on few rows, the better ones on more. Positives are too few to be left
//! out, so every rung has all of them, and only negatives are drawn.

use crate::component::{Context, Train};

use super::FOLDS_OF_SEARCH;
use super::inner::{Candidate, Inner, labels};
use super::score::Goal;
use super::trial::{Trial, best, ranked};
use crate::error::{Error, Result};
use crate::numeric::mt19937::Mt19937;
use crate::split::with_key;

/// All positives of `y` and `negatives` of the negatives (all, if there are no more), ascending. With one seed, a larger
/// number takes the rows of a smaller one and others.
pub fn subsample(y: &[u8], negatives: usize, seed: u32) -> Vec<usize> {
    let mut drawn: Vec<usize> = (0..y.len()).filter(|&row| y[row] == 0).collect();
    Mt19937::new(seed).shuffle(&mut drawn);
    drawn.truncate(negatives);
    drawn.extend((0..y.len()).filter(|&row| y[row] == 1));
    drawn.sort_unstable();
    drawn
}

/// The rows of each rung: all rows on the last, `factor` times fewer negatives on each one before, but never fewer
/// negatives than positives.
pub fn rungs(y: &[u8], count: u32, factor: usize, seed: u32) -> Vec<Vec<usize>> {
    let positives = y.iter().filter(|&&label| label == 1).count();
    let negatives = y.len() - positives;
    let wanted = |left: u32| (negatives / factor.saturating_pow(left)).max(positives).min(negatives);
    let mut sizes: Vec<usize> = (0..count).rev().map(wanted).collect();
    sizes.dedup();
    sizes.into_iter().map(|size| subsample(y, size, seed)).collect()
}

/// So many negatives, but no more than make `values` values (rows times columns) with all positives of the training rows; as
/// many as there are positives at least. What a fit takes grows with the values: a wide table is searched on fewer rows.
pub fn bounded(train: &Train<'_>, negatives: usize, values: usize) -> usize {
    let positives = labels(train).iter().filter(|&&label| label == 1).count();
    let room = values / train.x().ncols().max(1);
    negatives.min(room.saturating_sub(positives).max(positives))
}

/// How candidates are halved.
#[derive(Clone, Copy)]
pub struct Halving {
    /// How many rungs there are, all rows included.
    pub rungs: u32,
    /// One in so many candidates stays after a rung.
    pub factor: usize,
    /// Inner folds, and the seed of their shuffle.
    pub folds: (u32, u32),
    /// What the candidates strive for.
    pub goal: Goal,
    /// What every fit gets.
    pub context: Context,
    /// The seed of the draw of negatives.
    pub seed: u32,
}

impl Halving {
    /// Tries `candidates` on the first rung, the best of them on the next, and so on (Jamieson and Talwalkar 2016, with
    /// rows as the resource). Returns every trial, the candidate (its index) that is best on the last rung, and that rung's
    /// inner folds, which are those of all rows.
    ///
    /// # Errors
    /// [`Error::Component`] when every candidate of a rung has failed, with the first one's reason; what [`Inner::new`]
    /// refuses.
    pub fn run<'t, C: Candidate + Clone>(
        &self,
        train: &Train<'t>,
        candidates: &[C],
    ) -> Result<(Vec<Trial>, usize, Inner<'t>)> {
        let y = labels(train);
        let mut alive: Vec<usize> = (0..candidates.len()).collect();
        let mut trials = Vec::new();
        for rows in rungs(y, self.rungs, self.factor, self.seed) {
            let inner = Inner::new(train, Some(&rows), self.folds, self.goal, self.context);
            let inner = inner.map_err(|e| with_key(e, FOLDS_OF_SEARCH))?.sharing(train.shared);
            let here: Vec<C> = alive.iter().map(|&i| candidates[i].clone()).collect();
            let mut found = inner.try_all(&here);
            let winner = best(&found, self.goal).ok_or_else(|| all_failed(&found))?;
            let order = ranked(&found, self.goal);
            let keep = here.len().div_ceil(self.factor);
            if rows.len() == y.len() {
                found[winner].chosen = true;
                trials.extend(found);
                return Ok((trials, alive[winner], inner));
            }
            let mut kept: Vec<usize> =
                order.into_iter().filter(|&i| found[i].mean.is_some()).take(keep).map(|i| alive[i]).collect();
            // In the order in which they were given, so that of equals the first one wins on the next rung, too.
            kept.sort_unstable();
            alive = kept;
            trials.extend(found);
        }
        Err(Error::Component("there are no rungs".into()))
    }
}

/// The sentence for a search that found nothing.
pub fn all_failed(trials: &[Trial]) -> Error {
    let reason = trials.iter().find_map(|trial| trial.failed.as_deref()).unwrap_or("there are none");
    Error::Component(format!("none of {} candidates could be fitted and scored; the first: {reason}", trials.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::Registry;

    fn every_37th(rows: usize) -> Vec<u8> {
        (0..rows).map(|row| u8::from(row % 37 == 5)).collect()
    }

    #[test]
    fn no_rung_drops_a_positive_and_each_holds_the_one_before() {
        let y = every_37th(4000);
        let positives: Vec<usize> = (0..y.len()).filter(|&row| y[row] == 1).collect();
        let rungs = rungs(&y, 4, 3, 9);
        let sizes: Vec<usize> = rungs.iter().map(Vec::len).collect();
        let negatives = y.len() - positives.len();
        let expected = [negatives / 27, negatives / 9, negatives / 3, negatives].map(|n| n + positives.len());
        assert_eq!(sizes, expected);
        for rows in &rungs {
            assert!(rows.is_sorted_by(|a, b| a < b));
            assert!(positives.iter().all(|row| rows.binary_search(row).is_ok()));
        }
        for pair in rungs.windows(2) {
            assert!(pair[0].iter().all(|row| pair[1].binary_search(row).is_ok()));
        }
    }

    #[test]
    fn a_wide_table_is_searched_on_fewer_rows() {
        let y = every_37th(4000);
        let positives = y.iter().filter(|&&label| label == 1).count();
        let wide = |columns: usize, negatives: usize| {
            bounded(&Train::numbers(ndarray::Array2::zeros((y.len(), columns)).view(), &y), negatives, 30_000)
        };
        assert_eq!(wide(10, 2500), 2500);
        assert_eq!(wide(20, 2500), 1500 - positives);
        assert_eq!(wide(20, 900), 900);
        assert_eq!(wide(1000, 2500), positives);
    }

    #[test]
    fn a_rung_has_as_many_negatives_as_positives_at_least_and_no_rung_comes_twice() {
        let y: Vec<u8> = (0..100).map(|row| u8::from(row % 3 == 0)).collect();
        let sizes: Vec<usize> = rungs(&y, 5, 3, 1).iter().map(Vec::len).collect();
        assert_eq!(sizes, [68, 100]);
    }

    #[test]
    fn another_seed_draws_other_negatives() {
        let y = every_37th(1000);
        assert_eq!(subsample(&y, 50, 1), subsample(&y, 50, 1));
        assert_ne!(subsample(&y, 50, 1), subsample(&y, 50, 2));
        assert_eq!(subsample(&y, 5000, 1).len(), 1000);
    }

    #[test]
    fn the_better_half_goes_on_and_the_best_on_all_rows_is_chosen() {
        use std::sync::atomic::AtomicUsize;

        use crate::search::inner::tests::{Depth, rows};

        let (x, y) = rows(900);
        let built = AtomicUsize::new(0);
        let goal = Goal::find("pr-auc", &Registry::built_in()).unwrap();
        let halving = Halving { rungs: 3, factor: 2, folds: (3, 42), goal, context: Context { seed: 1 }, seed: 4 };
        let candidates = [1, 0, 3, 40, 2, 6].map(|depth| Depth(depth, &built));
        let (trials, chosen, _) = halving.run(&Train::numbers(x.view(), &y), &candidates).unwrap();
        let sizes: Vec<usize> = trials.iter().map(|trial| trial.rows).collect();
        let positives = y.iter().filter(|&&label| label == 1).count();
        let rung = |left: usize| (900 - positives) / left + positives;
        assert_eq!(sizes, [vec![rung(4); 6], vec![rung(2); 3], vec![900; 2]].concat());
        // The rung's better half, in the order of the candidates.
        let mut kept: Vec<usize> = ranked(&trials[..6], goal)[..3].to_vec();
        kept.sort_unstable();
        let went_on: Vec<_> = trials[6..9].iter().map(|trial| trial.params.clone()).collect();
        assert_eq!(went_on, kept.iter().map(|&i| candidates[i].describe()).collect::<Vec<_>>());
        let last = &trials[9..];
        let winner = best(last, goal).unwrap();
        assert_eq!(last[winner].params, candidates[chosen].describe());
        assert_eq!(trials.iter().filter(|trial| trial.chosen).count(), 1);
        assert!(last[winner].chosen);
        let said = halving.run(&Train::numbers(x.view(), &y), &candidates[1..2]).err().unwrap().to_string();
        assert!(said.starts_with("none of 1 candidates could be fitted"), "{said}");
    }
}
