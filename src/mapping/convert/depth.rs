//! How deep the elements of HTML stand in each other, by its tags alone: what a tree is made of costs more the deeper it is,
//! so that it has to be known before.

use std::cell::{Cell, RefCell};

use html5ever::{
    LocalName, TokenizerResult,
    tendril::StrTendril,
    tokenizer::{
        BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
        states::RawKind,
    },
};

/// Elements that have no end tag (HTML, "void elements").
const VOID: [&str; 14] = [
    "area", "base", "br", "col", "embed", "hr", "image", "img", "input", "link", "meta", "source", "track",
    "wbr",
];
/// Elements whose end tag may be left out before the next of their kind (HTML, "optional tags").
const LEFT_OUT: [&str; 11] = ["dd", "dt", "li", "option", "p", "tbody", "td", "tfoot", "th", "thead", "tr"];

/// Drawings and formulas, in which other rules hold: what is text elsewhere may be elements there.
const FOREIGN: [&str; 2] = ["svg", "math"];

/// True if elements may stand deeper in each other than `most`. Whatever ends no element that is open makes it only deeper,
/// which is on the safe side.
pub(super) fn exceeds(html: &str, most: usize) -> bool {
    let queue = BufferQueue::default();
    queue.push_back(StrTendril::from_slice(html));
    let sink = Depth { most, open: RefCell::default(), is_exceeded: Cell::new(false) };
    let tokenizer = Tokenizer::new(sink, TokenizerOpts::default());
    while !matches!(tokenizer.feed(&queue), TokenizerResult::Done) {}
    tokenizer.end();
    tokenizer.sink.is_exceeded.get()
}

/// The elements that are open.
struct Depth {
    most: usize,
    open: RefCell<Vec<LocalName>>,
    is_exceeded: Cell<bool>,
}

impl TokenSink for Depth {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        if let Token::TagToken(tag) = token {
            return self.tag(&tag);
        }
        TokenSinkResult::Continue
    }
}

impl Depth {
    fn tag(&self, tag: &Tag) -> TokenSinkResult<()> {
        let mut open = self.open.borrow_mut();
        let is_last = open.last() == Some(&tag.name);
        if tag.kind == TagKind::EndTag {
            if is_last {
                open.pop();
            }
            return TokenSinkResult::Continue;
        }
        if VOID.contains(&&*tag.name) || (is_last && LEFT_OUT.contains(&&*tag.name)) {
            return TokenSinkResult::Continue;
        }
        open.push(tag.name.clone());
        let is_exceeded = open.len() > self.most || FOREIGN.contains(&&*tag.name);
        self.is_exceeded.set(self.is_exceeded.get() || is_exceeded);
        // What stands in these is text, whatever it looks like.
        match &*tag.name {
            "script" | "style" | "xmp" | "iframe" | "noembed" | "noframes" => {
                TokenSinkResult::RawData(RawKind::Rawtext)
            }
            "title" | "textarea" => TokenSinkResult::RawData(RawKind::Rcdata),
            "plaintext" => TokenSinkResult::Plaintext,
            _ => TokenSinkResult::Continue,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How deep it is taken for.
    fn depth(html: &str) -> usize {
        (0..).find(|most| !exceeds(html, *most)).unwrap()
    }

    #[test]
    fn elements_that_end_are_not_deep() {
        for (html, deep) in [
            ("", 0),
            ("<p>a<p>b<br>c<img src=x>", 1),
            ("<ul><li>a<li>b</ul>", 2),
            ("<table><tr><td>a<td>b</table>", 3),
            ("<div><b>a</b></div><div><i>b</i></div>", 2),
            ("<DIV></div><div/></div>", 1),
        ] {
            assert!(depth(html) <= deep + 2, "{html}: {}", depth(html));
            assert!(!exceeds(&html.repeat(50), 200), "{html}");
        }
    }

    #[test]
    fn nothing_that_only_looks_like_an_end_makes_it_less_deep() {
        for part in [
            "<div>",
            "<ol><li></>",
            "<div></>",
            "<div></ div>",
            "<div><!-- </div> -->",
            "<div><!-- </div> -- > -->",
            "<div title='</div>'>",
            "<div title=\"</div>\">",
            "<div title=</div>>",
            "<div></b>",
            "<div><script></div></script>",
            "<div><style></div></style>",
            "<div><textarea></div></textarea>",
            "<div><title></div></title>",
            "<div><xmp></div></xmp>",
            "<style><!--</style><div>",
            "<title><!--</title><div>",
            "<svg><style><g>",
            "<div></divx>",
            "<div><?</div>",
            "<div></br>",
            "<div/>",
            "<div><![CDATA[</div>]]>",
        ] {
            assert!(exceeds(&part.repeat(300), 200), "{part}");
        }
    }
}
