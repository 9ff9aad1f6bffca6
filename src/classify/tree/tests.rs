//! Trees by bins against trees by sorting every column of every node, node for node.

use ndarray::Array2;
use proptest::prelude::*;

use super::bins::Binned;
use super::drawn_rows::{DrawnRows, Ordered};
use super::forest::{Draw, fit};
use super::grow::{self, Growth};
use super::packed::{Packed, Packing};
use super::random_cuts::{self, Goal, Values};
use super::roots::Roots;
use super::weighted::{added_up, fit_trees};
use super::*;
use crate::component::Model;
use crate::numeric::mt19937::Mt19937;

/// Few distinct values on a skewed grid, a constant column, pairs and chains of values nearer than 1e-7, equal rows with both
/// labels.
fn data(random: &mut Mt19937, rows: usize, levels: u64, share: f64) -> (Array2<f64>, Vec<u8>) {
    let y: Vec<u8> = (0..rows).map(|_| u8::from(random.next_f64() < share)).collect();
    let mut x = Array2::zeros((rows, 7));
    for row in 0..rows {
        if row > 0 && random.interval(7) == 0 {
            let earlier = random.interval(row as u64 - 1) as usize;
            let (copied, mut line) = (x.row(earlier).to_owned(), x.row_mut(row));
            line.assign(&copied);
            continue;
        }
        let mut level = |spread: u64| random.interval(spread) as f64 + f64::from(y[row]) * random.interval(2) as f64;
        x[(row, 0)] = level(levels).powi(3) / 64.0;
        x[(row, 1)] = 3.25;
        x[(row, 2)] = level(levels) / 16.0 + 6e-8 * level(2);
        x[(row, 3)] = -level(40 * levels);
        x[(row, 4)] = level(2);
        // Chains of values that no cut can part, of several lengths, and chains that fall apart where rows are missing.
        x[(row, 5)] = level(levels) * 2.3e-8 + if level(9) < 1.0 { level(5) * 1e-3 } else { 0.0 };
        x[(row, 6)] = level(8 * levels) * 6.1e-8;
    }
    (x, y)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn drawn_trees_are_the_same_with_columns_in_order(
        seed: u32, rows in 2_usize..900, levels in 1_u64..400, share in 0.01..0.99_f64, few: bool,
        min_samples_leaf in 1_usize..12, is_bootstrap: bool, max_leaf_nodes in prop::option::of(2_usize..40),
        entropy: bool,
    ) {
        let mut random = Mt19937::new(seed);
        let (x, y) = data(&mut random, rows, levels, share);
        let criterion = if entropy { Criterion::Entropy } else { Criterion::Gini };
        let max_features = few.then_some(MaxFeatures::Count(2));
        let min_samples_leaf = LeastRows::Count(min_samples_leaf);
        let settings = Settings { criterion, min_samples_leaf, max_features, max_leaf_nodes, ..Settings::default() };
        let growth = settings.growth(x.dim(), [1.0, 2.5]).unwrap();
        let counts = is_bootstrap.then(|| (0..rows).map(|_| random.interval(2) as u16).collect::<Vec<u16>>());
        prop_assume!(counts.as_ref().is_none_or(|counts| counts.iter().any(|&count| count > 0)));
        let values = Values::of(x.view(), &(0..rows as u32).collect::<Vec<u32>>()).unwrap();
        let ordered = Ordered::sorted(&values, rows);
        let goal = Goal::Labels(growth.criterion);
        let grown = |ordered| random_cuts::grow((&values, ordered), &y, &growth, &goal, counts.clone(), seed);
        prop_assert_eq!(grown(Some(&ordered)), grown(None));
    }

    #[test]
    fn a_cut_leaves_on_the_left_what_the_order_allows(
        seed: u32, rows in 300_usize..900, levels in 1_u64..400, share in 0.002..0.1_f64, column in 0_usize..7,
        cuts in prop::collection::vec(0.0..1.0_f32, 6),
    ) {
        let mut random = Mt19937::new(seed);
        let (x, y) = data(&mut random, rows, levels, share);
        let values = Values::of(x.view(), &(0..rows as u32).collect::<Vec<u32>>()).unwrap();
        let ordered = Ordered::sorted(&values, rows);
        let mut drawn = DrawnRows::new(&values, Some(&ordered), &y, None);
        let (mut span, mut window) = drawn.all();
        // Into one child after another, so that windows hold rows of other nodes, too.
        for (nth, part) in cuts.into_iter().enumerate() {
            let (low, high) = drawn.ends(span, &mut window, column);
            let cut = low + part * (high - low);
            if span.iter().any(|(from, to)| from == to) || !(low <= cut && cut < high) {
                break;
            }
            let between = drawn.left_between(span, &window, column, cut);
            let left = drawn.left_of(span, &window, drawn.draws(span), column, cut).rows;
            if let Some([fewest, most]) = between {
                prop_assert!((0..2).all(|label: usize| (fewest[label]..=most[label]).contains(&left[label])));
            }
            let mut children = drawn.part(span, window, (column, cut), left);
            (span, window) = std::mem::take(&mut children[nth % 2]);
        }
    }

    #[test]
    fn bins_and_sorting_grow_the_same_trees(
        seed: u32, rows in 2_usize..400, levels in 1_u64..60, share in 0.01..0.99_f64, entropy: bool, few: bool,
        min_samples_leaf in 1_usize..12, draws in prop::option::of(20_usize..600),
        max_leaf_nodes in prop::option::of(2_usize..40),
    ) {
        let mut random = Mt19937::new(seed);
        let (x, y) = data(&mut random, rows, levels, share);
        let criterion = if entropy { Criterion::Entropy } else { Criterion::Gini };
        let max_features = few.then_some(MaxFeatures::Count(2));
        let min_samples_leaf = LeastRows::Count(min_samples_leaf);
        let settings = Settings { criterion, min_samples_leaf, max_features, max_leaf_nodes, ..Settings::default() };
        let by_bins = settings.growth(x.dim(), [1.0; 2]).unwrap();
        let by_sorting = Growth { bins_per_row: 0, ..by_bins.clone() };
        let draw = draws.map_or(Draw::All, Draw::Uniform);
        let grown = |growth| fit(x.view().into(), &y, growth, &[seed, 5], &draw).unwrap().trees().to_vec();
        prop_assert_eq!(grown(&by_bins), grown(&by_sorting));
    }

    #[test]
    fn nodes_with_columns_of_their_own_grow_the_same_trees(
        seed: u32, rows in 2_usize..1500, levels in 1_u64..300, share in 0.01..0.99_f64, few: bool, fewest in 1_usize..40,
        min_samples_leaf in prop_oneof![Just(1_usize), 2_usize..12], draws in prop::option::of(20_usize..3000),
        max_leaf_nodes in prop::option::of(2_usize..40), balanced: bool,
    ) {
        let mut random = Mt19937::new(seed);
        let (x, y) = data(&mut random, rows, levels, share);
        let max_features = few.then_some(MaxFeatures::Count(2));
        let min_samples_leaf = LeastRows::Count(min_samples_leaf);
        let settings = Settings { min_samples_leaf, max_features, max_leaf_nodes, ..Settings::default() };
        let weight = if balanced { [0.7, 31.9] } else { [1.0; 2] };
        let usual = settings.growth(x.dim(), weight).unwrap();
        let packed = Growth { packing: Packing { near: 0, fewest }, ..usual.clone() };
        let draw = draws.map_or(Draw::All, Draw::Uniform);
        let grown = |growth| fit(x.view().into(), &y, growth, &[seed, 5], &draw).unwrap().trees().to_vec();
        prop_assert_eq!(grown(&packed), grown(&usual));
    }

    #[test]
    fn whole_weights_are_counted_to_the_trees_that_adding_them_up_grows(
        seed: u32, rows in 2_usize..300, levels in 1_u64..60, share in 0.01..0.99_f64, entropy: bool, few: bool, drawn: bool,
        min_samples_leaf in 1_usize..6, max_leaf_nodes in prop::option::of(2_usize..40),
    ) {
        let mut random = Mt19937::new(seed);
        let (x, y) = data(&mut random, rows, levels, share);
        let mut weight: Vec<f64> = (0..rows).map(|_| random.interval(4) as f64).collect();
        weight[0] = 1.0;
        let criterion = if entropy { Criterion::Entropy } else { Criterion::Gini };
        let max_features = few.then_some(MaxFeatures::Count(2));
        let min_samples_leaf = LeastRows::Count(min_samples_leaf);
        let settings = Settings { criterion, min_samples_leaf, max_features, max_leaf_nodes, ..Settings::default() };
        let splitter = if drawn { Cuts::Random } else { Cuts::Best };
        let given = (x.view().into(), &y[..], &weight[..]);
        let counted = fit_trees(given, &settings, splitter, &[seed]).unwrap();
        prop_assert_eq!(&counted[0], &added_up(given, &settings, splitter, seed));
    }
}

#[test]
fn columns_of_near_values_get_cells_and_others_do_not() {
    let (x, y) = data(&mut Mt19937::new(7), 400, 30, 0.1);
    let binned = Binned::<u16>::of(&x.view().into(), x.as_slice().unwrap(), &y, true).unwrap();
    let with_cells: Vec<usize> = (0..x.ncols()).filter(|&column| binned.cells(column).is_some()).collect();
    assert_eq!(with_cells, [2, 5, 6], "those of pairs and of chains");
    let cells = binned.cells(5).unwrap();
    assert!(cells.low.iter().zip(&cells.high).any(|(low, high)| low < high), "some cell holds several values");
    for row in 0..400 {
        let (value, bin) = (binned.value(row, 5), usize::from(binned.column(5)[row as usize]));
        match bin % 2 {
            1 => assert!(cells.low[bin / 2] <= value && value <= cells.high[bin / 2]),
            _ => assert!(
                cells.low.get(bin / 2).is_none_or(|&low| value < low) && (bin == 0 || cells.high[bin / 2 - 1] < value)
            ),
        }
    }
}

#[test]
fn roots_counted_together_are_what_each_sample_counts() {
    let mut random = Mt19937::new(11);
    let (x, y) = data(&mut random, 3000, 5, 0.01);
    let binned = Binned::<u16>::of(&x.view().into(), x.as_slice().unwrap(), &y, true).unwrap();
    // Some row is drawn more than 40 times, so that 16 bits hold the sums of no more than half of the rows.
    let draws: Vec<Vec<u16>> = (0..3).map(|seed| Draw::Uniform(100_000).counts(3000, seed).unwrap()).collect();
    assert!(draws.iter().flatten().any(|&drawn| drawn > 40));
    let roots = Roots::of(&binned, &draws).unwrap();
    for (nth, draws) in draws.iter().enumerate() {
        for column in 0..x.ncols() {
            let mut by_bin = vec![0; binned.bin_count(column)];
            for &row in &binned.common_rows {
                by_bin[usize::from(binned.column(column)[row as usize])] += u32::from(draws[row as usize]);
            }
            let mut copied = vec![0; by_bin.len()];
            roots.copy(nth, column, &mut copied);
            assert_eq!(copied, by_bin, "column {column} of sample {nth}");
        }
    }
}

#[test]
fn columns_of_some_rows_are_those_of_all_rows_there() {
    // More columns than a cache line holds, and some that fill none.
    let x = Array2::from_shape_fn((900, 70), |(row, column)| ((row * (column + 3)) % (40 + column)) as f64);
    let y: Vec<u8> = (0..900).map(|row| u8::from(row % 11 == 4)).collect();
    let binned = Binned::<u16>::of(&x.view().into(), x.as_slice().unwrap(), &y, true).unwrap();
    let rows: Vec<u32> = (0..900).filter(|row| row * row % 5 == 1).rev().collect();
    let packed = Packed::new(&binned, rows.clone(), vec![1; rows.len()]);
    for column in [0, 31, 32, 69] {
        let expected: Vec<u16> = rows.iter().map(|&row| binned.column(column)[row as usize]).collect();
        assert!(expected.iter().any(|bin| *bin != expected[0]));
        assert_eq!(packed.column(&binned, column), expected, "column {column}");
    }
}

#[test]
fn large_tables_are_read_row_by_row_and_small_ones_are_not() {
    let (x, y) = data(&mut Mt19937::new(5), 6000, 300, 0.1);
    let growth = Settings::default().growth(x.dim(), [1.0; 2]).unwrap();
    let grown = |packing| {
        let binned = Binned::<u16>::of(&x.view().into(), x.as_slice().unwrap(), &y, true).unwrap();
        let growth = Growth { packing, ..growth.clone() };
        let tree = grow::grow::<_, u32>(&binned, &growth, (vec![1; 6000], None), 3);
        (tree, binned.has_lines())
    };
    let bytes = 6000 * 7 * size_of::<u16>();
    let (small, large) = (Packing { near: bytes, fewest: 64 }, Packing { near: bytes - 1, fewest: 64 });
    let (of_small, of_large) = (grown(small), grown(large));
    assert_eq!((of_small.1, of_large.1), (false, true));
    assert_eq!(of_small.0, of_large.0);
}

#[test]
fn rows_that_make_way_for_others_come_to_their_own_leaves() {
    let (x, y) = data(&mut Mt19937::new(9), 700, 60, 0.2);
    let growth = Settings::default().growth(x.dim(), [1.0; 2]).unwrap();
    let forest = fit(x.view().into(), &y, &growth, &[1, 2, 3], &Draw::Uniform(500)).unwrap();
    let says = |tree: &Tree, row: usize| {
        let mut at = 0;
        while tree.nodes[at].column != LEAF {
            let node = tree.nodes[at];
            let is_left = f64::from(x[(row, node.column as usize)] as f32) <= node.threshold;
            at = if is_left { at + 1 } else { node.right as usize };
        }
        tree.nodes[at].shares[1]
    };
    // Fewer rows than walk abreast, as many, and more than a block.
    for rows in [1, 15, 16, 17, 700] {
        let expected: Vec<f64> =
            (0..rows).map(|row| forest.trees().iter().map(|tree| says(tree, row)).sum::<f64>() / 3.0).collect();
        assert!(rows == 1 || expected.iter().any(|score| *score != expected[0]));
        assert_eq!(forest.predict(x.slice(ndarray::s![..rows, ..])).unwrap().score, expected, "{rows} rows");
    }
}

#[test]
fn a_share_of_balanced_rows_is_as_many_draws_as_numpys_sum_makes_it() {
    // 216 weights of 0.5555... and 24 of 5 add up to 240 in pairs, and to less one by one.
    let y: Vec<u8> = (0..240).map(|row| u8::from(row < 24)).collect();
    let settings = Settings { class_weight: Some(ClassWeight::Balanced), ..Settings::default() };
    let sampling = super::forest::Sampling::Bootstrap(Some(super::forest::MaxSamples::Share(0.5)));
    let (draw, _) = super::forest::drawing(&settings, (&y, None), sampling).unwrap();
    assert!(matches!(draw, Draw::Weighted(120, _)));
}
