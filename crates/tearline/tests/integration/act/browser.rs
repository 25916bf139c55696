//! A headless Chromium with a virtual authenticator, driven over the DevTools protocol through a pipe, and a page for it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

/// A page on `http://localhost`, which browsers take for secure; it goes away with the test.
pub(super) fn serve() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || listener.incoming().flatten().for_each(answer));
    port
}

fn answer(mut stream: TcpStream) {
    let mut request = BufReader::new(stream.try_clone().unwrap().take(64 * 1024));
    let mut line = String::new();
    while request.read_line(&mut line).is_ok_and(|read| read > 0) && line != "\r\n" {
        line.clear();
    }
    let page = "<!doctype html><title>exercise</title>";
    let length = page.len();
    let _ = write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{page}"
    );
}

/// The browser, with one page attached.
pub(super) struct Browser {
    child: Child,
    commands: ChildStdin,
    messages: BufReader<ChildStdout>,
    session: Option<String>,
    last: u64,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// Nothing where there is no Chromium, which CI does not forgive.
    pub(super) fn start() -> Option<Self> {
        let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
        let found = names.into_iter().find(|name| {
            Command::new(name).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
        });
        let Some(program) = found else {
            assert_ne!(std::env::var_os("CI").as_deref(), Some("true".as_ref()), "chromium is missing");
            println!("skipped: chromium is not installed, so no security key to sign with");
            return None;
        };
        let profile = tempfile::tempdir().unwrap();
        // The protocol's pipe is descriptors 3 and 4: ours are 0 and 1, and what the browser itself says goes nowhere.
        let mut child = Command::new("sh")
            .args(["-c", "exec \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>&1", "sh", program])
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--no-first-run",
            ])
            .arg("--disable-dev-shm-usage")
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .args(["--remote-debugging-pipe", "about:blank"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (commands, messages) =
            (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let mut browser = Self { child, commands, messages, session: None, last: 0, _profile: profile };
        let target = browser.call("Target.createTarget", json!({"url": "about:blank"}));
        let attached =
            browser.call("Target.attachToTarget", json!({"targetId": target["targetId"], "flatten": true}));
        browser.session = attached["sessionId"].as_str().map(str::to_owned);
        Some(browser)
    }

    /// Sends a command and waits for its answer.
    pub(super) fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.last += 1;
        let mut message = json!({"id": self.last, "method": method, "params": parameters});
        if let Some(session) = &self.session {
            message["sessionId"] = session.as_str().into();
        }
        self.commands.write_all(&[message.to_string().as_bytes(), b"\0"].concat()).unwrap();
        let id = self.last;
        let answer = self.until(|message| message["id"] == id);
        assert!(answer["error"].is_null(), "{method}: {}", answer["error"]);
        answer["result"].clone()
    }

    /// Messages until one that is wanted.
    fn until(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            let mut bytes = Vec::new();
            let read = self.messages.read_until(0, &mut bytes).unwrap();
            assert_ne!(read, 0, "the browser ended");
            bytes.pop();
            let message: Value = serde_json::from_slice(&bytes).unwrap();
            if wanted(&message) {
                return message;
            }
        }
    }

    /// Opens a page, with an authenticator that has verified its user.
    pub(super) fn open(&mut self, url: &str) {
        self.call("WebAuthn.enable", json!({}));
        let options = json!({
            "protocol": "ctap2", "transport": "usb", "hasResidentKey": true,
            "hasUserVerification": true, "isUserVerified": true, "automaticPresenceSimulation": true,
        });
        self.call("WebAuthn.addVirtualAuthenticator", json!({"options": options}));
        self.call("Page.enable", json!({}));
        self.call("Page.navigate", json!({"url": url}));
        self.until(|message| message["method"] == "Page.loadEventFired");
    }

    /// The value of a promise of the page.
    pub(super) fn evaluate(&mut self, expression: &str) -> Value {
        let parameters = json!({"expression": expression, "awaitPromise": true, "returnByValue": true, "userGesture": true});
        let answer = self.call("Runtime.evaluate", parameters);
        assert!(answer["exceptionDetails"].is_null(), "{}", answer["exceptionDetails"]);
        answer["result"]["value"].clone()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Ours alone: the child is the browser itself, for the shell has become it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
