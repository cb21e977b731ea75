-- Where the wrong answers on test lie among the blind spots of validation. Append-only; a study's latest run counts.
CREATE TABLE locatings (
    locating_id VARCHAR PRIMARY KEY,
    study_id VARCHAR NOT NULL,
    clustering_id VARCHAR NOT NULL,
    space VARCHAR NOT NULL,
    regions JSON NOT NULL,
    items INTEGER NOT NULL,
    job_id VARCHAR,
    created_at TIMESTAMPTZ NOT NULL
);

-- The spot whose center is nearest; reach: the share of its validation members that lie nearer to it.
CREATE TABLE locations (
    locating_id VARCHAR NOT NULL,
    item_id VARCHAR NOT NULL,
    spot_id VARCHAR NOT NULL,
    distance DOUBLE NOT NULL,
    reach DOUBLE NOT NULL
);
