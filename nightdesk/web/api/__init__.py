"""The API under `/api/v1`.

    door        who asks, what browsers may ask, what is counted and audited    (ASGI, around all)
    operations  how an operation is declared, and checked before it is done
    document    the OpenAPI document, from the declarations
    shapes      what goes in and out, as models
    definitions, bundles, alerts, articles, backtests, audit, events            the operations

Operations are plain functions over a `Call`, done in a thread with the archive at hand.
"""
