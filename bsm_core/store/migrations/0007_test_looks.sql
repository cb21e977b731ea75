-- Every look at the sealed test split: evaluations, and replays of a set of test on another model.
CREATE VIEW test_looks AS
SELECT study_id, model_id, frozen_set_id AS set_id, created_at FROM evaluations
UNION ALL
SELECT study_id, payload ->> 'model_id', payload ->> 'set_id', created_at FROM events WHERE kind = 'test-look';
