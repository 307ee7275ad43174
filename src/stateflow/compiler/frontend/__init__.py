"""From Python's syntax tree to the control-flow graph."""
