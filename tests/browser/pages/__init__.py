"""The web pages that tests put on a merchant's site."""

from pathlib import Path


def render(name: str, **values: str) -> str:
    """The page of that name, with every `{{placeholder}}` filled."""
    page = Path(__file__).with_name(name).read_text()
    for placeholder, value in values.items():
        page = page.replace("{{" + placeholder + "}}", value)
    assert "{{" not in page, f"{name} has a placeholder that was not filled"
    return page
