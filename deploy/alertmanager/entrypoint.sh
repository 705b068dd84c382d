#!/bin/sh
# Write alertmanager.yml from the environment, and start Alertmanager with it: to e-mail, to a webhook, to both, or to
# nobody, when the alerts are only shown. With the argument "print" the file is printed instead.
set -eu

password_file=${ALERT_SMTP_PASSWORD_FILE:-/run/secrets/alert_smtp_password}

fail() {
  echo "alertmanager: $1" >&2
  exit 2
}

# In single quotes YAML takes everything as it is but the quote itself.
quoted() {
  printf "'%s'" "$(printf '%s' "$1" | sed "s/'/''/g")"
}

write() {
  cat <<HEAD
route:
  receiver: operators
  group_by: [alertname, job]
  group_wait: 30s
  group_interval: 5m
  repeat_interval: 4h
  routes:
    - matchers: [severity = "critical"]
      receiver: operators
      repeat_interval: 1h
inhibit_rules:
  # Whoever is down is also slow, and has no cache.
  - source_matchers: [alertname = "TargetDown", job = "masldatlas"]
    target_matchers: [alertname =~ "HighErrorRate|SlowResponses|LowCacheHitRate|ProbeFails"]
receivers:
  - name: operators
HEAD
  if [ -n "${ALERT_EMAIL_TO:-}" ]; then
    echo "    email_configs:"
    echo "      - to: $(quoted "$ALERT_EMAIL_TO")"
    echo "        from: $(quoted "${ALERT_EMAIL_FROM:-$ALERT_EMAIL_TO}")"
    echo "        smarthost: $(quoted "$ALERT_SMTP_HOST")"
    if [ -n "${ALERT_SMTP_USER:-}" ]; then
      echo "        auth_username: $(quoted "$ALERT_SMTP_USER")"
      echo "        auth_password_file: $(quoted "$password_file")"
    fi
    echo "        send_resolved: true"
  fi
  if [ -n "${ALERT_WEBHOOK_URL:-}" ]; then
    echo "    webhook_configs:"
    echo "      - url: $(quoted "$ALERT_WEBHOOK_URL")"
    echo "        send_resolved: true"
  fi
}

if [ -n "${ALERT_EMAIL_TO:-}" ]; then
  case ${ALERT_SMTP_HOST:-} in
    ?*:[0-9]*) ;;
    *) fail "ALERT_SMTP_HOST is '${ALERT_SMTP_HOST:-}'; with ALERT_EMAIL_TO it must be a host and a port, such as smtp.example.org:587." ;;
  esac
  if [ -n "${ALERT_SMTP_USER:-}" ] && [ ! -s "$password_file" ]; then
    fail "ALERT_SMTP_USER is set, but $password_file holds no password."
  fi
fi
case ${ALERT_WEBHOOK_URL:-} in
  "" | http://?* | https://?*) ;;
  *) fail "ALERT_WEBHOOK_URL is no address that begins with https:// or http://." ;;
esac
if [ -z "${ALERT_EMAIL_TO:-}${ALERT_WEBHOOK_URL:-}" ]; then
  echo "alertmanager: neither ALERT_EMAIL_TO nor ALERT_WEBHOOK_URL is set; alerts are shown, and sent to nobody." >&2
fi

if [ "${1:-}" = print ]; then
  write
else
  (umask 077 && write >/tmp/alertmanager.yml)
  exec /bin/alertmanager --config.file=/tmp/alertmanager.yml --storage.path=/alertmanager "$@"
fi
