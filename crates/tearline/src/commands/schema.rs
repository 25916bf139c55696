//! `tearline schema`: the JSON schema of every document that the program prints or writes.

use serde_json::json;

use crate::cli::Schema;
use crate::document::DOCUMENTS;
use crate::failure::{Answer, Failure};
use crate::terminal::Terminal;

pub(super) fn run(arguments: &Schema, terminal: &Terminal) -> Result<Answer, Failure> {
    let Some(name) = &arguments.name else {
        list(terminal);
        return Ok(Answer::Yes);
    };
    // `report`, `tearline-report` and `tearline-report/1` mean the same.
    let found = DOCUMENTS.iter().find(|document| {
        let family = document.id.split('/').next().unwrap_or_default();
        [document.name, document.id, family].contains(&name.as_str())
    });
    let Some(document) = found else { return Err(unknown(name)) };
    terminal.document(&document.described());
    Ok(Answer::Yes)
}

fn list(terminal: &Terminal) {
    if terminal.json() {
        let names: Vec<_> = DOCUMENTS
            .iter()
            .map(|document| json!({"name": document.name, "id": document.id, "about": document.about}))
            .collect();
        terminal.document(&json!({"schema": "tearline-schemas/1", "documents": names}));
        return;
    }
    for document in &DOCUMENTS {
        terminal.answer(&format!("{:<20} {:<32} {}", document.name, document.id, document.about));
    }
    terminal.next("tearline schema NAME");
}

fn unknown(name: &str) -> Failure {
    let names: Vec<&str> = DOCUMENTS.iter().map(|document| document.name).collect();
    let near = names.iter().find(|known| is_near(name, known));
    let advice = match near {
        Some(near) => format!("write `{near}` if that is meant"),
        None => format!("choose one of: {}", names.join(", ")),
    };
    Failure::usage(format!("there is no document `{name}`"), advice)
}

/// Whether a name is likely mistyped for another: the same letters but for two.
fn is_near(name: &str, known: &str) -> bool {
    strsim::osa_distance(&name.to_lowercase(), known) <= 2 || (name.len() > 2 && known.starts_with(name))
}
