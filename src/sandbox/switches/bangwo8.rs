//! What the Bangwo8 documents leave open or state in two ways (contract §13, §14, §15.2).

use super::value::{choice, number};

choice! {
    /// How Bangwo8 writes a ticket's status, type, priority and source.
    TicketEnums {
        /// Labels in lists and views, codes in a single ticket.
        MixedPerEndpoint = "mixed-per-endpoint",
        /// `"1"` everywhere.
        CodeAsText = "code-as-text",
        /// `"新建"` everywhere.
        Label = "label",
    }
}

choice! {
    /// How a dropdown value is written.
    DropdownForm {
        /// The option's text.
        Text = "text",
        /// The option's id.
        Id = "id",
    }
}

number! {
    /// A default page size.
    PageSize: u32, 1..=1000, samples [10, 100]
}

choice! {
    /// What stands for "no such page".
    EmptyPageLink {
        /// `""`.
        Empty = "empty",
        /// `null`.
        Null = "null",
        /// No member at all.
        Missing = "missing",
    }
}

choice! {
    /// How counts are written.
    CountForm {
        /// `"8"`.
        Text = "text",
        /// `8`.
        Number = "number",
    }
}

choice! {
    /// The envelope of a single ticket.
    SingleTicketForm {
        /// `{"ticket":[{…}]}`.
        Array = "array",
        /// `{"ticket":{…}}`.
        Object = "object",
    }
}

choice! {
    /// What the answer to a ticket that does not exist is. No document tells.
    MissingTicket {
        /// 404 with the body of an unknown path.
        NotFound = "not-found",
        /// 200 with `{"ticket":[]}`.
        EmptyArray = "empty-array",
        /// 200 with `{}`; one client in the field takes the missing key as "not found".
        NoKey = "no-key",
    }
}

choice! {
    /// What a successful write answers.
    WriteResult {
        /// The resource, with `Location` on create.
        Resource = "resource",
        /// `{"status":"0","message":"Insert ok","data":false}`, with `Location` on create.
        StatusMessage = "status-message",
    }
}

choice! {
    /// HTTP status of an error body whose status is not documented.
    BusinessErrorStatus {
        /// 200.
        Ok = 200,
        /// 400.
        BadRequest = 400,
        /// 403.
        Forbidden = 403,
    }
}

impl From<BusinessErrorStatus> for u16 {
    fn from(status: BusinessErrorStatus) -> Self {
        match status {
            BusinessErrorStatus::Ok => 200,
            BusinessErrorStatus::BadRequest => 400,
            BusinessErrorStatus::Forbidden => 403,
        }
    }
}

choice! {
    /// What a repeated `Requestid` gets.
    DuplicateRequestid {
        /// The first answer again; nothing happens twice.
        Replay = "replay",
        /// An error; nothing happens twice.
        Error = "error",
        /// A second effect.
        Ignored = "ignored",
    }
}

choice! {
    /// The body of a 401.
    UnauthorizedBody {
        /// `{"error":"invalid_token",…}`.
        Oauth = "oauth",
        /// `{"errcode":…,"errmsg":…}`.
        Errcode = "errcode",
        /// None.
        Empty = "empty",
    }
}

choice! {
    /// What a new OAuth token does to those given out before.
    NewToken {
        /// Nothing.
        KeepsOthers = "keeps-others",
        /// It ends them.
        EndsOthers = "ends-others",
    }
}

choice! {
    /// What a request above the rate gets. No limit is documented.
    RateLimit {
        /// There is no limit.
        Off = "off",
        /// HTTP 429 with `Retry-After`.
        TooManyRequests = 429,
        /// HTTP 503 with the maintenance page.
        Unavailable = 503,
    }
}

number! {
    /// Requests a minute.
    PerMinute: u32, 1..=100_000, samples [60, 1]
}

choice! {
    /// How a field's `isRequired` is enforced.
    RequiredFields {
        /// Not at all.
        Off = "off",
        /// `"0"` is mandatory.
        AsDocumented = "as-documented",
        /// `"1"` is mandatory.
        Inverted = "inverted",
    }
}

choice! {
    /// Where attachments are uploaded; the page names both.
    UploadPath {
        /// `/uploads.json` and `/attachments.json`.
        Both = "both",
        /// `/uploads.json` as in the page's sample.
        Uploads = "uploads",
        /// `/attachments.json` as in the page's heading.
        Attachments = "attachments",
    }
}

choice! {
    /// A time zone the vendor may mean.
    TimeZoneName {
        /// UTC+8.
        Shanghai = "Asia/Shanghai",
        /// UTC.
        Utc = "UTC",
    }
}
