"""The command line: set an office up, import its lists, serve, send, migrate."""


def main() -> None:
    """Run one command."""
