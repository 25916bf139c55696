//! Arrows between crates: which member may depend on which, and which member alone may use an outside crate.
//!
//! The manifest is the architecture: what a crate cannot name, nobody has to remember not to use.

use std::path::Path;

use cargo_metadata::MetadataCommand;

use super::Fault;

/// Each member with the members it may depend on, in whatever kind of dependency.
const ARROWS: [(&str, &[&str]); 10] = [
    ("disclosure", &[]),
    ("intake", &["disclosure"]),
    ("label", &[]),
    ("ledger", &[]),
    ("office", &["disclosure", "label", "ledger"]),
    ("package", &["label", "ledger"]),
    ("server", &["disclosure", "intake", "label", "ledger", "office", "package", "store"]),
    ("store", &["ledger"]),
    ("tearline", &["disclosure", "intake", "label", "ledger", "office", "package", "server", "store"]),
    ("xtask", &[]),
];

/// Outside crates that belong to some members only, by the beginning of their name.
const OWNED: [(&str, &[&str], &str); 20] = [
    ("axum", &["server"], "only `server` knows HTTP"),
    ("hyper", &["server"], "only `server` knows HTTP"),
    ("prost", &["server"], "only `server` speaks protobuf"),
    ("rustls", &["server"], "only `server` speaks TLS"),
    ("tokio", &["server"], "only `server` has a runtime"),
    ("ureq", &["server"], "only `server` knows HTTP"),
    ("rusqlite", &["store"], "only `store` knows SQL"),
    ("clap", &["tearline"], "only the binary reads a command line"),
    ("indicatif", &["tearline"], "only the binary draws on a terminal"),
    ("rpassword", &["tearline"], "only the binary asks a person"),
    ("cryptoki", &["tearline"], "only the binary talks to tokens"),
    ("ctrlc", &["tearline"], "only the binary hears signals"),
    ("getrandom", &["tearline"], "randomness comes in as an argument"),
    ("highs", &["disclosure"], "the solver sits behind one adapter"),
    ("num-", &["disclosure"], "exact fractions have one type, `knowledge::Rational`"),
    ("quick-xml", &["label"], "labels alone are XML"),
    ("bergshamra", &["label"], "labels alone are signed in XML"),
    ("pdf-writer", &["tearline"], "forms are written in the binary"),
    ("rust_xlsxwriter", &["tearline"], "forms are written in the binary"),
    ("anyhow", &["tearline", "xtask"], "libraries have typed errors"),
];

/// Whether the crate holds figures or may depend on the one that does.
pub(super) fn may_name_figures(name: &str) -> bool {
    let arrows = ARROWS.iter().find(|(member, _)| *member == name);
    name == "disclosure" || arrows.is_none_or(|(_, allowed)| allowed.contains(&"disclosure"))
}

/// A member of the workspace and the names of what it depends on.
pub(super) struct Member {
    pub(super) name: String,
    /// Relative to the workspace.
    pub(super) manifest: String,
    pub(super) dependencies: Vec<String>,
}

/// Asks cargo for the members of the workspace at `root`.
pub(super) fn members(root: &Path) -> anyhow::Result<Vec<Member>> {
    // Without dependencies nothing is resolved, so this needs neither the network nor a lock file.
    let metadata = MetadataCommand::new().manifest_path(root.join("Cargo.toml")).no_deps().exec()?;
    let members = metadata.workspace_packages().into_iter().map(|package| {
        let manifest = package.manifest_path.strip_prefix(&metadata.workspace_root);
        Member {
            name: package.name.to_string(),
            manifest: manifest.map_or_else(|_| package.manifest_path.to_string(), ToString::to_string),
            dependencies: package.dependencies.iter().map(|dependency| dependency.name.clone()).collect(),
        }
    });
    Ok(members.collect())
}

pub(super) fn check(members: &[Member], faults: &mut Vec<Fault>) {
    for member in members {
        let mut report = |advice: String| {
            faults.push(Fault { path: member.manifest.clone(), line: 0, rule: "arrows", advice });
        };
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == member.name) else {
            report(format!(
                "`{}` is new: state its arrows in xtask/src/tidy/arrows.rs and docs/ARCHITECTURE.md",
                member.name
            ));
            continue;
        };
        for dependency in &member.dependencies {
            let inside = members.iter().any(|other| other.name == *dependency);
            if inside && *dependency != member.name && !allowed.contains(&dependency.as_str()) {
                report(format!("`{}` may not depend on `{dependency}`", member.name));
            }
            for (prefix, owners, reason) in OWNED {
                if dependency.starts_with(prefix) && !owners.contains(&member.name.as_str()) {
                    report(format!("`{}` may not depend on `{dependency}`: {reason}", member.name));
                }
            }
        }
    }
}
