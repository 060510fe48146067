//! The programs that docs/flows.md shows do what it says.

use std::fs;

use tokio::process::Command;

use crate::harness::*;

/// The address and the secret as the document has them.
const URL: &str = "https://deskbridge.example/v1/connections/acme/events";
const SECRET: &str = "whsec_…";

/// The document's only block of this language, with the test's address and secret in place of its own.
fn block(language: &str, app: &TestApp) -> String {
    let document = fs::read_to_string(repository("docs/flows.md")).expect("the document");
    let (_, after) = document.split_once(&format!("```{language}\n")).expect("a block");
    let (block, rest) = after.split_once("```").expect("its end");
    assert!(!rest.contains(&format!("```{language}\n")), "one block of {language}");
    assert!(block.contains(URL) && block.contains(SECRET), "{block}");
    block.replace(URL, &app.path("/events")).replace(SECRET, &whsec(SIGNING_KEY))
}

async fn run(program: Command) {
    let output = run_to_end(program).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documented_programs_send_what_is_delivered() {
    let app = TestApp::start().await;
    let ticket = |id: u64| udesk_ticket(id, "文档里的程序").to_string();
    let python = format!(
        "{}import sys\nsend('python', 'ticket.created', json.loads(sys.argv[1]))",
        block("python", &app)
    );
    run(inline_python(&python, &ticket(1))).await;
    assert_eq!(app.until("python", &["delivered"]).await.str("/verified_by"), "standard_webhooks");
    let js = format!(
        "{}const told = await send('js', 'ticket.created', JSON.parse(process.argv[1]));
         if (told.status !== 202) throw new Error(await told.text());",
        block("js", &app)
    );
    run(inline_node(&js, &ticket(2))).await;
    let record = app.until("%2Fflows%2Fafter-sales%20js", &["delivered"]).await;
    assert_eq!(record.str("/verified_by"), "standard_webhooks");
    assert_eq!(app.ticket(record.str("/target/id")).await["subject"], "文档里的程序");
}
