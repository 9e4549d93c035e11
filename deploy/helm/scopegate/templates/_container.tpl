{{/* The gateway's container, as a mapping. Another chart's Pod has it with
     include "scopegate.container" .Subcharts.scopegate */}}
{{- define "scopegate.container" -}}
{{- $ports := include "scopegate.ports" . | fromYaml -}}
{{- $sidecar := eq .Values.mode "sidecar" -}}
{{- $volume := ternary "scopegate-" "" $sidecar -}}
name: scopegate
image: {{ include "scopegate.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
args: [serve, --config, /etc/scopegate/config/scopegate.yaml]
{{- if or .Values.env .Values.javaOptions }}
env:
  {{- with .Values.javaOptions }}
  - {name: JAVA_TOOL_OPTIONS, value: {{ . | quote }}}
  {{- end }}
  {{- with .Values.env }}{{ toYaml . | nindent 2 }}{{ end }}
{{- end }}
{{- with .Values.envFrom }}
envFrom: {{- toYaml . | nindent 2 }}
{{- end }}
ports:
  {{- range $name, $port := $ports }}
  - {name: {{ $name | trunc 15 | trimSuffix "-" }}, containerPort: {{ $port.port }}}
  {{- end }}
  - {name: admin, containerPort: {{ include "scopegate.adminPort" . }}}
# /readyz stays 200 while the API server is down, and turns 503 when the gateway drains
readinessProbe:
  httpGet: {path: /readyz, port: admin}
  periodSeconds: 2
  timeoutSeconds: 2
  failureThreshold: 2
livenessProbe:
  httpGet: {path: /livez, port: admin}
  initialDelaySeconds: 10
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
resources: {{- toYaml .Values.resources | nindent 2 }}
securityContext:
  {{- if $sidecar }}
  runAsNonRoot: true
  {{- if .Values.fixedUser }}
  runAsUser: 65532
  runAsGroup: 65532
  {{- end }}
  seccompProfile:
    type: RuntimeDefault
  {{- end }}
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
volumeMounts:
  - {name: {{ $volume }}config, mountPath: /etc/scopegate/config, readOnly: true}
  {{- if include "scopegate.tlsSecret" . }}
  - {name: {{ $volume }}tls, mountPath: /etc/scopegate/tls, readOnly: true}
  {{- end }}
  {{- if .Values.tls.clientCa }}
  - {name: {{ $volume }}client-ca, mountPath: /etc/scopegate/client-ca, readOnly: true}
  {{- end }}
  {{- with .Values.extraVolumeMounts }}{{ toYaml . | nindent 2 }}{{ end }}
{{- end }}

{{/* The same for initContainers: it starts before the Pod's containers and ends after them. They wait
     until it listens, not until it is ready, which can need one of them. */}}
{{- define "scopegate.nativeSidecar" -}}
{{ include "scopegate.container" . }}
restartPolicy: Always
startupProbe:
  httpGet: {path: /livez, port: admin}
  periodSeconds: 1
  timeoutSeconds: 2
  failureThreshold: 60
{{- end }}

{{/* The volumes of the container, as a list. */}}
{{- define "scopegate.volumes" -}}
{{- $volume := ternary "scopegate-" "" (eq .Values.mode "sidecar") -}}
- name: {{ $volume }}config
  configMap:
    name: {{ include "scopegate.name" . }}
{{- with include "scopegate.tlsSecret" . }}
- name: {{ $volume }}tls
  secret:
    secretName: {{ . }}
{{- end }}
{{- with .Values.tls.clientCa }}
- name: {{ $volume }}client-ca
  secret:
    secretName: {{ required "tls.clientCa.secretName: give the Secret's name" .secretName }}
    items:
      - {key: {{ .key | default "ca.crt" }}, path: ca.crt}
{{- end }}
{{- with .Values.extraVolumes }}{{ toYaml . | nindent 0 }}{{ end }}
{{- end }}
