"""The device's certificate: made by itself at the first start, or uploaded; key and chain in one file of mode 0600."""

import ipaddress
import itertools
import logging
import os
import socket
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from webmanager.domain.errors import ConfigError
from webmanager.settings.file import write_atomically

log = logging.getLogger(__name__)

LARGEST_BYTES = 65536
LONGEST_CHAIN = 8
VALID_DAYS = 820
"""Browsers of phones take no certificate that is valid for longer than 825 days."""
RENEWED_BEFORE_DAYS = 60
EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)
"""A device without a clock starts in 1970; its certificate must be valid for browsers that have one."""
CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Certificate:
    """What people see of a certificate; times in UTC seconds, `sha256` is its fingerprint."""

    subject: str
    issuer: str
    names: tuple[str, ...]
    not_before: float
    not_after: float
    sha256: str
    is_own: bool


def server_context(path: Path) -> ssl.SSLContext:
    """TLS 1.2 or newer with key and chain of one PEM file; ConfigError if they cannot be used."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION | ssl.OP_CIPHER_SERVER_PREFERENCE
    context.set_ciphers(CIPHERS)
    context.set_alpn_protocols(["http/1.1"])
    _load(context, path)
    return context


class CertificateStore:
    """The certificate in a directory: the uploaded one if there is one, else our own. Methods block.

    `names` are the names and addresses of this device, `now` its time in UTC seconds.
    """

    def __init__(self, directory: Path, names: Callable[[], Iterable[str]], now: Callable[[], float]) -> None:
        self._own, self._uploaded = directory / "own.pem", directory / "uploaded.pem"
        self._names, self._now = names, now
        self._context: ssl.SSLContext | None = None
        self._writing = threading.Lock()

    @property
    def is_own(self) -> bool:
        """The device has made the certificate in use itself, so browsers do not trust it by themselves."""
        return self._path() == self._own

    def open(self) -> ssl.SSLContext:
        """The context of the servers; a later change of the certificate counts for it at the next connection."""
        with self._writing:
            self._renew()
            try:
                self._context = server_context(self._path())
            except ConfigError as error:
                if self._path() == self._own:
                    raise
                log.error("The uploaded certificate cannot be used, our own is: %s", error)
                self._context = server_context(self._own)
            return self._context

    def shown(self) -> Certificate:
        """The certificate in use; ConfigError before `open`."""
        return _shown(_chain(_read(self._path()))[0], is_own=self._path() == self._own)

    def replace(self, certificate: str, key: str) -> Certificate:
        """Takes an own certificate (PEM, chain behind it) with its key; ConfigError says why it cannot be."""
        pem = checked(certificate, key, self._now())
        with self._writing:
            self._own.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _try(pem, self._own.parent)
            write_atomically(self._uploaded, pem)
            if self._context is not None:
                _load(self._context, self._uploaded)
        return self.shown()

    def revert(self) -> Certificate:
        """Back to the certificate that the device has made itself."""
        with self._writing:
            self._renew()
            self._uploaded.unlink(missing_ok=True)
            if self._context is not None:
                _load(self._context, self._own)
        return self.shown()

    def _path(self) -> Path:
        return self._uploaded if self._uploaded.exists() else self._own

    def _renew(self) -> None:
        """Makes our own anew if there is none, it ends soon, or the device has another name or address."""
        names = sorted(set(self._names()))
        self._own.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            shown = _shown(_chain(_read(self._own))[0], is_own=True)
            lasts = shown.not_after - self._now() > RENEWED_BEFORE_DAYS * 86400.0
            if lasts and set(names) <= set(shown.names):
                return
        except ConfigError:
            pass
        write_atomically(self._own, make_own(names, self._now()))
        log.info("A certificate was made for %s.", ", ".join(names))


def make_own(names: Iterable[str], now: float) -> str:
    """Key (EC P-256) and self-signed certificate for these names and addresses, PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    begin = max(datetime.fromtimestamp(now, UTC), EARLIEST) - _DAY
    listed = [_general_name(name) for name in names] or [x509.DNSName("localhost")]
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "webmanager")])
    usage = dict.fromkeys(
        ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign",
         "encipher_only", "decipher_only"), False)  # fmt: skip
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + VALID_DAYS * _DAY)
        .add_extension(x509.SubjectAlternativeName(listed), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(digital_signature=True, **usage), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    return _key_pem(key) + certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")


def checked(certificate: str, key: str, now: float) -> str:
    """Key and chain as one PEM text, nothing else of what was given; ConfigError says why they cannot be used."""
    for name, text in (("certificate", certificate), ("key", key)):
        if len(text) > LARGEST_BYTES:
            raise ConfigError(f"{name}: longer than {LARGEST_BYTES} characters")
    private = _private_key(key)
    chain = _chain(certificate)
    leaf = chain[0]
    if leaf.public_key() != private.public_key():
        raise ConfigError("key: it does not belong to the first certificate")
    moment = datetime.fromtimestamp(now, UTC)
    if not leaf.not_valid_before_utc <= moment <= leaf.not_valid_after_utc:
        begin, end = leaf.not_valid_before_utc, leaf.not_valid_after_utc
        raise ConfigError(f"certificate: valid from {begin:%Y-%m-%d} to {end:%Y-%m-%d}, not now ({moment:%Y-%m-%d})")
    _check_purpose(leaf)
    for lower, upper in itertools.pairwise(chain):
        _check_link(lower, upper)
    return _key_pem(private) + "".join(each.public_bytes(serialization.Encoding.PEM).decode("ascii") for each in chain)


def host_names(bind: str) -> set[str]:
    """Names and addresses under which this host is likely to be asked; sends nothing."""
    names = {"localhost", "127.0.0.1", "::1"}
    if (name := socket.gethostname()) and name.isascii() and len(name) <= 63:
        names.add(name.lower())
    try:
        given = ipaddress.ip_address(bind)
    except ValueError:
        return names
    if not given.is_unspecified:
        return names | {str(given)}
    for family, somewhere in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as probe:
                probe.connect((somewhere, 9))  # asks for the way there; a datagram socket sends nothing by it
                names.add(str(probe.getsockname()[0]).partition("%")[0])
        except OSError:
            continue
    return names


def _private_key(text: str) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey:
    try:
        key = serialization.load_pem_private_key(text.encode(), password=None)
    except TypeError:
        raise ConfigError("key: it is protected by a password; give it without one") from None
    except ValueError:
        raise ConfigError("key: one private key in PEM form is expected") from None
    if isinstance(key, rsa.RSAPrivateKey) and 2048 <= key.key_size <= 8192:
        return key
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name in {"secp256r1", "secp384r1", "secp521r1"}:
        return key
    raise ConfigError("key: RSA with 2048 to 8192 bits or EC P-256, P-384, P-521 is expected")


def _chain(text: str) -> list[x509.Certificate]:
    try:
        chain = x509.load_pem_x509_certificates(text.encode())
    except ValueError:
        raise ConfigError("certificate: certificates in PEM form are expected") from None
    if len(chain) > LONGEST_CHAIN:
        raise ConfigError(f"certificate: {len(chain)} certificates are given, {LONGEST_CHAIN} are the most")
    return chain


def _check_purpose(leaf: x509.Certificate) -> None:
    if isinstance(leaf.signature_hash_algorithm, hashes.MD5 | hashes.SHA1):
        raise ConfigError("certificate: signed with MD5 or SHA-1, which browsers refuse")
    if not _names_of(leaf):
        raise ConfigError("certificate: it names no host or address (subject alternative name), so browsers refuse it")
    try:
        usage = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return
    if ExtendedKeyUsageOID.SERVER_AUTH not in usage:
        raise ConfigError("certificate: it is not meant for servers (extended key usage)")


def _check_link(lower: x509.Certificate, upper: x509.Certificate) -> None:
    try:
        lower.verify_directly_issued_by(upper)
    except (ValueError, TypeError, InvalidSignature):
        raise ConfigError(
            f"certificate: {lower.subject.rfc4514_string()[:80]} is not signed by the one behind it, "
            f"{upper.subject.rfc4514_string()[:80]}: the own one first, then each one's issuer"
        ) from None


def _names_of(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return ()
    hosts = names.get_values_for_type(x509.DNSName)
    return tuple(hosts) + tuple(str(address) for address in names.get_values_for_type(x509.IPAddress))


def _shown(certificate: x509.Certificate, *, is_own: bool) -> Certificate:
    return Certificate(
        subject=certificate.subject.rfc4514_string()[:200],
        issuer=certificate.issuer.rfc4514_string()[:200],
        names=_names_of(certificate)[:100],
        not_before=certificate.not_valid_before_utc.timestamp(),
        not_after=certificate.not_valid_after_utc.timestamp(),
        sha256=certificate.fingerprint(hashes.SHA256()).hex(":").upper(),
        is_own=is_own,
    )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _key_pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode("ascii")


def _try(pem: str, directory: Path) -> None:
    """ConfigError if the TLS library does not take it, before it replaces one that works."""
    descriptor, name = tempfile.mkstemp(dir=directory, prefix=".try-")
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(pem)
        server_context(Path(name))
    finally:
        Path(name).unlink(missing_ok=True)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path.name}: cannot be read: {error}") from None


def _load(context: ssl.SSLContext, path: Path) -> None:
    try:
        context.load_cert_chain(path)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"{path.name}: is no certificate with its key: {error}") from None
