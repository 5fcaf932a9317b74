"""Drives a server with a closed loop: each thread asks, checks the answer, and asks again. Percentiles are exact, every time is kept."""

import http.client
import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


@dataclass(frozen=True)
class Ask:
    """One request, and how many times a mark stands in the body of a right answer (None: any number)."""

    path: str
    cookie: str
    mark: bytes
    count: int | None


@dataclass(frozen=True)
class Drive:
    """What one drive of one server showed; times in milliseconds."""

    times: list[float]
    errors: list[str]
    seconds: float
    bytes: int
    cpu_ms: float
    foreign_cores: float

    def percentile(self, share: float) -> float:
        """Return the time that this share of the answers came within."""
        ordered = sorted(self.times)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    @property
    def per_second(self) -> float:
        """Return answers a second."""
        return len(self.times) / self.seconds


def drive(port: int, pid: int, asks: Sequence[Ask], *, requests: int, threads: int = 1, seed: int = 1) -> Drive:
    """Send so many requests, picked at random so that no row is hot, over as many connections as threads."""
    times: list[float] = []
    errors: list[str] = []
    sizes: list[int] = []
    shares = [requests // threads + (n < requests % threads) for n in range(threads)]
    workers = [
        threading.Thread(target=_loop, args=(port, asks, share, Random(seed * 1000 + n), times, errors, sizes))  # noqa: S311 - picks rows, not secrets
        for n, share in enumerate(shares)
    ]
    before, began = _cpu(pid), time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    seconds, after = time.perf_counter() - began, _cpu(pid)
    own, busy = after[0] - before[0], after[1] - before[1]
    foreign = max(0.0, busy - own - (after[2] - before[2])) / seconds
    return Drive(times, errors, seconds, sizes[-1] if sizes else 0, 1000 * own / max(1, len(times)), foreign)


def _loop(
    port: int,
    asks: Sequence[Ask],
    requests: int,
    random: Random,
    times: list[float],
    errors: list[str],
    sizes: list[int],
) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        for _ in range(requests):
            ask = random.choice(asks)
            began = time.perf_counter()
            connection.request("GET", ask.path, headers={"Cookie": ask.cookie, "Connection": "keep-alive"})
            answer = connection.getresponse()
            body = answer.read()
            times.append(1000 * (time.perf_counter() - began))
            sizes.append(len(body))
            found = body.count(ask.mark)
            if answer.status != http.HTTPStatus.OK or not found or ask.count not in {None, found}:
                errors.append(f"{ask.path}: status {answer.status}, {found} of {ask.mark!r}")
    except OSError as problem:
        errors.append(f"port {port}: {problem}")
    finally:
        connection.close()


def until(ready: Callable[[], bool], *, seconds: float) -> bool:
    """Tell whether it became ready within the time; looks twenty times a second."""
    last = time.monotonic() + seconds
    while time.monotonic() < last:
        if ready():
            return True
        time.sleep(0.05)
    return False


def _cpu(pid: int) -> tuple[float, float, float]:
    """Return CPU seconds of the server, of the whole machine and of this process; zeros where the system does not tell."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        fields = [int(n) for n in Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()[1:]]
    except OSError:
        return 0.0, 0.0, 0.0
    idle = fields[3] + fields[4]
    own = (int(stat[11]) + int(stat[12])) / TICKS
    return own, (sum(fields[:8]) - idle) / TICKS, time.process_time()
