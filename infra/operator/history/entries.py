"""An entry of the history of a payment."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.times import iso


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One fact: a time in a row, or a line of a log. ``source`` names the table or the function."""

    at: datetime
    source: str
    text: str

    def __str__(self) -> str:
        return f"{iso(self.at)}  {self.source:<18}  {self.text}"
