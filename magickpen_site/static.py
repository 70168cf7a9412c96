"""Static files: collected once per content under hashed names, and served without leaving the event loop."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest, HttpResponse
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.storage import CompressedManifestStaticFilesStorage


class Middleware(WhiteNoiseMiddleware):
    """WhiteNoise, at home in async Django too.

    The stock one is synchronous: under ASGI every request would take a thread on its way to the view, and a file
    would be answered as a synchronous stream, which Django reads whole with a warning. Ours are small enough to read.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Any) -> None:
        super().__init__(get_response)
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Any:
        return self._answer(request) if iscoroutinefunction(self) else super().__call__(request)

    async def _answer(self, request: HttpRequest) -> Any:
        answer = super().__call__(request)
        return answer if isinstance(answer, HttpResponse) else await answer

    @staticmethod
    def serve(static_file: Any, request: HttpRequest) -> HttpResponse:
        found = static_file.get_response(request.method, request.META)
        response = HttpResponse(status=found.status)
        del response["Content-Type"]
        for name, value in found.headers:
            response[name] = value
        if found.file is not None:
            with found.file:
                response.content = found.file.read()
        return response


class Storage(CompressedManifestStaticFilesStorage):
    """Hashed names, also inside the import statements of scripts; remembers from what content it was collected."""

    support_js_module_import_aggregation = True

    def post_process(self, *args: Any, dry_run: bool = False, **options: Any) -> Iterator[Any]:
        """As ever; and all of it can be read by another user, under whom a web server may hand it out."""
        yield from super().post_process(*args, dry_run=dry_run, **options)
        if not dry_run:
            _open_to_all(Path(self.location))

    def save_manifest(self) -> None:
        super().save_manifest()
        (Path(self.location) / "fingerprint").write_text(fingerprint(), encoding="ascii")


def _open_to_all(directory: Path) -> None:
    for path in [directory, *directory.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)


def is_collected() -> bool:
    """Whether `collectstatic` has nothing to do, or never has, because names carry no hash."""
    if not isinstance(staticfiles_storage, Storage):
        return True
    path = Path(staticfiles_storage.location) / "fingerprint"
    return path.exists() and path.read_text(encoding="ascii") == fingerprint()


def fingerprint() -> str:
    """A digest of every static file's name and content."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            with storage.open(name) as file:
                digest.update(f"{name}\0{file.size}\0".encode())
                digest.update(file.read())
    return digest.hexdigest()
