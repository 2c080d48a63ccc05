"""Other network settings are on trial until an admin has come in through them: nobody can lock themselves out.

A device that starts may still be out of reach: the address is one of another network, a wall stands before the port.
After a reboot asked for over the network it therefore goes back by itself, unless somebody logs in.
"""

import asyncio
import ipaddress

from webmanager.engine.ports import StateKeeper

DOCUMENT = "network_trial"


class NetworkTrial:
    """Lives over all lives of the device; kept, so that a power cut in between decides nothing."""

    def __init__(self, keeper: StateKeeper | None) -> None:
        self._keeper = keeper
        kept = (keeper.load(DOCUMENT) if keeper else None) or {}
        self.is_on = kept.get("is_on") is True
        self._must_be_afar = kept.get("must_be_afar") is True
        self._asked_from_afar = False
        self._reached = asyncio.Event()

    def came_in(self, remote: str | None) -> None:
        """An admin's request came from this address; one from the host itself proves nothing for somebody elsewhere."""
        is_afar = not _is_here(remote)
        self._asked_from_afar = is_afar
        if self.is_on and (is_afar or not self._must_be_afar):
            self._reached.set()

    def begin(self) -> None:
        """From now on somebody has to come in, from where the last request came: it asked for the reboot."""
        self._must_be_afar = self._asked_from_afar
        self._reached.clear()
        self._keep(True)

    def end(self) -> None:
        """The settings are good, or no longer in force."""
        if self.is_on:
            self._keep(False)

    async def reached(self, within_s: float) -> bool:
        """Whether an admin comes in by then."""
        try:
            async with asyncio.timeout(within_s):
                await self._reached.wait()
        except TimeoutError:
            return False
        return True

    def _keep(self, is_on: bool) -> None:
        self.is_on = is_on
        if self._keeper:
            self._keeper.save(DOCUMENT, {"is_on": is_on, "must_be_afar": self._must_be_afar})


def _is_here(remote: str | None) -> bool:
    try:
        return ipaddress.ip_address(remote or "127.0.0.1").is_loopback
    except ValueError:
        return True
