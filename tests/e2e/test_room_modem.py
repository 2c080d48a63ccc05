"""A text message through the room's modem, as the device sends it: real process, real pseudo serial port."""

import asyncio
import sys
from pathlib import Path

from fakes.events import message
from webmanager.notify.message import Device
from webmanager.notify.sms import SmsNotifier
from webmanager.settings.destinations_model import SmsReceiver

ROOM = '[room]\nmodules = 2\nstrings = 1\n[com2]\ndevice = "modem"\n'


async def test_a_text_leaves_through_com2_of_the_room(tmp_path: Path) -> None:
    config = tmp_path / "room.toml"
    config.write_text(ROOM)
    command = (sys.executable, "-m", "webmanager", "--log-level", "info", "room")
    room = await asyncio.create_subprocess_exec(
        *command, "--config", str(config), "--link", str(tmp_path), stderr=asyncio.subprocess.PIPE
    )
    assert room.stderr is not None
    try:
        async with asyncio.timeout(60):
            while b"room of 2 batteries" not in await room.stderr.readline():
                pass
            settings = SmsReceiver(name="phone", port=str(tmp_path / "com2"), to=("+491701234567",))
            proof = await SmsNotifier(settings, lambda: Device("Cellar")).send(message())
            while b"text to +491701234567: Cellar: ALARM:" not in (line := await room.stderr.readline()):
                assert line
    finally:
        room.terminate()
        await room.wait()
    assert proof == "+CMGS: 1"
