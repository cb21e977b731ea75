-- Who decided, in which part, and what was decided together. Decisions of before are a human's without a name, or a
-- policy's.
ALTER TABLE decisions ADD COLUMN reviewer VARCHAR DEFAULT '';
ALTER TABLE decisions ADD COLUMN role VARCHAR DEFAULT 'review';
ALTER TABLE decisions ADD COLUMN batch_id VARCHAR;
UPDATE decisions SET reviewer = 'human' WHERE agent = 'human';

-- Everybody who had a hand in the text, as far as they gave a name.
ALTER TABLE samples ADD COLUMN writers VARCHAR[] DEFAULT [];

-- What counts of the decisions on a sample. With one reviewer the latest does. Where two are required, each named
-- reviewer's latest word counts once: two that agree decide, and a third look, or a writer's taking back, goes before
-- them. Until then the sample is open and shows no decision: the second reviewer sees nothing of the first one's.
CREATE VIEW standing_decisions AS
WITH
required AS (
    SELECT study_id, arg_max((payload ->> 'required')::INTEGER, (created_at, rowid)) AS reviewers
    FROM events WHERE kind = 'reviewers' GROUP BY study_id
),
words AS (
    SELECT
        d.sample_id, d.kind, d.reviewer, coalesce(r.reviewers, 1) > 1 AS blind,
        d.role = 'review' AS is_review,
        (d.created_at, d.rowid) AS decided_at,
        {
            'sample_id': d.sample_id, 'kind': d.kind, 'agent': d.agent, 'policy': d.policy, 'reason': d.reason,
            'created_at': d.created_at, 'reviewer': d.reviewer, 'role': d.role, 'batch_id': d.batch_id
        } AS decision
    FROM decisions d
    JOIN samples s ON s.sample_id = d.sample_id
    LEFT JOIN required r ON r.study_id = s.study_id
),
ballots AS (
    SELECT
        sample_id, arg_max(kind, decided_at) AS kind, max(decided_at) AS decided_at,
        arg_max(decision, decided_at) AS decision
    FROM words
    WHERE blind AND is_review AND starts_with(reviewer, 'human:')
    GROUP BY sample_id, reviewer
),
opinions AS (
    SELECT
        sample_id, count(*) AS opinions, count(DISTINCT kind) > 1 AS differ, max(decided_at) AS decided_at,
        arg_max(decision, decided_at) AS decision
    FROM ballots WHERE kind <> 'pending' GROUP BY sample_id
),
latest AS (
    SELECT
        sample_id, any_value(blind) AS blind,
        arg_max(decision, decided_at) AS decision, max(decided_at) AS decided_at,
        arg_max(decision, decided_at) FILTER (NOT is_review) AS final, max(decided_at) FILTER (NOT is_review) AS final_at
    FROM words GROUP BY sample_id
),
counted AS (
    SELECT
        l.sample_id,
        coalesce(o.opinions, 0) AS opinions,
        l.blind AND o.opinions > 1 AND o.differ AND coalesce(l.final.kind, 'pending') = 'pending' AS disagreed,
        CASE
            WHEN NOT l.blind THEN l.decision
            WHEN coalesce(l.final.kind, 'pending') <> 'pending' THEN l.final
            WHEN o.opinions > 1 AND NOT o.differ THEN o.decision
        END AS decision,
        CASE
            WHEN NOT l.blind THEN l.decided_at
            WHEN coalesce(l.final.kind, 'pending') <> 'pending' THEN l.final_at
            WHEN o.opinions > 1 AND NOT o.differ THEN o.decided_at
        END AS decided_at
    FROM latest l LEFT JOIN opinions o ON o.sample_id = l.sample_id
)
SELECT
    sample_id, coalesce(decision.kind, 'pending') AS status, decided_at, decision, opinions,
    coalesce(disagreed, false) AS disagreed
FROM counted;

-- Pre-tests of hypotheses, and humans' words against what their figures say. Append-only.
CREATE TABLE pretests (
    pretest_id VARCHAR NOT NULL,
    study_id VARCHAR NOT NULL,
    hypothesis_id VARCHAR NOT NULL,
    model_id VARCHAR NOT NULL,
    tau DOUBLE NOT NULL,
    size INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    control_size INTEGER NOT NULL,
    control_failed INTEGER NOT NULL,
    p_value DOUBLE NOT NULL,
    verdict VARCHAR NOT NULL,
    sample_ids VARCHAR[] NOT NULL,
    control_ids VARCHAR[] NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE hypothesis_words (
    hypothesis_id VARCHAR NOT NULL,
    verdict VARCHAR,
    reviewer VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
