{{- /* What the pods of the StatefulSet and of the Deployment have in common: metadata and spec. */ -}}
{{- define "deskbridge.pod" -}}
metadata:
  labels:
    {{- include "deskbridge.podSelector" . | nindent 4 }}
    {{- with merge dict .Values.podLabels .Values.commonLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    kubectl.kubernetes.io/default-container: deskbridge
    {{- if eq .Values.reload "restart" }}
    checksum/config: {{ include "deskbridge.config" . | sha256sum }}
    checksum/mappings: {{ toJson .Values.mappings | sha256sum }}
    checksum/schemas: {{ toJson .Values.schemas | sha256sum }}
    {{- end }}
    {{- with .Values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  {{- with .Values.imagePullSecrets }}
  imagePullSecrets: {{- toYaml . | nindent 4 }}
  {{- end }}
  serviceAccountName: {{ include "deskbridge.serviceAccount" . }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  {{- with .Values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  securityContext: {{- toYaml .Values.podSecurityContext | nindent 4 }}
  terminationGracePeriodSeconds: {{ add .Values.preStopSeconds .Values.settings.shutdown_grace_s 10 }}
  containers:
    - name: deskbridge
      image: {{ include "deskbridge.image" . }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      args: [serve]
      env: {{- include "deskbridge.env" . | nindent 8 }}
      {{- with .Values.extraEnvFrom }}
      envFrom: {{- toYaml . | nindent 8 }}
      {{- end }}
      ports:
        - { name: http, containerPort: {{ include "deskbridge.containerPort" . }}, protocol: TCP }
      startupProbe:
        httpGet: { path: /startupz, port: http, scheme: {{ include "deskbridge.scheme" . | upper }} }
        periodSeconds: 5
        timeoutSeconds: {{ .Values.probes.timeoutSeconds }}
        failureThreshold: {{ max 1 (div .Values.probes.startupSeconds 5) }}
      livenessProbe:
        httpGet: { path: /livez, port: http, scheme: {{ include "deskbridge.scheme" . | upper }} }
        periodSeconds: {{ .Values.probes.periodSeconds }}
        timeoutSeconds: {{ .Values.probes.timeoutSeconds }}
      readinessProbe:
        httpGet: { path: /readyz, port: http, scheme: {{ include "deskbridge.scheme" . | upper }} }
        periodSeconds: {{ .Values.probes.periodSeconds }}
        timeoutSeconds: {{ .Values.probes.timeoutSeconds }}
      {{- if .Values.preStopSeconds }}
      lifecycle:
        preStop:
          sleep: { seconds: {{ .Values.preStopSeconds }} }
      {{- end }}
      resources: {{- toYaml .Values.resources | nindent 8 }}
      securityContext: {{- toYaml .Values.securityContext | nindent 8 }}
      volumeMounts:
        - { name: config, mountPath: /etc/deskbridge, readOnly: true }
        {{- if .Values.tls.secretName }}
        - { name: tls, mountPath: /etc/deskbridge-tls, readOnly: true }
        {{- end }}
        {{- if not (include "deskbridge.shared" .) }}
        - { name: data, mountPath: /data }
        {{- end }}
        {{- with .Values.extraVolumeMounts }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
  volumes:
    {{- include "deskbridge.configVolume" . | nindent 4 }}
    {{- with .Values.tls.secretName }}
    - name: tls
      secret: { secretName: {{ . }}, defaultMode: 0440 }
    {{- end }}
    {{- if and (not (include "deskbridge.shared" .)) .Values.store.sqlite.existingClaim }}
    - name: data
      persistentVolumeClaim: { claimName: {{ .Values.store.sqlite.existingClaim }} }
    {{- end }}
    {{- with .Values.extraVolumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- include "deskbridge.placement" . | nindent 2 }}
{{- end }}

{{- define "deskbridge.env" -}}
- { name: DESKBRIDGE_CONFIG, value: /etc/deskbridge/deskbridge.yaml }
{{- if include "deskbridge.shared" . }}
- name: DESKBRIDGE_STORE
  valueFrom:
    secretKeyRef: { name: {{ include "deskbridge.postgresSecret" . }}, key: {{ .Values.store.postgres.secretKey }} }
{{- else }}
- { name: DESKBRIDGE_STORE, value: "sqlite:/data/deskbridge.db" }
{{- end }}
{{- if .Values.tls.secretName }}
- { name: DESKBRIDGE_TLS_CERT, value: /etc/deskbridge-tls/tls.crt }
- { name: DESKBRIDGE_TLS_KEY, value: /etc/deskbridge-tls/tls.key }
{{- end }}
{{- range $name, $value := .Values.settings }}
{{- if not (kindIs "invalid" $value) }}
- { name: DESKBRIDGE_{{ upper $name }}, value: {{ ternary (printf "%.0f" $value) $value (kindIs "float64" $value) | quote }} }
{{- end }}
{{- end }}
{{- with .Values.otlpEndpoint }}
- { name: OTEL_EXPORTER_OTLP_ENDPOINT, value: {{ quote . }} }
- name: POD_NAME
  valueFrom: { fieldRef: { fieldPath: metadata.name } }
- { name: OTEL_RESOURCE_ATTRIBUTES, value: "k8s.namespace.name={{ $.Release.Namespace }},k8s.pod.name=$(POD_NAME)" }
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- /* One volume for all that is watched, so that the kubelet turns it over as a whole. */ -}}
{{- define "deskbridge.configVolume" -}}
- name: config
  projected:
    defaultMode: 0440
    sources:
      - configMap: { name: {{ include "deskbridge.fullname" . }} }
      {{- if .Values.mappings }}
      - configMap:
          name: {{ include "deskbridge.fullname" . }}-mappings
          items:
            {{- range $name := keys .Values.mappings | sortAlpha }}
            - { key: {{ $name }}.yaml, path: mappings/{{ $name }}.yaml }
            {{- end }}
      {{- end }}
      {{- if .Values.schemas }}
      - configMap:
          name: {{ include "deskbridge.fullname" . }}-schemas
          items:
            {{- range $path := keys .Values.schemas | sortAlpha }}
            - { key: {{ include "deskbridge.schemaKey" $path }}, path: {{ printf "schemas/%s" $path | quote }} }
            {{- end }}
      {{- end }}
      {{- range .Values.secrets.existing }}
      - secret:
          name: {{ .name }}
          items:
            {{- range .keys }}
            - { key: {{ . }}, path: secrets/{{ . }} }
            {{- end }}
      {{- end }}
      {{- with include "deskbridge.externalFiles" . | fromJsonArray }}
      - secret:
          name: {{ include "deskbridge.externalSecret" $ }}
          items:
            {{- range . }}
            - { key: {{ . }}, path: secrets/{{ . }} }
            {{- end }}
      {{- end }}
{{- end }}

{{- define "deskbridge.placement" -}}
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- if and (include "deskbridge.shared" .) .Values.topologySpread.keys }}
topologySpreadConstraints:
  {{- range .Values.topologySpread.keys }}
  - topologyKey: {{ . }}
    maxSkew: 1
    whenUnsatisfiable: {{ $.Values.topologySpread.whenUnsatisfiable }}
    labelSelector:
      matchLabels: {{- include "deskbridge.podSelector" $ | nindent 8 }}
    matchLabelKeys: [pod-template-hash]
  {{- end }}
{{- end }}
{{- end }}

{{- /* What the service speaks. */ -}}
{{- define "deskbridge.scheme" -}}
{{ ternary "https" "http" (ne .Values.tls.secretName "") }}
{{- end }}
