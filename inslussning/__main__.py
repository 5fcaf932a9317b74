"""`python -m inslussning` is the same as the installed command."""

from inslussning.cli import main

main()
