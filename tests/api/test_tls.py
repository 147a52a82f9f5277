"""Whoever answers at ZStack's address has to prove that it is ZStack."""

import contextlib
import datetime as dt
import ipaddress
import ssl

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from api.client import ZStack, connect
from api.errors import Unreachable
from api.operations import GetVersion

TODAY = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
YEARS = dt.timedelta(days=3650)


@pytest.fixture
def certificate(tmp_path):
    """Write a certificate that signs itself, with its key, for an address; the file."""

    def write(address="127.0.0.1"):
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "made up")])
        names = x509.SubjectAlternativeName(
            [x509.IPAddress(ipaddress.ip_address(address))]
        )
        made = (
            x509.CertificateBuilder(name, name, key.public_key(), 1)
            .not_valid_before(TODAY - YEARS)
            .not_valid_after(TODAY + 9 * YEARS)
            .add_extension(names, critical=False)
            .sign(key, hashes.SHA256())
        )
        path = tmp_path / "node.pem"
        path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + made.public_bytes(serialization.Encoding.PEM)
        )
        return str(path)

    return write


@pytest.fixture
def secured(node, listen):
    """Serve the scripted node by https, as whoever has the certificate."""

    @contextlib.asynccontextmanager
    async def serve(path):
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(path)
        node.script = [(200, {"version": "5.5.12"})]
        async with listen(node.converse, tls=context) as url:
            yield url

    return serve


async def test_a_certificate_that_nobody_vouches_for_is_refused(certificate, secured):
    async with secured(certificate()) as url, connect() as http:
        with pytest.raises(Unreachable) as caught:
            await ZStack(url, http=http).call(GetVersion())

    assert not caught.value.sent


async def test_the_file_of_an_authority_vouches_for_it(certificate, secured):
    path = certificate()

    async with secured(path) as url, connect(ca_file=path) as http:
        assert await ZStack(url, http=http).call(GetVersion()) == "5.5.12"


async def test_a_certificate_of_another_address_is_refused(certificate, secured):
    path = certificate("192.0.2.1")

    async with secured(path) as url, connect(ca_file=path) as http:
        with pytest.raises(Unreachable):
            await ZStack(url, http=http).call(GetVersion())
