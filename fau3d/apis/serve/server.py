"""The web app's beginning and end."""

import socket
from collections.abc import Callable

import uvicorn

from fau3d.apis.serve.app import build_app
from fau3d.apis.serve.settings import ServeSettings


def open_server(settings: ServeSettings) -> tuple[uvicorn.Server, socket.socket]:
    """Take the port and put the server together; `server.run([socket])` serves until it is told to stop.

    Raises:
        OSError: If the address is not this machine's or the port is taken.
        FileNotFoundError: If there is no model to offer.
        ValueError: If the extractor is unknown.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        listener = socket.create_server((settings.host, settings.port), family=family)
    except OSError as error:
        raise OSError(
            f"cannot listen on {settings.host} port {settings.port}: {error.strerror or error}; "
            "name another port with --port, 0 for any that is free"
        ) from error
    try:
        config = uvicorn.Config(
            build_app(settings),
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            ws="none",
            timeout_graceful_shutdown=3,
        )
    except BaseException:
        listener.close()
        raise
    return uvicorn.Server(config), listener


def address_of(settings: ServeSettings, listener: socket.socket) -> str:
    """Give the address that a browser opens."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.host, settings.host)
    if ":" in host and not host.startswith("["):
        host = f"[{host}]"
    return f"http://{host}:{listener.getsockname()[1]}/"


def serve(settings: ServeSettings, ready: Callable[[str], None]) -> None:
    """Serve until the process is told to stop; then everything that was uploaded or made is deleted.

    Args:
        settings: What the app allows.
        ready: Called with the address once the port is taken.

    Raises:
        OSError: If the port cannot be taken.
        FileNotFoundError: If there is no model to offer.
        ValueError: If the extractor is unknown.
    """
    server, listener = open_server(settings)
    with listener:
        ready(address_of(settings, listener))
        server.run([listener])
