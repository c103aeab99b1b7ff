"""The two frameworks, each in a process of its own."""
