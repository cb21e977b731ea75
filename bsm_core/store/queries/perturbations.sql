-- name: sets
SELECT * FROM perturbation_sets WHERE study_id = $study_id ORDER BY created_at, rowid;

-- name: rows
SELECT * FROM perturbations WHERE set_id = $set_id ORDER BY rowid;

-- name: successful
SELECT perturbation_id, perturbed_text AS text, perturbed_text_b AS text_b, label
FROM perturbations
WHERE set_id = $set_id AND outcome = 'successful'
ORDER BY rowid;
