"""Page *Web Links*: addresses worth having at hand."""

from urllib.parse import urlsplit

from pydantic import ConfigDict, Field, field_validator

from webmanager.settings.section import Section


class LinkSettings(Section):
    """One address."""

    name: str = Field(min_length=1, max_length=60, description="What the link says.")
    url: str = Field(max_length=500, title="Address", description="Absolute, http or https.")

    @field_validator("url")
    @classmethod
    def _is_a_web_address(cls, url: str) -> str:
        try:
            parts = urlsplit(url)
        except ValueError:
            parts = urlsplit("")
        if parts.scheme not in {"http", "https"} or not parts.hostname or not url.isprintable() or " " in url:
            raise ValueError("an absolute http or https address is expected")
        if parts.username or parts.password:
            raise ValueError("a name or password does not belong in a link")
        return url


class LinksSettings(Section):
    """Page *Web Links*: the links of this device."""

    model_config = ConfigDict(title="Own links")

    links: tuple[LinkSettings, ...] = Field((), max_length=30, description="Shown on the page Web Links.")
