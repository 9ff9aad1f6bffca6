//! `k-neighbors`, `tomek-links`, `edited-nearest-neighbours` and the rule of `one-sided-selection` on simulated rows: 40,000 x 30,
//! one in 600 or every second positive, correlated and heavy-tailed.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use fraudbench::neighbors::{Euclidean, Pair};
use fraudbench::numeric::mt19937::Mt19937;
use ndarray::{Array2, Axis};

const COLUMNS: usize = 30;

fn simulated(random: &mut Mt19937, rows: usize, one_in: u64) -> (Array2<f64>, Vec<u8>) {
    let y: Vec<u8> = (0..rows).map(|_| u8::from(random.interval(one_in - 1) == 0)).collect();
    let mut x = Array2::zeros((rows, COLUMNS));
    for (mut row, &label) in x.rows_mut().into_iter().zip(&y) {
        // One factor a row scales all columns: most rows lie in a dense core, a few far out.
        let spread = 0.3 / (0.05 + random.next_f64());
        for value in &mut row {
            let bell: f64 = (0..4).map(|_| random.next_f64() - 0.5).sum();
            *value = spread * bell + 1.5 * f64::from(label) * random.next_f64();
        }
    }
    (x, y)
}

fn neighbors(c: &mut Criterion) {
    let mut random = Mt19937::new(1);
    let (x, y) = simulated(&mut random, 40_000, 600);
    let (queries, _) = simulated(&mut random, 2_000, 600);
    let mut group = c.benchmark_group("neighbors 40000x30");
    group.sample_size(10);
    group.bench_function("index", |b| b.iter(|| Pair::new(black_box(x.view()), &y).is_ok()));
    // Every label is valid and every value finite, so there is a pair.
    let pair = Pair::new(x.view(), &y).expect("finite rows");
    group.bench_function("2000 queries, k 5", |b| {
        b.iter(|| pair.k_nearest::<Euclidean>(black_box(queries.view()), 5).is_ok());
    });
    group.bench_function("mutual nearest (Tomek)", |b| b.iter(|| pair.mutual::<Euclidean>(black_box(x.view())).len()));
    group.bench_function("mixed neighbourhoods, k 3 (edited)", |b| {
        b.iter(|| pair.mixed::<Euclidean>(black_box(x.view()), 3).len());
    });
    let (mut known, others): (Vec<usize>, Vec<usize>) = (0..y.len()).partition(|&row| y[row] == 1);
    known.push(others[0]);
    let known_y: Vec<u8> = known.iter().map(|&row| y[row]).collect();
    let rule = Pair::new(x.select(Axis(0), &known).view(), &known_y).expect("finite rows");
    group.bench_function("nearest of the known rows (one-sided)", |b| {
        b.iter(|| rule.k_nearest_of::<Euclidean>(black_box(x.view()), &others, 1).is_ok());
    });
    let (x, y) = simulated(&mut random, 40_000, 2);
    let pair = Pair::new(x.view(), &y).expect("finite rows");
    group.bench_function("2000 queries, k 5, balanced", |b| {
        b.iter(|| pair.k_nearest::<Euclidean>(black_box(queries.view()), 5).is_ok());
    });
    group.finish();
}

criterion_group!(benches, neighbors);
criterion_main!(benches);
