"""Functions and classes are found again in their source."""

from __future__ import annotations

import ast
import contextlib
import doctest
import functools
import linecache
import textwrap
import types
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from stateflow.compiler.source import class_file, class_node, function_node, module_tree, own_functions, source_function

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def traced(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def call(*args: Any) -> Any:
        return function(*args)

    return call


class Sample:
    plain_attribute = len

    def method(self) -> int:
        return 1

    @traced
    @traced
    def decorated(self) -> int:
        return 2

    @property
    def value(self) -> int:
        return 3

    @value.setter
    def value(self, new: int) -> None:
        self.new = new

    @staticmethod
    def static() -> int:
        return 4

    @classmethod
    def of_class(cls) -> int:
        return 5

    @functools.cached_property
    def cached(self) -> int:
        return 6

    class Inner:
        def method(self) -> int:
            return 7


@dataclass
class Point:
    x: int


@pytest.fixture
def module_of() -> Iterator[Callable[[str], types.ModuleType]]:
    """Run a text as a module whose source only `linecache` knows."""
    with contextlib.ExitStack() as cleanup:

        def run(text: str, filename: str = "<sample>") -> types.ModuleType:
            lines = textwrap.dedent(text).splitlines(keepends=True)
            linecache.cache[filename] = (sum(map(len, lines)), None, lines, filename)
            cleanup.callback(linecache.cache.pop, filename, None)
            module = types.ModuleType("sample")
            exec(compile("".join(lines), filename, "exec"), module.__dict__)
            return module

        yield run


def returned(function: Any) -> str:
    node = function_node(function)
    assert node is not None
    if isinstance(node, ast.Lambda):
        return ast.unparse(node.body)
    return "; ".join(map(ast.unparse, node.body))


def test_a_method_is_found_by_its_line_and_name() -> None:
    assert returned(Sample.method) == "return 1"
    assert returned(Sample.Inner.method) == "return 7"


def test_all_functions_of_a_class_body_are_listed_without_their_decorators() -> None:
    found = {name: returned(function) for name, function in own_functions(Sample).items()}
    assert found == {
        "method": "return 1",
        "decorated": "return 2",
        "value": "return 3",
        "value.setter": "self.new = new",
        "static": "return 4",
        "of_class": "return 5",
        "cached": "return 6",
    }


def test_inherited_functions_are_not_the_class_own() -> None:
    class Derived(Sample):
        def more(self) -> int:
            return 8

    assert list(own_functions(Derived)) == ["more"]


def test_a_function_defined_in_a_function_is_found() -> None:
    def inner() -> int:
        return 9

    assert returned(inner) == "return 9"


def test_lambdas_of_one_line_are_told_apart() -> None:
    first, second, outer = (lambda x: x + 1), (lambda x: x + 2), (lambda x: lambda y: x + y)
    assert [returned(f) for f in (first, second, outer, outer(1))] == ["x + 1", "x + 2", "lambda y: x + y", "x + y"]


def test_generated_functions_have_no_source() -> None:
    generated: Any = Point.__init__
    assert function_node(generated) is None
    assert source_function(generated) is None


def test_text_that_was_only_executed_has_no_source() -> None:
    names: dict[str, Any] = {"__name__": "nowhere"}
    exec("def f():\n    return 1\nclass C:\n    def g(self): pass\n", names)
    assert function_node(names["f"]) is None
    assert class_node(names["C"]) is None


def test_a_class_is_found_with_and_without_methods() -> None:
    sample, point = class_node(Sample), class_node(Point)
    assert sample is not None
    assert point is not None
    assert (sample.name, point.name) == ("Sample", "Point")
    assert class_file(Point) == class_file(Sample) == __file__


def test_the_innermost_class_is_found() -> None:
    inner = class_node(Sample.Inner)
    assert inner is not None
    assert inner.name == "Inner"


def test_functions_of_an_older_text_are_not_taken_for_the_new_ones(module_of: Callable[[str], types.ModuleType]) -> None:
    old = module_of("def f(a):\n    return a\n")
    assert returned(old.f) == "return a"
    new = module_of("def f(a, b):\n    return b\n")
    assert returned(new.f) == "return b"
    assert returned(old.f) == "return a"


def test_columns_count_characters(module_of: Callable[[str], types.ModuleType]) -> None:
    module = module_of("def f(item):\n    'näïve 日本'; return item.stock\n")
    source = source_function(module.f)
    assert source is not None
    assert isinstance(source.node, ast.FunctionDef)
    attribute = source.node.body[1].value  # type: ignore[attr-defined]
    span = source.span(attribute)
    assert source.lines[span.line - 1][span.column : span.end_column] == "item.stock"


def test_a_function_in_a_page_that_is_not_python_is_found(module_of: Callable[..., types.ModuleType], tmp_path: Any) -> None:
    page = tmp_path / "page.md"
    page.write_text("# It's a page\n\n```python\ndef f(x):\n    return x * 2\n```\n\nThe end isn't Python.\n", encoding="utf-8")
    names: dict[str, Any] = {"__name__": "page"}
    exec(compile("\n\n\ndef f(x):\n    return x * 2\n", str(page), "exec"), names)
    node = function_node(names["f"])
    assert isinstance(node, ast.FunctionDef)
    assert (node.lineno, node.body[0].lineno, ast.unparse(node.body[0])) == (4, 5, "return x * 2")


def test_classes_of_a_doctest_have_source_while_it_runs() -> None:
    text = ">>> class A:\n...     def f(self):\n...         return 1\n>>> found(A.f)\n'return 1'\n"
    test = doctest.DocTestParser().get_doctest(text, {"found": returned, "__name__": "page"}, "page", "page.md", 0)
    output: list[str] = []
    results = doctest.DocTestRunner(verbose=False).run(test, out=output.append)
    assert results.failed == 0, "".join(output)


def test_a_file_is_parsed_once() -> None:
    assert module_tree(__file__) is module_tree(__file__)


def test_a_module_without_python_source_has_no_tree() -> None:
    assert module_tree(types.ModuleType("empty")) is None
