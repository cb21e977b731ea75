-- name: get
SELECT * FROM models WHERE model_id = $model_id;

-- name: all
SELECT * FROM models
WHERE study_id = $study_id AND experiment_id IS NOT DISTINCT FROM $experiment_id::VARCHAR
ORDER BY created_at, rowid;

-- name: baseline
SELECT * FROM models
WHERE study_id = $study_id AND arm = 'ORIGINAL'
ORDER BY created_at DESC, rowid DESC LIMIT 1;
