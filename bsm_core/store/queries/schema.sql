-- name: create
CREATE TABLE IF NOT EXISTS schema_version (
    version INTEGER PRIMARY KEY,
    name VARCHAR NOT NULL,
    applied_at TIMESTAMPTZ NOT NULL
);

-- name: latest
SELECT version FROM schema_version ORDER BY version DESC LIMIT 1;
