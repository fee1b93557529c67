{{- define "portico.labels" -}}
app.kubernetes.io/name: portico
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "portico.gateway" -}}
{{- if eq .Values.functions.engine "openfaas" -}}
{{ .Values.functions.openfaas.gateway }}
{{- else -}}
http://{{ .Release.Name }}-front:8080
{{- end -}}
{{- end }}

{{/* Where the edge finds the store. */}}
{{- define "portico.store" -}}
{{- if .Values.store.enabled -}}
http://{{ .Release.Name }}-store:9000
{{- else -}}
{{ required "store.url: the address of the store that runs elsewhere (https://s3.example.com)" .Values.store.url }}
{{- end -}}
{{- end }}

{{- define "portico.storePort" -}}
{{- $url := urlParse (include "portico.store" .) -}}
{{- $port := regexFind "[0-9]+$" (regexFind ":[0-9]+$" $url.host) -}}
{{- default (ternary "443" "80" (eq $url.scheme "https")) $port -}}
{{- end }}

{{- define "portico.namespace" -}}
{{- if eq .Values.functions.engine "openfaas" -}}
{{ .Values.functions.openfaas.namespace }}
{{- else -}}
{{ .Release.Namespace }}
{{- end -}}
{{- end }}

{{/* What a process of ours may do on its node: nothing. */}}
{{- define "portico.container" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}

{{- define "portico.pod" -}}
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
fsGroup: 1000
seccompProfile: { type: RuntimeDefault }
{{- end }}

{{/* A function's environment: what the chart's values say, else what stack.yml does. */}}
{{- define "portico.environment" -}}
{{- $root := .root -}}
{{- $own := dict "ORIGIN" $root.Values.origin "S3_TOOLS_ORIGIN" $root.Values.s3Tools.origin "GATEWAY_URL" (include "portico.gateway" $root) "CLAMAV_HOST" (ternary (printf "%s-clamd.%s" $root.Release.Name $root.Release.Namespace) "" $root.Values.clamd.enabled) -}}
{{- range $name, $entry := .function.env }}
{{- $value := $entry.value }}
{{- if hasKey $own $name }}{{ $value = index $own $name }}
{{- else if and (hasKey $entry "from") (hasKey $root.Values.functions.variables $entry.from) }}{{ $value = index $root.Values.functions.variables $entry.from }}{{ end }}
{{ $name }}: {{ $value | quote }}
{{- end }}
{{- end }}

{{- define "portico.probes" -}}
readinessProbe: { httpGet: { path: /_/ready, port: 8080 }, periodSeconds: 5 }
livenessProbe: { httpGet: { path: /_/health, port: 8080 }, periodSeconds: 15, timeoutSeconds: 5 }
{{- end }}

{{/* The secrets of one process as files of a volume. */}}
{{- define "portico.secrets" -}}
- name: secrets
  secret:
    secretName: {{ .secret }}
    items:
    {{- range .names }}
      - { key: {{ . }}, path: {{ . }} }
    {{- end }}
{{- end }}
