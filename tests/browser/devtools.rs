//! A headless Chromium, driven by the DevTools protocol over its pipe: JSON with a zero byte after each message.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
/// A browser that says nothing for so long hangs.
const PATIENCE: Duration = Duration::from_secs(120);

/// A running browser with one page.
pub struct Browser {
    child: Child,
    to: Option<ChildStdin>,
    from: Receiver<Value>,
    last_id: u64,
    session: Option<String>,
    /// What the browser told of itself so far.
    pub events: Vec<Value>,
    // Removed with the browser.
    _profile: TempDir,
}

impl Browser {
    /// Starts it with an empty page; none where no Chromium is installed, which continuous integration may not say.
    pub fn start() -> Option<Self> {
        let found = NAMES.into_iter().find(|name| {
            std::env::var_os("PATH")
                .is_some_and(|path| std::env::split_paths(&path).any(|dir| dir.join(name).is_file()))
        });
        let Some(name) = found else {
            assert!(std::env::var("CI").as_deref() != Ok("true"), "no Chromium is installed");
            eprintln!("skipped: no Chromium is installed");
            return None;
        };
        let profile = tempfile::tempdir().unwrap();
        let mut child = Command::new("sh")
            // The protocol's descriptors are 3 and 4; a child of std has 0, 1 and 2.
            .args(["-c", "exec \"$0\" \"$@\" 3<&0 4>&1 0</dev/null 1>&2", name])
            // Containers and root have no sandbox; the only page is our own.
            .args([
                "--headless=new",
                "--remote-debugging-pipe",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
            ])
            .args(["--no-first-run", "--disable-background-networking", "--disable-component-update", "--lang=en-US"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let to = child.stdin.take();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let (send, from) = channel();
        std::thread::spawn(move || {
            let mut message = Vec::new();
            while output.read_until(0, &mut message).is_ok_and(|n| n > 0) {
                message.pop();
                // The receiver is gone once the test has ended.
                let Ok(()) = send.send(serde_json::from_slice(&message).unwrap()) else { return };
                message.clear();
            }
        });
        let mut browser = Browser { child, to, from, last_id: 0, session: None, events: Vec::new(), _profile: profile };
        let target = browser.call("Target.createTarget", json!({ "url": "about:blank" }));
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let session = browser.call("Target.attachToTarget", attach)["sessionId"].as_str().unwrap().to_owned();
        browser.session = Some(session);
        for domain in ["Runtime", "Log", "Network", "Page"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        Some(browser)
    }

    /// Calls a method and returns its result; events that come before it are kept.
    pub fn call(&mut self, method: &str, params: Value) -> Value {
        self.last_id += 1;
        let mut message = json!({ "id": self.last_id, "method": method, "params": params });
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        let pipe = self.to.as_mut().unwrap();
        pipe.write_all(message.to_string().as_bytes()).unwrap();
        pipe.write_all(&[0]).unwrap();
        pipe.flush().unwrap();
        loop {
            let answer = self.from.recv_timeout(PATIENCE).unwrap_or_else(|e| panic!("{method}: {e}"));
            if answer["id"] == json!(self.last_id) {
                assert!(answer.get("error").is_none(), "{method}: {}", answer["error"]);
                return answer["result"].clone();
            }
            self.events.push(answer);
        }
    }

    /// Opens a file and waits until it has loaded.
    pub fn open(&mut self, path: &std::path::Path) {
        self.load("Page.navigate", json!({ "url": format!("file://{}", path.display()) }));
    }

    /// Loads the page again.
    pub fn reload(&mut self) {
        self.load("Page.reload", json!({}));
    }

    fn load(&mut self, method: &str, params: Value) {
        let loads = |events: &[Value]| events.iter().filter(|e| e["method"] == "Page.loadEventFired").count();
        let before = loads(&self.events);
        self.call(method, params);
        while loads(&self.events) == before {
            let event = self.from.recv_timeout(PATIENCE).unwrap();
            self.events.push(event);
        }
    }

    /// The value of a JavaScript expression.
    pub fn value(&mut self, expression: &str) -> Value {
        let answer = self
            .call("Runtime.evaluate", json!({ "expression": expression, "returnByValue": true, "awaitPromise": true }));
        assert!(answer.get("exceptionDetails").is_none(), "{expression}: {}", answer["exceptionDetails"]);
        answer["result"]["value"].clone()
    }

    /// Clicks the first element of a selector with the mouse, where it is on the screen.
    pub fn click(&mut self, selector: &str) {
        let find = format!(
            "(() => {{ const e = document.querySelector({}); e.scrollIntoView({{ block: 'center', inline: 'center' }}); \
             const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; }})()",
            json!(selector)
        );
        let at = self.value(&find);
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({ "type": kind, "x": at[0], "y": at[1], "button": "left", "clickCount": 1 });
            self.call("Input.dispatchMouseEvent", event);
        }
    }

    /// Clicks into a field and types.
    pub fn type_into(&mut self, selector: &str, text: &str) {
        self.click(selector);
        self.value(&format!("document.querySelector({}).select()", json!(selector)));
        self.call("Input.insertText", json!({ "text": text }));
    }

    /// Chooses an option of a list; its menu is the system's and cannot be clicked without a screen.
    pub fn choose(&mut self, selector: &str, value: &str) {
        self.value(&format!(
            "(() => {{ const e = document.querySelector({}); e.value = {}; e.dispatchEvent(new Event('change')); }})()",
            json!(selector),
            json!(value)
        ));
    }

    /// What went wrong so far: exceptions, errors and warnings on the console.
    pub fn complaints(&self) -> Vec<String> {
        let is_bad = |level: &Value| level == "error" || level == "warning";
        self.events
            .iter()
            .filter(|e| match e["method"].as_str() {
                Some("Runtime.exceptionThrown") => true,
                Some("Runtime.consoleAPICalled") => is_bad(&e["params"]["type"]),
                Some("Log.entryAdded") => is_bad(&e["params"]["entry"]["level"]),
                _ => false,
            })
            .map(Value::to_string)
            .collect()
    }

    /// The addresses that the page asked for.
    pub fn requests(&self) -> Vec<String> {
        let sent = self.events.iter().filter(|e| e["method"] == "Network.requestWillBeSent");
        sent.map(|e| e["params"]["request"]["url"].as_str().unwrap().to_owned()).collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // A closed pipe ends the browser; killing makes sure of it after a failed test.
        self.to = None;
        if std::thread::panicking() {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}

/// The bytes of a base64 text, as the protocol sends pictures.
pub fn decode(text: &Value) -> Vec<u8> {
    let digit = |c: u8| match c {
        b'A'..=b'Z' => c - b'A',
        b'a'..=b'z' => c - b'a' + 26,
        b'0'..=b'9' => c - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let digits: Vec<u8> = text.as_str().unwrap().bytes().filter(|c| *c != b'=').map(digit).collect();
    let bytes = digits.chunks(4).flat_map(|four| {
        let bits = four.iter().enumerate().fold(0_u32, |bits, (i, d)| bits | (u32::from(*d) << (18 - 6 * i)));
        bits.to_be_bytes()[1..four.len()].to_vec()
    });
    bytes.collect()
}
