"""Page *Firmware Update*: where releases are looked up. The key that signs them is in the hardware file."""

from urllib.parse import urlsplit

from pydantic import Field, field_validator

from webmanager.settings.section import Section


class UpdateSettings(Section):
    """An index of releases; nothing is asked unless somebody asks for it or `daily` is on."""

    index_url: str = Field("", max_length=500, description="Web address of the index of releases; empty = none.")
    daily: bool = Field(False, description="Look once a day by itself; otherwise only when somebody asks for it.")
    allow_local: bool = Field(False, description="Allow addresses of this host and of its own link.")
    ca_file: str = Field("", max_length=200, description="Own certificate authority, PEM.")

    @field_validator("index_url")
    @classmethod
    def _is_web_address(cls, given: str) -> str:
        if not given:
            return given
        try:
            parts = urlsplit(given)
            is_fine = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
        except ValueError:
            is_fine = False
        if not is_fine or any(ord(character) <= 32 or ord(character) == 127 for character in given):
            raise ValueError("an absolute http or https address without blanks is expected")
        if parts.username or parts.password:
            raise ValueError("a name or password does not belong in the address")
        return given
