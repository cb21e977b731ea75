-- Several judges: a human's word goes before a language model's, and that before a rule's. Of judges of one kind (agent
-- "human" or "human:<name>", "lm:<model>", "rule") each one's latest word counts once, and the majority decides; a tie
-- leaves it open.
CREATE OR REPLACE VIEW verdicts AS
WITH
ballots AS (
    SELECT study_id, item_id, agent, arg_max(verdict, (created_at, rowid)) AS verdict
    FROM judgements
    GROUP BY study_id, item_id, agent
),
votes AS (
    SELECT
        study_id, item_id,
        CASE split_part(agent, ':', 1) WHEN 'human' THEN 0 WHEN 'lm' THEN 1 ELSE 2 END AS rank,
        count(*) FILTER (verdict = 'yes') AS yes,
        count(*) FILTER (verdict = 'no') AS "no"
    FROM ballots
    GROUP BY study_id, item_id, rank
)
SELECT
    study_id, item_id,
    arg_min(CASE WHEN yes > "no" THEN 'yes' WHEN "no" > yes THEN 'no' ELSE 'unsure' END, rank) AS verdict
FROM votes
GROUP BY study_id, item_id;
