{{/*
A signing key and its public key set, as `greenroom keygen` writes them: JSON Web Keys (RFC 7517) of curve P-256 with the
thumbprint of RFC 7638 as key id. The bytes are taken from the private key's DER (RFC 5915), which for this curve has one
length: d at 7, the public point's x at 57 and y at 89, 32 bytes each.
*/}}

{{- define "greenroom.base64url" -}}
{{- b64enc . | replace "+" "-" | replace "/" "_" | trimAll "=" -}}
{{- end -}}

{{/* The base64url of 64 hexadecimal digits: three digits are two characters; the last two digits are padding. */}}
{{- define "greenroom.hexToBase64url" -}}
{{- $alphabet := "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_" -}}
{{- $value := dict "0" 0 "1" 1 "2" 2 "3" 3 "4" 4 "5" 5 "6" 6 "7" 7 "8" 8 "9" 9 "a" 10 "b" 11 "c" 12 "d" 13 "e" 14 "f" 15 -}}
{{- $hex := printf "%s00" . -}}
{{- $text := "" -}}
{{- range $group := until 22 -}}
{{- $bits := 0 -}}
{{- range $digit := until 3 -}}
{{- $at := add (mul $group 3) $digit | int -}}
{{- $bits = add (mul $bits 16) (index $value (substr $at (add1 $at | int) $hex)) -}}
{{- end -}}
{{- $high := div $bits 64 | int -}}
{{- $low := mod $bits 64 | int -}}
{{- $text = printf "%s%s%s" $text (substr $high (add1 $high | int) $alphabet) (substr $low (add1 $low | int) $alphabet) -}}
{{- end -}}
{{- substr 0 43 $text -}}
{{- end -}}

{{/* The two files as YAML. */}}
{{- define "greenroom.newKeys" -}}
{{- $pem := genPrivateKey "ecdsa" -}}
{{- $der := regexReplaceAll "-----[A-Z ]+-----" $pem "" | replace "\n" "" | b64dec -}}
{{- if ne (len $der) 121 -}}
{{- fail "auth.generate: this Helm makes keys of another form; make them with `greenroom keygen` and set auth.existingSecret" -}}
{{- end -}}
{{- $d := include "greenroom.base64url" (substr 7 39 $der) -}}
{{- $x := include "greenroom.base64url" (substr 57 89 $der) -}}
{{- $y := include "greenroom.base64url" (substr 89 121 $der) -}}
{{- $kid := include "greenroom.hexToBase64url" (printf `{"crv":"P-256","kty":"EC","x":"%s","y":"%s"}` $x $y | sha256sum) -}}
signing.jwk: {{ dict "kty" "EC" "crv" "P-256" "x" $x "y" $y "d" $d "kid" $kid "alg" "ES256" "use" "sig" | toJson | quote }}
jwks.json: {{ dict "keys" (list (dict "kty" "EC" "crv" "P-256" "x" $x "y" $y "kid" $kid "alg" "ES256" "use" "sig")) | toJson | quote }}
{{- end -}}
