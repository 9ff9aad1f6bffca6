//! `fraudbench completions` and `fraudbench man`: what a shell and `man` are told of the command line.

use std::path::PathBuf;

use clap::CommandFactory;
use clap_complete::Shell;

use crate::error::{Error, Result};
use crate::report::write_files;
use crate::words::counted;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  fraudbench completions bash > ~/.local/share/bash-completion/completions/fraudbench\n  fraudbench completions zsh > ~/.zfunc/_fraudbench\n  \
                        fraudbench completions fish > ~/.config/fish/completions/fraudbench.fish"
)]
pub struct Completions {
    /// Which shell
    shell: Shell,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  fraudbench man ~/.local/share/man/man1 && man fraudbench-run")]
pub struct Man {
    /// The folder that the pages are written into, such as ~/.local/share/man/man1; it is made if it is not there
    folder: PathBuf,
}

/// Prints the completions.
pub fn completions(arguments: &Completions) -> Result<u8> {
    let mut text = Vec::new();
    clap_complete::generate(arguments.shell, &mut super::Arguments::command(), "fraudbench", &mut text);
    super::say::bytes(&text);
    Ok(0)
}

/// Writes a page for the program and one for each of its subcommands.
pub fn man(arguments: &Man) -> Result<u8> {
    let mut command = super::Arguments::command().disable_help_subcommand(true);
    // Subcommands get their full names, such as fraudbench-run.
    command.build();
    let mut pages = Vec::new();
    collect(&command, &mut pages)?;
    let folder = &arguments.folder;
    std::fs::create_dir_all(folder).map_err(|e| Error::io("create", folder, e))?;
    let written = write_files(folder, &pages)?;
    show!("{} in {}", counted(written.len() as u64, "page"), folder.display());
    Ok(0)
}

fn collect(command: &clap::Command, pages: &mut Vec<(PathBuf, Vec<u8>)>) -> Result<()> {
    let page = clap_mangen::Man::new(command.clone());
    let (name, mut text) = (page.get_filename(), Vec::new());
    page.render(&mut text).map_err(|e| Error::io("write", std::path::Path::new(&name), e))?;
    pages.push((name.into(), text));
    command.get_subcommands().filter(|one| !one.is_hide_set()).try_for_each(|one| collect(one, pages))
}
