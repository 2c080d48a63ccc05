"""What the web door is told once, at start."""

import ipaddress
from dataclasses import dataclass, field

from webmanager import __version__
from webmanager.settings.security_model import SecuritySettings


@dataclass(frozen=True, slots=True)
class WebConfig:
    """Where the web listens, whom it stands for and what it bears; times in host seconds.

    `bind` is an address of this host, `port` 0 takes a free one, `host_names` are further names under which a
    loopback device may be asked, `tls` says that a proxy before us speaks HTTPS, so that cookies are marked Secure.
    `https_port` counts where `security.https` is on.
    """

    bind: str = "127.0.0.1"
    port: int = 8080
    model: str = "webmanager"
    serial: str = ""
    mode: str = "normal"
    time_source: str = "host"
    software_version: str = __version__
    host_names: tuple[str, ...] = ()
    tls: bool = False
    https_port: int = 0
    security: SecuritySettings = field(default_factory=SecuritySettings)
    most_connections: int = 256
    most_streams: int = 100
    most_sessions: int = 64
    session_idle_s: float = 3600.0
    session_limit_s: float = 7 * 86400.0
    header_timeout_s: float = 20.0
    body_timeout_s: float = 10.0
    body_limit: int = 1024 * 1024

    @property
    def is_loopback(self) -> bool:
        """Only this host itself can reach the door."""
        if self.bind == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.bind).is_loopback
        except ValueError:
            return False

    @property
    def session_cookie(self) -> str:
        """Name of the session cookie; browsers keep one jar for all ports of a host, so the port is part of it."""
        return f"webmanager-{self.port}"
