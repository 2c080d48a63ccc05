"""Protected connections of all channels: names and certificates are always verified."""

import ssl

from webmanager.domain.errors import DeliveryError


def tls_context(ca_file: str) -> ssl.SSLContext:
    """For a client; against an own authority (PEM) if one is given. DeliveryError if that cannot be read."""
    try:
        return ssl.create_default_context(cafile=ca_file or None)
    except (OSError, ssl.SSLError) as error:
        raise DeliveryError(f"{ca_file}: cannot be used as certificate authority: {error}") from None
