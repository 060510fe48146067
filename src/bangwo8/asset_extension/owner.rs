//! The rule in `filter` about whose rows are offered (notes 1 to 4 of the page).

use std::num::NonZeroU64;

use super::{
    super::{
        asset_row::{OwnedBy, OwnerType},
        company::CompanyId,
        contact::ContactId,
    },
    InvalidExtension,
};

/// The placeholder of the current contact. The vendor prints its braces apart, and is read in any spacing.
pub(super) const CONTACT: &str = "{ {user.cId} }";
/// The placeholder of the current company.
pub(super) const COMPANY: &str = "{ {company.companyId} }";

pub(super) const OWNER_TYPE: &str = "ownerType";
pub(super) const OWNER: &str = "owner";

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

    pub(super) fn written(&self) -> Vec<String> {
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
    pub(super) fn parse(text: &str) -> Result<Owner, InvalidExtension> {
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
    pub(super) fn parse(text: &str) -> Result<PageOwner, InvalidExtension> {
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
