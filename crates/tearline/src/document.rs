//! The documents that commands print and write: wire types, apart from the core's, and their JSON schemas.
//!
//! Numbers of the table are decimal text in the declared scale, so that no reader rounds them. Every document
//! begins with `schema`, a name and a version; within a version fields are only added.

use schemars::Schema;
use schemars::generate::SchemaSettings;

use crate::failure::Failure;

pub mod act;
pub mod audit;
pub mod case;
pub mod cells;
pub mod check;
pub mod error;
pub mod exposure;
pub mod history;
pub mod label;
pub mod office;
pub mod package;
pub mod protect;
pub mod report;
pub mod serve;
pub mod spec;
pub mod standards;
pub mod suggestions;
pub mod tdf;
pub mod trace;
pub mod wave;
pub mod witness;

/// A document with a schema.
pub struct Named {
    /// What `tearline schema` calls it.
    pub name: &'static str,
    /// The value of its field `schema`.
    pub id: &'static str,
    /// What it is.
    pub about: &'static str,
    /// Its JSON schema.
    pub schema: fn() -> Schema,
}

/// Every document, by name.
pub const DOCUMENTS: [Named; 50] = [
    Named {
        name: "act-prepare",
        id: act::PREPARE_SCHEMA,
        about: "what `tearline act prepare --json` prints",
        schema: schema_of::<act::PrepareDocument>,
    },
    Named {
        name: "act-show",
        id: act::SHOW_SCHEMA,
        about: "what `tearline act show --json` prints",
        schema: schema_of::<act::ShowDocument>,
    },
    Named {
        name: "act-sign",
        id: act::SIGN_SCHEMA,
        about: "what `tearline act sign --json` prints",
        schema: schema_of::<act::SignDocument>,
    },
    Named {
        name: "act-submit",
        id: act::SUBMIT_SCHEMA,
        about: "what `tearline act submit --json` prints",
        schema: schema_of::<act::SubmitDocument>,
    },
    Named {
        name: "audit",
        id: audit::SCHEMA,
        about: "what `tearline audit --json` prints",
        schema: schema_of::<audit::AuditDocument>,
    },
    Named {
        name: "binding",
        id: label::BINDING_SCHEMA,
        about: "what `tearline label bind` and `unbind --json` print",
        schema: schema_of::<label::BindingDocument>,
    },
    Named {
        name: "bound",
        id: intake::bound::SCHEMA,
        about: "internal/bound.json of a release",
        schema: schema_of::<intake::bound::Document>,
    },
    Named {
        name: "case",
        id: case::SCHEMA,
        about: "what `tearline case` prints: id to answers",
        schema: schema_of::<case::CasesDocument>,
    },
    Named {
        name: "cells",
        id: cells::SCHEMA,
        about: "cells.json of a release, as `tearline forms` writes it",
        schema: schema_of::<cells::CellsDocument>,
    },
    Named {
        name: "certificate",
        id: check::SCHEMA,
        about: "what `tearline certificate check --json` prints",
        schema: schema_of::<check::CheckDocument>,
    },
    Named {
        name: "credential",
        id: serve::CREDENTIAL_SCHEMA,
        about: "what `tearline key credential --json` prints",
        schema: schema_of::<serve::CredentialDocument>,
    },
    Named {
        name: "demo",
        id: office::DEMO_SCHEMA,
        about: "what `tearline demo --json` prints",
        schema: schema_of::<office::DemoDocument>,
    },
    Named {
        name: "deposits",
        id: act::DEPOSITS_SCHEMA,
        about: "what `tearline deposits --json` prints",
        schema: schema_of::<act::DepositsDocument>,
    },
    Named {
        name: "error",
        id: error::SCHEMA,
        about: "what any command prints with --json when it fails",
        schema: schema_of::<error::ErrorDocument>,
    },
    Named {
        name: "exposure",
        id: exposure::SCHEMA,
        about: "exposure.json, and what `tearline exposure --json` prints",
        schema: schema_of::<exposure::ExposureDocument>,
    },
    Named {
        name: "forms",
        id: cells::FORMS_SCHEMA,
        about: "what `tearline forms --json` prints",
        schema: schema_of::<cells::FormsDocument>,
    },
    Named {
        name: "history",
        id: history::SCHEMA,
        about: "internal/history.json of a release",
        schema: schema_of::<history::HistoryDocument>,
    },
    Named {
        name: "inbox",
        id: act::INBOX_SCHEMA,
        about: "what `tearline inbox --json` prints",
        schema: schema_of::<act::InboxDocument>,
    },
    Named {
        name: "inputs",
        id: "tearline-inputs-answers/1",
        about: "what `tearline inputs` prints: id to severity and code",
        schema: schema_of::<crate::commands::InputsDocument>,
    },
    Named {
        name: "key",
        id: office::KEY_SCHEMA,
        about: "what `tearline key --json` prints",
        schema: schema_of::<office::KeyDocument>,
    },
    Named {
        name: "label",
        id: label::LABEL_SCHEMA,
        about: "what `tearline label show --json` and its siblings print",
        schema: schema_of::<label::LabelDocument>,
    },
    Named {
        name: "ledger",
        id: package::LEDGER_SCHEMA,
        about: "what `tearline ledger verify --json` prints",
        schema: schema_of::<package::LedgerDocument>,
    },
    Named {
        name: "open",
        id: package::OPEN_SCHEMA,
        about: "what `tearline open --json` prints",
        schema: schema_of::<package::OpenDocument>,
    },
    Named {
        name: "prepared",
        id: act::PREPARED_SCHEMA,
        about: "the file that `tearline act prepare` writes",
        schema: schema_of::<act::PreparedDocument>,
    },
    Named {
        name: "protect",
        id: protect::SCHEMA,
        about: "what `tearline protect --json` prints",
        schema: schema_of::<protect::ProtectDocument>,
    },
    Named {
        name: "receipts",
        id: act::RECEIPTS_SCHEMA,
        about: "what `tearline ledger receipts --json` prints",
        schema: schema_of::<act::ReceiptsDocument>,
    },
    Named {
        name: "report",
        id: report::SCHEMA,
        about: "report.json of a release",
        schema: schema_of::<report::Report>,
    },
    Named {
        name: "seal",
        id: package::SEAL_SCHEMA,
        about: "what `tearline seal --json` prints",
        schema: schema_of::<package::SealDocument>,
    },
    Named {
        name: "serve",
        id: serve::SERVE_SCHEMA,
        about: "the configuration that `tearline serve` takes, as TOML",
        schema: schema_of::<serve::ServeDocument>,
    },
    Named {
        name: "spec",
        id: spec::SCHEMA,
        about: "a specification, as TOML has it",
        schema: schema_of::<spec::Spec>,
    },
    Named {
        name: "standards-check",
        id: standards::CHECK_SCHEMA,
        about: "what `tearline standards check --json` prints",
        schema: schema_of::<standards::CheckDocument>,
    },
    Named {
        name: "standards-diff",
        id: standards::DIFF_SCHEMA,
        about: "what `tearline standards diff --json` prints",
        schema: schema_of::<standards::DiffDocument>,
    },
    Named {
        name: "standards-eligible",
        id: standards::ELIGIBLE_SCHEMA,
        about: "what `tearline standards eligible --json` prints",
        schema: schema_of::<standards::EligibleDocument>,
    },
    Named {
        name: "standards-graph",
        id: standards::GRAPH_SCHEMA,
        about: "what `tearline standards graph --json` prints",
        schema: schema_of::<standards::GraphDocument>,
    },
    Named {
        name: "standards-held",
        id: standards::HELD_SCHEMA,
        about: "held.json: who holds what, what is stale, what is blocked",
        schema: schema_of::<standards::HeldView>,
    },
    Named {
        name: "standards-import",
        id: standards::IMPORT_SCHEMA,
        about: "what `tearline standards import --json` prints",
        schema: schema_of::<standards::ImportDocument>,
    },
    Named {
        name: "standards-plan",
        id: standards::PLAN_SCHEMA,
        about: "plan.json, and what `tearline standards plan --json` prints",
        schema: schema_of::<standards::PlanDocument>,
    },
    Named {
        name: "standards-search",
        id: standards::SEARCH_SCHEMA,
        about: "what `tearline standards search --json` prints",
        schema: schema_of::<standards::SearchDocument>,
    },
    Named {
        name: "standards-show",
        id: standards::SHOW_SCHEMA,
        about: "what `tearline standards show --json` prints",
        schema: schema_of::<standards::PartDocument>,
    },
    Named {
        name: "standards-wave",
        id: standards::NEXT_SCHEMA,
        about: "what `tearline standards wave --json` prints",
        schema: schema_of::<standards::NextDocument>,
    },
    Named {
        name: "structural",
        id: audit::STRUCTURAL_SCHEMA,
        about: "what `tearline audit --structural --json` prints",
        schema: schema_of::<audit::StructuralDocument>,
    },
    Named {
        name: "suggestions",
        id: suggestions::SCHEMA,
        about: "suggestions.json, and what `tearline suggest --json` prints",
        schema: schema_of::<suggestions::Suggestions>,
    },
    Named {
        name: "tdf-open",
        id: tdf::OPEN_SCHEMA,
        about: "what `tearline tdf open --json` prints",
        schema: schema_of::<tdf::TdfOpenDocument>,
    },
    Named {
        name: "tdf-show",
        id: tdf::SHOW_SCHEMA,
        about: "what `tearline tdf show --json` prints",
        schema: schema_of::<tdf::TdfShowDocument>,
    },
    Named {
        name: "trace",
        id: trace::SCHEMA,
        about: "what `tearline trace --json` prints",
        schema: schema_of::<trace::TraceDocument>,
    },
    Named {
        name: "transfer",
        id: office::TRANSFER_SCHEMA,
        about: "what `tearline transfer --json` prints",
        schema: schema_of::<office::TransferDocument>,
    },
    Named {
        name: "verify",
        id: package::VERIFY_SCHEMA,
        about: "what `tearline verify --json` prints",
        schema: schema_of::<package::VerifyDocument>,
    },
    Named {
        name: "wave",
        id: wave::SCHEMA,
        about: "wave.json: what receivers read of a wave of standards",
        schema: schema_of::<wave::WaveDocument>,
    },
    Named {
        name: "wave-shown",
        id: wave::SHOWN_SCHEMA,
        about: "what a member is shown of its own parts in a wave before it agrees",
        schema: schema_of::<wave::ShownDocument>,
    },
    Named {
        name: "witnessed",
        id: witness::WITNESS_SCHEMA,
        about: "what `tearline ledger witness --json` prints",
        schema: schema_of::<witness::WitnessDocument>,
    },
];

fn schema_of<T: schemars::JsonSchema>() -> Schema {
    SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>()
}

impl Named {
    /// The schema with its id and what it is of.
    pub(crate) fn described(&self) -> Schema {
        let mut schema = (self.schema)();
        schema.insert("$id".to_owned(), self.id.into());
        schema.insert("description".to_owned(), self.about.into());
        schema
    }
}

/// A document as the bytes of a file: indented, with a line feed at its end.
pub(crate) fn json_file(name: &str, document: &impl serde::Serialize) -> Result<Vec<u8>, Failure> {
    let mut bytes = serde_json::to_vec_pretty(document)
        .map_err(|error| Failure::failed(format!("cannot write `{name}`: {error}"), "try again"))?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// The codes of a cell, one a variable in the order of the table.
#[derive(Clone, Debug, serde::Serialize, schemars::JsonSchema)]
pub struct Code {
    /// The variable.
    pub variable: String,
    /// The code.
    pub code: String,
}

/// The codes of a cell of a table.
pub(crate) fn codes(table: &disclosure::table::Table, cell: disclosure::table::CellId) -> Vec<Code> {
    let names = table.hierarchies().iter().map(disclosure::hierarchy::Hierarchy::name);
    let pairs = names.zip(table.codes(cell));
    pairs.map(|(variable, code)| Code { variable: variable.to_owned(), code: code.to_owned() }).collect()
}
