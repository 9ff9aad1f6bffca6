//! Every cut of a tree against all possible cuts, on small data full of ties.

use fraudbench::classify::ClassWeight;
use fraudbench::classify::tree::{
    Criterion, Cuts, LEAF, LeastRows, MaxFeatures, NamedShare, Sampling, Settings, Tree, boost, fit_forest, fit_tree,
};
use fraudbench::component::{Model, ScoreKind};
use ndarray::Array2;
use proptest::prelude::*;

/// Weighted impurity of some rows, straight from the definition.
fn weighted_impurity(criterion: Criterion, rows: &[usize], y: &[u8], weight: [f64; 2]) -> f64 {
    let ones: f64 = rows.iter().filter(|&&row| y[row] == 1).map(|_| weight[1]).sum();
    let zeros: f64 = rows.iter().filter(|&&row| y[row] == 0).map(|_| weight[0]).sum();
    let all = ones + zeros;
    let share = [zeros / all, ones / all];
    all * match criterion {
        Criterion::Gini => 1.0 - share[0] * share[0] - share[1] * share[1],
        _ => share.iter().filter(|&&p| p > 0.0).map(|p| -p * p.log2()).sum(),
    }
}

struct Walk<'a> {
    tree: &'a Tree,
    x: &'a Array2<f64>,
    y: &'a [u8],
    settings: Settings,
    /// The fewest rows of a node that is cut, and of a child.
    least: (usize, usize),
    weight: [f64; 2],
}

impl Walk<'_> {
    fn after(&self, rows: &[usize], column: usize, threshold: f64) -> (Vec<usize>, Vec<usize>) {
        rows.iter().partition(|&&row| self.x[[row, column]] <= threshold)
    }

    /// Impurity after the best of all cuts that leave enough rows on both sides.
    fn best(&self, rows: &[usize]) -> Option<f64> {
        let mut best: Option<f64> = None;
        for column in 0..self.x.ncols() {
            for &row in rows {
                let (left, right) = self.after(rows, column, self.x[[row, column]]);
                if left.len().min(right.len()) < self.least.1 {
                    continue;
                }
                let after = [left, right]
                    .iter()
                    .map(|side| weighted_impurity(self.settings.criterion, side, self.y, self.weight))
                    .sum();
                best = Some(best.map_or(after, |best| best.min(after)));
            }
        }
        best
    }

    /// Checks the node `at`, which `rows` came to, and everything below; returns the number of nodes seen.
    fn check(&self, at: usize, rows: &[usize]) -> usize {
        let node = &self.tree.nodes[at];
        let here = weighted_impurity(self.settings.criterion, rows, self.y, self.weight);
        let ones: f64 = rows.iter().filter(|&&row| self.y[row] == 1).map(|_| self.weight[1]).sum();
        let all: f64 = rows.iter().map(|&row| self.weight[usize::from(self.y[row])]).sum();
        assert!((node.shares[1] - ones / all).abs() < 1e-12);
        if node.column == LEAF {
            let stopped = here < 1e-12 || rows.len() < self.least.0 || rows.len() < 2 * self.least.1;
            // With fractional weights rounding may make a cut that gains nothing look harmful.
            let gains = |best: f64| self.weight == [1.0; 2] || best < here - 1e-9 * (1.0 + here);
            assert!(stopped || !self.best(rows).is_some_and(gains), "a leaf of {} rows could be cut", rows.len());
            return 1;
        }
        let column = node.column as usize;
        let (left, right) = self.after(rows, column, node.threshold);
        assert!(left.len().min(right.len()) >= self.least.1);
        let value = |row: &usize| self.x[[*row, column]];
        let low = left.iter().map(value).fold(f64::NEG_INFINITY, f64::max);
        let high = right.iter().map(value).fold(f64::INFINITY, f64::min);
        assert_eq!(node.threshold, low / 2.0 + high / 2.0, "halfway between neighbours in the node");
        let after: f64 = [&left, &right]
            .iter()
            .map(|side| weighted_impurity(self.settings.criterion, side, self.y, self.weight))
            .sum();
        let best = self.best(rows).unwrap();
        assert!(after <= best + 1e-9 * (1.0 + best), "{after} after this cut, {best} after the best one");
        1 + self.check(at + 1, &left) + self.check(node.right as usize, &right)
    }
}

/// Rows with few distinct values, exact in 32 bits; the last column is constant. Labels from almost none to almost all.
fn data() -> impl Strategy<Value = (Array2<f64>, Vec<u8>)> {
    (2_usize..70, 1_usize..4, 0.02..0.98_f64, 1_i32..20).prop_flat_map(|(rows, columns, share, spread)| {
        let values = prop::collection::vec(-spread..=spread, rows * columns);
        let labels = prop::collection::vec(prop::bool::weighted(share), rows);
        (values, labels).prop_map(move |(values, labels)| {
            let x = Array2::from_shape_fn((rows, columns + 1), |(row, column)| {
                if column == columns { 7.5 } else { f64::from(values[row * columns + column]) * 0.25 }
            });
            (x, labels.into_iter().map(u8::from).collect())
        })
    })
}

fn criterion() -> impl Strategy<Value = Criterion> {
    prop_oneof![Just(Criterion::Gini), Just(Criterion::Entropy)]
}

proptest! {
    #[test]
    fn every_cut_is_the_best_of_all(
        (x, y) in data(),
        criterion in criterion(),
        min_samples_leaf in 1_usize..4,
        min_samples_split in 2_usize..6,
        balanced: bool,
        seed: u32,
    ) {
        let ones = y.iter().filter(|&&label| label == 1).count();
        let weigh = balanced && ones > 0 && ones < y.len();
        let weight = if weigh {
            [y.len() - ones, ones].map(|count| y.len() as f64 / (2.0 * count as f64))
        } else {
            [1.0; 2]
        };
        let class_weight = balanced.then_some(ClassWeight::Balanced);
        let least = (min_samples_split, min_samples_leaf);
        let settings = Settings {
            criterion,
            min_samples_leaf: LeastRows::Count(min_samples_leaf),
            min_samples_split: LeastRows::Count(min_samples_split),
            class_weight,
            ..Settings::default()
        };
        let forest = fit_tree(x.view(), &y, &settings, Cuts::Best, seed).unwrap();
        let walk = Walk { tree: &forest.trees()[0], x: &x, y: &y, settings, least, weight };
        let rows: Vec<usize> = (0..y.len()).collect();
        prop_assert_eq!(walk.check(0, &rows), forest.trees()[0].nodes.len());
    }

    #[test]
    fn the_first_stump_is_the_best_of_all((x, y) in data(), criterion in criterion(), seed: u32) {
        let Ok(Some(boosted)) = boost(x.view(), &y, 1, 1.0, criterion, seed) else { return Ok(()) };
        let stump = boosted.stumps()[0];
        let rows: Vec<usize> = (0..y.len()).collect();
        let settings = Settings { criterion, ..Settings::default() };
        let tree = Tree { nodes: Vec::new() };
        let walk = Walk { tree: &tree, x: &x, y: &y, settings, least: (2, 1), weight: [1.0; 2] };
        if let Some((column, threshold)) = stump.cut {
            let (left, right) = walk.after(&rows, column as usize, threshold);
            let after: f64 =
                [left, right].iter().map(|side| weighted_impurity(criterion, side, &y, [1.0; 2])).sum();
            let best = walk.best(&rows).unwrap();
            prop_assert!(after <= best + 1e-9 * (1.0 + best));
        } else {
            let pure = weighted_impurity(criterion, &rows, &y, [1.0; 2]) < 1e-12;
            prop_assert!(pure || walk.best(&rows).is_none());
        }
    }

    #[test]
    fn threads_change_nothing((x, y) in data(), seed: u32) {
        let settings =
            Settings { max_features: Some(MaxFeatures::Named(NamedShare::Sqrt)), ..Settings::default() };
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let forest = fit_forest(x.view(), (&y, None), &settings, 5, Sampling::Bootstrap(None), seed).unwrap();
                let said = forest.predict(x.view()).unwrap();
                let stumps = boost(x.view(), &y, 6, 1.0, Criterion::Gini, seed).map(|b| b.map(|b| b.stumps().to_vec()));
                (forest.trees().to_vec(), said, stumps.map_err(|e| e.to_string()))
            })
        };
        let alone = run(1);
        prop_assert_eq!(alone.1.kind, ScoreKind::Probability);
        prop_assert_eq!(&alone, &run(3));
    }
}

#[test]
fn refuses_what_32_bits_cannot_hold_and_other_widths() {
    let mut x = Array2::from_shape_fn((6, 2), |(row, column)| (row * (column + 2)) as f64);
    let y = [0, 0, 1, 0, 1, 0];
    let forest = fit_tree(x.view(), &y, &Settings::default(), Cuts::Best, 0).unwrap();
    let said = forest.predict(Array2::zeros((3, 5)).view()).unwrap_err().to_string();
    assert_eq!(said, "fitted on 2 columns, but asked about 5");
    for row in [2, 3] {
        x[[row, 1]] = 1e300;
        let said = fit_tree(x.view(), &y, &Settings::default(), Cuts::Best, 0).err().unwrap().to_string();
        assert!(said.starts_with("column 1 (counted from 0) holds 1e300"), "{said}");
        assert!(forest.predict(x.view()).is_err());
        x[[row, 1]] = 0.0;
    }
    assert!(fit_tree(Array2::zeros((0, 2)).view(), &[], &Settings::default(), Cuts::Best, 0).is_err());
    assert!(fit_tree(Array2::zeros((2, 0)).view(), &[0, 1], &Settings::default(), Cuts::Best, 0).is_err());
}
