-- name: latest_decisions
SELECT
    sample_id,
    arg_max(kind, (created_at, rowid)) AS status,
    max((created_at, rowid)) AS decided_at,
    arg_max(
        {
            'sample_id': sample_id, 'kind': kind, 'agent': agent, 'policy': policy, 'reason': reason,
            'created_at': created_at
        },
        (created_at, rowid)
    ) AS decision
FROM decisions
GROUP BY sample_id

-- name: latest_checks
SELECT
    sample_id,
    bool_and(latest.passed) AS passed,
    list(latest) AS checks
FROM (
    SELECT
        sample_id,
        arg_max(
            {
                'sample_id': sample_id, 'name': name, 'passed': passed, 'value': value, 'threshold': threshold,
                'reason': reason, 'created_at': created_at
            },
            (created_at, rowid)
        ) AS latest
    FROM checks
    GROUP BY sample_id, name
)
GROUP BY sample_id

-- name: current
-- Samples of a study that no newer one revises.
SELECT s.*, s.rowid AS row_number
FROM samples s
WHERE s.study_id = $study_id AND NOT EXISTS (FROM samples n WHERE n.revises_id = s.sample_id)

-- name: chosen
SELECT s.*, d.decision, d.status, c.passed, c.checks
FROM (
    -- include: current
) s
LEFT JOIN (
    -- include: latest_decisions
) d ON d.sample_id = s.sample_id
LEFT JOIN (
    -- include: latest_checks
) c ON c.sample_id = s.sample_id
WHERE ($status::VARCHAR IS NULL OR coalesce(d.status, 'pending') = $status::VARCHAR)
    AND ($agent::VARCHAR IS NULL OR s.agent = $agent::VARCHAR)
    AND ($hypothesis_id::VARCHAR IS NULL OR s.hypothesis_id = $hypothesis_id::VARCHAR)
    AND ($passed::BOOLEAN IS NULL OR c.passed = $passed::BOOLEAN)
    AND (
        $search = '' OR contains(lower(s.text), lower($search))
        OR contains(lower(coalesce(s.text_b, '')), lower($search))
    )

-- name: total
SELECT count(*) AS total FROM (
    -- include: chosen
);

-- name: marks
SELECT sample_id, hypothesis_id, agent, coalesce(status, 'pending') AS status, passed FROM (
    -- include: chosen
)
ORDER BY created_at, row_number;

-- name: page
SELECT
    s.*, h.text AS hypothesis_text, h.kind AS hypothesis_kind, h.agent AS hypothesis_agent, p.probabilities
FROM (
    SELECT * FROM (
        -- include: chosen
    )
    ORDER BY created_at, row_number LIMIT $limit OFFSET $offset
) s
JOIN hypotheses h ON h.hypothesis_id = s.hypothesis_id
LEFT JOIN predictions p ON p.item_kind = 'sample' AND p.item_id = s.sample_id
    AND p.model_id = (
        SELECT model_id FROM models WHERE study_id = $study_id AND arm = 'ORIGINAL'
        ORDER BY created_at DESC, rowid DESC LIMIT 1
    )
ORDER BY s.created_at, s.row_number;

-- name: get
SELECT
    s.*, d.decision, c.checks,
    h.text AS hypothesis_text, h.kind AS hypothesis_kind, h.agent AS hypothesis_agent, p.probabilities
FROM samples s
JOIN hypotheses h ON h.hypothesis_id = s.hypothesis_id
LEFT JOIN (
    -- include: latest_decisions
) d ON d.sample_id = s.sample_id
LEFT JOIN (
    -- include: latest_checks
) c ON c.sample_id = s.sample_id
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
WHERE NOT EXISTS (FROM checks c WHERE c.sample_id = s.sample_id)
ORDER BY created_at, row_number;

-- name: texts
SELECT text, text_b FROM (
    -- include: current
)
ORDER BY created_at, row_number;

-- name: approved
SELECT
    s.*, d.decision, c.checks,
    h.text AS hypothesis_text, h.kind AS hypothesis_kind, h.agent AS hypothesis_agent, p.probabilities
FROM (
    -- include: current
) s
JOIN (
    -- include: latest_decisions
) d ON d.sample_id = s.sample_id AND d.status = 'approved'
JOIN hypotheses h ON h.hypothesis_id = s.hypothesis_id
LEFT JOIN (
    -- include: latest_checks
) c ON c.sample_id = s.sample_id
LEFT JOIN predictions p ON p.item_kind = 'sample' AND p.item_id = s.sample_id
    AND p.model_id = (
        SELECT model_id FROM models WHERE study_id = $study_id AND arm = 'ORIGINAL'
        ORDER BY created_at DESC, rowid DESC LIMIT 1
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
    JOIN (
        -- include: latest_decisions
    ) d ON d.sample_id = s.sample_id AND d.status = 'approved'
    JOIN hypotheses h ON h.hypothesis_id = s.hypothesis_id
    WHERE $agent::VARCHAR IS NULL OR s.agent = $agent::VARCHAR
) a
WHERE t.study_id = $study_id;
