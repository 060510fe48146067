//! One page of a list.

/// One page of a list, and whether to ask for the next.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T> {
    /// The elements in the vendor's order.
    pub items: Vec<T>,
    /// How many there are on all pages, if the vendor said so.
    pub count: Option<u64>,
    /// Whether another page is to be expected.
    pub more: bool,
}

impl<T> Page<T> {
    /// `next_page` is whether the vendor gave a link to the next page. The link itself is never followed: its
    /// spaces are not encoded, and scheme and host may be others (§4.3).
    pub(super) fn new(
        items: Vec<T>,
        count: Option<u64>,
        next_page: bool,
        page: u32,
        per_page: u32,
    ) -> Page<T> {
        let before = u64::from(page.saturating_sub(1)) * u64::from(per_page);
        let full = items.len() as u64 >= u64::from(per_page);
        let counted = count.map_or(full, |count| before + (items.len() as u64) < count);
        let more = !items.is_empty() && (next_page || counted);
        Page { items, count, more }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn more(items: usize, count: Option<u64>, next_page: bool, page: u32) -> bool {
        Page::new(vec![(); items], count, next_page, page, 10).more
    }

    #[test]
    fn an_empty_page_is_the_last_whatever_the_vendor_promises() {
        assert!(!more(0, Some(99), true, 1));
    }

    #[test]
    fn without_a_count_a_full_page_has_a_successor_and_a_short_one_has_not() {
        assert!(more(10, None, false, 1));
        assert!(!more(9, None, false, 1));
    }

    #[test]
    fn a_count_decides_also_when_the_vendor_ignores_the_page_size() {
        assert!(more(10, Some(11), false, 1));
        assert!(!more(10, Some(20), false, 2));
        assert!(!more(25, Some(25), false, 1));
    }

    #[test]
    fn a_next_page_link_is_believed() {
        assert!(more(5, None, true, 1));
    }
}
