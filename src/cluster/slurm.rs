//! What Slurm is told: the script of a job array, that of the merge, and which indices of which array run which shards.

use std::path::Path;

use super::{Resources, ShardPlan};
use crate::words::{harmless_line, quoted};

/// The script of the array.
pub const ARRAY_FILE: &str = "array.sh";
/// The script of the merge.
pub const MERGE_FILE: &str = "merge.sh";
/// Where the tasks' output goes, in the plan's folder.
pub const LOGS_FOLDER: &str = "logs";
/// Slurm's default of `MaxArraySize`: indices are below it.
pub const MAX_ARRAY_SIZE: usize = 1_001;

/// Slurm signals a task so many seconds before its time limit, at most; a short one after half of its time.
const SIGNAL_SECONDS: u64 = 300;

/// What the scripts say beside the plan.
pub struct Scripts<'a> {
    /// The plan's folder, absolute.
    pub folder: &'a Path,
    /// The program, as the nodes find it.
    pub program: &'a str,
    /// The study's name.
    pub study: &'a str,
    /// Further options, as words of sbatch's command line, such as `--partition=long`.
    pub options: &'a [String],
}

/// Refuses a plan's folder that the `#SBATCH` lines of its scripts cannot name: there is no way to write these characters there, and
/// behind a backslash Slurm fills in no numbers of jobs.
///
/// # Errors
/// A sentence.
pub fn check_named(folder: &Path) -> Result<(), String> {
    let name = folder.display().to_string();
    match name.chars().find(|&c| matches!(c, '"' | '\\') || c.is_control()) {
        None => Ok(()),
        Some(c) => Err(format!(
            "{}: Slurm cannot write its logs into a folder whose path has {} in it: choose another --out",
            harmless_line(&name),
            match c {
                '"' | '\\' => format!("`{c}`"),
                _ => "a line break or another control character".to_owned(),
            }
        )),
    }
}

/// An option's name with what stands behind it, and its value.
fn parts(option: &str) -> (&str, char, &str) {
    match option.find(|c: char| c == '=' || c.is_whitespace()) {
        Some(at) if option[at..].starts_with('=') => (&option[..at], '=', &option[at + 1..]),
        Some(at) => (&option[..at], ' ', option[at..].trim()),
        None => (option, ' ', ""),
    }
}

/// Whether an option of sbatch is more than one. Behind `=` a value may hold such a word as `-v`, but hardly one such as `--qos`.
pub fn holds_several(option: &str) -> bool {
    let (_, between, value) = parts(option);
    let is_bound = between == '=';
    let is_another = |word: &str| {
        let short = if is_bound { None } else { word.strip_prefix('-') };
        word.strip_prefix("--").or(short).is_some_and(|name| name.starts_with(|c: char| c.is_ascii_alphabetic()))
    };
    !is_quoted(value) && value.split_whitespace().skip(usize::from(is_bound)).any(is_another)
}

/// Whether somebody has written a value as a `#SBATCH` line has it.
fn is_quoted(value: &str) -> bool {
    let inner = |quote: char| value.strip_prefix(quote)?.strip_suffix(quote);
    ['"', '\''].into_iter().any(|quote| inner(quote).is_some_and(|inner| !inner.contains([quote, '\\'])))
}

/// An option of sbatch as a `#SBATCH` line has it. There blanks end a word, `#` begins a comment, and a backslash takes what follows as it
/// is.
fn directive(option: &str) -> String {
    let word = |text: &str| match text.contains(|c: char| c.is_whitespace() || "\"'\\#".contains(c)) {
        true => format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
        false => text.to_owned(),
    };
    match parts(option) {
        (name, ' ', "") => word(name),
        (name, between, value) if is_quoted(value) => format!("{}{between}{value}", word(name)),
        (name, between, value) => format!("{}{between}{}", word(name), word(value)),
    }
}

impl Scripts<'_> {
    fn options(&self, name: &str, output: &str, uses: Resources) -> String {
        // `%` begins what Slurm fills in, such as the job's number.
        let output = self.folder.join(LOGS_FOLDER).display().to_string().replace('%', "%%") + "/" + output;
        let mut lines = vec![
            format!("--job-name=fraudbench-{name}{}", self.study),
            format!("--output=\"{output}\""),
            "--open-mode=append".to_owned(),
            "--ntasks=1".to_owned(),
            format!("--cpus-per-task={}", uses.threads),
            format!("--mem={}M", uses.memory_mib),
            format!("--time={}", uses.minutes),
        ];
        lines.extend(self.options.iter().map(|option| directive(option)));
        lines.iter().map(|line| format!("#SBATCH {line}\n")).collect()
    }

    /// The script of the array. Its task number `i` runs shard `i` plus the script's first argument.
    pub fn array(&self, plan: &ShardPlan) -> String {
        let uses = plan.resources;
        let seconds = signal_seconds(uses.minutes);
        let more = format!("#SBATCH --requeue\n#SBATCH --signal=B:USR1@{seconds}\n");
        format!(
            "#!/bin/bash\n{}{more}{}",
            self.options("", "%A_%a.log", uses),
            ARRAY
                .replace("@PLAN@", &quoted(&self.folder.display().to_string()))
                .replace("@PROGRAM@", &quoted(self.program))
                .replace("@SHARDS@", &plan.shards.len().to_string())
                .replace("@MEMORY@", &uses.memory_mib.to_string())
                .replace("@GRACE@", &(seconds / 2).to_string())
        )
    }

    /// The script of the merge.
    pub fn merge(&self, plan: &ShardPlan) -> String {
        // Reports of many cells take minutes.
        let uses = Resources { threads: 1, memory_mib: plan.resources.memory_mib.max(2_048), minutes: 60 };
        format!(
            "#!/bin/bash\n{}\nexec {} merge {}\n",
            self.options("merge-", "merge-%j.log", uses),
            quoted(self.program),
            quoted(&self.folder.display().to_string())
        )
    }
}

/// Seconds before the end of a time limit when a task is told of it.
fn signal_seconds(minutes: u64) -> u64 {
    SIGNAL_SECONDS.min(minutes.saturating_mul(30))
}

/// What the tasks of an array may use instead of what its script says.
#[derive(Debug, Clone, Copy, Default)]
pub struct Instead {
    /// Threads.
    pub threads: Option<usize>,
    /// MiB of memory.
    pub memory_mib: Option<u64>,
    /// Minutes until Slurm ends it.
    pub minutes: Option<u64>,
}

impl Instead {
    /// The same as options of sbatch, which go before those of a script.
    fn options(self) -> Vec<String> {
        let threads = self.threads.map(|threads| format!("--cpus-per-task={threads}"));
        let memory = self.memory_mib.map(|mib| format!("--mem={mib}M"));
        let time = self.minutes.map(|minutes| format!("--time={minutes}"));
        let signal = self.minutes.map(|minutes| format!("--signal=B:USR1@{}", signal_seconds(minutes)));
        [threads, memory, time, signal].into_iter().flatten().collect()
    }
}

/// What a task does. `B:USR1` reaches this shell alone; when a task is preempted or cancelled, Slurm itself tells every process in it.
const ARRAY: &str = r#"
# Shard = this task's index + the first argument, as an array has fewer indices than a plan may have shards. The second argument: seconds
# that cells have to end when the time limit is near.
plan=@PLAN@
grace=${2:-@GRACE@}
shard=$(( SLURM_ARRAY_TASK_ID + ${1:-0} ))
log=$plan/shard-$shard/records.jsonl
records() { if [ -f "$log" ]; then wc -l <"$log"; else echo 0; fi; }
before=$(records)

@PROGRAM@ run --plan "$plan" --shard "$shard/@SHARDS@" \
    --threads "${SLURM_CPUS_PER_TASK:-1}" --memory "${SLURM_MEM_PER_NODE:-@MEMORY@}" &
run=$!
late=no
insist=
give_up() {
    sleep "$grace" &
    trap "kill $!; exit" TERM
    wait $!
    kill -TERM "$run"
}
# The time limit is near: no cell is begun any more, and those that do not end in time are given up.
trap 'late=yes; kill -TERM "$run"; give_up >/dev/null 2>&1 & insist=$!' USR1
# Preempted or cancelled: the run was told as well, and this shell stays until it has ended.
trap : TERM
while :; do
    wait "$run"
    code=$?
    [ "$code" -gt 128 ] && kill -0 "$run" 2>/dev/null || break
done
# A signal may have come between the run's end and its code; bash still has that, or says 127.
wait "$run"
last=$?
[ "$last" -eq 127 ] || code=$last
[ -z "$insist" ] || kill "$insist" 2>/dev/null
# Back into the queue for the rest, unless a whole time limit was not enough for one cell.
if [ "$late" = yes ] && [ "$code" -gt 128 ] && [ "$(records)" -gt "$before" ]; then
    scontrol requeue "$SLURM_JOB_ID"
fi
exit "$code"
"#;

/// Tasks of one array: what `--array` says, and the shard of index 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The indices, as `--array` takes them.
    pub indices: String,
    /// What is added to an index.
    pub first: usize,
}

/// The arrays that run `shards`, which ascend, with indices below `max_array_size`.
pub fn blocks(shards: &[usize], max_array_size: usize, throttle: Option<usize>) -> Vec<Block> {
    let size = max_array_size.max(1);
    let mut blocks: Vec<(usize, Vec<(usize, usize)>)> = Vec::new();
    for &shard in shards {
        let (first, index) = (shard / size * size, shard % size);
        if blocks.last().is_none_or(|(begun, _)| *begun != first) {
            blocks.push((first, Vec::new()));
        }
        let Some((_, runs)) = blocks.last_mut() else { continue };
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == index => *last = index,
            _ => runs.push((index, index)),
        }
    }
    let run = |(first, last): &(usize, usize)| match first == last {
        true => first.to_string(),
        false => format!("{first}-{last}"),
    };
    let throttle = throttle.map_or_else(String::new, |many| format!("%{many}"));
    let block = |(first, runs): (usize, Vec<(usize, usize)>)| Block {
        indices: runs.iter().map(run).collect::<Vec<_>>().join(",") + &throttle,
        first,
    };
    blocks.into_iter().map(block).collect()
}

/// The words of the command that submits a block.
pub fn array_command(folder: &Path, block: &Block, instead: Instead) -> Vec<String> {
    let script = folder.join(ARRAY_FILE).display().to_string();
    let mut words = vec!["sbatch".to_owned(), format!("--array={}", block.indices)];
    words.extend(instead.options());
    words.push(script);
    let grace = instead.minutes.map(|minutes| (signal_seconds(minutes) / 2).to_string());
    if block.first > 0 || grace.is_some() {
        words.push(block.first.to_string());
    }
    words.extend(grace);
    words
}

/// `MaxArraySize` as `scontrol show config` tells it.
pub fn max_array_size(config: &str) -> Option<usize> {
    let line = config.lines().find_map(|line| line.trim().strip_prefix("MaxArraySize"))?;
    line.trim().strip_prefix('=')?.trim().parse().ok()
}

/// The job's number in what `sbatch --parsable` prints: `NUMBER` or `NUMBER;CLUSTER`.
pub fn job_number(said: &str) -> Option<u64> {
    said.trim().lines().last()?.split(';').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_have_indices_below_the_clusters_limit() {
        let block = |indices: &str, first| Block { indices: indices.into(), first };
        assert_eq!(blocks(&[0, 1, 2, 3], 1_001, None), [block("0-3", 0)]);
        assert_eq!(blocks(&[0, 1, 2, 3, 4], 2, Some(7)), [block("0-1%7", 0), block("0-1%7", 2), block("0%7", 4)]);
        assert_eq!(blocks(&[3, 7, 8, 12], 10, None), [block("3,7-8", 0), block("2", 10)]);
        assert_eq!(blocks(&[], 10, None), []);
        // A cluster that allows no arrays at all has 0 there.
        assert_eq!(blocks(&[0, 1], 0, None), [block("0", 0), block("0", 1)]);
    }

    #[test]
    fn what_tasks_may_use_instead_goes_before_the_script() {
        let of = |first, instead| {
            array_command(Path::new("/p"), &Block { indices: "0-1%7".into(), first }, instead)[1..].join(" ")
        };
        assert_eq!(of(0, Instead::default()), "--array=0-1%7 /p/array.sh");
        assert_eq!(
            of(9, Instead { threads: Some(3), ..Instead::default() }),
            "--array=0-1%7 --cpus-per-task=3 /p/array.sh 9"
        );
        let more = Instead { threads: None, memory_mib: Some(9_999), minutes: Some(4) };
        // Half of four minutes before the end, and half of that for the cells in flight.
        assert_eq!(of(0, more), "--array=0-1%7 --mem=9999M --time=4 --signal=B:USR1@120 /p/array.sh 0 60");
        let long = Instead { minutes: Some(600), ..Instead::default() };
        assert_eq!(of(0, long), "--array=0-1%7 --time=600 --signal=B:USR1@300 /p/array.sh 0 150");
    }

    #[test]
    fn options_are_written_as_lines_of_a_script_have_them() {
        for (option, line) in [
            ("--account=fraud", "--account=fraud"),
            ("-A fraud", "-A fraud"),
            ("-A  the fraud", "-A \"the fraud\""),
            ("--exclusive", "--exclusive"),
            ("--comment=", "--comment="),
            ("--constraint=[a|b]&c*2", "--constraint=[a|b]&c*2"),
            ("--comment=nightly fraud study", "--comment=\"nightly fraud study\""),
            ("--comment=a b'c", "--comment=\"a b'c\""),
            (r#"--comment=a"b\c"#, r#"--comment="a\"b\\c""#),
            // Without a word about it, the rest would be a comment.
            ("--comment=a#b", "--comment=\"a#b\""),
            ("-Aa#b", "\"-Aa#b\""),
            ("--comment=x = y", "--comment=\"x = y\""),
            // As it was written for the script.
            ("--comment=\"a b\"", "--comment=\"a b\""),
            ("--comment='a b'", "--comment='a b'"),
            ("--comment=\"a\" \"b\"", r#"--comment="\"a\" \"b\"""#),
        ] {
            assert_eq!(directive(option), line, "{option}");
        }
    }

    #[test]
    fn several_options_in_one_are_known_from_a_value_with_blanks() {
        for several in ["--account=a --qos=b", "--exclusive --qos=b", "--exclusive -v", "-A a -p b", "-A a --qos=b"] {
            assert!(holds_several(several), "{several}");
        }
        let one = [
            "--account=a",
            "-A a",
            "--exclusive",
            "--comment=a - b",
            "--comment=a -- b",
            "--comment=a --- b",
            "--comment=a -v",
            "--comment='a --b'",
            "--nice=-5",
            "--nice -5",
            "--comment=--a",
        ];
        for one in one {
            assert!(!holds_several(one), "{one}");
        }
    }

    #[test]
    fn what_slurm_prints_is_understood() {
        let config = "Configuration data as of 2026-11-28\nMaxArraySize            = 50\nMaxDBDMsgs = 20\n";
        assert_eq!(max_array_size(config), Some(50));
        assert_eq!(max_array_size("MaxJobCount = 3\n"), None);
        assert_eq!(["12\n", "12;main\n", "", "no"].map(job_number), [Some(12), Some(12), None, None]);
    }
}
