"""Who may ask, and what every answer says to the browser."""

import ipaddress
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fau3d.apis.serve.settings import LOOPBACK, ServeSettings

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self' blob:; "
    "connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""What the page may load: nothing but what this server gives."""

_SAFE_METHODS = ("GET", "HEAD")
_HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(self), microphone=(), geolocation=()",
}


class Guard:
    """Middleware that refuses foreign hosts and origins, and puts the headers on every answer.

    A page elsewhere can make its visitor's browser ask this server. It cannot read the answers; that it
    changes something is prevented by `Origin`, which browsers put on each such request and scripts cannot
    set. A page whose own name is made to point here (DNS rebinding) could read them; it is known by `Host`.

    Args:
        app: What is guarded.
        settings: Under which names the app may be asked for.
    """

    def __init__(self, app: ASGIApp, settings: ServeSettings) -> None:
        self._app = app
        self._local = settings.local
        self._names = {name.lower() for name in (*LOOPBACK, settings.host, *settings.names)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer or refuse one request."""
        if scope["type"] == "websocket":  # closed before it is accepted: there are none here
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        refusal = self._refusal(scope["method"], Headers(scope=scope))
        app = self._app if refusal is None else JSONResponse({"error": refusal}, 403)
        await app(scope, receive, send_with_headers)

    def _refusal(self, method: str, headers: Headers) -> str | None:
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not self._is_ours(hosts[0]):
            return (
                "This address is not a name of this server; open it as localhost, "
                "or start it with --host and --name NAME."
            )
        if method in _SAFE_METHODS:
            return None
        ours = {f"{scheme}://{hosts[0].lower()}" for scheme in ("http", "https")}  # a proxy may add the s
        if headers.get("origin", "").lower() not in ours:
            return "Only the page of this server itself may send files to it."
        return None

    def _is_ours(self, host: str) -> bool:
        try:
            parts = urlsplit(f"//{host}")
            name = parts.hostname or ""
            _ = parts.port  # refuses what is no number
        except ValueError:
            return False
        if parts.path or parts.query or parts.fragment or "@" in host:
            return False
        if name in self._names:
            return True
        if self._local:
            return False
        # A number is no name that somebody could point here.
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True
