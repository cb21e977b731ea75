-- name: standings
SELECT
    s.sample_id, s.study_id, NOT EXISTS (FROM samples n WHERE n.revises_id = s.sample_id) AS is_current, s.writers,
    coalesce(d.status, 'pending') AS status, coalesce(d.opinions, 0) AS opinions, d.decision
FROM samples s
LEFT JOIN standing_decisions d ON d.sample_id = s.sample_id
WHERE list_contains($sample_ids::VARCHAR[], s.sample_id)
ORDER BY list_position($sample_ids::VARCHAR[], s.sample_id);

-- name: words
SELECT * FROM decisions WHERE list_contains($sample_ids::VARCHAR[], sample_id) ORDER BY created_at, rowid;

-- name: batch
SELECT DISTINCT sample_id FROM decisions WHERE batch_id = $batch_id ORDER BY sample_id;

-- name: opinions
SELECT sample_id, reviewer, kind FROM (
    SELECT d.sample_id, d.reviewer, arg_max(d.kind, (d.created_at, d.rowid)) AS kind
    FROM decisions d JOIN samples s ON s.sample_id = d.sample_id
    WHERE s.study_id = $study_id AND d.role = 'review' AND starts_with(d.reviewer, 'human:')
    GROUP BY d.sample_id, d.reviewer
)
WHERE kind <> 'pending'
ORDER BY sample_id, reviewer;

-- name: candidates
SELECT s.sample_id, s.label, p.predicted <> s.label AND p.confidence >= $tau::FLOAT AS is_uu, s.hypothesis_id
FROM samples s
JOIN predictions p ON p.item_kind = 'sample' AND p.item_id = s.sample_id AND p.model_id = $model_id
LEFT JOIN standing_decisions d ON d.sample_id = s.sample_id
LEFT JOIN (
    SELECT sample_id, bool_and(stands) FILTER (NOT advisory) AS passed FROM verdicts_of_gates GROUP BY sample_id
) c ON c.sample_id = s.sample_id
WHERE s.study_id = $study_id
    AND NOT EXISTS (FROM samples n WHERE n.revises_id = s.sample_id)
    AND coalesce(d.status, 'pending') <> 'rejected' AND coalesce(c.passed, true)
ORDER BY s.created_at, s.rowid;

-- name: controls
-- By the digest of seed and id, so that the same seed draws the same texts everywhere.
SELECT item_id AS sample_id, label, predicted <> label AND confidence >= $tau::FLOAT AS is_uu
FROM predictions
WHERE model_id = $model_id AND item_kind = 'example' AND split = 'validation' AND label = $label
ORDER BY md5($seed || '/' || item_id) LIMIT $size;

-- name: pretests
SELECT * FROM pretests WHERE study_id = $study_id
QUALIFY row_number() OVER (PARTITION BY hypothesis_id ORDER BY created_at DESC, rowid DESC) = 1;

-- name: hypothesis_words
SELECT w.* FROM hypothesis_words w JOIN hypotheses h ON h.hypothesis_id = w.hypothesis_id
WHERE h.study_id = $study_id
QUALIFY row_number() OVER (PARTITION BY w.hypothesis_id ORDER BY w.created_at DESC, w.rowid DESC) = 1;

-- name: effects
WITH trained AS (
    SELECT arm, arg_max(model_id, (created_at, rowid)) AS model_id FROM models
    WHERE study_id = $study_id AND experiment_id IS NULL AND arm <> 'ORIGINAL'
        AND created_at >= (SELECT created_at FROM models WHERE model_id = $model_id)
    GROUP BY arm
),
sources AS (
    SELECT h.hypothesis_id, unnest(h.source_item_ids) AS item_id FROM hypotheses h
    WHERE h.study_id = $study_id AND NOT EXISTS (FROM hypotheses n WHERE n.revises_id = h.hypothesis_id)
)
SELECT s.hypothesis_id, t.arm, count(*) FILTER (p.predicted = p.label) AS "right", count(*) AS size
FROM sources s
CROSS JOIN trained t
JOIN predictions p ON p.model_id = t.model_id AND p.item_kind = 'example' AND p.split = 'validation'
    AND p.item_id = s.item_id
GROUP BY s.hypothesis_id, t.arm
ORDER BY s.hypothesis_id, t.arm;

-- name: earlier
WITH RECURSIVE versions(current_id, hypothesis_id, depth) AS (
    SELECT h.hypothesis_id, h.revises_id, 1 FROM hypotheses h
    WHERE h.study_id = $study_id AND h.revises_id IS NOT NULL
        AND NOT EXISTS (FROM hypotheses n WHERE n.revises_id = h.hypothesis_id)
    UNION ALL
    SELECT v.current_id, h.revises_id, v.depth + 1 FROM hypotheses h JOIN versions v ON h.hypothesis_id = v.hypothesis_id
    WHERE h.revises_id IS NOT NULL
)
SELECT v.current_id, h.* FROM versions v JOIN hypotheses h ON h.hypothesis_id = v.hypothesis_id
ORDER BY v.current_id, v.depth;
