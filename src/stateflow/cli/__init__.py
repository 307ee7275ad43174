"""The `stateflow` command. Needs the extra `cli`."""
