"""`python -m stateflow` is the `stateflow` command."""

from stateflow.cli.main import main

main()
