"""The table of Python's library: what does not belong in a method, why, and what to do instead."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["BY_NAME", "CHANGED", "FILES", "INPUT", "LOCKS", "OUTPUT", "RULES", "Rule"]


class Rule(NamedTuple):
    """Names, what is wrong with calling them, and what to do instead. `package.*` stands for all of a package."""

    code: str
    names: str
    does: str
    why: str
    fix: str


CHANGED = (
    "other requests in this process would see the change, those in other processes not; a request that fails or runs again does not undo it"
)
_UNDONE = "it takes effect at once: a request that fails or runs again does not undo it"
RULES = (
    Rule("SF305", "builtins.exec builtins.eval builtins.compile", "runs code made from text",
          "the compiler cannot see which entities that code reaches", "write the code itself, or choose among functions by a dict"),
    Rule("SF307", "sys._getframe sys._current_frames sys.settrace sys.setprofile inspect.currentframe inspect.stack inspect.trace "
          "inspect.getouterframes", "looks at the interpreter's frames",
          "a method that waits for another entity is no frame of the interpreter; its callers are not on the stack",
          "pass what the method needs as an argument"),
    Rule("SF308", "builtins.__import__ importlib.reload importlib.import_module", "imports by a computed name",
          "the compiler cannot see what is called", "write an import statement at the top of the module"),
    Rule("SF309", "builtins.input", "waits for the keyboard", "a method runs on a server, where nobody types",
          "read the input in the client, and pass it as an argument"),
    Rule("SF310", "time.sleep", "sleeps", "the method would hold its locks and the worker while it does nothing",
          "return, and let the client call again later"),
    Rule("SF311", "threading.* thread.* multiprocessing.* concurrent.* queue.Queue queue.SimpleQueue os.fork os.forkpty",
          "uses threads or processes",
          "a method is one transaction in one thread; what another thread does is no part of it",
          "call the entities one after the other, or by asyncio.gather; no lock is needed: each method runs alone on its entities"),
    Rule("SF312", "asyncio.sleep asyncio.create_task asyncio.ensure_future asyncio.wait asyncio.wait_for asyncio.as_completed "
          "asyncio.TaskGroup asyncio.run asyncio.timeout asyncio.timeout_at asyncio.shield asyncio.to_thread "
          "asyncio.Lock asyncio.Event asyncio.Condition asyncio.Semaphore asyncio.Queue asyncio.Future "
          "asyncio.get_event_loop asyncio.get_running_loop asyncio.open_connection "
          "asyncio.create_subprocess_exec asyncio.create_subprocess_shell", "uses asyncio's event loop",
          "methods run without an event loop: `await` waits for another entity, not for time or the network",
          "await the calls themselves, or asyncio.gather of them"),
    Rule("SF321", "random.SystemRandom secrets.SystemRandom os.urandom os.getrandom", "asks the machine for random numbers",
          "a request that runs again would get other numbers", "use random or secrets: methods get them from the request"),
    Rule("SF322", "sys.exit builtins.exit builtins.quit os._exit os.abort os.kill signal.*", "ends the process or changes its signals",
          "the process serves other entities too", "raise an exception: it undoes the request and reaches the client"),
    Rule("SF323", "subprocess.* os.system os.popen os.execv os.execve os.execvp os.spawnl os.spawnv os.posix_spawn pty.spawn",
          "starts another program", _UNDONE, "start it in the client, with what the method returned"),
    Rule("SF326", "os.chdir os.fchdir os.putenv os.unsetenv os.umask os.nice os.setuid os.setgid os.seteuid os.setegid os.setpriority "
          "sys.setrecursionlimit sys.setswitchinterval sys.set_int_max_str_digits sys.addaudithook locale.setlocale decimal.setcontext "
          "warnings.simplefilter warnings.filterwarnings warnings.resetwarnings gc.enable gc.disable gc.freeze gc.unfreeze "
          "gc.set_threshold gc.set_debug atexit.* faulthandler.* tracemalloc.start tracemalloc.stop resource.setrlimit "
          "socket.setdefaulttimeout time.tzset logging.basicConfig logging.disable logging.captureWarnings logging.dictConfig "
          "logging.fileConfig", "changes the process", CHANGED, "do it once when the module is imported, outside of methods"),
    Rule("SF402", "builtins.print logging.debug logging.info logging.warning logging.error logging.exception logging.critical logging.log",
          "writes", "a request that runs again writes again, on the machine that runs it", "return the text, or keep it in an attribute"),
    Rule("SF403", "os.getenv os.environ.get os.getcwd os.getpid os.uname os.cpu_count os.getlogin platform.* locale.getlocale "
          "socket.gethostname",
          "reads the environment of the process", "a request that runs again, on another machine, may see another value",
          "read it once when the module is imported, or pass it as an argument"),
    Rule("SF404", "builtins.hash", "calls hash", "the hash of text differs from process to process unless PYTHONHASHSEED is fixed",
          "use zlib.crc32 or hashlib"),
    Rule("SF405", "builtins.id", "calls id", "an object has another id after it moved or was stored",
          "compare with `is`, or keep a number of your own in the object"),
    Rule("SF408", "requests.* httpx.* aiohttp.* urllib3.* urllib.urlopen urllib.urlretrieve urllib.build_opener http.HTTPConnection "
          "http.HTTPSConnection socket.socket socket.create_connection socket.getaddrinfo socket.gethostbyname smtplib.* ftplib.* "
          "imaplib.* telnetlib.*", "uses the network", _UNDONE, "do it in the client, before or after the call"),
    Rule("SF409", "builtins.open os.open os.remove os.unlink os.rename os.replace os.mkdir os.makedirs os.rmdir os.listdir os.scandir "
          "os.walk shutil.* tempfile.* glob.glob", "uses files", _UNDONE,
          "read and write files in the client, and keep what methods need in attributes"),
    Rule("SF410", "sqlite3.* dbm.* shelve.* psycopg.* psycopg2.* pymysql.* mysql.* sqlalchemy.* pymongo.* redis.* boto3.*",
          "uses a database", _UNDONE, "keep the state in the attributes of entities: they are stored"),
)  # fmt: skip
BY_NAME = {name: rule for rule in RULES for name in rule.names.split()}
INPUT, OUTPUT, FILES, LOCKS = BY_NAME["builtins.input"], BY_NAME["builtins.print"], BY_NAME["builtins.open"], BY_NAME["threading.*"]
"""What is said of objects that do the same by their methods: the standard streams, loggers, paths, locks."""
