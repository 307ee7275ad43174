"""Every code: its title and severity. `docs/reference/errors/` has a page for each, `tests/golden/errors/` a case.

SF1xx the shape of a class, SF2xx names, members and arguments, SF3xx what is refused in a method, SF4xx warnings, SF5xx errors at run time.
"""

from __future__ import annotations

from typing import NamedTuple

from stateflow.compiler.diagnostics import Severity

__all__ = ["CATALOGUE", "Entry"]


class Entry(NamedTuple):
    """What a code stands for."""

    code: str
    title: str
    severity: Severity = Severity.ERROR


_ERRORS = {
    "SF101": "An entity class without `__key__`",
    "SF102": "`__key__` is not a plain method without parameters",
    "SF103": "A class whose source is not known",
    "SF104": "An entity class that derives from one of Python's own classes",
    "SF105": "An entity class with its own `__new__`",
    "SF106": "An entity class with its own `__getattribute__`",
    "SF107": "An entity class with `__del__`",
    "SF108": "An entity class with a metaclass",
    "SF109": "A dataclass entity that compares by value",
    "SF110": "Two entity classes of one name",
    "SF111": "An attribute that hides a method",
    "SF112": "`__key__` reaches another entity",
    "SF113": "`__key__` returns nothing",
    "SF114": "`__init__` is asynchronous or a generator",
    "SF115": "`__upgrade__` is not a plain method of the stored state alone",
    "SF116": "A former name that something else has now",
    "SF117": "A special method of an entity class that would not be called",
    "SF118": "An entity class that is a protocol",
    "SF119": "A `by_key` of its own",
    "SF120": "`__key__` does not follow from the attributes alone",
    "SF121": "`__partition__` is not a static method of the key",
    "SF122": "`__partition__` does not follow from the key alone",
    "SF200": "Classes that cannot be compiled",
    "SF202": "A name that is not defined",
    "SF203": "A method that the other class does not define",
    "SF204": "An attribute that the other class does not have",
    "SF205": "Arguments that a method does not take",
    "SF206": "Arguments that a creation does not take",
    "SF207": "Creation of an abstract entity",
    "SF208": "Assignment to a property that cannot be set",
    "SF209": "`await` of what a method cannot await",
    "SF301": "Assignment to a global variable",
    "SF302": "A change of an object that belongs to the module",
    "SF303": "Assignment to an attribute of a class",
    "SF304": "A change of a container that all objects of a class share",
    "SF305": "Code made while the method runs",
    "SF306": "`globals`, `locals`, and `vars` or `dir` without an argument",
    "SF307": "Access to the frames of the interpreter",
    "SF308": "`__import__` and `importlib.reload`",
    "SF309": "Input from the keyboard",
    "SF310": "Sleeping in a method",
    "SF311": "Threads and processes",
    "SF312": "Timers, tasks and queues of asyncio",
    "SF313": "A class defined in a method",
    "SF314": "`except*` around a call of another entity",
    "SF315": "A generator method called on another entity",
    "SF316": "A cached property that reaches another entity",
    "SF317": "A function that reaches another entity, given to a library",
    "SF318": "A `contextmanager` function around a call of another entity",
    "SF319": "An open file kept while another entity is called",
    "SF320": "A lock kept while another entity is called",
    "SF321": "Random numbers of the machine",
    "SF322": "Ending the process, signals",
    "SF323": "Other programs started in a method",
    "SF324": "An asynchronous generator",
    "SF325": "Waiting for a future in a method",
    "SF326": "A change of the process",
    "SF327": "Another class for an entity",
    "SF328": "An entity where only an object at hand will do",
    "SF329": "A value that cannot be stored is kept",
    "SF330": "Syntax that is nested too deep",
}
_WARNINGS = {
    "SF201": "An annotation that names nothing",
    "SF401": "A mutable default argument",
    "SF402": "Output of a method",
    "SF403": "The environment of the process",
    "SF404": "`hash` in a method",
    "SF405": "`id` in a method",
    "SF406": "An attribute of `self` that nothing sets",
    "SF407": "`__key__` reads an attribute that a method assigns",
    "SF408": "The network used in a method",
    "SF409": "Files used in a method",
    "SF410": "A database used in a method",
    "SF411": "A decorator that the compiler does not know",
    "SF412": "A change of a copy",
    "SF413": "An asynchronous call that nothing awaits",
    "SF414": "`del self` deletes a name only",
    "SF415": "A cache that all entities of a process share",
    "SF416": "A container of the module kept in an entity",
}
_AT_RUN_TIME = {
    "SF500": "An error of StateFlow",
    "SF501": "The entity does not exist",
    "SF502": "The entity exists already",
    "SF503": "The key of an entity changed",
    "SF504": "`__key__` answered what cannot be a key",
    "SF505": "`__partition__` answered what cannot be a key",
    "SF510": "A value that cannot be stored or sent",
    "SF511": "Bytes that are not a value",
    "SF520": "A reference in code that took it for a local object",
    "SF521": "Library code called a function that must suspend",
    "SF522": "An operation that cannot be repeated",
    "SF523": "A generator that was left half way where it would clean up",
    "SF530": "A limit was passed",
    "SF540": "A wrong option, or a wrong use of the API",
    "SF541": "An optional package is missing",
    "SF542": "The client is closed",
    "SF543": "No reply in time",
    "SF544": "A repeated request whose reply is no longer kept",
    "SF545": "Two requests with one id",
    "SF546": "No reply to a request is kept",
    "SF547": "A request that did not begin in time",
    "SF550": "The database cannot be used",
    "SF551": "The database is open already",
    "SF552": "The database is damaged",
    "SF553": "Not a database of this dataflow",
    "SF554": "A commit failed",
    "SF555": "An import that was refused",
    "SF570": "Stored states that the classes cannot take over",
    "SF571": "A stored state that the class cannot take over",
    "SF572": "Newer code has written to the file",
    "SF573": "A suspended method whose code has changed",
    "SF580": "A place that stopped",
    "SF600": "A program is missing",
    "SF601": "Kafka or Flink could not be fetched",
    "SF602": "Kafka or Flink did not start",
    "SF610": "No Kafka broker answers",
    "SF611": "A Kafka topic that cannot be used",
    "SF612": "A client with other classes than the job",
    "SF613": "Kafka refuses access",
    "SF620": "No JobManager answers",
    "SF621": "A job that Flink or StateFlow refuses",
    "SF622": "A job that an error in its workers ended",
    "SF623": "A savepoint that the log has outlived",
    "SF624": "A job that has not caught up after a restart",
}
CATALOGUE: dict[str, Entry] = {
    code: Entry(code, title, severity)
    for titles, severity in ((_ERRORS, Severity.ERROR), (_WARNINGS, Severity.WARNING), (_AT_RUN_TIME, Severity.ERROR))
    for code, title in titles.items()
}
