"""The whole matrix, shared between the machine's processors; the last line says its size, the wrong cells and the leaks."""

import multiprocessing
import os
import sys

from tests.matrix.running import SHOWN, Tally
from tests.matrix.share import part


def main() -> int:
    """Print what is wrong, then the one line."""
    jobs = max(1, min(os.cpu_count() or 1, 8))
    with multiprocessing.get_context("spawn").Pool(jobs) as pool:
        parts = pool.map(part, [(number, jobs) for number in range(jobs)])
    whole = Tally(principals=parts[0].principals)
    whole.routes = parts[0].routes
    for one in parts:
        whole.cells += one.cells
        whole.mixed += one.mixed
        whole.wrong += one.wrong
        whole.leaks += one.leaks
    for line in sorted({*whole.wrong, *whole.leaks})[: SHOWN * 10]:
        print(line)  # noqa: T201 - a tool on the terminal
    print(whole)  # noqa: T201
    return 1 if whole.wrong or whole.leaks else 0


if __name__ == "__main__":
    sys.exit(main())
