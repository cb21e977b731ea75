-- Wrong predictions are few and looked at all day: kept narrow and in the order they are listed in, they are filtered,
-- counted and paged without reading the others. Rows follow from predictions and are added with them (ingest.sql);
-- what makes one a UU, tau and the verdict, stays a question of each query.
CREATE TABLE wrong_answers (
    model_id VARCHAR NOT NULL,
    study_id VARCHAR NOT NULL,
    item_id VARCHAR NOT NULL,
    example_id VARCHAR NOT NULL,
    origin VARCHAR NOT NULL,
    split VARCHAR NOT NULL,
    set_id VARCHAR,
    recipe VARCHAR,
    label SMALLINT NOT NULL,
    predicted SMALLINT NOT NULL,
    confidence FLOAT NOT NULL,
    probabilities FLOAT[] NOT NULL
);

INSERT INTO wrong_answers BY NAME
SELECT
    model_id, study_id, item_id, example_id,
    CASE item_kind WHEN 'example' THEN 'natural' ELSE 'adversarial' END AS origin,
    split, set_id, recipe, label, predicted, confidence, probabilities
FROM predictions
WHERE predicted <> label
    AND (item_kind = 'example' OR (item_kind = 'perturbation' AND outcome = 'successful' AND NOT repeated))
ORDER BY model_id, confidence DESC, item_id;

CREATE OR REPLACE VIEW wrong_predictions AS
SELECT w.*, v.verdict
FROM wrong_answers w
LEFT JOIN verdicts v ON v.study_id = w.study_id AND v.item_id = w.item_id;

-- Made anew with the view it reads. confidence is a FLOAT and tau must be rounded like it: 0.65 as a FLOAT is less than
-- 0.65 as a DOUBLE.
CREATE OR REPLACE MACRO unknown_unknowns(tau) AS TABLE
SELECT * FROM wrong_predictions WHERE confidence >= tau::FLOAT AND coalesce(verdict, 'yes') <> 'no';
