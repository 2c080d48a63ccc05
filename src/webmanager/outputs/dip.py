"""DIP switches of this host: each a kernel file that says 0 or 1, as `/sys/class/gpio/gpio5/value`."""

import logging
from pathlib import Path

from webmanager.domain.errors import ConfigError
from webmanager.domain.panel import Dips
from webmanager.language.spoken import marked

log = logging.getLogger(__name__)


class FileDips:
    """Reads two kernel files; one that cannot be read counts as in normal mode, so that nobody is locked out."""

    fixed_by = marked("they are switches of this host")

    def __init__(self, one: Path, two: Path) -> None:
        self._one = one
        self._two = two

    def read(self) -> Dips:
        """The positions now."""
        normal = Dips()
        return Dips(_is_on(self._one, normal.one), _is_on(self._two, normal.two))

    def move(self, dips: Dips) -> None:
        """Refuses: a hand has to."""
        raise ConfigError(f"the DIP switches cannot be moved here: {self.fixed_by}")


def _is_on(path: Path, otherwise: bool) -> bool:
    try:
        return path.read_text(encoding="ascii").strip() not in {"", "0"}
    except (OSError, ValueError) as error:
        log.warning("DIP switch %s cannot be read and counts as in normal mode: %s", path, error)
        return otherwise
