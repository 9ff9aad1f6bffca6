//! The charts of what searches have seen, and what they are made of.

use fraudbench::analyze::Results;
use fraudbench::analyze::surfaces::{Domain, Surface, surfaces};
use fraudbench::metric::Better;
use fraudbench::report::write_all;
use fraudbench::store::Record;
use serde_json::{Value, json};

use crate::charts::{check_charts, check_svg, kept};
use crate::sample::{Random, cell, record, results};

/// A record whose cell searched: kind, goal, space, and trials as details hold them.
fn searched(name: &str, scaler: &str, fold: u32, [kind, goal]: [&str; 2], space: &Value, trials: &[Value]) -> Record {
    let mut record = record(&cell(true, "none", scaler, name, fold), &[("pr-auc", 0.8)]);
    record.classifier_facts.params = json!({ "params": {}, "search": { "space": space } });
    // As a threshold beside the search would wrap it.
    record.details = Some(json!({
        "threshold": { "value": 0.4 },
        "model": { "search": { "kind": kind, "goal": goal, "candidates": trials } },
    }));
    record
}

fn trial(params: Value, rows: u64, mean: f64, chosen: bool) -> Value {
    json!({ "params": params, "rows": rows, "scores": [mean], "mean": mean, "chosen": chosen })
}

fn failure(params: Value, rows: u64, reason: &str) -> Value {
    json!({ "params": params, "rows": rows, "scores": [], "mean": null, "failed": reason, "chosen": false })
}

fn run(records: Vec<Record>) -> Results {
    let planned = records.iter().map(|record| record.cell.clone()).collect();
    results(planned, records, &["pr-auc"], "pr-auc")
}

fn only(records: Vec<Record>) -> Surface {
    let mut surfaces = surfaces(&run(records));
    assert_eq!(surfaces.len(), 1);
    surfaces.remove(0)
}

/// Three candidates of one grid in three cells; the third fails in one of them.
fn grid(goal: &str) -> Vec<Record> {
    let space = json!({ "depth": [6, 2, 4] });
    let depth = |depth: u64| json!({ "depth": depth, "fixed": "x" });
    // Folds may differ by a row, which makes no other candidates of them.
    let cell = |fold, scaler, rows, means: [f64; 2], third: Value, chosen: usize| {
        let trials =
            [trial(depth(6), rows, means[0], chosen == 0), trial(depth(2), rows, means[1], chosen == 1), third];
        searched("tree", scaler, fold, ["grid", goal], &space, &trials)
    };
    vec![
        cell(0, "none", 90, [0.5, 0.75], trial(depth(4), 90, 0.1, false), 1),
        cell(1, "none", 90, [0.25, 0.5], failure(depth(4), 90, "no room"), 1),
        cell(0, "standard", 91, [0.75, 0.25], trial(depth(4), 91, 0.3, false), 0),
    ]
}

#[test]
fn equal_candidates_are_averaged_over_cells() {
    let surface = only(grid("log-loss"));
    assert_eq!((surface.cells.len(), surface.searched, surface.lacking()), (3, 3, (vec!["no room"], vec![])));
    assert_eq!((surface.better, surface.kind.as_str()), (Better::Lower, "grid"));
    // `fixed` never varies; numbers are in order, whatever the study's order.
    let list = [2, 4, 6].map(|depth| json!(depth)).to_vec();
    assert_eq!(surface.parameters.iter().map(|p| &p.name[..]).collect::<Vec<_>>(), ["depth"]);
    assert_eq!(surface.parameters[0].domain, Domain::List(list));
    let [rung] = &surface.rungs[..] else { panic!("{:?}", surface.rungs) };
    let said: Vec<_> = rung.candidates.iter().map(|c| (c.mean, c.failed, c.chosen)).collect();
    assert_eq!(said, [(Some(0.5), 0, 1), (Some(0.5), 0, 2), (None, 1, 0)]);
    assert_eq!(rung.candidates[2].reason.as_deref(), Some("no room"));
    assert_eq!(rung.rows, 90);
}

#[test]
fn candidates_in_another_order_are_the_same_candidates() {
    let space = json!({ "C": [0.1, 1.0, 10.0] });
    // What each cell tried first, second and third, and how good it was.
    let cell = |fold, tried: [(f64, f64); 3]| {
        let best = tried.iter().fold(0.0, |best, (_, mean)| f64::max(best, *mean));
        let trials = tried.map(|(c, mean)| trial(json!({ "C": c }), 666 + u64::from(fold > 0), mean, mean == best));
        searched("lr", "none", fold, ["random", "pr-auc"], &space, &trials)
    };
    let cells = || {
        vec![
            cell(0, [(1.0, 0.25), (0.1, 0.75), (10.0, 0.5)]),
            cell(1, [(10.0, 0.75), (1.0, 0.5), (0.1, 0.25)]),
            cell(2, [(0.1, 0.5), (10.0, 1.0), (1.0, 0.0)]),
        ]
    };
    let surface = only(cells());
    assert_eq!((surface.cells.len(), surface.searched), (3, 3));
    let said: Vec<_> = surface.rungs[0].candidates.iter().map(|c| (c.values[0].clone(), c.mean, c.chosen)).collect();
    assert_eq!(said, [(json!(1.0), Some(0.25), 0), (json!(0.1), Some(0.5), 1), (json!(10.0), Some(0.75), 2)]);
    // One candidate twice is not the same as two.
    let mut others = cells();
    others[2].details.as_mut().unwrap()["model"]["search"]["candidates"][0]["params"]["C"] = json!(10.0);
    let surface = only(others);
    assert_eq!((surface.cells.len(), surface.searched), (1, 3));
}

#[test]
fn of_cells_with_other_candidates_the_first_is_shown() {
    let mut records = grid("pr-auc");
    let details = records[2].details.as_mut().unwrap();
    details["model"]["search"]["candidates"][1]["params"]["depth"] = json!(3);
    let surface = only(records);
    assert_eq!((surface.cells.len(), surface.searched), (1, 3));
    assert_eq!((surface.cells[0].scaler.as_str(), surface.cells[0].fold), ("none", 0));
    let means: Vec<_> = surface.rungs[0].candidates.iter().map(|c| c.mean).collect();
    assert_eq!(means, [Some(0.5), Some(0.75), Some(0.1)]);
    assert_eq!(surface.better, Better::Higher);
}

#[test]
fn rungs_are_kept_apart_and_where_nothing_varies_there_is_no_surface() {
    let rate = |rate: f64| json!({ "rate": rate });
    let space = json!({ "rate": { "low": 0.01, "high": 1, "log": true } });
    let trials = [
        trial(rate(0.1), 30, 0.9, false),
        trial(rate(0.2), 30, 0.8, false),
        trial(rate(0.3), 30, 0.7, false),
        trial(rate(0.2), 60, 0.5, true),
        trial(rate(0.1), 60, 0.4, false),
    ];
    let record = |trials: &[Value]| searched("boosted", "none", 0, ["halving", "pr-auc"], &space, trials);
    let surface = only(vec![record(&trials)]);
    assert_eq!(surface.parameters[0].domain, Domain::Range { low: 0.01, high: 1.0, log: true, whole: false });
    let shape: Vec<_> = surface.rungs.iter().map(|rung| (rung.rows, rung.candidates.len())).collect();
    assert_eq!(shape, [(30, 3), (60, 2)]);
    assert_eq!((surface.rungs[1].candidates[0].chosen, surface.rungs[1].candidates[0].mean), (1, Some(0.5)));
    assert!(surfaces(&run(vec![record(&trials[..1])])).is_empty());
    let pipeline = |depth: u64| json!({ "classifier": { "id": "decision-tree", "params": { "max_depth": depth } } });
    let pipelines = [trial(pipeline(1), 9, 0.5, false), trial(pipeline(2), 9, 0.6, true)];
    assert!(surfaces(&run(vec![record(&pipelines)])).is_empty());
    assert!(surfaces(&run(vec![crate::sample::record(&cell(true, "none", "none", "prior", 0), &[])])).is_empty());
}

/// Draws of a space; some fail, and the best of the rest is chosen.
fn drawn(name: &str, kind: &str, space: &Value, rungs: &[(u64, usize)], random: &mut Random) -> Record {
    let mut draws: Vec<Value> = Vec::new();
    while draws.len() < rungs[0].1 {
        let mut params = json!({});
        for (parameter, domain) in space.as_object().unwrap() {
            params[parameter] = match domain.as_array() {
                Some(list) => list[random.next() as usize % list.len()].clone(),
                None => {
                    let (low, high) = (domain["low"].as_f64().unwrap(), domain["high"].as_f64().unwrap());
                    let value = low + random.unit() * (high - low);
                    if domain["low"].is_u64() { json!(value.round() as u64) } else { json!(value) }
                }
            };
        }
        if !draws.contains(&params) {
            draws.push(params);
        }
    }
    let mut trials = Vec::new();
    for (rung, (rows, count)) in rungs.iter().enumerate() {
        for (i, params) in draws.iter().take(*count).enumerate() {
            let fails = *count > 4 && i % 6 == 4;
            let chosen = rung + 1 == rungs.len() && i == 0;
            trials.push(match fails {
                true => failure(params.clone(), *rows, "the bins <of a column> are all equal & empty"),
                false => trial(params.clone(), *rows, 0.5 + 0.4 * random.unit(), chosen),
            });
        }
    }
    searched(name, "none", 0, [kind, "pr-auc"], space, &trials)
}

/// Pipelines as `tpot` and `autosklearn` try them; two cells that tried different ones.
fn pipelines(name: &str) -> Vec<Record> {
    let pipeline = |family: &str, scaler: &str, n: u64| json!({ "scaler": { "id": scaler, "params": {} }, "classifier": { "id": family, "params": { "n": n } } });
    let trials = |n| {
        let mut trials = vec![
            trial(pipeline("random-forest", "robust", 100), 900, 0.75, false),
            trial(pipeline("random-forest", "power", n), 900, 0.5, false),
            failure(pipeline("svc", "power", 1), 900, "it takes too long"),
            trial(json!({ "classifier": { "id": "xgboost", "params": {} } }), 900, 0.25, false),
            failure(pipeline("xgboost", "power", 3), 900, "dropped after fold 1"),
        ];
        trials.push(trial(pipeline("random-forest", "power", n), 6_989, 0.625, true));
        trials
    };
    [(0, 7), (1, 8)]
        .map(|(fold, n)| searched(name, "none", fold, ["tpot", "pr-auc"], &Value::Null, &trials(n)))
        .to_vec()
}

#[test]
fn pipelines_are_laid_out_by_their_family() {
    let surface = only(pipelines("tpot"));
    assert_eq!(surface.parameters.len(), 1);
    assert_eq!(surface.parameters[0].name, "classifier");
    let families = ["random-forest", "svc", "xgboost"].map(|family| json!(family)).to_vec();
    assert_eq!(surface.parameters[0].domain, Domain::List(families));
    // The cells tried other pipelines of the same families: a mean over them would mean nothing.
    assert_eq!((surface.cells.len(), surface.searched), (1, 2));
    let [first, last] = &surface.rungs[..] else { panic!("{:?}", surface.rungs) };
    let seen: Vec<_> = first.candidates.iter().map(|c| (c.values[0].as_str().unwrap(), c.mean, c.failed)).collect();
    let (forest, boosted) = ("random-forest", "xgboost");
    let scored = [(forest, Some(0.75), 0), (forest, Some(0.5), 0), ("svc", None, 1), (boosted, Some(0.25), 0)];
    assert_eq!((&seen[..4], seen[4]), (&scored[..], (boosted, None, 1)));
    assert_eq!(surface.lacking(), (vec!["it takes too long"], vec!["dropped after fold 1"]));
    assert_eq!((last.rows, last.candidates[0].mean, last.candidates[0].chosen), (6_989, Some(0.625), 1));
}

#[test]
fn every_kind_of_surface_is_drawn_without_cut_or_overlapping_text() {
    let mut random = Random::new(5);
    let names: Vec<String> = (1..=14).map(|i| format!("a-quite-long-name-of-a-value-{i}")).collect();
    let long = json!({ "a_parameter_with_a_very_long_name_indeed": [true, false], "other": names });
    let two = json!({ "depth": [1, 2, 3, 5, 8], "criterion": ["gini", "entropy", null] });
    let range = |low: f64, high: f64, log: bool| json!({ "low": low, "high": high, "log": log });
    let plane = json!({ "num_leaves": { "low": 3, "high": 60 }, "learning_rate": range(0.001, 0.5, true) });
    let mut many = json!({ "policy": names[..5], "depth": { "low": 2, "high": 9 }, "narrow": range(0.6, 0.9, true) });
    for i in 0..5 {
        many[format!("min_child_weight_of_{i}")] = range(0.1, 20_000.0, i % 2 == 0);
    }
    let mut swapped = serde_json::Map::new();
    swapped.extend(long.as_object().unwrap().iter().rev().map(|(key, value)| (key.clone(), value.clone())));
    let swapped = Value::Object(swapped);
    let one: &[(u64, usize)] = &[(6_989, 12)];
    let rungs: &[(u64, usize)] = &[(630, 12), (2_539, 4), (6_989, 1)];
    let mut records = grid("pr-auc");
    for (name, space) in [("matrix", &two), ("long", &long), ("swapped", &swapped), ("plane", &plane), ("many", &many)]
    {
        records.push(drawn(name, "random", space, one, &mut random));
        if name != "long" {
            records.push(drawn(&format!("{name}-on.rungs"), "halving", space, rungs, &mut random));
        }
    }
    let line = json!({ "learning_rate": range(0.01, 0.3, true) });
    records.push(drawn("line", "tpe", &line, &[(90, 30)], &mut random));
    records.push(drawn("line-on-rungs", "halving", &line, rungs, &mut random));
    records.extend(pipelines("tpot"));
    let families =
        ["logistic-regression", "decision-tree", "random-forest", "adaboost", "k-neighbors", "xgboost", "lightgbm"];
    records.push(drawn("listed", "autosklearn", &json!({ "classifier": families }), &[(90, 6)], &mut random));
    let folder = kept("searches");
    let old = folder.join("charts/search-gone.svg");
    std::fs::create_dir_all(old.parent().unwrap()).unwrap();
    std::fs::write(&old, "old").unwrap();
    let wanted: Vec<String> = records.iter().map(|r| format!("search-{}.svg", r.cell.classifier)).collect();
    let written = write_all(&run(records), &folder).unwrap();
    check_charts(&written);
    assert!(!old.exists());
    for name in wanted {
        assert!(written.iter().any(|path| path.ends_with(&name)), "{name}");
    }
    let said = check_svg(&folder.join("charts/search-many-on.rungs.svg")).join(" ");
    for wanted in
        ["Rung 3 of 3: 6,989 rows, 1 candidate", "Successive halving, 12 candidates", "failed. The first reason"]
    {
        assert!(said.contains(wanted), "{wanted}: {said}");
    }
    let said = check_svg(&folder.join("charts/search-listed.svg")).join(" ");
    for family in families {
        assert!(said.contains(family), "a list is labelled whole: {family}: {said}");
    }
    let said = check_svg(&folder.join("charts/search-tpot.svg")).join(" ");
    let grey = "Grey: 1 candidate was dropped after fold 1, too far behind others there. 1 candidate failed. The first reason: it takes too long";
    assert!(said.contains(grey), "{said}");
    let said = check_svg(&folder.join("charts/search-tree.svg")).join(" ");
    for wanted in ["All 3 cells tried the same candidates", "2 pipelines", "by 2 of 3 cells", "1 candidate failed"] {
        assert!(said.contains(wanted), "{wanted}: {said}");
    }
}

/// A grid over two lists, with means from 0.401 in even steps to 0.58.
fn lists(name: &str, depths: usize) -> (Record, Vec<f64>) {
    let criteria = ["entropy", "gini"];
    let space = json!({ "a_depth": (1..=depths).collect::<Vec<_>>(), "criterion": criteria });
    let means: Vec<f64> = (0..2 * depths).map(|i| 0.401 + 0.179 * i as f64 / (2 * depths - 1) as f64).collect();
    let params = |i: usize| json!({ "a_depth": i / 2 + 1, "criterion": criteria[i % 2] });
    let trials: Vec<Value> = (0..2 * depths).map(|i| trial(params(i), 90, means[i], i == 0)).collect();
    (searched(name, "none", 0, ["grid", "pr-auc"], &space, &trials), means)
}

fn chart_of(name: &str, record: Record) -> Vec<String> {
    let folder = kept(name);
    check_charts(&write_all(&run(vec![record]), &folder).unwrap());
    check_svg(&folder.join(format!("charts/search-{name}.svg")))
}

#[test]
fn a_heat_map_of_lists_is_turned_where_only_that_fits() {
    for depths in [3, 14, 15, 17, 24] {
        let name = format!("lists-{depths}");
        let (record, means) = lists(&name, depths);
        let texts = chart_of(&name, record);
        let written = |mean: &f64| texts.contains(&format!("{mean:.4}"));
        assert!(means.iter().all(written), "{depths}: {texts:?}");
        assert!(
            ["a_depth", "criterion", "entropy", "gini", "1"].iter().all(|text| texts.contains(&(*text).to_owned()))
        );
    }
    // More than 24 rows are points.
    let (record, means) = lists("lists-25", 25);
    let texts = chart_of("lists-25", record);
    assert!(!texts.contains(&format!("{:.4}", means[20])), "{texts:?}");
}

#[test]
fn a_short_colour_bar_has_more_than_one_label() {
    let texts = chart_of("bar", lists("bar", 3).0);
    // By steps of 0.1, as many as there is room for, 0.5 stands alone between 0.401 and 0.58.
    let labels = ["0.45", "0.50", "0.55"];
    assert!(labels.iter().all(|label| texts.contains(&(*label).to_owned())), "{texts:?}");
}

#[test]
fn values_that_are_lists_or_tables_are_drawn_as_those_of_a_list() {
    let weights = [json!("balanced"), json!({ "0": 1.0, "1": 5.0 })];
    let columns = [json!(["V14", "V10"]), json!(["V3", "Amout"])];
    let space = json!({ "class_weight": weights, "columns": columns });
    let params = |weight: usize, at: usize| json!({ "class_weight": weights[weight], "columns": columns[at] });
    let trials = [
        trial(params(0, 0), 90, 0.5, false),
        failure(params(0, 1), 90, "unknown name"),
        trial(params(1, 0), 90, 0.75, true),
        failure(params(1, 1), 90, "unknown name"),
    ];
    let record = || searched("tables", "none", 0, ["grid", "pr-auc"], &space, &trials);
    let surface = only(vec![record()]);
    let domains: Vec<&Domain> = surface.parameters.iter().map(|parameter| &parameter.domain).collect();
    assert_eq!(domains, [&Domain::List(weights.to_vec()), &Domain::List(columns.to_vec())]);
    assert_eq!(surface.lacking(), (vec!["unknown name"; 2], vec![]));
    let texts = chart_of("tables", record());
    for label in ["balanced", "0: 1.0, 1: 5.0", "V14, V10", "V3, Amout", "0.7500"] {
        assert!(texts.contains(&label.to_owned()), "{label}: {texts:?}");
    }
    let said = texts.join(" ");
    assert!(said.contains("chosen. class_weight 0: 1.0, 1: 5.0, columns V14, V10 (0.7500)"), "{said}");
    assert!(said.contains("2 candidates failed. The first reason: unknown name"), "{said}");
}
