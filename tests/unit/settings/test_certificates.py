"""The certificate of the device: made, kept, replaced and judged."""

import datetime
import ssl
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from webmanager.domain.errors import ConfigError
from webmanager.settings.certificates import (
    LARGEST_BYTES,
    VALID_DAYS,
    CertificateStore,
    checked,
    host_names,
    make_own,
    server_context,
)

DAY = 86400.0
NOW = datetime.datetime.now(datetime.UTC).timestamp()
NAMES = ("battery.example", "192.0.2.7")


class Bench:
    """A store whose clock and names a test can move."""

    def __init__(self, directory: Path) -> None:
        self.directory, self.now, self.names = directory, NOW, set(NAMES)
        self.store = CertificateStore(directory, lambda: self.names, lambda: self.now)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path / "tls")


@pytest.fixture(scope="module")
def issued() -> tuple[str, str]:
    """A certificate of an authority with its key."""
    leaf = trustme.CA().issue_cert("battery.example")
    return leaf.cert_chain_pems[0].bytes().decode(), leaf.private_key_pem.bytes().decode()


def pem(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey, password: str = "") -> str:
    protection = serialization.BestAvailableEncryption(password.encode()) if password else serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, protection).decode()


def certificate(
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey,
    change: Callable[[x509.CertificateBuilder], x509.CertificateBuilder] = lambda builder: builder,
    begin: float = NOW - DAY,
    end: float = NOW + DAY,
) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "x")])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime.datetime.fromtimestamp(begin, datetime.UTC))
        .not_valid_after(datetime.datetime.fromtimestamp(end, datetime.UTC))
    )
    return change(builder).sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def named(builder: x509.CertificateBuilder) -> x509.CertificateBuilder:
    return builder.add_extension(x509.SubjectAlternativeName([x509.DNSName("battery.example")]), critical=False)


def for_clients(builder: x509.CertificateBuilder) -> x509.CertificateBuilder:
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
    return named(builder).add_extension(usage, critical=False)


def test_our_own_is_made_once_and_for_nobody_else_to_read(bench: Bench) -> None:
    bench.store.open()
    shown = bench.store.shown()
    assert shown.is_own
    assert set(shown.names) == set(NAMES)
    file = bench.directory / "own.pem"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(bench.directory.stat().st_mode) == 0o700
    bench.store.open()
    assert bench.store.shown().sha256 == shown.sha256
    assert Bench(bench.directory).store.shown().sha256 == shown.sha256


def test_it_is_made_anew_before_it_ends_and_when_the_device_has_another_name(bench: Bench) -> None:
    bench.store.open()
    first = bench.store.shown().sha256
    bench.now += (VALID_DAYS - 30) * DAY
    bench.store.open()
    second = bench.store.shown()
    assert second.sha256 != first
    bench.names.add("10.0.0.9")
    bench.store.open()
    assert "10.0.0.9" in bench.store.shown().names


def test_a_damaged_one_is_made_anew(bench: Bench) -> None:
    bench.directory.mkdir()
    (bench.directory / "own.pem").write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    bench.store.open()
    assert bench.store.shown().is_own


def test_a_device_without_a_clock_makes_one_that_browsers_take() -> None:
    made = x509.load_pem_x509_certificate(make_own(NAMES, 0.0).encode())
    assert made.not_valid_before_utc.year >= 2025
    assert made.not_valid_after_utc - made.not_valid_before_utc <= datetime.timedelta(days=825)


def test_the_context_speaks_nothing_older_than_tls_1_2(bench: Bench) -> None:
    context = bench.store.open()
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert all(cipher["name"].startswith(("ECDHE", "TLS_")) for cipher in context.get_ciphers())


def test_an_uploaded_one_is_used_and_can_be_taken_back(bench: Bench, issued: tuple[str, str]) -> None:
    bench.store.open()
    own = bench.store.shown()
    shown = bench.store.replace(*issued)
    assert not shown.is_own
    assert shown.names == ("battery.example",)
    assert stat.S_IMODE((bench.directory / "uploaded.pem").stat().st_mode) == 0o600
    later = Bench(bench.directory)
    later.store.open()
    assert later.store.shown() == shown
    assert later.store.revert() == own


def test_it_is_taken_back_before_anything_was_opened(bench: Bench) -> None:
    assert bench.store.revert().is_own


def test_an_uploaded_one_that_was_damaged_on_the_disk_locks_nobody_out(
    bench: Bench, issued: tuple[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    bench.store.open()
    bench.store.replace(*issued)
    (bench.directory / "uploaded.pem").write_text("nothing")
    later = Bench(bench.directory)
    assert later.store.open() is not None
    assert "our own is" in caplog.text


def test_a_refused_one_changes_nothing_and_leaves_no_file(bench: Bench, issued: tuple[str, str]) -> None:
    bench.store.open()
    before = bench.store.shown()
    with pytest.raises(ConfigError, match="does not belong"):
        bench.store.replace(issued[0], pem(ec.generate_private_key(ec.SECP256R1())))
    assert bench.store.shown() == before
    assert [path.name for path in bench.directory.iterdir()] == ["own.pem"]


def test_what_cannot_be_says_why(issued: tuple[str, str]) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    small = rsa.generate_private_key(65537, 1024)
    other = trustme.CA().issue_cert("x.example").cert_chain_pems[0].bytes().decode()
    good, its_key = issued
    for given, with_key, reason in (
        ("", its_key, "certificate: certificates in PEM form"),
        (good[: len(good) // 2], its_key, "certificate: certificates in PEM form"),
        (good, "", "key: one private key"),
        (good, good, "key: one private key"),
        (good, pem(key), "key: it does not belong"),
        (good, pem(key, "secret"), "key: it is protected by a password"),
        (good, pem(ed25519.Ed25519PrivateKey.generate()), "key: RSA with 2048"),
        (certificate(small, named), pem(small), "key: RSA with 2048"),
        (good, its_key + "x" * LARGEST_BYTES, "key: longer than"),
        ("x" * (LARGEST_BYTES + 1), its_key, "certificate: longer than"),
        (certificate(key), pem(key), "names no host"),
        (certificate(key, for_clients), pem(key), "not meant for servers"),
        (certificate(key, named, NOW - 9 * DAY, NOW - DAY), pem(key), "not now"),
        (certificate(key, named, NOW + DAY, NOW + 9 * DAY), pem(key), "not now"),
        (good + other, its_key, "is not signed by the one behind it"),
        (good * 9, its_key, "9 certificates are given"),
    ):
        with pytest.raises(ConfigError, match=reason):
            checked(given, with_key, NOW)


def test_nothing_but_key_and_chain_of_what_was_given_is_kept(issued: tuple[str, str]) -> None:
    kept = checked(f"<script>\n{issued[0]}\n<?php ?>", f"junk\n{issued[1]}", NOW)
    assert "script" not in kept
    assert "junk" not in kept
    assert kept.count("-----BEGIN") == 2


def test_a_whole_chain_is_taken() -> None:
    root = trustme.CA()
    between = root.create_child_ca()
    leaf = between.issue_cert("battery.example")
    chain = "".join(part.bytes().decode() for part in leaf.cert_chain_pems)
    assert checked(chain, leaf.private_key_pem.bytes().decode(), NOW).count("BEGIN CERTIFICATE") == 2


def test_a_file_that_is_none_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"own\.pem: is no certificate with its key"):
        server_context(tmp_path / "own.pem")


@pytest.mark.parametrize(
    ("bind", "there"), [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "localhost"), ("192.0.2.7", "192.0.2.7"), ("x", "::1")]
)
def test_names_of_this_host(bind: str, there: str) -> None:
    assert there in host_names(bind)
    assert "0.0.0.0" not in host_names(bind)
