"""Rules: what is known about each API, read from YAML."""
