-- name: get
SELECT record FROM surveys WHERE survey_id = $survey_id;

-- name: all
SELECT record FROM surveys WHERE study_id = $study_id ORDER BY created_at, rowid;

-- name: participants
SELECT * FROM survey_participants WHERE survey_id = $survey_id ORDER BY number;

-- name: participant
SELECT * FROM survey_participants WHERE participant_id = $participant_id;

-- name: by_token
-- The holder of a token that no newer one has replaced.
SELECT p.* FROM survey_participants p
JOIN (
    SELECT participant_id, arg_max(token_hash, (created_at, rowid)) AS token_hash
    FROM survey_tokens
    GROUP BY participant_id
) t ON t.participant_id = p.participant_id
WHERE t.token_hash = $token_hash;

-- name: questions
SELECT record FROM survey_questions
WHERE survey_id = $survey_id AND ($participant_id::VARCHAR IS NULL OR participant_id = $participant_id::VARCHAR)
ORDER BY participant_id, position;

-- name: question
SELECT record FROM survey_questions WHERE question_id = $question_id;

-- name: answers
SELECT latest.* FROM (
    SELECT
        arg_max(
            {
                'question_id': a.question_id, 'participant_id': a.participant_id, 'text': a.text, 'text_b': a.text_b,
                'reason': a.reason, 'choice': a.choice, 'seconds': a.seconds, 'submitted': a.submitted,
                'created_at': a.created_at
            },
            (a.created_at, a.rowid)
        ) AS latest
    FROM survey_answers a
    JOIN survey_participants p ON p.participant_id = a.participant_id
    WHERE p.survey_id = $survey_id
        AND ($participant_id::VARCHAR IS NULL OR a.participant_id = $participant_id::VARCHAR)
    GROUP BY a.question_id
);

-- name: history
SELECT * FROM survey_answers WHERE question_id = $question_id ORDER BY created_at, rowid;

-- name: events
SELECT e.* FROM survey_events e
JOIN survey_participants p ON p.participant_id = e.participant_id
WHERE p.survey_id = $survey_id
ORDER BY e.created_at, e.rowid;

-- name: own_events
SELECT * FROM survey_events WHERE participant_id = $participant_id ORDER BY created_at, rowid;

-- name: decisions
SELECT latest.* FROM (
    SELECT
        arg_max(
            {
                'question_id': d.question_id, 'word': d.word, 'reason': d.reason, 'hypothesis_id': d.hypothesis_id,
                'sample_id': d.sample_id, 'created_at': d.created_at
            },
            (d.created_at, d.rowid)
        ) AS latest
    FROM survey_decisions d
    JOIN survey_questions q ON q.question_id = d.question_id
    WHERE q.survey_id = $survey_id
    GROUP BY d.question_id
);

-- name: accepted
SELECT 1 AS found FROM survey_decisions WHERE question_id = $question_id AND word = 'accepted';

-- name: approved
-- Questions whose sample, or what it was revised into, is approved now.
WITH RECURSIVE versions(question_id, sample_id) AS (
    SELECT d.question_id, d.sample_id
    FROM survey_decisions d JOIN survey_questions q ON q.question_id = d.question_id
    WHERE q.survey_id = $survey_id AND d.sample_id IS NOT NULL
    UNION ALL
    SELECT v.question_id, s.sample_id FROM samples s JOIN versions v ON s.revises_id = v.sample_id
)
SELECT DISTINCT v.question_id
FROM versions v
JOIN standing_decisions d ON d.sample_id = v.sample_id AND d.status = 'approved'
WHERE NOT EXISTS (FROM samples n WHERE n.revises_id = v.sample_id)
ORDER BY v.question_id;

-- name: import
SELECT created_at FROM survey_imports WHERE survey_id = $survey_id AND digest = $digest;
