from fakes.snmp import Device
from webmanager.snmp.asn1 import Kind, Value, oid_of
from webmanager.snmp.image import Image
from webmanager.snmp.mib import SYS_UPTIME

LAST = oid_of("1.3.6.1.2.1.33.5.2.7.1.103.8")


class Served:
    """An image on a clock of its own, and how often it was made."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.device = Device()
        self.image = Image(self.device.state, lambda: self.now_s, lambda: 123.0 + self.now_s)


def test_what_is_there_has_a_value_and_what_is_not_has_none() -> None:
    image = Served().image
    assert image.get(oid_of("1.3.6.1.2.1.33.5.1.3.0")) == Value(Kind.INTEGER, 256)
    for unknown in ("1.3.6.1.2.1.33.1.2.4.0", "1.3.6.1.2.1.33.5.1.3", "1.3.6.1.4.1", "1.3.6.1.2.1.33.1.7.7.1"):
        assert image.get(oid_of(unknown)) is None


def test_a_walk_visits_every_instance_once_and_ends() -> None:
    image = Served().image
    seen, oid = [], oid_of("1.3")
    while True:
        following, value = image.next_after(oid)
        if value is None:
            break
        seen.append(following)
        oid = following
    assert following == LAST
    assert len(seen) == len(set(seen)) > 3000
    assert seen == sorted(seen)


def test_it_is_made_at_most_once_a_second_and_only_when_asked() -> None:
    served = Served()
    assert served.image.made == 0
    for _ in range(100):
        served.image.get(LAST)
    assert served.image.made == 1
    served.now_s = 0.99
    served.image.get(LAST)
    assert served.image.made == 1
    served.now_s = 1.0
    served.image.next_after(LAST)
    assert served.image.made == 2


def test_the_uptime_is_of_this_very_moment() -> None:
    served = Served()
    assert served.image.get(SYS_UPTIME) == Value(Kind.TICKS, 12300)
    served.now_s = 0.5
    assert served.image.get(SYS_UPTIME) == Value(Kind.TICKS, 12350)
    assert served.image.made == 1
