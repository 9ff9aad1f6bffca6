//! `fraudbench try`: a table that nobody has described, its first study and who won, within a minute.

use std::path::PathBuf;

use super::audit::{separating, tell};
use super::init::{Columns, write};
use super::limits;
use super::progress::Progress;
use super::run::{close, end, reading_for, stop_on_interrupt, threads};
use crate::component::Registry;
use crate::error::Result;
use crate::harness::{self, How};
use crate::run::{Displays, default_threads};
use crate::study::Study;
use crate::words::quoted_path;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  fraudbench try my.csv\n  fraudbench try my.parquet --label fraud --positive yes --time booked\n  \
                        fraudbench try my.csv --time none --ignore comment\n\n\
                        Looks at the columns, says what it takes them for, and runs a few fast families on splits that fit: in time \
                        where a column says when, by group where one says whose. It also tells columns that alone separate the \
                        classes, which may be leaks. What it ran is left as a commented study to edit."
)]
pub struct Arguments {
    /// A CSV (also .gz, .zst) or Parquet file, or a folder of Parquet files
    file: PathBuf,
    #[command(flatten)]
    columns: Columns,
    /// The study file to write [default: FILE's name with .toml, in this folder]
    #[arg(long, value_name = "STUDY")]
    study: Option<PathBuf>,
    /// The new results directory [default: runs/STUDY]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Threads in all
    #[arg(long, value_name = "N", default_value_t = default_threads(), value_parser = threads)]
    threads: usize,
    #[command(flatten)]
    limits: limits::Arguments,
}

pub fn main(arguments: &Arguments, registry: &Registry) -> Result<u8> {
    let written = write(&arguments.file, &arguments.columns, arguments.study.as_deref(), arguments.threads, registry)?;
    // From here on it is a run of that file, so that the file runs again what was tried. Its keys are nobody's yet.
    let study = Study::read(&written.path, registry)?.with_keys_as_options();
    let path = arguments.out.clone().unwrap_or_else(|| PathBuf::from("runs").join(&written.name));
    let limits = arguments.limits.decide(&study.limits, arguments.threads, 1);
    let mut progress = Progress::new();
    let mut displays = Displays::new(vec![&mut progress]);
    let planned = harness::begin(study, "", &path)?;
    reading_for(&planned);
    let opened = planned.check_place()?.open(&mut displays)?;
    // While the table is in memory. It is told at the end, beside the scores that it explains.
    let leaks = separating(&opened, arguments.threads)?;
    let how = How { limits: Some(limits), live_page: true, stop: stop_on_interrupt(), ..How::default() };
    let done = close(opened.work(&how, &mut displays)?, &how.stop)?;
    let code = end(&done, &how, &displays, &arguments.limits.given());
    let study = quoted_path(&written.path);
    tell(&leaks);
    if !leaks.is_empty() {
        show!(
            "Do not believe these scores before you know when such a column is filled in. One that is filled in after the fraud was found \
             is no feature: put it into `ignore` in {}.",
            written.path.display()
        );
    }
    show!("To look for leaks: fraudbench audit {study} --inspect");
    show!("To go on: edit {}, then fraudbench run {study} --out NEW-DIRECTORY", written.path.display());
    Ok(code)
}
