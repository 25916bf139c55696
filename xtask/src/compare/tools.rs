//! What a comparison needs built or installed, and where: nothing of it lies in the repository.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;

use super::child;
use super::table::Table;

/// The peer, and what the independent auditor needs.
const PEER: &str = "pytauargus==0.6.0";
const OF_THE_AUDITOR: [&str; 4] = ["numpy", "scipy", "highspy", "pandas"];

/// The program of one run of the peer.
const PEER_SCRIPT: &str = include_str!("peer.py");

/// Everything at hand.
pub(super) struct Tools {
    /// Target folder of the build.
    target: PathBuf,
    /// Holds environment, tables, scratch folders.
    pub(super) folder: PathBuf,
    pub(super) tearline: PathBuf,
    invented: PathBuf,
    pub(super) python: PathBuf,
    pub(super) peer_script: PathBuf,
    /// The independent auditor, where the repository lies beside it.
    pub(super) auditor: Option<PathBuf>,
    shared: PathBuf,
}

impl Tools {
    /// Builds this program and the generator of tables, and installs the peer and the auditor's packages into an
    /// environment of their own under the target folder.
    ///
    /// # Errors
    /// When something cannot be built or installed.
    pub(super) fn ready(root: &Path) -> anyhow::Result<Self> {
        let target = target(root)?;
        let cargo = |arguments: &[&str]| {
            let mut command = Command::new("cargo");
            command.args(["build", "--release", "--quiet"]).args(arguments).current_dir(root);
            child::run(&mut command)
        };
        cargo(&["--package", "tearline"])?;
        cargo(&["--package", "disclosure", "--example", "invented"])?;
        let folder = target.join("compare");
        std::fs::create_dir_all(&folder).with_context(|| format!("creating `{}`", folder.display()))?;
        let python = environment(&folder)?;
        let peer_script = folder.join("peer.py");
        std::fs::write(&peer_script, PEER_SCRIPT)?;
        let shared = root.join("../shared");
        let auditor = Some(shared.join("check/audit.py")).filter(|script| script.is_file());
        // Programs are started in scratch folders of their own, so that relative paths would not lead back.
        let absolute = |path: PathBuf| path.canonicalize().with_context(|| format!("`{}`", path.display()));
        Ok(Self {
            tearline: absolute(target.join("release/tearline"))?,
            invented: absolute(target.join("release/examples/invented"))?,
            folder: absolute(folder)?,
            peer_script: absolute(peer_script)?,
            auditor: auditor.map(absolute).transpose()?,
            shared,
            python,
            target,
        })
    }

    /// Where results are kept.
    pub(super) fn results(&self) -> PathBuf {
        results(&self.target)
    }

    /// Names of all tables, the shared ones first.
    ///
    /// # Errors
    /// When a folder cannot be listed.
    pub(super) fn names(&self) -> anyhow::Result<Vec<String>> {
        let mut names = Vec::new();
        let instances = self.shared.join("instances");
        if instances.is_dir() {
            for entry in std::fs::read_dir(&instances)? {
                let entry = entry?;
                if entry.path().join("cells.csv").is_file() {
                    names.push(entry.file_name().to_string_lossy().into_owned());
                }
            }
            names.sort();
        }
        names.extend(self.invent(&["list"])?.lines().map(str::to_owned));
        Ok(names)
    }

    /// A table by its name; an invented one is written first.
    ///
    /// # Errors
    /// When there is none of that name, or it cannot be read.
    pub(super) fn table(&self, name: &str) -> anyhow::Result<Table> {
        let shared = self.shared.join("instances").join(name);
        let folder = if shared.is_dir() {
            shared.canonicalize()?
        } else {
            let folder = self.folder.join("tables").join(name);
            self.invent(&["write", name, &folder.to_string_lossy()])?;
            folder
        };
        Table::read(&folder)
    }

    /// Asks the generator of tables.
    ///
    /// # Errors
    /// When it fails.
    pub(super) fn invent(&self, words: &[&str]) -> anyhow::Result<String> {
        child::run(Command::new(&self.invented).args(words))
    }

    /// Versions of everything that is compared, by name.
    ///
    /// # Errors
    /// When a program does not tell.
    pub(super) fn versions(&self) -> anyhow::Result<Vec<(String, String)>> {
        let ours = child::run(Command::new(&self.tearline).arg("--version"))?;
        let code = "import pytauargus as p, platform\nm = p.engine_meta()\n\
                    print(p.__version__, m['engine_sha'][:12], m['highs_version'], platform.python_version())";
        let theirs = child::run(Command::new(&self.python).args(["-c", code]))?;
        let mut words = theirs.split_whitespace().map(str::to_owned);
        let mut versions =
            vec![("tearline".to_owned(), ours.trim().trim_start_matches("tearline ").to_owned())];
        for name in ["pytauargus", "its engine", "its HiGHS", "Python"] {
            versions.push((name.to_owned(), words.next().unwrap_or_default()));
        }
        Ok(versions)
    }

    /// An empty folder for one run, so that no scratch file of a run is there in the next.
    ///
    /// # Errors
    /// When the disk refuses.
    pub(super) fn scratch(&self) -> anyhow::Result<PathBuf> {
        let folder = self.folder.join("scratch");
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?;
        }
        std::fs::create_dir_all(&folder)?;
        Ok(folder)
    }
}

/// The target folder that cargo uses for the workspace at `root`.
///
/// # Errors
/// When cargo cannot be asked.
pub(super) fn target(root: &Path) -> anyhow::Result<PathBuf> {
    let metadata =
        cargo_metadata::MetadataCommand::new().manifest_path(root.join("Cargo.toml")).no_deps().exec()?;
    Ok(metadata.target_directory.into_std_path_buf())
}

/// Beside the target folder's other content, where a cleaned build does not take it away by accident.
pub(super) fn results(target: &Path) -> PathBuf {
    target.join("compare-results.json")
}

/// Makes the environment where it is not there or not as it should be; returns its interpreter.
fn environment(folder: &Path) -> anyhow::Result<PathBuf> {
    let venv = folder.join("venv");
    let python = venv.join("bin/python");
    let wanted = format!("{PEER} {}\n", OF_THE_AUDITOR.join(" "));
    let done = venv.join("packages");
    if std::fs::read_to_string(&done).unwrap_or_default() == wanted {
        return Ok(python);
    }
    if venv.exists() {
        std::fs::remove_dir_all(&venv)?;
    }
    child::run(Command::new("python3").args(["-m", "venv"]).arg(&venv))
        .context("python3 with venv is needed")?;
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", PEER]).args(OF_THE_AUDITOR);
    child::run(&mut pip)?;
    // Written last: a half-made environment is made again.
    std::fs::write(done, wanted)?;
    Ok(python)
}
