"""``python -m translator`` is the command ``translate``."""

from translator.cli import main

if __name__ == "__main__":
    main()
