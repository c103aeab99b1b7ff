"""Files of a project: what is written where."""
