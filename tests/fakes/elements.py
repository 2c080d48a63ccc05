"""The elements of a page."""

from html.parser import HTMLParser


class Elements(HTMLParser):
    """All elements of a page as (tag, attributes)."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def of(self, tag: str, **attributes: str) -> list[dict[str, str | None]]:
        """Attributes of all elements of a tag that have these."""
        return [one for name, one in self.found if name == tag and attributes.items() <= one.items()]
