-- name: all
SELECT * FROM evaluations
WHERE study_id = $study_id AND experiment_id IS NOT DISTINCT FROM $experiment_id::VARCHAR
ORDER BY created_at, rowid;

-- name: scoped
SELECT *, rowid AS place FROM evaluations
WHERE study_id = $study_id AND experiment_id IS NOT DISTINCT FROM $experiment_id::VARCHAR AND set_name = $set_name

-- name: looks
SELECT count(*) AS looks FROM test_looks WHERE study_id = $study_id;

-- name: label_count
SELECT json_array_length(s.task -> 'label_names') AS label_count
FROM models m JOIN studies s ON s.study_id = m.study_id
WHERE m.model_id = $model_id;

-- name: results
-- Wrong answers on successful perturbations are counted by set, also those that repeat another set's text.
WITH
latest AS (
    SELECT * FROM (
        -- include: scoped
    )
    QUALIFY row_number() OVER (PARTITION BY model_id ORDER BY created_at DESC, place DESC) = 1
),
answers AS (
    SELECT
        p.*,
        p.predicted <> p.label AND p.confidence >= $tau::FLOAT AND coalesce(v.verdict, 'yes') <> 'no' AS is_unknown
    FROM predictions p
    LEFT JOIN verdicts v ON v.study_id = p.study_id AND v.item_id = p.item_id
    WHERE p.study_id = $study_id AND p.split = 'test' AND p.model_id IN (SELECT model_id FROM latest)
),
clean AS (
    SELECT
        model_id,
        avg((predicted = label)::DOUBLE) AS accuracy,
        count(*) AS test_size,
        count(*) FILTER (is_unknown) AS "natural"
    FROM answers WHERE item_kind = 'example' GROUP BY model_id
),
perturbed AS (
    SELECT model_id, set_id, count(*) FILTER (is_unknown) AS unknowns
    FROM answers WHERE item_kind = 'perturbation' AND outcome = 'successful' GROUP BY model_id, set_id
),
attacked AS (
    SELECT
        set_id,
        count(*) FILTER (outcome = 'successful') AS successful,
        count(*) FILTER (outcome = 'failed') AS withstood,
        count(*) FILTER (outcome <> 'error') AS attacked
    FROM perturbations
    WHERE set_id IN (SELECT frozen_set_id FROM latest UNION SELECT fresh_set_id FROM latest)
    GROUP BY set_id
)
SELECT
    l.*, m.arm, m.seed, m.budget,
    coalesce(c.accuracy, 0) AS accuracy,
    coalesce(c.test_size, 0) AS test_size,
    coalesce(c."natural", 0) AS "natural",
    coalesce(z.unknowns, 0) AS frozen,
    coalesce(za.successful, 0) AS frozen_size,
    coalesce(f.unknowns, 0) AS fresh,
    coalesce(fa.attacked, 0) AS fresh_attacked,
    CASE WHEN coalesce(fa.attacked, 0) = 0 THEN 0 ELSE fa.withstood / fa.attacked END AS accuracy_under_attack
FROM latest l
JOIN models m ON m.model_id = l.model_id
LEFT JOIN clean c ON c.model_id = l.model_id
LEFT JOIN perturbed z ON z.model_id = l.model_id AND z.set_id = l.frozen_set_id
LEFT JOIN perturbed f ON f.model_id = l.model_id AND f.set_id = l.fresh_set_id
LEFT JOIN attacked za ON za.set_id = l.frozen_set_id
LEFT JOIN attacked fa ON fa.set_id = l.fresh_set_id
ORDER BY m.arm <> 'ORIGINAL', m.created_at, m.model_id;

-- name: confidence_bins
-- 3e-8 is half a step of a FLOAT below 1: a confidence of exactly 0.7 is stored a little under it.
SELECT
    greatest(least(floor((confidence::DOUBLE + 3e-8 - $low) / $width), $bins - 1), 0)::INTEGER AS bin,
    count(*) FILTER (predicted = label) AS "right",
    count(*) FILTER (predicted <> label) AS wrong
FROM predictions
WHERE model_id = $model_id AND item_kind = 'perturbation' AND set_id = $set_id AND outcome = 'successful'
GROUP BY bin;

-- name: moved
-- Texts that two models answered, with what became of the UUs. Neither a UU before nor after: no transition.
SELECT
    b.item_id, b.study_id, b.example_id, b.label, b.probabilities AS before, a.probabilities AS after,
    greatest(b.confidence, a.confidence) AS confidence,
    CASE
        WHEN b.predicted <> b.label AND b.confidence >= $tau::FLOAT THEN
            CASE
                WHEN a.predicted = a.label THEN 'fixed'
                WHEN a.confidence < $tau::FLOAT THEN 'demoted'
                ELSE 'persistent'
            END
        WHEN a.predicted <> a.label AND a.confidence >= $tau::FLOAT THEN 'new'
    END AS transition
FROM predictions b
JOIN predictions a ON a.model_id = $after AND a.item_kind = b.item_kind AND a.item_id = b.item_id
LEFT JOIN verdicts v ON v.study_id = b.study_id AND v.item_id = b.item_id
WHERE b.model_id = $before AND coalesce(v.verdict, 'yes') <> 'no'
    AND CASE
        WHEN $set_id::VARCHAR IS NULL THEN b.item_kind = 'example' AND b.split = 'test'
        ELSE b.item_kind = 'perturbation' AND b.set_id = $set_id::VARCHAR AND b.outcome = 'successful'
    END

-- name: transitions
SELECT transition, count(*) AS total FROM (
    -- include: moved
)
WHERE transition IS NOT NULL
GROUP BY transition;

-- name: transition_page
SELECT
    u.*,
    coalesce(t.original_text, e.text) AS original_text,
    CASE WHEN $set_id::VARCHAR IS NULL THEN e.text_b ELSE t.original_text_b END AS original_text_b,
    t.perturbed_text, t.perturbed_text_b
FROM (
    SELECT * FROM (
        -- include: moved
    )
    WHERE transition = $transition
    ORDER BY confidence DESC, item_id LIMIT $limit OFFSET $offset
) u
LEFT JOIN examples e ON $set_id::VARCHAR IS NULL AND e.study_id = u.study_id AND e.example_id = u.item_id
LEFT JOIN perturbations t ON $set_id::VARCHAR IS NOT NULL AND t.perturbation_id = u.item_id
ORDER BY u.confidence DESC, u.item_id;

-- name: answered
-- Every answer that a study's latest evaluations rest on, once an endpoint. The item of a fresh attack is the text that
-- was attacked: each model has its own perturbed one. wrong is NULL where the attack left no perturbed text.
SELECT x.*, coalesce(v.verdict, 'yes') <> 'no' AS preserved
FROM (
    SELECT 'natural' AS endpoint, l.model_id, p.item_id AS item, p.item_id, p.predicted <> p.label AS wrong, p.confidence
    FROM predictions p
    JOIN (
        SELECT DISTINCT model_id FROM (
            -- include: scoped
        )
    ) l ON l.model_id = p.model_id
    WHERE p.study_id = $study_id AND p.item_kind = 'example' AND p.split = 'test'
    UNION ALL
    SELECT 'frozen', l.model_id, p.item_id, p.item_id, p.predicted <> p.label, p.confidence
    FROM predictions p
    JOIN (
        SELECT model_id, arg_max(frozen_set_id, (created_at, place)) AS set_id
        FROM (
            -- include: scoped
        )
        GROUP BY model_id
    ) l ON l.model_id = p.model_id AND l.set_id = p.set_id
    WHERE p.study_id = $study_id AND p.item_kind = 'perturbation' AND p.outcome = 'successful'
    UNION ALL
    SELECT 'fresh', l.model_id, t.example_id, t.perturbation_id, p.predicted <> p.label, p.confidence
    FROM (
        SELECT model_id, arg_max(fresh_set_id, (created_at, place)) AS set_id
        FROM (
            -- include: scoped
        )
        GROUP BY model_id
    ) l
    JOIN perturbations t ON t.set_id = l.set_id AND t.outcome <> 'error'
    LEFT JOIN predictions p ON p.model_id = l.model_id AND p.item_kind = 'perturbation'
        AND p.item_id = t.perturbation_id AND p.outcome = 'successful'
) x
LEFT JOIN verdicts v ON v.study_id = $study_id AND v.item_id = x.item_id

-- name: patterns
-- Texts by the models that they fool. There are few patterns, however many texts.
WITH
answered AS MATERIALIZED (
    -- include: answered
),
statuses AS (
    SELECT endpoint, item, model_id, coalesce(wrong AND confidence >= $tau::FLOAT AND preserved, FALSE) AS holds
    FROM answered
    UNION ALL
    SELECT 'wrong', item, model_id, wrong FROM answered WHERE endpoint = 'natural'
),
texts AS (
    SELECT
        endpoint, item,
        coalesce(list(model_id ORDER BY model_id) FILTER (holds), []) AS fooled,
        coalesce(list(model_id ORDER BY model_id) FILTER (NOT holds), []) AS held
    FROM statuses GROUP BY endpoint, item
)
SELECT endpoint, fooled, held, count(*) AS total FROM texts GROUP BY endpoint, fooled, held ORDER BY ALL;

-- name: curve
-- 3e-8 is half a step of a FLOAT below 1: a confidence of exactly 0.7 is stored a little under it.
SELECT model_id, endpoint, least(floor((confidence::DOUBLE + 3e-8) * 100), 100)::INTEGER AS percent, count(*) AS total
FROM (
    -- include: answered
)
WHERE wrong AND preserved
GROUP BY model_id, endpoint, percent;

-- name: set_arrays
SELECT p.probabilities, p.label
FROM predictions p
LEFT JOIN verdicts v ON v.study_id = p.study_id AND v.item_id = p.item_id
WHERE p.model_id = $model_id AND p.item_kind = 'perturbation' AND p.set_id = $set_id AND p.outcome = 'successful'
    AND coalesce(v.verdict, 'yes') <> 'no'
ORDER BY p.item_id;
