//! Server-sent events, read as a browser reads them (HTML standard, "Interpreting an event stream").

use reqwest::{RequestBuilder, Response};
use serde_json::Value;

use super::PATIENCE;

/// An event.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Event {
    /// The last id that was seen, be it with an event of before.
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) data: Value,
}

/// A stream that is open.
pub(crate) struct Events {
    response: Response,
    buffer: String,
    /// Where to go on.
    pub(crate) last_id: String,
    /// Blocks without data, as they came.
    pub(crate) quiet: Vec<String>,
}

impl Events {
    /// Opens a stream; returns when its greeting was read.
    pub(crate) async fn open(request: RequestBuilder) -> Self {
        let response = request.send().await.expect("the server answers");
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let (buffer, last_id, quiet) = (String::new(), String::new(), Vec::new());
        let mut events = Self { response, buffer, last_id, quiet };
        let greeting = events.block().await.expect("a greeting");
        assert_eq!(events.read(&greeting), None);
        assert!(greeting.starts_with("retry: 3000\n"), "{greeting}");
        events
    }

    /// The next event.
    pub(crate) async fn next(&mut self) -> Event {
        loop {
            let block = self.block().await.expect("the stream goes on");
            if let Some(event) = self.read(&block) {
                return event;
            }
        }
    }

    /// Reads what has no data until the stream says something like it.
    pub(crate) async fn until_quiet(&mut self, wanted: impl Fn(&str) -> bool) {
        loop {
            let block = self.block().await.expect("the stream goes on");
            assert_eq!(self.read(&block), None, "{block}");
            if wanted(&block) {
                return;
            }
        }
    }

    /// The events that are left once the stream has ended.
    pub(crate) async fn ended(mut self) -> Vec<Event> {
        let mut events = Vec::new();
        while let Some(block) = self.block().await {
            events.extend(self.read(&block));
        }
        events
    }

    async fn block(&mut self) -> Option<String> {
        loop {
            if let Some((block, rest)) = self.buffer.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.buffer = rest;
                return Some(block);
            }
            let chunk =
                tokio::time::timeout(PATIENCE, self.response.chunk()).await.expect("it comes in time");
            let chunk = chunk.expect("the stream is whole")?;
            self.buffer.push_str(std::str::from_utf8(&chunk).expect("whole characters"));
        }
    }

    fn read(&mut self, block: &str) -> Option<Event> {
        let (mut kind, mut data) = ("message", None);
        for line in block.lines() {
            match line.split_once(": ") {
                Some(("id", id)) => self.last_id = id.to_owned(),
                Some(("event", name)) => kind = name,
                Some(("data", text)) => data = Some(text),
                Some(("retry", _)) => {}
                _ => assert!(line.starts_with(':'), "{line}"),
            }
        }
        let Some(data) = data else {
            self.quiet.push(block.to_owned());
            return None;
        };
        let data = serde_json::from_str(data).expect("JSON");
        Some(Event { id: self.last_id.clone(), kind: kind.to_owned(), data })
    }
}
