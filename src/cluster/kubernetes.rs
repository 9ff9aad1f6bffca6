//! What Kubernetes is told: an Indexed Job whose index is the shard, and a Job that merges. JSON, which `kubectl` takes as it takes YAML.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::ShardPlan;
use crate::data::hex;

/// The manifest of the shards.
pub const JOB_FILE: &str = "job.json";
/// The manifest of the merge.
pub const MERGE_JOB_FILE: &str = "merge-job.json";

/// Seconds that a pod has after it was told to end.
const GRACE: u64 = 120;
/// How often a shard is begun again whose pod ended for a reason of its own, such as a want of memory.
const RETRIES: u64 = 3;

/// Hexadecimal digits of a job's name that tell the place of its plan: the volume and the folder there.
const PLACE: usize = 8;

/// What the manifests say beside the plan.
pub struct Manifests<'a> {
    /// The plan's folder, absolute; a pod sees it under the same path.
    pub folder: &'a str,
    /// The folder at which the claim is mounted; plan, study and data lie in it.
    pub mount: &'a str,
    /// The claim of the shared volume.
    pub claim: &'a str,
    /// The image, which has the program as `fraudbench`.
    pub image: &'a str,
    /// The study's name.
    pub study: &'a str,
    /// Where the data of the catalogue are, if somewhere of their own.
    pub data: Option<&'a str>,
}

/// Whether Kubernetes takes a text for the name of a thing: a subdomain of the domain name system.
pub fn is_name(text: &str) -> bool {
    let is_part = |part: &str| {
        let fits = part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        fits && !part.is_empty() && !part.starts_with('-') && !part.ends_with('-')
    };
    text.len() <= 253 && text.split('.').all(is_part)
}

impl Manifests<'_> {
    /// The name of a job. Two plans of one study have two: what one name is given again ends the pods of the first.
    fn name(&self, suffix: &str) -> String {
        let place = hex(&Sha256::digest(format!("{}\0{}", self.claim, self.folder))[..PLACE / 2]);
        // A pod's name is the job's and an index, in at most 63 characters.
        let room = 45 - PLACE - 1 - suffix.len();
        let name: String = self.study.chars().take(room).collect();
        match name.trim_matches('-') {
            "" => format!("fraudbench-{place}{suffix}"),
            name => format!("fraudbench-{name}-{place}{suffix}"),
        }
    }

    /// A pod that runs `arguments`, the words after `fraudbench`.
    fn pod(&self, plan: &ShardPlan, command: &Value) -> Value {
        let uses = plan.resources;
        let asked = json!({ "cpu": uses.threads.to_string(), "memory": format!("{}Mi", uses.memory_mib) });
        let mut container = json!({
            "name": "fraudbench",
            "image": self.image,
            "command": command,
            "workingDir": self.mount,
            "resources": { "requests": asked, "limits": { "memory": asked["memory"] } },
            "volumeMounts": [{ "name": "shared", "mountPath": self.mount }],
        });
        if let Some(data) = self.data {
            container["env"] = json!([{ "name": "FRAUDBENCH_DATA", "value": data }]);
        }
        json!({
            "restartPolicy": "Never",
            "terminationGracePeriodSeconds": GRACE,
            "containers": [container],
            "volumes": [{ "name": "shared", "persistentVolumeClaim": { "claimName": self.claim } }],
        })
    }

    /// The Indexed Job of the shards: the completion index is the shard.
    pub fn job(&self, plan: &ShardPlan) -> Value {
        let shards = plan.shards.len();
        let uses = plan.resources;
        // Words of the plan come as arguments, so that no character of theirs is the shell's.
        let script =
            "exec fraudbench run --plan \"$0\" --shard \"$JOB_COMPLETION_INDEX/$1\" --threads \"$2\" --memory \"$3\"";
        let words = [self.folder.to_owned(), shards.to_string(), uses.threads.to_string(), uses.memory_mib.to_string()];
        let command: Vec<String> = ["sh", "-c", script].map(str::to_owned).into_iter().chain(words).collect();
        json!({
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": { "name": self.name(""), "labels": { "app.kubernetes.io/name": "fraudbench" } },
            "spec": {
                "completionMode": "Indexed",
                "completions": shards,
                "parallelism": plan.throttle.unwrap_or(shards).min(shards),
                "backoffLimitPerIndex": RETRIES,
                // One shard that cannot be finished does not end the others.
                "maxFailedIndexes": shards,
                "podFailurePolicy": { "rules": [
                    // Drained or preempted: that is no failure of the shard, which goes on where it was.
                    { "action": "Ignore", "onPodConditions": [{ "type": "DisruptionTarget", "status": "True" }] },
                    // Cells failed, or study, data or results are not right: again would be no better.
                    { "action": "FailIndex", "onExitCodes": { "containerName": "fraudbench", "operator": "In", "values": [1, 2, 3] } },
                ] },
                "template": {
                    "metadata": { "labels": { "app.kubernetes.io/name": "fraudbench" } },
                    "spec": self.pod(plan, &json!(command)),
                },
            },
        })
    }

    /// The Job that merges, for when the other one is over.
    pub fn merge(&self, plan: &ShardPlan) -> Value {
        json!({
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": { "name": self.name("-merge"), "labels": { "app.kubernetes.io/name": "fraudbench" } },
            "spec": {
                "backoffLimit": 0,
                "template": { "spec": self.pod(plan, &json!(["fraudbench", "merge", self.folder])) },
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_kubernetes_takes() {
        for name in ["shared", "a", "my-claim.1", "0"] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", "C_d", "Shared", "a b", "-a", "a-", "a..b", ".a", "é", &"a".repeat(254)] {
            assert!(!is_name(name), "{name}");
        }
        let named = |study: &str, suffix| {
            let manifests = Manifests { folder: "/p", mount: "/", claim: "c", image: "i", study, data: None };
            manifests.name(suffix)
        };
        // printf 'c\0/p' | sha256sum
        assert_eq!(named("---", ""), "fraudbench-bd6b7ba0");
        assert_eq!(named("---", "-merge"), "fraudbench-bd6b7ba0-merge");
        assert_eq!(named("-night-", "-merge"), "fraudbench-night-bd6b7ba0-merge");
        // In 63 letters, with an index of six behind them: 11 of the program, 36 of the study, 9 of the place.
        assert_eq!(named(&"a".repeat(60), ""), format!("fraudbench-{}-bd6b7ba0", "a".repeat(36)));
        assert_eq!(named(&"a".repeat(60), "-merge"), format!("fraudbench-{}-bd6b7ba0-merge", "a".repeat(30)));
        assert_eq!(named(&"a".repeat(60), "").len() + "-123456".len(), 63);
    }

    #[test]
    fn two_plans_of_a_study_have_two_jobs() {
        let named = |folder: &str, claim: &str| {
            let manifests = Manifests { folder, mount: "/", claim, image: "i", study: "small", data: None };
            manifests.name("")
        };
        assert_eq!(named("/p", "c"), "fraudbench-small-bd6b7ba0");
        // printf 'c\0/q' | sha256sum; printf 'd\0/p' | sha256sum
        assert_eq!(named("/q", "c"), "fraudbench-small-f40973c0");
        assert_eq!(named("/p", "d"), "fraudbench-small-0cc1ca49");
    }
}
