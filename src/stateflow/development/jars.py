"""Fetch the Java archives of Kafka and Flink by Maven, once, into one cache folder."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import threading
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Final

from stateflow.errors import JarsNotFetched, ToolMissing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["cache_folder", "fetch_jars", "find_java"]

FETCH_DEADLINE_S: Final = 600.0
"""Maven fetches some 50 MB; a slow line gets ten minutes, a dead one an error."""

_JAVA_VERSION: Final = 17
_PLUGIN: Final = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
_LIST: Final = "fetched.txt"
_FETCHED = re.compile(rb"Downloaded from \S+: \S*/(?P<name>[^/\s]+\.jar) ")


def cache_folder() -> Path:
    """Return the folder that keeps fetched archives: `$STATEFLOW_CACHE`, or `stateflow` in the user's cache folder."""
    chosen = os.environ.get("STATEFLOW_CACHE")
    if chosen:
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "stateflow"


def find_java() -> str:
    """Return the path of a Java that is new enough.

    Raises:
        ToolMissing: there is none, or it is older than 17.
    """
    home = os.environ.get("JAVA_HOME")
    java = shutil.which(str(Path(home) / "bin" / "java")) if home else None
    java = java or shutil.which("java")
    if java is None:
        raise ToolMissing(f"Java {_JAVA_VERSION} or later", "install it (Debian: apt install openjdk-17-jre-headless) or set JAVA_HOME")
    printed = subprocess.run([java, "-version"], capture_output=True, timeout=60, check=False).stderr.decode(errors="replace")
    found = re.search(r'version "(\d+)', printed)
    if found is None or int(found[1]) < _JAVA_VERSION:
        version = found[1] if found else "unknown"
        raise ToolMissing(f"Java {_JAVA_VERSION} or later", f"{java} is version {version}; install a newer one or set JAVA_HOME")
    return java


def fetch_jars(name: str, on_fetched: Callable[[str], None] | None = None) -> Path:
    """Return a folder with the archives that `poms/<name>.xml` asks for, fetching them when they are not there.

    Args:
        name: `kafka` or `flink`.
        on_fetched: called with the name of each archive that comes in.

    Raises:
        ToolMissing: Maven or Java is not installed.
        JarsNotFetched: Maven failed, or was not done in time.
    """
    pom = resources.files("stateflow.development") / "poms" / f"{name}.xml"
    text = pom.read_bytes()
    folder = cache_folder() / "jars" / f"{name}-{hashlib.sha256(text).hexdigest()[:12]}"
    if _is_complete(folder):
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _only_process(folder.with_suffix(".lock")):
        if not _is_complete(folder):
            shutil.rmtree(folder, ignore_errors=True)
            _fetch(name, text, folder, on_fetched or (lambda _: None))
    return folder


def _is_complete(folder: Path) -> bool:
    """Tell whether a folder has all that was fetched into it: somebody may have tidied up."""
    listed = folder / _LIST
    names = listed.read_text().splitlines() if listed.exists() else []
    return all((folder / name).is_file() for name in names) if names else any(folder.glob("*.jar"))


@contextlib.contextmanager
def _only_process(path: Path) -> Iterator[None]:
    with path.open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fetch(name: str, pom: bytes, folder: Path, on_fetched: Callable[[str], None]) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise ToolMissing("Maven", "install it (Debian: apt install maven); it fetches Kafka and Flink")
    find_java()
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f"{name}-") as temporary:
        work = Path(temporary)
        (work / "pom.xml").write_bytes(pom)
        made = work / "jars"
        command = [maven, "-B", "-f", str(work / "pom.xml"), _PLUGIN, "-DincludeScope=runtime", f"-DoutputDirectory={made}"]
        _run_maven(command, name, on_fetched)
        names = sorted(jar.name for jar in made.glob("*.jar"))
        if not names:
            raise JarsNotFetched(name, "Maven ended well but left no archive")
        (made / _LIST).write_text("\n".join(names))
        made.rename(folder)


def _run_maven(command: list[str], name: str, on_fetched: Callable[[str], None]) -> None:
    last: list[bytes] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        watch = threading.Timer(FETCH_DEADLINE_S, process.kill)
        watch.start()
        assert process.stdout is not None
        for line in process.stdout:
            last = [*last[-19:], line]
            if found := _FETCHED.search(line):
                on_fetched(found["name"].decode())
        code = process.wait()
        in_time = watch.is_alive()
        watch.cancel()
    if not in_time:
        raise JarsNotFetched(name, f"Maven was not done within {FETCH_DEADLINE_S:.0f} s")
    if code:
        errors = b"".join(line for line in last if line.startswith(b"[ERROR]")) or b"".join(last)
        raise JarsNotFetched(name, f"Maven failed:\n{errors.decode(errors='replace').strip()}")
