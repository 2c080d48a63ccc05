"""Page *UPS Model & System*: the language and the decimal sign of pages."""

from typing import Literal

from pydantic import Field

from webmanager.settings.section import Section


class LocaleSettings(Section):
    """How the device speaks to people; programs always get English, and points in numbers."""

    language: Literal["en", "de"] = Field(
        "en", description="Language of pages for a browser that prefers none of ours; each user can choose another."
    )
    decimal_sign: Literal["language", "comma", "point"] = Field(
        "language", description="Decimal sign of figures on pages; language: as the language of the page has it."
    )
