//! A server that is asked in JSON, through `curl`, as data sets are fetched: it knows the machine's proxies and certificates.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::error::{Error, Result};
use crate::words::one_line;

/// Characters of an answer that are quoted.
const QUOTED: usize = 300;

/// Where the server is, and what it wants to know of who asks.
pub(super) struct Server {
    base: String,
    /// The address as it is said: a log is no place for a password.
    said: String,
    /// Lines of curl's configuration.
    who: Vec<String>,
}

/// What a server answered.
pub(super) struct Answer {
    /// The status, such as 200.
    pub status: u32,
    /// The body; null where it is no JSON.
    pub body: Value,
    text: String,
}

impl Server {
    /// The server at `base`. MLflow's variables for a name and password or a token are honoured.
    pub fn new(base: &str) -> Self {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let mut who = Vec::new();
        if let Some(token) = variable("MLFLOW_TRACKING_TOKEN") {
            who.push(line("header", &format!("Authorization: Bearer {token}")));
        } else if let Some(user) = variable("MLFLOW_TRACKING_USERNAME") {
            let password = variable("MLFLOW_TRACKING_PASSWORD").unwrap_or_default();
            who.push(line("user", &format!("{user}:{password}")));
        }
        let base = base.trim_end_matches('/').to_owned();
        Server { said: without_user(&base), base, who }
    }

    /// Asks; `body` is sent where there is one.
    ///
    /// # Errors
    /// The server cannot be reached.
    pub fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Answer> {
        match body {
            None => self.send(method, path, None),
            Some(body) => self.send(method, path, Some(("application/json", body.to_string().as_bytes()))),
        }
    }

    /// Sends a file's bytes.
    ///
    /// # Errors
    /// The server cannot be reached, or does not take it.
    pub fn put(&self, path: &str, bytes: &[u8]) -> Result<()> {
        let answer = self.send("PUT", path, Some(("application/octet-stream", bytes)))?;
        if answer.is_well() { Ok(()) } else { Err(self.refused(path, &answer)) }
    }

    /// Asks, and takes nothing but an answer.
    ///
    /// # Errors
    /// Also what the server refuses.
    pub fn get(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value> {
        let answer = self.ask(method, path, body)?;
        if answer.is_well() { Ok(answer.body) } else { Err(self.refused(path, &answer)) }
    }

    /// The sentence about a refusal.
    pub fn refused(&self, path: &str, answer: &Answer) -> Error {
        let path = path.split('?').next().unwrap_or_default();
        let said: &str = match answer.body["message"].as_str() {
            Some(message) => message,
            // A proxy, or a server of something else.
            None if answer.body.is_null() && answer.text.trim_start().starts_with('<') => {
                "a web page, as no server of MLflow does: check the address"
            }
            None => &answer.text,
        };
        let said: String = one_line(said).chars().take(QUOTED).collect();
        Error::Usage(format!("{} answered {} to {path}: {said}", self.said, answer.status))
    }

    fn send(&self, method: &str, path: &str, body: Option<(&str, &[u8])>) -> Result<Answer> {
        let failed = |e| Error::io("start", Path::new("curl, which speaks to the server"), e);
        let mut file = tempfile::NamedTempFile::new().map_err(|e| Error::io("write", &std::env::temp_dir(), e))?;
        let mut lines = self.who.clone();
        lines.extend([line("url", &format!("{}/{path}", self.base)), line("request", method)]);
        if let Some((kind, bytes)) = body {
            file.write_all(bytes).and_then(|()| file.flush()).map_err(|e| Error::io("write", file.path(), e))?;
            lines.extend([
                line("header", &format!("Content-Type: {kind}")),
                line("data-binary", &format!("@{}", file.path().display())),
            ]);
        }
        let options = ["--silent", "--show-error", "--connect-timeout", "20", "--max-time", "600"];
        // Names and passwords go by standard input: arguments are there for all to read.
        let mut child = Command::new("curl")
            .args(options)
            .args(["--write-out", "\n%{http_code}", "--config", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        if let Some(mut input) = child.stdin.take() {
            // One that reads nothing tells why by its end.
            let _ = input.write_all(lines.join("\n").as_bytes());
        }
        let output = child.wait_with_output().map_err(failed)?;
        if !output.status.success() {
            // Of some addresses curl quotes all.
            let said = one_line(&String::from_utf8_lossy(&output.stderr)).replace(&self.base, &self.said);
            return Err(Error::Usage(format!("{} cannot be asked: {said}", self.said)));
        }
        let said = String::from_utf8_lossy(&output.stdout);
        let (text, status) = said.rsplit_once('\n').unwrap_or(("", &said));
        let status = status.trim().parse().unwrap_or(0);
        Ok(Answer { status, body: serde_json::from_str(text).unwrap_or(Value::Null), text: text.to_owned() })
    }
}

/// An address without the name and the password that stand before its host.
pub(crate) fn without_user(address: &str) -> String {
    let (scheme, rest) = address.split_once("://").map_or(("", address), |(scheme, rest)| (scheme, rest));
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    // A password may have the sign that ends it. The name of a file may have that sign, too.
    let user = rest[..end].rfind('@').filter(|&at| !scheme.is_empty() || rest[..at].contains(':'));
    let host = user.map_or(rest, |at| &rest[at + 1..]);
    if scheme.is_empty() { host.to_owned() } else { format!("{scheme}://{host}") }
}

impl Answer {
    pub fn is_well(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// MLflow's name of what is wrong.
    pub fn code(&self) -> &str {
        self.body["error_code"].as_str().unwrap_or_default()
    }
}

/// A line of curl's configuration.
fn line(name: &str, value: &str) -> String {
    let escaped: String =
        value.chars().flat_map(|c| if matches!(c, '"' | '\\') { vec!['\\', c] } else { vec![c] }).collect();
    // A line's end would begin another setting.
    format!("{name} = \"{}\"", escaped.replace(['\n', '\r'], " "))
}

/// A text as part of an address.
pub(super) fn encoded(text: &str) -> String {
    let one = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_its_place_in_a_line_or_an_address() {
        assert_eq!(line("user", "a\"b\\c\nurl = x"), "user = \"a\\\"b\\\\c url = x\"");
        assert_eq!(encoded("a b/c?é"), "a%20b%2Fc%3F%C3%A9");
    }

    fn answer(text: &str) -> Answer {
        Answer { status: 502, body: serde_json::from_str(text).unwrap_or(Value::Null), text: text.to_owned() }
    }

    #[test]
    fn a_refusal_is_one_line_whatever_was_answered() {
        let server = Server::new("http://host:5000/");
        let told = |text: &str| server.refused("runs/search?page=2", &answer(text)).to_string();
        let page = "<!DOCTYPE HTML>\n<html>\n<head><title>Error response</title></head>\n</html>\n";
        assert_eq!(
            told(page),
            "http://host:5000 answered 502 to runs/search: a web page, as no server of MLflow does: check the address"
        );
        let message = r#"{"error_code": "BAD_REQUEST", "message": "no such run\n\n  try another\n"}"#;
        assert_eq!(told(message), "http://host:5000 answered 502 to runs/search: no such run try another");
        assert_eq!(told("upstream\r\nis down\n"), "http://host:5000 answered 502 to runs/search: upstream is down");
    }

    #[test]
    fn the_password_of_an_address_is_not_said() {
        for (address, said) in [
            ("http://user:secret@host:5000/mlflow", "http://host:5000/mlflow"),
            ("https://user:se@cret@host", "https://host"),
            ("http://token@[::1]:5000", "http://[::1]:5000"),
            ("user:secret@host:5000", "host:5000"),
            ("http://host/a@b", "http://host/a@b"),
            ("runs@home", "runs@home"),
            ("http://host:5000", "http://host:5000"),
        ] {
            assert_eq!(without_user(address), said);
        }
        let server = Server::new("http://user:secret@127.0.0.1:9/");
        let refused = server.refused("runs/search", &answer("no")).to_string();
        assert_eq!(refused, "http://127.0.0.1:9 answered 502 to runs/search: no");
        let unreached = server.get("GET", "health", None).unwrap_err().to_string();
        assert!(unreached.starts_with("http://127.0.0.1:9 cannot be asked: curl: (7)"), "{unreached}");
        assert!(!unreached.contains("secret"), "{unreached}");
    }

    #[test]
    fn a_server_that_is_not_there_is_told() {
        let said = Server::new("http://127.0.0.1:9").get("GET", "health", None).unwrap_err().to_string();
        assert!(said.starts_with("http://127.0.0.1:9 cannot be asked: curl: (7)"), "{said}");
    }
}
