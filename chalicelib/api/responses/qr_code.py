"""The QR code of a UPI link, as an image."""

import io
from typing import ClassVar, Self

from pydantic import ConfigDict, RootModel

from chalicelib.api.responses.view import View

_PIXELS_PER_MODULE = 8
_QUIET_ZONE = 4  # modules, ISO/IEC 18004


class QrCodeView(View, RootModel[str]):
    """An SVG image: dark on white, so that it can be scanned from pages in dark mode too."""

    model_config = ConfigDict(frozen=True)
    CONTENT_TYPE: ClassVar[str] = "image/svg+xml"

    @classmethod
    def of(cls, link: str) -> Self:
        """The QR code of ``link``, with error correction level M."""
        import segno  # noqa: PLC0415 - 40 ms of a cold start, for this route only

        image = io.BytesIO()
        segno.make(link, micro=False, error="m", boost_error=False).save(
            image, kind="svg", scale=_PIXELS_PER_MODULE, border=_QUIET_ZONE, light="#fff", xmldecl=False
        )
        return cls(image.getvalue().decode())

    def render(self) -> str:
        """The SVG document."""
        return self.root
