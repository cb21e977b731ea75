-- Surveys. All tables are append-only; of answers, events and decisions the latest counts.
CREATE TABLE surveys (
    survey_id VARCHAR PRIMARY KEY,
    study_id VARCHAR NOT NULL,
    record JSON NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE survey_participants (
    participant_id VARCHAR PRIMARY KEY,
    survey_id VARCHAR NOT NULL,
    number INTEGER NOT NULL,
    channel VARCHAR NOT NULL,
    completion_code VARCHAR NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);

-- Only hashes: who reads the database cannot answer in somebody's name. A participant's latest one counts.
CREATE TABLE survey_tokens (
    participant_id VARCHAR NOT NULL,
    token_hash VARCHAR NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE survey_questions (
    question_id VARCHAR PRIMARY KEY,
    survey_id VARCHAR NOT NULL,
    participant_id VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    record JSON NOT NULL
);

CREATE TABLE survey_answers (
    question_id VARCHAR NOT NULL,
    participant_id VARCHAR NOT NULL,
    text VARCHAR NOT NULL,
    text_b VARCHAR,
    reason VARCHAR NOT NULL,
    choice INTEGER,
    seconds DOUBLE,
    submitted BOOLEAN NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE survey_events (
    participant_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE survey_decisions (
    question_id VARCHAR NOT NULL,
    word VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    hypothesis_id VARCHAR,
    sample_id VARCHAR,
    created_at TIMESTAMPTZ NOT NULL
);

-- A file of answers is taken in once.
CREATE TABLE survey_imports (
    survey_id VARCHAR NOT NULL,
    digest VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    answers INTEGER NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (survey_id, digest)
);
