"""Calls of Python's library that do not belong in a method, by one table.

SF305 to SF312, SF321 to SF323, SF402 to SF405, SF408 to SF410.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from stateflow.compiler.checks.context import Context, Unit
    from stateflow.compiler.checks.receivers import Receivers

__all__ = ["RULES", "check_library"]


class _Rule(NamedTuple):
    """Names, what is wrong with calling them, and what to do instead. `package.*` stands for all of a package."""

    code: str
    names: str
    does: str
    why: str
    fix: str


_UNDONE = "it takes effect at once: a request that fails or runs again does not undo it"
RULES = (
    _Rule("SF305", "builtins.exec builtins.eval builtins.compile", "runs code made from text",
          "the compiler cannot see which entities that code reaches", "write the code itself, or choose among functions by a dict"),
    _Rule("SF307", "sys._getframe sys._current_frames sys.settrace sys.setprofile inspect.currentframe inspect.stack inspect.trace "
          "inspect.getouterframes", "looks at the interpreter's frames",
          "a method that waits for another entity is no frame of the interpreter; its callers are not on the stack",
          "pass what the method needs as an argument"),
    _Rule("SF308", "builtins.__import__ importlib.reload importlib.import_module", "imports by a computed name",
          "the compiler cannot see what is called", "write an import statement at the top of the module"),
    _Rule("SF309", "builtins.input", "waits for the keyboard", "a method runs on a server, where nobody types",
          "read the input in the client, and pass it as an argument"),
    _Rule("SF310", "time.sleep", "sleeps", "the method would hold its locks and the worker while it does nothing",
          "return, and let the client call again later"),
    _Rule("SF311", "threading.* thread.* multiprocessing.* concurrent.* queue.Queue queue.SimpleQueue os.fork os.forkpty",
          "uses threads or processes",
          "a method is one transaction in one thread; what another thread does is no part of it",
          "call the entities one after the other, or by asyncio.gather; no lock is needed: each method runs alone on its entities"),
    _Rule("SF312", "asyncio.sleep asyncio.create_task asyncio.ensure_future asyncio.wait asyncio.wait_for asyncio.as_completed "
          "asyncio.TaskGroup asyncio.run asyncio.timeout asyncio.timeout_at asyncio.shield asyncio.to_thread "
          "asyncio.Lock asyncio.Event asyncio.Condition asyncio.Semaphore asyncio.Queue asyncio.Future "
          "asyncio.get_event_loop asyncio.get_running_loop asyncio.open_connection "
          "asyncio.create_subprocess_exec asyncio.create_subprocess_shell", "uses asyncio's event loop",
          "methods run without an event loop: `await` waits for another entity, not for time or the network",
          "await the calls themselves, or asyncio.gather of them"),
    _Rule("SF321", "random.SystemRandom secrets.SystemRandom os.urandom os.getrandom", "asks the machine for random numbers",
          "a request that runs again would get other numbers", "use random or secrets: methods get them from the request"),
    _Rule("SF322", "sys.exit builtins.exit builtins.quit os._exit os.abort os.kill signal.*", "ends the process or changes its signals",
          "the process serves other entities too", "raise an exception: it undoes the request and reaches the client"),
    _Rule("SF323", "subprocess.* os.system os.popen os.execv os.execve os.execvp os.spawnl os.spawnv os.posix_spawn pty.spawn",
          "starts another program", _UNDONE, "start it in the client, with what the method returned"),
    _Rule("SF402", "builtins.print", "prints", "a request that runs again prints again, on the machine that runs it",
          "return the text, or keep it in an attribute"),
    _Rule("SF403", "os.getenv os.environ.get os.getcwd os.getpid os.uname os.cpu_count os.getlogin platform.* locale.getlocale "
          "socket.gethostname",
          "reads the environment of the process", "a request that runs again, on another machine, may see another value",
          "read it once when the module is imported, or pass it as an argument"),
    _Rule("SF404", "builtins.hash", "calls hash", "the hash of text differs from process to process unless PYTHONHASHSEED is fixed",
          "use zlib.crc32 or hashlib"),
    _Rule("SF405", "builtins.id", "calls id", "an object has another id after it moved or was stored",
          "compare with `is`, or keep a number of your own in the object"),
    _Rule("SF408", "requests.* httpx.* aiohttp.* urllib3.* urllib.urlopen urllib.urlretrieve urllib.build_opener http.HTTPConnection "
          "http.HTTPSConnection socket.socket socket.create_connection socket.getaddrinfo socket.gethostbyname smtplib.* ftplib.* "
          "imaplib.* telnetlib.*", "uses the network", _UNDONE, "do it in the client, before or after the call"),
    _Rule("SF409", "builtins.open os.open os.remove os.unlink os.rename os.replace os.mkdir os.makedirs os.rmdir os.listdir os.scandir "
          "os.walk shutil.* tempfile.* glob.glob", "uses files", _UNDONE,
          "read and write files in the client, and keep what methods need in attributes"),
    _Rule("SF410", "sqlite3.* dbm.* shelve.* psycopg.* psycopg2.* pymysql.* mysql.* sqlalchemy.* pymongo.* redis.* boto3.*",
          "uses a database", _UNDONE, "keep the state in the attributes of entities: they are stored"),
)  # fmt: skip
_SILENT = frozenset("threading.current_thread threading.get_ident concurrent.CancelledError signal.Signals requests.codes".split())
_BY_NAME = {name: rule for rule in RULES for name in rule.names.split()}
_NAMESPACES = frozenset({"globals", "locals"})
_NAMESPACES_OF_NOTHING = frozenset({"vars", "dir"})


def check_library(context: Context, receivers: Receivers) -> None:
    """Look each called name up in the table."""
    for unit in context.units:
        for call in unit.of(ast.Call):
            if not isinstance(call.func, ast.Name | ast.Attribute):
                continue
            name = unit.names.canonical(call.func)
            if name is not None:
                _check_call(context, unit, call, name)
        _check_environment(context, unit)


def _check_call(context: Context, unit: Unit, call: ast.Call, name: str) -> None:
    package, _, function = name.partition(".")
    if package == "builtins" and (function in _NAMESPACES or (function in _NAMESPACES_OF_NOTHING and not call.args)):
        _report_namespace(context, unit, call, function)
        return
    rule = _BY_NAME.get(name) or _BY_NAME.get(f"{package}.*")
    if rule is None or name in _SILENT or _is_exception(unit, call) or _is_portable(unit, call, function):
        return
    message = f"`{unit.name}` {rule.does}: `{ast.unparse(call.func)}`"
    context.report(rule.code, unit, call, message, why=rule.why, fix=rule.fix)


def _is_exception(unit: Unit, call: ast.Call) -> bool:
    value = unit.names.value(call.func)
    return isinstance(value, type) and issubclass(value, BaseException)


def _is_portable(unit: Unit, call: ast.Call, function: str) -> bool:
    """Tell whether a call of `hash` does no harm: of a number, or to define `__hash__`, whose answer lives as long as the process."""
    argument = call.args[0] if call.args else None
    is_number = isinstance(argument, ast.Constant) and isinstance(argument.value, int)
    return function == "hash" and (is_number or unit.source.function.__name__ == "__hash__")


def _report_namespace(context: Context, unit: Unit, call: ast.Call, function: str) -> None:
    context.report(
        "SF306",
        unit,
        call,
        f"`{unit.name}` calls `{function}()`",
        why="a method that waits for another entity keeps its variables elsewhere meanwhile; the answer would be another one",
        fix="name the variables, or keep them in a dict of your own",
    )


def _check_environment(context: Context, unit: Unit) -> None:
    nodes = [n for n in unit.of(ast.Attribute) if n.attr == "environ"]
    nodes += [n for n in unit.of(ast.Name) if unit.names.get(n.id) is not None and n.id == "environ"]
    for node in nodes:
        if unit.names.canonical(node) == "os.environ":
            rule = _BY_NAME["os.getenv"]
            message = f"`{unit.name}` {rule.does}: `{ast.unparse(node)}`"
            context.report(rule.code, unit, node, message, why=rule.why, fix=rule.fix)
