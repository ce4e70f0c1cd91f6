"""The addresses of the web app and what they answer."""

import asyncio
import contextlib
import tempfile
import zipfile
from collections.abc import AsyncIterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import anyio
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import QueryParams
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

import fau3d
from fau3d.apis.serve.content import HEAD_BYTES, Kind, RefusedUpload, check_upload, kind_of
from fau3d.apis.serve.guards import Guard
from fau3d.apis.serve.jobs import Job, Jobs, TooBusy
from fau3d.apis.serve.settings import ServeSettings
from fau3d.apis.serve.work import Models, run_job

MOST_FACES = 5
_SWEEP_SECONDS = 5.0
_DRAIN_SECONDS = 5.0
_ASSETS = {
    "/": ("page.html", "text/html"),
    "/page.css": ("page.css", "text/css"),
    "/page.js": ("page.js", "text/javascript"),
    "/result.js": ("result.js", "text/javascript"),
    "/camera.js": ("camera.js", "text/javascript"),
    "/icon.svg": ("icon.svg", "image/svg+xml"),
}
_MEDIA = {
    ".csv": "text/csv",
    ".json": "application/json",
    ".mp4": "video/mp4",
    ".png": "image/png",
    ".html": "text/html",
}
# A report page brings its own, stricter policy, with the digests of its script and style; both hold.
_REPORT_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src 'self' data:; "
    "media-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)


def build_app(settings: ServeSettings) -> Starlette:
    """Put the web app together; its folder is made now and deleted when it shuts down.

    Raises:
        FileNotFoundError: If there is no model to offer.
        ValueError: If the extractor is unknown.
    """
    models = Models(settings)
    addresses = _Addresses(settings, models, Jobs(settings, lambda job: run_job(job, models)))
    routes = [Route(path, _asset(*asset)) for path, asset in _ASSETS.items()]
    routes += [
        Route("/about", addresses.about),
        Route("/jobs", addresses.send, methods=["POST"]),
        Route("/jobs/{job}", addresses.tell),
        Route("/jobs/{job}", addresses.delete, methods=["DELETE"]),
        Route("/jobs/{job}/all.zip", addresses.all_files),
        Route("/jobs/{job}/files/{file}", addresses.file),
    ]
    return Starlette(
        routes=routes, lifespan=addresses.lifespan, middleware=[Middleware(Guard, settings=settings)]
    )


def _asset(name: str, media_type: str) -> Any:
    content = files(__package__).joinpath("assets", name).read_bytes()

    async def give(request: Request) -> Response:
        return Response(content, media_type=media_type)

    return give


class _Addresses:
    """What the addresses of one app share."""

    def __init__(self, settings: ServeSettings, models: Models, jobs: Jobs) -> None:
        self._settings, self._models, self._jobs = settings, models, jobs

    @contextlib.asynccontextmanager
    async def lifespan(self, app: Starlette) -> AsyncIterator[None]:
        """Delete what is out of date while the app runs, and everything at its end."""
        sweeper = asyncio.create_task(self._sweep())
        try:
            yield
        finally:
            sweeper.cancel()
            await run_in_threadpool(self._jobs.close)
            self._models.close()

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(min(_SWEEP_SECONDS, self._settings.keep_seconds / 4))
            await run_in_threadpool(self._jobs.sweep)

    async def about(self, request: Request) -> Response:
        """Say what can be chosen, and the limits."""
        settings = self._settings
        return JSONResponse(
            {
                "version": fau3d.__version__,
                "models": list(self._models.offered),
                "most_faces": MOST_FACES,
                "max_bytes": settings.max_bytes,
                "max_seconds": settings.max_seconds,
                "keep_seconds": settings.keep_seconds,
                "local": settings.local,
            }
        )

    async def send(self, request: Request) -> Response:
        """Take an upload: the body is the file, as it is."""
        try:
            wanted = self._wanted(request.query_params)
        except ValueError as error:
            return _refuse(400, str(error))
        length = request.headers.get("content-length", "")
        if length.isdecimal() and int(length) > self._settings.max_bytes:
            return _refuse(413, self._too_large())
        try:
            job = self._jobs.open(wanted)
        except TooBusy as error:
            return _refuse(503, str(error))
        kept = False
        try:
            kind = await self._store(request, job)
            assert job.upload is not None
            await run_in_threadpool(check_upload, job.upload, kind, self._settings)
            job.image = kind.image
            self._jobs.submit(job)
            kept = True
        except RefusedUpload as error:
            await self._drain(request)
            return _refuse(413 if str(error) == self._too_large() else 415, str(error))
        except (ClientDisconnect, TimeoutError):
            return _refuse(408, "The upload stopped before its end; send it again.")
        finally:
            if not kept:
                await run_in_threadpool(self._jobs.delete, job)
        return JSONResponse({"job": job.name}, 201)

    def _wanted(self, query: QueryParams) -> dict[str, Any]:
        model = query.get("model") or next(iter(self._models.offered))
        faces, overlay, rest = query.get("faces", "1"), query.get("overlay", "1"), query.get("rest", "0")
        if model not in self._models.offered:
            raise ValueError(f"There is no such model; there are {', '.join(self._models.offered)}.")
        if faces not in map(str, range(1, MOST_FACES + 1)) or not {overlay, rest} <= {"0", "1"}:
            raise ValueError(f"Wanted 1 to {MOST_FACES} faces, and 0 or 1 for the overlay and the rest.")
        return {"model": model, "faces": int(faces), "overlay": overlay == "1", "rest": rest == "1"}

    async def _store(self, request: Request, job: Job) -> Kind:
        """Write the body to disk piece by piece; refuse as soon as it is known to be wrong."""
        path, head, kind, size = job.folder / "upload", b"", None, 0
        stream = request.stream()
        with path.open("xb") as file:
            while True:
                with anyio.fail_after(self._settings.stall_seconds):
                    chunk = await anext(stream, None)
                if chunk is None:
                    break
                size += len(chunk)
                if size > self._settings.max_bytes:
                    raise RefusedUpload(self._too_large())
                if kind is None:
                    head += chunk[:HEAD_BYTES]
                    kind = kind_of(head) if len(head) >= HEAD_BYTES else None
                await run_in_threadpool(file.write, chunk)
        if not size:
            raise RefusedUpload("The file is empty.")
        kind = kind or kind_of(head)
        job.upload = path.rename(path.with_name(("image" if kind.image else "video") + kind.suffix))
        return kind

    async def _drain(self, request: Request) -> None:
        """Read the rest of a refused upload for a while: a browser shows no answer before it has sent all."""
        with contextlib.suppress(ClientDisconnect, RuntimeError), anyio.move_on_after(_DRAIN_SECONDS):
            async for _ in request.stream():
                pass

    def _too_large(self) -> str:
        return f"The file is too large; up to {self._settings.max_bytes / 1e6:g} MB are taken."

    async def tell(self, request: Request) -> Response:
        """Say how far an analysis is, and its result."""
        job = self._jobs.find(request.path_params["job"])
        if job is None:
            return _gone()
        answer = {
            "state": job.state,
            "ahead": self._jobs.ahead(job),
            "frames": job.frames,
            "total": job.total,
            "drawing": job.drawing,
        }
        if job.state == "failed":
            answer["error"] = job.error
        if job.state == "done":
            answer["result"] = job.result
        return JSONResponse(answer)

    async def delete(self, request: Request) -> Response:
        """Delete an upload and its results now; stop its analysis."""
        job = self._jobs.find(request.path_params["job"])
        if job is not None:
            await run_in_threadpool(self._jobs.delete, job)
        return Response(status_code=204)

    async def file(self, request: Request) -> Response:
        """Give one result. Its name is looked up among those that there are, so it leads nowhere else."""
        job = self._jobs.find(request.path_params["job"])
        path = None if job is None or job.state != "done" else job.files.get(request.path_params["file"])
        if path is None or not path.is_file():
            return _gone()
        media_type = _MEDIA.get(path.suffix, "application/octet-stream")
        headers = {"content-security-policy": _REPORT_POLICY} if path.suffix == ".html" else {}
        if "download" in request.query_params:
            return FileResponse(path, media_type=media_type, filename=f"fau3d-{path.name}")
        return FileResponse(path, media_type=media_type, headers=headers)

    async def all_files(self, request: Request) -> Response:
        """Give all results as one archive."""
        job = self._jobs.find(request.path_params["job"])
        if job is None or job.state != "done":
            return _gone()
        archive = await run_in_threadpool(_pack, job)
        clean = BackgroundTask(archive.unlink, missing_ok=True)
        return FileResponse(
            archive, media_type="application/zip", filename="fau3d-results.zip", background=clean
        )


def _pack(job: Job) -> Path:
    with tempfile.NamedTemporaryFile(dir=job.folder, suffix=".zip", delete=False) as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=5) as archive:
            for name, path in job.files.items():
                # What is compressed already is only put in.
                kind = zipfile.ZIP_STORED if path.suffix in (".mp4", ".png") else zipfile.ZIP_DEFLATED
                archive.write(path, f"fau3d-results/{name}", kind)
        return Path(file.name)


def _refuse(status: int, sentence: str) -> Response:
    return JSONResponse({"error": sentence}, status)


def _gone() -> Response:
    return _refuse(404, "There is nothing here any more: results are deleted after a while, or when asked.")
