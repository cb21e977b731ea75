-- name: get
SELECT plan FROM experiments WHERE experiment_id = $experiment_id;

-- name: all
SELECT plan FROM experiments WHERE study_id = $study_id ORDER BY created_at, rowid;

-- name: texts
SELECT text, text_b, label, source, source_id FROM experiment_texts
WHERE experiment_id = $experiment_id AND arm = $arm AND seed = $seed
ORDER BY place;

-- name: untargeted
SELECT * FROM untargeted_texts WHERE study_id = $study_id ORDER BY created_at, rowid;
