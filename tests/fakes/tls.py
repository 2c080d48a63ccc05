"""A certificate authority of the tests' own, and a server certificate it has signed."""

import ssl
from pathlib import Path

import trustme


class Authority:
    """Files in `directory`: `ca.pem`, `server.pem`, `server.key`; for 127.0.0.1 and localhost."""

    def __init__(self, directory: Path) -> None:
        authority = trustme.CA()
        issued = authority.issue_cert("127.0.0.1", "localhost")
        self.ca_file = directory / "ca.pem"
        self.certificate = directory / "server.pem"
        self.key = directory / "server.key"
        authority.cert_pem.write_to_path(self.ca_file)
        issued.cert_chain_pems[0].write_to_path(self.certificate)
        issued.private_key_pem.write_to_path(self.key)

    def server_context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.certificate, self.key)
        return context
