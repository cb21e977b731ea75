-- The call whose answer a later one took from the cache; null for a call that was made.
ALTER TABLE teacher_calls ADD COLUMN reused_from VARCHAR;

-- Drafts that were not taken, since they are too near to something that is there. Append-only.
CREATE TABLE rejected_drafts (
    draft_id VARCHAR NOT NULL,
    study_id VARCHAR NOT NULL,
    job_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    text VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    near_id VARCHAR,
    overlap DOUBLE NOT NULL,
    cosine DOUBLE,
    call_id VARCHAR,
    created_at TIMESTAMPTZ NOT NULL
);

-- How near an extrapolation is to its abstraction, as measured when it was written.
CREATE TABLE nearness (
    hypothesis_id VARCHAR NOT NULL,
    parent_hypothesis_id VARCHAR NOT NULL,
    overlap DOUBLE NOT NULL,
    cosine DOUBLE
);
