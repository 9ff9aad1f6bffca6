//! From a study over `normal` data to the same study on many draws of it.

use std::path::Path;

use toml::{Table, Value};

use crate::component::Registry;
use crate::error::{Error, Result};
use crate::simulate::Normal;
use crate::study::{DataSource, Study};

/// A study file whose draws can be made.
#[derive(Debug)]
pub struct Studies {
    /// The study's title.
    pub title: String,
    /// The metric that ranks.
    pub primary: String,
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
    /// [`Error::Study`] where its data are not simulated as `normal`, differ in their columns, or it has other than one classifier or any
    /// `selects`; [`Error::Io`].
    pub fn read(file: &Path, registry: &Registry) -> Result<Self> {
        let text = std::fs::read_to_string(file).map_err(|e| Error::io("read", file, e))?;
        let name = file.display().to_string();
        let study = Study::parse(&text, &name, Path::new("."), registry)?;
        let refused = |said: String| Error::Study(format!("{name}: {said}"));
        let design = |spec: &crate::study::DataSpec| match &spec.source {
            DataSource::Normal(data) => Ok(Design { name: spec.name.clone(), data: *data }),
            _ => Err(refused(format!(
                "the truth of `{}` is not known: write `simulate = {{ kind = \"normal\", positives = 50 }}`",
                spec.name
            ))),
        };
        let designs = study.data.iter().map(design).collect::<Result<Vec<Design>>>()?;
        if designs.iter().any(|design| design.data.columns != designs[0].data.columns) {
            return Err(refused("all data sets need as many `columns`: a pipeline sees one of them".into()));
        }
        let table: Table = text.parse().map_err(|e| refused(format!("{e}")))?;
        let has_selects = table.get("grid").and_then(|grid| grid.get("selects")).is_some();
        let [classifier] = &study.classifiers[..] else {
            return Err(refused(format!(
                "name one classifier, not {}: pipelines differ in their column",
                study.classifiers.len()
            )));
        };
        if has_selects {
            return Err(refused("leave out `selects`: the pipelines are made of the columns, one each".into()));
        }
        Ok(Studies {
            title: study.title.clone(),
            primary: study.primary.id.to_owned(),
            protocol: study.protocol.words(),
            classifier: classifier.name.clone(),
            file: name,
            designs,
            table,
        })
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
