"""Which settings stand on which page, as the manual divides them."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import BaseModel

from webmanager.settings import destinations_model as receivers
from webmanager.settings.model import Settings


@dataclass(frozen=True, slots=True)
class SettingsPage:
    """One page: its sections, or the kind of receivers it is for; a page with neither is made elsewhere."""

    slug: str
    title: str
    sections: tuple[str, ...] = ()
    receivers: tuple[type[BaseModel], ...] = ()

    @property
    def models(self) -> dict[str, type[BaseModel]]:
        """The model of each of its sections that this version has."""
        return {
            name: model
            for name in self.sections
            if name in Settings.model_fields
            and isinstance(model := Settings.model_fields[name].annotation, type)
            and issubclass(model, BaseModel)
        }

    @property
    def paths(self) -> tuple[str, ...]:
        """Every part of the settings it changes."""
        return (*self.models, *((RECEIVERS,) if self.receivers else ()))


RECEIVERS = "notify.receivers"

PAGES: Mapping[str, SettingsPage] = {
    page.slug: page
    for page in (
        SettingsPage("network", "Network & Security", ("network", "web", "metrics", "security", "tls", "access")),
        SettingsPage("timeserver", "Timeserver", ("timeserver",)),
        SettingsPage("ups", "UPS Model & System", ("ups", "locale")),
        SettingsPage("bacs", "BACS Settings", ("installation", "equalizing", "scan")),
        SettingsPage("limits", "Limits"),
        SettingsPage("com2", "COM2 & AUX Settings", ("com2", "aux")),
        SettingsPage("notify", "Events & Jobs", ("notify",)),
        SettingsPage("email", "Email", receivers=(receivers.MailReceiver,)),
        SettingsPage("snmp", "SNMP", ("snmp",), receivers=(receivers.TrapReceiver,)),
        SettingsPage("modbus", "MODBUS", ("modbus",)),
        SettingsPage("rccmd", "RCCMD", receivers=(receivers.RccmdReceiver,)),
        SettingsPage("users", "Users"),
        SettingsPage("history", "Changes"),
        SettingsPage("save", "Save Configuration"),
        SettingsPage("links", "Web Links", ("links", "update")),
    )
}
"""Every page by its name in the address, in the order of the menu."""


def page_of_section(section: str) -> str | None:
    """The page on which a section stands, None if there is none."""
    return next((page.slug for page in PAGES.values() if section in page.sections), None)
