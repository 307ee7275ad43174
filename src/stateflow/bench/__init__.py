"""Workloads, a load generator and verified results: what `stateflow bench` does. Needs the extra `bench`.

A `Workload` is plain entities, the requests that clients send to them, and what must hold of their states at the end. The same workload
runs on every engine. A `Session` fills an engine, sends requests, and gives numbers only when the states verify.
"""
