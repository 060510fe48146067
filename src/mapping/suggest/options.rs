//! Which option of the target an option of the source is.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::{Field, FieldOption, Glossary, Kind, Share, kind::As, name::Name};

/// An option with its place: a cascade is a list of paths.
#[derive(Debug)]
pub(super) struct Place {
    /// `1`, or `0,1` below `0`.
    index: String,
    name: String,
    hidden: bool,
    /// The place of the option above it, which comes before it.
    parent: Option<usize>,
    /// Why no event is read as this option, if so.
    unread: Option<&'static str>,
    /// The names on the way to it, as they are compared.
    plain: Vec<String>,
    /// … and what they mean.
    meaning: Vec<String>,
}

/// What becomes of one option of the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Choice {
    /// What the source's events say.
    pub(super) index: String,
    pub(super) name: String,
    pub(super) hidden: bool,
    pub(super) becomes: Becomes,
}

/// What becomes of an option.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Becomes {
    /// The target's option of this name.
    Option(String),
    /// The target has none, but one of another name that is alike.
    Perhaps(String),
    /// The target has none.
    Nothing,
    /// Its name has a comma, which stands between two options.
    Several,
    /// No event is read as it, and why.
    Unread(&'static str),
}

/// All options of a field, those below others after them. What a vendor lists below an option of a field that is no
/// cascade isn't one: its values have one level.
pub(super) fn places(field: &Field, glossary: &Glossary) -> Vec<Place> {
    let is_cascade = field.kind == Kind::Cascade;
    let (mut found, mut indexes) = (Vec::new(), HashSet::new());
    let first = field.options.iter().rev();
    let mut waiting: Vec<(Option<usize>, &FieldOption)> = first.map(|it| (None, it)).collect();
    while let Some((parent, option)) = waiting.pop() {
        let mut place = place(&found, parent, option, glossary);
        if !indexes.insert(place.index.clone()) {
            place.unread = Some("another option has its index");
        }
        let at = found.len();
        found.push(place);
        waiting.extend(option.subs.iter().rev().filter(|_| is_cascade).map(|sub| (Some(at), sub)));
    }
    found
}

fn place(found: &[Place], above: Option<usize>, option: &FieldOption, glossary: &Glossary) -> Place {
    let parent = above.and_then(|at| found.get(at));
    let unread = parent.and_then(|it| it.unread);
    let name = Name::of(&option.name, glossary);
    let plain = name.as_ref().map_or(option.name.as_str(), Name::plain);
    let known = glossary.option(plain).map(str::to_owned);
    let meaning = known.or_else(|| name.as_ref().map(Name::meaning));
    let below = |path: &[String], name: &str| path.iter().cloned().chain([name.to_owned()]).collect();
    Place {
        index: parent.map_or_else(|| option.index.clone(), |it| format!("{},{}", it.index, option.index)),
        name: option.name.clone(),
        parent: above,
        hidden: option.hidden || parent.is_some_and(|parent| parent.hidden),
        unread: unread.or_else(|| unread_index(&option.index)),
        plain: below(parent.map_or(&[], |it| &it.plain), plain),
        meaning: below(parent.map_or(&[], |it| &it.meaning), meaning.as_deref().unwrap_or(plain)),
    }
}

/// Values are read as lists, and trimmed.
fn unread_index(index: &str) -> Option<&'static str> {
    match index {
        "" => Some("it has no index"),
        _ if has_comma(index) => Some("the comma in its index would make it two"),
        _ if index.trim() != index => Some("values lose the blanks around its index"),
        _ => None,
    }
}

/// What becomes of each option of the source; a target without options takes any.
pub(super) fn choices(source: &[Place], target: &[Place], how: As) -> Vec<Choice> {
    let matched = matched(source, target);
    let taken: HashSet<usize> = matched.values().copied().collect();
    let becomes = |at: usize, option: &Place| {
        if let Some(why) = option.unread {
            return Becomes::Unread(why);
        }
        match matched.get(&at).and_then(|it| target.get(*it)) {
            Some(option) => Becomes::Option(option.name.clone()),
            None if target.is_empty() => Becomes::Option(option.name.clone()),
            None => near(option, target, &taken).map_or(Becomes::Nothing, Becomes::Perhaps),
        }
    };
    let choice = |(at, option): (usize, &Place)| Choice {
        index: option.index.clone(),
        name: option.name.clone(),
        hidden: option.hidden,
        becomes: match becomes(at, option) {
            Becomes::Option(name) if how == As::Choices && has_comma(&name) => Becomes::Several,
            becomes => becomes,
        },
    };
    source.iter().enumerate().map(choice).collect()
}

/// True if a row of these has an option at all. A target that has to be chosen from, but lists nothing, has none.
pub(super) fn reaches(source: &[Place], target: &[Place], how: As, chosen: bool) -> bool {
    let fits = |name: &str| !(how == As::Choices && has_comma(name));
    match target {
        [] => !chosen && source.iter().any(|option| option.unread.is_none() && fits(&option.name)),
        _ => matched(source, target).values().any(|at| fits(&target[*at].name)),
    }
}

fn has_comma(name: &str) -> bool {
    name.contains([',', '，'])
}

/// How many options both have of those that either has (Jaccard); those that are no longer offered count only where
/// both have them.
pub(super) fn overlap(source: &[Place], target: &[Place]) -> Share {
    let matched = matched(source, target);
    let offered = source.iter().enumerate().filter(|(at, it)| !it.hidden || matched.contains_key(at)).count();
    let both = matched.values().collect::<BTreeSet<_>>().len();
    Share::of_counts(both, (offered + target.len()).saturating_sub(matched.len()))
}

/// By place among the source's options: the place among the target's. The same name first, then the same meaning,
/// for each of the target's that no other one has by then; below another option only where those above match too.
fn matched(source: &[Place], target: &[Place]) -> BTreeMap<usize, usize> {
    let read = || source.iter().enumerate().filter(|(_, it)| it.unread.is_none());
    let by_name: BTreeMap<&[String], usize> = last_first(target, |it| &it.plain);
    let named: BTreeMap<usize, usize> =
        read().filter_map(|(at, it)| Some((at, *by_name.get(it.plain.as_slice())?))).collect();
    let by_meaning: BTreeMap<&[String], usize> = last_first(target, |it| &it.meaning);
    let mut taken: HashSet<usize> = named.values().copied().collect();
    let mut matched = BTreeMap::new();
    for (at, option) in read() {
        // Those above come first.
        let above = option.parent.map(|parent| matched.get(&parent).copied());
        let fits = |found: &usize| above == target[*found].parent.map(Some);
        let meant = || {
            let found = by_meaning.get(option.meaning.as_slice()).copied().filter(fits);
            found.filter(|found| taken.insert(*found))
        };
        if let Some(found) = named.get(&at).copied().filter(fits).or_else(meant) {
            matched.insert(at, found);
        }
    }
    matched
}

/// Of two options with one key the first counts.
fn last_first<'a>(
    places: &'a [Place],
    key: impl Fn(&'a Place) -> &'a Vec<String>,
) -> BTreeMap<&'a [String], usize> {
    places.iter().enumerate().rev().map(|(at, place)| (key(place).as_slice(), at)).collect()
}

/// The only option on the same level that is alike, one name having the other in it: 北京 and 北京市.
fn near(option: &Place, target: &[Place], taken: &HashSet<usize>) -> Option<String> {
    let (name, above) = option.plain.split_last()?;
    let alike = |other: &Place| {
        let Some((theirs, level)) = other.plain.split_last() else { return false };
        level == above && (theirs.contains(name.as_str()) || name.contains(theirs.as_str()))
    };
    let mut found = target.iter().enumerate().filter(|(at, it)| !taken.contains(at) && alike(it));
    let first = found.next()?;
    found.next().is_none().then(|| first.1.name.clone())
}
