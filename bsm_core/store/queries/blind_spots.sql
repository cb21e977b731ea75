-- name: latest
SELECT * FROM clusterings WHERE model_id = $model_id ORDER BY created_at DESC, rowid DESC LIMIT 1;

-- name: spots
SELECT * FROM spots WHERE clustering_id = $clustering_id ORDER BY rowid;

-- name: changes
SELECT * FROM spot_changes WHERE clustering_id = $clustering_id ORDER BY rowid;

-- name: points
SELECT item_id, example_id, x, y, coordinates, neighbor_ids FROM spot_points
WHERE clustering_id = $clustering_id ORDER BY item_id;

-- name: map_points
-- $length characters of the text on which the model is wrong; of a pair, of both sides.
SELECT
    s.item_id, s.x, s.y, w.label, w.predicted, w.confidence, w.origin,
    left(coalesce(t.perturbed_text || coalesce(' / ' || t.perturbed_text_b, ''), e.text || coalesce(' / ' || e.text_b, ''), ''), $length)
        AS text
FROM spot_points s
JOIN clusterings c ON c.clustering_id = s.clustering_id
JOIN wrong_answers w ON w.model_id = c.model_id AND w.item_id = s.item_id
LEFT JOIN examples e ON w.origin = 'natural' AND e.study_id = c.study_id AND e.example_id = s.item_id
LEFT JOIN perturbations t ON w.origin = 'adversarial' AND t.perturbation_id = s.item_id
WHERE s.clustering_id = $clustering_id
ORDER BY s.item_id;

-- name: item_ids
SELECT item_id FROM spot_points WHERE clustering_id = $clustering_id ORDER BY item_id;

-- name: unknown_ids
SELECT item_id FROM unknown_unknowns($tau) WHERE model_id = $model_id AND split = 'validation' ORDER BY item_id;
