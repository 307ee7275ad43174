"""Bugs in the core: calls, domains, frames, undo."""

from __future__ import annotations

from stateflow.compiler.codegen.support import SUPPORT
from stateflow.core import boundaries, calls, frame, operations
from stateflow.core.frame import Frame, Transfer
from stateflow.core.journal import Journal
from stateflow.core.runtime_codec import RuntimeCodec
from stateflow.core.state import TransactionState
from stateflow.core.store import set_state
from stateflow.protocol import copying, iterators
from tests.judge.compiled import Mode
from tests.planted.bug import Garden

BUGS = Garden()


@BUGS.bug("values/arguments_pass_by_value")
def values_are_shared_between_entities(patch):
    original = RuntimeCodec.carry

    def carry(self, value, target, root="value"):
        return value if type(value) in (list, dict, set) else original(self, value, target, root)

    patch.setattr(RuntimeCodec, "carry", carry)


@BUGS.bug("values/two_names_for_one_list", Mode.SUSPENDED)
def shared_objects_of_frames_come_back_apart(patch):
    def round_trip(self, tx, stack, pending):
        self.transaction = tx
        instances = [r.instance for r in (*tx.touched, *tx.unborn) if r.instance is not None]
        stack, pending, _, tx.stop = self.codec.decode(self.codec.encode([stack, pending, instances, tx.stop], "frame"))
        for part in stack:
            if isinstance(part, Frame):
                part.locals = tuple(list(v) if type(v) is list else v for v in part.locals)
        return stack, pending

    patch.setattr(RuntimeCodec, "round_trip", round_trip)


@BUGS.bug("loops/list_grows_while_iterated", Mode.SUSPENDED)
def iterator_skips_an_item_at_a_suspension(patch):
    original = iterators._set_index
    patch.setattr(iterators, "_set_index", lambda iterator, container, index: original(iterator, container, index + 1))


@BUGS.bug("entities/creation_inside_expression")
def order_of_a_dict_is_lost(patch):
    original = copying._COPIES["dict"]
    patch.setitem(copying._COPIES, "dict", lambda run, value, shape: dict(reversed(original(run, value, shape).items())))


@BUGS.bug("values/exact_types_travel")
def true_becomes_one(patch):
    original = copying._COPIES["list"]

    def copy(run, value, shape):
        made = original(run, value, shape)
        made[:] = [int(v) if v is True else v for v in made]
        return made

    patch.setitem(copying._COPIES, "list", copy)


@BUGS.bug("entities/key_changed_by_a_remote_call")
def changed_key_is_not_refused(patch):
    patch.setattr(calls.Calls, "check_key", lambda self, record: None)


@BUGS.bug("entities/taken_key_is_caught")
def taken_key_is_not_refused(patch):
    def give_key(self, record):
        if record.identity is None:
            taken = self.store.record_of(record.cls, record.instance.__key__())
            if taken.instance is not None:
                self.touch(taken)
                self.store.place(taken, None)
        return give(self, record)

    give = calls.Calls.give_key
    patch.setattr(calls.Calls, "give_key", give_key)


@BUGS.bug("entities/create_delete_and_find")
def deleted_entity_answers_still(patch):
    patch.setattr(calls.Calls, "perform_delete", lambda self, entity: None)


def _undo_without(is_left_out):
    def undo(self):
        for record in reversed(self.touched):
            instance, state = record.before
            if not is_left_out(self, record, instance):
                if record.instance is not instance:
                    self.store.place(record, instance)
                if instance is not None:
                    set_state(instance, state)
            record.holder = record.before = None

    return undo


@BUGS.bug("entities/creation_is_undone")
def undo_misses_created_entities(patch):
    patch.setattr(TransactionState, "undo", _undo_without(lambda tx, record, instance: instance is None))


@BUGS.bug("entities/deletion_is_undone")
def undo_misses_deleted_entities(patch):
    patch.setattr(TransactionState, "undo", _undo_without(lambda tx, record, instance: record.instance is None))


@BUGS.bug("exceptions/root_failure_undoes_all")
def undo_misses_all_but_the_first_entity(patch):
    patch.setattr(TransactionState, "undo", _undo_without(lambda tx, record, instance: record is not tx.touched[0]))


@BUGS.bug("exceptions/root_failure_undoes_all")
def undo_keeps_what_was_done_to_mutable_values(patch):
    patch.setattr(TransactionState, "_snapshot", lambda self, record, instance: dict(instance.__dict__))


@BUGS.bug("exceptions/caught_failure_keeps_effects")
def caught_failure_is_undone(patch):
    original = TransactionState.raise_in_domain

    def raise_in_domain(self, error, target):
        for record in self.touched[1:]:
            instance, state = record.before
            if instance is not None:
                set_state(instance, self._snapshot(record, instance) if state is None else dict(state))
        return original(self, error, target)

    patch.setattr(TransactionState, "raise_in_domain", raise_in_domain)


def _carried(change):
    original = RuntimeCodec.carry_error

    def carry_error(self, error, target):
        return change(error, original(self, error, target))

    return carry_error


@BUGS.bug("exceptions/custom_exception_with_init_and_attributes")
def attributes_of_an_exception_are_lost(patch):
    def change(error, copied):
        for name in list(vars(copied)):
            if name != "__notes__":
                delattr(copied, name)
        return copied

    patch.setattr(RuntimeCodec, "carry_error", _carried(change))


@BUGS.bug("exceptions/notes_travel")
def notes_of_an_exception_are_lost(patch):
    def change(error, copied):
        vars(copied).pop("__notes__", None)
        return copied

    patch.setattr(RuntimeCodec, "carry_error", _carried(change))


@BUGS.bug("exceptions/raise_from_a_remote_error")
def cause_of_an_exception_is_lost(patch):
    def change(error, copied):
        copied.__cause__ = None
        return copied

    patch.setattr(RuntimeCodec, "carry_error", _carried(change))


@BUGS.bug("exceptions/catch_remote_by_type")
def exception_becomes_its_base_class(patch):
    def change(error, copied):
        return copied.__class__.__mro__[1](*copied.args)

    patch.setattr(RuntimeCodec, "carry_error", _carried(change))


@BUGS.bug("exceptions/nested_try_in_handlers")
def bare_raise_raises_the_outermost(patch):
    def unwind(code, pc, error, variables, suspended):
        target, depth, positions = code.handlers[pc]
        handled = suspended.handled[: depth - 1] if suspended is not None else ()
        saved = tuple([variables[p] if p >= 0 else frame.UNBOUND for p in positions])
        return Transfer(Frame(code, target, saved, (*handled, (*handled, error)[0])))

    patch.setitem(SUPPORT, "unwind", unwind)


@BUGS.bug("exceptions/sys_exc_info_in_handler")
def handler_is_one_level_off(patch):
    def unwind(code, pc, error, variables, suspended):
        target, depth, positions = code.handlers[pc]
        saved = tuple([variables[p] if p >= 0 else frame.UNBOUND for p in positions])
        return Transfer(Frame(code, target, saved, (error,)))

    patch.setitem(SUPPORT, "unwind", unwind)


@BUGS.bug("exceptions/context_of_an_error_in_a_handler", Mode.SUSPENDED)
def handled_exceptions_are_lost_at_a_suspension(patch):
    original = TransactionState.capture
    patch.setattr(TransactionState, "capture", lambda self, code, pc, variables, handled: original(self, code, pc, variables, handled[:0]))


@BUGS.bug("comprehensions/generator_bound_to_a_name")
def generator_ends_after_its_first_value(patch):
    original = boundaries.step_generator

    def step(tx, generator, result):
        value = original(tx, generator, result)
        if result is frame.YIELDED:
            generator.frame = None
        return value

    patch.setattr(operations, "step_generator", step)
    patch.setattr(boundaries, "step_generator", step)


@BUGS.bug("loops/yield_from_delegates")
def value_of_a_generator_is_lost(patch):
    patch.setattr(operations.Operations, "stop_value", lambda self: None)


@BUGS.bug("control/identity_of_references")
def calls_do_not_change_the_domain_back(patch):
    original = calls.Calls.cross

    def cross(self, record, result, caller):
        value = original(self, record, result, caller)
        self.domain = record
        return value

    patch.setattr(calls.Calls, "cross", cross)


@BUGS.bug("classes/static_and_class_methods")
def class_method_gets_the_base_class(patch):
    original = calls.Calls.perform_call

    def perform(self, reference, name, args, kwargs):
        record = self.store.existing(reference)
        member = self.flow.member(record.cls, name)
        if not member.is_class:
            return original(self, reference, name, args, kwargs)
        given = (record.cls.__mro__[1], *args)
        return self.enter(member.code, member.function, given, kwargs) if member.code else member.function(*given, **kwargs)

    patch.setattr(calls.Calls, "perform_call", perform)


@BUGS.bug("values/attribute_write_is_a_copy")
def remote_assignment_is_lost(patch):
    patch.setattr(operations.Operations, "perform_set", lambda self, reference, name, value: None)


@BUGS.bug("closures/partial_of_remote_method")
def default_arguments_of_methods_are_lost(patch):
    original = frame.Code.bind

    def bind(self, function, args, kwargs):
        return (*args, *[None] * (self.arity - len(args))) if not kwargs and self.is_simple else original(self, function, args, kwargs)

    patch.setattr(frame.Code, "bind", bind)


@BUGS.bug("dunders/reflected_operator_of_remote_right_side")
def reflected_operator_is_never_asked(patch):
    patch.setattr(operations.Operations, "is_special", lambda self, value: False)


@BUGS.bug("values/local_names_list_in_self", Mode.DURABLE)
def changed_entity_is_not_written(patch):
    original = Journal.written
    patch.setattr(Journal, "written", lambda journal, tx: [(record, data) for record, data in original(journal, tx) if not record.is_stored])


@BUGS.bug("entities/create_delete_and_find", Mode.DURABLE)
def deletion_is_not_written(patch):
    original = Journal.written
    patch.setattr(Journal, "written", lambda journal, tx: [(record, data) for record, data in original(journal, tx) if data is not None])
