//! Values that can't be meant are refused before anything is installed, with a sentence that says what to do.

use crate::helm::*;

/// Arguments, and what the refusal says.
const MISTAKES: &[(&[&str], &str)] = &[
    (&["--set", "replica=2"], "additional properties 'replica' not allowed"),
    (&["--set", "settings.worker=2"], "additional properties 'worker' not allowed"),
    (&["--set", "settings.workers=many"], "at '/settings/workers': got string, want integer"),
    (&["--set", "settings.workers=-1"], "at '/settings/workers': minimum: got -1, want 0"),
    (&["--set", "settings.workers=10001"], "at '/settings/workers': maximum: got 10,001, want 10,000"),
    (&["--set", "settings.lease_s=86401"], "at '/settings/lease_s': maximum: got 86,401, want 86,400"),
    (
        &["--set", "settings.max_body_bytes=1073741825"],
        "at '/settings/max_body_bytes': maximum: got 1.073741825×10⁰⁹, want 1.073741824×10⁰⁹",
    ),
    (
        &["--set", "settings.shutdown_grace_s=3601"],
        "at '/settings/shutdown_grace_s': maximum: got 3,601, want 3,600",
    ),
    (
        &["--set", "settings.retention_days=36501"],
        "at '/settings/retention_days': maximum: got 36,501, want 36,500",
    ),
    (&["--set", "settings.audit_days=36501"], "at '/settings/audit_days': maximum: got 36,501, want 36,500"),
    (&["--set", "settings.disk_budget_bytes=1000"], "at '/settings/disk_budget_bytes'"),
    (&["--set", "settings.listen=8080"], "at '/settings/listen'"),
    (&["--set", "settings.log_format=xml"], "'json', 'pretty'"),
    (&["--set", "settings.webhook_allow=localhost"], "at '/settings/webhook_allow'"),
    (&["--set", "settings.webhook_allow=10.0.0.0/99"], "at '/settings/webhook_allow'"),
    (&["--set", "settings.webhook_allow=10.0.0"], "at '/settings/webhook_allow'"),
    (&["--set", "store.kind=mysql"], "'sqlite', 'postgres'"),
    (&["--set", "store.sqlite.size=ten"], "at '/store/sqlite/size'"),
    (&["--set", "store.sqlite.accessMode=ReadWriteMany"], "'ReadWriteOnce', 'ReadWriteOncePod'"),
    (&["--set", "image.digest=latest"], "at '/image/digest'"),
    (&["--set", "reload=never"], "'hot', 'restart'"),
    (&["--set", "mappings.acme=1"], "at '/mappings/acme'"),
    (&["--set", "secrets.existing[0].name=acme"], "missing property 'keys'"),
    (&["--set", "service.port=0"], "at '/service/port'"),
    (
        &["--set", "prometheusRule.thresholds.storeUsedRatio=85"],
        "at '/prometheusRule/thresholds/storeUsedRatio'",
    ),
    (&["--set", "replicas=2"], "replicas: SQLite is for one replica; set store.kind: postgres for more"),
    (&["--set", "autoscaling.enabled=true"], "autoscaling.enabled: SQLite is for one replica"),
    (
        &["--set", "store.kind=postgres"],
        "store.postgres.secretName: name the Secret that holds the server's address",
    ),
    (
        &[
            "--set",
            "store.kind=postgres,store.postgres.secretName=pg,autoscaling.enabled=true,autoscaling.minReplicas=9",
        ],
        "autoscaling.maxReplicas: it is less than autoscaling.minReplicas",
    ),
    (
        &[
            "--set",
            "store.kind=postgres,store.postgres.secretName=pg,autoscaling.enabled=true,autoscaling.cpuPercent=null",
        ],
        "autoscaling: it has nothing to look at",
    ),
    (&["--set", "settings.metrics=closed"], "'open', 'key', 'off'"),
    (&["--set", "serviceMonitor.bearer.secret=x"], "additional properties 'secret' not allowed"),
    (
        &["--set", "serviceMonitor.enabled=true,settings.metrics=key"],
        "serviceMonitor.bearer.secretName: name the Secret",
    ),
    (&["--set", "serviceMonitor.enabled=true,settings.metrics=off"], "settings.metrics: it is off"),
    (&["--set", "ingress.enabled=true"], "ingress.hosts: name at least one host"),
    (&["--set", "httpRoute.enabled=true"], "httpRoute.parentRefs: name the Gateway"),
    (&["--set", "secrets.external.enabled=true"], "secrets.external.store.name: name the store"),
    (
        &["--set", "secrets.external.enabled=true,secrets.external.store.name=vault"],
        "secrets.external.data: name at least one key",
    ),
    (
        &[
            "--set",
            "secrets.existing[0].name=a,secrets.existing[0].keys={k},secrets.existing[1].name=b,secrets.existing[1].keys={k}",
        ],
        "secrets.existing: two Secrets have the key k",
    ),
    (
        &["--set", "config.api_keys[0].secret=file:secrets/flow"],
        "config.api_keys[0].secret: there is no key flow",
    ),
    (&["--set-string", "config=connections: ["], "config: the text is not YAML"),
];

#[test]
fn a_mistake_is_refused_with_what_to_do() {
    for (arguments, expected) in MISTAKES {
        let output = template(arguments);
        let text = said(&output);
        assert!(!output.status.success(), "{arguments:?} is taken");
        assert!(text.contains(expected), "{arguments:?}: {expected:?} in {text}");
    }
}

#[test]
fn a_secret_that_is_written_out_is_refused_and_not_repeated() {
    const LITERAL: &str = "sk-live-4f9d2c";
    for place in [
        "config.api_keys[0].secret",
        "config.api_keys[0].secret_before",
        "config.connections.acme.source.verify[0].standard_webhooks.secrets[0]",
        "config.connections.acme.source.verify[0].push_token.secret",
        "config.connections.acme.source.api.v1.secret",
        "config.connections.acme.source.api.v2.token",
        "config.connections.acme.target.auth.oauth2.id",
        "config.connections.acme.target.auth.basic.password",
        "config.connections.acme.target.headers.Cookie",
        "config.connections.acme.ticketviews.subscribers[0].secret_before",
    ] {
        let output = template(&["--set", &format!("{place}={LITERAL}")]);
        let text = said(&output);
        assert!(!output.status.success(), "{place}");
        let expected = format!("{place}: a secret is named, never written: file:secrets/KEY or env:NAME");
        assert!(text.contains(&expected), "{expected:?} in {text}");
        assert!(!text.contains(LITERAL), "{text}");
    }
    let text = format!("config=api_keys: [{{ name: a, scopes: [read], secret: {LITERAL} }}]");
    let said = said(&template(&["--set-literal", &text]));
    assert!(
        said.contains("config.api_keys[0].secret: a secret is named") && !said.contains(LITERAL),
        "{said}"
    );
}
