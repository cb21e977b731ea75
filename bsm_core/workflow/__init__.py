"""The verbs of the method, one a file. Everything they touch is passed in."""
