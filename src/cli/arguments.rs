//! Arguments by clap, with every word from the messages.

use std::ffi::OsString;

use clap::builder::PossibleValuesParser;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, ArgMatches, Command as Clap, value_parser};

use super::{Arguments, CLEAN, COULD_NOT_RUN, Command, FormsAction, Printed};
use crate::diag::{Format, Messages};
use crate::pipeline::Exchange;

/// Parses the arguments, or gives what is to be printed instead: help, the version, an error.
pub(super) fn parse(arguments: &[OsString], messages: &Messages) -> Result<Arguments, Printed> {
    let matches = command(messages).try_get_matches_from(arguments).map_err(|error| failure(&error, messages))?;
    read(&matches).ok_or_else(|| usage_error(&messages.text("cli-missing-command", &[]), messages))
}

fn command(messages: &Messages) -> Clap {
    let text = |key: &str| messages.text(key, &[]);
    let heading = text("cli-options-heading");
    let template = format!(
        "{{about}}\n\n{} {{usage}}\n\n{}\n{{subcommands}}\n\n{}\n{{options}}\n",
        text("cli-usage-heading"),
        text("cli-commands-heading"),
        heading,
    );
    let sub_template = format!(
        "{{about}}\n\n{} {{usage}}\n\n{}\n{{positionals}}\n\n{}\n{{options}}\n",
        text("cli-usage-heading"),
        text("cli-arguments-heading"),
        heading,
    );
    let help = || Arg::new("help").long("help").short('h').action(ArgAction::Help).help(text("cli-help"));
    let inputs = || {
        Arg::new("inputs")
            .value_name(text("cli-name-folder"))
            .default_value("inputs")
            .hide_default_value(true)
            .value_parser(value_parser!(std::path::PathBuf))
            .help(text("cli-inputs"))
    };
    let inputs_option = || inputs().long("inputs").short('i');
    let format = || {
        Arg::new("format")
            .long("format")
            .value_name(text("cli-name-format"))
            .default_value("human")
            .hide_default_value(true)
            .value_parser(PossibleValuesParser::new(["human", "short", "json"]))
            .hide_possible_values(true)
            .help(text("cli-format"))
    };
    let deny = || {
        Arg::new("deny")
            .long("deny")
            .value_name(text("cli-name-what"))
            .value_parser(PossibleValuesParser::new(["warnings"]))
            .hide_possible_values(true)
            .help(text("cli-deny"))
    };
    let jobs = || {
        Arg::new("jobs")
            .long("jobs")
            .short('j')
            .value_name(text("cli-name-number"))
            .value_parser(value_parser!(u16).range(1..=64))
            .help(text("cli-jobs"))
    };
    let only = || {
        Arg::new("only").long("only").value_name(text("cli-name-kind")).action(ArgAction::Append).help(text("cli-only"))
    };
    let draft = || Arg::new("draft").long("draft").action(ArgAction::SetTrue).help(text("cli-draft"));
    let sub = |name: &'static str, about: &str| {
        Clap::new(name)
            .about(text(about))
            .override_usage(text(&format!("usage-{name}")))
            .help_template(sub_template.clone())
            .disable_help_flag(true)
            .arg(help())
    };
    Clap::new("svod")
        .about(text("about"))
        .version(env!("CARGO_PKG_VERSION"))
        .help_template(template)
        .disable_help_flag(true)
        .disable_version_flag(true)
        .disable_help_subcommand(true)
        .subcommand_required(true)
        .subcommand_value_name(text("cli-name-command"))
        .override_usage(text("usage"))
        .arg(help())
        .arg(Arg::new("version").long("version").short('V').action(ArgAction::Version).help(text("cli-version")))
        .subcommand(
            sub("build", "cli-build")
                .arg(inputs())
                .arg(
                    Arg::new("output")
                        .long("output")
                        .short('o')
                        .value_name(text("cli-name-folder"))
                        .default_value("outputs")
                        .hide_default_value(true)
                        .value_parser(value_parser!(std::path::PathBuf))
                        .help(text("cli-output")),
                )
                .arg(only())
                .arg(draft())
                .arg(jobs())
                .arg(format())
                .arg(deny()),
        )
        .subcommand(sub("check", "cli-check").arg(inputs()).arg(draft()).arg(jobs()).arg(format()).arg(deny()))
        .subcommand(sub("keep", "cli-keep").arg(inputs()).arg(jobs()).arg(format()))
        .subcommand(
            sub("repeat", "cli-repeat")
                .arg(
                    Arg::new("year")
                        .value_name(text("cli-name-number"))
                        .required(true)
                        .value_parser(value_parser!(i32).range(1900..=2200))
                        .help(text("cli-year")),
                )
                .arg(Arg::new("today").long("today").action(ArgAction::SetTrue).help(text("cli-today")))
                .arg(inputs())
                .arg(jobs())
                .arg(format()),
        )
        .subcommand(
            sub("forms", "cli-forms")
                .arg(
                    Arg::new("action")
                        .value_name(text("cli-name-what"))
                        .required(true)
                        .help(text("cli-forms-action"))
                        .hide_possible_values(true)
                        .value_parser(PossibleValuesParser::new([
                            "emit", "collect", "merge", "status", "lock", "answer", "fill",
                        ])),
                )
                .arg(
                    Arg::new("returned")
                        .value_name(text("cli-name-folder"))
                        .value_parser(value_parser!(std::path::PathBuf))
                        .help(text("cli-forms-folder")),
                )
                .arg(inputs_option())
                .arg(
                    Arg::new("output")
                        .long("output")
                        .short('o')
                        .value_name(text("cli-name-folder"))
                        .default_value("forms")
                        .hide_default_value(true)
                        .value_parser(value_parser!(std::path::PathBuf))
                        .help(text("cli-forms-output")),
                )
                .arg(
                    Arg::new("quarter")
                        .long("quarter")
                        .value_name(text("cli-name-number"))
                        .value_parser(value_parser!(u8).range(1..=4))
                        .help(text("cli-forms-quarter")),
                )
                .arg(Arg::new("term").long("term").value_name(text("cli-name-when")).help(text("cli-forms-term")))
                .arg(Arg::new("due").long("due").value_name(text("cli-name-when")).help(text("cli-forms-due")))
                .arg(Arg::new("pdf").long("pdf").action(ArgAction::SetTrue).help(text("cli-forms-pdf")))
                .arg(
                    Arg::new("map")
                        .long("map")
                        .value_name(text("cli-name-file"))
                        .value_parser(value_parser!(std::path::PathBuf))
                        .help(text("cli-forms-map")),
                )
                .arg(only())
                .arg(draft())
                .arg(jobs())
                .arg(format()),
        )
        .subcommand(
            sub("list", "cli-list")
                .arg(
                    Arg::new("what")
                        .value_name(text("cli-name-what"))
                        .help(text("cli-what"))
                        .hide_possible_values(true)
                        .value_parser(PossibleValuesParser::new([
                            "documents",
                            "indicators",
                            "methods",
                            "advice",
                            "sheets",
                            "checks",
                        ])),
                )
                .arg(inputs_option()),
        )
        .subcommand(
            sub("explain", "cli-explain")
                .arg(
                    Arg::new("kind")
                        .value_name(text("cli-name-kind"))
                        .required(true)
                        .help(text("cli-kind"))
                        .hide_possible_values(true)
                        .value_parser(PossibleValuesParser::new(["figure", "school", "rule"])),
                )
                .arg(Arg::new("name").value_name(text("cli-name-name")).required(true).help(text("cli-name")))
                .arg(inputs_option()),
        )
}

fn read(matches: &ArgMatches) -> Option<Arguments> {
    let (name, sub) = matches.subcommand()?;
    let text = |id: &str| sub.try_get_one::<String>(id).ok().flatten().cloned();
    let path = |id: &str, default: &str| {
        sub.try_get_one::<std::path::PathBuf>(id).ok().flatten().cloned().unwrap_or_else(|| default.into())
    };
    let command = match name {
        "build" => Command::Build { write: true },
        "check" => Command::Build { write: false },
        "keep" => Command::Keep,
        "repeat" => Command::Repeat {
            year: sub.try_get_one::<i32>("year").ok().flatten().copied()?,
            of_today: sub.try_get_one::<bool>("today").ok().flatten().copied().unwrap_or(false),
        },
        "list" => Command::List { what: text("what") },
        "forms" => Command::Forms {
            exchange: Exchange {
                quarter: sub.try_get_one::<u8>("quarter").ok().flatten().copied(),
                term: text("term"),
                due: text("due"),
                on_paper: sub.try_get_one::<bool>("pdf").ok().flatten().copied().unwrap_or(false),
                today: String::new(),
            },
            action: match text("action")?.as_str() {
                "emit" => FormsAction::Emit,
                "status" => FormsAction::Status,
                "lock" => FormsAction::Lock,
                "answer" => FormsAction::Answer { blank: path("returned", "blank.xlsx") },
                "fill" => FormsAction::Fill { blank: path("returned", "blank.xlsx"), map: path("map", "map.toml") },
                action => FormsAction::Receive { folder: path("returned", "returned"), merges: action == "merge" },
            },
        },
        _ => Command::Explain { kind: text("kind")?, name: text("name")? },
    };
    Some(Arguments {
        command,
        inputs: path("inputs", "inputs"),
        outputs: path("output", "outputs"),
        only: sub.try_get_many::<String>("only").ok().flatten().into_iter().flatten().cloned().collect(),
        draft: sub.try_get_one::<bool>("draft").ok().flatten().copied().unwrap_or(false),
        jobs: sub.try_get_one::<u16>("jobs").ok().flatten().map(|jobs| usize::from(*jobs)),
        format: match text("format").as_deref() {
            Some("short") => Format::Short,
            Some("json") => Format::Json,
            _ => Format::Human,
        },
        deny_warnings: text("deny").is_some(),
    })
}

/// Turns an error of the parser into Russian; help and version are no errors.
fn failure(error: &clap::Error, messages: &Messages) -> Printed {
    let context = |kind: ContextKind| {
        error.get(kind).map(|value| match value {
            ContextValue::Strings(strings) => strings.join(", "),
            other => other.to_string(),
        })
    };
    let of = |kind: ContextKind| context(kind).unwrap_or_default();
    let similar = |kind: ContextKind| {
        context(kind).map_or_else(String::new, |similar| messages.text("cli-similar", &[("similar", &similar)]))
    };
    let reason = match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            return Printed { out: error.to_string(), status: CLEAN, ..Printed::default() };
        }
        ErrorKind::UnknownArgument => messages.text(
            "cli-unknown-argument",
            &[("found", &of(ContextKind::InvalidArg)), ("similar", &similar(ContextKind::SuggestedArg))],
        ),
        ErrorKind::InvalidSubcommand => messages.text(
            "cli-unknown-command",
            &[("found", &of(ContextKind::InvalidSubcommand)), ("similar", &similar(ContextKind::SuggestedSubcommand))],
        ),
        ErrorKind::InvalidValue if of(ContextKind::InvalidValue).is_empty() => {
            messages.text("cli-no-value", &[("argument", &of(ContextKind::InvalidArg))])
        }
        ErrorKind::InvalidValue => messages.text(
            "cli-invalid-value",
            &[
                ("found", &of(ContextKind::InvalidValue)),
                ("argument", &of(ContextKind::InvalidArg)),
                ("allowed", &of(ContextKind::ValidValue)),
            ],
        ),
        ErrorKind::ValueValidation => messages.text(
            "cli-invalid-value",
            &[
                ("found", &of(ContextKind::InvalidValue)),
                ("argument", &of(ContextKind::InvalidArg)),
                ("allowed", allowed(&of(ContextKind::InvalidArg))),
            ],
        ),
        ErrorKind::MissingRequiredArgument => {
            messages.text("cli-missing", &[("argument", &of(ContextKind::InvalidArg))])
        }
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            messages.text("cli-missing-command", &[])
        }
        ErrorKind::ArgumentConflict => messages.text("cli-conflict", &[("found", &of(ContextKind::InvalidArg))]),
        ErrorKind::TooManyValues => messages.text("cli-too-many", &[("found", &of(ContextKind::InvalidValue))]),
        _ => messages.text("cli-other", &[]),
    };
    usage_error(&reason, messages)
}

/// The numbers that an option takes.
fn allowed(argument: &str) -> &'static str {
    if argument.contains("quarter") { "1–4" } else { "1–64" }
}

fn usage_error(reason: &str, messages: &Messages) -> Printed {
    let err = format!("{}\n{}\n", messages.text("cli-error", &[("reason", reason)]), messages.text("cli-hint", &[]));
    Printed { err, status: COULD_NOT_RUN, ..Printed::default() }
}
