"""The response to a notification of an acquirer."""

from typing import Literal

from chalicelib.api.responses.view import View


class NotificationView(View):
    """The notification is valid. The response does not depend on what it names."""

    status: Literal["received"] = "received"
