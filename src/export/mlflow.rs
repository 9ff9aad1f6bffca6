//! A results directory as runs of an MLflow tracking server, through its REST API: a run per pipeline and data set, and one for the
//! study as a whole.
//!
//! Exported again, a run is left as it is where nothing has changed, and made anew where something has: a run knows by its tags
//! what it was made of, and one whose export was cut short is never taken for a whole one, as its status is set last.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::http::{Answer, Server, encoded, without_user};
use crate::analyze::Results;
use crate::analyze::leaderboard::distinct;
use crate::analyze::statistics::mean::mean_and_sd;
use crate::cell::axis::{AXES, Facet};
use crate::data::hex;
use crate::error::{Error, Result};
use crate::store::{Manifest, Outcome, Record};
use crate::study::lasting;
use crate::words::quoted;

/// Bytes of a parameter's value that every server takes.
const LONGEST: usize = 6_000;
/// What one request may carry.
const METRICS: usize = 900;
const PARAMS: usize = 90;
/// Files of a results directory that go with the study as a whole, where they are there.
const OF_STUDY: [&str; 7] = [
    "manifest.toml",
    "report.md",
    "report.html",
    "leaderboard.csv",
    "best_params.json",
    "search.csv",
    "leaderboard.json",
];
const TAG_RUN: &str = "fraudbench.run";
const TAG_PIPELINE: &str = "fraudbench.pipeline";
const TAG_DIGEST: &str = "fraudbench.digest";

/// What came of an export.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exported {
    /// The server's address, without a name and a password.
    pub server: String,
    /// The experiment's number on the server.
    pub experiment: String,
    /// Runs that were written.
    pub written: u64,
    /// Runs that were there already, as they are.
    pub unchanged: u64,
    /// Where the server keeps artifacts, if it takes none from us.
    pub without_artifacts: Option<String>,
}

/// One run to be.
struct Run {
    name: String,
    /// Of the pipeline on a data set; `study` for the study as a whole.
    pipeline: String,
    params: BTreeMap<String, String>,
    metrics: Vec<(String, f64, usize)>,
    tags: BTreeMap<String, String>,
    artifacts: Vec<(String, Vec<u8>)>,
    /// Whether every planned cell is scored.
    is_whole: bool,
    seconds: f64,
}

/// Exports `results`, which were read from `directory`, to the server at `uri`, into `experiment` (the study's name without one).
///
/// # Errors
/// [`Error::Usage`]: an address that is none of a server; a server that cannot be reached, or that refuses; [`Error::Io`].
pub fn export(results: &Results, directory: &Path, uri: &str, experiment: Option<&str>) -> Result<Exported> {
    let server = Server::new(address(uri)?);
    let study = results.manifest.study.parse::<toml::Table>().ok();
    let study = study.as_ref().and_then(|study| study.get("name")?.as_str()).unwrap_or("fraudbench").to_owned();
    let experiment = experiment_of(&server, experiment.unwrap_or(&study))?;
    let earlier = format!("{study}@{}", results.manifest.started_unix);
    let run_of = format!("{earlier}-{}", identity(&results.manifest));
    let mut runs = vec![whole(results, directory, &study)?];
    runs.extend(pipelines(results)?);
    let (earlier, there) = (there(&server, &experiment, &earlier)?, there(&server, &experiment, &run_of)?);
    let server_said = without_user(uri.trim_end_matches('/'));
    let mut exported = Exported { server: server_said, experiment: experiment.clone(), ..Exported::default() };
    for run in &runs {
        let digest = run.digest();
        let known = there.get(&run.pipeline);
        let is_it = |there: &There| there.digest == digest && there.is_over;
        // Earlier versions told runs apart by their names and seconds alone: what else is there may be another one's.
        let is_of_earlier = || earlier.get(&run.pipeline).is_some_and(|known| known.iter().any(is_it));
        if known.map_or_else(is_of_earlier, |known| known.len() == 1 && is_it(&known[0])) {
            exported.unchanged += 1;
            continue;
        }
        for known in known.into_iter().flatten() {
            server.get("POST", &api("runs/delete"), Some(&json!({ "run_id": known.id })))?;
        }
        let place = write(&server, (&experiment, &run_of, &digest), run, results.manifest.started_unix)?;
        exported.without_artifacts = exported.without_artifacts.or(place);
        exported.written += 1;
    }
    Ok(exported)
}

/// What tells a run from every other one that began in the same second: of all that it was begun with, what stays as it is when it is
/// resumed.
fn identity(manifest: &Manifest) -> String {
    let data: Vec<_> =
        manifest.data.iter().map(|data| (&data.name, &data.digests.features, &data.digests.labels)).collect();
    let facts = json!({
        "command": manifest.command, "study": lasting(&manifest.study), "filter": manifest.filter, "data": data,
        "machine": manifest.machine, "threads": [manifest.threads, manifest.cell_threads],
    });
    hex(&Sha256::digest(facts.to_string())[..8])
}

/// The address of a server; what is none is refused.
fn address(uri: &str) -> Result<&str> {
    let begins = |scheme: &str| uri.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    let said = without_user(uri);
    if let Some(scheme) = ["http://", "https://"].into_iter().find(|scheme| begins(scheme)) {
        let host = &said[scheme.len()..];
        return match host.trim().is_empty() || host.starts_with(['/', '?', '#', ':']) {
            true => Err(Error::Usage(format!(
                "`--uri {said}` names no host: write an address such as http://127.0.0.1:5000"
            ))),
            false => Ok(uri),
        };
    }
    Err(Error::Usage(match is_host_and_port(&said) {
        true => format!("`--uri {said}` lacks its scheme: write `--uri http://{said}`"),
        false => format!(
            "`--uri {said}` is no server's address: runs go through MLflow's server, so that it alone writes its store; start one \
             (`mlflow server --backend-store-uri {}`) and give its address, such as http://127.0.0.1:5000",
            quoted(&said)
        ),
    }))
}

/// Whether a text is a server's address but for its scheme: `host:5000`, `[::1]:5000/mlflow`.
fn is_host_and_port(uri: &str) -> bool {
    let place = uri.split('/').next().unwrap_or_default();
    let port = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    place.rsplit_once(':').is_some_and(|(host, after)| !host.is_empty() && port(after))
}

fn api(path: &str) -> String {
    format!("api/2.0/mlflow/{path}")
}

/// The experiment's number; made if it is not there.
fn experiment_of(server: &Server, name: &str) -> Result<String> {
    let text = |answer: &Answer| answer.body["experiment_id"].as_str().map(str::to_owned);
    let made = server.ask("POST", &api("experiments/create"), Some(&json!({ "name": name })))?;
    if let Some(id) = text(&made) {
        return Ok(id);
    }
    if made.code() != "RESOURCE_ALREADY_EXISTS" {
        return Err(server.refused("experiments/create", &made));
    }
    let path = format!("{}?experiment_name={}", api("experiments/get-by-name"), encoded(name));
    let found = &server.get("GET", &path, None)?["experiment"];
    match (found["experiment_id"].as_str(), found["lifecycle_stage"].as_str()) {
        (_, Some("deleted")) => Err(Error::Usage(format!(
            "the server's experiment `{name}` is deleted: restore it, or name another one with `--experiment`"
        ))),
        (Some(id), _) => Ok(id.to_owned()),
        (None, _) => Err(Error::Usage(format!("the server has an experiment `{name}` and does not say which"))),
    }
}

/// A run on the server.
struct There {
    id: String,
    digest: String,
    is_over: bool,
}

/// The runs that an export of `run_of` has left before, by pipeline.
fn there(server: &Server, experiment: &str, run_of: &str) -> Result<BTreeMap<String, Vec<There>>> {
    let mut found: BTreeMap<String, Vec<There>> = BTreeMap::new();
    let mut page = String::new();
    loop {
        let filter = format!("tags.`{TAG_RUN}` = '{}'", run_of.replace('\'', "_"));
        let mut question = json!({ "experiment_ids": [experiment], "max_results": 500, "filter": filter });
        if !page.is_empty() {
            question["page_token"] = page.into();
        }
        let answer = server.get("POST", &api("runs/search"), Some(&question))?;
        for run in answer["runs"].as_array().into_iter().flatten() {
            let tags = run["data"]["tags"].as_array();
            let tag = |key: &str| {
                let found = tags.into_iter().flatten().find(|tag| tag["key"] == key);
                found.and_then(|tag| tag["value"].as_str()).unwrap_or_default().to_owned()
            };
            found.entry(tag(TAG_PIPELINE)).or_default().push(There {
                id: run["info"]["run_id"].as_str().unwrap_or_default().to_owned(),
                digest: tag(TAG_DIGEST),
                is_over: matches!(run["info"]["status"].as_str(), Some("FINISHED" | "FAILED")),
            });
        }
        page = answer["next_page_token"].as_str().unwrap_or_default().to_owned();
        if page.is_empty() {
            return Ok(found);
        }
    }
}

/// Writes a run; returns where its artifacts would be if the server does not take them.
fn write(
    server: &Server,
    (experiment, run_of, digest): (&str, &str, &str),
    run: &Run,
    started_unix: u64,
) -> Result<Option<String>> {
    let started = started_unix * 1000;
    let own = [(TAG_RUN, run_of), (TAG_PIPELINE, &run.pipeline), (TAG_DIGEST, digest)];
    let own = own.map(|(key, value)| (key.to_owned(), value.replace('\'', "_")));
    let tags: Vec<Value> =
        run.tags.clone().into_iter().chain(own).map(|(key, value)| json!({ "key": key, "value": value })).collect();
    let question = json!({ "experiment_id": experiment, "run_name": run.name, "start_time": started, "tags": tags });
    let made = server.get("POST", &api("runs/create"), Some(&question))?;
    let info = &made["run"]["info"];
    let (Some(id), Some(place)) = (info["run_id"].as_str(), info["artifact_uri"].as_str()) else {
        return Err(Error::Usage("the server has made a run and does not say which".into()));
    };
    let params: Vec<Value> = run.params.iter().map(|(key, value)| json!({ "key": key, "value": value })).collect();
    let metric = |(key, value, step): &(String, f64, usize)| json!({ "key": key, "value": value, "timestamp": started, "step": step });
    let metrics: Vec<Value> = run.metrics.iter().map(metric).collect();
    let log = |batch: Value| server.get("POST", &api("runs/log-batch"), Some(&batch)).map(drop);
    params.chunks(PARAMS).try_for_each(|params| log(json!({ "run_id": id, "params": params })))?;
    metrics.chunks(METRICS).try_for_each(|metrics| log(json!({ "run_id": id, "metrics": metrics })))?;
    let folder = taken(place);
    if let Some(folder) = &folder {
        for (name, bytes) in &run.artifacts {
            server.put(&format!("api/2.0/mlflow-artifacts/artifacts/{folder}/{}", encoded(name)), bytes)?;
        }
    }
    let status = if run.is_whole { "FINISHED" } else { "FAILED" };
    let ended = started + (run.seconds * 1000.0) as u64;
    let question = json!({ "run_id": id, "status": status, "end_time": ended });
    server.get("POST", &api("runs/update"), Some(&question))?;
    Ok(folder.is_none().then(|| place.to_owned()))
}

/// The folder in which the server takes artifacts; none where only a store's own clients write them.
fn taken(place: &str) -> Option<String> {
    let path = place.strip_prefix("mlflow-artifacts:")?;
    let path = match path.strip_prefix("//") {
        Some(with_host) => with_host.split_once('/').map_or("", |(_, path)| path),
        None => path,
    };
    Some(path.trim_matches('/').to_owned())
}

impl Run {
    /// Of all that is sent.
    fn digest(&self) -> String {
        let mut all = Sha256::new();
        let facts = json!({
            "name": self.name, "params": self.params, "metrics": self.metrics, "tags": self.tags, "whole": self.is_whole,
            "seconds": self.seconds,
        });
        all.update(facts.to_string());
        for (name, bytes) in &self.artifacts {
            all.update(name);
            all.update(bytes);
        }
        hex(&all.finalize())
    }
}

/// The study as a whole: what was planned, and the report.
fn whole(results: &Results, directory: &Path, study: &str) -> Result<Run> {
    let manifest = &results.manifest;
    let mut artifacts = vec![("study.toml".to_owned(), manifest.study.clone().into_bytes())];
    for name in OF_STUDY {
        match std::fs::read(directory.join(name)) {
            Ok(bytes) => artifacts.push((name.to_owned(), bytes)),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
            Err(e) => return Err(Error::io("read", &directory.join(name), e)),
        }
    }
    let scored = results.records.iter().filter(|record| record.outcome == Outcome::Scored).count();
    let metrics = vec![("cells.planned", results.planned.len()), ("cells.scored", scored)];
    let metrics = metrics.into_iter().map(|(key, count)| (key.to_owned(), count as f64, 0)).collect();
    Ok(Run {
        name: format!("{study} (study)"),
        pipeline: "study".into(),
        params: BTreeMap::from([
            ("protocol".to_owned(), clipped(&results.protocol)),
            ("primary".to_owned(), results.primary.clone()),
        ]),
        metrics,
        tags: tags(results, &results.title),
        artifacts,
        is_whole: scored == results.planned.len(),
        seconds: results.records.iter().map(seconds).sum(),
    })
}

/// A run per pipeline and data set, in plan order.
fn pipelines(results: &Results) -> Result<Vec<Run>> {
    let name = |cell: &crate::cell::CellId| (cell.data_set.clone(), cell.pipeline());
    let mut planned: BTreeMap<(String, String), usize> = BTreeMap::new();
    results.planned.iter().for_each(|one| *planned.entry(name(&one.cell)).or_default() += 1);
    let mut records: BTreeMap<(String, String), Vec<&Record>> = BTreeMap::new();
    results.records.iter().for_each(|record| records.entry(name(&record.cell)).or_default().push(record));
    let several = distinct(results.planned.iter().map(|one| one.cell.data_set.as_str())).len() > 1;
    let mut splits = distinct(results.planned.iter().map(|one| (one.cell.repeat, one.cell.fold)));
    splits.sort_unstable();
    let mut runs = Vec::new();
    for of in distinct(results.planned.iter().map(|one| name(&one.cell))) {
        let Some(own) = records.get(&of) else { continue };
        let mut own = own.clone();
        own.sort_by_key(|record| (record.cell.repeat, record.cell.fold));
        let called = if several { format!("{}: {}", of.0, of.1) } else { of.1.clone() };
        runs.push(pipeline(results, called, (planned.get(&of).copied().unwrap_or(0), &splits), &own)?);
    }
    Ok(runs)
}

fn pipeline(
    results: &Results,
    called: String,
    (planned, splits): (usize, &[(u32, u32)]),
    records: &[&Record],
) -> Result<Run> {
    let first = records[0];
    let step = |record: &Record| {
        let split = (record.cell.repeat, record.cell.fold);
        splits.iter().position(|one| *one == split).unwrap_or(0)
    };
    let mut metrics = Vec::new();
    for id in &results.metrics {
        let values: Vec<(f64, usize)> =
            records.iter().filter_map(|record| Some((record.metrics.get(id)?.value()?, step(record)))).collect();
        metrics.extend(values.iter().map(|&(value, step)| (named(id), value, step)));
        let (mean, sd) = mean_and_sd(&values.iter().map(|(value, _)| *value).collect::<Vec<_>>());
        metrics.extend(mean.map(|mean| (format!("{}.mean", named(id)), mean, 0)));
        metrics.extend(sd.map(|sd| (format!("{}.sd", named(id)), sd, 0)));
    }
    let scored: Vec<&&Record> = records.iter().filter(|record| record.outcome == Outcome::Scored).collect();
    for record in &scored {
        metrics.push(("seconds.fit".to_owned(), record.seconds.fit, step(record)));
        metrics.push(("seconds.predict".to_owned(), record.seconds.predict, step(record)));
        metrics.extend(record.peak_memory_mib.map(|mib| ("peak-memory-mib".to_owned(), mib as f64, step(record))));
    }
    let mut lines = Vec::new();
    for record in records {
        serde_json::to_writer(&mut lines, record)
            .map_err(|e| Error::Store(format!("a record cannot be written as JSON: {e}")))?;
        lines.push(b'\n');
    }
    let failed =
        records.iter().find_map(|record| Some(format!("fold {}: {}", record.cell.fold, record.reason.as_ref()?)));
    let mut tags = tags(results, &format!("{} of {planned} splits are scored", scored.len()));
    tags.extend(failed.map(|reason| ("fraudbench.failed".to_owned(), clipped(&reason))));
    Ok(Run {
        name: called.clone(),
        pipeline: called,
        params: params(first),
        metrics,
        tags,
        artifacts: vec![("records.jsonl".to_owned(), lines)],
        is_whole: scored.len() == planned,
        seconds: records.iter().map(|record| seconds(record)).sum(),
    })
}

fn params(record: &Record) -> BTreeMap<String, String> {
    let axes = AXES.iter().filter(|axis| axis.facet != Facet::Split);
    let mut all: BTreeMap<String, String> =
        axes.map(|axis| (axis.id.to_owned(), axis.value(&record.cell).to_string())).collect();
    all.insert("family".into(), record.family.clone());
    all.insert("backend".into(), record.backend.clone());
    for (component, facts) in record.components() {
        for (key, value) in facts.params.as_object().into_iter().flatten() {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            all.insert(named(&format!("{component}.{key}")), clipped(&value));
        }
    }
    all
}

fn tags(results: &Results, note: &str) -> BTreeMap<String, String> {
    let manifest = &results.manifest;
    let mut all = BTreeMap::from([
        ("mlflow.note.content".to_owned(), clipped(note)),
        ("mlflow.source.name".to_owned(), clipped(&manifest.command)),
        ("fraudbench.version".to_owned(), manifest.fraudbench.clone()),
        ("fraudbench.machine".to_owned(), clipped(&manifest.machine.cpu)),
    ]);
    for data in &manifest.data {
        all.insert(named(&format!("fraudbench.sha256.{}", data.name)), data.sha256.clone());
    }
    all
}

fn seconds(record: &Record) -> f64 {
    let seconds = record.seconds;
    seconds.resample + seconds.scale + seconds.fit + seconds.predict
}

/// A name as MLflow takes it.
fn named(name: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ' ' | '/');
    name.chars().map(|c| if fits(c) { c } else { '_' }).take(250).collect()
}

/// A text that is not longer than every server takes.
fn clipped(text: &str) -> String {
    if text.len() <= LONGEST {
        return text.to_owned();
    }
    let end = (0..=LONGEST - 3).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    format!("{}...", &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_server_is_taken() {
        assert_eq!(address("https://mlflow.example").unwrap(), "https://mlflow.example");
        for uri in ["file:///tmp/mlruns", "./mlruns", "sqlite:///mlflow.db", "databricks"] {
            let said = address(uri).unwrap_err().to_string();
            assert!(said.contains(&format!("`mlflow server --backend-store-uri {uri}`")), "{said}");
        }
    }

    #[test]
    fn a_server_without_its_scheme_is_told_with_it() {
        for uri in ["localhost:5000", "10.0.0.7:80/mlflow/", "[::1]:5000"] {
            let said = address(uri).unwrap_err().to_string();
            assert_eq!(said, format!("`--uri {uri}` lacks its scheme: write `--uri http://{uri}`"));
        }
        // A scheme is one in capitals, too.
        assert_eq!(address("HTTP://localhost:5000").unwrap(), "HTTP://localhost:5000");
        for store in ["file:mlruns", ":5000", "localhost:", "./runs:1x"] {
            assert!(address(store).unwrap_err().to_string().contains("is no server's address"), "{store}");
        }
        let said = address("./my runs").unwrap_err().to_string();
        assert!(said.contains("`mlflow server --backend-store-uri './my runs'`"), "{said}");
    }

    #[test]
    fn an_address_without_a_host_is_told_and_no_password_is() {
        for (uri, said) in [
            ("http://", "`--uri http://` names no host: "),
            ("https:///mlflow", "`--uri https:///mlflow` names no host: "),
            ("http://:5000", "`--uri http://:5000` names no host: "),
            ("http://me:secret@", "`--uri http://` names no host: "),
            ("me:secret@host:5000", "`--uri host:5000` lacks its scheme: write `--uri http://host:5000`"),
            ("postgresql://me:secret@host/db", "`--uri postgresql://host/db` is no server's address: "),
        ] {
            let error = address(uri).unwrap_err().to_string();
            assert!(error.starts_with(said) && !error.contains("secret"), "{error}");
        }
        assert_eq!(address("http://me:secret@host").unwrap(), "http://me:secret@host");
    }

    #[test]
    fn artifacts_go_where_the_server_takes_them() {
        assert_eq!(taken("mlflow-artifacts:/3/ab/artifacts").as_deref(), Some("3/ab/artifacts"));
        assert_eq!(taken("mlflow-artifacts://host:5000/3/ab/artifacts").as_deref(), Some("3/ab/artifacts"));
        assert_eq!(taken("s3://bucket/3"), None);
    }

    #[test]
    fn runs_that_began_in_one_second_are_told_apart_and_a_resumed_one_is_itself() {
        let committed = concat!(env!("CARGO_MANIFEST_DIR"), "/results/families-5-fold/manifest.toml");
        let begun = Manifest::read(Path::new(committed)).unwrap();
        let made = |change: fn(&mut Manifest)| {
            let mut other = begun.clone();
            change(&mut other);
            identity(&other)
        };
        let own = identity(&begun);
        assert_eq!(own.len(), 16);
        let others: [fn(&mut Manifest); 5] = [
            |other| other.study += "\n[limits]\nretries = 1\n",
            |other| other.command += " --out B",
            |other| other.filter += ";fold=0",
            |other| other.data[0].digests.labels += "0",
            |other| other.machine.cores += 1,
        ];
        others.into_iter().for_each(|change| assert_ne!(made(change), own));
        // Other metrics, a study that was moved, another run into the directory.
        let same: [fn(&mut Manifest); 3] = [
            |same| {
                let mut study: toml::Table = same.study.parse().unwrap();
                // Behind all others, whatever it was.
                study.remove("primary");
                study.insert("primary".into(), "f1".into());
                same.study = format!("# of tonight\n{study}");
            },
            |same| same.study_file += ".toml",
            |same| same.predictions = !same.predictions,
        ];
        same.into_iter().for_each(|change| assert_eq!(made(change), own));
    }

    #[test]
    fn names_and_texts_fit() {
        assert_eq!(named("recall@200(a day)"), "recall_200_a day_");
        let clipped = clipped(&"é".repeat(4_000));
        assert!(clipped.len() <= LONGEST && clipped.ends_with("é..."));
    }
}
