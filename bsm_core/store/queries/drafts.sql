-- name: page
SELECT * FROM rejected_drafts
WHERE study_id = $study_id
ORDER BY created_at DESC, rowid DESC LIMIT $limit OFFSET $offset;

-- name: total
SELECT count(*) AS total FROM rejected_drafts WHERE study_id = $study_id;

-- name: nearness
SELECT n.* FROM nearness n
JOIN hypotheses h ON h.hypothesis_id = n.hypothesis_id
WHERE h.study_id = $study_id;
