"""From the control-flow graph to Python functions."""
