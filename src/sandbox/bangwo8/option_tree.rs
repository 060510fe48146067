//! The options of one field: a list for a dropdown, a tree for a cascade.
//!
//! What makes an option of a request one that is there already is not documented (§7.3). Here it is the
//! `extendId`, wherever in the tree it stands; else the name, among the options of the same parent. An option
//! that is found keeps its id, so that tickets which have it keep their value, and moves if the request names
//! another parent.

use super::fields::FieldOption;

/// Levels of a cascade. The vendor tells no limit and shows five; searching a tree costs stack by its depth.
const MAX_LEVELS: usize = 20;

/// An option as a request names it.
#[derive(Debug)]
pub(crate) struct SentOption {
    pub(crate) name: String,
    /// `""` if the request has none; an option that is there keeps its own then.
    pub(crate) extend_id: String,
    pub(crate) parent: Parent,
}

/// Under what an option stands. Of two ids the external one is looked for first, as in a delete (§7.4).
#[derive(Debug, Default)]
pub(crate) struct Parent {
    /// `"0"` is the first level, and so is `""` without an external id.
    pub(crate) id: String,
    /// `""` if the request has none.
    pub(crate) extend_id: String,
}

/// Updates the option or adds it, and returns it. `None` if it has no such parent, or only below itself.
pub(crate) fn put(
    tree: &mut Vec<FieldOption>,
    sent: &SentOption,
    new_id: impl FnOnce() -> u64,
) -> Option<FieldOption> {
    let known = known_id(tree, sent);
    let siblings = children(tree, &sent.parent)?;
    if let Some(option) = siblings.iter_mut().find(|option| Some(&option.key) == known.as_ref()) {
        assign(option, sent);
        return Some(option.clone());
    }
    let mut option = match known {
        Some(id) => take(tree, &id)?,
        None => FieldOption { key: new_id().to_string(), ..FieldOption::default() },
    };
    assign(&mut option, sent);
    children(tree, &sent.parent)?.push(option.clone());
    (depth(tree) <= MAX_LEVELS).then_some(option)
}

/// Removes the option with this id, with all that stands below it.
pub(crate) fn take(tree: &mut Vec<FieldOption>, id: &str) -> Option<FieldOption> {
    if let Some(place) = tree.iter().position(|option| option.key == id) {
        return Some(tree.remove(place));
    }
    tree.iter_mut().find_map(|option| take(&mut option.subset_value, id))
}

/// The option of these ids, the external one looked for first; an empty one finds nothing.
pub(crate) fn find<'a>(tree: &'a [FieldOption], id: &str, extend_id: &str) -> Option<&'a FieldOption> {
    let external = first(tree, &|option| !extend_id.is_empty() && option.extend_id == extend_id);
    external.or_else(|| first(tree, &|option| !id.is_empty() && option.key == id))
}

/// Whether two options of one parent have one name.
pub(crate) fn has_twins(tree: &[FieldOption]) -> bool {
    let mut names: Vec<&str> = tree.iter().map(|option| option.value.as_str()).collect();
    names.sort_unstable();
    names.windows(2).any(|pair| pair.first() == pair.last())
        || tree.iter().any(|option| has_twins(&option.subset_value))
}

fn known_id(tree: &mut Vec<FieldOption>, sent: &SentOption) -> Option<String> {
    if let Some(option) = find(tree, "", &sent.extend_id) {
        return Some(option.key.clone());
    }
    let siblings = children(tree, &sent.parent)?;
    siblings.iter().find(|option| option.value == sent.name).map(|option| option.key.clone())
}

fn children<'a>(tree: &'a mut Vec<FieldOption>, parent: &Parent) -> Option<&'a mut Vec<FieldOption>> {
    match find(tree, &parent.id, &parent.extend_id).map(|option| option.key.clone()) {
        Some(id) => Some(&mut with_id(tree, &id)?.subset_value),
        None if parent.id == "0" => Some(tree),
        None if parent.id.is_empty() && parent.extend_id.is_empty() => Some(tree),
        None => None,
    }
}

fn assign(option: &mut FieldOption, sent: &SentOption) {
    option.value.clone_from(&sent.name);
    if !sent.extend_id.is_empty() {
        option.extend_id.clone_from(&sent.extend_id);
    }
}

fn first<'a>(tree: &'a [FieldOption], is_wanted: &dyn Fn(&FieldOption) -> bool) -> Option<&'a FieldOption> {
    tree.iter().find_map(|option| {
        if is_wanted(option) { Some(option) } else { first(&option.subset_value, is_wanted) }
    })
}

fn with_id<'a>(tree: &'a mut [FieldOption], id: &str) -> Option<&'a mut FieldOption> {
    tree.iter_mut().find_map(|option| {
        if option.key == id { Some(option) } else { with_id(&mut option.subset_value, id) }
    })
}

fn depth(tree: &[FieldOption]) -> usize {
    tree.iter().map(|option| 1 + depth(&option.subset_value)).max().unwrap_or_default()
}
