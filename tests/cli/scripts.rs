//! Scripts that users start, as far as they need no package of Python.

use std::process::Command;

#[test]
fn a_script_that_does_not_know_a_family_names_those_that_it_knows() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/peer_shapes.py");
    let asked = ["--fraudbench", "none", "--out", "none", "--families", "lightgbm,svc"];
    let output = Command::new("python3").args(["-B", script]).args(asked).output().unwrap();
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "--families: `lightgbm` cannot be asked for here: write one or more of logistic-regression, lda, qda, gaussian-nb, \
         decision-tree, random-forest, extra-trees, adaboost, k-neighbors, svc, hist-gradient-boosting, mlp\n"
    );
    assert_eq!(output.status.code(), Some(2));
}
