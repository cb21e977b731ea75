-- name: get
SELECT * FROM teacher_calls WHERE call_id = $call_id;

-- name: page
SELECT * FROM teacher_calls
WHERE study_id = $study_id
ORDER BY created_at DESC, rowid DESC LIMIT $limit OFFSET $offset;

-- name: totals
SELECT
    count(*) AS calls,
    coalesce(sum(prompt_tokens), 0)::BIGINT AS prompt_tokens,
    coalesce(sum(completion_tokens), 0)::BIGINT AS completion_tokens,
    coalesce(sum(cost), 0)::DOUBLE AS cost
FROM teacher_calls
WHERE study_id = $study_id;
