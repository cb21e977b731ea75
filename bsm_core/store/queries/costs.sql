-- name: hypotheses_now
-- Every version of a hypothesis with the agent and kind of the newest one.
SELECT * FROM (
    WITH RECURSIVE versions(hypothesis_id, revises_id, agent, kind) AS (
        SELECT hypothesis_id, revises_id, agent, kind FROM hypotheses h
        WHERE study_id = $study_id AND NOT EXISTS (FROM hypotheses n WHERE n.revises_id = h.hypothesis_id)
        UNION
        SELECT o.hypothesis_id, o.revises_id, v.agent, v.kind
        FROM hypotheses o JOIN versions v ON o.hypothesis_id = v.revises_id
    )
    SELECT hypothesis_id, agent, kind FROM versions
)

-- name: samples_now
SELECT v.sample_id, v.agent, h.kind FROM (
    WITH RECURSIVE versions(sample_id, revises_id, agent, hypothesis_id) AS (
        SELECT sample_id, revises_id, agent, hypothesis_id FROM samples s
        WHERE study_id = $study_id AND NOT EXISTS (FROM samples n WHERE n.revises_id = s.sample_id)
        UNION
        SELECT o.sample_id, o.revises_id, v.agent, v.hypothesis_id
        FROM samples o JOIN versions v ON o.sample_id = v.revises_id
    )
    SELECT sample_id, agent, hypothesis_id FROM versions
) v JOIN hypotheses h ON h.hypothesis_id = v.hypothesis_id

-- name: calls
WITH
origins AS (
    SELECT h.call_id, n.agent, n.kind FROM hypotheses h JOIN (
        -- include: hypotheses_now
    ) n ON n.hypothesis_id = h.hypothesis_id
    WHERE h.call_id IS NOT NULL
    UNION
    SELECT s.call_id, n.agent, n.kind FROM samples s JOIN (
        -- include: samples_now
    ) n ON n.sample_id = s.sample_id
    WHERE s.call_id IS NOT NULL
    UNION
    SELECT call_id, NULL, NULL FROM untargeted_texts WHERE study_id = $study_id AND call_id IS NOT NULL
),
shared AS (
    SELECT *, 1 / count(*) OVER (PARTITION BY call_id) AS share FROM origins
)
SELECT
    o.call_id IS NOT NULL AS used, o.agent, o.kind, c.purpose, c.endpoint, c.model,
    sum(coalesce(o.share, 1))::DOUBLE AS calls,
    sum(coalesce(o.share, 1) * (coalesce(c.prompt_tokens, 0) + coalesce(c.completion_tokens, 0)))::DOUBLE AS tokens,
    sum(coalesce(o.share, 1) * coalesce(c.cost, 0))::DOUBLE AS dollars,
    sum(coalesce(o.share, 1) * c.seconds)::DOUBLE AS seconds,
    coalesce(sum(coalesce(o.share, 1)) FILTER (c.prompt_tokens IS NULL AND c.completion_tokens IS NULL), 0)::DOUBLE
        AS unmetered,
    coalesce(sum(coalesce(o.share, 1)) FILTER (c.cost IS NULL), 0)::DOUBLE AS unpriced
FROM teacher_calls c
LEFT JOIN shared o ON o.call_id = c.call_id
WHERE c.study_id = $study_id AND c.reused_from IS NULL
GROUP BY used, o.agent, o.kind, c.purpose, c.endpoint, c.model
ORDER BY ALL;

-- name: acts
-- A language model's text counts from the moment that a person edits it.
SELECT agent, kind, created_at FROM (
    SELECT n.agent, n.kind, h.created_at FROM hypotheses h JOIN (
        -- include: hypotheses_now
    ) n ON n.hypothesis_id = h.hypothesis_id
    WHERE h.agent IN ('human', 'hybrid')
    UNION ALL
    SELECT n.agent, n.kind, s.created_at FROM samples s JOIN (
        -- include: samples_now
    ) n ON n.sample_id = s.sample_id
    WHERE s.agent IN ('human', 'hybrid')
    UNION ALL
    SELECT n.agent, n.kind, d.created_at FROM decisions d JOIN (
        -- include: samples_now
    ) n ON n.sample_id = d.sample_id
    WHERE d.agent = 'human'
)
ORDER BY created_at;

-- name: surveys
SELECT h.kind, coalesce(sum(a.seconds), 0)::DOUBLE AS seconds, count(*) FILTER (a.seconds IS NULL) AS untimed
FROM (
    SELECT question_id, arg_max(seconds, (created_at, rowid)) AS seconds
    FROM survey_answers GROUP BY question_id
) a
JOIN (
    SELECT
        q.question_id, q.record ->> 'hypothesis_id' AS hypothesis_id,
        CASE q.record ->> 'kind'
            WHEN 'abstraction' THEN 'abstraction' WHEN 'extrapolation' THEN 'extrapolation'
            WHEN 'generation' THEN coalesce(b.kind, f.record ->> 'kind')
        END AS kind
    FROM survey_questions q
    JOIN surveys s ON s.survey_id = q.survey_id
    LEFT JOIN survey_questions f ON f.question_id = q.record ->> 'follows_id'
    LEFT JOIN hypotheses b ON b.hypothesis_id = q.record ->> 'hypothesis_id'
    WHERE s.study_id = $study_id
) h ON h.question_id = a.question_id
GROUP BY h.kind ORDER BY h.kind;
