//! What can be wrong with a configuration: each sentence says what is wrong and what is allowed.

/// Why a text is no configuration of the extension.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidExtension {
    /// Not a URL at all.
    #[error("the configuration address is not a URL; it looks like https://www.bangwo8.com{path}?tableId=1&cPara=field_1:field_2", path = super::address::PATH)]
    Address,
    /// The URL of something else.
    #[error("`{path}` is not the extension's page; the path of a configuration address ends in {allowed}", allowed = super::address::PATH)]
    OtherPage {
        /// The path of the address.
        path: String,
    },
    /// A parameter that the page doesn't have.
    #[error("there is no parameter `{name}`; allowed are tableId, tableName, cPara, filter and display")]
    UnknownParameter {
        /// Its name.
        name: String,
    },
    /// A parameter, or an owner rule in `filter`, given more than once.
    #[error("`{name}` is given more than once; allowed is once")]
    Repeated {
        /// Its name.
        name: String,
    },
    /// Neither `tableId` nor `tableName`.
    #[error("no asset table is named; give tableId, tableName or both (then tableName wins)")]
    NoTable,
    /// A `tableId` that is no id.
    #[error("tableId `{text}` is not an id; allowed is a whole number above 0")]
    TableId {
        /// What was given.
        text: String,
    },
    /// No `cPara`.
    #[error("cPara is missing; give at least one pair `asset_field:company_field`, or `_id:company_field`")]
    NoPair,
    /// An element of `cPara` that is no pair.
    #[error(
        "`{text}` in cPara is not a pair; allowed is `asset_field:company_field`, pairs joined by commas"
    )]
    Pair {
        /// The element.
        text: String,
    },
    /// A company field that two pairs fill.
    #[error("the company field `{key}` is filled twice in cPara; name each company field once")]
    FilledTwice {
        /// The company field.
        key: String,
    },
    /// A text that cannot identify a field or a table.
    #[error(
        "`{text}` cannot be an identifier; it must not be empty nor contain a comma, a colon or white space"
    )]
    Key {
        /// What was given.
        text: String,
    },
    /// An element of `filter` that is no condition.
    #[error(
        "`{text}` in filter is not a condition; allowed is `asset_field:value`, conditions joined by commas, and no comma in a value"
    )]
    Condition {
        /// The element.
        text: String,
    },
    /// An owner rule where an ordinary condition belongs.
    #[error("`{name}` is a rule about owners and not a field of the asset table")]
    Reserved {
        /// The rule's name.
        name: String,
    },
    /// An `ownerType` that the page doesn't know.
    #[error("ownerType `{text}` is unknown; allowed are contacter and company")]
    OwnerType {
        /// What was given.
        text: String,
    },
    /// An `owner` that is neither id nor placeholder.
    #[error("owner `{text}` is neither an id nor a placeholder; allowed are a whole number above 0, {contact} and {company}", contact = super::owner::CONTACT, company = super::owner::COMPANY)]
    Owner {
        /// What was given.
        text: String,
    },
    /// The contact's placeholder with `ownerType:company`, or the company's with `ownerType:contacter`.
    #[error("owner {placeholder} does not go with ownerType {owner_type}; allowed is {allowed} or an id")]
    OwnerMismatch {
        /// The placeholder given.
        placeholder: &'static str,
        /// The `ownerType` given.
        owner_type: &'static str,
        /// The placeholder of that `ownerType`.
        allowed: &'static str,
    },
}
