-- name: ballots
-- Each judge's latest word on each item.
SELECT
    study_id, item_id, arg_max(verdict, (created_at, rowid)) AS verdict, agent, max(created_at) AS created_at
FROM judgements
WHERE study_id = $study_id
GROUP BY study_id, item_id, agent
ORDER BY item_id, agent;

-- name: latest
SELECT verdict FROM judgements
WHERE study_id = $study_id AND item_id = $item_id
ORDER BY created_at DESC, rowid DESC LIMIT 1;

-- name: history
SELECT * FROM judgements WHERE study_id = $study_id AND item_id = $item_id ORDER BY created_at, rowid;

-- name: items
SELECT item_id FROM wrong_answers WHERE model_id = $model_id AND set_id = $set_id ORDER BY item_id;
