"""One row of the table that `make bench` prints."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """A figure with its unit; `limit` is what it must stay under (or over), in words."""

    what: str
    figure: float
    unit: str
    limit: str = ""

    @property
    def shown(self) -> str:
        """The figure with three significant digits."""
        return f"{self.figure:.3g}" if abs(self.figure) < 1000 else f"{self.figure:,.0f}"
