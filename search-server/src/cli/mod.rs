//! The command line `orgsearch`: one file for each command, then what they share.
//!
//! A command has a parse struct, a function that runs it and, beside it, the types of its `--json` answer. It
//! prints its result on standard output and ends with an [`Exit`]; progress and errors go to standard error. No
//! command decides a score or changes a row: it calls the libraries and shows what they say.

mod change;
mod compact;
mod evaluate;
mod generate;
mod generations;
mod learn;
mod publish;
mod reindex;
mod resolve;
mod rollback;
mod search;
mod serve;
mod status;
mod store;
mod validate;

mod at_store;
mod data_dir;
mod faithful_writer;
mod settings_file;
mod source_file;
mod target_file;

mod exit;
mod failure;
mod file_size_limit;
mod interrupt;

mod findings;
mod gate_flags;
mod gate_report;
mod generation;

mod numbers;
mod output;
mod progress;
mod table;

pub use exit::Exit;

use clap::{Parser, Subcommand};
use data_dir::DataDir;
use failure::Failure;
use std::ffi::OsString;
use std::process::ExitCode;

/// Parses `args` (the program's name first), runs the command and gives the code to end with.
pub fn run(args: impl IntoIterator<Item = impl Into<OsString> + Clone>) -> ExitCode {
    file_size_limit::fail_instead_of_being_killed();
    let args = match settings_file::with_settings_file(args.into_iter().map(Into::into).collect()) {
        Ok(args) => args,
        Err(failure) => return output::tell(failure, "serve").into(),
    };
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(answer) => return output::usage(&answer).into(),
    };
    let name = cli.command.name();
    match cli.command.run(&cli.data) {
        Ok(exit) => exit.into(),
        Err(failure) => output::tell(failure, name).into(),
    }
}

/// Reads a settings file as `serve --settings` does, and starts nothing; whether it was taken. For fuzz targets.
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub fn takes_settings_file(path: &std::path::Path) -> bool {
    let args = ["orgsearch".into(), "serve".into(), "--settings".into(), path.into()];
    settings_file::with_settings_file(args.into()).is_ok_and(|args| Cli::try_parse_from(args).is_ok())
}

/// Finds organizations of the Communist Youth League by what people type: 北大软微24级软工1班.
///
/// Build an index from an org-tree file once with `reindex`, then `search` it here or `serve` it over HTTP.
#[derive(Debug, Parser)]
#[command(
    name = "orgsearch",
    version,
    subcommand_required = true,
    arg_required_else_help = true,
    max_term_width = 110,
    after_help = exit::help_end("orgsearch serve --demo")
)]
struct Cli {
    #[command(flatten)]
    data: DataDir,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    // Boxed: its settings are many times as large as those of the other commands.
    Serve(Box<serve::Serve>),
    Reindex(reindex::Reindex),
    Change(change::ChangeFile),
    Compact(compact::Compact),
    Validate(validate::Validate),
    Search(search::Search),
    Resolve(resolve::Resolve),
    Generate(generate::Generate),
    Evaluate(evaluate::Evaluate),
    Learn(learn::Learn),
    Status(status::Status),
    Rollback(rollback::Rollback),
    Generations(generations::Generations),
    Publish(publish::Publish),
    Store(store::Store),
}

impl Command {
    fn name(&self) -> &'static str {
        match self {
            Command::Serve(_) => "serve",
            Command::Reindex(_) => "reindex",
            Command::Change(_) => "change",
            Command::Compact(_) => "compact",
            Command::Validate(_) => "validate",
            Command::Search(_) => "search",
            Command::Resolve(_) => "resolve",
            Command::Generate(_) => "generate",
            Command::Evaluate(_) => "evaluate",
            Command::Learn(_) => "learn",
            Command::Status(_) => "status",
            Command::Rollback(_) => "rollback",
            Command::Generations(_) => "generations",
            Command::Publish(_) => "publish",
            Command::Store(_) => "store",
        }
    }

    fn run(self, data: &DataDir) -> Result<Exit, Failure> {
        match self {
            Command::Serve(command) => command.run(data),
            Command::Reindex(command) => command.run(data),
            Command::Change(command) => command.run(data),
            Command::Compact(command) => command.run(data),
            Command::Validate(command) => command.run(),
            Command::Search(command) => command.run(data),
            Command::Resolve(command) => command.run(data),
            Command::Generate(command) => command.run(),
            Command::Evaluate(command) => command.run(data),
            Command::Learn(command) => command.run(data),
            Command::Status(command) => command.run(data),
            Command::Rollback(command) => command.run(data),
            Command::Generations(command) => command.run(data),
            Command::Publish(command) => command.run(data),
            Command::Store(command) => command.run(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_holds_together() {
        Cli::command().debug_assert();
    }
}
