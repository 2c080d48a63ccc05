"""Texts for protocols that know ASCII only."""

_SPELLED = str.maketrans(
    {
        "°": "deg ",
        "−": "-",
        "–": "-",
        "—": "-",
        "×": "x",
        "…": "...",
        "Ω": "Ohm",
        "µ": "u",
        "“": '"',
        "”": '"',
        "’": "'",
    }
    | {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss"}
)


def to_ascii(text: str) -> str:
    """The text in ASCII: what can be spelled is, anything else becomes a question mark."""
    return text.translate(_SPELLED).encode("ascii", "replace").decode("ascii")
