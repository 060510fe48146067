//! Lists of tickets: the tenant's, a company's, a contact's (§6.3).

use deskbridge::bangwo8::{CompanyId, ContactId, Order, Ticket, TicketFilter, Window};

use super::{
    desk::{Desk, GENERATED, code},
    lists::{all, ascends, descends, paged},
    tickets::known,
};
use crate::support::{Check, checks};

pub(crate) const CHECKS: &[Check<Desk>] = checks![
    tickets_pages_make_up_the_whole,
    tickets_come_by_ascending_id,
    tickets_created_in_a_window,
    tickets_updated_in_a_window,
    tickets_by_time_of_creation,
    tickets_by_time_of_update,
    tickets_by_status,
    tickets_name_their_values,
    tickets_past_the_end_are_none,
    company_tickets_are_those_of_its_contacts,
    company_tickets_unknown_company_is_not_found,
    contact_tickets_are_the_contacts,
    contact_tickets_unknown_contact_is_not_found,
];

/// How many tickets are stored from the start.
const STORED: usize = 23;

async fn tickets_pages_make_up_the_whole(desk: &Desk) {
    let filter = TicketFilter::default();
    let pages = paged(async |page, size| desk.admin().tickets_page(&filter, page, size).await).await;
    let walked = all(desk.admin().tickets(&filter)).await;
    assert_eq!(walked.len() as u64, STORED as u64 + GENERATED);
    assert_eq!(walked, pages);
}

async fn tickets_come_by_ascending_id(desk: &Desk) {
    let tickets = all(desk.admin().tickets(&TicketFilter::default())).await;
    assert_eq!(tickets[0].id.as_str(), "4987103");
    assert!(ascends(&numbers(&tickets)));
}

/// Both ends are included to the second.
async fn tickets_created_in_a_window(desk: &Desk) {
    let created = |start, end| TicketFilter { created: window(desk, start, end), ..TicketFilter::default() };
    let found = all(desk.admin().tickets(&created("2019-12-02 09:00:00", "2019-12-04 14:47:03"))).await;
    assert_eq!(ids(&found), ["5041770", "5049003", "5057716"]);
    let within = all(desk.admin().tickets(&created("2019-12-02 09:00:01", "2019-12-04 14:47:02"))).await;
    assert_eq!(ids(&within), ["5049003"]);
}

async fn tickets_updated_in_a_window(desk: &Desk) {
    let updated = |start, end| TicketFilter { updated: window(desk, start, end), ..TicketFilter::default() };
    let found = all(desk.admin().tickets(&updated("2019-12-16 11:11:11", "2019-12-17 15:45:12"))).await;
    assert_eq!(ids(&found), ["5041770", "5120683"]);
    let within = all(desk.admin().tickets(&updated("2019-12-16 11:11:12", "2019-12-17 15:45:11"))).await;
    assert_eq!(ids(&within), Vec::<&str>::new());
}

async fn tickets_by_time_of_creation(desk: &Desk) {
    let by = |order| TicketFilter { created_order: Some(order), ..TicketFilter::default() };
    let (up, down) = (
        all(desk.admin().tickets(&by(Order::Ascending))).await,
        all(desk.admin().tickets(&by(Order::Descending))).await,
    );
    assert!(ascends(&up.iter().map(|ticket| ticket.created_at).collect::<Vec<_>>()));
    assert!(descends(&down.iter().map(|ticket| ticket.created_at).collect::<Vec<_>>()));
    assert_eq!(sorted(&up), sorted(&down));
}

async fn tickets_by_time_of_update(desk: &Desk) {
    let by = |order| TicketFilter { updated_order: Some(order), ..TicketFilter::default() };
    let (up, down) = (
        all(desk.admin().tickets(&by(Order::Ascending))).await,
        all(desk.admin().tickets(&by(Order::Descending))).await,
    );
    assert!(ascends(&up.iter().map(|ticket| ticket.updated_at).collect::<Vec<_>>()));
    assert!(descends(&down.iter().map(|ticket| ticket.updated_at).collect::<Vec<_>>()));
    assert_eq!(sorted(&up), sorted(&down));
}

async fn tickets_by_status(desk: &Desk) {
    let by = |order| TicketFilter { status_order: Some(order), ..TicketFilter::default() };
    let (up, down) = (
        all(desk.admin().tickets(&by(Order::Ascending))).await,
        all(desk.admin().tickets(&by(Order::Descending))).await,
    );
    assert!(ascends(&statuses(&up)));
    assert!(descends(&statuses(&down)));
    assert_eq!(sorted(&up), sorted(&down));
}

/// Lists may have labels where single tickets have codes.
async fn tickets_name_their_values(desk: &Desk) {
    let filter = TicketFilter {
        created: window(desk, "2019-11-04 00:00:00", "2019-11-06 23:59:59"),
        ..TicketFilter::default()
    };
    let tickets = all(desk.admin().tickets(&filter)).await;
    assert_eq!(ids(&tickets), ["4987103", "4988240", "4990317"]);
    assert_eq!(tickets[0].ticket_status, known(2, "已开启", "open"));
    assert_eq!(tickets[1].ticket_type, known(3, "故障", "incident"));
    assert_eq!(tickets[2].ticket_status, known(5, "自动关闭", "auto_closed"));
    assert_eq!(tickets[2].priority_level, known(1, "低", "low"));
    assert_eq!(tickets[2].ticket_source, known(9, "邮件接入", "email"));
    assert_eq!(tickets[0].created_at, Some(desk.at("2019-11-04 09:12:20")));
}

async fn tickets_past_the_end_are_none(desk: &Desk) {
    let page = desk.admin().tickets_page(&TicketFilter::default(), 99, 100).await.unwrap();
    assert_eq!((page.items, page.more), (vec![], false));
    assert_eq!(page.count, Some(STORED as u64 + GENERATED));
}

async fn company_tickets_are_those_of_its_contacts(desk: &Desk) {
    let (company, filter) = (CompanyId::new("9516936"), TicketFilter::default());
    let pages =
        paged(async |page, size| desk.admin().company_tickets_page(&company, &filter, page, size).await)
            .await;
    let walked = all(desk.admin().company_tickets(&company, &filter)).await;
    assert_eq!(walked, pages);
    let of_its_contacts =
        |ticket: &Ticket| matches!(ticket.cust_user_id.as_deref(), Some("21130282" | "21101341"));
    let mut expected = all(desk.admin().tickets(&filter)).await;
    expected.retain(of_its_contacts);
    assert_eq!((walked.len(), walked), (16, expected));
}

async fn company_tickets_unknown_company_is_not_found(desk: &Desk) {
    let listed =
        desk.admin().company_tickets_page(&CompanyId::new("404"), &TicketFilter::default(), 1, 10).await;
    assert_eq!(code(listed), "not_found");
}

async fn contact_tickets_are_the_contacts(desk: &Desk) {
    let contact = ContactId::new("30851821");
    let filter = TicketFilter { updated_order: Some(Order::Descending), ..TicketFilter::default() };
    let pages =
        paged(async |page, size| desk.admin().contact_tickets_page(&contact, &filter, page, size).await)
            .await;
    let walked = all(desk.admin().contact_tickets(&contact, &filter)).await;
    assert_eq!(walked, pages);
    assert_eq!(ids(&walked), ["5041770", "5093377", "5066234", "5019908", "4990317", "5003399"]);
}

async fn contact_tickets_unknown_contact_is_not_found(desk: &Desk) {
    let listed =
        desk.admin().contact_tickets_page(&ContactId::new("404"), &TicketFilter::default(), 1, 10).await;
    assert_eq!(code(listed), "not_found");
}

fn window(desk: &Desk, start: &str, end: &str) -> Window<jiff::Timestamp> {
    Window { start: Some(desk.at(start)), end: Some(desk.at(end)) }
}

pub(crate) fn ids(tickets: &[Ticket]) -> Vec<&str> {
    tickets.iter().map(|ticket| ticket.id.as_str()).collect()
}

pub(crate) fn numbers(tickets: &[Ticket]) -> Vec<u64> {
    tickets.iter().map(|ticket| ticket.id.as_str().parse().unwrap()).collect()
}

fn sorted(tickets: &[Ticket]) -> Vec<u64> {
    let mut numbers = numbers(tickets);
    numbers.sort_unstable();
    numbers
}

fn statuses(tickets: &[Ticket]) -> Vec<u8> {
    tickets.iter().map(|ticket| ticket.ticket_status.as_ref().unwrap().code.unwrap()).collect()
}
