#!/usr/bin/env bash
# The main job against a real installation: every function answers its health, then a document is sent, checked, drawn,
# looked at through a link, fetched again and found in the log. What it made is taken away again.
#
#   tests/acceptance/openfaas.sh GATEWAY
#
# GATEWAY is OpenFaaS' (http://127.0.0.1:8080 by kubectl port-forward), the front's or the runner's own; files go by
# ORIGIN. Environment: ORIGIN (the portal's address), PORTICO_EMAIL, PORTICO_PASSWORD_FILE, PORTICO_TOTP_FILE (the key of
# the authenticator app, base32) of somebody who works for the firm. Ends within ten minutes; 0: all is well.
set -euo pipefail
[ $# = 1 ] || { sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//p}' "$0" >&2; exit 2; }
for name in ORIGIN PORTICO_EMAIL PORTICO_PASSWORD_FILE PORTICO_TOTP_FILE; do
  [ -n "${!name:-}" ] || { echo "$name is missing: see the head of $0" >&2; exit 2; }
done
exec timeout --signal=TERM --kill-after=10 600 node "$(dirname "$0")/../../infra/run.mjs" tests/acceptance/openfaas.ts "$1"
