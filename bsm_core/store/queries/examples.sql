-- name: chosen
SELECT example_id, split, row_number, text, text_b, label
FROM examples
WHERE study_id = $study_id AND split = $split AND ($label::SMALLINT IS NULL OR label = $label::SMALLINT)

-- name: searched
SELECT example_id, split, row_number, text, text_b, label
FROM examples
WHERE study_id = $study_id AND split = $split AND ($label::SMALLINT IS NULL OR label = $label::SMALLINT)
    AND (contains(lower(text), lower($search)) OR contains(lower(coalesce(text_b, '')), lower($search)))

-- name: total
SELECT count(*) AS total FROM (
    -- include: chosen
);

-- name: page
-- The test split is sealed: its rows are shown without the baseline's answers.
WITH
page AS (
    SELECT * FROM (
        -- include: chosen
    ) ORDER BY row_number LIMIT $limit OFFSET $offset
),
baseline AS (
    SELECT model_id FROM models
    WHERE study_id = $study_id AND arm = 'ORIGINAL'
    ORDER BY created_at DESC, rowid DESC LIMIT 1
)
SELECT page.*, p.probabilities
FROM page
LEFT JOIN predictions p
    ON p.model_id = (SELECT model_id FROM baseline) AND p.item_kind = 'example' AND p.item_id = page.example_id
    AND $split <> 'test'
ORDER BY page.row_number;

-- name: counts
SELECT split, label, count(*) AS total
FROM examples
WHERE study_id = $study_id
GROUP BY split, label
ORDER BY CASE split WHEN 'train' THEN 0 WHEN 'validation' THEN 1 ELSE 2 END, label;

-- name: table
SELECT example_id, text, text_b, label
FROM examples
WHERE study_id = $study_id AND split = $split
ORDER BY row_number;
