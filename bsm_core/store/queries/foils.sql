-- name: candidates
-- The perturbed texts of a model's attacks on validation, and the originals of those that the model got right. An
-- imported pair without its original has P in place of O.
WITH attacked AS (
    SELECT t.*
    FROM perturbations t JOIN perturbation_sets s ON s.set_id = t.set_id
    WHERE s.model_id = $model_id AND s.split = 'validation' AND t.outcome IN ('successful', 'failed')
        AND (t.perturbed_text, t.perturbed_text_b) IS DISTINCT FROM (t.original_text, t.original_text_b)
)
SELECT CASE outcome WHEN 'failed' THEN 'held' END AS kind, perturbation_id AS item_id, example_id FROM attacked
UNION ALL
SELECT DISTINCT 'original', example_id, example_id FROM attacked
ORDER BY item_id;

-- name: perturbed
SELECT
    perturbation_id AS item_id, perturbed_text AS text, perturbed_text_b AS text_b, original_text, original_text_b,
    label
FROM perturbations
WHERE perturbation_id IN (SELECT item_id FROM incoming) AND set_id IN (FROM perturbation_sets SELECT set_id WHERE study_id = $study_id);

-- name: originals
SELECT DISTINCT ON (example_id) example_id AS item_id, original_text AS text, original_text_b AS text_b, label
FROM perturbations
WHERE example_id IN (SELECT item_id FROM incoming) AND set_id IN (FROM perturbation_sets SELECT set_id WHERE study_id = $study_id);

-- name: ballots
-- Each judge's latest word on each foil.
SELECT
    study_id, item_id, kind, arg_max(verdict, (created_at, rowid)) AS verdict, agent, max(created_at) AS created_at
FROM foil_judgements
WHERE study_id = $study_id
GROUP BY study_id, item_id, kind, agent
ORDER BY item_id, agent;
