"""Whether the network of this host is connected, as its kernel says."""

from pathlib import Path

from webmanager.domain.panel import Link

INTERFACES = Path("/sys/class/net")


def link_state(root: Path = INTERFACES) -> Link:
    """The first interface with a carrier, loopback left out; not up if there are only ones without."""
    try:
        names = sorted(path.name for path in root.iterdir() if path.name != "lo")
    except OSError:
        return Link(None)
    for name in names:
        if _said(root / name / "carrier") == "1":
            speed = _said(root / name / "speed")
            return Link(True, f"{name}, {speed} Mbit/s" if speed.isdigit() and int(speed) > 0 else name)
    return Link(False, ", ".join(names)) if names else Link(None)


def _said(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""
