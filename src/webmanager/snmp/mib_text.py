"""The MIB file of `docs/mib/`, made from the table of objects. Pure."""

import textwrap
from collections.abc import Iterator, Sequence

from webmanager.snmp.mib import BACS_HELP, BACS_SETTINGS, MODULE_CELLS, STRING_CELLS, Cell

MODULE = "WEBMANAGER-BACS-MIB"
FILE = f"{MODULE}.txt"
UPDATED = "202611220000Z"

NOTIFIED = (
    ("bacsEventId", "Integer32", "Number of the event in the log of the device."),
    ("bacsEventKind", "DisplayString", "Kind of the event: voltage_high, module_lost, bus_down, ..."),
    ("bacsEventSeverity", "INTEGER { notice(1), warning(2), alarm(3) }", "How urgent it is."),
    ("bacsEventSource", "DisplayString", "Where it is: a battery, a string, the device."),
    ("bacsEventValue", "DisplayString", "The value with its unit; empty if there is none."),
    ("bacsEventText", "DisplayString", "The event in one sentence."),
)
NOTIFICATIONS = (
    ("bacsEventRaised", "An alarm has become active."),
    ("bacsEventCleared", "An alarm is over."),
    ("bacsEventAcknowledged", "Somebody takes care of an alarm."),
    ("bacsEventHappened", "Anything else: a test, an alarm nobody has acknowledged in time."),
)

_HEAD = f'''\
-- Made from src/webmanager/snmp/mib.py: edit the table, not this file.

{MODULE} DEFINITIONS ::= BEGIN

IMPORTS
    MODULE-IDENTITY, OBJECT-TYPE, NOTIFICATION-TYPE, Integer32, mib-2
        FROM SNMPv2-SMI
    DisplayString
        FROM SNMPv2-TC
    MODULE-COMPLIANCE, OBJECT-GROUP, NOTIFICATION-GROUP
        FROM SNMPv2-CONF;

bacs MODULE-IDENTITY
    LAST-UPDATED "{UPDATED}"
    ORGANIZATION "The webmanager project"
    CONTACT-INFO "See the project's documentation."
    DESCRIPTION
        "Batteries monitored block by block. Columns 1 to 6, the settings and
        their OIDs are those public monitoring templates of this family of
        devices read; columns from 101 on and the notifications are ours.
        A value that is not known has no instance. A module whose values
        are not known has no row in columns 1 to 6."
    REVISION "{UPDATED}"
    DESCRIPTION "First issue."
    ::= {{ bacsParent 5 }}

bacsParent OBJECT IDENTIFIER ::= {{ mib-2 33 }}

bacsSettings OBJECT IDENTIFIER ::= {{ bacs 1 }}
bacsTables OBJECT IDENTIFIER ::= {{ bacs 2 }}
bacsEvents OBJECT IDENTIFIER ::= {{ bacs 3 }}
bacsNotifications OBJECT IDENTIFIER ::= {{ bacsEvents 0 }}
bacsEventObjects OBJECT IDENTIFIER ::= {{ bacsEvents 1 }}
bacsConformance OBJECT IDENTIFIER ::= {{ bacs 4 }}
'''


def mib_text() -> str:
    """The whole file."""
    parts = [_HEAD, *_settings()]
    parts += _table("bacsModule", 5, MODULE_CELLS, "A battery and its module, by address.")
    parts += _table("bacsString", 7, STRING_CELLS, "A string of batteries.")
    parts += _events()
    parts += _conformance()
    return "\n".join([*parts, "END\n"])


def _settings() -> Iterator[str]:
    for item in BACS_SETTINGS:
        units, words = BACS_HELP[item.name]
        yield _object(item.name, "Integer32", units, "read-only", words, f"bacsSettings {item.oid[-2]}")


def _table(name: str, number: int, cells: Sequence[Cell], words: str) -> Iterator[str]:
    entry = f"{name}Entry"
    yield _object(f"{name}Table", f"SEQUENCE OF {_type(entry)}", "", "not-accessible", words, f"bacsTables {number}")
    index = f"    INDEX {{ {cells[0].name} }}\n"
    yield _object(entry, _type(entry), "", "not-accessible", "One row.", f"{name}Table 1", index)
    members = ",\n".join(f"    {cell.name} Integer32" for cell in cells)
    yield f"{_type(entry)} ::= SEQUENCE {{\n{members}\n}}\n"
    for cell in cells:
        yield _object(cell.name, "Integer32", cell.units, "read-only", cell.help, f"{entry} {cell.number}")


def _events() -> Iterator[str]:
    for number, (name, syntax, words) in enumerate(NOTIFIED, 1):
        yield _object(name, syntax, "", "accessible-for-notify", words, f"bacsEventObjects {number}")
    carried = ", ".join(name for name, _, _ in NOTIFIED)
    for number, (name, words) in enumerate(NOTIFICATIONS, 1):
        objects = textwrap.fill(f"OBJECTS {{ {carried} }}", 76, initial_indent="    ", subsequent_indent="        ")
        yield (
            f"{name} NOTIFICATION-TYPE\n{objects}\n    STATUS current\n{_description(words)}"
            f"    ::= {{ bacsNotifications {number} }}\n"
        )


def _conformance() -> Iterator[str]:
    names = [item.name for item in BACS_SETTINGS]
    names += [cell.name for cell in (*MODULE_CELLS, *STRING_CELLS)]
    names += [name for name, _, _ in NOTIFIED]
    yield _group("bacsObjectGroup", "OBJECT-GROUP", "OBJECTS", names, 1)
    yield _group("bacsNotificationGroup", "NOTIFICATION-GROUP", "NOTIFICATIONS", [name for name, _ in NOTIFICATIONS], 2)
    yield (
        "bacsCompliance MODULE-COMPLIANCE\n    STATUS current\n"
        + _description("What an agent of this MIB implements.")
        + "    MODULE\n        MANDATORY-GROUPS { bacsObjectGroup, bacsNotificationGroup }\n"
        "    ::= { bacsConformance 3 }\n"
    )


def _group(name: str, macro: str, word: str, members: Sequence[str], number: int) -> str:
    listed = textwrap.fill(
        f"{word} {{ {', '.join(members)} }}", 76, initial_indent="    ", subsequent_indent="        "
    )
    return (
        f"{name} {macro}\n{listed}\n    STATUS current\n{_description('All of them.')}"
        f"    ::= {{ bacsConformance {number} }}\n"
    )


def _object(name: str, syntax: str, units: str, access: str, words: str, place: str, index: str = "") -> str:
    shown = f'    UNITS "{units}"\n' if units else ""
    return (
        f"{name} OBJECT-TYPE\n    SYNTAX {syntax}\n{shown}    MAX-ACCESS {access}\n    STATUS current\n"
        f"{_description(words)}{index}    ::= {{ {place} }}\n"
    )


def _description(words: str) -> str:
    lines = textwrap.wrap(words, 66)
    return '    DESCRIPTION\n        "' + "\n        ".join(lines) + '"\n'


def _type(entry: str) -> str:
    return entry[0].upper() + entry[1:]
