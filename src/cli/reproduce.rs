//! `fraudbench reproduce`: a published paper's claims and figures, measured anew.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::progress::Progress;
use super::run::{INTERRUPTED, after_cells, check_threads, close, end, positive, stop_on_interrupt, threads};
use super::whose::{refuse_others, refuse_run};
use super::{audit, limits, part_filter, results};
use crate::analyze::Results;
use crate::cell::{Filter, Plan};
use crate::component::Registry;
use crate::error::{Error, Result};
use crate::harness::{self, How};
use crate::papers::all::Reproduced;
use crate::papers::report::{Source, write_all};
use crate::papers::{self, Evidence, PAPERS, Paper, Part};
use crate::report::{inspection, write_files};
use crate::run::{Displays, default_threads};
use crate::store::{MANIFEST_FILE, enter_reports};
use crate::study::Study;
use crate::words::counted;

#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("what").args(["paper", "all"]),
          after_help = "Examples:\n  fraudbench reproduce\n  fraudbench reproduce ruchay-2023\n  \
                        fraudbench reproduce ruchay-2023 --filter family=random-forest,family=xgboost --out runs/two-families\n  \
                        fraudbench reproduce ruchay-2023 --part audit=runs/ruchay-2023-audit --part cross-validation=runs/ruchay-2023\n  \
                        fraudbench reproduce ruchay-2023 --report-only\n  \
                        fraudbench reproduce --all --report-only --out results\n\n\
                        Without a paper: lists the papers with their parts, what each needs and what it takes. With one: runs each \
                        part as a results directory in DIR, measures what the paper says of the data, and writes report.html, \
                        reproduction.md, reproduction.tex, claims.csv and charts/ into DIR. The same command again resumes where \
                        it was stopped. With --all: every paper in turn, each in DIR/PAPER-reproduction, and one page of all \
                        verdicts, DIR/reproductions.html.")]
pub struct Arguments {
    /// The paper, such as ruchay-2023; without it, all papers are listed
    paper: Option<String>,
    /// Every paper in turn, and one page of all their claims
    #[arg(long, conflicts_with_all = ["paper", "filter", "part"])]
    all: bool,
    /// The folder of report and parts; parts that were already started are resumed [default: runs/PAPER-reproduction; with --all: runs]
    #[arg(long, requires = "what", value_name = "DIR")]
    out: Option<PathBuf>,
    /// Run only the cells that fit, as `run` does; parts without any are left out, and one that is an audit is always whole
    #[arg(long, requires = "what", value_name = "KEY=VALUE,...", default_value = "", conflicts_with = "report_only")]
    filter: String,
    /// Read the results directory DIR instead of running the part NAME; can be given once per part
    #[arg(long, requires = "what", value_name = "NAME=DIR", value_parser = named)]
    part: Vec<(String, PathBuf)>,
    /// Run the long parts too; without it they are only read, where DIR has them
    #[arg(long, requires = "what")]
    long: bool,
    /// Run and count nothing: report what is there, without the data
    // No cell is run that the others could be about.
    #[arg(long, requires = "what",
          conflicts_with_all = ["long", "threads", "cell_threads", "cell_seconds", "cell_memory", "memory", "retries", "in_process"])]
    report_only: bool,
    /// Threads in all
    #[arg(long, requires = "what", value_name = "N", default_value_t = default_threads(), value_parser = threads)]
    threads: usize,
    /// Threads per cell (while enough cells are left); threads / cell-threads cells run side by side
    #[arg(long, requires = "what", value_name = "N", default_value_t = 1, value_parser = positive)]
    cell_threads: usize,
    #[command(flatten)]
    limits: limits::Arguments,
}

fn named(text: &str) -> Result<(String, PathBuf), String> {
    let (name, directory) = text.split_once('=').ok_or("write NAME=DIR, such as audit=runs/ruchay-2023-audit")?;
    Ok((name.to_owned(), PathBuf::from(directory)))
}

/// A part that is to be run.
struct Planned {
    part: &'static Part,
    planned: harness::Planned,
}

impl Arguments {
    /// The directory that is read instead of running `part`.
    fn given(&self, part: &Part) -> Option<&Path> {
        self.part.iter().find(|(name, _)| name == part.name).map(|(_, directory)| directory.as_path())
    }

    /// Refuses parts that the paper does not have, and those that are given twice.
    fn check_parts(&self, paper: &Paper) -> Result<()> {
        let mut twice = Vec::new();
        for (place, (name, directory)) in self.part.iter().enumerate() {
            paper.part(name)?;
            if let Some((_, first)) = self.part[..place].iter().find(|(other, _)| other == name) {
                twice.push(format!("{name}={} and {name}={}", first.display(), directory.display()));
            }
        }
        match twice.is_empty() {
            true => Ok(()),
            false => Err(Error::Usage(format!("--part can be given once per part, not as {}", twice.join(", ")))),
        }
    }

    fn source(&self, part: &'static Part, out: &Path) -> Source {
        let directory = self.given(part).map_or_else(|| out.join(part.name), Path::to_owned);
        Source { part, directory }
    }
}

pub fn main(arguments: &Arguments, registry: &Registry) -> Result<u8> {
    check_threads(arguments.threads, arguments.cell_threads)?;
    if arguments.all {
        return all(arguments, registry);
    }
    let Some(name) = &arguments.paper else {
        if arguments.limits.is_given() {
            return Err(Error::Usage(
                "without a paper the papers are listed, and nothing is run: name one, or give --all".into(),
            ));
        }
        return list(registry);
    };
    let paper = papers::find(PAPERS, name)?;
    arguments.check_parts(paper)?;
    let default = Path::new("runs").join(folder(paper));
    let out = arguments.out.as_deref().unwrap_or(&default);
    refuse_others(out, paper, registry)?;
    Ok(one(arguments, (paper, registry), out)?.0)
}

/// The folder of a paper's report and parts.
fn folder(paper: &Paper) -> String {
    format!("{}-reproduction", paper.name)
}

/// Reproduces a paper in `out`: the exit code, and what was measured, unless it was interrupted.
fn one(
    arguments: &Arguments,
    (paper, registry): (&'static Paper, &Registry),
    out: &Path,
) -> Result<(u8, Option<Evidence>)> {
    let sources: Vec<Source> = paper.parts.iter().map(|part| arguments.source(part, out)).collect();
    // Whatever is wrong with a directory that is only read is said before hours of work.
    for source in sources.iter().filter(|source| arguments.given(source.part).is_some()) {
        read(source, registry)?;
    }
    let mut code = 0;
    if !arguments.report_only {
        code = work(arguments, (paper, registry), out, &sources)?;
        if code == INTERRUPTED {
            return Ok((code, None));
        }
    }
    let evidence = evidence(arguments, (paper, registry), out, &sources)?;
    enter_reports(out)?;
    write_all(paper, &evidence, &sources, out)?;
    after_cells(format!("stopped after the report on the paper {}", paper.name));
    show!("{}", out.join("report.html").display());
    Ok((code, Some(evidence)))
}

/// Reproduces every paper and writes one page of all. With `--report-only` a paper that was never run is on it as not measured.
fn all(arguments: &Arguments, registry: &Registry) -> Result<u8> {
    let out = arguments.out.as_deref().unwrap_or(Path::new("runs"));
    refuse_run(out)?;
    // Among other runs the report has names of its own.
    if arguments.out.is_some() {
        enter_reports(out)?;
    }
    // A folder of the paper's bare name is as good, where there is one: a run of a study that is called so is none.
    let is_there = |name: &str| out.join(name).is_dir();
    let is_its = |paper: &Paper| refuse_others(&out.join(paper.name), paper, registry).is_ok();
    let known =
        |paper: &&Paper| Some(paper.name).filter(|name| is_there(name) && !is_there(&folder(paper)) && is_its(paper));
    let folders: Vec<String> =
        PAPERS.iter().map(|paper| known(paper).map_or_else(|| folder(paper), str::to_owned)).collect();
    // Before hours of work on the first.
    for (paper, folder) in PAPERS.iter().zip(&folders) {
        refuse_others(&out.join(folder), paper, registry)?;
    }
    let (mut worst, mut reproduced) = (0, Vec::new());
    for (&paper, folder) in PAPERS.iter().zip(&folders) {
        let own = out.join(folder);
        let evidence = if arguments.report_only && !own.is_dir() {
            None
        } else {
            say!("{}", paper.title);
            let (code, evidence) = one(arguments, (paper, registry), &own)?;
            if code == INTERRUPTED {
                return Ok(code);
            }
            worst = worst.max(code);
            evidence
        };
        reproduced.push(Reproduced { paper, evidence, folder });
    }
    if reproduced.iter().all(|of| of.evidence.is_none()) {
        return Err(Error::Store(format!(
            "{} holds no reproduction, which would be a folder such as {}: run it without --report-only",
            out.display(),
            folders.first().map_or("", String::as_str)
        )));
    }
    papers::all::write(&reproduced, out)?;
    show!("{}", out.join("reproductions.html").display());
    Ok(worst)
}

/// Every paper with its parts, what they need and what they take.
fn list(registry: &Registry) -> Result<u8> {
    for paper in PAPERS {
        show!("{}: {}", paper.name, paper.citation);
        show!("  measures {}", counted(paper.claims.len() as u64, "claim"));
        for part in paper.parts {
            let study = part.study(registry)?;
            let cells = Plan::of(&study, &[], &Filter::default())?.cells.len();
            let cells = counted(cells as u64, "cell");
            let data = part.data;
            let long = if part.is_long { "; only with --long" } else { "" };
            show!(
                "  part {}: {}; {cells} on the data set `{}`, {}{long}",
                part.name,
                part.about,
                data.name(),
                data.needs()
            );
        }
        show!("  takes {}", paper.takes);
    }
    Ok(0)
}

/// Measures the data and runs the parts that are not given; returns the exit code.
fn work(arguments: &Arguments, (paper, registry): (&Paper, &Registry), out: &Path, sources: &[Source]) -> Result<u8> {
    let is_asked = |part: &Part| arguments.long || !part.is_long;
    let own = sources.iter().filter(|source| arguments.given(source.part).is_none() && is_asked(source.part));
    let own = filtered(own.collect(), &arguments.filter, registry)
        .map_err(|e| only_long(arguments, paper, registry).unwrap_or(e))?;
    let parts: Vec<Planned> =
        own.iter().map(|(source, filter)| plan(source, filter, registry)).collect::<Result<_>>()?;
    enter_reports(out)?;
    probe(arguments, (paper, registry), out)?;
    let stop = stop_on_interrupt();
    let mut worst = 0;
    for part in parts {
        say!("{} in {}", part.part.name, part.planned.directory().display());
        let name = part.part.name;
        let code = run(part, (arguments, registry), Arc::clone(&stop))?;
        if code == INTERRUPTED {
            say!("stopped in the part {name}; the same command goes on with it and with the next");
            return Ok(code);
        }
        worst = worst.max(code);
    }
    after_cells(
        "stopped after the cells, before the report was written; to write it: the same command with --report-only"
            .into(),
    );
    Ok(worst)
}

/// The parts of which the filter takes a cell, each with what it has of the filter; those that it takes none of are said. An audit is
/// always whole: it has a family and components of its own, which a filter of the grid does not know.
fn filtered<'s>(sources: Vec<&'s Source>, filter: &str, registry: &Registry) -> Result<Vec<(&'s Source, String)>> {
    let grids = sources.iter().map(|source| source.part).filter(|part| !part.is_audit);
    let grids: Vec<(&str, Study)> = grids.map(|part| Ok((part.name, part.study(registry)?))).collect::<Result<_>>()?;
    let mut filters = part_filter::of_parts(filter, &grids)?.into_iter();
    let (mut taken, mut left_out) = (Vec::new(), Vec::new());
    for source in sources {
        match if source.part.is_audit { Some(String::new()) } else { filters.next().flatten() } {
            Some(own) => taken.push((source, own)),
            None => left_out.push(source.part.name),
        }
    }
    if !left_out.is_empty() {
        say!("--filter takes no cell of these parts, which are not run: {}", left_out.join(", "));
    }
    Ok(taken)
}

/// That a filter asks for what only long parts have, where nobody asked for these; none where they do not have it either.
fn only_long(arguments: &Arguments, paper: &Paper, registry: &Registry) -> Option<Error> {
    if arguments.long {
        return None;
    }
    let parts: Vec<&Part> =
        paper.parts.iter().filter(|part| !part.is_audit && arguments.given(part).is_none()).collect();
    let grids: Vec<(&str, Study)> =
        parts.iter().map(|part| Some((part.name, part.study(registry).ok()?))).collect::<Option<_>>()?;
    let filters = part_filter::of_parts(&arguments.filter, &grids).ok()?;
    let is_meant = |(part, own): &(&&Part, Option<String>)| part.is_long && own.is_some();
    let long: Vec<&str> = parts.iter().zip(filters).filter(is_meant).map(|(part, _)| part.name).collect();
    (!long.is_empty()).then(|| {
        let names = long.join(", ");
        Error::Usage(format!("--filter {} needs parts that are run with --long only: {names}", arguments.filter))
    })
}

/// What there is to run in a part's folder; a folder that was begun is locked from here on.
fn plan(source: &Source, filter: &str, registry: &Registry) -> Result<Planned> {
    let Source { part, directory: folder } = source;
    if !folder.join(MANIFEST_FILE).exists() {
        return Ok(Planned { part, planned: harness::begin(part.study(registry)?, filter, folder)? });
    }
    let planned = harness::resume(folder, None, registry)?;
    // It was begun, so that it has one.
    let Some(manifest) = planned.manifest() else { return Ok(Planned { part, planned }) };
    part.check(&Results::of(manifest.clone(), Vec::new(), registry)?, folder)?;
    // Without this, parts that were not begun yet would be run with another filter than those that were.
    if filter != manifest.filter {
        return Err(Error::Usage(format!(
            "{} was begun with --filter `{}`: give the same one to go on with it, or choose another --out",
            folder.display(),
            manifest.filter
        )));
    }
    Ok(Planned { part, planned })
}

fn run(
    Planned { part, planned }: Planned,
    (arguments, registry): (&Arguments, &Registry),
    stop: Arc<AtomicBool>,
) -> Result<u8> {
    arguments.limits.tell_programs(planned.study())?;
    let limits = arguments.limits.decide(&planned.study().limits, arguments.threads, arguments.cell_threads);
    let how = How { limits: Some(limits), stop, ..How::default() };
    let mut progress = Progress::new();
    let mut displays = Displays::new(vec![&mut progress]);
    let mut opened = planned.check_place()?.open(&mut displays)?;
    if part.is_audit {
        let written = part.written(registry)?;
        let found = audit::findings(&written, &opened, arguments.threads, None)?;
        opened = opened.beside(inspection::FILE, inspection::text(&written.title, &found));
    }
    // The next part's cells are stopped as this one's are.
    let done = close(opened.work(&how, &mut displays)?, &how.stop)?;
    Ok(end(&done, &how, &displays, &arguments.limits.given()))
}

/// Measures what the paper says of the data, and keeps it for reports without the data.
fn probe(arguments: &Arguments, (paper, registry): (&Paper, &Registry), out: &Path) -> Result<()> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(arguments.threads).build();
    let pool = pool.map_err(|e| Error::Usage(format!("cannot start {} threads: {e}", arguments.threads)))?;
    for probe in paper.probes {
        let mut progress = Progress::new();
        let planned = harness::begin(paper.part(probe.part)?.study(registry)?, "", out)?;
        let opened = planned.open(&mut Displays::new(vec![&mut progress]))?;
        // A study has at least one table.
        let Some((data, dedup)) = opened.tables().first() else { continue };
        say!("{}", probe.about);
        let bytes = pool.install(|| (probe.measure)(data, dedup))?;
        write_files(out, &[(probe.file.into(), bytes)])?;
    }
    Ok(())
}

/// All that is there to report on.
fn evidence(
    arguments: &Arguments,
    (paper, registry): (&Paper, &Registry),
    out: &Path,
    sources: &[Source],
) -> Result<Evidence> {
    let mut evidence = Evidence::default();
    for source in sources {
        if arguments.given(source.part).is_some() || source.directory.join(MANIFEST_FILE).exists() {
            evidence = evidence.with(source.part, read(source, registry)?).at(source.part, &source.directory);
        }
    }
    for probe in paper.probes {
        let file = out.join(probe.file);
        if file.exists() {
            let text = std::fs::read_to_string(&file).map_err(|e| Error::io("read", &file, e))?;
            evidence = evidence.with_probe(probe, text, &file.display().to_string())?;
        }
    }
    if evidence.is_empty() {
        return Err(Error::Store(format!(
            "{} holds no part of a reproduction: run it without --report-only, or name a part's results directory",
            out.display()
        )));
    }
    Ok(evidence)
}

fn read(source: &Source, registry: &Registry) -> Result<Results> {
    let results = results::read(&source.directory, registry)?;
    source.part.check(&results, &source.directory)?;
    Ok(results)
}
