//! `fraudbench list`: a study's cells, every component, or one.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::folded::Folded;
use super::progress::duration;
use super::{component, say};
use crate::analyze::leaderboard::distinct;
use crate::cell::axis::{Axis, of_pipelines};
use crate::cell::{Cell, CellId, Filter, Plan};
use crate::component::{Entry, Registry};
use crate::data::{Role, TableFacts};
use crate::error::{Error, Result, unknown, unknown_but};
use crate::harness::{self, Outlook};
use crate::os::columns;
use crate::run::{Foreseen, estimate};
use crate::study::{DataSource, Study};
use crate::words::{count, counted, harmless};

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  fraudbench list\n  fraudbench list random-forest\n  fraudbench list experiments/ruchay-2023.toml\n  \
                        fraudbench list experiments/ruchay-2023.toml --cells --filter family=svc,fold=0"
)]
pub struct Arguments {
    /// A study file, or the name of a component, a split or a metric; without it, all of these are listed (data sets: `fraudbench data list`)
    study: Option<PathBuf>,
    /// Print each cell before the summary, a line each
    #[arg(long)]
    cells: bool,
    /// Take only the cells that fit: key=value,... (the same key again: either value)
    #[arg(long, value_name = "KEY=VALUE,...", default_value = "")]
    filter: String,
    /// Threads for the time estimate
    #[arg(long, value_name = "N", default_value_t = crate::run::default_threads())]
    threads: usize,
}

pub fn main(arguments: &Arguments, registry: &Registry) -> Result<u8> {
    let mut out = Folded::new(io::BufWriter::new(say::Output), columns());
    let written = match &arguments.study {
        // A file of that name is meant before a component; a folder is no study.
        Some(study) if study.exists() && !study.is_dir() => list_study(&mut out, study, arguments, registry)?,
        Some(study) => match component::print(&mut out, &study.to_string_lossy(), registry)? {
            Ok(false) => {
                refuse_unknown(study, registry)?;
                list_study(&mut out, study, arguments, registry)?
            }
            printed => printed.map(drop),
        },
        None => list_components(&mut out, registry),
    };
    // That it failed is known where standard output is written.
    let _ = written.and_then(|()| out.flush());
    Ok(0)
}

/// Refuses what is no path and no component's name either, such as a misspelt one; else it is taken for a study file.
fn refuse_unknown(given: &Path, registry: &Registry) -> Result<()> {
    let name = given.to_string_lossy();
    if given.exists() || name.ends_with(".toml") || name.contains(['/', std::path::MAIN_SEPARATOR]) {
        return Ok(());
    }
    fn ids<T: ?Sized>(entries: &[&'static Entry<T>]) -> Vec<String> {
        entries.iter().filter(|entry| !entry.is_hidden).map(|entry| entry.id.to_owned()).collect()
    }
    let known = [
        ids(registry.imputers()),
        ids(registry.resamplers()),
        ids(registry.encoders()),
        ids(registry.scalers()),
        ids(registry.selects()),
        ids(registry.classifiers()),
        ids(registry.splits()),
        registry.metrics().iter().map(|metric| metric.shown()).collect(),
    ];
    let known = distinct(known.into_iter().flatten());
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let study = format!("{name}.toml");
    let what = "component or study file";
    Err(Error::Usage(match Path::new(&study).is_file() {
        true => unknown_but(what, &name, &known, Some(format!("`{study}`"))),
        false => unknown(what, &name, &known),
    }))
}

fn list_study(
    out: &mut Folded<impl Write>,
    path: &Path,
    arguments: &Arguments,
    registry: &Registry,
) -> Result<io::Result<()>> {
    let study = Study::read(path, registry)?;
    let filter = Filter::parse(&arguments.filter)?;
    // Before the data are read: a study or a filter that is wrong is told at once.
    Plan::of(&study, &[], &filter)?;
    // Roles of other tables are not in the study alone: those of simulated ones are looked at with their columns.
    let lacking = study.data.iter().filter(|spec| matches!(spec.source, DataSource::Files(_))).filter_map(|spec| {
        let given: Vec<Role> = spec.options.roles().map(|(role, _)| role).collect();
        study.protocol.check_roles(&spec.name, &given).err()
    });
    if let Some(e) = Error::all(lacking.collect()) {
        return Err(e);
    }
    let mut told = Vec::new();
    let tables: Vec<Result<Outlook>> =
        (0..study.data.len()).map(|data| harness::outlook(&study, data, &filter, &mut told)).collect();
    let mut foreseen = Foreseen::default();
    let of =
        |table: &Result<Outlook>| table.as_ref().map_or_else(|_| Foreseen::unknown(), |table| table.foreseen.clone());
    tables.iter().for_each(|table| foreseen.extend(of(table)));
    let lacks: Option<Vec<_>> = tables.iter().map(|table| table.as_ref().ok()?.lacks.as_ref()).collect();
    let no_metrics = lacks.and_then(|lacks| study.check_metrics(&lacks).err());
    let known: Option<Vec<&Outlook>> = tables.iter().map(|table| table.as_ref().ok()).collect();
    let facts: Vec<Option<&TableFacts>> = tables.iter().map(|table| table.as_ref().ok()?.facts.as_ref()).collect();
    let plan = match Plan::of_known(&study, &facts, &filter) {
        Ok(plan) => plan,
        // A run stops at a table that it cannot read before it plans.
        Err(e) => return Err(Error::all(tables.into_iter().filter_map(Result::err).collect()).unwrap_or(e)),
    };
    let cells: Vec<&Cell> = plan.cells.iter().collect();
    let too_much = known.as_ref().and_then(|known| harness::check_known(&study, known, &cells).err());
    let written = (|| {
        if arguments.cells {
            let several = study.data.len() > 1;
            plan.cells.iter().try_for_each(|cell| out.whole(&harmless(&cell.id.named(several))))?;
        }
        summary(out, &study, &plan, (&tables, distinct(told)))?;
        if let Some(known) = &known {
            let sizes: Vec<(usize, usize)> = known.iter().map(|table| (table.rows, table.columns)).collect();
            let beside = estimate::BESIDE * plan.cells.len() as f64;
            let all = estimate::plan_seconds(&study, &plan, &sizes) + beside;
            let seconds = all / arguments.threads.max(1) as f64;
            let threads = counted(arguments.threads as u64, "thread");
            line(out, "time", &format!("about {} on {threads} (a rough estimate)", duration(seconds)))?;
        }
        Ok(())
    })();
    // The tables that cannot be read, and what none of them or some cells can have, after all that is known without them.
    let unread = tables.into_iter().filter_map(Result::err);
    match Error::all(unread.chain(foreseen.refused(&study.file)).chain(no_metrics).chain(too_much).collect()) {
        Some(e) if written.is_ok() => {
            let _ = out.flush();
            Err(e)
        }
        _ => Ok(written),
    }
}

fn line(out: &mut impl Write, what: &str, said: &str) -> io::Result<()> {
    writeln!(out, "{what:<10} {}", harmless(said))
}

/// What the study is about, and how much it is; `told` are the notes of how its tables were read.
fn summary(
    out: &mut impl Write,
    study: &Study,
    plan: &Plan,
    (tables, told): (&[Result<Outlook>], Vec<String>),
) -> io::Result<()> {
    line(out, "study", &format!("{}: {}", study.name, study.title))?;
    for (spec, table) in study.data.iter().zip(tables) {
        let said = match table {
            Err(Error::Study(_)) => "does not fit the study, see below".to_owned(),
            Err(_) => "cannot be read, see below".to_owned(),
            Ok(table) => {
                let positives = table.positives.map_or_else(String::new, |n| {
                    format!(", {} positive ({:.4}%)", count(n as u64), 100.0 * n as f64 / table.rows.max(1) as f64)
                });
                let columns = counted(table.columns as u64, "feature column");
                let note = table.note.as_ref().map_or_else(String::new, |note| format!("; {note}"));
                let about = if table.about { "about " } else { "" };
                format!("{about}{}{positives}, {columns}{note}", counted(table.rows as u64, "row"))
            }
        };
        line(out, "data", &format!("{}: {said}", spec.name))?;
    }
    let splits = counted(study.protocol.numbers().len() as u64, "split");
    line(out, "protocol", &format!("{}: {splits}", study.protocol.words()))?;
    for (spec, table) in study.data.iter().zip(tables) {
        let of = if study.data.len() > 1 { format!("{}: ", spec.name) } else { String::new() };
        for said in table.iter().flat_map(|table| &table.refused) {
            line(out, "no split", &format!("{of}{said}"))?;
        }
    }
    for axis in of_pipelines() {
        let values = distinct(plan.cells.iter().map(|cell| axis.value(&cell.id).to_string()));
        // What is the same everywhere and goes without saying is no axis of this study.
        if values.len() > 1
            || axis.id == "classifier"
            || plan.cells.iter().any(|cell| !goes_without_saying(axis, &cell.id))
        {
            line(out, axis.id, &format!("{}: {}", values.len(), values.join(", ")))?;
        }
    }
    for said in plan.left_out() {
        line(out, "left out", &said)?;
    }
    let of_rows = tables.iter().flatten().flat_map(|table| table.foreseen.notes().iter().cloned());
    for said in study.notes().into_iter().chain(told).chain(of_rows) {
        line(out, "note", &said)?;
    }
    if let Some(said) = super::limits::starts(study) {
        line(out, "starts", &said)?;
    }
    let (pipelines, baselines) = plan.pipelines(study);
    let baseline = if baselines == 0 { String::new() } else { format!(" and {baselines} of the baseline `prior`") };
    let pipelines = counted(pipelines as u64, "pipeline");
    line(out, "in all", &format!("{pipelines}{baseline}, {}", counted(plan.cells.len() as u64, "cell")))
}

fn goes_without_saying(axis: &Axis, cell: &CellId) -> bool {
    axis.is_default(cell)
        || matches!(
            (axis.id, axis.value(cell).to_string().as_str()),
            ("dedup", "off") | ("resampler" | "scaler", "none")
        )
}

fn list_components(out: &mut impl Write, registry: &Registry) -> io::Result<()> {
    entries(out, "Imputers", registry.imputers())?;
    entries(out, "Resamplers", registry.resamplers())?;
    entries(out, "Encoders", registry.encoders())?;
    entries(out, "Scalers", registry.scalers())?;
    entries(out, "Selects", registry.selects())?;
    entries(out, "Classifier families and their backends (the first is the default)", registry.classifiers())?;
    entries(out, "Splits", registry.splits())?;
    writeln!(out, "Metrics")?;
    let width = column(registry.metrics().iter().map(|metric| metric.shown().chars().count()));
    for metric in registry.metrics() {
        writeln!(out, "  {:<width$} {}", metric.shown(), metric.about)?;
    }
    writeln!(out, "\nData sets: see `fraudbench data list`")
}

fn entries<T: ?Sized>(out: &mut impl Write, title: &str, catalogue: &[&Entry<T>]) -> io::Result<()> {
    writeln!(out, "{title}")?;
    let shown = || catalogue.iter().filter(|entry| !entry.is_hidden);
    let width = column(shown().map(|entry| entry.id.len()));
    for entry in shown() {
        writeln!(out, "  {:<width$} {:<10} {}", entry.id, entry.backend, entry.about)?;
    }
    writeln!(out)
}

/// The width of a column of names: the widest one's, and not less than other columns have.
fn column(widths: impl Iterator<Item = usize>) -> usize {
    widths.fold(22, usize::max)
}
