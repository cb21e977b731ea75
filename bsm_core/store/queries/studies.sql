-- name: all
SELECT
    s.*,
    (
        SELECT arg_max((e.payload ->> 'tau')::DOUBLE, e.rowid)
        FROM events e WHERE e.study_id = s.study_id AND e.kind = 'tau'
    ) AS tau
FROM studies s
ORDER BY s.created_at, s.rowid;

-- name: latest_event
-- By rowid, not by time: events are appended behind one lock, and a clock may be set back.
SELECT payload FROM events WHERE study_id = $study_id AND kind = $kind ORDER BY rowid DESC LIMIT 1;

-- name: get
SELECT
    s.*,
    (
        SELECT arg_max((payload ->> 'tau')::DOUBLE, rowid)
        FROM events WHERE study_id = $study_id AND kind = 'tau'
    ) AS tau
FROM studies s
WHERE s.study_id = $study_id;

-- name: counts
-- Arms are counted from the present baseline on: those trained before it answer for another model.
WITH
baseline AS (
    SELECT model_id, created_at FROM models
    WHERE study_id = $study_id AND arm = 'ORIGINAL'
    ORDER BY created_at DESC, rowid DESC LIMIT 1
),
rows_of AS (
    SELECT
        count(*) FILTER (split = 'train') AS train,
        count(*) FILTER (split = 'validation') AS validation,
        count(*) FILTER (split = 'test') AS test
    FROM examples WHERE study_id = $study_id
),
answers AS (
    SELECT avg((predicted = label)::DOUBLE) AS accuracy FROM predictions
    WHERE model_id = (SELECT model_id FROM baseline) AND item_kind = 'example' AND split = 'validation'
),
unknowns AS (
    SELECT
        count(*) FILTER (origin = 'natural') AS natural_unknowns,
        count(*) FILTER (origin = 'adversarial') AS adversarial_unknowns
    FROM unknown_unknowns($tau)
    WHERE model_id = (SELECT model_id FROM baseline) AND split = 'validation'
),
current_hypotheses AS (
    SELECT hypothesis_id FROM hypotheses h
    WHERE study_id = $study_id
        AND NOT EXISTS (FROM hypotheses n WHERE n.revises_id = h.hypothesis_id)
),
states AS (
    SELECT s.sample_id, coalesce(d.status, 'pending') AS status
    FROM samples s
    LEFT JOIN standing_decisions d ON d.sample_id = s.sample_id
    WHERE s.study_id = $study_id AND NOT EXISTS (FROM samples n WHERE n.revises_id = s.sample_id)
),
arms AS (
    SELECT model_id, arm, created_at FROM models
    WHERE study_id = $study_id AND arm <> 'ORIGINAL' AND created_at >= (SELECT created_at FROM baseline)
),
evaluated AS (
    SELECT DISTINCT model_id FROM evaluations WHERE study_id = $study_id
),
-- Not those of experiments: their figures are means over seeds, and stand on their own page.
looks AS (
    SELECT v.model_id, arg_max(v.fresh_set_id, (v.created_at, v.rowid)) AS fresh_set_id
    FROM evaluations v WHERE v.study_id = $study_id AND v.experiment_id IS NULL GROUP BY v.model_id
),
fresh AS (
    SELECT l.model_id, count(p.item_id) AS unknowns
    FROM looks l
    LEFT JOIN (
        predictions p LEFT JOIN verdicts v ON v.study_id = p.study_id AND v.item_id = p.item_id
    ) ON p.model_id = l.model_id AND p.item_kind = 'perturbation' AND p.set_id = l.fresh_set_id
        AND p.outcome = 'successful' AND p.predicted <> p.label AND p.confidence >= $tau::FLOAT
        AND coalesce(v.verdict, 'yes') <> 'no'
    GROUP BY l.model_id
),
best AS (
    SELECT a.arm, f.unknowns FROM arms a JOIN fresh f ON f.model_id = a.model_id
    ORDER BY f.unknowns, a.created_at, a.arm LIMIT 1
)
SELECT
    r.train, r.validation, r.test,
    (SELECT model_id FROM baseline) AS baseline_model_id,
    (SELECT accuracy FROM answers) AS baseline_accuracy,
    (
        SELECT count(*) FROM perturbation_sets
        WHERE model_id = (SELECT model_id FROM baseline) AND split = 'validation'
    ) AS perturbation_sets,
    (SELECT natural_unknowns FROM unknowns) AS natural_unknowns,
    (SELECT adversarial_unknowns FROM unknowns) AS adversarial_unknowns,
    (SELECT count(*) FROM current_hypotheses) AS hypotheses,
    (SELECT count(*) FROM states) AS samples,
    (SELECT count(*) FROM states WHERE status = 'pending') AS samples_pending,
    (SELECT count(*) FROM states WHERE status = 'approved') AS samples_approved,
    (SELECT count(DISTINCT arm) FROM arms) AS arms_trained,
    (SELECT count(DISTINCT a.arm) FROM arms a JOIN evaluated l ON l.model_id = a.model_id) AS arms_evaluated,
    (SELECT unknowns FROM fresh WHERE model_id = (SELECT model_id FROM baseline)) AS original_fresh_unknowns,
    (SELECT arm FROM best) AS best_arm,
    (SELECT unknowns FROM best) AS best_fresh_unknowns
FROM rows_of r;
