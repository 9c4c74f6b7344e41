#!/bin/sh
# Run once by the image, when it makes an empty database.
set -eu
word=$(cat /run/secrets/database-password)
psql -v ON_ERROR_STOP=1 -d postgres -v word="$word" -f /deploy/role.sql
# The secret that the portal knows must not open the door of who may do everything.
psql -v ON_ERROR_STOP=1 -d postgres -c "ALTER ROLE CURRENT_USER PASSWORD NULL"
