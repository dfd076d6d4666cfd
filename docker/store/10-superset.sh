#!/bin/bash
# Superset keeps its own tables in a database of its own beside the gateway's.
set -euo pipefail
psql -v ON_ERROR_STOP=1 -v password="$SUPERSET_DB_PASSWORD" --username "$POSTGRES_USER" --dbname postgres <<'SQL'
CREATE ROLE superset LOGIN PASSWORD :'password';
CREATE DATABASE superset OWNER superset;
SQL
