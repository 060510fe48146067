//! The documented types of fields (§7.2). 9, 10, 19, 21 and 22 are gaps in the documents, and others may come.

/// 下拉列表: one choice of several.
pub const DROPDOWN: u8 = 1;
/// 单行文本: a line of text.
pub const TEXT: u8 = 2;
/// 多行文本: text of several lines.
pub const TEXT_AREA: u8 = 3;
/// 正整数: a positive integer.
pub const INTEGER: u8 = 4;
/// 小数: a decimal number.
pub const DECIMAL: u8 = 5;
/// 复选框: 是 or 否.
pub const CHECKBOX: u8 = 6;
/// 正则表达式: text that a regular expression checks.
pub const PATTERN: u8 = 7;
/// 日期: a date, `YYYY-MM-DD`.
pub const DATE: u8 = 8;
/// 表单: a table of rows.
pub const FORM: u8 = 11;
/// 附件: files.
pub const ATTACHMENT: u8 = 12;
/// 评星: a rating in stars.
pub const STARS: u8 = 13;
/// 高级复选框: several choices.
pub const MULTI_CHOICE: u8 = 14;
/// 商品表: a table of products.
pub const PRODUCTS: u8 = 15;
/// 满意度评价表: a form about satisfaction.
pub const SATISFACTION: u8 = 16;
/// 电话类型的文本: a telephone number.
pub const TELEPHONE: u8 = 17;
/// 级联字段: choices on several levels.
pub const CASCADE: u8 = 18;
/// 资产表: rows of an asset table.
pub const ASSETS: u8 = 20;
/// A signature by hand; in the samples only, so the meaning is taken from the names there.
pub const SIGNATURE: u8 = 23;
