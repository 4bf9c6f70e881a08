{{/* The environment of a component that is no secret: what its ConfigMap holds, and its checksum is of. */}}
{{- define "greenroom.config" -}}
{{- $values := .root.Values -}}
GREENROOM_LISTEN: "0.0.0.0:{{ include "greenroom.port.grpc" . }}"
GREENROOM_ADMIN: "0.0.0.0:{{ include "greenroom.port.admin" . }}"
GREENROOM_METRICS: "0.0.0.0:{{ include "greenroom.port.metrics" . }}"
GREENROOM_JWKS: /etc/greenroom/keys/jwks.json
GREENROOM_KEY: /etc/greenroom/keys/signing.jwk
GREENROOM_LOG_LEVEL: {{ $values.logLevel }}
GREENROOM_REFLECTION: {{ $values.reflection | quote }}
GREENROOM_MAX_CONNECTION_AGE: {{ $values.server.maxConnectionAge }}
{{- with $values.metrics.tenants }}
GREENROOM_METRICS_TENANTS: {{ join "," . | quote }}
{{- end }}
GREENROOM_DRAIN_DELAY: {{ $values.drain.delaySeconds }}s
GREENROOM_DRAIN_TIMEOUT: {{ $values.drain.timeoutSeconds }}s
{{- if ne .name "content" }}
GREENROOM_CONTENT: {{ include "greenroom.target" (dict "root" .root "name" "content") }}
{{- end }}
{{- if ne .name "scoring" }}
GREENROOM_SCORING: {{ include "greenroom.target" (dict "root" .root "name" "scoring") }}
{{- end }}
{{- if eq .name "content" }}
GREENROOM_STORE: {{ include "greenroom.databaseUrl" . | quote }}
GREENROOM_NEW_EPOCH: {{ $values.content.newEpoch | quote }}
{{- end }}
{{- if eq .name "session" }}
GREENROOM_EVENT_LOG: {{ include "greenroom.databaseUrl" . | quote }}
GREENROOM_WATCH_HEARTBEAT: {{ $values.session.watch.heartbeat }}
GREENROOM_WATCH_TIME: {{ $values.session.watch.time }}
{{- if $values.session.newEpoch }}
GREENROOM_NEW_EPOCH: "true"
{{- end }}
{{- end }}
{{- end -}}
