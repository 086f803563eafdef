"""The response body of planned declines."""

from collections.abc import Sequence

from chalicelib.api.responses.view import View
from chalicelib.domain.decline import DeclineCode


class PlannedDeclinesView(View):
    """The codes with which the next payments will be declined, in their order."""

    STATUS = 201

    planned: Sequence[DeclineCode]
