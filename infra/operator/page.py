"""The commands `page-inventory` and `watch-page`: the scripts of the payment page."""

import argparse
import os

from infra.arguments import Commands, add_command, add_stage
from infra.aws import Aws
from infra.deploy.page_inventory import Inventory, expected_headers, page_inventory
from infra.deploy.stack import Stack
from infra.local.ports import Ports
from infra.page_check import differences
from infra.sites import Addresses, Mode
from infra.stage import Stage


def add_commands(commands: Commands) -> None:
    """Add the commands."""
    inventory = add_stage(
        add_command(
            commands,
            "page-inventory",
            _page_inventory,
            "print each script of a stage's payment page with its hash and purpose",
        ),
        default="local",
    )
    inventory.add_argument("--json", action="store_true", help="print JSON instead of Markdown")
    add_stage(
        add_command(
            commands,
            "watch-page",
            _watch_page,
            "compare a stage's live payment page with the inventory of this version of the sources",
        ),
        default="local",
    )


def _page_inventory(arguments: argparse.Namespace) -> int:
    _, inventory = _of_stage(arguments.stage)
    print(inventory.as_json() if arguments.json else inventory.as_markdown())
    return 0


def _watch_page(arguments: argparse.Namespace) -> int:
    addresses, inventory = _of_stage(arguments.stage)
    found = differences(addresses.checkout_url, inventory.expected())
    for difference in found:
        print(difference)
    if found:
        print(
            f"\n{len(found)} differences. If another version of the sources is deployed, check out its "
            "commit and repeat the command. Otherwise, see 'The payment page changed' in docs/operations.md."
        )
        return 1
    scripts, pages = len(inventory.scripts), len(inventory.pages)
    print(f"{addresses.checkout_url}: {scripts} scripts and {pages} pages match the inventory.")
    return 0


def _of_stage(name: str) -> tuple[Addresses, Inventory]:
    """The addresses of a stage and its inventory. 1 request, none for a local stage."""
    if Stage(name).is_local:
        addresses, headers = _local_addresses(name), {"X-Content-Type-Options": "nosniff"}
        return addresses, page_inventory(addresses, headers)
    outputs = Stack(Stage(name), Aws()).outputs()
    addresses = Addresses.on_aws(outputs, name)
    return addresses, page_inventory(addresses, expected_headers(outputs))


def _local_addresses(stage: str) -> Addresses:
    ports = Ports.chosen(os.environ)
    return Addresses(
        api_url=f"http://localhost:{ports.api}",
        checkout_url=f"http://localhost:{ports.checkout}",
        mode=Mode.of_stage(stage),
        merchant_server_url=f"http://localhost:{ports.receiver}",
    )
