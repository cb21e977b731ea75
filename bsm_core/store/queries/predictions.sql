-- name: confusion
SELECT label, predicted, count(*) AS total
FROM predictions
WHERE model_id = $model_id AND item_kind = 'example' AND split = $split
GROUP BY label, predicted
ORDER BY label, predicted;

-- name: accuracy
SELECT avg((predicted = label)::DOUBLE) AS accuracy
FROM predictions
WHERE model_id = $model_id AND item_kind = 'example' AND split = $split;

-- name: reliability
-- 3e-8 is half a step of a FLOAT below 1: a confidence of exactly 0.7 is stored a little under it.
SELECT
    least(floor((confidence::DOUBLE + 3e-8) * $bins), $bins - 1)::INTEGER AS bin,
    count(*) AS total,
    avg(confidence::DOUBLE) AS confidence,
    avg((predicted = label)::DOUBLE) AS accuracy
FROM predictions
WHERE model_id = $model_id AND item_kind = 'example' AND split = $split
GROUP BY bin
ORDER BY bin;

-- name: arrays
SELECT p.probabilities, p.label
FROM predictions p
JOIN examples e ON e.study_id = p.study_id AND e.example_id = p.item_id
WHERE p.model_id = $model_id AND p.item_kind = 'example' AND p.split = $split
ORDER BY e.row_number;
