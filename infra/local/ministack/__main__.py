"""`python -m infra.local.ministack`: MiniStack with snapshots, for `make run`.

MiniStack's environment variables configure it. Its standard input is a pipe from the parent process. It reads
no queue and no stream before the stack is deployed: a deployment ends the processes of the functions.
"""

import os

# The functions inherit the environment, and must not import this project's modules from the source tree.
os.environ.pop("PYTHONPATH", None)

from pathlib import Path

import hypercorn.asyncio.run
import ministack.app
from ministack.core import lambda_runtime
from ministack.core.persistence import PERSIST_STATE, STATE_DIR
from ministack.services import dynamodb, lambda_svc, sqs
from ministack.services.cloudformation import provisioners

from infra.local.ministack import connections
from infra.local.ministack.alarms import accept_expressions
from infra.local.ministack.items import copy_faster
from infra.local.ministack.parent import follow_parent
from infra.local.ministack.pollers import Pollers
from infra.local.ministack.pool import Pool
from infra.local.ministack.saver import Saver
from infra.local.ministack.snapshot import Snapshots
from infra.local.ministack.state import State
from infra.local.ministack.streams import retry_partial_failures
from infra.local.ministack.workers import mark_logs


def main() -> None:
    """Serve until SIGTERM, or until the parent exits."""
    pollers = Pollers(service=lambda_svc, queues=sqs, streams=dynamodb)
    pollers.install()
    follow_parent(on_deployed=pollers.start)
    connections.install(hypercorn.asyncio.run)
    copy_faster(dynamodb)
    Pool(lambda_svc, lambda_runtime).install()
    retry_partial_failures(lambda_svc)
    mark_logs(lambda_runtime)
    accept_expressions(provisioners)
    if PERSIST_STATE:
        state = State(Snapshots(Path(STATE_DIR)))
        saver = Saver(state.save)
        ministack.app.app = saver.watch(ministack.app.app)
        ministack.app.load_state = state.load
        ministack.app.save_all = lambda _services: saver.save_at_exit()
    ministack.app.main()


main()
