{{/* The URLs and ports of the stores. */}}

{{/* A list as JSON: each of "hosts" with "port" where it names none. */}}
{{- define "greenroom.hostPorts" -}}
{{- $result := list -}}
{{- $port := .port -}}
{{- range .hosts -}}
{{- $result = append $result (ternary . (printf "%s:%d" . (int $port)) (regexMatch ":[0-9]+$" .)) -}}
{{- end -}}
{{- toJson $result -}}
{{- end -}}

{{/* Their ports, each once, as JSON. */}}
{{- define "greenroom.portsOf" -}}
{{- $ports := list -}}
{{- range fromJsonArray (include "greenroom.hostPorts" .) -}}
{{- $ports = append $ports (regexFind "[0-9]+$" . | int) -}}
{{- end -}}
{{- toJson (uniq $ports) -}}
{{- end -}}

{{/* User and password come from PGUSER and PGPASSWORD. */}}
{{- define "greenroom.databaseUrl" -}}
{{- $values := .root.Values.database -}}
{{- if eq $values.kind "sqlite" -}}
sqlite:/var/lib/greenroom/{{ .name }}.db
{{- else -}}
{{- $pg := $values.postgresql -}}
{{- $hosts := fromJsonArray (include "greenroom.hostPorts" (dict "hosts" $pg.hosts "port" 5432)) -}}
postgresql://{{ join "," $hosts }}/{{ $pg.database }}?sslmode={{ $pg.sslMode }}
{{- if $pg.caSecret }}&sslrootcert=/etc/greenroom/postgresql/ca.crt{{ end -}}
{{- end -}}
{{- end -}}

{{- define "greenroom.redisDefaultPort" -}}
{{- ternary 26379 6379 (eq .Values.redis.kind "sentinel") -}}
{{- end -}}

{{- define "greenroom.redisSecret" -}}
{{- if eq .Values.redis.kind "bundled" -}}
{{ include "greenroom.fullname" . }}-redis
{{- else -}}
{{ .Values.redis.existingSecret }}
{{- end -}}
{{- end -}}

{{/* The kubelet puts user and password into $(...). */}}
{{- define "greenroom.redisUrl" -}}
{{- $redis := .Values.redis -}}
{{- $login := "" -}}
{{- if include "greenroom.redisSecret" . -}}
{{- $login = printf "%s:$(REDIS_PASSWORD)@" (ternary "$(REDIS_USERNAME)" "" (and (ne $redis.kind "bundled") (ne $redis.usernameKey ""))) -}}
{{- end -}}
{{- $hosts := join "," (fromJsonArray (include "greenroom.hostPorts" (dict "hosts" $redis.hosts "port" (include "greenroom.redisDefaultPort" .)))) -}}
{{- $scheme := ternary "rediss" "redis" $redis.tls.enabled -}}
{{- $files := list -}}
{{- if $redis.tls.caSecret -}}{{- $files = append $files "ca=/etc/greenroom/redis-ca/ca.crt" -}}{{- end -}}
{{- if $redis.tls.clientSecret -}}
{{- $files = concat $files (list "cert=/etc/greenroom/redis-client/tls.crt" "key=/etc/greenroom/redis-client/tls.key") -}}
{{- end -}}
{{- $query := ternary (printf "?%s" (join "&" $files)) "" (gt (len $files) 0) -}}
{{- if eq $redis.kind "bundled" -}}
redis://{{ $login }}{{ include "greenroom.fullname" . }}-redis.{{ .Release.Namespace }}.svc.{{ .Values.clusterDomain }}:6379
{{- else if eq $redis.kind "standalone" -}}
{{ $scheme }}://{{ $login }}{{ $hosts }}/{{ $redis.database }}{{ $query }}
{{- else if eq $redis.kind "sentinel" -}}
{{ $scheme }}+sentinel://{{ $login }}{{ $hosts }}/{{ $redis.primaryName }}/{{ $redis.database }}{{ $query }}
{{- else -}}
{{ $scheme }}+cluster://{{ $login }}{{ $hosts }}{{ $query }}
{{- end -}}
{{- end -}}

{{/* The environment with credentials that a component's stores need: it cannot come from a ConfigMap. */}}
{{- define "greenroom.storeEnvironment" -}}
{{- $values := .root.Values -}}
{{- if and (eq $values.database.kind "postgresql") (ne .name "scoring") }}
- name: PGUSER
  valueFrom:
    secretKeyRef: {name: {{ $values.database.postgresql.existingSecret }}, key: {{ $values.database.postgresql.usernameKey }}}
- name: PGPASSWORD
  valueFrom:
    secretKeyRef: {name: {{ $values.database.postgresql.existingSecret }}, key: {{ $values.database.postgresql.passwordKey }}}
{{- end }}
{{- if eq .name "session" }}
{{- with include "greenroom.redisSecret" .root }}
{{- if and (ne $values.redis.kind "bundled") $values.redis.usernameKey }}
- name: REDIS_USERNAME
  valueFrom:
    secretKeyRef: {name: {{ . }}, key: {{ $values.redis.usernameKey }}}
{{- end }}
- name: REDIS_PASSWORD
  valueFrom:
    secretKeyRef: {name: {{ . }}, key: {{ ternary "password" $values.redis.passwordKey (eq $values.redis.kind "bundled") }}}
{{- end }}
- name: GREENROOM_REDIS
  value: {{ include "greenroom.redisUrl" .root | quote }}
{{- end }}
{{- end -}}

{{/* Secrets with certificates that a component reads, as JSON: name of the volume and its folder in /etc/greenroom, secret. */}}
{{- define "greenroom.certificates" -}}
{{- $values := .root.Values -}}
{{- $found := list -}}
{{- if and (eq $values.database.kind "postgresql") $values.database.postgresql.caSecret (ne .name "scoring") -}}
{{- $found = append $found (dict "folder" "postgresql" "secret" $values.database.postgresql.caSecret) -}}
{{- end -}}
{{- if and (eq .name "session") $values.redis.tls.caSecret -}}
{{- $found = append $found (dict "folder" "redis-ca" "secret" $values.redis.tls.caSecret) -}}
{{- end -}}
{{- if and (eq .name "session") $values.redis.tls.clientSecret -}}
{{- $found = append $found (dict "folder" "redis-client" "secret" $values.redis.tls.clientSecret) -}}
{{- end -}}
{{- toJson $found -}}
{{- end -}}
