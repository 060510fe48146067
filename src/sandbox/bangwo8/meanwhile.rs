//! What happens between two pages: changes to tickets that are planned for the moment after a page of a view was
//! answered, so that a reader's way of coping with them can be tested.

use serde::{Deserialize, Serialize};

use super::desk::Desk;
use super::ticket_changes::Edit;
use super::{Call, Switches};

/// The plans that are left.
#[derive(Debug, Default)]
pub(crate) struct Meanwhile {
    plans: Vec<Plan>,
}

/// Changes to make after each answer with a page of a view.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Plan {
    /// Id of the view.
    view: String,
    /// After which page.
    page: usize,
    /// After how many answers: 0 for each until the plan is removed.
    #[serde(default = "once")]
    times: u32,
    changes: Vec<Edit>,
}

fn once() -> u32 {
    1
}

impl Meanwhile {
    pub(crate) fn plan(&mut self, plan: Plan) -> Result<(), String> {
        plan.changes.iter().try_for_each(Edit::check)?;
        self.plans.push(plan);
        Ok(())
    }

    pub(crate) fn left(&self) -> &[Plan] {
        &self.plans
    }

    /// Forgets all plans and tells how many there were.
    pub(crate) fn clear(&mut self) -> usize {
        std::mem::take(&mut self.plans).len()
    }

    /// Makes the changes that are planned for after this call, if it asked for a page of a view.
    pub(crate) fn after(&mut self, call: &Call, desk: &mut Desk, switches: &Switches) {
        let Some((view, page)) = page_of_view(call) else { return };
        self.plans.retain_mut(|plan| {
            if plan.view != view || plan.page != page {
                return true;
            }
            plan.changes.iter().for_each(|change| change.happen(desk, switches));
            plan.is_left()
        });
    }
}

impl Plan {
    /// Counts one answer.
    fn is_left(&mut self) -> bool {
        if self.times == 0 {
            return true;
        }
        self.times -= 1;
        self.times > 0
    }
}

fn page_of_view(call: &Call) -> Option<(&str, usize)> {
    let view = call.path.strip_prefix("/api/v1/ticketviews/")?.strip_suffix("/tickets.json")?;
    Some((view, call.positive("page").unwrap_or(1)))
}
