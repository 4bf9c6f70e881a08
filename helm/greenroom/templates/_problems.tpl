{{/*
What values.schema.json cannot say: values that contradict one another. Yields a JSON list of reasons, all of them, so
that nobody meets them one after the other.
*/}}
{{- define "greenroom.problems" -}}
{{- $root := . -}}
{{- $values := .Values -}}
{{- $problems := list -}}
{{- $sqlite := eq $values.database.kind "sqlite" -}}
{{- $pg := $values.database.postgresql -}}

{{- range $name := list "content" "session" "scoring" -}}
{{- $component := index $values $name -}}
{{- if include "greenroom.holdsFile" (dict "root" $root "name" $name) -}}
{{- if gt (int $component.replicas) 1 -}}
{{- $problems = append $problems (printf "%s.replicas is %d, but a SQLite file serves one process: set database.kind=postgresql, or one replica" $name (int $component.replicas)) -}}
{{- end -}}
{{- if $component.autoscaling.enabled -}}
{{- $problems = append $problems (printf "%s.autoscaling is on, but a SQLite file serves one process: set database.kind=postgresql" $name) -}}
{{- end -}}
{{- end -}}
{{- if and $component.autoscaling.enabled (gt (int $component.autoscaling.minReplicas) (int $component.autoscaling.maxReplicas)) -}}
{{- $problems = append $problems (printf "%s.autoscaling.minReplicas is above maxReplicas" $name) -}}
{{- end -}}
{{- $replicas := include "greenroom.leastReplicas" (dict "root" $root "name" $name) | int -}}
{{- if and $values.podDisruptionBudget.enabled (gt $replicas 1) -}}
{{- $stay := include "greenroom.podsThatStay" (dict "budget" $values.podDisruptionBudget "replicas" $replicas) | int -}}
{{- if ge $stay $replicas -}}
{{- $problems = append $problems (printf "podDisruptionBudget keeps all %d pods of %s, so no node can ever be drained: lower minAvailable, or set maxUnavailable to 1 or more" $replicas $name) -}}
{{- end -}}
{{- end -}}
{{- if and (eq $values.profile "production") (lt $replicas 2) -}}
{{- $problems = append $problems (printf "profile production: %s has one replica, and the loss of one node would end it" $name) -}}
{{- end -}}
{{- end -}}

{{- if and $sqlite (eq $values.updateStrategy "RollingUpdate") -}}
{{- $problems = append $problems "updateStrategy is RollingUpdate, but two pods would open one SQLite file: leave it empty, or set Recreate" -}}
{{- end -}}
{{- if and (not $sqlite) (eq $values.updateStrategy "Recreate") -}}
{{- $problems = append $problems "updateStrategy is Recreate, which stops every replica at each upgrade; only SQLite needs that" -}}
{{- end -}}

{{- if and $sqlite $pg.hosts -}}
{{- $problems = append $problems "database.postgresql.hosts is set, but database.kind is sqlite" -}}
{{- end -}}
{{- if not $sqlite -}}
{{- if not $pg.hosts -}}
{{- $problems = append $problems "database.kind is postgresql: database.postgresql.hosts is missing" -}}
{{- end -}}
{{- if not $pg.existingSecret -}}
{{- $problems = append $problems "database.kind is postgresql: database.postgresql.existingSecret is missing (user and password)" -}}
{{- end -}}
{{- if and (has $pg.sslMode (list "verify-full" "verify-ca")) (not $pg.caSecret) -}}
{{- $problems = append $problems (printf "database.postgresql.sslMode %s needs caSecret, a secret with ca.crt" $pg.sslMode) -}}
{{- end -}}
{{- end -}}

{{- $redis := $values.redis -}}
{{- if eq $redis.kind "bundled" -}}
{{- if or $redis.hosts $redis.existingSecret -}}
{{- $problems = append $problems "redis.hosts or redis.existingSecret is set, but redis.kind is bundled" -}}
{{- end -}}
{{- else if not $redis.hosts -}}
{{- $problems = append $problems (printf "redis.kind is %s: redis.hosts is missing" $redis.kind) -}}
{{- end -}}
{{- if and (eq $redis.kind "standalone") (gt (len $redis.hosts) 1) -}}
{{- $problems = append $problems "redis.kind is standalone, but redis.hosts names several: set sentinel or cluster" -}}
{{- end -}}
{{- if and (eq $redis.kind "sentinel") (not $redis.primaryName) -}}
{{- $problems = append $problems "redis.kind is sentinel: redis.primaryName is missing" -}}
{{- end -}}
{{- if and (ne $redis.kind "sentinel") $redis.primaryName -}}
{{- $problems = append $problems "redis.primaryName is set, but redis.kind is not sentinel" -}}
{{- end -}}
{{- if and (has $redis.kind (list "cluster" "bundled")) $redis.database -}}
{{- $problems = append $problems (printf "redis.database is %d, but redis.kind %s has database 0 only" (int $redis.database) $redis.kind) -}}
{{- end -}}
{{- if and $redis.tls.enabled (eq $redis.kind "bundled") -}}
{{- $problems = append $problems "redis.tls.enabled is set, but the bundled server speaks no TLS" -}}
{{- end -}}
{{- if and (not $redis.tls.enabled) (or $redis.tls.caSecret $redis.tls.clientSecret) -}}
{{- $problems = append $problems "redis.tls.caSecret or clientSecret is set, but redis.tls.enabled is not" -}}
{{- end -}}
{{- if and $redis.usernameKey (not $redis.existingSecret) -}}
{{- $problems = append $problems "redis.usernameKey is set without redis.existingSecret" -}}
{{- end -}}

{{- if and $values.auth.existingSecret $values.auth.generate -}}
{{- $problems = append $problems "auth.existingSecret is set: set auth.generate=false too" -}}
{{- end -}}
{{- if not (or $values.auth.existingSecret $values.auth.generate) -}}
{{- $problems = append $problems "no signing keys: set auth.existingSecret (greenroom keygen DIR makes its two files), or auth.generate=true for dev" -}}
{{- end -}}

{{- if eq $values.profile "production" -}}
{{- if $sqlite -}}
{{- $problems = append $problems "profile production: database.kind must be postgresql" -}}
{{- end -}}
{{- if eq $redis.kind "bundled" -}}
{{- $problems = append $problems "profile production: redis.kind must be standalone, sentinel or cluster; the bundled server is for dev" -}}
{{- else if not $redis.existingSecret -}}
{{- $problems = append $problems "profile production: redis.existingSecret is missing (the password)" -}}
{{- end -}}
{{- if $values.auth.generate -}}
{{- $problems = append $problems "profile production: auth.generate must be false; make keys with greenroom keygen and set auth.existingSecret" -}}
{{- end -}}
{{- end -}}

{{- if $values.gateway.enabled -}}
{{- if not $values.gateway.parentRefs -}}
{{- $problems = append $problems "gateway.enabled: gateway.parentRefs is missing" -}}
{{- end -}}
{{- if not (.Capabilities.APIVersions.Has "gateway.networking.k8s.io/v1/GRPCRoute") -}}
{{- $problems = append $problems "gateway.enabled, but the cluster has no gateway.networking.k8s.io/v1 GRPCRoute: install Gateway API first" -}}
{{- end -}}
{{- if and $values.networkPolicy.enabled (not $values.networkPolicy.clients) -}}
{{- $problems = append $problems "gateway.enabled, but networkPolicy.clients is empty: the gateway's pods could not reach the services" -}}
{{- end -}}
{{- end -}}
{{- toJson $problems -}}
{{- end -}}

{{/* How many of "replicas" pods the budget keeps: percentages are rounded as the disruption controller does, upwards. */}}
{{- define "greenroom.podsThatStay" -}}
{{- if ne .budget.minAvailable nil -}}
{{- include "greenroom.share" (dict "of" .replicas "amount" .budget.minAvailable) -}}
{{- else -}}
{{- sub .replicas (include "greenroom.share" (dict "of" .replicas "amount" .budget.maxUnavailable) | int) -}}
{{- end -}}
{{- end -}}

{{- define "greenroom.share" -}}
{{- $amount := toString .amount -}}
{{- if hasSuffix "%" $amount -}}
{{- div (add (mul .of (trimSuffix "%" $amount | int)) 99) 100 -}}
{{- else -}}
{{- int .amount -}}
{{- end -}}
{{- end -}}
