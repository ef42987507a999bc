//! `serve --settings FILE`: a TOML file whose keys are the long names of the flags.
//!
//! A flag wins over its variable, a variable over the file, the file over the default. What the file says becomes
//! arguments of the command line, so that a value means the same wherever it stands.

use super::Cli;
use super::exit::Exit;
use super::failure::Failure;
use clap::parser::ValueSource;
use clap::{ArgMatches, Command, CommandFactory, Parser};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// The flag that names the file; it cannot stand in one.
const SETTINGS: &str = "settings";

/// The arguments, with those of the settings file that they name.
///
/// # Errors
/// A file that cannot be read or is no TOML; a key that is no setting, a value that does not fit it.
pub(super) fn with_settings_file(args: Vec<OsString>) -> Result<Vec<OsString>, Failure> {
    // Whatever is wrong with the arguments themselves is told by the parse that follows.
    let Ok(matches) = Cli::command().try_get_matches_from(&args) else { return Ok(args) };
    let Some(("serve", given)) = matches.subcommand() else { return Ok(args) };
    let Some(file) = given.get_one::<PathBuf>(SETTINGS) else { return Ok(args) };
    let from_file = read(file)?;
    check(&from_file, file)?;
    let more = from_file.into_iter().filter(|setting| !is_given(&matches, given, &setting.name));
    Ok(args.into_iter().chain(more.flat_map(|setting| setting.arguments)).collect())
}

/// One key of the file, and what to write on a command line instead.
struct Setting {
    name: String,
    arguments: Vec<OsString>,
}

fn read(file: &Path) -> Result<Vec<Setting>, Failure> {
    let place = file.display();
    let text = std::fs::read_to_string(file).map_err(|error| Failure::reading(&place.to_string(), &error))?;
    let table: Table =
        text.parse().map_err(|error| Failure::new(Exit::Usage, format!("{place} is no TOML: {error}")))?;
    let command = Cli::command();
    table.into_iter().map(|(name, value)| setting(&command, file, name, value)).collect()
}

fn setting(command: &Command, file: &Path, name: String, value: Value) -> Result<Setting, Failure> {
    let place = file.display();
    if !names(command).any(|known| known == name) {
        let known: Vec<_> = names(command).collect();
        return Err(Failure::new(Exit::Usage, format!("{place}: there is no setting {name:?}"))
            .help(format!("the settings are {}", known.join(", "))));
    }
    let values = match value {
        Value::Array(values) => values,
        value => vec![value],
    };
    let arguments = values.into_iter().filter_map(|value| argument(&name, value).transpose());
    match arguments.collect() {
        Ok(arguments) => Ok(Setting { name, arguments }),
        Err(kind) => {
            let message = format!("{place}: {name} is a {kind}, which no setting takes");
            Err(Failure::new(Exit::Usage, message).help("write a string, a number, true or false, or a list"))
        }
    }
}

/// One value as an argument; none for a switch that is off. The error is the name of a type that no flag takes.
fn argument(name: &str, value: Value) -> Result<Option<OsString>, &'static str> {
    match value {
        Value::String(text) => Ok(Some(format!("--{name}={text}").into())),
        Value::Integer(number) => Ok(Some(format!("--{name}={number}").into())),
        Value::Float(number) => Ok(Some(format!("--{name}={number}").into())),
        Value::Boolean(is_on) => Ok(is_on.then(|| format!("--{name}").into())),
        other => Err(other.type_str()),
    }
}

/// Reads the file's settings alone, so that a value that does not fit is told with the file's name.
fn check(settings: &[Setting], file: &Path) -> Result<(), Failure> {
    for setting in settings {
        let words = ["orgsearch", "serve"].map(OsString::from);
        let parsed = Cli::try_parse_from(words.iter().chain(&setting.arguments));
        if let Err(error) = parsed {
            let text = error.render().to_string();
            let fault = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
            let message = format!("{}: {}: {fault}", file.display(), setting.name);
            return Err(Failure::new(Exit::Usage, message)
                .help("orgsearch serve --help tells what each setting takes"));
        }
    }
    Ok(())
}

/// Whether the command line or the environment says it already.
fn is_given(all: &ArgMatches, serve: &ArgMatches, name: &str) -> bool {
    let command = Cli::command();
    let Some(id) = arguments(&command).find(|arg| arg.get_long() == Some(name)).map(clap::Arg::get_id) else {
        return false;
    };
    let source = |matches: &ArgMatches| {
        matches.try_contains_id(id.as_str()).ok().and_then(|_| matches.value_source(id.as_str()))
    };
    let sources = [source(serve), source(all)];
    sources.iter().flatten().any(|source| *source != ValueSource::DefaultValue)
}

/// The names of all settings.
fn names(command: &Command) -> impl Iterator<Item = &str> {
    arguments(command).filter_map(clap::Arg::get_long).filter(|name| *name != SETTINGS)
}

/// The arguments of `serve`, and the one that all commands share.
fn arguments(command: &Command) -> impl Iterator<Item = &clap::Arg> {
    let serve = command.find_subcommand("serve").into_iter().flat_map(Command::get_arguments);
    command.get_arguments().chain(serve)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;

    /// The table of docs/SETTINGS.md.
    fn documented() -> String {
        let command = Cli::command();
        let mut table =
            String::from("| setting | variable | default | meaning |\n| --- | --- | --- | --- |\n");
        for arg in arguments(&command) {
            let Some(name) = arg.get_long() else { continue };
            let variable =
                arg.get_env().map_or_else(String::new, |name| format!("`{}`", name.to_string_lossy()));
            let default: Vec<_> =
                arg.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
            let default = if default.is_empty() { String::new() } else { format!("`{}`", default.join(",")) };
            let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
            let _ = writeln!(table, "| `{name}` | {variable} | {default} | {} |", help.replace('\n', " "));
        }
        table
    }

    #[test]
    fn the_documented_table_is_the_one_of_the_command_line() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/SETTINGS.md");
        let text = std::fs::read_to_string(path).unwrap();
        let table = documented();
        assert!(text.contains(&table), "docs/SETTINGS.md must hold this table:\n{table}");
    }

    fn run(file: &str, args: &[&str]) -> Result<Vec<String>, String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("settings.toml");
        std::fs::write(&path, file).unwrap();
        let words = ["orgsearch", "serve"].iter().chain(args).map(OsString::from);
        let flag = OsString::from(format!("--{SETTINGS}={}", path.display()));
        match with_settings_file(words.chain([flag]).collect()) {
            Ok(words) => {
                Ok(words.iter().skip(3 + args.len()).map(|word| word.to_string_lossy().into()).collect())
            }
            Err(Failure::Told { message, .. }) => Err(message),
            Err(Failure::ReaderLeft) => unreachable!("nothing is written"),
        }
    }

    #[test]
    fn the_file_fills_in_what_the_command_line_leaves_open() {
        let file = "listen = \"127.0.0.1:9\"\ndata = \"d\"\nclient-rate = 5\ngate-moved = 2.5\nlog-queries = true\n\
                    allow-origin = [\"https://a.cn\", \"https://b.cn\"]\n";
        let all =
            ["--allow-origin=https://a.cn", "--allow-origin=https://b.cn", "--client-rate=5", "--data=d"];
        let rest = ["--gate-moved=2.5", "--listen=127.0.0.1:9", "--log-queries"];
        assert_eq!(run(file, &[]).unwrap(), [&all[..], &rest[..]].concat());
        let given = run(file, &["--listen", "127.0.0.1:8", "--client-rate=7", "--data", "e"]).unwrap();
        let kept = [
            "--allow-origin=https://a.cn",
            "--allow-origin=https://b.cn",
            "--gate-moved=2.5",
            "--log-queries",
        ];
        assert_eq!(given, kept);
    }

    #[test]
    fn a_fault_is_told_with_its_place() {
        for (file, fault) in [
            ("lisen = \"x\"", "there is no setting \"lisen\""),
            ("client-rate = \"many\"", "client-rate: invalid value 'many'"),
            ("client-rate = 1.5", "client-rate: invalid value '1.5'"),
            ("gate-moved = 100.5", "gate-moved: invalid value '100.5'"),
            ("client-rate = 2026-09-01", "client-rate is a datetime"),
            ("listen = ", "is no TOML"),
            ("settings = \"other.toml\"", "there is no setting \"settings\""),
        ] {
            let message = run(file, &[]).unwrap_err();
            assert!(message.contains("settings.toml") && message.contains(fault), "{file}: {message}");
        }
    }
}
