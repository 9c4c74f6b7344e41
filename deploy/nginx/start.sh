#!/bin/sh
# Fill in nginx.conf and start nginx in the foreground; what is not set has the container's value.
set -eu
: "${PORTAL_HOST:?the name that people use}"
export PORTAL_HOST
export PORTAL_RUN="${PORTAL_RUN:-/run/portal}"
export PORTAL_MIME="${PORTAL_MIME:-/etc/nginx/mime.types}"
export PORTAL_LOG_TO="${PORTAL_LOG_TO:-/dev/stdout}"
export PORTAL_HTTP="${PORTAL_HTTP:-80}" PORTAL_HTTPS="${PORTAL_HTTPS:-443}"
export PORTAL_TLS="${PORTAL_TLS:-/tls}" PORTAL_STATIC="${PORTAL_STATIC:-/static}"
export PORTAL_WEB_1="${PORTAL_WEB_1:-127.0.0.1:8001}" PORTAL_WEB_2="${PORTAL_WEB_2:-127.0.0.1:8002}"
export PORTAL_CONNECTIONS="${PORTAL_CONNECTIONS:-60}"
mkdir -p "$PORTAL_RUN"
here=$(dirname "$0")
script=""
for name in PORTAL_HOST PORTAL_RUN PORTAL_MIME PORTAL_LOG_TO PORTAL_HTTPS PORTAL_HTTP PORTAL_TLS \
    PORTAL_STATIC PORTAL_WEB_1 PORTAL_WEB_2 PORTAL_CONNECTIONS; do
    value=$(printenv "$name")
    script="$script;s|\${$name}|$value|g"
done
sed "${script#;}" "$here/nginx.conf" >"$PORTAL_RUN/nginx.conf"
exec "${NGINX:-nginx}" -c "$PORTAL_RUN/nginx.conf" -g "daemon off;" "$@"
