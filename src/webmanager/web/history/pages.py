"""The pages History and Storage: each handler builds one view and renders one template."""

from aiohttp import web

from webmanager.web.frame.page import for_people, render
from webmanager.web.frame.shell import shell
from webmanager.web.history.views import history_view, storage_view
from webmanager.web.site.site import SITE


async def history(request: web.Request) -> web.Response:
    """Curves of what is stored."""
    view = await history_view(request.app[SITE], shell(request, "history"), request.query)
    return render(request, "history.html", view)


async def storage(request: web.Request) -> web.Response:
    """The store: budget, reach, wear, files."""
    status = await request.app[SITE].history.status()
    return render(request, "storage.html", storage_view(shell(request, "storage"), status))


def add_history_pages(app: web.Application) -> None:
    """Puts the pages into an application."""
    app.router.add_get("/history", for_people(history))
    app.router.add_get("/storage", for_people(storage))
