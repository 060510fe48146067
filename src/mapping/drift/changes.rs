//! What a vendor has changed since its lists were last read, whether or not the mapping speaks of it.

use super::{FieldLists, Sides};
use crate::mapping::field::{Field, OptionPath};

/// One line for each change. A list that one of the readings doesn't have is not compared.
pub fn changes(before: &FieldLists, now: &FieldLists) -> Vec<String> {
    let mut found = Vec::new();
    of_entity("ticket", &before.ticket, &now.ticket, &mut found);
    of_entity("company", &before.company, &now.company, &mut found);
    found
}

fn of_entity(word: &str, before: &Sides, now: &Sides, found: &mut Vec<String>) {
    for (side, before, now) in
        [("source", &before.source, &now.source), ("target", &before.target, &now.target)]
    {
        if let (Some(before), Some(now)) = (before, now) {
            of_list(&format!("the {side} has {word} field"), before, now, found);
        }
    }
}

fn of_list(start: &str, before: &[Field], now: &[Field], found: &mut Vec<String>) {
    let named = |fields: &[Field], name: &str| fields.iter().any(|field| field.name == name);
    for field in now.iter().filter(|field| !named(before, &field.name)) {
        found.push(format!("{start} {} now", field.called()));
    }
    for field in before.iter().filter(|field| !named(now, &field.name)) {
        found.push(format!("{start} {} no more", field.called()));
    }
    // Two fields of one key can't be told apart over time.
    let alone = |fields: &[Field], name: &str| fields.iter().filter(|field| field.name == name).count() == 1;
    for old in before.iter().filter(|field| alone(before, &field.name) && alone(now, &field.name)) {
        if let Some(new) = now.iter().find(|field| field.name == old.name) {
            of_field(start, old, new, found);
        }
    }
}

fn of_field(start: &str, old: &Field, new: &Field, found: &mut Vec<String>) {
    let called = old.called();
    if old.label != new.label {
        found.push(format!("{start} {called} under another name: {}", new.called()));
    }
    if old.kind != new.kind {
        found.push(format!("{start} {called} for another type: {}, not {}", new.kind, old.kind));
    }
    let (old, new) = (old.paths(), new.paths());
    for option in &new {
        match old.iter().find(|known| known.index == option.index) {
            None => found.push(format!("{start} {called} with a new option: {}", told(option))),
            Some(known) if known.names != option.names => {
                found.push(format!(
                    "{start} {called} with another option: {}, not {}",
                    told(option),
                    told(known)
                ));
            }
            Some(known) if known.hidden != option.hidden => {
                let now = if option.hidden { "no longer offered" } else { "offered again" };
                found.push(format!("{start} {called} with an option {now}: {}", told(option)));
            }
            Some(_) => {}
        }
    }
    for option in old.iter().filter(|known| !new.iter().any(|option| option.index == known.index)) {
        found.push(format!("{start} {called} without an option: {}", told(option)));
    }
}

/// `0,1 北京市 / 海淀`.
fn told(option: &OptionPath<'_>) -> String {
    format!("{} {}", option.index, option.names.join(" / "))
}
