//! `tearline standards show`: everything that is registered of one part.

use ledger::act::PartId;
use office::standards::{Edge, Record, Registry, Relation};

use super::source;
use crate::cli::standards::Show;
use crate::document::standards::{
    Direction, EventLine, NationalLine, NeighbourLine, PartDocument, SHOW_SCHEMA, UseLine,
};
use crate::failure::{Answer, Failure};
use crate::terminal::{Terminal, Tone, printable};

pub(super) fn run(arguments: &Show, terminal: &Terminal) -> Result<Answer, Failure> {
    let registry = source::registry_quietly(&arguments.source, terminal)?;
    let document = document(&registry, source::record(&registry, &arguments.id)?);
    if terminal.json() {
        terminal.document(&document);
    } else {
        print(&document, terminal);
    }
    Ok(Answer::Yes)
}

fn document(registry: &Registry, record: &Record) -> PartDocument {
    let text = |date: Option<office::standards::Date>| date.map(|date| date.to_string());
    let national = registry.national().iter().filter(|said| said.part == record.id);
    let codes = |codes: &std::collections::BTreeSet<ledger::act::Code>| {
        codes.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    PartDocument {
        schema: SHOW_SCHEMA,
        part: source::part_line(record),
        uuid: record.uuid.map(|uuid| uuid.to_string()),
        kind: record.kind.as_str(),
        status: record.status.as_str(),
        publisher: record.publisher.clone(),
        edition: record.edition.clone(),
        version: record.version.clone(),
        date: text(record.date),
        custodian: record.custodian.clone(),
        originators: codes(&record.originators),
        releasable_to: record.releasable_to.as_ref().map(codes),
        added: text(record.added),
        changed: text(record.changed),
        withdrawn: text(record.withdrawn),
        uri: record.uri.clone(),
        summary: record.summary.clone(),
        document_sha256: record.document.as_ref().map(|document| document.digest.to_string()),
        history: record.history.iter().map(event).collect(),
        relations: relations(registry, &record.id),
        used_by: used_by(registry, &record.id),
        national: national
            .map(|said| NationalLine {
                state: said.state.to_string(),
                stance: said.stance.as_str(),
                date: text(said.date),
                note: said.note.clone(),
            })
            .collect(),
    }
}

fn event(event: &office::standards::History) -> EventLine {
    EventLine {
        date: event.date.map(|date| date.to_string()),
        flag: event.flag.as_str(),
        proposal: event.proposal.clone(),
        version: event.version.clone(),
    }
}

fn relations(registry: &Registry, id: &PartId) -> Vec<NeighbourLine> {
    let line = |edge: &Edge, direction: Direction, other: &PartId| {
        let record = registry.record(other)?;
        Some(NeighbourLine {
            relation: edge.relation.as_str(),
            direction,
            obligation: edge.obligation.map(|obligation| obligation.as_str()),
            derived: edge.derived,
            part: source::part_line(record),
        })
    };
    let between = |edge: &&Edge| edge.relation != Relation::ProfileRequires;
    let to = registry.edges_from(id).filter(between).filter_map(|edge| line(edge, Direction::To, &edge.to));
    let from =
        registry.edges_to(id).filter(between).filter_map(|edge| line(edge, Direction::From, &edge.from));
    to.chain(from).collect()
}

fn used_by(registry: &Registry, id: &PartId) -> Vec<UseLine> {
    let uses = registry.edges_to(id).filter(|edge| edge.relation == Relation::ProfileRequires);
    let line = |edge: &Edge| UseLine {
        profile: edge.from.to_string(),
        title: registry.profiles().get(&edge.from).map(|profile| profile.title.clone()).unwrap_or_default(),
        obligation: edge.obligation.map(|obligation| obligation.as_str()),
        lifecycle: edge.lifecycle.map(|lifecycle| lifecycle.as_str()),
    };
    uses.map(line).collect()
}

fn print(document: &PartDocument, terminal: &Terminal) {
    let line = |name: &str, value: &str| {
        if !value.is_empty() {
            terminal.answer(&format!("{name:<15} {}", printable(value)));
        }
    };
    let optional = |value: &Option<String>| value.clone().unwrap_or_default();
    line("id", &document.part.id);
    line("number", &document.part.number);
    line("title", &document.part.title);
    line("kind", &document.kind.replace('_', " "));
    line("marking", document.part.marking.as_deref().unwrap_or("none; the policy says what that means"));
    line("status", document.status);
    line("edition", &document.edition);
    line("version", &document.version);
    line("date", &optional(&document.date));
    line("publisher", &document.publisher);
    line("custodian", &document.custodian);
    line("originators", &document.originators.join(", "));
    if let Some(codes) = &document.releasable_to {
        line("releasable to", if codes.is_empty() { "nobody".to_owned() } else { codes.join(", ") }.as_str());
    }
    line("added", &optional(&document.added));
    line("changed", &optional(&document.changed));
    line("withdrawn", &optional(&document.withdrawn));
    line("published at", &document.uri);
    line("uuid", &optional(&document.uuid));
    line("document", &optional(&document.document_sha256));
    line("about", &document.summary);
    print_lists(document, terminal);
}

fn print_lists(document: &PartDocument, terminal: &Terminal) {
    let section = |name: &str, lines: Vec<String>| {
        if !lines.is_empty() {
            terminal.answer(&format!("\n{} ({})", terminal.out_word(Tone::Strong, name), lines.len()));
            lines.iter().for_each(|line| terminal.answer(&format!("  {}", printable(line))));
        }
    };
    let joined =
        |words: [&str; 4]| words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join("  ");
    for (relation, direction, name) in SECTIONS {
        let fits =
            document.relations.iter().filter(|one| (one.relation, one.direction) == (relation, direction));
        let lines = fits.map(|one| {
            let obligation = one.obligation.map(|word| format!("({word})")).unwrap_or_default();
            joined([
                &one.part.id,
                &one.part.name(),
                &obligation,
                if one.derived { "(worked out)" } else { "" },
            ])
        });
        section(name, lines.collect());
    }
    let uses = document.used_by.iter();
    section(
        "required by profiles",
        uses.map(|one| {
            joined([&one.profile, &one.title, one.obligation.unwrap_or(""), one.lifecycle.unwrap_or("")])
        })
        .collect(),
    );
    let national = document.national.iter();
    section(
        "what states say",
        national
            .map(|said| joined([&said.state, said.stance, said.date.as_deref().unwrap_or(""), &said.note]))
            .collect(),
    );
    let history = document.history.iter();
    section(
        "history",
        history
            .map(|event| {
                joined([
                    event.date.as_deref().unwrap_or("no date"),
                    event.flag,
                    &event.version,
                    &event.proposal,
                ])
            })
            .collect(),
    );
}

/// Relations in the order in which they are shown, each with what it is called from here.
const SECTIONS: [(&str, Direction, &str); 8] = [
    ("covers", Direction::To, "covers"),
    ("covers", Direction::From, "is covered by"),
    ("has_part", Direction::To, "has as parts"),
    ("has_part", Direction::From, "is a part of"),
    ("references", Direction::To, "refers to"),
    ("references", Direction::From, "is referred to by"),
    ("supersedes", Direction::To, "supersedes"),
    ("supersedes", Direction::From, "is superseded by"),
];
