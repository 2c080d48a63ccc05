"""Page *Network & Security*: who may reach the web interface, protected how, and for how long."""

from pydantic import Field

from webmanager.settings.networks import Network
from webmanager.settings.section import Section


class SecuritySettings(Section):
    """HTTPS, the access list and the length of a login. The certificate has a page of its own."""

    https: bool = Field(
        False,
        description="Answer over HTTPS too, with the certificate of this device.",
        json_schema_extra={"restart": True},
    )
    https_port: int = Field(
        443, ge=1, le=65535, description="Port of HTTPS, usually 443.", json_schema_extra={"restart": True}
    )
    redirect: bool = Field(
        True, description="With HTTPS: lead browsers from HTTP there, and take nothing over HTTP any more."
    )
    hsts: bool = Field(
        False,
        description="Tell browsers to use HTTPS only, for half a year. Counts with an uploaded certificate alone.",
    )
    networks: tuple[Network, ...] = Field(
        (),
        max_length=64,
        description="Networks that may reach the web, as 10.1.0.0/16; empty for all. This host always may.",
    )
    session_idle_min: float = Field(60.0, ge=1, le=1440, description="A login ends after so long without use.")
    session_limit_h: float = Field(168.0, ge=1, le=720, description="A login ends after so long in any case.")
