"""The logs of the functions' processes, without waiting.

After each invocation, MiniStack waits until a process has written nothing for some milliseconds, and reads
its log once a millisecond. Here the process marks the end of an invocation in its log.
"""

import queue
import time
from typing import Any

END = "--- end of the invocation ---"
MAX_WAIT_S = 0.25  # for the mark, which a process that ended does not write

# The last lines of the program of a process, and the same lines with the mark. The mark is written first, so
# that it can be read when the response has arrived.
_RESPONSE = "        _real_stdout.flush()\n\nrun()"
_MARKED = f"        sys.stderr.write({END + chr(10)!r})\n        sys.stderr.flush()\n{_RESPONSE}"


def mark_logs(runtime: Any) -> None:
    """Let the processes of ``runtime``, MiniStack's module, mark the end of an invocation."""
    runtime._PYTHON_WORKER_SCRIPT = runtime._PYTHON_WORKER_SCRIPT.replace(_RESPONSE, _MARKED)
    runtime.Worker._drain_stderr_bounded = lambda worker: log_of(worker._stderr_queue)


def log_of(lines: "queue.Queue[str]") -> str:
    """The lines of one invocation, which the mark ends."""
    deadline, log = time.monotonic() + MAX_WAIT_S, list[str]()
    try:
        while (line := lines.get(timeout=max(0.0, deadline - time.monotonic()))) != END:
            log.append(line)
    except queue.Empty:
        pass
    return "\n".join(log)
