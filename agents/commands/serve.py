"""`nightdesk serve`: the page and the API on an archive, without a worker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from agents.runtime import Runtime


def serve(
    host: Annotated[
        str | None, typer.Option(help="Address to listen on.", show_default="127.0.0.1")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65_535, help="Port; 0 takes a free one.", show_default="8642"),
    ] = None,
) -> None:
    """Serve the page and the API on the archive, without a worker, until Ctrl-C or SIGTERM.

    Listens on 127.0.0.1 unless told otherwise, and on no other machine's address before there is a token.
    """
    import asyncio

    from agents.logs import configure_logging
    from agents.runtime import Runtime
    from nightdesk.settings import load_settings

    settings = load_settings(web_host=host, web_port=port)
    configure_logging(settings)
    runtime = Runtime(settings)
    try:
        asyncio.run(_serve(runtime))
    finally:
        runtime.close()


async def _serve(runtime: Runtime) -> None:
    import asyncio
    import signal

    import structlog

    from agents.serving import NO_WORKER, Listening

    log = structlog.get_logger(__name__)
    listening = Listening(runtime, runtime.settings.state_dir / "serve-address")
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        url = await listening.start(notes=(NO_WORKER,))
        log.info("listening", url=url, worker=False)
        await stop.wait()
        log.info("stopping")
    finally:
        await listening.stop()
