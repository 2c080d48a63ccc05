"""Settings of Modbus: who may read the registers, and whether relays may be switched."""

from pydantic import ConfigDict, Field

from webmanager.settings.section import Section


class ModbusSettings(Section):
    """Page *Modbus*: unit id, who may connect over the network, writing. A serial line is in the hardware file."""

    model_config = ConfigDict(title="MODBUS")

    enabled: bool = Field(True, description="Answer Modbus over the network.")
    unit: int = Field(
        1,
        ge=1,
        le=247,
        title="Unit id",
        description="Unit id of this device; 0 and 255 are answered on TCP as well.",
    )
    writes: bool = Field(False, description="Clients may switch relays 1-4 (function 5), as coils 0-3.")
    most_connections: int = Field(32, ge=1, le=256, description="Clients that may be connected at the same time.")
    idle_s: float = Field(60.0, ge=1, le=3600, description="A client that asks nothing for so long is closed.")
    clients: tuple[str, ...] = Field(
        (), max_length=64, description="Addresses or networks that may connect, as 10.1.0.0/16; empty for all."
    )
    tls_port: int = Field(0, ge=0, le=65535, description="Port of Modbus inside TLS, usually 802; 0 = off.")
    tls_certificate: str = Field("", max_length=200, description="File with the certificate of this device, PEM.")
    tls_key: str = Field("", max_length=200, description="File with its private key, PEM.")
    tls_clients_ca: str = Field(
        "",
        max_length=200,
        description="File with the authority that signed the certificates clients must show, PEM; empty: none needed.",
    )
