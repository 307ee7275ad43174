"""An HTTP endpoint for each method: a router for any FastAPI app, and whole apps.

```py
app = LocalFastAPIClient(flow, path="shop.db").get_app()
```
"""

from __future__ import annotations

from stateflow.errors import MissingExtra

try:
    import fastapi  # noqa: F401
    import fastapi_offline  # noqa: F401
except ImportError as error:
    raise MissingExtra(f"SF541: HTTP endpoints need {error.name}, which is not installed; run: pip install 'stateflow[fastapi]'") from error

from stateflow.client.fastapi.apps import KafkaFastAPIClient, LocalFastAPIClient
from stateflow.client.fastapi.routes import router
from stateflow.client.fastapi.settings import Access, HttpSettings, stateflow_client

__all__ = ["Access", "HttpSettings", "KafkaFastAPIClient", "LocalFastAPIClient", "router", "stateflow_client"]
