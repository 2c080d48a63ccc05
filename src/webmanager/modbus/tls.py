"""Certificates of Modbus inside TLS (MODBUS/TCP Security Protocol V3.6): ours, and those that clients must show."""

import ssl

from webmanager.domain.errors import ConfigError


def server_context(certificate: str, key: str, clients_ca: str = "") -> ssl.SSLContext:
    """TLS 1.2 or newer from PEM files; with `clients_ca` nobody connects without a certificate it has signed.

    ConfigError names the file that cannot be used.
    """
    if not certificate or not key:
        raise ConfigError("modbus: tls_certificate and tls_key are needed for tls_port: name two PEM files")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"modbus: {certificate} with {key} is no certificate with its key: {error}") from None
    if clients_ca:
        try:
            context.load_verify_locations(clients_ca)
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(f"modbus: {clients_ca} is no certificate authority: {error}") from None
        context.verify_mode = ssl.CERT_REQUIRED
    return context
