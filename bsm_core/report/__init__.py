"""Tables of the paper and of a study, for people and for machines."""
