//! Templates: text with values in it.

use super::{At, Compiler, Scope, rule::For};
use crate::mapping::{
    pointer::Pointer,
    rule::{How, Piece},
    types::Types,
    yaml::Node,
};

impl Compiler {
    pub(super) fn template(&mut self, node: &Node, scope: &Scope, to: For<'_>) -> Option<How> {
        self.takes_text(node, to)?;
        let text = self.text(node)?;
        let pieces = match pieces(text) {
            Ok(pieces) => pieces,
            Err(message) => {
                self.problem(node, message);
                return None;
            }
        };
        for piece in &pieces {
            if let Piece::Value(pointer) = piece {
                let shape = self.shape(scope, pointer, At::from(node));
                if shape.types().within(Types::OBJECT.and(Types::NULL)) {
                    self.problem(
                        node,
                        format!("{} is an object, and a template takes text", pointer.as_str()),
                    );
                }
            }
        }
        if !pieces.iter().any(|piece| matches!(piece, Piece::Value(_))) {
            self.problem(node, "a template has a value in it, e.g. {/subject}; text alone is a value");
        }
        Some(How::Template(pieces))
    }
}

/// `Re: {/subject}` as text and pointers.
fn pieces(text: &str) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        plain.push_str(&rest[..at]);
        let (brace, after) = rest[at..].split_at(1);
        if let Some(after) = after.strip_prefix(brace) {
            plain.push_str(brace);
            rest = after;
            continue;
        }
        let (inside, after) = match (brace, after.split_once('}')) {
            ("{", Some(split)) => split,
            ("{", None) => {
                return Err("a { has no } after it; a brace of the text itself is written {{".to_owned());
            }
            _ => return Err("a } has no { before it; a brace of the text itself is written }}".to_owned()),
        };
        let pointer = Pointer::parse(inside)
            .ok_or_else(|| format!("{inside:?} is not a JSON Pointer: write e.g. {{/subject}}"))?;
        pieces.extend((!plain.is_empty()).then(|| Piece::Text(std::mem::take(&mut plain))));
        pieces.push(Piece::Value(pointer));
        rest = after;
    }
    plain.push_str(rest);
    pieces.extend((!plain.is_empty()).then_some(Piece::Text(plain)));
    Ok(pieces)
}
