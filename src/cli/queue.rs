//! What `fraudbench submit` says to Slurm: the arrays of a plan's shards, and the merge that waits for them.

use std::io;
use std::path::Path;
use std::process::Command;

use super::plan::{Engine, NAMED, is_running, lacking_of, replace_job};
use super::submit::within;
use crate::cluster::slurm::{self, Block, Instead, MERGE_FILE};
use crate::cluster::{MERGED_FOLDER, ShardPlan};
use crate::component::Registry;
use crate::error::{Error, Result};
use crate::harness::check_shares;
use crate::store::Directory;
use crate::words::{agree, count, counted, listed, one_line, quoted, quoted_path};

/// How shards are submitted.
pub(super) struct Asked {
    /// What their tasks may use instead of what the plan says.
    pub instead: Instead,
    /// How many may run at a time.
    pub throttle: Option<usize>,
    /// Whether nothing is submitted, and only said.
    pub dry_run: bool,
}

/// The command that submits what is missing of a plan, with what its tasks may use instead and how many may run at a time.
pub(super) fn again(folder: &Path, instead: Instead, throttle: Option<usize>) -> String {
    let given = [
        ("--threads", instead.threads.map(|threads| threads as u64)),
        ("--memory", instead.memory_mib),
        ("--minutes", instead.minutes),
        ("--throttle", throttle.map(|throttle| throttle as u64)),
    ];
    let options = given.into_iter().filter_map(|(name, value)| Some(format!(" {name} {}", value?)));
    format!("fraudbench submit --resubmit {}{}", quoted_path(folder), options.collect::<String>())
}

/// Submits those shards of a plan again that lack records and that nobody is running: their tasks would be refused the folders.
pub(super) fn resubmit(folder: &Path, asked: &Asked, registry: &Registry) -> Result<u8> {
    let folder = folder.canonicalize().map_err(|e| Error::Store(format!("cannot find {}: {e}", folder.display())))?;
    let plan = ShardPlan::read(&folder)?;
    let way = match Engine::of(&folder) {
        Engine::Slurm => None,
        Engine::Kubernetes => Some(replace_job(&folder)),
        Engine::Other => Some(plan.command_of(&folder, "I")),
    };
    if let Some(way) = way {
        return Err(Error::Usage(format!(
            "{} was not made with --slurm: run its shards again with `{way}`; those that are done end at once",
            folder.display()
        )));
    }
    if asked.instead.memory_mib.is_some() || asked.instead.threads.is_some() {
        // Else every shard would refuse it.
        let memory = asked.instead.memory_mib.or(Some(plan.resources.memory_mib));
        let threads = asked.instead.threads.unwrap_or(plan.resources.threads);
        within(memory, threads, &plan.study(&folder, registry)?).map_or(Ok(()), check_shares)?;
    }
    // Two at once would submit the same shards, as would one beside the `submit` that is not done yet.
    let held = if asked.dry_run { None } else { Some(Directory::hold(&folder)?) };
    let missing = lacking_of(&folder, &plan, registry)?;
    if missing.is_empty() {
        show!("Nothing is missing: fraudbench merge {}", quoted_path(&folder));
        return Ok(0);
    }
    let (running, idle): (Vec<usize>, Vec<usize>) = missing.into_iter().partition(|&shard| is_running(&folder, shard));
    if !running.is_empty() {
        let throttle = asked.throttle.filter(|throttle| Some(*throttle) != plan.throttle);
        say!("{}", left_out(&running, &again(&folder, asked.instead, throttle)));
    }
    if idle.is_empty() {
        show!("Nothing was submitted: whatever lacks records is running.");
        return Ok(0);
    }
    let code = submit(&folder, &idle, plan.throttle, asked);
    drop(held);
    code
}

/// That the shards `running` are left out, and that the command `again` submits what is missing of them later.
fn left_out(running: &[usize], again: &str) -> String {
    let mut names: Vec<String> = running.iter().take(NAMED).map(usize::to_string).collect();
    if running.len() > NAMED {
        names.push(format!("{} more", count((running.len() - NAMED) as u64)));
    }
    let one = |one: &'static str, many: &'static str| agree(running.len(), one, many);
    format!(
        "{} {} {} running now and {} left out: when {} ended, `{again}` submits what {} then",
        one("shard", "shards"),
        listed(&names),
        one("is", "are"),
        one("is", "are"),
        one("it has", "they have"),
        one("it lacks", "they lack")
    )
}

/// The arrays that run `shards` on this cluster.
pub(super) fn blocks(shards: &[usize], throttle: Option<usize>) -> Vec<Block> {
    let config = Command::new("scontrol").args(["show", "config"]).output().ok();
    let told = config.and_then(|output| slurm::max_array_size(&String::from_utf8_lossy(&output.stdout)));
    slurm::blocks(shards, told.unwrap_or(slurm::MAX_ARRAY_SIZE), throttle)
}

/// Submits `shards` of the plan in `folder`, and the merge that waits for them; by the plan so many may run at a time.
pub(super) fn submit(folder: &Path, shards: &[usize], planned: Option<usize>, asked: &Asked) -> Result<u8> {
    let blocks = blocks(shards, asked.throttle.or(planned));
    // What the plan has need not be said again.
    let again = again(folder, asked.instead, asked.throttle.filter(|throttle| Some(*throttle) != planned));
    let place = quoted_path(folder);
    let arrays: Vec<Vec<String>> =
        blocks.iter().map(|block| slurm::array_command(folder, block, asked.instead)).collect();
    let merge_script = folder.join(MERGE_FILE).display().to_string();
    if asked.dry_run {
        for words in &arrays {
            show!("{}", line(words));
        }
        show!("sbatch --dependency=afterany:JOB,... {}", quoted(&merge_script));
        show!("Nothing was submitted. `{again}` does it.");
        return Ok(0);
    }
    let mut accepted: Vec<(u64, String)> = Vec::new();
    for words in &arrays {
        let job = sbatch(words).map_err(|reason| refused(&again, &reason, &accepted))?;
        accepted.push((job, line(words)));
    }
    let listed = |between: &str| accepted.iter().map(|(job, _)| job.to_string()).collect::<Vec<_>>().join(between);
    let dependency = format!("--dependency=afterany:{}", listed(":"));
    let merge = sbatch(&["sbatch".to_owned(), dependency, merge_script])
        .map_err(|reason| refused(&again, &reason, &accepted))?;
    let shards = counted(shards.len() as u64, "shard");
    show!("Submitted {shards} as job {}, and the merge as job {merge}.", listed(", "));
    show!("To watch: squeue -j {},{merge}", listed(","));
    show!("To see what there is and what is missing, at any time: fraudbench merge {place}");
    show!("Results: {place}/{MERGED_FOLDER}");
    Ok(0)
}

fn line(words: &[String]) -> String {
    words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
}

/// Why not all was submitted, what of it was, and that the command `again` goes on; `accepted` are the jobs that are in the queue,
/// with their commands.
fn refused(again: &str, reason: &No, accepted: &[(u64, String)]) -> Error {
    let reason = match reason {
        No::Refused(reason) => reason,
        No::Unclear(answer) => {
            // To submit it again might run it twice.
            let before: String =
                accepted.iter().map(|(job, _)| format!("job {job} was accepted before that; ")).collect();
            return Error::Usage(format!(
                "{answer} and not the number of a job, as `sbatch --parsable` does: {before}look with `squeue --me` whether the job is \
                 in the queue, and only where it is not, `{again}` submits what is missing"
            ));
        }
    };
    if accepted.is_empty() {
        return Error::Usage(format!("{reason}; the plan is written, and `{again}` submits it"));
    }
    let jobs: Vec<String> = accepted.iter().map(|(job, command)| format!("{job} (`{command}`)")).collect();
    let numbers: Vec<String> = accepted.iter().map(|(job, _)| job.to_string()).collect();
    let one = |one: &'static str, many: &'static str| agree(accepted.len(), one, many);
    Error::Usage(format!(
        "{reason}; before that Slurm accepted {} {}, and no merge waits for {}: when {} ended, `{again}` submits what is missing; or \
         `scancel {}` ends {}",
        one("job", "jobs"),
        jobs.join(", "),
        one("it", "them"),
        one("it has", "they have"),
        numbers.join(" "),
        one("it", "them")
    ))
}

/// Why there is no job's number.
enum No {
    /// Nothing was submitted.
    Refused(String),
    /// A job may be in the queue: sbatch ended well.
    Unclear(String),
}

/// Runs a command of sbatch; the job's number, or why there is none.
fn sbatch(words: &[String]) -> Result<u64, No> {
    let output = Command::new(&words[0]).arg("--parsable").args(&words[1..]).output().map_err(|e| {
        No::Refused(match e.kind() {
            io::ErrorKind::NotFound => {
                "sbatch is not on this machine: submit from a login node of the cluster".to_owned()
            }
            _ => format!("cannot run sbatch: {e}"),
        })
    })?;
    let said = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        let why = String::from_utf8_lossy(&output.stderr).trim().replace('\n', "; ");
        return Err(No::Refused(format!("Slurm refused `{}`: {why}", line(words))));
    }
    slurm::job_number(&said).ok_or_else(|| No::Unclear(format!("`{}` answered `{}`", line(words), one_line(&said))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_that_are_left_out_are_named_up_to_a_number() {
        assert_eq!(
            left_out(&[3], "X"),
            "shard 3 is running now and is left out: when it has ended, `X` submits what it lacks then"
        );
        assert_eq!(
            left_out(&[0, 2, 5], "X"),
            "shards 0, 2 and 5 are running now and are left out: when they have ended, `X` submits what they lack then"
        );
        let many: Vec<usize> = (0..1_025).collect();
        assert!(left_out(&many, "X").starts_with("shards 0, 1, "));
        assert!(left_out(&many, "X").contains(", 19 and 1,005 more are running now"));
    }
}
