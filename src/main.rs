//! `fraudbench`: be a worker if started as one, else parse, dispatch, print the error chain, exit code.

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    fraudbench::classify::quiet_openmp();
    fraudbench::worker();
    let command = fraudbench::cli::Arguments::parse();
    match fraudbench::cli::dispatch(command) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            // Where nobody reads it, the exit code still tells.
            let _ = writeln!(std::io::stderr(), "fraudbench: {error}");
            ExitCode::from(error.exit_code())
        }
    }
}
