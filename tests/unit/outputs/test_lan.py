"""The network of the host, read as its kernel tells it."""

from pathlib import Path

from webmanager.domain.panel import Link
from webmanager.outputs.lan import link_state


def interface(root: Path, name: str, carrier: str | None, speed: str | None = None) -> None:
    (root / name).mkdir()
    for file, text in (("carrier", carrier), ("speed", speed)):
        if text is not None:
            (root / name / file).write_text(text + "\n")


def test_the_first_connected_interface_is_told_with_its_speed(tmp_path: Path) -> None:
    interface(tmp_path, "lo", "1")
    interface(tmp_path, "eth0", "0")
    interface(tmp_path, "eth1", "1", "100")
    assert link_state(tmp_path) == Link(True, "eth1, 100 Mbit/s")


def test_a_speed_nobody_knows_is_left_out(tmp_path: Path) -> None:
    interface(tmp_path, "wlan0", "1", "-1")
    assert link_state(tmp_path) == Link(True, "wlan0")


def test_interfaces_without_a_cable_or_switched_off_are_not_connected(tmp_path: Path) -> None:
    interface(tmp_path, "eth0", "0")
    interface(tmp_path, "eth1", None)
    assert link_state(tmp_path) == Link(False, "eth0, eth1")


def test_a_host_that_does_not_tell_is_not_known(tmp_path: Path) -> None:
    assert link_state(tmp_path / "nowhere") == Link(None)
    interface(tmp_path, "lo", "1")
    assert link_state(tmp_path) == Link(None)
