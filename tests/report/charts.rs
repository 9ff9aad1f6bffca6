//! The charts of runs of many shapes: whole, and no text cut or on top of another.

use std::path::Path;

use fraudbench::report::write_all;

use crate::sample::{SMALL, Shape, made_up};

const SHAPES: [(&str, Shape); 6] = [
    ("small", SMALL),
    ("nine", Shape { families: 9, scalers: 4, folds: 10, ..SMALL }),
    (
        "two-panels",
        Shape {
            families: 9,
            scalers: 10,
            resamplers: &["none", "tomek-links"],
            folds: 10,
            missing: 4,
            failed: 4,
            ..SMALL
        },
    ),
    (
        "whole",
        Shape {
            families: 11,
            scalers: 12,
            dedups: &[false, true],
            resamplers: &["none", "tomek-links"],
            folds: 10,
            missing: 2,
            failed: 2,
        },
    ),
    (
        "going-on",
        Shape { families: 3, scalers: 12, dedups: &[false, true], folds: 3, missing: 400, failed: 100, ..SMALL },
    ),
    ("nothing-yet", Shape { families: 11, scalers: 3, missing: 1_000, ..SMALL }),
];

#[test]
fn every_shape_of_run_gives_its_charts() {
    for (name, shape) in SHAPES {
        let results = made_up(shape, 11);
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("report").join(name);
        let written = write_all(&results, &dir).unwrap();
        assert!(written.iter().all(|path| path.metadata().unwrap().len() > 0));
    }
}
