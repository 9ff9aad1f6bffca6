//! `fraudbench`: be a worker if started as one, else parse, dispatch, print the error chain, exit code.

#![deny(clippy::print_stdout, clippy::print_stderr)]

use std::process::ExitCode;

use fraudbench::component::Registry;

#[global_allocator]
static ALLOCATOR: fraudbench::Allocator = fraudbench::Allocator;

fn main() -> ExitCode {
    fraudbench::spare_addresses();
    fraudbench::classify::quiet_openmp();
    // A file that outgrows the shell's limit (`ulimit -f`) is then a write that failed, which is told, and not a silent end.
    // SAFETY: ignoring a signal installs no code that could run at a bad moment.
    unsafe { libc::signal(libc::SIGXFSZ, libc::SIG_IGN) };
    let registry = Registry::built_in();
    fraudbench::worker(&registry);
    fraudbench::tell_want_of_memory();
    let command = match fraudbench::cli::parsed() {
        Ok(command) => command,
        Err(code) => return ExitCode::from(code),
    };
    match fraudbench::cli::dispatch(command, &registry) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            fraudbench::cli::tell(&error);
            ExitCode::from(error.exit_code())
        }
    }
}
