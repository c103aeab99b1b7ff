"""Reading source with ``ast``: names, types, sites. Pure; nothing here changes code."""
