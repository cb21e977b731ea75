-- name: latest
SELECT * FROM locatings WHERE study_id = $study_id ORDER BY created_at DESC, rowid DESC LIMIT 1;

-- name: members
SELECT
    s.item_id, coalesce(t.perturbed_text, e.text) AS text,
    CASE WHEN t.perturbation_id IS NULL THEN e.text_b ELSE t.perturbed_text_b END AS text_b
FROM spot_points s
JOIN clusterings c ON c.clustering_id = s.clustering_id
LEFT JOIN perturbations t ON t.perturbation_id = s.item_id
LEFT JOIN examples e ON t.perturbation_id IS NULL AND e.study_id = c.study_id AND e.example_id = s.item_id
WHERE s.clustering_id = $clustering_id
ORDER BY s.item_id;

-- name: mistaken
-- 0.5: tau lies above it.
SELECT DISTINCT item_kind, item_id FROM predictions
WHERE study_id = $study_id AND split = 'test' AND predicted <> label AND confidence > 0.5
    AND (item_kind = 'example' OR (item_kind = 'perturbation' AND outcome = 'successful'))

-- name: mistakes
SELECT
    m.item_id, CASE m.item_kind WHEN 'example' THEN e.text ELSE t.perturbed_text END AS text,
    CASE m.item_kind WHEN 'example' THEN e.text_b ELSE t.perturbed_text_b END AS text_b
FROM (
    -- include: mistaken
) m
LEFT JOIN examples e ON m.item_kind = 'example' AND e.study_id = $study_id AND e.example_id = m.item_id
LEFT JOIN perturbations t ON m.item_kind = 'perturbation' AND t.perturbation_id = m.item_id
ORDER BY m.item_id;

-- name: missing
SELECT count(*) AS missing FROM (
    -- include: mistaken
) m
ANTI JOIN locations o ON o.locating_id = $locating_id AND o.item_id = m.item_id;

-- name: patterns
-- The same answers as evaluations.sql's: the item of a fresh attack is the text that was attacked, and each model's UU on
-- it is placed by the perturbed text that fooled that model.
WITH
looked AS (
    SELECT
        unnest($models::VARCHAR[]) AS model_id, unnest($frozen::VARCHAR[]) AS frozen_id,
        unnest($fresh::VARCHAR[]) AS fresh_id
),
answered AS (
    SELECT 'natural' AS endpoint, l.model_id, p.item_id AS item, p.item_id, p.predicted <> p.label AS wrong, p.confidence
    FROM predictions p JOIN looked l ON l.model_id = p.model_id
    WHERE p.study_id = $study_id AND p.item_kind = 'example' AND p.split = 'test'
    UNION ALL
    SELECT 'frozen', l.model_id, p.item_id, p.item_id, p.predicted <> p.label, p.confidence
    FROM predictions p JOIN looked l ON l.model_id = p.model_id AND l.frozen_id = p.set_id
    WHERE p.study_id = $study_id AND p.item_kind = 'perturbation' AND p.outcome = 'successful'
    UNION ALL
    SELECT 'fresh', l.model_id, t.example_id, t.perturbation_id, p.predicted <> p.label, p.confidence
    FROM looked l
    JOIN perturbations t ON t.set_id = l.fresh_id AND t.outcome <> 'error'
    LEFT JOIN predictions p ON p.model_id = l.model_id AND p.item_kind = 'perturbation'
        AND p.item_id = t.perturbation_id AND p.outcome = 'successful'
),
placed AS (
    SELECT
        a.endpoint, a.item, a.model_id,
        CASE
            WHEN NOT coalesce(
                a.wrong AND a.confidence >= $tau::FLOAT AND coalesce(v.verdict, 'yes') <> 'no', FALSE
            ) THEN 'held'
            WHEN o.reach IS NULL THEN 'unplaced'
            WHEN o.reach < $share THEN 'seen'
            ELSE 'unseen'
        END AS part
    FROM answered a
    LEFT JOIN verdicts v ON v.study_id = $study_id AND v.item_id = a.item_id
    LEFT JOIN locations o ON o.locating_id = $locating_id AND o.item_id = a.item_id
),
texts AS (
    SELECT
        endpoint, item,
        coalesce(list(model_id ORDER BY model_id) FILTER (part = 'seen'), []) AS seen,
        coalesce(list(model_id ORDER BY model_id) FILTER (part = 'unseen'), []) AS unseen,
        coalesce(list(model_id ORDER BY model_id) FILTER (part = 'unplaced'), []) AS unplaced,
        coalesce(list(model_id ORDER BY model_id) FILTER (part = 'held'), []) AS held
    FROM placed GROUP BY endpoint, item
)
SELECT endpoint, seen, unseen, unplaced, held, count(*) AS total
FROM texts GROUP BY endpoint, seen, unseen, unplaced, held ORDER BY ALL;
