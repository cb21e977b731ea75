-- name: taken
SELECT job_id FROM ingests WHERE job_id = $job_id;

-- name: study
SELECT study_id FROM jobs WHERE job_id = $job_id;

-- name: model
SELECT m.study_id, json_array_length(s.task -> 'label_names') AS label_count
FROM models m JOIN studies s ON s.study_id = m.study_id
WHERE m.model_id = $model_id;

-- name: perturbations
INSERT INTO perturbations BY NAME
SELECT
    perturbation_id, $set_id AS set_id, example_id, outcome, label, original_text, original_text_b, perturbed_text,
    perturbed_text_b, original_probabilities, perturbed_probabilities, queries, words_changed, words_total, seconds,
    coalesce(note, '') AS note
FROM incoming;

-- name: items
-- What a prediction can be about, with the facts that are copied beside it.
SELECT
    'example' AS item_kind, example_id AS item_id, label, example_id, split,
    NULL::VARCHAR AS set_id, NULL::VARCHAR AS recipe, NULL::VARCHAR AS outcome
FROM examples WHERE study_id = $study_id
UNION ALL
SELECT 'perturbation', t.perturbation_id, t.label, t.example_id, s.split, t.set_id, s.recipe, t.outcome
FROM perturbations t JOIN perturbation_sets s ON s.set_id = t.set_id
WHERE s.study_id = $study_id
UNION ALL
SELECT 'sample', sample_id, label, NULL, NULL, NULL, NULL, NULL
FROM samples WHERE study_id = $study_id

-- name: strays
SELECT count(*) AS total, min(i.item_id) AS example
FROM incoming i
ANTI JOIN (
    -- include: items
) k ON k.item_kind = i.item_kind AND k.item_id = i.item_id;

-- name: predictions
INSERT INTO predictions BY NAME
WITH
answers AS (
    SELECT DISTINCT ON (i.item_kind, i.item_id) i.item_kind, i.item_id, i.probabilities::FLOAT[] AS probabilities
    FROM incoming i
    ANTI JOIN predictions p ON p.model_id = $model_id AND p.item_kind = i.item_kind AND p.item_id = i.item_id
),
answered AS (
    SELECT item_id, FALSE AS is_new FROM predictions WHERE model_id = $model_id AND item_kind = 'perturbation'
    UNION ALL
    SELECT item_id, TRUE FROM answers WHERE item_kind = 'perturbation'
),
repeats AS (
    SELECT t.perturbation_id
    FROM answered a
    JOIN perturbations t ON t.perturbation_id = a.item_id
    JOIN perturbation_sets s ON s.set_id = t.set_id
    WHERE t.outcome = 'successful'
    QUALIFY row_number() OVER (
        PARTITION BY t.example_id, t.perturbed_text, t.perturbed_text_b ORDER BY a.is_new, s.created_at, s.set_id
    ) > 1
)
SELECT
    $model_id AS model_id, a.item_kind, a.item_id, a.probabilities,
    list_position(a.probabilities, list_max(a.probabilities)) - 1 AS predicted,
    list_max(a.probabilities) AS confidence,
    $study_id AS study_id, k.label, k.example_id, k.split, k.set_id, k.recipe, k.outcome,
    a.item_kind = 'perturbation' AND a.item_id IN (SELECT perturbation_id FROM repeats) AS repeated
FROM answers a
JOIN (
    -- include: items
) k ON k.item_kind = a.item_kind AND k.item_id = a.item_id;

-- name: wrong_answers
-- After the predictions: adversarial ones count when the attack was successful and the same text was not there before.
INSERT INTO wrong_answers BY NAME
SELECT
    model_id, study_id, item_id, example_id,
    CASE item_kind WHEN 'example' THEN 'natural' ELSE 'adversarial' END AS origin,
    split, set_id, recipe, label, predicted, confidence, probabilities
FROM predictions p
WHERE model_id = $model_id AND predicted <> label
    AND (item_kind = 'example' OR (item_kind = 'perturbation' AND outcome = 'successful' AND NOT repeated))
    AND NOT EXISTS (FROM wrong_answers w WHERE w.model_id = p.model_id AND w.item_id = p.item_id)
ORDER BY confidence DESC, item_id;
