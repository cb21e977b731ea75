-- name: latest
SELECT verdict FROM judgements
WHERE study_id = $study_id AND item_id = $item_id
ORDER BY created_at DESC, rowid DESC LIMIT 1;
