//! `filter`: which rows of the table are offered.

use std::num::NonZeroU64;

use super::{
    super::{
        assets::{AssetRow, OwnedBy, OwnerType},
        company::CompanyId,
        contact::ContactId,
    },
    FieldKey, InvalidExtension, elements,
};

/// The placeholder of the current contact. The vendor prints its braces apart, and is read in any spacing.
pub(super) const CONTACT: &str = "{ {user.cId} }";
/// The placeholder of the current company.
pub(super) const COMPANY: &str = "{ {company.companyId} }";

const OWNER_TYPE: &str = "ownerType";
const OWNER: &str = "owner";

/// Conditions that a row must all fulfil, and a rule about its owner.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AssetFilter {
    /// Conditions on columns; none lets every row pass.
    pub conditions: Vec<Condition>,
    /// Whose rows are offered.
    pub owner: OwnerRule,
}

/// `asset_field:value`: the column contains the value somewhere, whatever the case of its letters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    field: FieldKey,
    value: String,
}

/// Whose rows are offered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum OwnerRule {
    /// Everybody's: neither `ownerType` nor `owner`.
    #[default]
    Everybody,
    /// `ownerType` alone: those of all contacts, or of all companies. The page says that `owner` may be left out
    /// and not what that means; this is our reading.
    Kind(PageOwner),
    /// Those of the contact or the company of the ticket at hand; everybody's while the page has none.
    Current(PageOwner),
    /// Those of one contact or company, by its id.
    Fixed(PageOwner, NonZeroU64),
    /// `owner` without `ownerType`, which the vendor ignores: everybody's.
    Untyped(Owner),
}

/// An `owner` on its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// A placeholder.
    Current(PageOwner),
    /// An id.
    Id(NonZeroU64),
}

/// The two kinds of owner that the page of a ticket knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageOwner {
    /// `contacter`.
    Contact,
    /// `company`.
    Company,
}

/// What the page shows at the moment; not what is stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageContext {
    /// The ticket's contact (`user.cId`).
    pub contact_id: Option<ContactId>,
    /// The ticket's company (`company.companyId`).
    pub company_id: Option<CompanyId>,
}

impl Condition {
    /// A condition on a column.
    ///
    /// # Errors
    /// [`InvalidExtension::Reserved`] for `owner` and `ownerType`; [`InvalidExtension::Condition`] for a value that
    /// is empty, or has a comma, which would end it.
    pub fn new(field: FieldKey, value: &str) -> Result<Condition, InvalidExtension> {
        if matches!(field.as_str(), OWNER | OWNER_TYPE) {
            return Err(InvalidExtension::Reserved { name: field.to_string() });
        }
        let value = value.trim();
        if value.is_empty() || value.contains(',') {
            return Err(InvalidExtension::Condition { text: format!("{field}:{value}") });
        }
        Ok(Condition { field, value: value.to_owned() })
    }

    fn passes(&self, row: &AssetRow) -> bool {
        let column = row.column_text(self.field.as_str()).unwrap_or_default();
        column.to_lowercase().contains(&self.value.to_lowercase())
    }
}

impl AssetFilter {
    pub(super) fn parse(list: &str) -> Result<AssetFilter, InvalidExtension> {
        let (mut conditions, mut owner_type, mut owner) = (Vec::new(), None, None);
        for element in elements(list) {
            let (key, value) = element
                .split_once(':')
                .map(|(key, value)| (key.trim(), value.trim()))
                .ok_or_else(|| InvalidExtension::Condition { text: element.to_owned() })?;
            match key {
                OWNER_TYPE => once(&mut owner_type, key, value)?,
                OWNER => once(&mut owner, key, value)?,
                // Filtered by nothing, a column filters nothing.
                _ if value.is_empty() => {}
                _ => conditions.push(Condition::new(FieldKey::new(key)?, value)?),
            }
        }
        let owner_type = given(owner_type).map(PageOwner::parse).transpose()?;
        let owner = given(owner).map(Owner::parse).transpose()?;
        Ok(AssetFilter { conditions, owner: OwnerRule::new(owner_type, owner)? })
    }

    /// Nothing if it lets every row pass.
    pub(super) fn written(&self) -> Option<String> {
        let condition = |condition: &Condition| format!("{}:{}", condition.field, condition.value);
        let mut elements: Vec<String> = self.conditions.iter().map(condition).collect();
        elements.extend(self.owner.written());
        (!elements.is_empty()).then(|| elements.join(","))
    }

    /// Whether a row fulfils every condition; owners are not looked at.
    pub(super) fn passes(&self, row: &AssetRow) -> bool {
        self.conditions.iter().all(|condition| condition.passes(row))
    }
}

impl OwnerRule {
    /// The rule of an `ownerType` and an `owner`, either of which may be missing.
    ///
    /// # Errors
    /// [`InvalidExtension::OwnerMismatch`] for a placeholder of the other kind.
    pub fn new(kind: Option<PageOwner>, owner: Option<Owner>) -> Result<OwnerRule, InvalidExtension> {
        Ok(match (kind, owner) {
            (None, None) => OwnerRule::Everybody,
            (None, Some(owner)) => OwnerRule::Untyped(owner),
            (Some(kind), None) => OwnerRule::Kind(kind),
            (Some(kind), Some(Owner::Id(id))) => OwnerRule::Fixed(kind, id),
            (Some(kind), Some(Owner::Current(current))) if kind == current => OwnerRule::Current(kind),
            (Some(kind), Some(Owner::Current(current))) => {
                return Err(InvalidExtension::OwnerMismatch {
                    placeholder: current.placeholder(),
                    owner_type: kind.owner_type().as_str(),
                    allowed: kind.placeholder(),
                });
            }
        })
    }

    /// Whose rows are offered on the given page; nothing for everybody's.
    pub fn on(&self, page: &PageContext) -> Option<OwnedBy> {
        let (kind, owner) = match self {
            OwnerRule::Everybody | OwnerRule::Untyped(_) => return None,
            OwnerRule::Kind(kind) => (kind, None),
            OwnerRule::Current(kind) => (kind, Some(page.id(*kind)?)),
            OwnerRule::Fixed(kind, id) => (kind, Some(id.to_string())),
        };
        Some(OwnedBy { owner_type: kind.owner_type(), owner })
    }

    fn written(&self) -> Vec<String> {
        let kind = |kind: &PageOwner| format!("{OWNER_TYPE}:{}", kind.owner_type().as_str());
        let owner = |owner: Owner| format!("{OWNER}:{}", owner.written());
        match self {
            OwnerRule::Everybody => vec![],
            OwnerRule::Kind(owner_type) => vec![kind(owner_type)],
            OwnerRule::Current(owner_type) => vec![kind(owner_type), owner(Owner::Current(*owner_type))],
            OwnerRule::Fixed(owner_type, id) => vec![kind(owner_type), owner(Owner::Id(*id))],
            OwnerRule::Untyped(untyped) => vec![owner(*untyped)],
        }
    }
}

impl Owner {
    fn parse(text: &str) -> Result<Owner, InvalidExtension> {
        let spaceless: String = text.chars().filter(|letter| !letter.is_whitespace()).collect();
        match spaceless.as_str() {
            "{{user.cId}}" => Ok(Owner::Current(PageOwner::Contact)),
            "{{company.companyId}}" => Ok(Owner::Current(PageOwner::Company)),
            _ => {
                let id = text.parse().map_err(|_| InvalidExtension::Owner { text: text.to_owned() })?;
                Ok(Owner::Id(id))
            }
        }
    }

    fn written(self) -> String {
        match self {
            Owner::Current(kind) => kind.placeholder().to_owned(),
            Owner::Id(id) => id.to_string(),
        }
    }
}

impl PageOwner {
    fn parse(text: &str) -> Result<PageOwner, InvalidExtension> {
        [PageOwner::Contact, PageOwner::Company]
            .into_iter()
            .find(|kind| kind.owner_type().as_str() == text)
            .ok_or_else(|| InvalidExtension::OwnerType { text: text.to_owned() })
    }

    fn owner_type(self) -> OwnerType {
        match self {
            PageOwner::Contact => OwnerType::Contact,
            PageOwner::Company => OwnerType::Company,
        }
    }

    fn placeholder(self) -> &'static str {
        match self {
            PageOwner::Contact => CONTACT,
            PageOwner::Company => COMPANY,
        }
    }
}

impl PageContext {
    /// The id that the page shows. An id of 0 is the vendor's "none".
    fn id(&self, kind: PageOwner) -> Option<String> {
        let id = match kind {
            PageOwner::Contact => self.contact_id.as_ref()?.as_str(),
            PageOwner::Company => self.company_id.as_ref()?.as_str(),
        };
        let id = id.trim();
        (!matches!(id, "" | "0")).then(|| id.to_owned())
    }
}

fn once<'a>(rule: &mut Option<&'a str>, name: &str, value: &'a str) -> Result<(), InvalidExtension> {
    match rule.replace(value) {
        None => Ok(()),
        Some(_) => Err(InvalidExtension::Repeated { name: name.to_owned() }),
    }
}

fn given(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty())
}
