"""The files in `deployment/` say what their validators accept, and what StateFlow needs. No container is started here."""

from __future__ import annotations

import importlib.util
import io
import re
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import kubernetes_validate
import msgspec
import pytest
import yaml
from compose_spec import PyCompose
from dockerfile_parse import DockerfileParser
from msgspec import Struct

ROOT = Path(__file__).parents[2]
DEPLOYMENT = ROOT / "deployment"
COMPOSE = (DEPLOYMENT / "docker-compose.yml").read_text()
DOCKERFILE = (DEPLOYMENT / "Dockerfile").read_text()
HASH_SEED = "0"
_KUBERNETES = "1.37"
_INSTRUCTIONS = {
    "ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "ONBUILD", "RUN", "SHELL", "STOPSIGNAL",
    "USER", "VOLUME", "WORKDIR",
}  # fmt: skip


def _compose(text: str) -> PyCompose:
    # The validator knows no merge keys, so they are carried out first.
    checked = PyCompose.from_yaml(yaml.safe_dump(yaml.safe_load(text)))
    checked.validate()
    return checked


def _services() -> dict[str, Any]:
    services: dict[str, Any] = yaml.safe_load(COMPOSE)["services"]
    return services


def test_compose_file_is_valid() -> None:
    assert set(_compose(COMPOSE).service_names()) == {"kafka", "jobmanager", "taskmanager-1", "taskmanager-2", "http"}


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("    image: apache", "    imagee: apache"),
        ("condition: service_healthy", "condition: healthy"),
        ("127.0.0.1:9092:9092", "127.0.0.1:909x:9092"),
        ("interval: 5s", "interval: soon"),
        ("flink:/var/flink", "elsewhere:/var/flink"),
    ],
)
def test_mistake_in_the_compose_file_is_refused(right: str, wrong: str) -> None:
    assert right in COMPOSE
    with pytest.raises(ValueError):  # noqa: PT011 - the validator has no errors of its own
        _compose(COMPOSE.replace(right, wrong))


def test_services_depend_on_services_that_are_there() -> None:
    services = _services()
    assert all(set(service.get("depends_on", ())) <= set(services) for service in services.values())


def test_compose_without_a_profile_launches_kafka_alone_where_clients_look_for_it() -> None:
    services = _services()
    assert [name for name, service in services.items() if not service.get("profiles")] == ["kafka"]
    assert services["kafka"]["ports"] == ["127.0.0.1:9092:9092"]
    assert "HOST://localhost:9092" in services["kafka"]["environment"]["KAFKA_ADVERTISED_LISTENERS"]


def test_task_managers_in_containers_have_the_hash_seed() -> None:
    task_managers = [service for service in _services().values() if service.get("command") == "taskmanager"]
    assert len(task_managers) == 2
    assert {service["environment"]["PYTHONHASHSEED"] for service in task_managers} == {HASH_SEED}


def _manifests() -> list[tuple[str, dict[str, Any]]]:
    files = sorted((DEPLOYMENT / "kubernetes").glob("*.yaml"))
    return [(f"{file.stem}-{each['kind']}", each) for file in files for each in yaml.safe_load_all(file.read_text())]


CORE = [(name, each) for name, each in _manifests() if each["kind"] != "FlinkDeployment"]


@pytest.mark.parametrize("manifest", [each for _, each in CORE], ids=[name for name, _ in CORE])
def test_kubernetes_object_is_valid_and_a_planted_mistake_is_refused(manifest: dict[str, Any]) -> None:
    kubernetes_validate.validate(manifest, _KUBERNETES, strict=True)
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate({**manifest, "metdata": {}}, _KUBERNETES, strict=True)


class _Named(Struct, forbid_unknown_fields=True):
    name: str
    namespace: str


class _Resource(Struct, forbid_unknown_fields=True):
    memory: str
    cpu: float


class _Manager(Struct, forbid_unknown_fields=True):
    resource: _Resource
    replicas: int = 1


class _Spec(Struct, forbid_unknown_fields=True, rename="camel"):
    image: str
    flink_version: str
    mode: str
    service_account: str
    flink_configuration: dict[str, str]
    job_manager: _Manager
    task_manager: _Manager
    pod_template: dict[str, Any]


class _FlinkDeployment(Struct, forbid_unknown_fields=True, rename="camel"):
    """Those fields of the operator's resource that we use, with the types that it gives them."""

    api_version: str
    kind: str
    metadata: _Named
    spec: _Spec


def _cluster() -> _FlinkDeployment:
    (manifest,) = [each for _, each in _manifests() if each["kind"] == "FlinkDeployment"]
    return msgspec.convert(manifest, _FlinkDeployment)


def test_flink_deployment_has_the_operators_fields_and_a_valid_pod() -> None:
    cluster = _cluster()
    assert cluster.api_version == "flink.apache.org/v1beta1"
    assert re.fullmatch(r"v\d+_\d+", cluster.spec.flink_version)
    assert cluster.spec.mode in ("native", "standalone")
    kubernetes_validate.validate(cluster.spec.pod_template, _KUBERNETES, strict=True)
    accounts = [each["metadata"]["name"] for _, each in CORE if each["kind"] == "ServiceAccount"]
    assert cluster.spec.service_account in accounts


@pytest.mark.parametrize(
    ("path", "value"),
    [(("spec", "imagee"), "x"), (("spec", "jobManager", "replicas"), "two"), (("spec", "flinkConfiguration", "heartbeat.interval"), 300)],
)
def test_mistake_in_the_flink_deployment_is_refused(path: tuple[str, ...], value: object) -> None:
    manifest: dict[str, Any] = msgspec.to_builtins(_cluster())
    inside = manifest
    for name in path[:-1]:
        inside = inside[name]
    inside[path[-1]] = value
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(manifest, _FlinkDeployment)


def test_cluster_in_kubernetes_has_hash_seed_checkpoints_availability_and_a_warm_spare() -> None:
    spec = _cluster().spec
    settings = spec.flink_configuration
    (container,) = spec.pod_template["spec"]["containers"]
    assert {"name": "PYTHONHASHSEED", "value": HASH_SEED} in container["env"]
    assert settings["containerized.taskmanager.env.PYTHONHASHSEED"] == HASH_SEED
    assert settings["high-availability.type"] == "kubernetes"
    assert int(settings["slotmanager.redundant-taskmanager-num"]) >= 1
    mounted = container["volumeMounts"][0]["mountPath"]
    for name in ("execution.checkpointing.dir", "execution.checkpointing.savepoint-dir", "high-availability.storageDir"):
        assert settings[name].startswith(f"file://{mounted}/")


def _setting_names() -> set[str]:
    names = set(_cluster().spec.flink_configuration)
    for service in _services().values():
        names |= set(yaml.safe_load(service.get("environment", {}).get("FLINK_PROPERTIES", "{}")))
    return {name for name in names if not name.startswith("containerized.taskmanager.env.")}


def test_flink_knows_each_setting_by_its_name() -> None:
    found = importlib.util.find_spec("pyflink")
    if found is None or not found.submodule_search_locations:
        pytest.skip("PyFlink is not installed")
    (jar,) = (Path(found.submodule_search_locations[0]) / "lib").glob("flink-dist-*.jar")
    with zipfile.ZipFile(jar) as archive:
        options = b"".join(archive.read(name) for name in archive.namelist() if re.search(r"flink/\S*Options\.class$", name))
    assert [name for name in sorted(_setting_names()) if name.encode() not in options] == []


def _instructions(text: str) -> list[tuple[str, str]]:
    """Return the instructions of a Dockerfile.

    Raises:
        ValueError: one is none of Docker's.
    """
    parsed = DockerfileParser(fileobj=io.BytesIO(text.encode())).structure
    found = [(each["instruction"], each["value"]) for each in parsed if each["instruction"] != "COMMENT"]
    if unknown := {name for name, _ in found} - _INSTRUCTIONS:
        raise ValueError(f"no instructions: {unknown}")
    return found


def test_dockerfile_has_instructions_of_docker_only() -> None:
    assert _instructions(DOCKERFILE)[0][0] == "FROM"
    with pytest.raises(ValueError, match="COPPY"):
        _instructions(DOCKERFILE.replace("COPY src", "COPPY src"))


def test_dockerfile_copies_what_is_there() -> None:
    copies = [value.split() for name, value in _instructions(DOCKERFILE) if name == "COPY"]
    stages = re.findall(r"^FROM \S+ AS (\S+)$", DOCKERFILE, re.MULTILINE)
    from_stages = {part.removeprefix("--from=") for words in copies for part in words if part.startswith("--from=")}
    assert from_stages <= set(stages)
    ours = [part for words in copies if not words[0].startswith("--") for part in words[:-1]]
    assert [part for part in ours if not (ROOT / part.replace("${CLASSES}", "demos")).exists()] == []


def test_shell_of_the_dockerfile_is_well_formed() -> None:
    bash = shutil.which("bash")
    assert bash
    for name, value in _instructions(DOCKERFILE):
        if name == "RUN":
            done = subprocess.run([bash, "-n", "-c", value], capture_output=True, timeout=60, check=False)
            assert done.returncode == 0, done.stderr.decode()


def test_dockerfile_sets_the_hash_seed_runs_as_nobody_special_and_has_the_version_of_flink_that_is_tested() -> None:
    parser = DockerfileParser(fileobj=io.BytesIO(DOCKERFILE.encode()))
    assert parser.envs["PYTHONHASHSEED"] == HASH_SEED
    last = [value for name, value in _instructions(DOCKERFILE) if name == "USER"][-1]
    assert last not in ("root", "0")
    (version,) = re.findall(r"^apache-flink==(\S+)$", (ROOT / "constraints.txt").read_text(), re.MULTILINE)
    assert set(re.findall(r"flink(?:-python-|:)(\d+\.\d+\.\d+)", DOCKERFILE)) == {version}
