//! `tearline suggest`: breakdowns of a specified table that may be published, side by side and ready for `protect`.
//!
//! Nothing here is a release: the folder holds figures, and the choice depends on them.

use disclosure::budget::Budget;
use intake::FilesInMemory;
use intake::spec::Method;

use crate::cli::Suggest;
use crate::document::error::NoteLines;
use crate::document::report::InputsReport;
use crate::document::suggestions::{Kind, Suggestions};
use crate::failure::{Answer, Failure};
use crate::folder::{Existing, Target};
use crate::input::{self, Input};
use crate::suggestion::{self, Scene, Wanted};
use crate::terminal::{Terminal, Tone, shell_word};

/// Tables of up to so many cells are protected to see what has to be hidden.
const TRIED_CELLS_MAX: usize = 2_000;

const INDEX: &str = "index.html";
const DOCUMENT: &str = "suggestions.json";

pub(super) fn run(arguments: &Suggest, terminal: &Terminal) -> Result<Answer, Failure> {
    let existing = if arguments.force { Existing::Replace } else { Existing::Refuse };
    let target = Target::of(&arguments.out, existing, "suggest", is_ours)?;
    let read = input::read(&arguments.spec)?;
    terminal.notes(&NoteLines::from(&read.loaded.notes));
    let scene = Scene::new(&read.loaded, arguments.least_outsiders)?;
    let found = scene.alternatives();
    let mut written: Vec<(String, Vec<u8>)> = Vec::new();
    let mut hidden = Vec::with_capacity(found.len());
    for (place, one) in found.iter().enumerate() {
        let files = suggestion::files(&scene, one)?;
        hidden.push(tried(one, &files));
        written.extend(files.into_iter().map(|(name, bytes)| (format!("{}/{name}", place + 1), bytes)));
    }
    let inputs = InputsReport { sha256: read.digest.to_string(), files: read.files };
    let document = suggestion::suggestions(&scene, &found, &hidden, &arguments.marking, inputs);
    let mut json = serde_json::to_vec_pretty(&document)
        .map_err(|error| Failure::failed(format!("cannot write `{DOCUMENT}`: {error}"), "try again"))?;
    json.push(b'\n');
    written.push((INDEX.to_owned(), suggestion::render(&scene, &found, &document)?));
    written.push((DOCUMENT.to_owned(), json));
    target.put(&written)?;
    say(arguments, &document, terminal);
    if terminal.json() {
        terminal.document(&document);
    }
    let any = found.iter().any(|one| one.sensitive == 0);
    Ok(if any { Answer::Yes } else { Answer::No })
}

/// What `suggest` puts at the top of its folder.
fn is_ours(name: &str) -> bool {
    name == INDEX || name == DOCUMENT || (!name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit()))
}

/// What `protect` hides of a small table; `None` where it is large, or asks for more than this version takes.
fn tried(one: &Wanted, files: &[(String, Vec<u8>)]) -> Option<u64> {
    let mut folder = FilesInMemory::new();
    for (name, bytes) in files {
        folder.put(name, bytes.clone());
    }
    let input = Input::load("spec.toml", "spec.toml", &folder).ok()?;
    if matches!(input.loaded.specification.method, Method::Rounding { .. }) {
        // Rounding hides nothing; what it does to each value is for `protect` to say.
        return None;
    }
    if input.problem.table().len() > TRIED_CELLS_MAX || (one.sensitive == 0 && one.kind != Kind::Structural) {
        return (one.sensitive == 0).then_some(0);
    }
    let protected = Budget::untimed(|budget| input.protect(budget)).ok()?;
    Some(protected.pattern.hidden_cells().count() as u64)
}

fn say(arguments: &Suggest, document: &Suggestions, terminal: &Terminal) {
    let out = shell_word(&arguments.out);
    let safe = document.alternatives.iter().filter(|one| one.sensitive == 0).count();
    let tone = if safe == 0 { Tone::Bad } else { Tone::Good };
    let word = terminal.err_word(tone, if safe == 0 { "nothing is safe" } else { "suggested" });
    terminal.say(&format!("{word}: {}", document.title));
    terminal.say(&format!(
        "  {} of {} cells of all levels may not be published against {} attackers",
        document.sensitive, document.cells, document.attackers
    ));
    for one in &document.alternatives {
        let blanks = match (one.hidden, one.sensitive) {
            (Some(0), _) | (None, 0) => String::new(),
            (Some(hidden), _) => format!(", {hidden} blank"),
            (None, least) => format!(", {least} blank or more"),
        };
        let most = if suggestion::is_most(one) { "at most " } else { "" };
        let worth = if one.sensitive == 0 { "" } else { "at most " };
        terminal.say(&format!(
            "  {}: {}: {most}{} cells shown{blanks}, {worth}{}.{} % of the worth",
            one.folder,
            suggestion::name(one),
            one.shown,
            one.utility_permille / 10,
            one.utility_permille % 10
        ));
    }
    terminal.say(&format!("  wrote {out}: nothing in it may leave; index.html shows all side by side"));
    terminal.say("  choosing one depends on figures; the structural one does not");
    if safe > 0 {
        terminal.next(&format!("tearline protect {out}/1/spec.toml --out release"));
    }
}
