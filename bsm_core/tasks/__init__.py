"""Loading data: task cards, packaged assets, and the split into train, validation and test."""
