//! Lets the binary and the tests find XGBoost's and LightGBM's libraries where they were linked: a dependency cannot set its
//! users' rpath. And tells the program which sources it is made from.

use std::io::Result;
use std::path::Path;

use sha2::{Digest, Sha256};

/// What the program is made from; the studies of `experiments` that it has stand in the manifests of their runs.
const SOURCES: [&str; 5] = ["Cargo.lock", "Cargo.toml", "assets", "build.rs", "src"];

fn main() -> Result<()> {
    let mut files = Vec::new();
    for source in SOURCES {
        println!("cargo:rerun-if-changed={source}");
        list(Path::new(source), &mut files)?;
    }
    files.sort();
    println!("cargo:rustc-env=FRAUDBENCH_SOURCES={}", &digest(&files)?[..12]);
    for folder in ["XGBOOST_LIB_DIR", "LIGHTGBM_LIB_DIR"] {
        println!("cargo:rerun-if-env-changed={folder}");
        if let Ok(dir) = std::env::var(folder) {
            println!("cargo:rustc-link-search=native={dir}");
            println!("cargo:rustc-link-arg=-Wl,-rpath,{dir}");
        }
    }
    Ok(())
}

/// Every file at or below `path`; links are left out, as editors leave some that lead nowhere.
fn list(path: &Path, files: &mut Vec<String>) -> Result<()> {
    let kind = path.symlink_metadata()?;
    if kind.is_file() {
        files.push(path.display().to_string());
    }
    if !kind.is_dir() {
        return Ok(());
    }
    std::fs::read_dir(path)?.try_for_each(|entry| list(&entry?.path(), files))
}

/// SHA-256 of what `sha256sum` says of the files; `scripts/sources` computes the same of any commit.
fn digest(files: &[String]) -> Result<String> {
    let mut all = Sha256::new();
    for file in files {
        all.update(format!("{}  {file}\n", hex(&Sha256::digest(std::fs::read(file)?))));
    }
    Ok(hex(&all.finalize()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
