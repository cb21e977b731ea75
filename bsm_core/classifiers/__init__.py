"""Classifiers: the only importer of torch, transformers, peft and bert_score. Loaded in workers only."""
