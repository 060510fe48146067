//! The mapping file that is proposed, for somebody to read.

use super::{
    BaseRow, Field, Proposal, TAKEN,
    pair::{Obstacle, Pair},
    reason, row,
    yaml::{Line, aligned, key, quote, scalar},
};

/// Depth of a row: `ticket: custom_fields: rows:`.
const ROW: usize = 3;

/// What the file says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The connection's name.
    pub connection: String,
    /// Where events come from: `udesk`.
    pub source: String,
    /// Where they go: `bangwo8`.
    pub target: String,
    /// The mapping that it extends.
    pub base: String,
}

/// The whole file in UTF-8; a valid mapping as it stands.
pub fn file(header: &Header, proposals: &[Proposal<'_>]) -> String {
    let sections: String = proposals.iter().map(|proposal| section(proposal, header)).collect();
    format!("{}extends: {}\n{sections}", head(header, proposals), scalar(&header.base))
}

fn head(header: &Header, proposals: &[Proposal<'_>]) -> String {
    let Header { connection, source, target, base } = header;
    let name = if connection == base { format!("{connection}-more") } else { connection.clone() };
    let (name, connection) = (quote(&name), quote(connection));
    let counts = proposals.iter().map(|proposal| {
        let (rows, fields) = proposal.counts();
        format!("{rows} of {fields} {} fields", proposal.fields.section)
    });
    let counts = counts.collect::<Vec<_>>().join(", ");
    format!(
        "# Rows proposed for {connection} ({source} to {target}) from both field lists: {counts}.
# The number in front of a reason says how sure it is, from 0 to 1; below {TAKEN} a row is a comment.
#
# Go through every row. To take one that is a comment, delete the `# ` in front, and the line `NAME: ~` of the same
# name (it removes what {base} has). Save the file as mappings/{name}.yaml beside the connections file, write
# `mapping: {name}` there, and run `deskbridge check`.
#
# 请逐行核对：数字为可信度（0–1），低于 {TAKEN} 的行为注释。如需启用，删除行首的 `# `，并删除同名的 `NAME: ~` 行。保存为连接文件旁的
# mappings/{name}.yaml，在连接中写 `mapping: {name}`，再运行 `deskbridge check`。
"
    )
}

/// A section without rows has no key: an empty one would remove what the base has.
fn section(proposal: &Proposal<'_>, header: &Header) -> String {
    let fields = proposal.fields;
    let mut text = String::from("\n");
    if proposal.is_empty() {
        text.push_str(&format!("# {}: no row is proposed.\n", fields.section));
    } else {
        text.push_str(&format!("{}:\n  custom_fields:\n", fields.section));
        let policies = "    unknown: park\n    unreadable: park\n";
        let at = fields.at.iter().map(|at| format!("    at: {}\n{policies}", pointer(at)));
        text.extend(at);
        text.push_str("    rows:\n");
    }
    text.push_str(&aligned(&rows(proposal)));
    for (title, lines) in [
        (format!("Fields of {} without a row:", header.source), left(proposal, header)),
        (format!("Rows of {} that stay:", header.base), of_base(&proposal.kept)),
        (format!("Rows of {} one side of which has no such field:", header.base), of_base(&proposal.stale)),
        (format!("Fields of {} that nothing fills:", header.target), open(proposal)),
    ] {
        if !lines.is_empty() {
            text.push_str(&format!(
                "\n{}{}",
                aligned(&[Line::new(ROW, format!("# {title}"))]),
                aligned(&lines)
            ));
        }
    }
    text
}

fn rows(proposal: &Proposal<'_>) -> Vec<Line> {
    let lines = |pair| row::lines(pair, proposal, ROW, &row::remark(pair, proposal));
    proposal.rows.iter().flat_map(lines).collect()
}

/// What the base has for another desk is removed, whether or not this one has such a field.
fn left(proposal: &Proposal<'_>, header: &Header) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let removal = |name: &str| {
        let line = Line::new(ROW, format!("{}: ~", key(name)));
        proposal.removed.contains(&name).then(|| line.remark(format!("removes the row of {}", header.base)))
    };
    for (at, pair) in &proposal.left {
        let field = proposal.sources[*at].field;
        lines.extend(left_lines(field, pair.as_ref(), proposal));
        lines.extend(removal(&field.name));
    }
    let is_there = |name: &&&str| proposal.fields.source.iter().any(|field| field.name == ***name);
    let elsewhere = proposal.removed.iter().filter(|name| !is_there(name));
    lines.extend(elsewhere.filter_map(|name| removal(name)));
    lines
}

/// The row that it would be, as a comment; or that there is none.
fn left_lines(field: &Field, pair: Option<&Pair<'_>>, proposal: &Proposal<'_>) -> Vec<Line> {
    let shown = Line::new(ROW, format!("#   {}", described(field)));
    let Some(pair) = pair else {
        return vec![shown.remark("nothing at the target is like it")];
    };
    let reason = reason::of_left(pair, proposal);
    let rowless = [Some(Obstacle::Kinds), Some(Obstacle::NoOptions), Some(Obstacle::NoCommonOption)]
        .contains(&pair.obstacle);
    if rowless {
        return vec![shown.remark(reason)];
    }
    row::lines(pair, proposal, ROW, &reason).into_iter().map(|line| line.commented(ROW)).collect()
}

fn of_base(rows: &[&BaseRow]) -> Vec<Line> {
    let line = |row: &&BaseRow| format!("#   {} → {}", quote(&row.source), quote(&row.target));
    rows.iter().map(|row| Line::new(ROW, line(row))).collect()
}

/// What the target insists on comes first.
fn open(proposal: &Proposal<'_>) -> Vec<Line> {
    let mut open: Vec<(&Field, Option<&Pair<'_>>)> =
        proposal.open.iter().map(|(at, pair)| (proposal.targets[*at].field, pair.as_ref())).collect();
    open.sort_by_key(|(field, _)| !field.mandatory);
    let line = |(field, pair): (&Field, Option<&Pair<'_>>)| {
        let line = Line::new(ROW, format!("#   {}", described(field)));
        line.remark(reason::of_open(pair, field, proposal))
    };
    open.into_iter().map(line).collect()
}

/// `field_9 所在城市 (one option, mandatory)`
fn described(field: &Field) -> String {
    let label = field.label.as_deref().map(|label| format!(" {}", quote(label))).unwrap_or_default();
    let mandatory = if field.mandatory { ", mandatory" } else { "" };
    format!("{}{label} ({}{mandatory})", quote(&field.name), quote(&field.kind.to_string()))
}

/// As mappings write it, where nothing in it needs quotes.
fn pointer(pointer: &str) -> String {
    let plain = pointer.starts_with('/')
        && pointer.bytes().all(|it| it.is_ascii_alphanumeric() || b"_-/".contains(&it));
    if plain { pointer.to_owned() } else { scalar(pointer) }
}
