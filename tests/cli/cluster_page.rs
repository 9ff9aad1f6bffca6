//! `docs/cluster.md`: every command of the page, as it stands there. Slurm's and Kubernetes' own commands write down what they are told.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use crate::{Place, csv};

/// Two pipelines on two splits: at most four shards.
const STUDY: &str = "name = \"small\"\nseed = 5\n[data]\npath = \"data.csv\"\n[protocol]\nkind = \"stratified-k-fold\"\nfolds = 2\n[grid]\n\
                     classifiers = [\"prior\", \"decision-tree\"]\n";
/// Prints a job's number, and writes down what it was told; a file that it was given must be there.
const ENGINE: &str = "#!/bin/sh\nfor last; do :; done\ncase $last in *.sh | *.json) test -f \"$last\" || exit 9 ;; esac\n\
                      echo \"$(basename \"$0\") $*\" >>\"$ENGINE_LOG\"\necho 7\n";

/// The page's commands: those of its blocks line by line, and those within the text that have arguments.
fn commands() -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/cluster.md");
    let page = std::fs::read_to_string(path).unwrap();
    let (mut found, mut text) = (Vec::new(), String::new());
    for (nth, part) in page.split("```").enumerate() {
        match part.strip_prefix("sh\n").filter(|_| nth % 2 == 1) {
            Some(block) => found.extend(block.lines().map(|line| line.split("  #").next().unwrap().trim().to_owned())),
            None => text.push_str(part),
        }
    }
    let spans = text.split('`').skip(1).step_by(2).map(|span| span.split_whitespace().collect::<Vec<_>>());
    let ours = spans.filter(|words| ["fraudbench", "kubectl"].contains(&words[0]) && words.len() > 2);
    found.extend(ours.map(|words| words.join(" ")));
    found
}

/// A shared folder with the study, and the commands of engines that are none.
struct Shared {
    place: Place,
    left: BTreeSet<String>,
}

impl Shared {
    fn new() -> Self {
        let place = Place::new(&csv(210), STUDY);
        std::fs::create_dir(place.path("bin")).unwrap();
        for engine in ["sbatch", "squeue", "kubectl"] {
            place.write(&format!("bin/{engine}"), ENGINE);
            assert!(
                Command::new("chmod").arg("+x").arg(place.path(&format!("bin/{engine}"))).status().unwrap().success()
            );
        }
        Shared { place, left: commands().into_iter().collect() }
    }

    /// Runs the page's command that begins so, with other words in the place of some; what it printed.
    fn run(&mut self, begin: &str, code: i32, other: &[(&str, &str)]) -> String {
        let command = commands().into_iter().find(|command| command.starts_with(begin)).unwrap();
        self.left.remove(&command);
        let folder = self.place.folder.path().display().to_string();
        // The folder comes last: its name is drawn, and may hold what is replaced.
        let text = other.iter().fold(command, |text, (old, new)| text.replace(old, new)).replace("/shared", &folder);
        let program = Path::new(env!("CARGO_BIN_EXE_fraudbench")).parent().unwrap();
        let mut shell = Command::new("sh");
        shell.args(["-e", "-c", &text]).current_dir(self.place.folder.path());
        shell.env("PATH", format!("{folder}/bin:{}:/usr/bin:/bin", program.display()));
        let output = shell.env("ENGINE_LOG", self.place.path("engine.log")).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{text}\n{said}");
        said
    }

    /// How many shards the plan in `plan` has.
    fn shards(&self) -> usize {
        let plan: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(self.place.path("plan/plan.json")).unwrap()).unwrap();
        plan["shards"].as_array().unwrap().len()
    }

    /// What the engines were told.
    fn told(&self) -> Vec<String> {
        let log = std::fs::read_to_string(self.place.path("engine.log")).unwrap_or_default();
        log.lines().map(str::to_owned).collect()
    }
}

#[test]
fn every_command_of_the_page_does_what_it_says() {
    let (four, mut slurm) = ([("200", "4"), ("40", "4")], Shared::new());
    slurm.run("fraudbench run study.toml --filter fold=0", 0, &[]);
    slurm.run("fraudbench submit study.toml --slurm", 0, &four);
    let told = slurm.told();
    // Four are asked for; by what the small run's cells happened to take, a plan may need fewer.
    let shards = slurm.shards();
    assert!((1..=4).contains(&shards), "{shards}");
    let indices = if shards == 1 { "--array=0 ".to_owned() } else { format!("--array=0-{} ", shards - 1) };
    assert!(told.len() == 2 && told[0].contains(&indices) && told[1].contains("--dependency="), "{told:?}");
    slurm.run("squeue --me", 0, &[]);
    assert!(slurm.run("fraudbench merge /shared/plan", 1, &[]).contains("4 missing"));
    slurm.run("fraudbench submit --resubmit", 0, &[]);
    assert_eq!(slurm.told().len(), 5);
    for shard in 0..shards {
        let other = [("I/40", format!("{shard}/{shards}"))];
        slurm.run("fraudbench run --plan plan", 0, &other.each_ref().map(|(old, new)| (*old, new.as_str())));
    }
    assert!(slurm.run("fraudbench merge /shared/plan", 0, &[]).contains("4 scored, 0 failed, 0 missing"));
    slurm.run("fraudbench run --resume", 0, &[]);
    slurm.run("fraudbench cluster", 0, &[("RUN", "plan/merged"), ("DIR", "simulated")]);
    assert!(slurm.place.path("simulated/cluster.md").is_file());

    let mut kubernetes = Shared::new();
    kubernetes.run("cd /shared && fraudbench submit", 0, &four);
    for begin in ["kubectl apply -f plan/job.json", "kubectl apply -f plan/merge-job.json", "kubectl replace"] {
        kubernetes.run(begin, 0, &[]);
    }
    assert_eq!(kubernetes.told().len(), 3);

    let mut other = Shared::new();
    other.run("fraudbench submit study.toml --shards 40", 0, &four);
    assert!(other.run("fraudbench merge plan", 1, &[]).contains("4 missing"));
    let left: Vec<&String> =
        slurm.left.iter().filter(|c| kubernetes.left.contains(*c) && other.left.contains(*c)).collect();
    assert!(left.is_empty(), "nothing runs {left:?}");
}
