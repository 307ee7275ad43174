"""A broker that asks who is there: TLS by an authority made here, users with passwords or certificates, and rights of each.

Its plain listener is open to everyone on this machine and may do everything; users and rights are made through it.
"""

from __future__ import annotations

import shlex
from argparse import ArgumentParser
from collections import defaultdict
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
import trustme
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12

from stateflow.development.kafka import KafkaBroker
from stateflow.development.processes import wait_until
from stateflow.options import KafkaOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

__all__ = ["KEYSTORE_PASSWORD", "Right", "SecuredKafka", "grant_as_the_page_says", "rights_of_the_page", "secured_kafka"]

DEADLINE_S: Final = 30
PAGE: Final = Path(__file__).parents[3] / "docs" / "how-to" / "run-on-a-cluster.md"
OPERATIONS: Final = {
    "Create": AclOperation.CREATE,
    "DescribeConfigs": AclOperation.DESCRIBE_CONFIGS,
    "Read": AclOperation.READ,
    "Write": AclOperation.WRITE,
}
KEYSTORE_PASSWORD: Final = "keystore-of-the-tests"
_ITERATIONS: Final = 4096

Right = tuple[ResourceType, str, AclOperation]
"""A kind of resource, its name, and what may be done with it."""


def write_keystore(folder: Path, name: str, certificate: trustme.LeafCert) -> Path:
    """Write key and certificates of a server or a user as PKCS12, which Java and librdkafka read."""
    key = serialization.load_pem_private_key(certificate.private_key_pem.bytes(), None)
    chain = [x509.load_pem_x509_certificate(blob.bytes()) for blob in certificate.cert_chain_pems]
    assert isinstance(key, pkcs12.PKCS12PrivateKeyTypes)
    locked = serialization.BestAvailableEncryption(KEYSTORE_PASSWORD.encode())
    path = folder / f"{name}.p12"
    path.write_bytes(pkcs12.serialize_key_and_certificates(name.encode(), key, chain[0], chain[1:], locked))
    return path


class SecuredKafka(msgspec.Struct):
    """The broker that runs, its authority, and where certificates are."""

    broker: KafkaBroker
    authority: trustme.CA
    folder: Path

    @property
    def ca(self) -> str:
        """The file that has the authority's certificate."""
        return str(self.folder / "ca.pem")

    def by_password(self, application: str, user: str, **settings: str) -> KafkaOptions:
        """Return how a user connects by TLS and SCRAM, as the how-to page says; what else is given goes first."""
        given = {
            "security.protocol": "SASL_SSL",
            "ssl.ca.location": self.ca,
            "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.username": user,
            "sasl.password": f"password-of-{user}",
        }
        return self._options(application, "SAFE", {**given, **settings})

    def by_certificate(self, application: str, user: str, **settings: str) -> KafkaOptions:
        """Return how a user connects by a certificate of his own."""
        keystore = write_keystore(self.folder, user, self.authority.issue_cert(f"{user}.example", common_name=user))
        given = {
            "security.protocol": "SSL",
            "ssl.ca.location": self.ca,
            "ssl.keystore.location": str(keystore),
            "ssl.keystore.password": KEYSTORE_PASSWORD,
        }
        return self._options(application, "MUTUAL", {**given, **settings})

    def _options(self, application: str, listener: str, settings: dict[str, str]) -> KafkaOptions:
        return KafkaOptions(brokers=self.broker.address_of(listener), application=application, settings=settings, reply_timeout_s=60)

    def admin(self) -> AdminClient:
        """Return a connection that may do everything."""
        return AdminClient({"bootstrap.servers": self.broker.address})

    def add_users(self, *names: str) -> None:
        """Let users log in by their passwords."""
        how = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, _ITERATIONS)
        added = [UserScramCredentialUpsertion(name, how, f"password-of-{name}".encode()) for name in names]
        # The connection has to live until its results are there.
        admin = self.admin()
        for done in admin.alter_user_scram_credentials(added).values():
            done.result(DEADLINE_S)

    def grant(self, user: str, rights: Iterable[Right], pattern: ResourcePatternType = ResourcePatternType.LITERAL) -> None:
        """Give a user rights."""
        allowed = AclPermissionType.ALLOW
        bindings = [AclBinding(kind, name, pattern, f"User:{user}", "*", operation, allowed) for kind, name, operation in rights]
        admin = self.admin()
        for done in admin.create_acls(bindings).values():
            done.result(DEADLINE_S)
        self._wait_for(admin, user, lambda known: all(binding in known for binding in bindings))

    def other_ca(self) -> str:
        """Return the file of an authority that nobody here has a certificate of."""
        path = self.folder / "other.pem"
        trustme.CA().cert_pem.write_to_path(path)
        return str(path)

    def revoke(self, user: str, *rights: Right) -> None:
        """Take rights away; all when none is named."""
        everything: Sequence[Right] = rights or [(ResourceType.ANY, None, AclOperation.ANY)]  # type: ignore[list-item]
        anyhow = ResourcePatternType.ANY, f"User:{user}", None
        filters = [AclBindingFilter(kind, name, *anyhow, operation, AclPermissionType.ANY) for kind, name, operation in everything]
        admin = self.admin()
        taken = [binding for done in admin.delete_acls(filters).values() for binding in done.result(DEADLINE_S)]
        self._wait_for(admin, user, lambda known: not any(binding in known for binding in taken))

    def _wait_for(self, admin: AdminClient, user: str, is_done: Callable[[Sequence[AclBinding]], bool]) -> None:
        """Wait until the broker applies what the controller has accepted."""
        of_user = AclBindingFilter(
            ResourceType.ANY, None, ResourcePatternType.ANY, f"User:{user}", None, AclOperation.ANY, AclPermissionType.ANY
        )
        assert wait_until(lambda: is_done(admin.describe_acls(of_user).result(DEADLINE_S)), DEADLINE_S)


def rights_of_the_page(application: str) -> dict[str, list[Right]]:
    """Return the rights that the commands of the how-to page give to each user, for another application than its `shop`."""
    found: dict[str, list[Right]] = defaultdict(list)
    parser = ArgumentParser()
    parser.add_argument("--allow-principal", required=True)
    for name in ("--operation", "--topic", "--group"):
        parser.add_argument(name, action="append", default=[])
    for line in PAGE.read_text().splitlines():
        if not line.startswith("acls --"):
            continue
        given = parser.parse_args(shlex.split(line)[1:])
        named = [(ResourceType.TOPIC, topic.replace("shop.", f"{application}.")) for topic in given.topic]
        named += [(ResourceType.GROUP, group.replace(".shop", f".{application}")) for group in given.group]
        operations = [OPERATIONS[name] for name in given.operation]
        found[given.allow_principal.removeprefix("User:")] += [(kind, name, op) for kind, name in named for op in operations]
    return found


def grant_as_the_page_says(kafka: SecuredKafka, application: str) -> None:
    """Give all users of the page their rights."""
    for user, rights in rights_of_the_page(application).items():
        kafka.grant(user, rights)


@contextmanager
def secured_kafka(folder: Path) -> Iterator[SecuredKafka]:
    """Start such a broker; stop it in the end."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    # The name is in it, the address is not.
    keystore = write_keystore(folder, "broker", authority.issue_cert("localhost"))
    settings = {
        "ssl.keystore.type": "PKCS12",
        "ssl.keystore.location": str(keystore),
        "ssl.keystore.password": KEYSTORE_PASSWORD,
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(folder / "ca.pem"),
        "listener.name.mutual.ssl.client.auth": "required",
        "listener.name.mutual.ssl.principal.mapping.rules": "RULE:^CN=([^,]+),.*$/$1/",
        "sasl.enabled.mechanisms": "SCRAM-SHA-512",
        "listener.name.safe.scram-sha-512.sasl.jaas.config": "org.apache.kafka.common.security.scram.ScramLoginModule required;",
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:ANONYMOUS",
    }
    listeners = {"SAFE": "SASL_SSL", "MUTUAL": "SSL"}
    with KafkaBroker(folder / "kafka", settings=settings, listeners=listeners) as broker:
        yield SecuredKafka(broker, authority, folder)
