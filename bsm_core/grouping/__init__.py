"""Clusters and maps of vectors, by scikit-learn."""
