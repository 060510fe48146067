//! The credentials that the simulators accept. They open nothing else: never use them outside the sandbox.

/// Account of a Bangwo8 administrator (agent 565123), for HTTP Basic.
pub const BANGWO8_ADMIN_ACCOUNT: &str = "sandbox-admin";
/// Password of [`BANGWO8_ADMIN_ACCOUNT`].
pub const BANGWO8_ADMIN_PASSWORD: &str = "sandbox-admin-password";
/// Account of a plain Bangwo8 agent (565124), for HTTP Basic: may not call administrator endpoints.
pub const BANGWO8_AGENT_ACCOUNT: &str = "sandbox-agent";
/// Password of [`BANGWO8_AGENT_ACCOUNT`].
pub const BANGWO8_AGENT_PASSWORD: &str = "sandbox-agent-password";
/// Bangwo8 OAuth client id (the console's SecretID). Its tokens act as the administrator.
pub const BANGWO8_CLIENT_ID: &str = "sandbox-client";
/// Secret of [`BANGWO8_CLIENT_ID`].
pub const BANGWO8_CLIENT_SECRET: &str = "sandbox-client-secret";
/// Shared secret of the Udesk v1 signature: the sample that the vendor's documentation prints, so that its
/// published test vectors hold here.
pub const UDESK_SHARED_SECRET: &str = "99d80d18b0b9a994a8d0283e830e5099";
/// E-mail of the Udesk administrator, for the v2 signature.
pub const UDESK_ADMIN_EMAIL: &str = "admin@example.com";
/// API token of the Udesk tenant, for the v2 signature.
pub const UDESK_API_TOKEN: &str = "11111111-2222-3333-4444-555555555555";
/// Password of [`UDESK_ADMIN_EMAIL`], for the v2 log-in.
pub const UDESK_ADMIN_PASSWORD: &str = "sandbox-udesk-password";
