//! The manifests for Kubernetes against its published schema (`kubernetes-job.json`).

use std::fs;

use serde_json::{Value, json};

use crate::{Place, STUDY, csv};

/// Says where `value` is not as `schema` has it; `found` is the way there. Only what the vendored schema uses is known here.
fn faults(all: &Value, schema: &Value, value: &Value, found: &str, said: &mut Vec<String>) {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.rsplit('/').next().unwrap();
        let of = &all["$defs"][name];
        if of.is_null() {
            return said.push(format!("{found} needs {name}, which is not vendored"));
        }
        return faults(all, of, value, found, said);
    }
    if let Some(any) = schema["oneOf"].as_array() {
        let fits = |one: &&Value| {
            let mut said = Vec::new();
            faults(all, one, value, found, &mut said);
            said.is_empty()
        };
        if any.iter().filter(fits).count() != 1 {
            said.push(format!("{found} fits none or several of {any:?}"));
        }
    }
    let is_of = |name: &str| match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("a type that is not known here: {other}"),
    };
    let types: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(many) => many.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    if !types.is_empty() && !types.iter().any(|name| is_of(name)) {
        said.push(format!("{found} is {value}, not of {types:?}"));
    }
    if let Some(allowed) = schema["enum"].as_array()
        && !allowed.contains(value)
    {
        said.push(format!("{found} is {value}, not one of {allowed:?}"));
    }
    for required in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if value.get(required).is_none() {
            said.push(format!("{found}.{required} is missing"));
        }
    }
    for (nth, item) in value.as_array().into_iter().flatten().enumerate() {
        if schema["items"].is_object() {
            faults(all, &schema["items"], item, &format!("{found}[{nth}]"), said);
        }
    }
    for (key, inner) in value.as_object().into_iter().flatten() {
        let way = format!("{found}.{key}");
        match (&schema["properties"][key], &schema["additionalProperties"]) {
            (Value::Null, Value::Bool(false)) => said.push(format!("{way} is unknown")),
            (Value::Null, rest) if rest.is_object() => faults(all, rest, inner, &way, said),
            (Value::Null, _) => {}
            (own, _) => faults(all, own, inner, &way, said),
        }
    }
}

fn of_job(job: &Value) -> Vec<String> {
    let schema: Value = serde_json::from_str(include_str!("kubernetes-job.json")).unwrap();
    let mut said = Vec::new();
    faults(&schema, &schema["$defs"]["io.k8s.api.batch.v1.Job"], job, "job", &mut said);
    said
}

#[test]
fn manifests_fit_the_published_schema_and_what_a_job_of_indices_needs() {
    let place = Place::new(&csv(210), STUDY);
    let submit = [
        "submit",
        "study.toml",
        "--kubernetes",
        "--image",
        "bench:1",
        "--claim",
        "shared",
        "--shards",
        "3",
        "--out",
        "plan",
    ];
    let output = place.command(&submit).env("FRAUDBENCH_DATA", "/data").output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("plan/job.json") && said.contains("plan/merge-job.json"), "{said}");
    let read = |name: &str| -> Value { serde_json::from_str(&fs::read_to_string(place.path(name)).unwrap()).unwrap() };
    let (job, merge) = (read("plan/job.json"), read("plan/merge-job.json"));
    assert_eq!((of_job(&job), of_job(&merge)), (Vec::<String>::new(), Vec::new()));
    let spec = &job["spec"];
    assert_eq!((&spec["completionMode"], &spec["completions"]), (&json!("Indexed"), &json!(3)));
    // What the API server checks beside the schema: limits per index and a failure policy need pods that never restart.
    assert_eq!(spec["template"]["spec"]["restartPolicy"], "Never");
    let name = job["metadata"]["name"].as_str().unwrap();
    assert!(
        name.len() <= 63 - 6 && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'),
        "{name}"
    );
    // An empty variable names no folder, as one that is not set.
    let env = |job: &Value| job["spec"]["template"]["spec"]["containers"][0]["env"].clone();
    assert_eq!(env(&job), json!([{ "name": "FRAUDBENCH_DATA", "value": "/data" }]));
    let empty = [&submit[..submit.len() - 1], &["empty"]].concat();
    assert!(place.command(&empty).env("FRAUDBENCH_DATA", "").status().unwrap().success());
    assert_eq!((env(&read("empty/job.json")), env(&read("empty/merge-job.json"))), (Value::Null, Value::Null));
    fs::remove_dir_all(place.path("empty")).unwrap();
    // Another plan of the study does not replace it, and what is made again does.
    let again = |out: &str| {
        place.expect(0, &[&submit[..submit.len() - 1], &[out]].concat());
        read(&format!("{out}/job.json"))["metadata"]["name"].as_str().unwrap().to_owned()
    };
    let other = again("other");
    assert!(
        other != name && other.starts_with("fraudbench-small-") && name.starts_with("fraudbench-small-"),
        "{other}"
    );
    assert_eq!(merge["metadata"]["name"], format!("{name}-merge"));
    fs::remove_dir_all(place.path("other")).unwrap();
    assert_eq!(again("other"), other);
    // The checker sees what is wrong.
    let mut wrong = job.clone();
    wrong["spec"]["completions"] = json!("3");
    wrong["spec"]["parallel"] = json!(3);
    wrong["spec"]["template"]["spec"]["containers"][0].as_object_mut().unwrap().remove("name");
    wrong["spec"]["podFailurePolicy"]["rules"][0].as_object_mut().unwrap().remove("action");
    assert_eq!(of_job(&wrong).len(), 4, "{:?}", of_job(&wrong));
}

#[test]
fn the_command_of_a_pod_runs_its_shard() {
    let place = Place::new(&csv(210), STUDY);
    place.expect(
        0,
        &["submit", "study.toml", "--kubernetes", "--image", "i", "--claim", "c", "--shards", "2", "--out", "a plan"],
    );
    let text = fs::read_to_string(place.path("a plan/job.json")).unwrap();
    let job: Value = serde_json::from_str(&text).unwrap();
    let container = &job["spec"]["template"]["spec"]["containers"][0];
    let words: Vec<&str> = container["command"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_fraudbench"));
    let path = format!("{}:/usr/bin:/bin", program.parent().unwrap().display());
    for index in ["0", "1"] {
        let mut pod = std::process::Command::new(words[0]);
        pod.args(&words[1..]).current_dir(container["workingDir"].as_str().unwrap());
        let done = pod.env("JOB_COMPLETION_INDEX", index).env("PATH", &path).output().unwrap();
        assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
    }
    place.expect(0, &["merge", "a plan"]);
    assert_eq!(place.records("a plan/merged").len(), 18);
    // Pods see nothing but the volume.
    let outside = place.path("elsewhere");
    fs::create_dir(&outside).unwrap();
    let submit =
        ["submit", "study.toml", "--kubernetes", "--image", "i", "--claim", "c", "--out", "b", "--mount", "elsewhere"];
    let said = place.expect(2, &submit);
    assert!(said.contains("which is all that pods see"), "{said}");
}

#[test]
fn data_that_pods_cannot_see_are_refused_as_a_plan_outside_is() {
    let elsewhere = Place::new(&csv(210), STUDY);
    let table = elsewhere.path("data.csv").canonicalize().unwrap();
    let place = Place::new("", &STUDY.replace("data.csv", table.to_str().unwrap()));
    let submit = ["submit", "study.toml", "--kubernetes", "--image", "i", "--claim", "c", "--shards", "2", "--out"];
    let said = place.expect(2, &[&submit[..], &["plan"]].concat());
    let mount = place.folder.path().canonicalize().unwrap();
    let outside = format!("{} does not lie in {}, which is all that pods see", table.display(), mount.display());
    assert!(said.contains(&outside), "{said}");
    assert!(!place.path("plan/plan.json").exists() && !place.path("plan/job.json").exists());
    // Where everything is under the mount, it is taken.
    place.expect(0, &[&submit[..], &["plan", "--mount", "/"]].concat());
    // A table of the catalogue lies where FRAUDBENCH_DATA says.
    place.write("sample.toml", &STUDY.replace("path = \"data.csv\"", "name = \"creditcard-sample\""));
    let submit =
        ["submit", "sample.toml", "--kubernetes", "--image", "i", "--claim", "c", "--shards", "2", "--out", "b"];
    let data = concat!(env!("CARGO_MANIFEST_DIR"), "/data");
    let output = place.command(&submit).env("FRAUDBENCH_DATA", data).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("data/creditcard-sample.csv does not lie in "), "{said}");
}
