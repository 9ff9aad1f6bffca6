//! Ensemble selection: from a library of models, greedily with replacement, those whose mean scores best.
//!
//! Caruana, Niculescu-Mizil, Crew, Ksikes (2004), "Ensemble Selection from Libraries of Models", sections 2 and 2.1. The
//! ensemble starts empty; of the nested ensembles the first best one is taken.

use rayon::prelude::*;

use crate::component::{Prediction, ScoreKind};

/// How often each member of `library` (probabilities, an element a row) is in the ensemble after at most `rounds` additions,
/// and the merit of that ensemble. `merit` says how good a mean is, more is better, or that it cannot be judged.
pub fn select(
    library: &[Vec<f64>],
    rounds: usize,
    merit: impl Fn(&Prediction) -> Option<f64> + Sync,
) -> (Vec<usize>, f64) {
    let rows = library.first().map_or(0, Vec::len);
    let (mut sum, mut counts) = (vec![0.0; rows], vec![0; library.len()]);
    let mut most = (counts.clone(), f64::NEG_INFINITY);
    for size in 1..=rounds {
        let tried: Vec<f64> = library
            .par_iter()
            .map(|member| {
                let mean = sum.iter().zip(member).map(|(sum, p)| (sum + p) / size as f64).collect();
                merit(&labelled(mean)).unwrap_or(f64::NEG_INFINITY)
            })
            .collect();
        let Some(first) = (0..tried.len()).reduce(|a, b| if tried[b] > tried[a] { b } else { a }) else { break };
        counts[first] += 1;
        sum.iter_mut().zip(&library[first]).for_each(|(sum, p)| *sum += p);
        if tried[first] > most.1 {
            most = (counts.clone(), tried[first]);
        }
    }
    most
}

/// Probabilities as a prediction: positive above one half.
pub fn labelled(score: Vec<f64>) -> Prediction {
    let label = score.iter().map(|&p| u8::from(p > 0.5)).collect();
    Prediction { score, label, kind: ScoreKind::Probability }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::Registry;
    use crate::data::Sides;
    use crate::numeric::mt19937::Mt19937;
    use crate::search::score::Goal;

    /// The definition, from scratch in every round: a list of members, its mean, the best member to add.
    fn naive(library: &[Vec<f64>], rounds: usize, merit: impl Fn(&Prediction) -> Option<f64>) -> (Vec<usize>, f64) {
        let (mut members, mut nested): (Vec<usize>, Vec<(Vec<usize>, f64)>) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            let mut best = (0, f64::NEG_INFINITY);
            for candidate in 0..library.len() {
                let with: Vec<usize> = members.iter().copied().chain([candidate]).collect();
                let mean = (0..library[0].len())
                    .map(|row| with.iter().map(|&m| library[m][row]).sum::<f64>() / with.len() as f64)
                    .collect();
                let value = merit(&labelled(mean)).unwrap();
                if value > best.1 {
                    best = (candidate, value);
                }
            }
            members.push(best.0);
            nested.push((members.clone(), best.1));
        }
        let most = nested.iter().map(|(_, value)| *value).fold(f64::NEG_INFINITY, f64::max);
        let (members, value) = nested.into_iter().find(|(_, value)| *value == most).unwrap();
        ((0..library.len()).map(|m| members.iter().filter(|&&other| other == m).count()).collect(), value)
    }

    #[test]
    fn selects_what_the_naive_loop_selects_and_beats_every_member() {
        let goal = Goal::find("pr-auc", &Registry::built_in()).unwrap();
        let mut better = 0;
        for seed in 0..12 {
            let mut random = Mt19937::new(seed);
            let y: Vec<u8> = (0..200).map(|row| u8::from(row % 13 == 2)).collect();
            let library: Vec<Vec<f64>> =
                (0..6).map(|_| y.iter().map(|&l| (random.next_f64() + 0.35 * f64::from(l)) / 1.35).collect()).collect();
            let merit = |prediction: &Prediction| goal.value(&y, prediction, &Sides::default()).ok();
            let (counts, value) = select(&library, 20, merit);
            assert_eq!((counts, value), naive(&library, 20, merit));
            let alone = library.iter().map(|p| merit(&labelled(p.clone())).unwrap()).fold(0.0, f64::max);
            assert!(value >= alone);
            better += usize::from(value > alone);
        }
        assert!(better > 8, "{better}");
    }

    #[test]
    fn one_perfect_member_is_taken_once() {
        let y = [0_u8, 1, 0, 1];
        let library = [vec![0.4, 0.3, 0.2, 0.9], vec![0.1, 0.8, 0.2, 0.9]];
        let goal = Goal::find("f1", &Registry::built_in()).unwrap();
        assert_eq!(select(&library, 50, |p| goal.value(&y, p, &Sides::default()).ok()), (vec![0, 1], 1.0));
        assert_eq!(select(&[], 50, |_| Some(0.0)).0, Vec::<usize>::new());
    }
}
