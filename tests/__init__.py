"""A package, since flair installs one of the same name, which would be found first."""
