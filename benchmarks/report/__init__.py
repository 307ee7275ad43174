"""One page about what StateFlow costs, measured in one run: `make bench-report BUDGET=15m`."""
