-- name: sets
-- An experiment's own attacks on test are many, and left out unless they are asked for.
SELECT s.* FROM perturbation_sets s
LEFT JOIN (
    SELECT fresh_set_id, any_value(experiment_id) AS experiment_id FROM evaluations GROUP BY fresh_set_id
) v ON v.fresh_set_id = s.set_id
WHERE s.study_id = $study_id AND v.experiment_id IS NOT DISTINCT FROM $experiment_id::VARCHAR
ORDER BY s.created_at, s.rowid;

-- name: rows
SELECT * FROM perturbations WHERE set_id = $set_id ORDER BY rowid;

-- name: successful
SELECT perturbation_id, perturbed_text AS text, perturbed_text_b AS text_b, label
FROM perturbations
WHERE set_id = $set_id AND outcome = 'successful'
ORDER BY rowid;


-- name: tallies
-- The sums of metrics/attack.py by label, and the attacked model's UUs, also those that repeat another set's text.
WITH
answered AS (
    SELECT
        t.*, v.verdict,
        t.words_changed > 0 AND t.words_total > 0 AND t.outcome = 'successful' AS is_changed,
        t.outcome = 'successful' AND p.predicted <> p.label AND p.confidence >= $tau::FLOAT AS is_unknown
    FROM perturbations t
    JOIN perturbation_sets s ON s.set_id = t.set_id
    LEFT JOIN predictions p
        ON p.model_id = s.model_id AND p.item_kind = 'perturbation' AND p.item_id = t.perturbation_id
    LEFT JOIN verdicts v ON v.study_id = s.study_id AND v.item_id = t.perturbation_id
    WHERE list_contains($set_ids::VARCHAR[], t.set_id)
)
SELECT
    set_id, label,
    count(*) FILTER (outcome = 'successful') AS successful,
    count(*) FILTER (outcome = 'failed') AS failed,
    count(*) FILTER (outcome = 'skipped') AS skipped,
    count(*) FILTER (outcome = 'error') AS errors,
    coalesce(sum(words_total) FILTER (outcome <> 'error'), 0)::BIGINT AS words,
    count(*) FILTER (is_changed) AS changed_texts,
    coalesce(sum(words_changed / words_total) FILTER (is_changed), 0)::DOUBLE AS changed_shares,
    coalesce(sum(queries) FILTER (outcome IN ('successful', 'failed')), 0)::BIGINT AS queries,
    sum(queries)::BIGINT AS all_queries,
    sum(seconds)::DOUBLE AS seconds,
    count(*) FILTER (is_unknown) AS raw,
    count(*) FILTER (is_unknown AND verdict IS NOT NULL) AS judged,
    count(*) FILTER (is_unknown AND verdict = 'no') AS invalid
FROM answered
GROUP BY set_id, label
ORDER BY set_id, label;

-- name: replays
-- By set, also texts that repeat another set's.
SELECT
    p.set_id, p.model_id,
    count(*) AS answered,
    count(*) FILTER (p.predicted <> p.label) AS wrong,
    count(*) FILTER (p.predicted <> p.label AND p.confidence >= $tau::FLOAT) AS raw,
    count(*) FILTER (p.predicted <> p.label AND p.confidence >= $tau::FLOAT AND v.verdict IS NOT NULL) AS judged,
    count(*) FILTER (p.predicted <> p.label AND p.confidence >= $tau::FLOAT AND v.verdict = 'no') AS invalid
FROM predictions p
LEFT JOIN verdicts v ON v.study_id = p.study_id AND v.item_id = p.item_id
WHERE p.item_kind = 'perturbation' AND p.outcome = 'successful' AND list_contains($set_ids::VARCHAR[], p.set_id)
GROUP BY p.set_id, p.model_id
ORDER BY p.set_id, p.model_id;
