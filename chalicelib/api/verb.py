"""How views are registered: with what they take and return, checked against their signatures."""

from collections.abc import Callable
from typing import Any, TypedDict, TypeVar, Unpack, overload

from chalicelib.api.call import Call
from chalicelib.api.endpoint import Endpoint
from chalicelib.api.input import Input
from chalicelib.api.responses.view import View
from chalicelib.domain.errors import GatewayError
from chalicelib.services.once import Answer

Asked = TypeVar("Asked", bound=Input)
Shown = TypeVar("Shown", bound=View)
Plain = Callable[[Call], Shown | Answer]
Asking = Callable[[Call, Asked], Shown | Answer]


class Options(TypedDict, total=False):
    """What else may be said of a route; see ``Endpoint``."""

    public: bool
    session_only: bool
    once: bool
    raises: tuple[type[GatewayError], ...]


class Verb:
    """Registers the views of one method."""

    def __init__(self, method: str, add: Callable[[Endpoint], None]) -> None:
        self._method = method
        self._add = add

    @overload
    def __call__(
        self, path: str, *, returns: type[Shown], **options: Unpack[Options]
    ) -> Callable[[Plain[Shown]], Plain[Shown]]: ...

    @overload
    def __call__(
        self, path: str, *, takes: type[Asked], returns: type[Shown], **options: Unpack[Options]
    ) -> Callable[[Asking[Asked, Shown]], Asking[Asked, Shown]]: ...

    def __call__(self, path: str, **declared: Any) -> Callable[[Any], Any]:
        """Register the decorated view for ``path``. It is authenticated unless it is ``public``."""

        def register(view: Any) -> Any:
            self._add(Endpoint(method=self._method, path=path, view=view, **declared))
            return view

        return register
