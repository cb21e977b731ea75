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

-- name: known
SELECT call_id FROM teacher_calls WHERE call_id = $call_id;

-- name: answer_tokens
SELECT purpose, avg(completion_tokens) AS tokens
FROM teacher_calls
WHERE study_id = $study_id AND model = $model AND reused_from IS NULL AND completion_tokens > 0
GROUP BY purpose;
