//! `tearline completions` and `tearline man`: made from the definition of the command line.

use clap_mangen::Man as Page;

use crate::cli::{self, Completions, Man};
use crate::failure::{Answer, Failure};
use crate::terminal::Terminal;

pub(super) fn completions(arguments: &Completions, terminal: &Terminal) -> Result<Answer, Failure> {
    let mut bytes = Vec::new();
    clap_complete::generate(arguments.shell, &mut cli::command(), "tearline", &mut bytes);
    data(terminal, "completions", bytes);
    Ok(Answer::Yes)
}

pub(super) fn man(arguments: &Man, terminal: &Terminal) -> Result<Answer, Failure> {
    let mut command = cli::command();
    // Options that every command has belong on every page.
    command.build();
    for word in &arguments.command {
        let known: Vec<String> = command.get_subcommands().map(|known| known.get_name().to_owned()).collect();
        let Some(found) = command.find_subcommand(word) else {
            let advice = format!("choose one of: {}", known.join(", "));
            return Err(Failure::usage(format!("`{}` has no command `{word}`", command.get_name()), advice));
        };
        command = found.clone();
    }
    let mut bytes = Vec::new();
    Page::new(command)
        .render(&mut bytes)
        .map_err(|error| Failure::failed(format!("cannot write the page: {error}"), "try again"))?;
    data(terminal, "man", bytes);
    Ok(Answer::Yes)
}

/// Text for another program, or the same inside a document.
fn data(terminal: &Terminal, name: &str, bytes: Vec<u8>) {
    if terminal.json() {
        let text = String::from_utf8_lossy(&bytes);
        terminal.document(&serde_json::json!({"schema": format!("tearline-{name}/1"), "text": text}));
    } else {
        terminal.data(&bytes);
    }
}
