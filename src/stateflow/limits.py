"""The limits of StateFlow, each with its reason. What passes one of them raises `LimitExceeded`."""

from __future__ import annotations

from typing import Final

__all__ = [
    "BLOCK_REPLY_BYTES",
    "CACHED_ENTITY_BYTES",
    "CACHED_STATE_FACTOR",
    "CACHE_BYTES",
    "CACHE_SHARE",
    "CALL_DEPTH",
    "COMMIT_BYTES",
    "COMMIT_REQUESTS",
    "DEADLINE_S",
    "DEAD_LETTERS",
    "DEAD_LETTER_BYTES",
    "ENVELOPE_BYTES",
    "ENVELOPE_MESSAGES",
    "FETCHED_REQUESTS",
    "FETCH_BYTES",
    "FIRST_LABELS",
    "FORMER_DIGESTS",
    "GATHERED_BYTES",
    "HELD_REQUESTS",
    "HOMES",
    "HTTP_BODY_BYTES",
    "HTTP_BODY_S",
    "HTTP_CONNECTIONS",
    "HTTP_HEAD_S",
    "HTTP_JSON_NESTING",
    "HTTP_OUTSTANDING",
    "IMPORT_ENTITIES",
    "JOB_CATCH_UP_S",
    "JOB_RESTARTS",
    "JSON_NESTING",
    "KEPT_REFERENCES",
    "KEY_BYTES",
    "KEY_NESTING",
    "LEDGER_BLOCKS",
    "LEDGER_BYTES",
    "LEDGER_READ_BYTES",
    "LEDGER_REQUESTS",
    "LEDGER_S",
    "LINK_DIGESTS",
    "LIST_ENTITIES",
    "LIST_PAGE",
    "MEMBER_NAMES",
    "MESSAGE_BYTES",
    "NAMES_BYTES",
    "NAME_BYTES",
    "NATIVE_CALL_DEPTH",
    "OUTSIDE_BYTES",
    "OUTSTANDING_REQUESTS",
    "PARK_BYTES",
    "PLACE_REQUESTS",
    "QUEUE_REQUESTS",
    "READ_REPLIES",
    "RECORD_BYTES",
    "RECORD_ENVELOPE_BYTES",
    "RECORD_REQUESTS",
    "REQUEST_ASKERS",
    "REQUEST_S",
    "SNAPSHOT_BYTES",
    "SNAPSHOT_ENTITIES",
    "STACKED_NESTING",
    "TRACEBACK_ENTRIES",
    "TRANSACTION_OPERATIONS",
    "UNLOADED_RECORDS",
    "VALUE_BYTES",
    "VALUE_NODES",
    "VISITED_PLACES",
    "WRITE_BACK_BYTES",
]

VALUE_BYTES: Final = 64 * 1024 * 1024
"""The size of one encoded value. A larger state makes each commit, checkpoint and move slow; it belongs in several entities."""

VALUE_NODES: Final = 4_000_000
"""Objects with parts in one value. Each takes about 100 bytes of memory on reading, so that hostile bytes cannot ask for gigabytes."""

STACKED_NESTING: Final = 500
"""How deep tuples, iterators, bound methods and other immutable objects may hold one another. CPython hashes and frees those by recursion
in C without a check; far deeper ones would overflow its stack. Lists, dicts and instances have no such limit."""

IMPORT_ENTITIES: Final = 512
"""Entities that an import holds in memory before it writes them. All of them are one commit all the same."""

JSON_NESTING: Final = 40
"""How deep objects nest in the JSON of a state. Deeper ones are written as a table: some readers of JSON stop at 64 levels."""

KEY_BYTES: Final = 4_096
"""The size of one encoded key. Keys are hashed, compared and logged with each request, so a long one costs everywhere."""

KEY_NESTING: Final = 8
"""How deep tuples may nest in a key; real composite keys have one or two levels."""

CALL_DEPTH: Final = 900
"""Calls within calls of one request. Deeper ones are runaway recursion; CPython's own default limit is 1000."""

TRANSACTION_OPERATIONS: Final = 200_000
"""Operations on entities and calls of resumable methods in one transaction: half a second to eight seconds of work (where each raises an
exception), during which all others wait. More are taken for a loop that never ends; a method that really works on more entities is better
cut into several requests."""

DEADLINE_S: Final = 24 * 3600.0
"""How far off a deadline may be, in seconds: as long as the ledger knows requests. A later one would refuse nothing any more."""

LIST_PAGE: Final = 1_000
"""Entities in one page of `client.list`, where the caller does not say: some milliseconds of work, and few calls for many entities."""

LIST_ENTITIES: Final = 10_000
"""Entities in one page of `client.list`, at most. While a page is read, no other request runs; the next page begins after this one."""

SNAPSHOT_BYTES: Final = 256 * 1024 * 1024
"""What the entities of one snapshot may take in memory, estimated as in the cache: as much as that has. A copy of them is the reply."""

SNAPSHOT_ENTITIES: Final = 10_000
"""Entities in one snapshot. All are in memory at once, and no other request runs meanwhile, for a tenth of a second or two."""

NATIVE_CALL_DEPTH: Final = 60
"""Calls between entities that run on the interpreter's stack. Deeper ones continue on a stack of frames, which cannot overflow."""

TRACEBACK_ENTRIES: Final = 64
"""Entries of a traceback that a frame keeps, the innermost ones. People read few more; those of a deep recursion would be most of
the frame."""

MESSAGE_BYTES: Final = 16 * 1024 * 1024
"""The size of one request. It waits in a queue with ten thousand others; larger arguments are sent in parts."""

QUEUE_REQUESTS: Final = 10_000
"""Requests that may wait for the embedded engine: some megabytes, and a tenth of a second to half a second of work. A client that submits
more waits for room, so that a fast producer slows down instead of filling the memory."""

COMMIT_REQUESTS: Final = 512
"""Requests in one commit of the embedded engine. By then the fixed cost of a commit is a small share of each; more would only add
waiting."""

COMMIT_BYTES: Final = 8 * 1024 * 1024
"""Bytes in one commit of the embedded engine, after which it is closed even when it has few requests."""

CACHE_BYTES: Final = 256 * 1024 * 1024
"""What the entities in memory may take together: about 250,000 small ones. Others are loaded when they are used. On
the embedded engine it is the least default, see `CACHE_SHARE`."""

CACHE_SHARE: Final = 8
"""The embedded engine's entities may take this part of the memory that the process may use, where that is more than `CACHE_BYTES`: an
eighth leaves room for the program's own."""

CACHED_ENTITY_BYTES: Final = 900
"""What one entity in memory takes beside its values: instance and its dict, record, reference, key, and their places in tables."""

CACHED_STATE_FACTOR: Final = 6
"""How much larger values are as Python objects than in bytes: a small int takes 1 byte there and 28 here."""

KEPT_REFERENCES: Final = 8_192
"""Entities to which a store keeps its reference though nothing else holds it, some 2 MB. To make one takes a microsecond; two objects that
the garbage collector follows for each entity in memory take more, once there are many."""

LEDGER_REQUESTS: Final = 200_000
"""Requests whose replies are kept: half an hour at 100 requests/s. Each takes about 100 bytes of memory and 100 bytes of the file."""

LEDGER_BYTES: Final = 256 * 1024 * 1024
"""What the kept replies may take together in the file."""

LEDGER_S: Final = 24 * 3600.0
"""How long a reply is kept, in seconds. A client repeats a request within minutes, one that was down overnight within a day."""

LEDGER_BLOCKS: Final = 256
"""Blocks of replies in the memory of one place: clients' newest, which their next requests ask for. Each takes 15 kB, or 40 with the
largest replies; a client with 2,000 requests outstanding uses 20."""

BLOCK_REPLY_BYTES: Final = 256
"""A kept reply that still shares a record with others. Each new one of them writes it again, and they are 111 at most."""

FETCHED_REQUESTS: Final = 256
"""For how many queued requests entities are read at once: the more, the less a statement counts; they wait in memory meanwhile."""

READ_REPLIES: Final = 64
"""Replies to reads that leave together while further reads wait. The first of them then waits a millisecond; more would save little."""

LEDGER_READ_BYTES: Final = 1024
"""Replies of reads that are kept. A read has no effect, so one whose reply is larger simply reads again when it is repeated."""

ENVELOPE_BYTES: Final = 2 * VALUE_BYTES
"""The size of one envelope between places. It holds at least one state of the largest size, with its frames."""

OUTSIDE_BYTES: Final = 32 * 1024
"""What an envelope may take beside its messages: two names, of which that of a place may hold a key of the largest size, and numbers."""

NAMES_BYTES: Final = 96 * 1024
"""More than the ids, names and labels of a message take that names one visited place and two entities: most messages. So their size is
looked at only when their values take almost all of an envelope."""

NAME_BYTES: Final = 1_024
"""The size of a request id, and of a client's name. Both are in every message of the request; real ones take some dozen bytes."""

ENVELOPE_MESSAGES: Final = 100_000
"""Messages in one envelope. A step that wakes many transactions sends many; more are split by the sender's engine."""

RECORD_BYTES: Final = 16 * 1024 * 1024
"""The size of one record on a log. Brokers and their clients hold several in memory at once."""

RECORD_ENVELOPE_BYTES: Final = RECORD_BYTES - 4096
"""The size of an envelope that is a record on a log, which has a key and numbers of its own. One that the log refused would end the job,
and again each time that the job goes on."""

GATHERED_BYTES: Final = 64 * 1024
"""What a place sends that waits for its further steps, to share their records. It is kept anew with each of them."""

RECORD_REQUESTS: Final = 500
"""Requests that a client puts into one record. From there on a larger record saves nothing, and its first request waits for the last."""

OUTSTANDING_REQUESTS: Final = 10_000
"""Requests of one client that may be without a reply. A thread that sends more waits for room, so that its memory is bounded."""

HELD_REQUESTS: Final = 100_000
"""Requests of event loops that wait in one client for room among those. A loop cannot be made to wait, so its requests are held, and beyond
this refused: each takes memory, and the last of them would be sent seconds later."""

JOB_CATCH_UP_S: Final = 120.0
"""How long a job that has restarted may need to catch up, in seconds. With a checkpoint each second there is little to read again."""

JOB_RESTARTS: Final = 60
"""Restarts of a job without a minute of running between them. They wait longer and longer, up to 10 s, so that a worker that cannot run the
classes is given up after some ten minutes; a broker that is down for so long makes fewer, since each waits for it first. A cluster without
TaskManagers makes none, where it is set to let jobs wait."""

HTTP_BODY_BYTES: Final = 4 * 1024 * 1024
"""The body of an HTTP request. It is read whole before the endpoint runs, so this times the connections bounds the memory."""

HTTP_BODY_S: Final = 30.0
"""How long the body of an HTTP request may take to come. One byte a second would keep a connection for weeks."""

HTTP_CONNECTIONS: Final = 2_000
"""Connections of one HTTP server. Each may hold a body. When there are more, the oldest that has sent no complete request is closed; where
all have, the new one is told 503 at once."""

HTTP_HEAD_S: Final = 15.0
"""How long the head of the first HTTP request of a connection may take to come. Browsers open connections that they may need soon."""

HTTP_JSON_NESTING: Final = 64
"""How deep JSON in a body may be nested. Deeper values exist, but no form or app sends them, and parsers recurse."""

HTTP_OUTSTANDING: Final = 5_000
"""HTTP requests of one process that may wait for replies. It is below the limit of the client's own queue, where the app would stop."""

FIRST_LABELS: Final = 8
"""Entities that an attempt locked in its first visit of a place and whose names stand in what is kept of the attempt, which is written anew
when it comes again. Most attempts lock one or two; the names of more are a record of their own, written once."""

FORMER_DIGESTS: Final = 256
"""Combinations of former names under which a repeated request is looked for. One class with three names and a method with two make six."""

LINK_DIGESTS: Final = 8
"""Digests of the last envelopes from each place: a repeat that is not the original is named at once while its digest is there, and noticed
with the next new envelope when it is older."""

DEAD_LETTERS: Final = 100
"""Dead letters that a place keeps: enough to see what is wrong, and no more than a few hundred kilobytes."""

DEAD_LETTER_BYTES: Final = 1024
"""What is kept of each dead letter's bytes, which is its head with names and numbers, and of the name of its sender and of the reason."""

PARK_BYTES: Final = 32 * 1024
"""The size of frames that still go along with their transaction. Larger ones wait where they are: then each call takes a message to the
other entity and one back, which is cheaper than to carry them from place to place."""

VISITED_PLACES: Final = 32
"""Visited places that a transaction names in its messages. The names of more are left at one of them, which passes the decision on: that
takes one more hop to those, and each message stays short."""

WRITE_BACK_BYTES: Final = 512
"""What a transaction carries of entities whose calls have returned, rather than to send them home: a message costs as much as some
hundred bytes, and many a transaction ends before its next move."""

NESTED_SYNTAX: Final = 300
"""How deep statements and expressions of a method may be nested, each `elif` and each term of a sum a level. The compiler goes down by
recursion, as Python's own does, which gives up at some thousands; nobody writes such a method by hand."""

NESTED_FRAMES: Final = 2_500
"""Calls that the compiler may go deeper than its caller: enough for `NESTED_SYNTAX`, whatever the recursion limit of the process leaves."""

FETCH_BYTES: Final = 4 * 1024
"""What a transaction brings of an entity before it begins. A hot entity is small, and a larger one costs more to carry than to visit."""

PLACE_REQUESTS: Final = 10_000
"""Requests under way that began at one place. A partition that answers thousands in a second has this many only when something is wrong;
each may hold entities, and takes some kilobytes."""

REQUEST_S: Final = 3600.0
"""How long a request may go on beginning again after conflicts, in seconds. Its client has long given up then."""

REQUEST_ASKERS: Final = 100
"""Clients that wait for the reply of one request besides the one that sent it first. A request that is sent again mostly comes from its own
client or from one after it; each name is kept with the request and is sent a reply."""

MEMBER_NAMES: Final = 10_000
"""Names of members of the entity classes that are remembered with what they mean, those too that requests made up. When there are more, all
are forgotten. A program has some hundreds."""

UNLOADED_RECORDS: Final = 4_000
"""Entities of which a place remembers only that they were named, so that the next use finds the reference made: some two megabytes."""

HOMES: Final = 100_000
"""Keys whose partition is remembered, so that it need not be computed again: some ten megabytes. When there are more, all are forgotten."""
