-- Which side of a text pair an attack might change. All attacks before this were on both.
ALTER TABLE perturbation_sets ADD COLUMN side VARCHAR DEFAULT 'both';
