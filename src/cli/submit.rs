//! `fraudbench submit`: a study past one machine.

use std::path::{Path, PathBuf};

use super::cluster::{NODES, SHARDS as MOST_SHARDS};
use super::limits::MOST;
use super::plan::{Engine, replace_job};
use super::progress::{Form, Progress, duration};
use super::queue::{Asked, again, resubmit, submit};
use super::run::{between, up_to};
use super::together::go_with;
use crate::cell::{Cell, Filter, Plan};
use crate::cluster::kubernetes::{JOB_FILE, MERGE_JOB_FILE, Manifests, is_name};
use crate::cluster::simulate::{Cluster, fastest, work};
use crate::cluster::slurm::{ARRAY_FILE, Instead, LOGS_FOLDER, MERGE_FILE, Scripts, check_named, holds_several};
use crate::cluster::{PLAN_FILE, Resources, ShardPlan, Times, assign, pieces, shards};
use crate::component::Registry;
use crate::data::catalogue::data_folder;
use crate::error::{Error, Result};
use crate::harness::{self, Opened, way};
use crate::report::write_files;
use crate::run::{Displays, Limits};
use crate::store::{Directory, MANIFEST_FILE, Ran, Record};
use crate::study::{LimitSpec, Study};
use crate::words::{agree, count, counted, listed, quoted_path};

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  fraudbench submit study.toml --slurm --shards 40 --times runs/small --out /shared/plan\n  \
                        fraudbench submit study.toml --slurm --dry-run --partition long --sbatch-arg=--qos=low\n  \
                        fraudbench merge /shared/plan\n  fraudbench submit --resubmit /shared/plan\n  \
                        fraudbench submit study.toml --kubernetes --image registry.example.org/fraudbench:0.1 --claim shared\n\n\
                        DIR lies on a folder that all machines share, and so do study and data. It gets plan.json (the study, the \
                        digests of its data, which cells each shard has) and what the engine is told. Cells that share their \
                        preparation stay together, and shards are even by expected time. docs/cluster.md is a whole afternoon."
)]
pub struct Arguments {
    /// The study file
    #[arg(required_unless_present = "resubmit")]
    study: Option<PathBuf>,
    /// Write array.sh and merge.sh, and submit them with sbatch
    #[arg(long, conflicts_with = "kubernetes")]
    slurm: bool,
    /// Write job.json and merge-job.json for kubectl
    #[arg(long, requires = "image", requires = "claim")]
    kubernetes: bool,
    /// Submit those shards of this plan again that lack records and are not running
    #[arg(long, value_name = "DIR", conflicts_with_all = ["study", "slurm", "kubernetes", "filter", "out", "shards", "times"])]
    resubmit: Option<PathBuf>,
    /// Write everything and submit nothing; with --resubmit, say what would be submitted
    #[arg(long)]
    dry_run: bool,
    /// Plan only the cells that match, as in `run`
    #[arg(long, value_name = "KEY=VALUE,...", default_value = "", hide_default_value = true)]
    filter: String,
    /// The plan's folder, new, on a file system that all machines share [default: runs/STUDY-plan]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Shards, of about one length; fewer where more would end no sooner [default: with --throttle K 1 to 12 per machine, as a
    /// simulation of K machines has it best; else one per half an hour of expected work, 8 to 1000]
    #[arg(long, value_name = "N", value_parser = up_to(MOST_SHARDS))]
    shards: Option<usize>,
    /// Expect what the cells of this earlier run took, of this study or one like it, instead of rough estimates
    #[arg(long, value_name = "DIR")]
    times: Option<PathBuf>,
    /// At most so many shards at a time
    #[arg(long, value_name = "K", value_parser = up_to(NODES))]
    throttle: Option<usize>,
    /// Threads per shard [default: 1 with --slurm and --kubernetes, else all of the machine; with --resubmit the plan's]
    #[arg(long, value_name = "N", value_parser = up_to(THREADS))]
    threads: Option<usize>,
    /// MiB of memory per shard [default: the study's limits, or from the tables and what was measured; with --resubmit the
    /// plan's]
    #[arg(long, value_name = "MIB", value_parser = between(1, MOST))]
    memory: Option<u64>,
    /// With --slurm or --resubmit: minutes that a shard may take before it goes back into the queue [default: four times what the
    /// longest is expected to take and ten, and not less than the study gives one cell; with --resubmit the plan's]
    #[arg(long, value_name = "M", value_parser = between(1, MINUTES))]
    minutes: Option<u64>,
    /// Slurm's partition
    #[arg(long, value_name = "NAME", requires = "slurm", value_parser = word)]
    partition: Option<String>,
    /// A further option for sbatch, such as --sbatch-arg=--account=fraud; may be given several times
    #[arg(long, value_name = "OPTION", requires = "slurm", allow_hyphen_values = true)]
    sbatch_arg: Vec<String>,
    /// The program as the machines of the cluster find it [default: this one]
    #[arg(long, value_name = "PATH", requires = "slurm", value_parser = named)]
    program: Option<String>,
    /// The image that has the program as `fraudbench`
    #[arg(long, value_name = "IMAGE", value_parser = word)]
    image: Option<String>,
    /// The claim of the shared volume
    #[arg(long, value_name = "NAME", value_parser = claim)]
    claim: Option<String>,
    /// Where the volume is mounted, here and in the pods: plan, study and data lie in it [default: this folder]
    #[arg(long, value_name = "DIR")]
    mount: Option<PathBuf>,
}

/// Threads that a shard may have at most: no machine of a cluster has more.
const THREADS: usize = 4_096;
/// Minutes of a year: what takes longer is a slip of the pen.
const MINUTES: u64 = 525_600;

/// Seconds of expected work per shard where nobody says how many there are to be, and how many at least and at most.
const SHARD_SECONDS: f64 = 1_800.0;
const SHARDS: (f64, f64) = (8.0, 1_000.0);

/// What a cluster is taken to be like where shards are cut for its nodes.
const QUIET: Cluster = Cluster { nodes: 1, start: 5.0, failures: 0.0, requeue: 60.0, seed: 1 };

/// A word that an engine is given: with a blank in it, it would be two.
fn word(text: &str) -> Result<String, String> {
    match text.is_empty() || text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        true => Err("must be a name without blanks".into()),
        false => Ok(text.to_owned()),
    }
}

/// The name of a program, in which blanks may be.
fn named(text: &str) -> Result<String, String> {
    match text.trim().is_empty() {
        true => Err("must be the name or the path of a program".into()),
        false => Ok(text.to_owned()),
    }
}

/// A name as Kubernetes has it.
fn claim(text: &str) -> Result<String, String> {
    match is_name(text) {
        true => Ok(text.to_owned()),
        false => Err("must be a name as Kubernetes has it: small letters, digits, `-` and `.`, with a letter or a digit at both ends".into()),
    }
}

/// Refuses what would do nothing, or nothing good.
fn check(arguments: &Arguments) -> Result<()> {
    let of_slurm = [
        ("--partition", arguments.partition.is_some()),
        ("--sbatch-arg", !arguments.sbatch_arg.is_empty()),
        ("--program", arguments.program.is_some()),
    ];
    go_with(("--slurm", arguments.slurm), &of_slurm)?;
    if let Some(option) = arguments.sbatch_arg.iter().find(|option| !option.starts_with('-') || option.contains('\n')) {
        return Err(Error::Usage(format!(
            "--sbatch-arg: `{option}` must be an option of sbatch, such as --account=fraud"
        )));
    }
    let several = arguments.sbatch_arg.iter().filter(|option| holds_several(option));
    let several: Vec<String> = several.map(|options| format!("`{options}`")).collect();
    if !several.is_empty() {
        return Err(Error::Usage(format!(
            "--sbatch-arg: {} {} several options of sbatch: give each a --sbatch-arg of its own, or put a value into quotes (--comment=\"a --b\")",
            listed(&several),
            agree(several.len(), "holds", "hold")
        )));
    }
    let of_kubernetes = [
        ("--image", arguments.image.is_some()),
        ("--claim", arguments.claim.is_some()),
        ("--mount", arguments.mount.is_some()),
    ];
    go_with(("--kubernetes", arguments.kubernetes), &of_kubernetes)?;
    let has_time_limit = arguments.slurm || arguments.resubmit.is_some();
    go_with(("--slurm` or `--resubmit", has_time_limit), &[("--minutes", arguments.minutes.is_some())])
}

pub fn main(arguments: &Arguments, registry: &Registry) -> Result<u8> {
    check(arguments)?;
    let asked = |instead| Asked { instead, throttle: arguments.throttle, dry_run: arguments.dry_run };
    let instead = Instead { threads: arguments.threads, memory_mib: arguments.memory, minutes: arguments.minutes };
    if let Some(folder) = &arguments.resubmit {
        return resubmit(folder, &asked(instead), registry);
    }
    // clap requires STUDY unless --resubmit is there.
    let study = Study::read(arguments.study.as_deref().unwrap_or(Path::new("")), registry)?;
    let out = arguments.out.clone().unwrap_or_else(|| PathBuf::from("runs").join(format!("{}-plan", study.name)));
    let has_plan = || holds_plan(&out, instead, arguments.throttle);
    if let Some(e) = has_plan() {
        return Err(e);
    }
    if arguments.slurm {
        let place = std::path::absolute(&out).map_err(|e| Error::io("find", &out, e))?;
        check_named(&place).map_err(Error::Usage)?;
    }
    clear_begun(&out)?;
    // Before the data are read, which may take long.
    for_plan(&out, Directory::refuse_taken(&out), has_plan)?;
    let records = match &arguments.times {
        None => Vec::new(),
        Some(path) => Directory::read(path)?.1,
    };
    let mut progress = Progress::of(Form::Auto);
    let opened = harness::begin(study, &arguments.filter, &out)?.open(&mut Displays::new(vec![&mut progress]))?;
    // Else every shard would refuse them.
    opened.check(within(arguments.memory, arguments.threads.unwrap_or(1), opened.study()))?;
    // Held until all is written and submitted: of two that want one folder, one has it.
    let held = for_plan(&out, Directory::create(&out), has_plan)?;
    let folder = out.canonicalize().map_err(|e| Error::io("find", &out, e))?;
    let plan = plan(arguments, &opened, &records, &folder)?;
    let begun = folder.join(BEGUN);
    std::fs::write(&begun, "").map_err(|e| Error::io("write", &begun, e))?;
    tell(&plan, opened.study());
    let mut files: Vec<(PathBuf, Vec<u8>)> = Vec::new();
    if arguments.slurm {
        files.extend(scripts(arguments, &plan, opened.study(), &folder)?);
    }
    if arguments.kubernetes {
        files.extend(manifests(arguments, &plan, opened.study(), &folder)?);
    }
    // The plan last: where it is, everything is.
    write_files(&folder, &files)?;
    plan.write(&folder)?;
    // Left behind, it says nothing beside a plan.
    let _ = std::fs::remove_file(&begun);
    let all: Vec<usize> = (0..plan.shards.len()).collect();
    let code = match (arguments.slurm, arguments.kubernetes) {
        (true, _) => submit(&folder, &all, plan.throttle, &asked(Instead::default())),
        (_, true) => {
            let place = quoted_path(&folder);
            show!("kubectl apply -f {place}/{JOB_FILE}");
            show!("kubectl apply -f {place}/{MERGE_JOB_FILE}   # when the first job is over");
            Ok(0)
        }
        _ => {
            show!("For I from 0 to {}: {}", plan.shards.len() - 1, plan.command_of(&folder, "I"));
            show!("Then: fraudbench merge {}", quoted_path(&folder));
            Ok(0)
        }
    };
    drop(held);
    code
}

/// What a shard may use, where somebody has said how much memory; else it is made to fit.
pub(super) fn within(memory: Option<u64>, threads: usize, study: &Study) -> Option<Limits> {
    let memory = Some(memory.or(study.limits.memory)?);
    Some(Limits::of(&LimitSpec { memory, ..LimitSpec::default() }, &study.limits, Some(threads), 1))
}

/// Says of a folder without a plan that what is in it was written for one, before this program was ended.
const BEGUN: &str = ".plan-begun";

/// Removes what a plan that was not finished has left in `out`.
fn clear_begun(out: &Path) -> Result<()> {
    let begun = out.join(BEGUN);
    if !begun.exists() || out.join(PLAN_FILE).exists() {
        return Ok(());
    }
    let held = Directory::hold(out)?;
    // Its writer may have come to its end meanwhile.
    if !out.join(PLAN_FILE).exists() {
        let files = [ARRAY_FILE, MERGE_FILE, JOB_FILE, MERGE_JOB_FILE].map(|name| out.join(name));
        for file in files.iter().filter(|file| file.exists()) {
            std::fs::remove_file(file).map_err(|e| Error::io("remove", file, e))?;
        }
        // One with somebody's files in it stays, and is told as theirs.
        let _ = std::fs::remove_dir(out.join(LOGS_FOLDER));
        // The next writer makes it again.
        let _ = std::fs::remove_file(&begun);
    }
    drop(held);
    Ok(())
}

/// What was `tried` with the folder of a plan; why that failed is told as it is of plans.
fn for_plan<T>(out: &Path, tried: Result<T>, has_plan: impl Fn() -> Option<Error>) -> Result<T> {
    match tried {
        // A plan does not go on with a run.
        Err(Error::Taken(_)) if out.join(MANIFEST_FILE).exists() => {
            Err(Error::Taken(format!("{} holds the results of a run: choose another --out", out.display())))
        }
        Err(e @ Error::Taken(_)) => Err(e),
        // Another one may have come and gone meanwhile.
        other => has_plan().map_or(other, Err),
    }
}

/// That there is a plan in `out` already, and how it goes on; none where there is none.
fn holds_plan(out: &Path, instead: Instead, throttle: Option<usize>) -> Option<Error> {
    out.join(PLAN_FILE).exists().then(|| {
        let way = way_on(out, instead, throttle).map_or_else(String::new, |way| format!("{way}; or "));
        Error::Taken(format!("{} holds a plan already: {way}choose another --out", out.display()))
    })
}

/// How what is missing of the plan in `out` is run, in words; none where the plan cannot be read.
fn way_on(out: &Path, instead: Instead, throttle: Option<usize>) -> Option<String> {
    let plan = ShardPlan::read(out).ok()?;
    Some(match Engine::of(out) {
        Engine::Slurm => format!("`{}` submits what is missing of it", again(out, instead, throttle)),
        Engine::Kubernetes => format!("`{}` runs what is missing of it", replace_job(out)),
        Engine::Other => {
            let last = plan.shards.len() - 1;
            format!("`{}` for I from 0 to {last} runs what is missing of it", plan.command_of(out, "I"))
        }
    })
}

/// Cuts the study.
fn plan(arguments: &Arguments, opened: &Opened, records: &[Record], folder: &Path) -> Result<ShardPlan> {
    let (study, facts) = (opened.study(), opened.facts());
    let cells: Vec<&Cell> = opened.plan().cells.iter().collect();
    let times = Times::of(study, facts, &cells, records);
    let pieces = pieces(study, facts, &cells, &times);
    let total: f64 = work(&pieces);
    let wanted = arguments.shards.unwrap_or_else(|| (total / SHARD_SECONDS).clamp(SHARDS.0, SHARDS.1).ceil() as usize);
    let shares = match (arguments.shards, arguments.throttle) {
        // So many machines work side by side: later shards may be the smaller, so that all end together.
        (None, Some(nodes)) => fastest(&pieces, &Cluster { nodes, ..QUIET }, times.spread),
        _ => assign(&pieces, wanted),
    };
    let whole = Plan::of(study, facts, &Filter::default())?.cells;
    let shards = shards(&whole, &opened.plan().cells, &shares)?;
    let threads = arguments.threads.unwrap_or(1);
    let longest_cell = times.cells.iter().copied().fold(0.0, f64::max);
    let longest = (shards.first().map_or(0.0, |shard| shard.seconds) / threads as f64).max(longest_cell);
    let resources = Resources {
        threads,
        memory_mib: arguments.memory.unwrap_or_else(|| memory(threads, opened, &times)),
        minutes: arguments.minutes.unwrap_or_else(|| minutes(study, longest)),
    };
    let given = [
        ("--threads", arguments.threads.map(|threads| threads.to_string())),
        ("--memory", arguments.memory.map(|mib| mib.to_string())),
    ];
    let options = given.into_iter().filter_map(|(name, value)| Some([name.to_owned(), value?]));
    let here = Ran::here();
    Ok(ShardPlan {
        format: ShardPlan::FORMAT,
        fraudbench: here.fraudbench,
        command: here.command,
        study_file: study.file.clone(),
        study_folder: way(folder, &study.folder).unwrap_or_else(|| study.folder.display().to_string()),
        filter: arguments.filter.clone(),
        cells: cells.len(),
        times: match &arguments.times {
            Some(path) => format!("what {} cells of {} took", count(records.len() as u64), path.display()),
            None => "rough estimates".to_owned(),
        },
        resources,
        options: options.flatten().collect(),
        throttle: arguments.throttle,
        asked: arguments.shards.filter(|&asked| asked > shards.len()),
        shards,
        data: facts.to_vec(),
        study: study.text.clone(),
    })
}

/// MiB that a shard may use: as `run --memory` divides them, they hold the tables, two of the widest prefixes, and every worker's
/// cell.
fn memory(threads: usize, opened: &Opened, times: &Times) -> u64 {
    let (limits, facts) = (opened.study().limits, opened.facts());
    if let Some(given) = limits.memory {
        return given;
    }
    let mib = |rows: u64, columns: usize| (rows.saturating_mul(columns as u64).saturating_mul(8) >> 20) + 1;
    let tables: u64 = facts.iter().map(|table| mib(table.rows, table.columns.len())).sum();
    let width = |cell: &Cell| mib(facts[cell.data].rows, cell.columns.unwrap_or(facts[cell.data].columns.len()));
    let prefix = opened.plan().cells.iter().map(width).max().unwrap_or(1);
    let measured = times.peak_mib.map(|peak| 2 * peak);
    let cell = limits.cell_memory.or(measured).unwrap_or(512 + 4 * prefix).max(512);
    let all = 2 * tables + 2 * (2 * prefix).max(threads as u64 * cell);
    all.div_ceil(256) * 256
}

/// Minutes until a shard's time limit.
fn minutes(study: &Study, longest: f64) -> u64 {
    let limits = Limits::of(&LimitSpec::default(), &study.limits, Some(1), 1);
    // Without an end of a cell there is only what it is expected to take.
    let cell = limits.cell_time.unwrap_or_default();
    ((4.0 * longest).max(cell.as_secs_f64()) / 60.0).ceil() as u64 + 10
}

fn tell(plan: &ShardPlan, study: &Study) {
    let seconds: f64 = plan.shards.iter().map(|shard| shard.seconds).sum();
    let longest = plan.shards.first().map_or(0.0, |shard| shard.seconds);
    say!(
        "{} of {} in {}; one thread would take about {}, the longest shard {} ({})",
        counted(plan.cells as u64, "cell"),
        study.name,
        counted(plan.shards.len() as u64, "shard"),
        duration(seconds),
        duration(longest),
        plan.times
    );
    if let Some(asked) = plan.asked {
        let empty = asked - plan.shards.len();
        say!(
            "--shards {asked}: more than {} would end no sooner, so the other {} no cells, and `--shard I/{asked}` ends at once there",
            plan.shards.len(),
            agree(empty, "one has", &format!("{} have", count(empty as u64)))
        );
    }
    if study.limits.skip_larger == Some(true) {
        say!(
            "warning: `skip_larger` looks at the cells of one shard only: more cells may be tried than on one machine"
        );
    }
}

fn scripts(arguments: &Arguments, plan: &ShardPlan, study: &Study, folder: &Path) -> Result<Vec<(PathBuf, Vec<u8>)>> {
    // Links may have led elsewhere.
    check_named(folder).map_err(Error::Usage)?;
    let logs = folder.join(LOGS_FOLDER);
    // Slurm makes no folders, and a task whose output cannot be written ends at once.
    std::fs::create_dir_all(&logs).map_err(|e| Error::io("create", &logs, e))?;
    let program = match &arguments.program {
        Some(program) => program.clone(),
        None => {
            std::env::current_exe().map_err(|e| Error::io("find", Path::new("this program"), e))?.display().to_string()
        }
    };
    let partition = arguments.partition.as_ref().map(|name| format!("--partition={name}"));
    let options: Vec<String> = partition.into_iter().chain(arguments.sbatch_arg.clone()).collect();
    let scripts = Scripts { folder, program: &program, study: &study.name, options: &options };
    Ok(vec![
        (ARRAY_FILE.into(), scripts.array(plan).into_bytes()),
        (MERGE_FILE.into(), scripts.merge(plan).into_bytes()),
    ])
}

fn manifests(arguments: &Arguments, plan: &ShardPlan, study: &Study, folder: &Path) -> Result<Vec<(PathBuf, Vec<u8>)>> {
    let mount = arguments.mount.clone().unwrap_or_else(|| PathBuf::from("."));
    let mount = mount.canonicalize().map_err(|e| Error::io("find", &mount, e))?;
    let mut needed = vec![folder.to_owned(), folder.join(&plan.study_folder)];
    for spec in &study.data {
        needed.extend(spec.source.files()?);
    }
    let mut outside: Vec<String> = Vec::new();
    for inside in &needed {
        let real = inside.canonicalize().map_err(|e| Error::io("find", inside, e))?;
        if !real.starts_with(&mount) {
            outside.push(real.display().to_string());
        }
    }
    if !outside.is_empty() {
        return Err(Error::Usage(format!(
            "{} {} not lie in {}, which is all that pods see: choose another --mount or --out, or move the data",
            outside.join(", "),
            agree(outside.len(), "does", "do"),
            mount.display()
        )));
    }
    let (folder, mount) = (folder.display().to_string(), mount.display().to_string());
    let data = data_folder().map(|folder| folder.display().to_string());
    let manifests = Manifests {
        folder: &folder,
        mount: &mount,
        // clap requires both beside --kubernetes.
        claim: arguments.claim.as_deref().unwrap_or_default(),
        image: arguments.image.as_deref().unwrap_or_default(),
        study: &study.name,
        data: data.as_deref(),
    };
    let bytes = |value: &serde_json::Value| format!("{value:#}\n").into_bytes();
    Ok(vec![(JOB_FILE.into(), bytes(&manifests.job(plan))), (MERGE_JOB_FILE.into(), bytes(&manifests.merge(plan)))])
}
