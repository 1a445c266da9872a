"""How many threads a training may take on a machine that others use too.

Two threads that compete with somebody else are slower than one (five times, measured), so a second is taken only
while the rest of the machine is all but idle.
"""

import os
import time
from pathlib import Path

IDLE = 0.2  # cores that others may use for it to count as idle
SECONDS = 8.0


class Share:
    def __init__(self) -> None:
        self._cores = os.cpu_count() or 1
        self._now = 1
        self._last = self._read()

    def _read(self) -> tuple[float, float, float]:
        """Clock, this process's CPU seconds, and the whole machine's."""
        fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
        idle = float(fields[3]) + float(fields[4])
        busy = (sum(map(float, fields[:8])) - idle) / os.sysconf("SC_CLK_TCK")
        own = os.times()
        return time.monotonic(), own.user + own.system, busy

    def threads(self) -> int:
        """The number to use from now on. Cheap; the answer changes every SECONDS at most."""
        clock, own, busy = self._read()
        seconds = clock - self._last[0]
        if seconds >= SECONDS:
            others = (busy - self._last[2] - (own - self._last[1])) / seconds
            self._now = self._cores if others < IDLE else max(1, self._cores - 1)
            self._last = (clock, own, busy)
        return self._now
