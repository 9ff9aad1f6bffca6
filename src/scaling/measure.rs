//! What a measuring process does: simulate, dedup, split, gather, then the component's own stages, each with its clock.

use std::time::Instant;

use ndarray::{Array2, Axis};

use super::point::{Measured, Stage, SubjectKind, Task};
use crate::component::{Context, Registry, Train, find};
use crate::data::{Dataset, dedup};
use crate::error::{Error, Result};
use crate::metric::Scored;
use crate::os::memory;
use crate::seed::{Purpose, derive};
use crate::simulate::simulate;
use crate::split::{Protocol, Roles};

/// The share of rows that test.
const TEST: f64 = 0.2;
/// The scaler before a family.
const SCALER: &str = "standard";

/// Times stages and watches their memory; says which stage begins.
struct Clock<'a> {
    stages: Vec<Stage>,
    begins: &'a mut dyn FnMut(&str),
}

impl Clock<'_> {
    fn stage<T>(&mut self, name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        (self.begins)(name);
        // What earlier stages have freed is no part of what this one needs.
        memory::give_back();
        memory::begin_peak();
        let before_mib = memory::resident_bytes().map(mib);
        let started = Instant::now();
        let result = work();
        let seconds = started.elapsed().as_secs_f64();
        let peak_mib = memory::peak_bytes().map(mib);
        self.stages.push(Stage { name: name.to_owned(), seconds, before_mib, peak_mib });
        result
    }
}

fn mib(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

struct Rows {
    x: Array2<f64>,
    y: Vec<u8>,
}

/// Makes the measurement in the current rayon pool. `begins` is told the name of each stage before it begins.
///
/// # Errors
/// Whatever a stage refuses.
pub fn measure(task: &Task, begins: &mut dyn FnMut(&str)) -> Result<Measured> {
    let mut clock = Clock { stages: Vec::new(), begins };
    let data = clock.stage("simulate", || simulate(&task.simulation()))?;
    let deduplicated = clock.stage("dedup", || Ok(dedup(&data)))?;
    let keep = deduplicated.keep;
    let hold_out = [("kind", "hold-out".into()), ("test", TEST.into()), ("seed", i64::from(task.seed).into())];
    let protocol = Protocol::read(
        &hold_out.map(|(key, value)| (key.to_owned(), value)).into_iter().collect(),
        &Registry::built_in(),
    )?;
    let split = clock.stage("split", || {
        let roles = Roles::labels(&keep.iter().map(|&row| data.y[row]).collect::<Vec<u8>>());
        protocol.splits(&roles)?.remove(0).map_err(Error::Data)
    })?;
    let (mut train, mut test) =
        clock.stage("gather", || Ok((gather(&data, &keep, &split.train), gather(&data, &keep, &split.test))))?;
    // From here on, the parts are all there is: their memory is not the component's.
    drop((data, keep, split));
    let (train_rows, test_rows) = (train.y.len(), test.y.len());
    let mut pr_auc = None;
    match task.subject.kind {
        SubjectKind::Resampler => resampling(&mut clock, task, &train)?,
        SubjectKind::Scaler => scaling(&mut clock, &task.subject.name, ["fit", "transform"], &mut train, &mut test)?,
        SubjectKind::Family => {
            scaling(&mut clock, SCALER, ["scale-fit", "scale-transform"], &mut train, &mut test)?;
            pr_auc = classifying(&mut clock, task, &train, &test)?;
        }
    }
    Ok(Measured { stages: clock.stages, train_rows, test_rows, duplicate_rows: deduplicated.removed, pr_auc })
}

fn gather(data: &Dataset, keep: &[usize], positions: &[usize]) -> Rows {
    let rows: Vec<usize> = positions.iter().map(|&position| keep[position]).collect();
    Rows { x: data.x.select(Axis(0), &rows), y: rows.iter().map(|&row| data.y[row]).collect() }
}

fn context(task: &Task, purpose: Purpose) -> Context {
    let key = format!("scaling|{}|{}", task.subject.name, task.subject.backend);
    Context { seed: derive(u64::from(task.seed), purpose, &key) }
}

fn resampling(clock: &mut Clock<'_>, task: &Task, train: &Rows) -> Result<()> {
    let entry = find("resampler", Registry::built_in().resamplers(), &task.subject.name, Some(&task.subject.backend))?;
    let resampler = entry.build(&toml::Table::new(), &Registry::built_in())?.component;
    let context = context(task, Purpose::Resample);
    clock.stage("resample", || resampler.resample(&Train::numbers(train.x.view(), &train.y), &context).map(drop))
}

fn scaling(clock: &mut Clock<'_>, id: &str, names: [&str; 2], train: &mut Rows, test: &mut Rows) -> Result<()> {
    let scaler = Registry::built_in().scaler(id)?.build(&toml::Table::new(), &Registry::built_in())?.component;
    let fitted = clock.stage(names[0], || scaler.fit(train.x.view()))?;
    clock.stage(names[1], || {
        for part in [train, test] {
            part.x = fitted.transform(std::mem::take(&mut part.x))?;
        }
        Ok(())
    })
}

fn classifying(clock: &mut Clock<'_>, task: &Task, train: &Rows, test: &Rows) -> Result<Option<f64>> {
    let entry = Registry::built_in().classifier(&task.subject.name, Some(&task.subject.backend))?;
    let classifier = entry.build(&toml::Table::new(), &Registry::built_in())?.component;
    let context = context(task, Purpose::Classify);
    let model = clock.stage("fit", || classifier.fit(&Train::numbers(train.x.view(), &train.y), &context))?;
    let prediction = clock.stage("predict", || model.predict(test.x.view()))?;
    // All metrics, as a cell of a study has them; one is kept, to see that the task is neither trivial nor hopeless.
    let scores = clock.stage("score", || {
        let scored = Scored::new(&test.y, &prediction)?;
        Ok(Registry::built_in()
            .metrics_of_any_data()
            .map(|metric| (metric.id, metric.score(&scored)))
            .collect::<Vec<_>>())
    })?;
    Ok(scores.iter().find(|(id, _)| *id == "pr-auc").and_then(|(_, score)| score.value()))
}

#[cfg(test)]
mod tests {
    use super::super::point::Subject;
    use super::*;

    fn task(kind: SubjectKind, name: &str, rows: usize) -> Task {
        let subject = Subject::find(kind, name).unwrap();
        Task { subject, rows, positives: 0.05, columns: 6, seed: 3, threads: 1 }
    }

    #[test]
    fn each_kind_has_its_stages() {
        for (kind, name, own) in [
            (SubjectKind::Family, "decision-tree", &["scale-fit", "scale-transform", "fit", "predict", "score"][..]),
            (SubjectKind::Scaler, "robust", &["fit", "transform"]),
            (SubjectKind::Resampler, "tomek-links", &["resample"]),
        ] {
            let mut begun = Vec::new();
            let measured = measure(&task(kind, name, 2_000), &mut |stage| begun.push(stage.to_owned())).unwrap();
            let stages: Vec<&str> = measured.stages.iter().map(|stage| stage.name.as_str()).collect();
            assert_eq!(stages, [&["simulate", "dedup", "split", "gather"], own].concat());
            assert_eq!(stages, begun);
            let rows = measured.train_rows + measured.test_rows + measured.duplicate_rows;
            assert!(rows == 2_000 && measured.test_rows.abs_diff(measured.train_rows / 4) <= 1, "{measured:?}");
            assert_eq!(measured.pr_auc.is_some(), kind == SubjectKind::Family);
        }
    }

    #[test]
    fn too_few_positives_are_told_as_the_split_tells_them() {
        let few = Task { positives: 0.001, ..task(SubjectKind::Family, "prior", 1_000) };
        let said = measure(&few, &mut |_| ()).unwrap_err().to_string();
        assert!(said.contains("each class needs 2 rows or more"), "{said}");
    }
}
