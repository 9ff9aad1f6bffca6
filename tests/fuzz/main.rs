//! Files and answers that nobody wrote: every reader gives a value or one sentence, never a panic, whatever it reads.
//!
//! Each target mutates its corpus (`tests/fuzz/corpus/TARGET`) by a stream that its seed decides. `cargo test` tries a few hundred
//! inputs a target; `FUZZ_SECONDS=3600 cargo test --release --test fuzz` as many as fit into that time, from a seed of `FUZZ_SEED`.
//! An input that fails is written into the target's corpus, where every later run tries it unchanged first.

mod mutate;
mod targets;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use mutate::Mutator;

/// Inputs of a target where no time is given.
const INPUTS: usize = 300;
/// What one input may take: a reader that needs longer for so few bytes hangs, as good as. Generous, for loaded machines.
const PATIENCE: Duration = Duration::from_secs(60);

fn corpus(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus").join(target)
}

/// Gives `read` the corpus, then mutations of it.
fn fuzz(target: &str, tokens: &[&str], read: impl Fn(&[u8], &Path)) {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(corpus(target)).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let seeds: Vec<Vec<u8>> = files.iter().map(|file| std::fs::read(file).unwrap()).collect();
    assert!(!seeds.is_empty(), "{target} has no corpus");
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    let until = number("FUZZ_SECONDS").map(|seconds| Instant::now() + Duration::from_secs(seconds));
    let scratch = tempfile::tempdir().unwrap();
    let attempt = |input: &[u8]| {
        let begun = Instant::now();
        let is_calm = catch_unwind(AssertUnwindSafe(|| read(input, scratch.path()))).is_ok();
        if !is_calm || begun.elapsed() > PATIENCE {
            let name = input
                .iter()
                .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3));
            let kept = corpus(target).join(format!("failed-{name:016x}"));
            std::fs::write(&kept, input).unwrap();
            panic!(
                "{target}: {} after {:?}, kept as {}",
                if is_calm { "slow" } else { "a panic" },
                begun.elapsed(),
                kept.display()
            );
        }
    };
    seeds.iter().for_each(|input| attempt(input));
    let mut mutator = Mutator::new(number("FUZZ_SEED").unwrap_or(1), tokens);
    let mut tried = 0;
    while until.map_or(tried < INPUTS, |until| Instant::now() < until) {
        attempt(&mutator.input(&seeds));
        tried += 1;
    }
    println!("{target}: {tried} inputs");
}

#[test]
fn studies() {
    let tokens = [
        "[grid]",
        "[[data]]",
        "kind = ",
        "family = ",
        "params = {",
        "1e9",
        "-1",
        "[]",
        "\"\"",
        "nan",
        "folds",
        "{",
        "}",
    ];
    fuzz("study", &tokens, targets::study);
}

#[test]
fn csv() {
    let tokens = [
        "\n",
        "\r\n",
        "\"",
        "\"\"",
        ",",
        ";",
        "\t",
        "NaN",
        "inf",
        "1e400",
        "2021-02-30",
        "\u{feff}",
        "é",
        "\0",
        "-0.0",
    ];
    fuzz("csv", &tokens, targets::table);
}

#[test]
fn parquet() {
    fuzz("parquet", &["PAR1", "\0\0\0\0", "\u{7f}"], targets::table);
}

#[test]
fn records() {
    let tokens =
        ["\n", "null", "1e400", "-1", "\"scored\"", "\"failed\"", "{}", "[]", "\"", "true", "99999999999999999999"];
    fuzz("records", &tokens, targets::records);
}

#[test]
fn manifests() {
    fuzz("manifest", &["\n", "[", "]", "\"", "= 1", "= []", "version", "99999999999999999999"], targets::manifest);
}

#[test]
fn predictions() {
    fuzz("predictions", &["PAR1", "\0\0\0\0", "probability"], targets::predictions);
}

#[test]
fn answers_of_programs() {
    let tokens =
        ["\n", "{\"fitted\":null}", "{\"predicted\":\"decision\"}", "{\"error\":\"", "}", "\0", "[", "null", "1e999"];
    fuzz("protocol", &tokens, targets::answers);
}
