-- A verdict may be a warning or a piece of information that rejects nothing, and says which settings it was made under.
ALTER TABLE checks ADD COLUMN advisory BOOLEAN DEFAULT false;
ALTER TABLE checks ADD COLUMN rules VARCHAR DEFAULT '';

-- A human's word against a gate's verdict. Append-only; the latest on a sample's gate counts, and passes NULL takes the
-- earlier one back.
CREATE TABLE overrules (
    sample_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    passes BOOLEAN,
    reviewer VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);

-- The latest verdict of each gate on each sample, and the word that overrules it.
CREATE VIEW verdicts_of_gates AS
SELECT c.*, o.overrule, coalesce(o.overrule.passes, c.passed) AS stands
FROM (
    SELECT * FROM checks QUALIFY row_number() OVER (
        PARTITION BY sample_id, name ORDER BY created_at DESC, rowid DESC
    ) = 1
) c
LEFT JOIN (
    SELECT
        sample_id, name,
        arg_max(
            {
                'sample_id': sample_id, 'name': name, 'passes': passes, 'reviewer': reviewer, 'reason': reason,
                'created_at': created_at
            },
            (created_at, rowid)
        ) AS overrule
    FROM overrules
    GROUP BY sample_id, name
) o ON o.sample_id = c.sample_id AND o.name = c.name;
