-- Frozen plans, what each of their cells adds to the training set, and the texts written without a hypothesis.
CREATE TABLE experiments (
    experiment_id VARCHAR PRIMARY KEY,
    study_id VARCHAR NOT NULL,
    fingerprint VARCHAR NOT NULL,
    plan JSON NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE experiment_texts (
    experiment_id VARCHAR NOT NULL,
    arm VARCHAR NOT NULL,
    seed BIGINT NOT NULL,
    place INTEGER NOT NULL,
    text VARCHAR NOT NULL,
    text_b VARCHAR,
    label SMALLINT NOT NULL,
    source VARCHAR NOT NULL,
    source_id VARCHAR NOT NULL
);

CREATE TABLE untargeted_texts (
    text_id VARCHAR PRIMARY KEY,
    study_id VARCHAR NOT NULL,
    text VARCHAR NOT NULL,
    text_b VARCHAR,
    label SMALLINT NOT NULL,
    call_id VARCHAR,
    created_at TIMESTAMPTZ NOT NULL
);

-- Models and looks at test of an experiment are kept apart from the study's own.
ALTER TABLE models ADD COLUMN experiment_id VARCHAR;
ALTER TABLE evaluations ADD COLUMN experiment_id VARCHAR;
ALTER TABLE evaluations ADD COLUMN set_name VARCHAR DEFAULT '';
