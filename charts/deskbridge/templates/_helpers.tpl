{{- define "deskbridge.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- /* 52 characters leave room for what a StatefulSet's revision and the other objects add. */ -}}
{{- define "deskbridge.fullname" -}}
{{- $name := include "deskbridge.name" . }}
{{- $both := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) }}
{{- .Values.fullnameOverride | default $both | trunc 52 | trimSuffix "-" }}
{{- end }}

{{- define "deskbridge.selector" -}}
app.kubernetes.io/name: {{ include "deskbridge.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- /* The service's own pods: the selector would take the one of `helm test` along. */ -}}
{{- define "deskbridge.podSelector" -}}
{{ include "deskbridge.selector" . }}
app.kubernetes.io/component: service
{{- end }}

{{- define "deskbridge.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "deskbridge.selector" . }}
app.kubernetes.io/version: {{ .Values.image.tag | default .Chart.AppVersion | trunc 63 | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "deskbridge.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}
{{- end }}

{{- define "deskbridge.serviceAccount" -}}
{{- .Values.serviceAccount.name | default (ternary (include "deskbridge.fullname" .) "default" .Values.serviceAccount.create) }}
{{- end }}

{{- define "deskbridge.containerPort" -}}
{{ regexFind "[0-9]+$" .Values.settings.listen }}
{{- end }}

{{- /* "true" if replicas share a PostgreSQL. */ -}}
{{- define "deskbridge.shared" -}}
{{- if eq .Values.store.kind "postgres" }}true{{ end }}
{{- end }}

{{- define "deskbridge.externalSecret" -}}
{{ include "deskbridge.fullname" . }}-external
{{- end }}

{{- define "deskbridge.postgresSecret" -}}
{{- .Values.store.postgres.secretName | default (include "deskbridge.externalSecret" .) }}
{{- end }}

{{- /* The connections file: text as it was written, or values as YAML. */ -}}
{{- define "deskbridge.config" -}}
{{- if kindIs "string" .Values.config }}
{{- .Values.config }}
{{- else }}
{{- toYaml (.Values.config | default (dict "connections" dict)) }}
{{- end }}
{{- end }}

{{- /* A ConfigMap's key has no slash. */ -}}
{{- define "deskbridge.schemaKey" -}}
{{ replace "/" "__" . }}
{{- end }}
