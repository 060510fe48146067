//! Generated rows as this vendor has them. What lists filter by repeats with [`PERIOD`].

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::contacts::Contact;
use super::ticket::{CustomValue, Ticket, TicketReply};
use super::view_filter::ViewFilter;
use super::views::View;
use crate::sandbox::clock::vendor_text;
use crate::sandbox::generate::{FIRST_ID, Generator};
use crate::sandbox::switches::TimeZoneName;

/// Indexed by the row's; the lengths divide the period.
const STATUSES: [u8; 8] = [1, 2, 2, 3, 4, 4, 5, 6];
const PRIORITIES: [u8; 8] = [2, 2, 1, 3, 2, 4, 2, 0];
const SOURCES: [u8; 5] = [2, 3, 7, 9, 4];
const TYPES: [u8; 4] = [1, 2, 3, 4];
const TAGS: [&str; 4] = ["售前", "售中", "售后", ""];
/// Agents and their groups among the seed data; 0 = nobody.
const SERVICERS: [(u64, u64); 5] =
    [(565_123, 344_124), (565_124, 344_124), (565_125, 344_125), (0, 344_124), (0, 0)];
const TEMPLATE: u64 = 4;
/// Generated views are as old as the first generated ticket.
const VIEWS_CREATED: &str = "2023-01-01 08:00:00";

/// The ticket of an index, without its replies.
pub(crate) fn ticket(generator: &Generator, index: u64, zone: TimeZoneName) -> Ticket {
    let row = generator.ticket(index);
    let (servicer_user_id, servicer_group_id) = of(&SERVICERS, index);
    let mut ticket = Ticket {
        ticket_id: FIRST_ID + index,
        custom_fields: vec![CustomValue { key: "field_1".to_owned(), value: json!(row.subject) }],
        subject: row.subject,
        descript: row.text,
        ticket_source: of(&SOURCES, index),
        ticket_type: of(&TYPES, index),
        priority_level: of(&PRIORITIES, index),
        ticket_status: status(index),
        cust_user_id: row.contact.map_or(0, |contact| FIRST_ID + contact),
        servicer_user_id,
        servicer_group_id,
        creater_id: servicer_user_id,
        ticket_template_id: TEMPLATE,
        tag_list: of(&TAGS, index).to_owned(),
        create_dt: vendor_text(row.created, zone),
        update_dt: vendor_text(row.updated, zone),
        ..Ticket::default()
    };
    let reached = ticket.update_dt.clone();
    ticket.stamp_status(&reached);
    ticket
}

pub(crate) fn status(index: u64) -> u8 {
    of(&STATUSES, index)
}

pub(crate) fn statuses() -> BTreeSet<u8> {
    STATUSES.into_iter().collect()
}

/// The replies of a ticket, oldest first.
pub(crate) fn replies(generator: &Generator, ticket: u64, zone: TimeZoneName) -> Vec<TicketReply> {
    let rows = (0..generator.replies_of(ticket)).map(|n| generator.reply(ticket, n));
    rows.map(|row| TicketReply {
        ticket_reply_id: FIRST_ID + row.index,
        reply_msg: row.text.to_owned(),
        create_dt: vendor_text(row.created, zone),
    })
    .collect()
}

/// The view of an index: enabled, with its own share of the generated tickets.
pub(crate) fn view(index: u64) -> View {
    View {
        id: (FIRST_ID + index).to_string(),
        title: format!("第 {} 组的工单", index + 1),
        active: "1".to_owned(),
        create_dt: VIEWS_CREATED.to_owned(),
        update_dt: String::new(),
        filter: ViewFilter::Share(index),
    }
}

/// The contact of an index.
pub(crate) fn contact(generator: &Generator, index: u64, zone: TimeZoneName) -> Contact {
    let row = generator.contact(index);
    Contact {
        c_id: FIRST_ID + index,
        name: row.name,
        mobile: row.mobile,
        email: row.email,
        state: 1,
        company_id: row.company.map_or(0, |company| FIRST_ID + company),
        create_dt: vendor_text(row.created, zone),
        update_dt: vendor_text(row.updated, zone),
        ..Contact::default()
    }
}

/// The index of a generated row of which there are `count`.
pub(crate) fn index(id: u64, count: u64) -> Option<u64> {
    id.checked_sub(FIRST_ID).filter(|index| *index < count)
}

/// The indices of generated rows that have been changed and are therefore stored.
pub(crate) fn changed<T>(stored: &BTreeMap<u64, T>) -> BTreeSet<u64> {
    stored.range(FIRST_ID..).map(|(id, _)| id - FIRST_ID).collect()
}

fn of<T: Copy + Default>(values: &[T], index: u64) -> T {
    let at = usize::try_from(index % values.len() as u64).unwrap_or_default();
    values.get(at).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::bangwo8::desk::Desk;
    use crate::sandbox::bangwo8::enums;
    use crate::sandbox::generate::PERIOD;

    #[test]
    fn what_lists_filter_by_repeats_with_the_period_and_names_what_exists() {
        for len in [STATUSES.len(), SERVICERS.len(), TAGS.len()] {
            assert_eq!(PERIOD % len as u64, 0);
        }
        let desk = Desk::seeded(Generator::default()).unwrap();
        assert!(SERVICERS.iter().all(|(agent, _)| *agent == 0 || desk.support(*agent).is_some()));
        assert!(SERVICERS.iter().all(|(_, group)| *group == 0 || desk.has_group(*group)));
        assert!(STATUSES.iter().all(|status| enums::STATUS.contains(*status)));
        assert!(desk.template(TEMPLATE).is_some());
    }
}
