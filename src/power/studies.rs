//! From a study over `normal` data to the same study on many draws of it.

use std::path::Path;

use toml::{Table, Value};

use crate::component::Registry;
use crate::data::{Dataset, Deduplicated};
use crate::error::{Error, Result};
use crate::harness;
use crate::metric::Better;
use crate::run::{self, Displays};
use crate::simulate::Normal;
use crate::study::{DataSource, Study};

/// A study file whose draws can be made.
#[derive(Debug)]
pub struct Studies {
    /// The study's title.
    pub title: String,
    /// The metric that ranks.
    pub primary: String,
    /// Which of its values are better.
    pub better: Better,
    /// The protocol in words.
    pub protocol: String,
    /// The classifier.
    pub classifier: String,
    file: String,
    table: Table,
    designs: Vec<Design>,
}

/// A data set of the study.
#[derive(Debug, Clone, PartialEq)]
pub struct Design {
    /// Its name.
    pub name: String,
    /// What is drawn.
    pub data: Normal,
}

impl Studies {
    /// Reads a study.
    ///
    /// # Errors
    /// [`Error::Study`] where its data are not simulated as `normal`, differ in their columns or have a single one, or its pipelines
    /// differ in anything but their column; what [`Study::read`] refuses.
    pub fn read(file: &Path, registry: &Registry) -> Result<Self> {
        let study = Study::read(file, registry)?;
        let refused = |said: String| Error::Study(format!("{}: {said}", study.file));
        let design = |spec: &crate::study::DataSpec| match &spec.source {
            DataSource::Normal(data) => Ok(Design { name: spec.name.clone(), data: *data }),
            _ => Err(refused(format!(
                "the truth of `{}` is not known: write `simulate = {{ kind = \"normal\", positives = 50 }}`",
                spec.name
            ))),
        };
        let designs = study.data.iter().map(design).collect::<Result<Vec<Design>>>()?;
        let table: Table = study.text.parse().map_err(|e| refused(format!("{e}")))?;
        let faults = faults(&study, &designs, &table);
        if !faults.is_empty() {
            return Err(refused(faults.join("; ")));
        }
        Ok(Studies {
            title: study.title.clone(),
            primary: study.primary.id.to_owned(),
            better: study.primary.better,
            protocol: study.protocol.words(),
            classifier: study.classifiers[0].name.clone(),
            file: study.file,
            designs,
            table,
        })
    }

    /// Makes the data of the first draw and splits them, as every draw's will be, and fits nothing.
    ///
    /// # Errors
    /// What a run of the study would end with before its first cell.
    pub fn check(&self, registry: &Registry) -> Result<()> {
        let study = self.batch(0, 1, registry)?;
        // Nothing is written there.
        let opened = harness::begin(study, "", Path::new(""))?.open(&mut Displays::default())?;
        let split = |(data, dedup): &(Dataset, Deduplicated)| {
            run::Table::new(opened.study(), data, dedup.keep.clone()).map(|_| ())
        };
        opened.tables().iter().try_for_each(split)
    }

    /// The data sets, in the study's order.
    pub fn designs(&self) -> &[Design] {
        &self.designs
    }

    /// The study on draws `first` and so on, `draws` of them: every data set with the next seeds, a pipeline a column. Data sets
    /// are those of the first draw, then those of the next.
    ///
    /// # Errors
    /// [`Error::Study`] where the study cannot be made so.
    pub fn batch(&self, first: usize, draws: usize, registry: &Registry) -> Result<Study> {
        let mut table = self.table.clone();
        let data = (first..first + draws).flat_map(|draw| self.designs.iter().map(move |design| of_draw(design, draw)));
        table.insert("data".into(), Value::Array(data.collect()));
        let columns = self.designs.first().map_or(0, |design| design.data.columns);
        if let Some(grid) = table.get_mut("grid").and_then(Value::as_table_mut) {
            grid.insert("selects".into(), Value::Array((1..=columns).map(select).collect()));
        }
        let text = toml::to_string(&table).map_err(|e| Error::Study(format!("{}: {e}", self.file)))?;
        Study::parse(&text, &self.file, Path::new("."), registry)
    }
}

/// Why the pipelines of a study would not differ in their column alone, all of it.
fn faults(study: &Study, designs: &[Design], table: &Table) -> Vec<String> {
    let mut faults = Vec::new();
    if designs.iter().any(|design| design.data.columns != designs[0].data.columns) {
        faults.push("all data sets need as many `columns`: a pipeline sees one of them".to_owned());
    }
    if designs.iter().any(|design| design.data.columns < 2) {
        faults.push("`columns = 1` leaves nothing to compare: write 2 or more".to_owned());
    }
    let several = [
        ("classifier", study.classifiers.len()),
        ("imputer", study.imputers.len()),
        ("resampler", study.resamplers.len()),
        ("encoder", study.encoders.len()),
        ("scaler", study.scalers.len()),
        ("value of `dedup`", study.dedup.len()),
        ("protocol in `leaks`", study.leaks.len()),
    ];
    let several: Vec<String> = several
        .into_iter()
        .filter(|(_, many)| *many != 1)
        .map(|(what, many)| format!("one {what}, not {many}"))
        .collect();
    if !several.is_empty() {
        faults.push(format!("name {}: pipelines differ in their column", several.join(", ")));
    }
    if table.get("grid").and_then(|grid| grid.get("selects")).is_some() {
        faults.push("leave out `selects`: the pipelines are made of the columns, one each".to_owned());
    }
    faults
}

fn table<const N: usize>(pairs: [(&str, Value); N]) -> Table {
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

fn of_draw(Design { name, data }: &Design, draw: usize) -> Value {
    let simulate = table([
        ("kind", "normal".into()),
        ("rows", Value::Integer(data.rows as i64)),
        ("positives", Value::Integer(data.positives as i64)),
        ("columns", Value::Integer(data.columns as i64)),
        ("separation", data.separation.into()),
        ("lead", data.lead.into()),
        ("correlation", data.correlation.into()),
        ("seed", Value::Integer(data.seed as i64 + draw as i64)),
    ]);
    Value::Table(table([("name", format!("{name}-draw-{draw}").into()), ("simulate", simulate.into())]))
}

fn select(column: usize) -> Value {
    let name = format!("x{column}");
    let params = table([("columns", Value::Array(vec![name.clone().into()]))]);
    Value::Table(table([("name", name.into()), ("id", "columns".into()), ("params", params.into())]))
}
