//! `tearline ledger serve`: a log folder over HTTP, for `ledger verify --url` and for other programs that read C2SP tiles.

use std::net::TcpListener;

use server::http::{Limits, Service};
use server::log_files::{self, Folder};

use super::log_folder;
use crate::cli::ledger::LedgerServe;
use crate::failure::{Answer, Failure};
use crate::interrupt;
use crate::terminal::Terminal;

pub(crate) fn serve(arguments: &LedgerServe, terminal: &Terminal) -> Result<Answer, Failure> {
    let folder = log_folder(&arguments.dir)?;
    let unusable = |error: std::io::Error| {
        Failure::failed(
            format!("cannot serve on {}: {error}", arguments.listen),
            "choose another address with --listen",
        )
    };
    interrupt::listen()?;
    let listener = TcpListener::bind(arguments.listen).map_err(unusable)?;
    let service =
        Service::start(listener, log_files::routes(Folder(folder)), Limits::default()).map_err(unusable)?;
    terminal.answer(&format!("http://{}/", service.address()));
    terminal.say("serving until Ctrl-C");
    interrupt::wait();
    service.stop();
    Ok(Answer::Yes)
}
