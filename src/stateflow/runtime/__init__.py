"""The engines, one folder each: `stateflow.runtime.local` runs in process and needs nothing else."""

from stateflow.runtime.base import Runtime

__all__ = ["Runtime"]
