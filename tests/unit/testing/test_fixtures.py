"""The fixtures of the pytest plugin, in a project of a user."""

from __future__ import annotations

import pytest

from tests.unit.testing.conftest import Run

PURCHASE = """
from shop import User

def test_purchase(stateflow_client):
    from shop import Item
    ann, tea = User("ann").get(), Item("tea", 3).get()
    tea.update_stock(5).get()
    assert ann.buy_item(2, tea).get() is True
    assert (ann.balance.get(), tea.stock.get()) == (4, 3)
"""


def test_classes_are_those_that_the_test_module_names_and_their_neighbours(run: Run) -> None:
    run(PURCHASE).assert_outcomes(passed=1)


def test_classes_are_plain_before_and_after_a_test_with_a_client(run: Run) -> None:
    run("""
        from shop import Item, User

        def plain():
            ann, tea = User("ann"), Item("tea", 3)
            tea.update_stock(1)
            assert ann.buy_item(1, tea) and ann.balance == 7

        def test_before(): plain()
        def test_bound(stateflow_client): assert not isinstance(User("ann"), User)
        def test_after(): plain()
    """).assert_outcomes(passed=3)


def test_each_test_begins_without_entities(run: Run) -> None:
    run("""
        import pytest
        from shop import User

        @pytest.mark.parametrize("turn", [1, 2])
        def test_creation(stateflow_client, turn):
            assert User("ann").get().balance.get() == 10
    """).assert_outcomes(passed=2)


def test_marker_names_the_classes(run: Run) -> None:
    run("""
        import pytest
        import shop

        @pytest.mark.stateflow(classes=[shop.User, shop.Item])
        def test_flow(stateflow_flow):
            assert stateflow_flow.classes == (shop.User, shop.Item)
    """).assert_outcomes(passed=1)


@pytest.mark.parametrize("target", ["shop", "shop:Item shop:User", "app:flow"])
def test_setting_names_the_classes(run: Run, project: pytest.Pytester, target: str) -> None:
    project.makepyfile(app="import shop, stateflow\nflow = stateflow.init(shop.Item, shop.User)")
    project.makeini(f"[pytest]\nstateflow_flow = {target}")
    run("""
        import shop

        def test_flow(stateflow_flow, stateflow_client):
            assert stateflow_flow.classes == (shop.Item, shop.User)
            assert shop.User("ann").get().balance.get() == 10
    """).assert_outcomes(passed=1)


def test_fixture_of_the_project_gives_the_flow(run: Run, project: pytest.Pytester) -> None:
    project.makeconftest("""
        import pytest, shop, stateflow

        @pytest.fixture(scope="session")
        def stateflow_flow():
            return stateflow.init(shop.Item)
    """)
    run("""
        import shop

        def test_flow(stateflow_client):
            assert stateflow_client.flow.classes == (shop.Item,)
    """).assert_outcomes(passed=1)


def test_classes_are_compiled_once(run: Run) -> None:
    run("""
        from shop import User
        seen = set()

        def test_first(stateflow_flow): seen.add(stateflow_flow)
        def test_second(stateflow_flow): assert seen == {stateflow_flow}
    """).assert_outcomes(passed=2)


def test_methods_see_the_clock_of_the_test(run: Run) -> None:
    run("""
        from datetime import datetime, timedelta, timezone
        from shop import User

        def test_clock(stateflow_client, stateflow_clock):
            ann = User("ann").get()
            begin = stateflow_clock.now
            assert ann.now().get()[1] == begin.timestamp() == ann.now().get()[1]
            stateflow_clock.advance(days=30, seconds=1)
            seen, seconds = ann.now().get()
            assert seen - ann.since.get() == timedelta(days=30, seconds=1)
            stateflow_clock.set(datetime(2024, 2, 29, tzinfo=timezone.utc))
            assert ann.now().get()[1] == 1709164800
    """).assert_outcomes(passed=1)


def test_requests_have_the_same_ids_and_random_numbers_in_every_run_of_a_seed(run: Run) -> None:
    draw = """
        from shop import User

        def test_draw(stateflow_client):
            future = User("ann")
            print("DRAWN", future.request_id, future.get().draw().get())
            assert False
    """

    def drawn(*args: str) -> str:
        result = run(draw, *args)
        result.assert_outcomes(failed=1)
        (line,) = [line for line in result.outlines if line.startswith("DRAWN")]
        return line

    assert drawn() == drawn() == drawn("--stateflow-seed=0") != drawn("--stateflow-seed=1")


def test_suspending_everywhere_is_an_option_a_marker_and_a_parameter(run: Run) -> None:
    tests = """
        import pytest
        from shop import User

        def test_option(stateflow_runtime, stateflow_suspend_everywhere):
            print("option", stateflow_suspend_everywhere)

        @pytest.mark.stateflow(suspend_everywhere="both")
        def test_marker(stateflow_client, stateflow_suspend_everywhere):
            print("marker", stateflow_suspend_everywhere)

        @pytest.mark.parametrize("stateflow_suspend_everywhere", [True])
        def test_parameter(stateflow_client, stateflow_suspend_everywhere):
            print("parameter", stateflow_suspend_everywhere)

        def test_without_entities(): pass
    """

    def seen(*args: str) -> list[str]:
        result = run(tests, "-rP", *args)
        assert result.ret == 0
        return sorted(line for line in result.outlines if line.startswith(("option ", "marker ", "parameter ")))

    rest = ["parameter True"]
    assert seen() == ["marker False", "marker True", "option False", *rest]
    assert seen("--stateflow-suspend=everywhere") == ["marker False", "marker True", "option True", *rest]
    assert seen("--stateflow-suspend=both") == ["marker False", "marker True", "option False", "option True", *rest]


def test_suspended_methods_go_through_bytes(run: Run) -> None:
    result = run(PURCHASE + "\n    assert stateflow_client._runtime\n", "--stateflow-suspend=both", "-v")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["*test_purchase[[]inline[]] PASSED*", "*test_purchase[[]suspended[]] PASSED*"])


def test_nearest_marker_wins_for_each_setting(run: Run) -> None:
    run("""
        import pytest
        import shop
        pytestmark = pytest.mark.stateflow(classes=[shop.Item], suspend_everywhere=True, bind=False)

        @pytest.mark.stateflow(suspend_everywhere=False)
        def test_near(stateflow_client, stateflow_suspend_everywhere):
            assert stateflow_suspend_everywhere is False
            assert stateflow_client.flow.classes == (shop.Item,)
            assert type(shop.Item("tea", 3)) is shop.Item

        def test_far(stateflow_suspend_everywhere):
            assert stateflow_suspend_everywhere is True
    """).assert_outcomes(passed=2)


def test_futures_of_the_client_can_be_awaited(run: Run) -> None:
    run("""
        import asyncio
        from shop import User

        def test_tasks(stateflow_client):
            async def main():
                users = await asyncio.gather(*(User(f"u{n}") for n in range(50)))
                return await asyncio.gather(*(user.balance for user in users))
            assert asyncio.run(main()) == [10] * 50
    """).assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("def test_it(stateflow_client): pass", "SF540: test_shop names no entity class; import one there"),
        ("@pytest.mark.stateflow(suspend=True)\ndef test_it(stateflow_client): pass", "@pytest.mark.stateflow does not know 'suspend'"),
        ("@pytest.mark.stateflow('shop')\ndef test_it(stateflow_client): pass", "does not know \"'shop'\""),
        ("@pytest.mark.stateflow(classes=['shop'])\ndef test_it(stateflow_client): pass", "hold 'shop', which is not an entity class"),
        ("@pytest.mark.stateflow(classes=[int])\ndef test_it(stateflow_client): pass", "hold <class 'int'>, which is not an entity class"),
        ("@pytest.mark.stateflow(suspend_everywhere=7)\ndef test_it(stateflow_client): pass", "SF540: suspend_everywhere is 7"),
        ("@stateflow.entity\nclass Wrong: pass\ndef test_it(stateflow_client): pass", "error SF101"),
    ],
)
def test_wrong_use_is_one_message_without_a_traceback(run: Run, source: str, message: str) -> None:
    result = run(f"import pytest, stateflow\n{source}")
    assert result.ret != 0
    result.stdout.fnmatch_lines([f"*{message.replace('[', '[[]')}*"])
    result.stdout.no_fnmatch_line("*plugin.py:*")


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("nowhere", "there is no module 'nowhere'"),
        ("shop:Nothing", "is neither an entity class nor a dataflow"),
        ("empty", "has no entity class"),
        ("app:flow shop", "names the dataflow app:flow and other things"),
    ],
)
def test_wrong_setting_is_named(run: Run, project: pytest.Pytester, target: str, message: str) -> None:
    project.makepyfile(app="import shop, stateflow\nflow = stateflow.init(shop.Item, shop.User)", empty="")
    project.makeini(f"[pytest]\nstateflow_flow = {target}")
    result = run("def test_it(stateflow_client): pass")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"*SF540: *{message}*"])
