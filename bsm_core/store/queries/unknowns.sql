-- name: wrong
-- Wrong predictions by every filter but tau, the confidence range, the search and the verdict.
SELECT model_id, study_id, item_id, example_id, origin, split, recipe, label, predicted, confidence, probabilities
FROM wrong_answers
WHERE model_id = $model_id AND split = $split
    AND ($origin::VARCHAR IS NULL OR origin = $origin::VARCHAR)
    AND ($recipe::VARCHAR IS NULL OR recipe = $recipe::VARCHAR)
    AND ($label::SMALLINT IS NULL OR label = $label::SMALLINT)
    AND ($predicted::SMALLINT IS NULL OR predicted = $predicted::SMALLINT)

-- name: searched
-- Stands in for "wrong"; the store registers the answer of "hits" under that name.
SELECT * FROM (
    -- include: wrong
) WHERE item_id IN (FROM hits)

-- name: chosen
SELECT * FROM (
    -- include: wrong
)

-- name: judged
-- Stands in for "chosen" where the verdict is filtered: otherwise the verdicts of listed rows alone are looked up.
SELECT w.* FROM (
    -- include: wrong
) w
LEFT JOIN verdicts v ON v.study_id = w.study_id AND v.item_id = w.item_id
WHERE coalesce(v.verdict, 'unjudged') = $verdict

-- name: ranged
SELECT * FROM (
    -- include: chosen
)
WHERE confidence >= $tau::FLOAT
    AND ($low::FLOAT IS NULL OR confidence >= $low::FLOAT)
    AND ($high::FLOAT IS NULL OR confidence < $high::FLOAT OR $high::FLOAT >= 1)

-- name: hits
-- Items whose texts, O or P, contain the words.
SELECT example_id AS item_id FROM examples
WHERE study_id = (SELECT study_id FROM models WHERE model_id = $model_id) AND split = $split
    AND (contains(lower(text), lower($search)) OR contains(lower(coalesce(text_b, '')), lower($search)))
UNION ALL
SELECT perturbation_id FROM perturbations
WHERE outcome = 'successful'
    AND set_id IN (
        SELECT s.set_id FROM perturbation_sets s JOIN models m ON m.study_id = s.study_id
        WHERE m.model_id = $model_id AND s.split = $split
    )
    AND (
        contains(lower(perturbed_text), lower($search))
        OR contains(lower(coalesce(perturbed_text_b, '')), lower($search))
        OR contains(lower(original_text), lower($search))
        OR contains(lower(coalesce(original_text_b, '')), lower($search))
    );

-- name: with_texts
-- Texts are looked up for the few rows of "picked" alone: a plain join would read the texts of all examples.
SELECT
    u.*, v.verdict,
    coalesce(t.original_text, e.text) AS original_text,
    CASE WHEN u.origin = 'natural' THEN e.text_b ELSE t.original_text_b END AS original_text_b,
    t.perturbed_text, t.perturbed_text_b, t.original_probabilities
FROM picked u
LEFT JOIN verdicts v ON v.study_id = u.study_id AND v.item_id = u.item_id
LEFT JOIN (
    SELECT * FROM examples WHERE example_id IN (SELECT item_id FROM picked WHERE origin = 'natural')
) e ON e.study_id = u.study_id AND e.example_id = u.item_id
LEFT JOIN (
    SELECT * FROM perturbations WHERE perturbation_id IN (SELECT item_id FROM picked WHERE origin = 'adversarial')
) t ON t.perturbation_id = u.item_id
ORDER BY u.confidence DESC, u.item_id

-- name: page
WITH picked AS MATERIALIZED (
    SELECT * FROM (
        -- include: ranged
    )
    ORDER BY confidence DESC, item_id LIMIT $limit OFFSET $offset
)
-- include: with_texts
;

-- name: get
WITH picked AS MATERIALIZED (
    SELECT * FROM wrong_answers WHERE model_id = $model_id AND item_id = $item_id
)
-- include: with_texts
;

-- name: tally
SELECT origin, label, predicted, verdict, count(*) AS total
FROM (
    -- include: ranged
) r
LEFT JOIN verdicts v ON v.study_id = r.study_id AND v.item_id = r.item_id
GROUP BY ALL;

-- name: label_count
SELECT json_array_length(s.task -> 'label_names') AS label_count
FROM models m JOIN studies s ON s.study_id = m.study_id
WHERE m.model_id = $model_id;

-- name: histogram
-- 3e-8 is half a step of a FLOAT below 1: a confidence of exactly 0.7 is stored a little under it.
SELECT
    greatest(least(floor((confidence::DOUBLE + 3e-8 - $lowest) / $width), $bins - 1), 0)::INTEGER AS bin,
    count(*) FILTER (origin = 'natural') AS "natural",
    count(*) FILTER (origin = 'adversarial') AS adversarial
FROM (
    -- include: chosen
)
GROUP BY bin;

-- name: ids
SELECT item_id FROM (
    -- include: ranged
)
ORDER BY item_id;

-- name: position
WITH
listed AS (
    SELECT item_id, confidence FROM (
        -- include: ranged
    )
),
here AS (SELECT item_id, confidence FROM listed WHERE item_id = $item_id)
SELECT
    1 + count(*) FILTER ((-l.confidence, l.item_id) < (-h.confidence, h.item_id)) AS number,
    count(*) AS total,
    arg_max(l.item_id, (-l.confidence, l.item_id))
        FILTER ((-l.confidence, l.item_id) < (-h.confidence, h.item_id)) AS previous_id,
    arg_min(l.item_id, (-l.confidence, l.item_id))
        FILTER ((-l.confidence, l.item_id) > (-h.confidence, h.item_id)) AS next_id
FROM listed l CROSS JOIN here h
GROUP BY h.item_id;
