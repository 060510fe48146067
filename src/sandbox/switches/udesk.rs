//! What the Udesk documents leave open or state in two ways (contract §8.3).

use super::value::choice;

choice! {
    /// How a signature is checked.
    SignCheck {
        /// As documented. v1: over the encoded query, in the order received or sorted; v2: SHA-256 over five
        /// values, a fresh timestamp and an unused nonce.
        Strict = "strict",
        /// v1: also over the decoded query, and in capitals; v2: also the superseded SHA-1 over three values.
        Lenient = "lenient",
        /// Not at all.
        Off = "off",
    }
}

choice! {
    /// Which calls the rate limiter counts.
    UdeskRateLimit {
        /// None.
        Off = "off",
        /// Those of the v2 family, which documents 60 a minute.
        V2 = "v2",
        /// Those of both families.
        Both = "both",
    }
}

choice! {
    /// The HTTP status of a successful create or change; clients in the field expect either.
    UdeskWriteStatus {
        /// 200.
        Ok = 200,
        /// 201.
        Created = 201,
    }
}

impl From<UdeskWriteStatus> for u16 {
    fn from(status: UdeskWriteStatus) -> Self {
        match status {
            UdeskWriteStatus::Ok => 200,
            UdeskWriteStatus::Created => 201,
        }
    }
}

choice! {
    /// The key under which the v2 log-in answers the API token.
    UdeskTokenKey {
        /// `open_api_auth_token`, as running clients read it.
        OpenApiAuthToken = "open_api_auth_token",
        /// `open_api_token`, as an old page shows it.
        OpenApiToken = "open_api_token",
    }
}

choice! {
    /// How triggers deliver their requests.
    UdeskDelivery {
        /// Each once, in the order of the changes.
        Once = "once",
        /// Each twice.
        Duplicate = "duplicate",
        /// Two changes of a ticket may arrive in the wrong order.
        WrongOrder = "wrong-order",
    }
}
