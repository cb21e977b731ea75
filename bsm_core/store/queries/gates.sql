-- name: current
-- Samples of a study that no newer one revises.
SELECT s.*, s.rowid AS row_number
FROM samples s
WHERE s.study_id = $study_id AND NOT EXISTS (FROM samples n WHERE n.revises_id = s.sample_id)

-- name: history
SELECT * FROM checks WHERE sample_id = $sample_id ORDER BY created_at DESC, rowid DESC;

-- name: overrules
SELECT * FROM overrules WHERE sample_id = $sample_id ORDER BY created_at DESC, rowid DESC;

-- name: outdated
-- A blind label does not depend on the settings.
SELECT s.* FROM (
    -- include: current
) s
WHERE EXISTS (
    FROM verdicts_of_gates v
    WHERE v.sample_id = s.sample_id AND v.name <> 'label' AND v.rules <> $rules
) AND NOT EXISTS (
    FROM verdicts_of_gates v
    WHERE v.sample_id = s.sample_id AND v.name = 'length' AND v.rules = $rules
)
ORDER BY s.created_at, s.row_number;

-- name: values
SELECT v.value FROM verdicts_of_gates v
JOIN (
    -- include: current
) s ON s.sample_id = v.sample_id
WHERE v.name = $name AND v.value IS NOT NULL
ORDER BY s.created_at, s.row_number;
