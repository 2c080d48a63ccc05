"""Looks at everything on a flash: what is there, what of it can be read, and what that says about the store."""

from dataclasses import dataclass, field

from webmanager.domain.errors import StoreError
from webmanager.store.events import unpack_events
from webmanager.store.ledger import Ledger
from webmanager.store.sections import SectionKind
from webmanager.store.volumes import Volume


@dataclass
class Findings:
    """What was looked at, and what is wrong, one line each."""

    volumes: int = 0
    parts: int = 0
    rows: int = 0
    events: int = 0
    wrong: list[str] = field(default_factory=list)


def verify(ledger: Ledger) -> Findings:
    """Reads every part, page and event of every volume, and compares their order."""
    found = Findings()
    view = ledger.view()
    for kind, volumes in (("minutes", view.minutes), ("roll-up", view.rollups), ("recording", view.recordings)):
        former: Volume | None = None
        for volume in volumes:
            name = f"{kind} {volume.id}"
            _verify_volume(ledger, volume, name, found)
            if former is not None and kind != "recording" and volume.label.start < former.label.end:
                found.wrong.append(f"{name}: begins before the one before it ends")
            former = volume
    found.rows += sum(len(tail) for tail in view.tails)
    found.events += len(view.events)
    if ledger.volumes.damaged:
        found.wrong.append(f"{ledger.volumes.damaged} volumes whose first part cannot be read")
    return found


def _verify_volume(ledger: Ledger, volume: Volume, name: str, found: Findings) -> None:
    found.volumes += 1
    found.parts += len(volume.sectors)
    found.wrong += [f"{name}: part {part} cannot be read" for part in ledger.volumes.unreadable(volume)]
    try:
        for section in ledger.sections(volume):
            if section.kind is SectionKind.EVENTS:
                found.events += len(unpack_events(section.content()))
            elif section.kind is not SectionKind.RUNS:
                block = section.block.block()
                found.rows += block.axis.size if section.kind is SectionKind.MINUTES else 0
                if (block.axis[1:] <= block.axis[:-1]).any():
                    found.wrong.append(f"{name}: its rows are not in order")
    except StoreError as error:
        found.wrong.append(f"{name}: {error}")
