{{/* The name of everything: a sidecar's objects are in the release of the Pod that it belongs to. */}}
{{- define "scopegate.name" -}}
{{- $sidecar := and (eq .Values.mode "sidecar") (not (contains "scopegate" .Release.Name)) -}}
{{- $default := ternary (printf "%s-scopegate" (.Release.Name | trunc 40 | trimSuffix "-")) .Release.Name $sidecar -}}
{{- .Values.fullnameOverride | default $default | trunc 50 | trimSuffix "-" -}}
{{- end }}

{{/* What a sidecar has no use for, since it is not its own Pod. */}}
{{- define "scopegate.checkMode" -}}
{{- if eq .Values.mode "sidecar" -}}
{{- range list "autoscaling" "keda" -}}
{{- if (get $.Values .).enabled -}}
{{- fail (printf "%s.enabled: true with mode: sidecar (expected: false, since the Pod's own workload decides how many there are)" .) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if and .Values.autoscaling.enabled .Values.keda.enabled -}}
{{- fail "keda.enabled: true with autoscaling.enabled: true (expected: one of them, since KEDA makes an autoscaler of its own)" -}}
{{- end -}}
{{- end }}

{{- define "scopegate.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "scopegate.name" .) -}}
{{- else -}}
{{- required "serviceAccount.name: give the account's name, since serviceAccount.create is false" .Values.serviceAccount.name -}}
{{- end -}}
{{- end }}

{{/* The labels of the gateway's Pods: a sidecar's are those of the Pod that it is in. */}}
{{- define "scopegate.selector" -}}
{{- if eq .Values.mode "sidecar" -}}
{{- if not .Values.sidecar.podLabels -}}
{{- fail "sidecar.podLabels: give the labels of the Pod that the gateway is in" -}}
{{- end -}}
{{- toYaml .Values.sidecar.podLabels -}}
{{- else -}}
app.kubernetes.io/name: scopegate
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: gateway
{{- end -}}
{{- end }}

{{- define "scopegate.labels" -}}
app.kubernetes.io/name: scopegate
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "scopegate.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end }}

{{/* The Secret with the certificate, or nothing. */}}
{{- define "scopegate.tlsSecret" -}}
{{- if .Values.tls.certManager.enabled -}}
{{- .Values.tls.secretName | default (printf "%s-tls" (include "scopegate.name" .)) -}}
{{- else -}}
{{- .Values.tls.secretName -}}
{{- end -}}
{{- end }}

{{/* The configuration as it is written into the ConfigMap, as YAML. */}}
{{- define "scopegate.config" -}}
{{- $config := deepCopy .Values.config -}}
{{- $tls := deepCopy ($config.tls | default dict) -}}
{{- if include "scopegate.tlsSecret" . -}}
{{- $tls = merge $tls (dict "certificateFile" "/etc/scopegate/tls/tls.crt" "keyFile" "/etc/scopegate/tls/tls.key") -}}
{{- end -}}
{{- if .Values.tls.clientCa -}}
{{- $tls = merge $tls (dict "clientCaFile" "/etc/scopegate/client-ca/ca.crt") -}}
{{- end -}}
{{- if and (not $tls.certificateFile) (not $tls.certificates) (not $tls.selfSigned) (ne ($tls.mode | default "") "disabled") -}}
{{- fail "tls: give tls.secretName or tls.certManager, or set config.tls.mode to disabled: without a certificate, tokens cross the network in clear text" -}}
{{- end -}}
{{- if $tls -}}
{{- $_ := set $config "tls" $tls -}}
{{- end -}}
{{- toYaml $config -}}
{{- end }}

{{/* The ports, as YAML: listener → {port, appProtocol}. */}}
{{- define "scopegate.ports" -}}
{{- $listeners := .Values.config.listeners | default dict -}}
{{- $disabled := eq ((.Values.config.tls | default dict).mode | default "") "disabled" -}}
{{- if not $listeners -}}
{{- $listeners = dict "otlp-grpc" (dict "address" ":4317" "serves" (list "otlp-grpc")) "otlp-http" (dict "address" ":4318" "serves" (list "otlp-http")) "query" (dict "address" ":3200" "serves" (list "tempo-query")) -}}
{{- end -}}
{{- range $name, $listener := $listeners }}
{{- $serves := $listener.serves | default list }}
{{- $grpc := and (eq (len $serves) 1) (has (first $serves) (list "otlp-grpc" "jaeger-grpc" "opencensus")) }}
{{ $name }}:
  port: {{ regexFind "[0-9]+$" $listener.address }}
  appProtocol: {{ if $grpc }}grpc{{ else if $disabled }}http{{ else }}https{{ end }}
{{- end }}
{{- end }}

{{- define "scopegate.adminPort" -}}
{{- regexFind "[0-9]+$" (((.Values.config.admin | default dict).address) | default "0.0.0.0:8080") -}}
{{- end }}

{{- define "scopegate.watchesKubernetes" -}}
{{- $kubernetes := ((.Values.config.authentication | default dict).kubernetes | default dict) -}}
{{- if ne (toString ($kubernetes.mode | default "reviews")) "off" -}}true{{- end -}}
{{- end }}
