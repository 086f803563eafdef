"""Run axe-core on a page or a frame."""

from pathlib import Path

from playwright.sync_api import Frame, Page, expect

_SOURCE = Path(__file__).with_name("node_modules") / "axe-core" / "axe.min.js"
# Finite animations are finished first, because axe-core would see half-faded colours; infinite ones continue.
_RUN = """async () => {
  for (const animation of document.getAnimations()) {
    if (animation.effect.getComputedTiming().endTime < Infinity) animation.finish();
  }
  const { passes, violations } = await axe.run(document, { iframes: false, resultTypes: ["violations"] });
  return { passes: passes.length, violations };
}"""


def violations(frame: Page | Frame) -> list[str]:
    """The violations that axe-core finds, with their locations and reasons.

    It waits until no view reloads, because a view is dimmed for that moment.
    """
    expect(frame.locator(".again")).to_have_count(0)
    if not frame.evaluate("() => 'axe' in window"):
        frame.evaluate(_SOURCE.read_text())
    result = frame.evaluate(_RUN)
    assert result["passes"], "axe-core checked nothing"
    return [
        f"{violation['id']} at {node['target']}: {node['failureSummary']}"
        for violation in result["violations"]
        for node in violation["nodes"]
    ]
