-- Clusters of UUs. Append-only: a clustering is never changed; an edit (rename, merge, split, or the undoing of one) is a
-- row, and the spots that it makes are new ones. How the spots stand now follows from both.
CREATE TABLE clusterings (
    clustering_id VARCHAR PRIMARY KEY,
    study_id VARCHAR NOT NULL,
    model_id VARCHAR NOT NULL,
    tau DOUBLE NOT NULL,
    method VARCHAR NOT NULL,
    space VARCHAR NOT NULL,
    size INTEGER NOT NULL,
    seed BIGINT NOT NULL,
    neighbors INTEGER NOT NULL,
    wrong_share DOUBLE NOT NULL,
    job_id VARCHAR,
    created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE spot_points (
    clustering_id VARCHAR NOT NULL,
    item_id VARCHAR NOT NULL,
    example_id VARCHAR NOT NULL,
    x FLOAT NOT NULL,
    y FLOAT NOT NULL,
    coordinates FLOAT[] NOT NULL,
    neighbor_ids VARCHAR[] NOT NULL
);

-- item_ids: the most typical first.
CREATE TABLE spots (
    spot_id VARCHAR PRIMARY KEY,
    clustering_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    named_by_hand BOOLEAN NOT NULL,
    words JSON NOT NULL,
    item_ids VARCHAR[] NOT NULL,
    wrong_share DOUBLE NOT NULL,
    wrong_low DOUBLE NOT NULL,
    wrong_high DOUBLE NOT NULL,
    neighbors INTEGER NOT NULL,
    continues_id VARCHAR
);

CREATE TABLE spot_changes (
    change_id VARCHAR PRIMARY KEY,
    clustering_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    before VARCHAR[] NOT NULL,
    after VARCHAR[] NOT NULL,
    name VARCHAR NOT NULL,
    undoes_id VARCHAR,
    created_at TIMESTAMPTZ NOT NULL
);
