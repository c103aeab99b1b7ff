"""Every model builder of a package: found, translated, verified, and listed in one table."""
