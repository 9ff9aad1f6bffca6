//! All metrics of one fold of the credit card data's shape: 28,373 rows, 47 of them positive.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use fraudbench::component::{Prediction, Registry, ScoreKind};
use fraudbench::data::Sides;
use fraudbench::metric::{CATALOGUE, Metric, Score, Scored};

const ROWS: u64 = 28_373;

fn fold(rows: u64, positives: u64) -> (Vec<u8>, Prediction) {
    // The positives are spread evenly over the rows.
    let y: Vec<u8> = (0..rows).map(|i| u8::from((i + 1) * positives / rows > i * positives / rows)).collect();
    assert_eq!(y.iter().map(|&label| u64::from(label)).sum::<u64>(), positives);
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

/// Amounts, cards and days of the rows, as two days of the credit card data have them.
fn sides(rows: u64) -> Sides {
    let second = |i: u64| (i * 172_800 / rows) as i64;
    Sides {
        amount: Some((0..rows).map(|i| 1.0 + (i * 7_919 % 20_011) as f64 / 100.0).collect()),
        group: Some((0..rows).map(|i| (i * 104_729 % 5_003) as u32).collect()),
        time: Some((0..rows).map(|i| second(i) * 1_000_000).collect()),
        ..Sides::default()
    }
}

/// Every metric; one that needs a number has the first of these that it takes.
fn all() -> Vec<&'static Metric> {
    let registry = Registry::built_in();
    let of =
        |id: &str| ["", "(100)", "(0.25)"].iter().find_map(|number| registry.metric(&format!("{id}{number}")).ok());
    CATALOGUE.iter().map(|metric| of(metric.id).unwrap()).collect()
}

fn metrics(c: &mut Criterion) {
    let (all, sides) = (all(), sides(ROWS));
    for (name, positives) in [("rare", 47), ("balanced", 14_186)] {
        let (y, prediction) = fold(ROWS, positives);
        let score_all = || -> Vec<Score> {
            // The lengths agree by construction.
            let scored = Scored::new(black_box(&y), black_box(&prediction)).unwrap().with(&sides).unwrap();
            all.iter().map(|metric| metric.score(&scored)).collect()
        };
        // A metric that is undefined would be measured by what it is not.
        for (metric, score) in all.iter().zip(score_all()) {
            assert!(score.value().is_some(), "{name}: {}: {score:?}", metric.id);
        }
        c.bench_function(&format!("all metrics, {name}"), |b| b.iter(score_all));
    }
}

criterion_group!(benches, metrics);
criterion_main!(benches);
