//! numpy's legacy stream and scikit-learn's splits, index for index (scripts/golden/splits.py).

use fraudbench::component::Registry;
use fraudbench::data::Folds;
use fraudbench::numeric::mt19937::Mt19937;
use fraudbench::split::{Protocol, Roles};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{numbers, places};

/// The files of both releases; they hold the same cases.
fn releases() -> Vec<Value> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/data/splits");
    ["1.2.2", "1.9.1"]
        .map(|version| std::fs::read_to_string(format!("{folder}/sklearn-{version}.json")).unwrap())
        .map(|text| serde_json::from_str(&text).unwrap())
        .into()
}

fn integers(value: &Value) -> Vec<i64> {
    value.as_array().unwrap().iter().map(|v| v.as_i64().unwrap()).collect()
}

#[test]
fn the_legacy_stream_is_numpys() {
    for release in releases() {
        for case in release["streams"].as_array().unwrap() {
            let mut rng = Mt19937::new(case["seed"].as_u64().unwrap() as u32);
            let mut drawn = |low, high, size| (0..size).map(|_| rng.randint(low, high)).collect::<Vec<i64>>();
            assert_eq!(drawn(0, 1 << 32, 4), integers(&case["u32"]));
            let doubles: Vec<f64> = (0..4).map(|_| rng.next_f64()).collect();
            assert_eq!(doubles, numbers(&case["random_sample"]));
            let mut drawn = |low, high, size| (0..size).map(|_| rng.randint(low, high)).collect::<Vec<i64>>();
            assert_eq!(drawn(-3, 8, 12), integers(&case["small_int64"]));
            assert_eq!(drawn(0, 1000, 12), integers(&case["small_int32"]));
            assert_eq!(drawn(5, 6, 3), integers(&case["one_value"]));
            assert_eq!(drawn(0, i64::from(i32::MAX), 3), integers(&case["int32_max"]));
            assert_eq!(drawn(0, 1 << 32, 3), integers(&case["full_32_bits"]));
            assert_eq!(drawn(-7, (1 << 40) + 13, 6), integers(&case["beyond_32_bits"]));
            assert_eq!(rng.permutation(23), places(&case["permutation"]));
            let mut items = [9, 8, 7, 6, 5, 5, 4];
            rng.shuffle(&mut items);
            assert_eq!(items.to_vec(), integers(&case["permuted"]));
            let mut items: Vec<i64> = (100..117).collect();
            rng.shuffle(&mut items);
            assert_eq!(items, integers(&case["shuffled"]));
            assert_eq!(rng.choice(31, 9), places(&case["choice"]));
            let far = (0..1500).map(|_| rng.randint(0, 977)).last().unwrap();
            assert_eq!(vec![far as f64, rng.next_f64()], numbers(&case["far"]));
        }
    }
}

/// The same formula as in the script: `positives` ones at offset, offset + step, ... modulo n.
fn labels(shape: &Value) -> Vec<u8> {
    let [n, positives, step, offset] = places(shape)[..] else { panic!("a shape has four numbers") };
    let mut y = vec![0; n];
    let mut left = positives;
    for at in (0..).map(|i| (offset + i * step) % n) {
        if left == 0 {
            break;
        }
        left -= usize::from(y[at] == 0);
        y[at] = 1;
    }
    y
}

/// Short lists as they are, long ones as a hash: the same as in the script.
fn told(rows: &[usize]) -> Value {
    if rows.len() <= 120 {
        return serde_json::to_value(rows).unwrap();
    }
    let text = rows.iter().map(usize::to_string).collect::<Vec<_>>().join(",");
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect::<String>().into()
}

/// The case's protocol: its keys are the protocol's, with `shape` and the answers beside them.
fn protocol(kind: &str, case: &Value, keys: &[&str]) -> Protocol {
    let mut table = toml::Table::from_iter([("kind".to_string(), kind.into())]);
    let given = keys.iter().filter(|key| !case[**key].is_null());
    table.extend(given.map(|key| (key.to_string(), toml::Value::try_from(&case[*key]).unwrap())));
    Protocol::read(&table, &Registry::built_in()).unwrap()
}

#[test]
fn stratified_folds_are_scikit_learns() {
    for release in releases() {
        for case in release["k_folds"].as_array().unwrap() {
            let y = labels(&case["shape"]);
            let protocol = protocol("stratified-k-fold", case, &["folds", "repeats", "seed", "shuffle"]);
            let splits = protocol.splits(&Roles::labels(&y)).unwrap();
            let tests: Vec<Value> = splits.iter().map(|split| told(&split.as_ref().unwrap().test)).collect();
            assert_eq!(&Value::from(tests), &case["tests"], "{protocol}");
        }
    }
}

#[test]
fn hold_outs_are_scikit_learns() {
    for release in releases() {
        for case in release["hold_outs"].as_array().unwrap() {
            let y = labels(&case["shape"]);
            let protocol = protocol("hold-out", case, &["test", "validation", "seed", "stratify"]);
            let split = protocol.splits(&Roles::labels(&y)).unwrap().remove(0).unwrap();
            let parts = [("train", split.train), ("validation", split.validation), ("test", split.test)];
            for (name, rows) in parts {
                assert_eq!(told(&rows), case[format!("{name}_rows")], "{name} rows of {protocol}");
            }
        }
    }
}

/// The same formulas as in the script.
fn roles(case: &Value) -> Roles {
    let y = labels(&case["shape"]);
    let [count, offset] = places(&case["groups"])[..] else { panic!("groups have two numbers") };
    let n = y.len();
    let cube = |row: usize| ((row * 7919 + offset) % 1009).pow(3);
    let given = case["params"]["folds"].as_u64().unwrap_or(1) as usize + 1;
    let names: Vec<String> = (0..given).map(|code| (code as i64 - 1).to_string()).collect();
    Roles {
        group: Some((0..n).map(|row| (cube(row) * count / 1009usize.pow(3)) as u32).collect()),
        time: Some((0..n).map(|row| ((row * row * 31 + row * 17) % 997 / 3) as i64).collect()),
        fold: Some(Folds { codes: (0..n).map(|row| ((row * 31) % given) as u32).collect(), names: names.into() }),
        ..Roles::labels(&y)
    }
}

#[test]
fn splits_by_groups_time_and_given_folds_are_scikit_learns() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/data/splits/kinds-1.9.1.json");
    let cases: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let (mut refused, mut made) = (0, 0);
    for case in &cases {
        let keys: Vec<&str> = case["params"].as_object().unwrap().keys().map(String::as_str).collect();
        let protocol = protocol(case["kind"].as_str().unwrap(), &case["params"], &keys);
        let roles = roles(case);
        let expected = case["parts"].as_array().unwrap();
        let splits = match protocol.splits(&roles) {
            Ok(splits) => splits,
            // Fewer rows of a class than folds is a warning in scikit-learn; a fold lacks the class then.
            Err(e) => {
                assert!(
                    e.to_string().contains("rows of each class") && expected.iter().any(Value::is_null),
                    "{protocol}: {e}"
                );
                continue;
            }
        };
        assert_eq!((splits.len(), protocol.numbers().len()), (expected.len(), expected.len()));
        for (split, expected) in splits.iter().zip(expected) {
            match split {
                Err(said) => {
                    assert!(expected.is_null() && said.contains("every part needs both classes"), "{protocol}: {said}");
                    refused += 1;
                }
                Ok(split) => {
                    assert_eq!(
                        [told(&split.train), told(&split.test)],
                        [expected[0].clone(), expected[1].clone()],
                        "{protocol}"
                    );
                    made += 1;
                }
            }
        }
    }
    assert!(refused > 5 && made > 100, "{refused} refused, {made} made");
}
