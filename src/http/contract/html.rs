//! Text as HTML. Whatever the contract says goes through here, so that nothing of it can be markup.

/// Text where markup could stand.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// Words with `code` in backticks.
pub(super) fn words(text: &str) -> String {
    let parts = text.split('`').enumerate();
    parts
        .map(|(place, part)| match place % 2 {
            0 => escape(part),
            _ => format!("<code>{}</code>", escape(part)),
        })
        .collect()
}

/// Paragraphs, which an empty line parts.
pub(super) fn prose(text: &str) -> String {
    let paragraphs = text.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty());
    paragraphs.map(|paragraph| format!("<p>{}</p>\n", words(paragraph))).collect()
}

/// What names a place in a page: letters, digits, and hyphens for the rest.
pub(super) fn anchor(text: &str) -> String {
    text.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_said_is_markup() {
        let hostile = "<script>alert(\"1\" & '2')</script>";
        let escaped = "&lt;script&gt;alert(&quot;1&quot; &amp; &#39;2&#39;)&lt;/script&gt;";
        assert_eq!(escape(hostile), escaped);
        assert_eq!(words(&format!("a `{hostile}`")), format!("a <code>{escaped}</code>"));
        assert_eq!(prose(hostile), format!("<p>{escaped}</p>\n"));
        assert_eq!(anchor("a\" onclick=<b>"), "a--onclick--b-");
    }
}
