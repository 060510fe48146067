//! Making and changing customers (§5.2). Phones and further addresses are pairs of an id or null and the value;
//! those, and tags, may stand beside `customer` as on the vendor's page, or inside.

use serde_json::{Map, Value};

use super::{Answer, Rejection, Request, customers};
use crate::sandbox::udesk::desk::{Customer, Desk, Entry, Level, Platform, text as text_of};
use crate::sandbox::udesk::endpoints::{filled, given, number, parts, text};

pub(crate) fn create(desk: &mut Desk, request: &Request<'_>) -> Answer {
    let written = Written::of(desk, request)?;
    if written.nick_name.is_none() && written.email.is_none() {
        return Err(Rejection::missing("customer[nick_name]"));
    }
    refuse_taken(desk, &written, None)?;
    let now = request.now;
    let id = desk.add_customer(|id| {
        let mut customer = Customer::unnamed(id, Platform::Api, now);
        written.apply(&mut customer);
        customer
    });
    customers::written(desk, request, id)
}

/// What is left out stays; lists are replaced.
pub(crate) fn update(desk: &mut Desk, request: &Request<'_>) -> Answer {
    let (kind, content) = customers::sought(request)?;
    let id = customers::by(desk, &kind, &content)?.id;
    let written = Written::of(desk, request)?;
    refuse_taken(desk, &written, Some(id))?;
    desk.change_customer(id, request.now, |customer| written.apply(customer));
    customers::written(desk, request, id)
}

/// The members of a write that have values.
#[derive(Debug)]
struct Written {
    nick_name: Option<String>,
    email: Option<String>,
    description: Option<String>,
    level: Option<Level>,
    owner_id: Option<u64>,
    owner_group_id: Option<u64>,
    organization_id: Option<u64>,
    cellphones: Option<Vec<Entry>>,
    other_emails: Option<Vec<Entry>>,
    tags: Option<Vec<String>>,
    custom_fields: Map<String, Value>,
}

impl Written {
    fn of(desk: &mut Desk, request: &Request<'_>) -> Result<Self, Rejection> {
        let customer = given(&request.body, "customer").and_then(Value::as_object);
        let customer = customer.ok_or_else(|| Rejection::missing("customer"))?;
        let beside = |name: &str| given(&request.body, name).or_else(|| given(customer, name));
        let fields = given(customer, "custom_fields").and_then(Value::as_object);
        Ok(Self {
            nick_name: filled(customer, "nick_name"),
            email: filled(customer, "email"),
            description: text(customer, "description"),
            level: level(customer)?,
            owner_id: number(customer, "owner_id"),
            owner_group_id: number(customer, "owner_group_id"),
            organization_id: number(customer, "organization_id"),
            cellphones: beside("cellphones").map(|pairs| entries(desk, pairs, "cellphones")).transpose()?,
            other_emails: beside("other_emails")
                .map(|pairs| entries(desk, pairs, "other_emails"))
                .transpose()?,
            tags: beside("tags").map(|tags| parts(&text_of(tags))),
            custom_fields: fields.cloned().unwrap_or_default(),
        })
    }

    fn apply(self, customer: &mut Customer) {
        let named = self.nick_name.or_else(|| self.email.clone().filter(|_| customer.nick_name.is_empty()));
        customer.nick_name = named.unwrap_or_else(|| std::mem::take(&mut customer.nick_name));
        customer.email = self.email.or_else(|| customer.email.take());
        customer.description = self.description.or_else(|| customer.description.take());
        customer.level = self.level.unwrap_or(customer.level);
        customer.owner_id = self.owner_id.or(customer.owner_id);
        customer.owner_group_id = self.owner_group_id.or(customer.owner_group_id);
        customer.organization_id = self.organization_id.or(customer.organization_id);
        customer.cellphones = self.cellphones.unwrap_or_else(|| std::mem::take(&mut customer.cellphones));
        customer.other_emails =
            self.other_emails.unwrap_or_else(|| std::mem::take(&mut customer.other_emails));
        customer.tags = self.tags.unwrap_or_else(|| std::mem::take(&mut customer.tags));
        customer.custom_fields.extend(self.custom_fields);
    }
}

fn level(customer: &Map<String, Value>) -> Result<Option<Level>, Rejection> {
    match text(customer, "level").as_deref() {
        None => Ok(None),
        Some("normal") => Ok(Some(Level::Normal)),
        Some("vip") => Ok(Some(Level::Vip)),
        Some(_) => Err(Rejection::invalid("level 错误")),
    }
}

/// `[[null, "13600000000"], [1, "13600000001"]]`.
fn entries(desk: &mut Desk, pairs: &Value, name: &str) -> Result<Vec<Entry>, Rejection> {
    let wrong = || Rejection::invalid(&format!("{name} 错误"));
    let pairs = pairs.as_array().ok_or_else(wrong)?;
    let entry = |pair: &Value| match pair.as_array().map(Vec::as_slice) {
        Some([id, Value::String(content)]) => Some(desk.entry(id.as_u64(), content)),
        _ => None,
    };
    pairs.iter().map(entry).collect::<Option<_>>().ok_or_else(wrong)
}

/// An e-mail address or phone number belongs to one customer.
fn refuse_taken(desk: &Desk, written: &Written, own: Option<u64>) -> Result<(), Rejection> {
    let others = |found: Option<u64>| found.is_some() && found != own;
    let email =
        written.email.as_deref().and_then(|email| desk.customer_with_email(email)).map(|found| found.id);
    let mut phones = written.cellphones.iter().flatten();
    let phone = |entry: &Entry| desk.customer_with_cellphone(&entry.content).map(|found| found.id);
    if others(email) {
        return Err(Rejection::invalid("验证失败: 邮箱 已经被使用"));
    }
    if phones.any(|entry| others(phone(entry))) {
        return Err(Rejection::invalid("验证失败: 电话 已经被使用"));
    }
    Ok(())
}
