"""How the load is supplied, as the batteries tell it: a string that discharges means that mains is off."""

from webmanager.domain.jobs import Power
from webmanager.domain.snapshot import Snapshot, StringState


class PowerWatch:
    """Follows the snapshots; device monotonic seconds. Autonomy is not known without a UPS that tells it."""

    def __init__(self) -> None:
        self._since_s: float | None = None
        self._now_s = 0.0

    def update(self, snapshot: Snapshot) -> None:
        """Takes a snapshot in. A string whose state is not known ends no time on battery."""
        states = snapshot.strings.state
        self._now_s = snapshot.at_s
        if (states == StringState.DISCHARGING).any():
            if self._since_s is None:
                self._since_s = snapshot.at_s
        elif not (states == StringState.UNKNOWN).any():
            self._since_s = None

    def power(self) -> Power:
        """As of the newest snapshot."""
        return Power(None if self._since_s is None else self._now_s - self._since_s)
