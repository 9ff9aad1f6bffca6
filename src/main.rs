//! `fraudbench`: parse, dispatch, print the error chain, exit code.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    fraudbench::classify::quiet_openmp();
    let command = fraudbench::cli::Arguments::parse();
    match fraudbench::cli::dispatch(command) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("fraudbench: {error}");
            ExitCode::from(error.exit_code())
        }
    }
}
