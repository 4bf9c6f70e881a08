{{/* A pod spec that runs files/scripts/<script> with the program `greenroom`, "root", "script" and "environment". */}}
{{- define "greenroom.cliPod" -}}
{{- $component := dict "root" .root "name" "cli" -}}
{{- include "greenroom.podDefaults" .root }}
restartPolicy: {{ .restartPolicy }}
containers:
  - name: greenroom
    image: {{ include "greenroom.image" $component }}
    imagePullPolicy: {{ .root.Values.image.pullPolicy }}
    command: [bash, /scripts/{{ .script }}]
    securityContext:
      {{- include "greenroom.containerSecurity" .root | nindent 6 }}
    env:
      - {name: GREENROOM_HOME, value: /tmp/greenroom}
      - {name: GREENROOM_CONTENT, value: {{ include "greenroom.target" (dict "root" .root "name" "content") | quote }}}
      - {name: GREENROOM_SESSION, value: {{ include "greenroom.target" (dict "root" .root "name" "session") | quote }}}
      - {name: SIGNING_KEY, value: /etc/greenroom/keys/signing.jwk}
      {{- range $key, $value := .environment }}
      - {name: {{ $key }}, value: {{ $value | quote }}}
      {{- end }}
    resources:
      {{- toYaml .root.Values.cli.resources | nindent 6 }}
    volumeMounts:
      - {name: scripts, mountPath: /scripts, readOnly: true}
      - {name: keys, mountPath: /etc/greenroom/keys, readOnly: true}
      - {name: tmp, mountPath: /tmp}
volumes:
  - name: scripts
    configMap:
      name: {{ include "greenroom.fullname" .root }}-scripts
  - name: keys
    secret:
      secretName: {{ include "greenroom.keysSecret" .root }}
      defaultMode: 0440
  - name: tmp
    emptyDir:
      sizeLimit: 16Mi
{{- end -}}
