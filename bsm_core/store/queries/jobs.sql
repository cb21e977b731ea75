-- name: state
SELECT state FROM job_marks WHERE job_id = $job_id ORDER BY rowid DESC LIMIT 1;

-- name: all
SELECT
    j.*,
    coalesce((SELECT arg_max(m.state, m.rowid) FROM job_marks m WHERE m.job_id = j.job_id), 'queued') AS state
FROM jobs j
WHERE $study_id::VARCHAR IS NULL OR j.study_id = $study_id::VARCHAR
ORDER BY j.created_at DESC, j.rowid DESC
LIMIT $limit;
