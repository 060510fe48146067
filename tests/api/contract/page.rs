//! `/docs`: the contract as a page.

use crate::harness::*;

async fn page(app: &TestApp, query: &str, languages: &str) -> Answer {
    let request = app.client.get(format!("{}/docs{query}", app.url)).header("accept-language", languages);
    let answer = send(request).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_needs_nothing_from_anywhere_else_and_may_do_nothing() {
    let app = TestApp::start().await;
    let answer = page(&app, "", "en").await;
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    let policy = answer.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    for never in
        ["<script", "<link", "<img", "<iframe", " style=", " onclick", "http://", "javascript:", "@import"]
    {
        assert!(!answer.text.contains(never), "{never}");
    }
    for operation in ["sendEvents", "explainEvent", "listTickets", "countTicketsAsBangwo8", "isReady"] {
        assert!(answer.text.contains(&format!("id=\"{operation}\"")), "{operation}");
        assert!(answer.text.contains(&format!("href=\"#{operation}\"")), "{operation} is in the contents");
    }
    assert!(answer.text.contains("<code>idempotency_conflict</code>"), "codes of problems are told");
    assert!(answer.text.contains("三楼的打印机打不出来"), "examples are shown");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_headings_are_in_the_readers_language() {
    let app = TestApp::start().await;
    for (query, languages, lang, heading) in [
        ("", "en-GB,en;q=0.9", "en", "Send an event, or a batch"),
        ("", "zh-CN,zh;q=0.9,en;q=0.8", "zh-CN", "发送一个或一批事件"),
        ("", "fr", "en", "Send an event, or a batch"),
        ("?lang=zh", "en", "zh-CN", "发送一个或一批事件"),
        ("?lang=en", "zh", "en", "Send an event, or a batch"),
    ] {
        let answer = page(&app, query, languages).await;
        assert_eq!(
            (answer.header("content-language"), answer.header("vary")),
            (lang, "Accept-Language"),
            "{query} {languages}"
        );
        assert!(answer.text.contains(&format!("<html lang=\"{lang}\">")), "{query} {languages}");
        assert!(answer.text.contains(&format!(">{heading}</h3>")), "{query} {languages}");
    }
    let refused = send(app.client.get(format!("{}/docs?lang=tlh", app.url))).await;
    assert_eq!((refused.status, refused.str("/code")), (400, "invalid_query"));
}
