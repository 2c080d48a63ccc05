"""The errors of this product. Each class says whose fault it is.

WebmanagerError
├── ConfigError      the operator: a file, an option or a request says something that cannot be
├── BusError         the field: a port, a cable, a module
│   └── MixedRevisionsError   modules of different hardware revisions on one bus
├── StoreError       the flash
├── TimeServerError  a time server: silent, or not to be believed
└── DeliveryError    the receiver of a message
    └── RefusedError   it has refused for good: another try would not help
"""


class WebmanagerError(Exception):
    """Any error that is explained to a person in one line."""


class ConfigError(WebmanagerError):
    """What the operator wrote cannot be: names file, table and key, and what is allowed."""


class BusError(WebmanagerError):
    """A serial port or a bus does not do what it must; the message says which and what to check."""


class MixedRevisionsError(BusError):
    """Modules differ in hardware revision, so the bus does not start; `odd` maps address to revision."""

    def __init__(self, common: str, odd: dict[int, str]) -> None:
        self.common = common
        self.odd = odd
        listed = ", ".join(f"{address} has {revision}" for address, revision in sorted(odd.items())[:8])
        more = f" and {len(odd) - 8} more" if len(odd) > 8 else ""
        super().__init__(f"mixed hardware revisions: most modules have {common}, but module {listed}{more}")


class StoreError(WebmanagerError):
    """The flash image cannot be read or written as asked."""


class TimeServerError(WebmanagerError):
    """A time server does not answer, or its answer is no time; the message says why."""


class DeliveryError(WebmanagerError):
    """A receiver did not take a message; the text is the receiver's own where it gave one."""


class RefusedError(DeliveryError):
    """A receiver refused a message for good; sending it again would bring the same answer."""
