//! The vendor's error codes, and what each means where (§5.0, §6.1).
//!
//! The same number means different things by family and by call, and ten causes share 1001. The vendor's texts
//! tell them apart for people; nothing here looks at them.

use super::request::{Endpoint, Family, Operation};

/// What a code stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cause {
    /// v1 1001 on a creation: status, priority, assignee, group, or the address in a link field.
    CreateValue,
    /// v1 1001 on a change: the agent, the group, or the address in a link field.
    UpdateValue,
    /// v1 1001 on a filter: no such filter or agent, or that agent may not use it.
    FilterOrAgent,
    /// v1 1001 anywhere else.
    Value,
    /// v1 1002 and 1004: no customer has the e-mail.
    CustomerUnknown,
    /// v1 1003: no ticket has the id.
    TicketUnknown,
    /// v1 1006: the status of a change is outside its range; it is 1001 on a creation.
    Status,
    /// v1 1008: no agent has the e-mail.
    AgentUnknown,
    /// v1 1010: the agent is not in the group.
    AgentOutsideGroup,
    /// v1 1013: the function of a comment is outside its range, or nobody has its author's e-mail.
    Comment,
    /// v1 2002 and v2 2059: the signature is wrong; in v2 also a wrong clock or a spent nonce.
    Signature,
    /// v2 2002: there is no tenant at the address. (The chat calls, which are not made here, use it for "no
    /// agent online".)
    Tenant,
    /// A code that is not documented for the family.
    Unknown,
}

impl Cause {
    /// What `number` means in an answer to `call`.
    pub fn of(number: i64, call: &Endpoint) -> Cause {
        match (call.family, number) {
            (Family::V1, 1001) => Cause::of_1001(call.operation),
            (Family::V1, 1002 | 1004) => Cause::CustomerUnknown,
            (Family::V1, 1003) => Cause::TicketUnknown,
            (Family::V1, 1006) => Cause::Status,
            (Family::V1, 1008) => Cause::AgentUnknown,
            (Family::V1, 1010) => Cause::AgentOutsideGroup,
            (Family::V1, 1013) => Cause::Comment,
            (Family::V1, 2002) | (Family::V2, 2059) => Cause::Signature,
            (Family::V2, 2002) => Cause::Tenant,
            _ => Cause::Unknown,
        }
    }

    /// The documented cause in one line, for people.
    pub fn explanation(self) -> &'static str {
        match self {
            Cause::CreateValue => "status, priority, assignee, group or a link is not valid",
            Cause::UpdateValue => "agent, group or a link is not valid",
            Cause::FilterOrAgent => "no such filter or agent, or the agent may not use the filter",
            Cause::Value => "a value is not valid",
            Cause::CustomerUnknown => "no customer has this e-mail",
            Cause::TicketUnknown => "there is no such ticket",
            Cause::Status => "the status is outside its range",
            Cause::AgentUnknown => "no agent has this e-mail",
            Cause::AgentOutsideGroup => "the agent is not in the group",
            Cause::Comment => "the comment's function or author is not valid",
            Cause::Signature => "the signature is not accepted",
            Cause::Tenant => "there is no such tenant",
            Cause::Unknown => "the code is not documented",
        }
    }

    fn of_1001(operation: Operation) -> Cause {
        match operation {
            Operation::CreateTicket => Cause::CreateValue,
            Operation::UpdateTicket | Operation::CommentTicket => Cause::UpdateValue,
            Operation::ReadByFilter => Cause::FilterOrAgent,
            _ => Cause::Value,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn v1(number: i64, operation: Operation) -> Cause {
        Cause::of(number, &Endpoint::v1("POST", "/api/v1/x.json", operation))
    }

    #[test]
    fn one_number_means_different_things_by_call() {
        assert_eq!(v1(1001, Operation::CreateTicket), Cause::CreateValue);
        assert_eq!(v1(1001, Operation::CommentTicket), Cause::UpdateValue);
        assert_eq!(v1(1001, Operation::ReadByFilter), Cause::FilterOrAgent);
        assert_eq!(v1(1001, Operation::Read), Cause::Value);
    }

    #[test]
    fn one_number_means_different_things_by_family() {
        let v2 = |number| Cause::of(number, &Endpoint::v2("GET", "/agents", Operation::Read));
        assert_eq!(v1(2002, Operation::Read), Cause::Signature);
        assert_eq!(v2(2002), Cause::Tenant);
        assert_eq!(v2(2059), Cause::Signature);
        assert_eq!(v1(2059, Operation::Read), Cause::Unknown);
        assert_eq!(v2(1003), Cause::Unknown);
    }

    #[test]
    fn every_documented_v1_code_has_a_cause() {
        for number in [1001, 1002, 1003, 1004, 1006, 1008, 1010, 1013, 2002] {
            assert_ne!(v1(number, Operation::UpdateTicket), Cause::Unknown, "{number}");
        }
        for number in [0, 1005, 1007, 1009, 1011, 1012, 2999, i64::MIN] {
            assert_eq!(v1(number, Operation::UpdateTicket), Cause::Unknown, "{number}");
        }
    }
}
