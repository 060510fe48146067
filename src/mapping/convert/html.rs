//! HTML as text, and text as HTML.

use super::depth;

/// Columns that readable text made of HTML is wrapped at: practically never, since the target wraps by itself.
const HTML_COLUMNS: usize = 10_000;

/// HTML up to this size and depth is laid out; of more, only the markup is removed, in time and memory that grow
/// with its length alone.
const LAYOUT_BYTES: usize = 128 * 1024;
const LAYOUT_DEPTH: usize = 200;

/// HTML as a person would read it aloud: paragraphs as lines, links with their addresses, no markup.
pub(super) fn html_to_text(html: &str) -> String {
    if html.len() > LAYOUT_BYTES || depth::exceeds(html, LAYOUT_DEPTH) {
        return without_markup(html);
    }
    // Raw mode: tables as lines. Laid out as a grid, one wide cell would widen every row.
    let plain = html2text::config::plain_no_decorate().link_footnotes(true).raw_mode(true).no_table_borders();
    let Ok(text) = plain.string_from_read(html.as_bytes(), HTML_COLUMNS) else {
        return without_markup(html);
    };
    // Nothing but pictures: their addresses. Markup itself is never passed on: it would run on an agent's screen.
    if text.trim().is_empty() { pictures(html) } else { text.trim_end().to_owned() }
}

/// The text between the tags, each tag a space, without scripts and styles.
fn without_markup(html: &str) -> String {
    let mut text = String::new();
    let mut hidden = false;
    for part in html.split('<') {
        let (tag, words) = part.split_once('>').unwrap_or(("", part));
        let name = tag.trim_start_matches('/').get(..5).unwrap_or_default().to_ascii_lowercase();
        if name == "scrip" || name == "style" {
            hidden = !tag.starts_with('/');
        }
        if !hidden {
            text.extend(words.split_whitespace().flat_map(|word| [word, " "]));
        }
    }
    for (entity, character) in
        [("&nbsp;", " "), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&amp;", "&")]
    {
        text = text.replace(entity, character);
    }
    text.trim_end().to_owned()
}

/// `[图片 https://…]` for each picture with an address on the web.
fn pictures(html: &str) -> String {
    let is_picture = |tag: &&str| tag.get(..3).is_some_and(|name| name.eq_ignore_ascii_case("img"));
    let shown = |tag: &str| match address(tag) {
        Some(address) => format!("[图片 {address}]"),
        None => "[图片]".to_owned(),
    };
    html.split('<').filter(is_picture).map(shown).collect::<Vec<_>>().join("\n")
}

/// The address on the web that a picture's tag names.
fn address(tag: &str) -> Option<&str> {
    let (_, rest) = tag.split_once("src=")?;
    let text = match rest.chars().next()? {
        quote @ ('"' | '\'') => rest[1..].split(quote).next()?,
        _ => rest.split([' ', '>']).next()?,
    };
    (text.starts_with("https://") || text.starts_with("http://")).then_some(text)
}

/// Text as HTML that shows it: markup as characters, lines as lines.
pub(super) fn text_to_html(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\n' => html.push_str("<br>"),
            other => html.push(other),
        }
    }
    html
}

/// What [`text_to_html`] was given; `None` if it didn't make this.
pub(super) fn text_of_html(html: &str) -> Option<String> {
    let text = html.replace("<br>", "\n").replace("&quot;", "\"").replace("&gt;", ">").replace("&lt;", "<");
    let text = text.replace("&amp;", "&");
    (text_to_html(&text) == html).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_becomes_text_that_a_person_can_read() {
        let html = "<p>打印机<b>离线</b>了</p><ul><li>一</li></ul><a href=\"https://a.cn/x\">看</a><script>x()</script>";
        let text = html_to_text(html);
        assert!(text.contains("离线") && text.contains("https://a.cn/x"), "{text}");
        assert!(!text.contains('<') && !text.contains("**") && !text.contains("x()"), "{text}");
    }

    #[test]
    fn no_html_grows_or_takes_long() {
        let wide = format!("<table><tr><td>{}</td><td>b</td></tr>", "宽".repeat(9000));
        let table = wide + &"<tr><td>a</td><td>b</td></tr>".repeat(3000) + "</table>";
        let deep = "<div>".repeat(150_000) + "到底了";
        // Nothing ends here, whatever it looks like.
        let deeper = "<ol><li></>".repeat(11_900) + "到底了";
        let large = "<p>打印机<b>离线</b></p><script>x()</script>".repeat(20_000);
        for html in [table, deep, deeper, large] {
            let text = html_to_text(&html);
            assert!(text.len() <= html.len() * 2, "{} bytes of {}", text.len(), html.len());
            assert!(!text.contains("x()") && !text.contains('<'));
        }
    }
}
