//! The documents that commands print and write: wire types, apart from the core's, and their JSON schemas.
//!
//! Numbers of the table are decimal text in the declared scale, so that no reader rounds them. Every document
//! begins with `schema`, a name and a version; within a version fields are only added.

use schemars::Schema;
use schemars::generate::SchemaSettings;

pub mod act;
pub mod audit;
pub mod case;
pub mod check;
pub mod error;
pub mod exposure;
pub mod history;
pub mod office;
pub mod package;
pub mod protect;
pub mod report;
pub mod spec;
pub mod suggestions;
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
pub const DOCUMENTS: [Named; 26] = [
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
        name: "certificate",
        id: check::SCHEMA,
        about: "what `tearline certificate check --json` prints",
        schema: schema_of::<check::CheckDocument>,
    },
    Named {
        name: "demo",
        id: office::DEMO_SCHEMA,
        about: "what `tearline demo --json` prints",
        schema: schema_of::<office::DemoDocument>,
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
        name: "report",
        id: report::SCHEMA,
        about: "report.json of a release",
        schema: schema_of::<report::Report>,
    },
    Named {
        name: "spec",
        id: spec::SCHEMA,
        about: "a specification, as TOML has it",
        schema: schema_of::<spec::Spec>,
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
        name: "witnessed",
        id: witness::WITNESS_SCHEMA,
        about: "what `tearline ledger witness --json` prints",
        schema: schema_of::<witness::WitnessDocument>,
    },
];

fn schema_of<T: schemars::JsonSchema>() -> Schema {
    SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>()
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
