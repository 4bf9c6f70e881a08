{{/* Names, labels, images, addresses. Those that need a component take a dict with "root" and "name". */}}

{{- define "greenroom.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{/* 40 characters at most, so that every suffix fits into a name of 63. */}}
{{- define "greenroom.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- $name := include "greenroom.name" . -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "greenroom.releaseSelector" -}}
app.kubernetes.io/name: {{ include "greenroom.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "greenroom.selector" -}}
{{ include "greenroom.releaseSelector" .root }}
app.kubernetes.io/component: {{ .name }}
{{- end -}}

{{- define "greenroom.labels" -}}
{{ include "greenroom.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: greenroom
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "greenroom.image" -}}
{{- $values := .root.Values -}}
{{- $registry := default $values.image.registry $values.global.imageRegistry -}}
{{- $image := printf "greenroom/%s" .name -}}
{{- if $registry -}}{{- $image = printf "%s/%s" (trimSuffix "/" $registry) $image -}}{{- end -}}
{{- $digest := (index $values .name).digest -}}
{{- if $digest -}}
{{ $image }}@{{ $digest }}
{{- else -}}
{{ $image }}:{{ default .root.Chart.AppVersion $values.image.tag }}
{{- end -}}
{{- end -}}

{{/* What our clients connect to: every ready pod, by round robin. */}}
{{- define "greenroom.target" -}}
dns:///{{ include "greenroom.fullname" .root }}-{{ .name }}-headless.{{ .root.Release.Namespace }}.svc.{{ .root.Values.clusterDomain }}:{{ include "greenroom.port.grpc" . }}
{{- end -}}

{{- define "greenroom.port.grpc" -}}7700{{- end -}}
{{- define "greenroom.port.admin" -}}7710{{- end -}}
{{- define "greenroom.port.metrics" -}}7720{{- end -}}

{{- define "greenroom.keysSecret" -}}
{{- default (printf "%s-keys" (include "greenroom.fullname" .)) .Values.auth.existingSecret -}}
{{- end -}}

{{/* Whether a component keeps a SQLite file, which only one process may open: "true" or nothing. */}}
{{- define "greenroom.holdsFile" -}}
{{- if and (eq .root.Values.database.kind "sqlite") (ne .name "scoring") -}}true{{- end -}}
{{- end -}}

{{/* The fewest replicas that a component runs with. */}}
{{- define "greenroom.leastReplicas" -}}
{{- $component := index .root.Values .name -}}
{{- ternary $component.autoscaling.minReplicas $component.replicas $component.autoscaling.enabled -}}
{{- end -}}

{{- define "greenroom.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "greenroom.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* What every pod of ours has. */}}
{{- define "greenroom.podDefaults" -}}
automountServiceAccountToken: false
enableServiceLinks: false  # its variables would begin with GREENROOM_, and the programs refuse those they do not know
securityContext:
  {{- include "greenroom.podSecurity" . | nindent 2 }}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with .Values.pod.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.pod.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.pod.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.pod.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}
