-- name: get
SELECT * FROM hypotheses WHERE hypothesis_id = $hypothesis_id;

-- name: all
SELECT * FROM hypotheses h
WHERE study_id = $study_id AND NOT EXISTS (FROM hypotheses n WHERE n.revises_id = h.hypothesis_id)
ORDER BY created_at, rowid;

-- name: for_item
SELECT * FROM hypotheses h
WHERE study_id = $study_id AND list_contains(source_item_ids, $item_id)
    AND NOT EXISTS (FROM hypotheses n WHERE n.revises_id = h.hypothesis_id)
ORDER BY created_at, rowid;

-- name: history
WITH RECURSIVE earlier(hypothesis_id, depth) AS (
    SELECT revises_id, 1 FROM hypotheses WHERE hypothesis_id = $hypothesis_id AND revises_id IS NOT NULL
    UNION ALL
    SELECT h.revises_id, e.depth + 1 FROM hypotheses h JOIN earlier e ON h.hypothesis_id = e.hypothesis_id
    WHERE h.revises_id IS NOT NULL
)
SELECT h.* FROM hypotheses h JOIN earlier e ON h.hypothesis_id = e.hypothesis_id
ORDER BY e.depth;
