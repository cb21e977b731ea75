-- What judges said of foils: texts among the sample that are no UUs. Apart from judgements, so that no count of UUs can
-- see them. kind: "held" (perturbed, and the model was not fooled) or "original" (as it stands in the data).
CREATE TABLE foil_judgements (
    study_id VARCHAR NOT NULL,
    item_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    verdict VARCHAR NOT NULL,
    agent VARCHAR NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
