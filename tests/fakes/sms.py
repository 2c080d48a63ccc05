"""An independent reader of SMS-SUBMIT: smspdudecoder."""

from dataclasses import dataclass
from io import StringIO
from typing import Any

from smspdudecoder.fields import SMSSubmit


@dataclass(frozen=True)
class Read:
    """Number without its plus sign, text, and the element that joins parts."""

    number: str
    text: str
    part: dict[str, int] | None


def read(pdu: str) -> Read:
    fields: dict[str, Any] = SMSSubmit.decode(StringIO(pdu))
    user_data = fields["user_data"]
    text = user_data["data"]
    length_at = 16 + (int(pdu[6:8], 16) + 1) // 2 * 2
    is_extended = any(character in "^{}\\[~]|€" for character in text)
    # an escaped sign makes it count one too few, so that it sees an @ in seven bits that are left over at the end
    if fields["dcs"]["encoding"] == "gsm" and is_extended and int(pdu[length_at : length_at + 2], 16) % 8 == 7:
        text = text.removesuffix("@")
    header = user_data.get("header")
    return Read(fields["recipient"]["number"], text, header["elements"][0]["data"] if header else None)
