-- The schema of DESIGN.md part 3. No foreign keys (they block renames); ids are made by the caller.
-- Append-only: events, judgements, decisions, teacher_calls, checks, job_marks, evaluations.
CREATE TABLE studies (
    study_id VARCHAR PRIMARY KEY,
    name VARCHAR NOT NULL,
    task JSON NOT NULL,
    config JSON NOT NULL,
    data_hash VARCHAR NOT NULL,
    dropped JSON NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE events (
    study_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    payload JSON NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE examples (
    study_id VARCHAR NOT NULL,
    example_id VARCHAR NOT NULL,
    split VARCHAR NOT NULL,
    row_number INTEGER NOT NULL,
    text VARCHAR NOT NULL,
    text_b VARCHAR,
    label SMALLINT NOT NULL
);

CREATE TABLE models (
    model_id VARCHAR PRIMARY KEY,
    study_id VARCHAR NOT NULL,
    arm VARCHAR NOT NULL,
    parent_model_id VARCHAR,
    seed BIGINT NOT NULL,
    budget INTEGER NOT NULL,
    path VARCHAR NOT NULL,
    card JSON NOT NULL,
    job_id VARCHAR,
    created_at TIMESTAMPTZ NOT NULL
);

-- predicted and confidence follow from probabilities; the columns from study_id on are copied from the item when it
-- is ingested. Items never change, so the copies stay true, and filtering UUs needs no join.
-- repeated: the same model already answered the same perturbed text of the same example, in an earlier set.
CREATE TABLE predictions (
    model_id VARCHAR NOT NULL,
    item_kind VARCHAR NOT NULL,
    item_id VARCHAR NOT NULL,
    probabilities FLOAT[] NOT NULL,
    predicted SMALLINT NOT NULL,
    confidence FLOAT NOT NULL,
    study_id VARCHAR NOT NULL,
    label SMALLINT NOT NULL,
    example_id VARCHAR,
    split VARCHAR,
    set_id VARCHAR,
    recipe VARCHAR,
    outcome VARCHAR,
    repeated BOOLEAN NOT NULL
);

CREATE TABLE perturbation_sets (
    set_id VARCHAR PRIMARY KEY,
    study_id VARCHAR NOT NULL,
    model_id VARCHAR NOT NULL,
    split VARCHAR NOT NULL,
    recipe VARCHAR NOT NULL,
    goal VARCHAR NOT NULL,
    seed BIGINT NOT NULL,
    size INTEGER NOT NULL,
    job_id VARCHAR,
    created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE perturbations (
    perturbation_id VARCHAR NOT NULL,
    set_id VARCHAR NOT NULL,
    example_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    label SMALLINT NOT NULL,
    original_text VARCHAR NOT NULL,
    original_text_b VARCHAR,
    perturbed_text VARCHAR NOT NULL,
    perturbed_text_b VARCHAR,
    original_probabilities FLOAT[] NOT NULL,
    perturbed_probabilities FLOAT[] NOT NULL,
    queries INTEGER NOT NULL,
    words_changed INTEGER NOT NULL,
    words_total INTEGER NOT NULL,
    seconds DOUBLE NOT NULL,
    note VARCHAR NOT NULL
);

CREATE TABLE judgements (
    study_id VARCHAR NOT NULL,
    item_id VARCHAR NOT NULL,
    verdict VARCHAR NOT NULL,
    agent VARCHAR NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE hypotheses (
    hypothesis_id VARCHAR PRIMARY KEY,
    study_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    agent VARCHAR NOT NULL,
    text VARCHAR NOT NULL,
    reasoning VARCHAR NOT NULL,
    source_item_ids VARCHAR[] NOT NULL,
    parent_hypothesis_id VARCHAR,
    revises_id VARCHAR,
    call_id VARCHAR,
    pattern VARCHAR,
    created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE samples (
    sample_id VARCHAR PRIMARY KEY,
    study_id VARCHAR NOT NULL,
    hypothesis_id VARCHAR NOT NULL,
    text VARCHAR NOT NULL,
    text_b VARCHAR,
    label SMALLINT NOT NULL,
    agent VARCHAR NOT NULL,
    reasoning VARCHAR NOT NULL,
    call_id VARCHAR,
    revises_id VARCHAR,
    created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE checks (
    sample_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    passed BOOLEAN NOT NULL,
    value DOUBLE,
    threshold DOUBLE,
    reason VARCHAR NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE decisions (
    sample_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    agent VARCHAR NOT NULL,
    policy VARCHAR,
    reason VARCHAR NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE teacher_calls (
    call_id VARCHAR PRIMARY KEY,
    study_id VARCHAR NOT NULL,
    purpose VARCHAR NOT NULL,
    endpoint VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    prompt JSON NOT NULL,
    answer VARCHAR NOT NULL,
    prompt_tokens INTEGER,
    completion_tokens INTEGER,
    seconds DOUBLE NOT NULL,
    cost DOUBLE,
    error VARCHAR,
    created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE jobs (
    job_id VARCHAR PRIMARY KEY,
    study_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    seed BIGINT NOT NULL,
    params JSON NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE job_marks (
    job_id VARCHAR NOT NULL,
    state VARCHAR NOT NULL,
    message VARCHAR NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);

-- The guard of exactly-once ingest: a second insert of the same job fails the transaction.
CREATE TABLE ingests (job_id VARCHAR PRIMARY KEY, created_at TIMESTAMPTZ NOT NULL);

CREATE TABLE evaluations (
    evaluation_id VARCHAR PRIMARY KEY,
    study_id VARCHAR NOT NULL,
    model_id VARCHAR NOT NULL,
    frozen_set_id VARCHAR NOT NULL,
    fresh_set_id VARCHAR NOT NULL,
    job_id VARCHAR,
    created_at TIMESTAMPTZ NOT NULL
);

-- The latest word of the judges on each item.
CREATE VIEW verdicts AS
SELECT study_id, item_id, arg_max(verdict, (created_at, rowid)) AS verdict
FROM judgements
GROUP BY study_id, item_id;

-- Every wrong prediction, natural and adversarial, whatever its confidence: with tau and the verdict this is the UU
-- (conditions 1 to 3 of section 2.1). Adversarial: the model's answer on the successful perturbations of any set of
-- its own study, so that frozen sets replayed on another model are seen as well. Texts are joined where they are
-- shown.
CREATE VIEW wrong_predictions AS
SELECT
    p.study_id, p.model_id, p.item_id, p.example_id,
    CASE p.item_kind WHEN 'example' THEN 'natural' ELSE 'adversarial' END AS origin,
    p.split, p.set_id, p.recipe, p.label, p.predicted, p.confidence, p.probabilities, v.verdict
FROM predictions p
LEFT JOIN verdicts v ON v.study_id = p.study_id AND v.item_id = p.item_id
WHERE p.predicted <> p.label
    AND (p.item_kind = 'example' OR (p.item_kind = 'perturbation' AND p.outcome = 'successful' AND NOT p.repeated));

-- confidence is a FLOAT and tau must be rounded like it: 0.65 as a FLOAT is less than 0.65 as a DOUBLE.
CREATE MACRO unknown_unknowns(tau) AS TABLE
SELECT * FROM wrong_predictions WHERE confidence >= tau::FLOAT AND coalesce(verdict, 'yes') <> 'no';
