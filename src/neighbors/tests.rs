//! Minority-first searches against the definition, written down naively, on data full of ties and equal rows.

use ndarray::{Array2, ArrayView1};
use proptest::prelude::*;

use super::*;
use crate::numeric::mt19937::Mt19937;

/// A matrix of whole numbers in `0..levels`, each column times its own power of two, the first column constant and every
/// fourth row a copy of an earlier one: sums are exact in any order, and ties and equal rows abound.
fn grid(random: &mut Mt19937, rows: usize, width: usize, levels: u64) -> Array2<f64> {
    let mut x = Array2::zeros((rows, width));
    for row in 0..rows {
        let copied = (row > 0 && random.interval(3) == 0).then(|| random.interval(row as u64 - 1) as usize);
        for column in 0..width {
            x[(row, column)] = match copied {
                Some(earlier) => x[(earlier, column)],
                None if column == 0 => 3.0,
                None => random.interval(levels - 1) as f64 * f64::from(1u32 << (column % 3)),
            };
        }
    }
    x
}

fn labels(random: &mut Mt19937, rows: usize, one_in: u64) -> Vec<u8> {
    (0..rows).map(|_| u8::from(random.interval(one_in - 1) == 0)).collect()
}

/// All rows of `x` but `exclude`, nearest to `query` first.
fn ranked<M: Metric>(x: &Array2<f64>, query: ArrayView1<'_, f64>, exclude: Option<usize>) -> Vec<Neighbor> {
    let sum = |row: usize| x.row(row).iter().zip(query).map(|(a, b)| M::term(a - b)).fold(0.0, M::join);
    let mut all: Vec<Neighbor> = (0..x.nrows())
        .filter(|&row| Some(row) != exclude)
        .map(|row| Neighbor { sum: sum(row), row: row as u32 })
        .collect();
    all.sort_by(|a, b| a.sum.total_cmp(&b.sum).then(a.row.cmp(&b.row)));
    all
}

fn k_nearest_are_right<M: Metric>(
    x: &Array2<f64>,
    y: &[u8],
    queries: &Array2<f64>,
    k: usize,
) -> Result<(), TestCaseError> {
    let pair = Pair::new(x.view(), y).unwrap();
    let found = pair.k_nearest::<M>(queries.view(), k).unwrap();
    prop_assert_eq!(found.len(), queries.nrows());
    for (query, found) in queries.rows().into_iter().zip(found) {
        let mut expected = ranked::<M>(x, query, None);
        expected.truncate(k);
        match found {
            Nearest::Rows(rows) => prop_assert_eq!(rows, expected),
            Nearest::AllMajority => {
                prop_assert_eq!(expected.len(), k);
                prop_assert!(expected.iter().all(|near| y[near.row as usize] != pair.minority_label()));
            }
        }
    }
    Ok(())
}

/// Rows with their labels, and forty queries of the same kind.
fn rows_and_queries(
    seed: u32,
    (rows, width): (usize, usize),
    levels: u64,
    one_in: u64,
) -> (Array2<f64>, Vec<u8>, Array2<f64>) {
    let mut random = Mt19937::new(seed);
    let all = grid(&mut random, rows + 40, width, levels);
    let y = labels(&mut random, rows, one_in);
    (all.slice(ndarray::s![..rows, ..]).to_owned(), y, all.slice(ndarray::s![rows.., ..]).to_owned())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// So many columns that boxes tell little, and queries go to coarse distances at once.
    #[test]
    fn k_nearest_in_wide_rows_equal_the_definition(
        seed: u32, rows in 200usize..1500, width in 64usize..90, levels in 1u64..400, one_in in 1u64..40, k in 1usize..12,
    ) {
        let (x, y, queries) = rows_and_queries(seed, (rows, width), levels, one_in);
        k_nearest_are_right::<Euclidean>(&x, &y, &queries, k)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn k_nearest_equal_the_definition(
        seed: u32, rows in 1usize..2500, width in 1usize..20, levels in 1u64..40, one_in in 1u64..300, k in 1usize..60,
    ) {
        let (x, y, queries) = rows_and_queries(seed, (rows, width), levels, one_in);
        k_nearest_are_right::<Euclidean>(&x, &y, &queries, k)?;
        k_nearest_are_right::<Manhattan>(&x, &y, &queries, k)?;
    }

    #[test]
    fn mutual_pairs_equal_the_definition(
        seed: u32, rows in 0usize..1300, width in 1usize..9, levels in 1u64..60, one_in in 1u64..60,
    ) {
        let mut random = Mt19937::new(seed);
        let x = grid(&mut random, rows, width, levels);
        let y = labels(&mut random, rows, one_in);
        let nearest: Vec<Option<usize>> = (0..rows)
            .map(|row| ranked::<Euclidean>(&x, x.row(row), Some(row)).first().map(|near| near.row as usize))
            .collect();
        let pair = Pair::new(x.view(), &y).unwrap();
        let expected: Vec<(u32, u32)> = (0..rows)
            .filter(|&row| y[row] == pair.minority_label())
            .filter_map(|row| nearest[row].map(|near| (row, near)))
            .filter(|&(row, near)| y[near] != y[row] && nearest[near] == Some(row))
            .map(|(row, near)| (row as u32, near as u32))
            .collect();
        prop_assert_eq!(pair.mutual::<Euclidean>(x.view()), expected);
    }

    #[test]
    fn rows_among_others_have_no_neighbours_but_these(
        seed: u32, rows in 1usize..900, width in 1usize..9, levels in 1u64..60, one_in in 1u64..60, k in 1usize..5,
    ) {
        let mut random = Mt19937::new(seed);
        let x = grid(&mut random, rows, width, levels);
        let y = labels(&mut random, rows, one_in);
        let some: Vec<usize> = (0..rows).filter(|_| random.interval(3) > 0).collect();
        let numbers: Vec<u32> = some.iter().map(|&row| row as u32).collect();
        let (few, few_y) = (x.select(ndarray::Axis(0), &some), some.iter().map(|&row| y[row]).collect::<Vec<u8>>());
        let (pair, apart) = (Pair::among(x.view(), &y, &numbers).unwrap(), Pair::new(few.view(), &few_y).unwrap());
        prop_assert_eq!(pair.minority_label(), apart.minority_label());
        let place = |row: u32| some[row as usize] as u32;
        let links: Vec<(u32, u32)> =
            apart.mutual::<Euclidean>(few.view()).into_iter().map(|(a, b)| (place(a), place(b))).collect();
        prop_assert_eq!(pair.mutual::<Euclidean>(x.view()), links);
        let asked: Vec<usize> = (0..rows).step_by(2).collect();
        let near = apart.k_nearest::<Euclidean>(x.select(ndarray::Axis(0), &asked).view(), k).unwrap();
        let told = |near: Nearest| match near {
            Nearest::Rows(rows) => Nearest::Rows(rows.into_iter().map(|n| Neighbor { row: place(n.row), ..n }).collect()),
            Nearest::AllMajority => Nearest::AllMajority,
        };
        let near: Vec<Nearest> = near.into_iter().map(told).collect();
        prop_assert_eq!(pair.k_nearest_of::<Euclidean>(x.view(), &asked, k).unwrap(), near);
    }

    #[test]
    fn other_rows_and_mixed_neighbourhoods_equal_the_definition(
        seed: u32, rows in 1usize..1300, width in 1usize..9, levels in 1u64..60, one_in in 1u64..60, k in 1usize..8,
    ) {
        let mut random = Mt19937::new(seed);
        let x = grid(&mut random, rows, width, levels);
        let y = labels(&mut random, rows, one_in);
        let pair = Pair::new(x.view(), &y).unwrap();
        let of_minority = |near: &Neighbor| y[near.row as usize] == pair.minority_label();
        let mut expected = Vec::new();
        for row in 0..rows {
            let mut near = ranked::<Euclidean>(&x, x.row(row), Some(row));
            near.truncate(k);
            expected.push(near);
        }
        let some: Vec<usize> = (0..rows).rev().step_by(3).collect();
        for ask in [Ask::Vote, Ask::Rows] {
            for (&row, told) in some.iter().zip(pair.others::<Euclidean>(x.view(), &some, k, ask)) {
                match told {
                    Nearest::Rows(near) => prop_assert_eq!(&near, &expected[row]),
                    Nearest::AllMajority => {
                        prop_assert!(ask == Ask::Vote && expected[row].len() == k && !expected[row].iter().any(of_minority));
                    }
                }
            }
        }
        let mixed: Vec<(usize, Vec<Neighbor>)> = expected
            .into_iter()
            .enumerate()
            .filter(|(row, near)| y[*row] != pair.minority_label() && near.iter().any(of_minority))
            .collect();
        prop_assert_eq!(pair.mixed::<Euclidean>(x.view(), k), mixed);
    }
}

/// Where boxes bound little (many columns, no structure) and where all sums overflow, answers are the definition's too.
#[test]
fn unstructured_and_overflowing_values_are_searched_in_full() {
    let mut random = Mt19937::new(5);
    let x = Array2::from_shape_fn((2000, 24), |_| random.interval(1 << 20) as f64);
    let y = labels(&mut random, 2000, 2);
    let queries = Array2::from_shape_fn((70, 24), |_| random.interval(1 << 20) as f64);
    k_nearest_are_right::<Euclidean>(&x, &y, &queries, 50).unwrap();
    // Everything is infinitely far away: row numbers decide, and the first row is of the smaller class.
    let huge = Array2::from_shape_fn((1500, 2), |(row, _)| if row % 2 == 0 { 1e300 } else { -1e300 });
    let mut y = labels(&mut random, 1500, 40);
    y[0] = 1;
    k_nearest_are_right::<Euclidean>(&huge, &y, &ndarray::array![[0.0, 0.0], [1e300, -1e300]], 3).unwrap();
}

/// Values that 32 bits resolve badly, underflow with or overflow with: coarse distances must not leave a near row out.
#[test]
fn coarse_distances_leave_no_near_row_out() {
    let mut random = Mt19937::new(17);
    let two = |power: i32| 2_f64.powi(power);
    // Whole numbers up to `levels`, every second row `apart` from the others, then scaled and shifted.
    for (levels, apart, scale, offset) in [
        (1 << 12, 0.0, 1.0, two(40)),
        (1 << 12, 0.0, two(-70), 0.0),
        (1 << 12, 0.0, two(65), 0.0),
        (1 << 6, two(20), 1.0, -1000.0),
    ] {
        let mut value =
            |(row, _): (usize, usize)| (random.interval(levels) as f64 + (row % 2) as f64 * apart) * scale + offset;
        let (x, queries) = (Array2::from_shape_fn((6000, 14), &mut value), Array2::from_shape_fn((60, 14), &mut value));
        let y = labels(&mut random, 6000, 2);
        k_nearest_are_right::<Euclidean>(&x, &y, &queries, 7).unwrap();
    }
}

/// So many leaves that the nearest ones are visited before a pass over the others.
#[test]
fn k_nearest_among_many_leaves_equal_the_definition() {
    let (x, y, queries) = rows_and_queries(37, (18_000, 5), 1 << 20, 2);
    k_nearest_are_right::<Euclidean>(&x, &y, &queries, 6).unwrap();
}

#[test]
fn few_rows_are_one_leaf_that_is_no_larger_than_they_are() {
    let columns: Vec<usize> = (0..5_000).collect();
    let x = Array2::from_shape_fn((65, 5_000), |(row, column)| (row * 31 + column) as f64);
    // Rows, and the lanes of whole tiles of sixteen.
    for (rows, lanes) in [(5, 16), (48, 48), (64, 64)] {
        let index = index::Index::new(x.view(), (0..rows).collect(), &columns);
        assert_eq!((index.leaves(), index.rows.len(), index.tiles.len()), (1, lanes, lanes * 5_000));
        assert!(index.low.is_empty() && index.high.is_empty());
        assert!(index.members().eq(0..rows));
        assert_eq!(index.values(4), x.row(4).to_vec());
    }
    let index = index::Index::new(x.view(), (0..65).collect(), &columns);
    assert_eq!((index.leaves(), index.rows.len(), index.low.len()), (2, 128, 16 * 5_000));
}

#[test]
fn few_rows_have_the_neighbours_of_the_definition() {
    for (seed, rows) in (50..).zip([1, 2, 15, 16, 17, 48, 63, 64, 65, 129]) {
        // Few levels, for ties.
        for (width, levels) in [(1, 3), (9, 3), (70, 40)] {
            let (x, y, queries) = rows_and_queries(seed, (rows, width), levels, 4);
            for k in [1, 5, 70] {
                k_nearest_are_right::<Euclidean>(&x, &y, &queries, k).unwrap();
                k_nearest_are_right::<Manhattan>(&x, &y, &queries, k).unwrap();
                k_nearest_are_right::<Chebyshev>(&x, &y, &queries, k).unwrap();
                let pair = Pair::new(x.view(), &y).unwrap();
                let rare = |row: usize| y[row] == pair.minority_label();
                let is_mixed = |row: &usize| {
                    !rare(*row)
                        && ranked::<Euclidean>(&x, x.row(*row), Some(*row)).iter().take(k).any(|n| rare(n.row as usize))
                };
                let mixed: Vec<usize> = pair.mixed::<Euclidean>(x.view(), k).into_iter().map(|found| found.0).collect();
                assert_eq!(mixed, (0..rows).filter(is_mixed).collect::<Vec<_>>(), "{rows} {width} {k}");
                assert_eq!(pair.training(), x);
            }
        }
    }
}

/// The same values: no row that has one of the smaller class among its nearest is taken to have none.
#[test]
fn coarse_distances_leave_no_mixed_neighbourhood_out() {
    let mut random = Mt19937::new(29);
    let two = |power: i32| 2_f64.powi(power);
    for (levels, apart, scale, offset) in [
        (1 << 12, 0.0, 1.0, 0.0),
        (1 << 12, 0.0, 1.0, two(40)),
        (1 << 12, 0.0, two(-70), 0.0),
        (1 << 12, 0.0, two(65), 0.0),
        (1 << 12, two(64), two(1), 0.0),
        (1 << 6, two(20), 1.0, -1000.0),
    ] {
        let mut value =
            |(row, _): (usize, usize)| (random.interval(levels) as f64 + (row % 2) as f64 * apart) * scale + offset;
        let x = Array2::from_shape_fn((1200, 9), &mut value);
        let y = labels(&mut random, 1200, 40);
        let pair = Pair::new(x.view(), &y).unwrap();
        let rows: Vec<usize> = (0..1200).filter(|&row| y[row] == 0).collect();
        for k in [1, 3, 10] {
            let others = pair.others::<Euclidean>(x.view(), &rows, k, Ask::Rows);
            let is_mixed =
                |near: &Nearest| matches!(near, Nearest::Rows(near) if near.iter().any(|n| y[n.row as usize] == 1));
            let expected: Vec<usize> =
                rows.iter().zip(&others).filter(|(_, near)| is_mixed(near)).map(|(&row, _)| row).collect();
            let found: Vec<usize> = pair.mixed::<Euclidean>(x.view(), k).into_iter().map(|(row, _)| row).collect();
            assert!(!expected.is_empty() && expected.len() < rows.len(), "{levels} {apart} {scale} {offset} {k}");
            assert_eq!(found, expected, "{levels} {apart} {scale} {offset} {k}");
        }
    }
}

/// The same values: of no query is it taken for granted that rows of the larger class are ahead where one of the smaller class is.
#[test]
fn coarse_distances_put_no_rare_row_behind_that_is_ahead() {
    let mut random = Mt19937::new(31);
    let two = |power: i32| 2_f64.powi(power);
    for (levels, apart, scale, offset) in [
        (1 << 12, 0.0, 1.0, 0.0),
        (3, 0.0, 1.0, 0.0),
        (1 << 12, 0.0, 1.0, two(40)),
        (1 << 12, 0.0, two(-70), 0.0),
        (1 << 12, 0.0, two(65), 0.0),
        (1 << 6, two(20), 1.0, -1000.0),
    ] {
        let mut value =
            |(row, _): (usize, usize)| (random.interval(levels) as f64 + (row % 2) as f64 * apart) * scale + offset;
        let (x, queries) = (Array2::from_shape_fn((300, 5), &mut value), Array2::from_shape_fn((1100, 5), &mut value));
        let y: Vec<u8> = (0..300).map(|row| u8::from(row % 30 == 7)).collect();
        for k in [1, 4] {
            k_nearest_are_right::<Euclidean>(&x, &y, &queries, k).unwrap();
        }
    }
}

/// The tightest bound that a tile's nearest row fulfils, for rows and queries far from the centre but near each other.
#[test]
fn coarse_distances_never_exceed_the_exact_ones_they_stand_for() {
    let mut random = Mt19937::new(23);
    let mut value = |far: bool| random.interval(1 << 16) as f64 + if far { 2_f64.powi(20) } else { 0.0 };
    let x = Array2::from_shape_fn((128, 8), |(row, _)| value(row >= 64));
    let columns: Vec<usize> = (0..8).collect();
    let index = index::Index::new(x.view(), (0..128).collect(), &columns);
    let mut leaf = coarse::Leaf::new(index.width);
    leaf.load(&index, 1);
    for _ in 0..200 {
        let query: Vec<f64> = (0..8).map(|_| value(true)).collect();
        let coarse = coarse::Query::new(&index, &query);
        for (tile, rows) in index.rows[64..].chunks(tile::LANES).enumerate() {
            let sum = |row: &u32| x.row(*row as usize).iter().zip(&query).map(|(a, b)| (a - b) * (a - b)).sum::<f64>();
            let nearest = rows.iter().map(sum).fold(f64::INFINITY, f64::min);
            assert!(leaf.near([(&coarse, nearest); coarse::ABREAST])[tile].iter().all(|&near| near));
        }
    }
}

#[test]
fn coarse_distances_tell_far_tiles_from_near_ones() {
    let x = Array2::from_shape_fn((128, 2), |(row, column)| if column == 0 { row as f64 + 1e5 } else { 3.0 });
    let index = index::Index::new(x.view(), (0..128).collect(), &[0, 1]);
    let query = coarse::Query::new(&index, &[1e5 + 3.0, 3.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    let mut leaf = coarse::Leaf::new(index.width);
    let mut near_at = |number, bound| {
        leaf.load(&index, number);
        leaf.near([(&query, bound); coarse::ABREAST]).map(|near| near[0]).iter().filter(|near| **near).count()
    };
    // Rows within a leaf are in no order, so a bound that holds all of the leaf or none of it.
    assert_eq!((near_at(0, 3721.0), near_at(1, 3500.0)), (coarse::TILES, 0));
}

#[test]
fn answers_do_not_depend_on_the_number_of_threads() {
    let mut random = Mt19937::new(11);
    let x = Array2::from_shape_fn((3000, 10), |_| random.next_f64());
    let y = labels(&mut random, 3000, 30);
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let pair = Pair::new(x.view(), &y).unwrap();
            let mixed = pair.mixed::<Euclidean>(x.view(), 3);
            (pair.k_nearest::<Euclidean>(x.view(), 7).unwrap(), pair.mutual::<Euclidean>(x.view()), mixed)
        })
    };
    assert_eq!(on(1), on(3));
}

#[test]
fn bad_input_gets_a_sentence() {
    let refused = |x: Array2<f64>, y: &[u8]| Pair::new(x.view(), y).err().map(|e| e.to_string()).unwrap_or_default();
    assert_eq!(refused(Array2::zeros((2, 0)), &[0, 1]), "neighbours need at least one column");
    assert_eq!(refused(Array2::zeros((2, 1)), &[0]), "2 rows, but 1 labels");
    let infinite = ndarray::array![[0.0], [f64::INFINITY]];
    assert_eq!(refused(infinite, &[0, 1]), "neighbours need finite values, but column 0 (counted from 0) holds inf");
    let pair = Pair::new(Array2::zeros((2, 3)).view(), &[0, 1]).unwrap();
    let said = pair.k_nearest::<Euclidean>(Array2::zeros((1, 2)).view(), 1).unwrap_err().to_string();
    assert_eq!(said, "the rows to predict have 2 columns, the training rows 3");
}
