-- name: gate_states
-- With a human's word against a verdict; what is advisory rejects nothing.
SELECT
    sample_id,
    bool_and(stands) FILTER (NOT advisory) AS passed,
    list(name) FILTER (NOT stands) AS failed,
    bool_or(stands <> passed) AS overruled
FROM verdicts_of_gates
GROUP BY sample_id

-- name: ungated
-- Instead of gate_states where nobody asks for them.
SELECT NULL::VARCHAR AS sample_id, NULL::BOOLEAN AS passed, NULL::VARCHAR[] AS failed, NULL::BOOLEAN AS overruled
WHERE false

-- name: checks
-- The latest verdict of each gate.
SELECT sample_id, name, passed, value, threshold, reason, created_at, advisory, rules, overrule
FROM verdicts_of_gates
WHERE list_contains($sample_ids::VARCHAR[], sample_id);

-- name: own_words
SELECT sample_id, arg_max(kind, (created_at, rowid)) AS mine
FROM decisions WHERE role = 'review' AND reviewer = $reviewer
GROUP BY sample_id

-- name: baseline
SELECT model_id FROM models WHERE study_id = $study_id AND arm = 'ORIGINAL'
ORDER BY created_at DESC, rowid DESC LIMIT 1

-- name: current
-- Samples of a study that no newer one revises.
SELECT s.*, s.rowid AS row_number
FROM samples s
WHERE s.study_id = $study_id AND NOT EXISTS (FROM samples n WHERE n.revises_id = s.sample_id)

-- name: chosen
SELECT
    s.*, d.decision, coalesce(d.status, 'pending') AS status, coalesce(d.opinions, 0) AS opinions,
    coalesce(d.disagreed, false) AS disagreed, m.mine, c.passed, p.probabilities,
    coalesce(d.status, 'pending') = 'pending' AND ($reviewer = '' OR (
        coalesce(m.mine, 'pending') = 'pending' AND coalesce(d.opinions, 0) < 2
        AND NOT list_contains(s.writers, $reviewer)
    )) AS open
FROM (
    -- include: current
) s
JOIN hypotheses h ON h.hypothesis_id = s.hypothesis_id
LEFT JOIN standing_decisions d ON d.sample_id = s.sample_id
LEFT JOIN (
    -- include: own_words
) m ON m.sample_id = s.sample_id
LEFT JOIN (
    -- include: gate_states
) c ON c.sample_id = s.sample_id
LEFT JOIN predictions p ON p.item_kind = 'sample' AND p.item_id = s.sample_id AND p.model_id = (
    -- include: baseline
)
WHERE ($status::VARCHAR IS NULL OR coalesce(d.status, 'pending') = $status::VARCHAR)
    AND ($agent::VARCHAR IS NULL OR s.agent = $agent::VARCHAR)
    AND ($kind::VARCHAR IS NULL OR h.kind = $kind::VARCHAR)
    AND ($hypothesis_id::VARCHAR IS NULL OR s.hypothesis_id = $hypothesis_id::VARCHAR)
    AND ($hypothesis_ids::VARCHAR[] IS NULL OR list_contains($hypothesis_ids::VARCHAR[], s.hypothesis_id))
    AND ($label::SMALLINT IS NULL OR s.label = $label::SMALLINT)
    AND ($passed::BOOLEAN IS NULL OR c.passed = $passed::BOOLEAN)
    AND ($gate::VARCHAR IS NULL OR list_contains(c.failed, $gate::VARCHAR))
    AND (NOT $overruled::BOOLEAN OR c.overruled)
    AND CASE $answer::VARCHAR
        WHEN 'right' THEN p.predicted = s.label
        WHEN 'wrong' THEN p.predicted <> s.label
        WHEN 'uu' THEN p.predicted <> s.label AND p.confidence >= $tau::FLOAT
        ELSE true
    END
    AND CASE $turn::VARCHAR
        WHEN 'mine' THEN open
        WHEN 'second' THEN m.mine <> 'pending' AND coalesce(d.status, 'pending') = 'pending' AND d.opinions < 2
        WHEN 'third' THEN d.disagreed
        ELSE true
    END
    AND (
        $search = '' OR contains(lower(s.text), lower($search))
        OR contains(lower(coalesce(s.text_b, '')), lower($search))
    )

-- name: total
SELECT count(*) AS total FROM (
    -- include: chosen
);

-- name: marks
SELECT sample_id, hypothesis_id, agent, status, passed FROM (
    -- include: chosen
)
ORDER BY created_at, row_number;

-- name: place
WITH
listed AS MATERIALIZED (
    SELECT
        sample_id, open,
        row_number() OVER around AS number,
        lag(sample_id) OVER around AS previous_id,
        lead(sample_id) OVER around AS next_id
    FROM (
        -- include: chosen
    )
    WINDOW around AS (ORDER BY created_at, row_number)
),
here AS (SELECT * FROM listed WHERE sample_id = $sample_id),
coming AS (
    SELECT sample_id, number FROM listed
    WHERE open AND sample_id IS DISTINCT FROM $sample_id
    ORDER BY number < coalesce((SELECT number FROM here), 0), number LIMIT 1
)
SELECT
    (SELECT count(*) FROM listed) AS total,
    (SELECT count(*) FROM listed WHERE open) AS open,
    (SELECT number FROM here) AS number,
    (SELECT previous_id FROM here) AS previous_id,
    (SELECT next_id FROM here) AS next_id,
    (SELECT sample_id FROM coming) AS next_open_id,
    (SELECT number FROM coming) AS next_open_number,
    (SELECT sample_id FROM listed WHERE number = 1) AS first_id;

-- name: page
WITH picked AS MATERIALIZED (
    SELECT *, count(*) OVER () AS total FROM (
        -- include: chosen
    )
    ORDER BY created_at, row_number LIMIT $limit OFFSET $offset
)
SELECT
    s.*, h.text AS hypothesis_text, h.kind AS hypothesis_kind, h.agent AS hypothesis_agent
FROM picked s
JOIN hypotheses h ON h.hypothesis_id = s.hypothesis_id
ORDER BY s.created_at, s.row_number;

-- name: get
SELECT
    s.*, d.decision, coalesce(d.opinions, 0) AS opinions, coalesce(d.disagreed, false) AS disagreed, m.mine,
    h.text AS hypothesis_text, h.kind AS hypothesis_kind, h.agent AS hypothesis_agent, p.probabilities
FROM samples s
JOIN hypotheses h ON h.hypothesis_id = s.hypothesis_id
LEFT JOIN standing_decisions d ON d.sample_id = s.sample_id
LEFT JOIN (
    -- include: own_words
) m ON m.sample_id = s.sample_id
LEFT JOIN predictions p ON p.item_kind = 'sample' AND p.item_id = s.sample_id
    AND p.model_id = (
        SELECT m.model_id FROM models m JOIN samples o ON o.study_id = m.study_id
        WHERE o.sample_id = $sample_id AND m.arm = 'ORIGINAL'
        ORDER BY m.created_at DESC, m.rowid DESC LIMIT 1
    )
WHERE s.sample_id = $sample_id;

-- name: unchecked
SELECT * FROM (
    -- include: current
) s
WHERE NOT EXISTS (FROM checks c WHERE c.sample_id = s.sample_id AND c.name <> 'label')
ORDER BY created_at, row_number;

-- name: texts
SELECT text, text_b FROM (
    -- include: current
)
ORDER BY created_at, row_number;

-- name: approved
SELECT
    s.*, d.decision, d.opinions, d.disagreed, NULL AS mine,
    h.text AS hypothesis_text, h.kind AS hypothesis_kind, h.agent AS hypothesis_agent, p.probabilities
FROM (
    -- include: current
) s
JOIN standing_decisions d ON d.sample_id = s.sample_id AND d.status = 'approved'
JOIN hypotheses h ON h.hypothesis_id = s.hypothesis_id
LEFT JOIN predictions p ON p.item_kind = 'sample' AND p.item_id = s.sample_id AND p.model_id = (
    -- include: baseline
)
ORDER BY d.decided_at;

-- name: budget
SELECT
    (t.config ->> 'abstraction_share')::DOUBLE AS abstraction_share,
    (t.config ->> 'extrapolation_share')::DOUBLE AS extrapolation_share,
    (SELECT count(*) FROM examples WHERE study_id = $study_id AND split = 'train') AS train,
    a.approved_abstraction,
    a.approved_extrapolation
FROM studies t
CROSS JOIN (
    SELECT
        count(*) FILTER (h.kind = 'abstraction') AS approved_abstraction,
        count(*) FILTER (h.kind = 'extrapolation') AS approved_extrapolation
    FROM (
        -- include: current
    ) s
    JOIN standing_decisions d ON d.sample_id = s.sample_id AND d.status = 'approved'
    JOIN hypotheses h ON h.hypothesis_id = s.hypothesis_id
    WHERE $agent::VARCHAR IS NULL OR s.agent = $agent::VARCHAR
) a
WHERE t.study_id = $study_id;

-- name: tallies
-- Of current samples, by the version of the hypothesis they were written for, and by their own agent.
SELECT s.hypothesis_id, h.kind, s.agent, coalesce(d.status, 'pending') AS status, count(*) AS count
FROM (
    -- include: current
) s
JOIN hypotheses h ON h.hypothesis_id = s.hypothesis_id
LEFT JOIN standing_decisions d ON d.sample_id = s.sample_id
GROUP BY ALL
ORDER BY ALL;
