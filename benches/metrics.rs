//! All metrics of one fold of the credit card data's shape: 28,373 rows, 47 of them positive.

use fraudbench::component::{Prediction, ScoreKind};
use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use fraudbench::metric::{CATALOGUE, Scored, score_all};

fn fold(rows: u64, positives: u64) -> (Vec<u8>, Prediction) {
    let y: Vec<u8> =
        (0..rows).map(|i| u8::from(i % (rows / positives) == 5 && i / (rows / positives) < positives)).collect();
    let score: Vec<f64> = (0..rows)
        .zip(&y)
        .map(|(i, &label)| {
            let noise = (i.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 11) as f64 / (1_u64 << 53) as f64;
            0.6 * noise + 0.4 * f64::from(label)
        })
        .collect();
    let label = score.iter().map(|&p| u8::from(p > 0.5)).collect();
    (y, Prediction { score, label, kind: ScoreKind::Probability })
}

fn metrics(c: &mut Criterion) {
    for (name, positives) in [("rare", 47), ("balanced", 14_186)] {
        let (y, prediction) = fold(28_373, positives);
        c.bench_function(&format!("all metrics, {name}"), |b| {
            // The lengths agree by construction.
            b.iter(|| score_all(&Scored::new(black_box(&y), black_box(&prediction)).unwrap(), CATALOGUE));
        });
    }
}

criterion_group!(benches, metrics);
criterion_main!(benches);
