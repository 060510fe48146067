//! Every address that can be read, in every form, by a key that may, by one that may not, and by none.

use super::witness::Witness;
use crate::harness::*;

/// What a reader may ask for.
const FORMS: [&str; 4] = ["*/*", "text/csv", "application/x-ndjson", "text/html"];

/// Every address that takes a GET, with something that there is in place of what is variable.
fn readable() -> impl Iterator<Item = String> {
    let addresses = deskbridge::http::addresses().filter(|(_, methods)| methods.contains(&"GET"));
    addresses.map(|(address, _)| {
        // News is asked for from some moment on.
        let address = address.replace("/changes", "/changes?since=0");
        let address =
            address.replace("{connection}", CONNECTION).replace("/events/{id}", "/events/created-1");
        address.replace("{kind}", "ticket").replace("{source_id}", "1").replace("{id}", "2")
    })
}

impl Witness {
    /// Reads everything. What the key that may do everything is not given would not be looked at: it has to be there.
    pub(super) async fn walk(&mut self) {
        self.until_views_are_read().await;
        let mut unread = Vec::new();
        for path in readable() {
            for key in [Some(OPS_KEY), Some(FLOW_KEY), None] {
                if path.ends_with("/stream") {
                    self.listen(&path, key).await;
                    continue;
                }
                for form in FORMS {
                    let request = self.request(&path, key).header("accept", form);
                    let answer = self.ask(&format!("{path} as {form}"), request).await;
                    assert!(answer.status < 500, "{path}: {}", answer.text);
                    if key == Some(OPS_KEY) && form == "*/*" && answer.status != 200 {
                        unread.push(format!("{path}: {}", answer.text));
                    }
                }
            }
        }
        assert_eq!(unread, [""; 0]);
    }

    async fn until_views_are_read(&self) {
        let view = format!("/v1/connections/{CONNECTION}/ticketviews/2/tickets");
        eventually(async || (send(self.request(&view, Some(OPS_KEY))).await.status == 200).then_some(()))
            .await;
    }

    fn request(&self, path: &str, key: Option<&str>) -> reqwest::RequestBuilder {
        let request = self.client().get(format!("{}{path}", self.base()));
        key.into_iter().fold(request, |request, key| request.bearer_auth(key))
    }

    /// The beginning of what has no end.
    async fn listen(&mut self, path: &str, key: Option<&str>) {
        let mut answer = self.request(path, key).send().await.expect("it answers");
        let head = format!("{:?}", answer.headers());
        let first = tokio::time::timeout(PATIENCE, answer.chunk()).await.expect("it begins at once");
        let first = first.expect("a part").unwrap_or_default();
        self.saw(path, [head.as_bytes(), &first].concat());
    }
}
