{{- /* What one value alone doesn't show, and a schema therefore can't refuse. Says what to do. */ -}}
{{- define "deskbridge.validate" -}}
{{- $values := .Values }}
{{- $shared := include "deskbridge.shared" . }}
{{- if and (not $shared) (gt (int $values.replicas) 1) }}
{{- fail "replicas: SQLite is for one replica; set store.kind: postgres for more, or replicas: 1" }}
{{- end }}
{{- if and (not $shared) $values.autoscaling.enabled }}
{{- fail "autoscaling.enabled: SQLite is for one replica; set store.kind: postgres, or turn autoscaling off" }}
{{- end }}
{{- if and $shared (not $values.store.postgres.secretName) (not (hasKey (include "deskbridge.externalKeys" . | fromJson) $values.store.postgres.secretKey)) }}
{{- fail (printf "store.postgres.secretName: name the Secret that holds the server's address under %s, or have secrets.external make that key" $values.store.postgres.secretKey) }}
{{- end }}
{{- if and $values.autoscaling.enabled (gt (int $values.autoscaling.minReplicas) (int $values.autoscaling.maxReplicas)) }}
{{- fail "autoscaling.maxReplicas: it is less than autoscaling.minReplicas" }}
{{- end }}
{{- if and $values.autoscaling.enabled (kindIs "invalid" $values.autoscaling.cpuPercent) (not $values.autoscaling.lag.enabled) }}
{{- fail "autoscaling: it has nothing to look at; set autoscaling.cpuPercent or autoscaling.lag.enabled" }}
{{- end }}
{{- if and $values.ingress.enabled (not $values.ingress.hosts) }}
{{- fail "ingress.hosts: name at least one host, or turn the Ingress off" }}
{{- end }}
{{- if and $values.httpRoute.enabled (not $values.httpRoute.parentRefs) }}
{{- fail "httpRoute.parentRefs: name the Gateway, or turn the HTTPRoute off" }}
{{- end }}
{{- if and $values.serviceMonitor.enabled (eq $values.settings.metrics "off") }}
{{- fail "settings.metrics: it is off, so that serviceMonitor would read nothing; set key or open, or turn serviceMonitor off" }}
{{- end }}
{{- if and $values.serviceMonitor.enabled (eq $values.settings.metrics "key") (not $values.serviceMonitor.bearer.secretName) }}
{{- fail "serviceMonitor.bearer.secretName: name the Secret that holds the API key which settings.metrics: key asks for" }}
{{- end }}
{{- if and $values.secrets.external.enabled (not $values.secrets.external.store.name) }}
{{- fail "secrets.external.store.name: name the store that External Secrets reads, or turn it off" }}
{{- end }}
{{- if and $values.secrets.external.enabled (not $values.secrets.external.data) }}
{{- fail "secrets.external.data: name at least one key to read, or turn it off" }}
{{- end }}
{{- include "deskbridge.validateConfig" . }}
{{- end }}

{{- define "deskbridge.validateConfig" -}}
{{- $config := .Values.config }}
{{- if kindIs "string" $config }}
{{- $config = fromYaml $config }}
{{- with $config.Error }}
{{- fail (printf "config: the text is not YAML: %s" .) }}
{{- end }}
{{- end }}
{{- $known := include "deskbridge.secretKeys" . | fromJson }}
{{- include "deskbridge.validateSecrets" (dict "at" "config" "value" $config "known" $known "secret" false) }}
{{- end }}

{{- /* Secrets stand in the members that are named so. A ConfigMap shows what it holds to everybody who may look, so a
literal is refused here, and is not quoted. */ -}}
{{- define "deskbridge.validateSecrets" -}}
{{- $names := list "secret" "secret_before" "secrets" "password" "account" "headers" "v2" "oauth2" }}
{{- $here := . }}
{{- if kindIs "map" .value }}
{{- range $key, $value := .value }}
{{- $secret := or $here.secret (has $key $names) }}
{{- if not (and (eq $key "parameters") (not $here.secret)) }}
{{- include "deskbridge.validateSecrets" (dict "at" (printf "%s.%s" $here.at $key) "value" $value "known" $here.known "secret" $secret) }}
{{- end }}
{{- end }}
{{- else if kindIs "slice" .value }}
{{- range $i, $value := .value }}
{{- include "deskbridge.validateSecrets" (dict "at" (printf "%s[%d]" $here.at $i) "value" $value "known" $here.known "secret" $here.secret) }}
{{- end }}
{{- else if and .secret (not (regexMatch "^(env|file):." (toString .value))) }}
{{- fail (printf "%s: a secret is named, never written: file:secrets/KEY or env:NAME" .at) }}
{{- else if .secret }}
{{- $key := trimPrefix "file:secrets/" .value }}
{{- if and (hasPrefix "file:secrets/" .value) (not (hasKey .known $key)) }}
{{- fail (printf "%s: there is no key %s: add it to secrets.existing or secrets.external.data" .at $key) }}
{{- end }}
{{- end }}
{{- end }}

{{- /* Keys of the Secret that External Secrets makes, as members of a JSON object. */ -}}
{{- define "deskbridge.externalKeys" -}}
{{- ternary .Values.secrets.external.data dict .Values.secrets.external.enabled | toJson }}
{{- end }}

{{- /* Those of them that become files, as a JSON array: the server's address is an environment variable. */ -}}
{{- define "deskbridge.externalFiles" -}}
{{- $keys := include "deskbridge.externalKeys" . | fromJson | keys | sortAlpha }}
{{- if and (include "deskbridge.shared" .) (not .Values.store.postgres.secretName) }}
{{- $keys = without $keys .Values.store.postgres.secretKey }}
{{- end }}
{{- toJson $keys }}
{{- end }}

{{- /* Names of all files in secrets/, as members of a JSON object. */ -}}
{{- define "deskbridge.secretKeys" -}}
{{- $keys := dict }}
{{- range include "deskbridge.externalFiles" . | fromJsonArray }}
{{- $_ := set $keys . true }}
{{- end }}
{{- range $secret := .Values.secrets.existing }}
{{- range $key := $secret.keys }}
{{- if hasKey $keys $key }}
{{- fail (printf "secrets.existing: two Secrets have the key %s; only one can be the file secrets/%s" $key $key) }}
{{- end }}
{{- $_ := set $keys $key true }}
{{- end }}
{{- end }}
{{- toJson $keys }}
{{- end }}
