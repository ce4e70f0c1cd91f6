"""A local web app: a video or image goes in through a page, its action units come out on it.

content     what an upload is, by its bytes and by what a decoder says
folder      where uploads and results lie while they are there
jobs        uploads, the queue, the worker, and how all of it is deleted
work        one analysis, and its result as the page shows it
guards      who may ask: names of the host, origins, and headers of every answer
app         addresses and answers
server      the socket, the start and the end
"""

from typing import Any

_HOME = {"ServeSettings": "fau3d.apis.serve.settings", "serve": "fau3d.apis.serve.server"}
__all__ = list(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'fau3d.apis.serve' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOME[name]), name)
