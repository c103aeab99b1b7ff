"""What a run found, for people and for programs: one file for each format, each with ``render(...) -> str``."""
