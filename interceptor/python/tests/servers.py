"""Servers and clients with one method of each kind, whose messages are bytes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import grpc

from environment import RESPONSE_CODES
from grpc_codetable import ClientInterceptor, aio

KINDS = ["unary_unary", "unary_stream", "stream_unary", "stream_stream"]
SERVICE = "tests.Service"
TIMEOUT = 20  # seconds

# What a handler does before it answers b"ok", and for a stream after b"first".
Script = Callable[[Any], Any]


def handlers(unary: Any, stream: Any) -> dict[str, grpc.RpcMethodHandler[Any, Any]]:
    """Returns a handler of each kind."""
    return {
        kind: getattr(grpc, f"{kind}_rpc_method_handler")(
            stream if kind.endswith("stream") else unary
        )
        for kind in KINDS
    }


def generic(methods: dict[str, grpc.RpcMethodHandler[Any, Any]]) -> Any:
    """Returns the service with these methods."""
    return grpc.method_handlers_generic_handler(SERVICE, methods)


def read(request: Any) -> None:
    """Reads the requests, because grpc.aio fails if a call ends while it sends one."""
    assert request if isinstance(request, bytes) else list(request)


def blocking(script: Script, first: bool) -> dict[str, grpc.RpcMethodHandler[Any, Any]]:  # noqa: FBT001
    """Returns handlers that run in a thread."""

    def unary(request: Any, context: Any) -> bytes:
        read(request)
        script(context)
        return b"ok"

    def stream(request: Any, context: Any) -> Iterator[bytes]:
        read(request)
        if first:
            yield b"first"
        script(context)
        yield b"ok"

    return handlers(unary, stream)


def asynchronous(script: Script, first: bool) -> dict[str, grpc.RpcMethodHandler[Any, Any]]:  # noqa: FBT001
    """Returns handlers that are coroutines and generators."""

    async def aread(request: Any) -> None:
        assert [r async for r in request] if hasattr(request, "__aiter__") else request

    async def run(context: Any) -> None:
        done = script(context)
        if asyncio.iscoroutine(done):
            await done

    async def unary(request: Any, context: Any) -> bytes:
        await aread(request)
        await run(context)
        return b"ok"

    async def stream(request: Any, context: Any) -> AsyncIterator[bytes]:
        await aread(request)
        if first:
            yield b"first"
        await run(context)
        yield b"ok"

    return handlers(unary, stream)


@contextmanager
def serving(script: Script, *interceptors: Any, first: bool = False) -> Iterator[str]:
    """Runs a blocking server, and returns its address."""
    with ThreadPoolExecutor(max_workers=4) as workers:
        server = grpc.server(workers, interceptors=list(interceptors))
        server.add_generic_rpc_handlers([generic(blocking(script, first))])
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        yield f"127.0.0.1:{port}"
        server.stop(None).wait()


@asynccontextmanager
async def aserving(
    script: Script, *interceptors: Any, first: bool = False, threads: bool = False
) -> AsyncIterator[str]:
    """Runs an asyncio server, and returns its address."""
    workers = ThreadPoolExecutor(4) if threads else None
    server = grpc.aio.server(workers, interceptors=list(interceptors))
    make = blocking if threads else asynchronous
    server.add_generic_rpc_handlers([generic(make(script, first))])
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    yield f"127.0.0.1:{port}"
    await server.stop(None)


def method(channel: Any, kind: str) -> Any:
    """Returns the callable of a method."""
    return getattr(channel, kind)(f"/{SERVICE}/{kind}")


def request_of(kind: str) -> Any:
    """Returns the request, or the iterator of requests."""
    return iter([b"request"]) if kind.startswith("stream") else b"request"


@contextmanager
def connected(address: str, *outer: Any) -> Iterator[grpc.Channel]:
    """Connects a blocking client."""
    with grpc.insecure_channel(address) as channel:
        yield grpc.intercept_channel(channel, *outer, ClientInterceptor(RESPONSE_CODES))


def call(address: str, kind: str, *languages: str) -> list[bytes]:
    """Calls a method with the blocking client, and returns its responses."""
    metadata = [("accept-language", language) for language in languages]
    with connected(address) as channel:
        answer = method(channel, kind)(request_of(kind), timeout=TIMEOUT, metadata=metadata)
        return list(answer) if kind.endswith("stream") else [answer]


async def acall(address: str, kind: str) -> list[bytes]:
    """Calls a method with the asyncio client, and returns its responses."""
    interceptors = aio.client_interceptors(RESPONSE_CODES)
    async with grpc.aio.insecure_channel(address, interceptors=interceptors) as channel:
        answer = method(channel, kind)(request_of(kind), timeout=TIMEOUT)
        if kind.endswith("stream"):
            return [response async for response in answer]
        return [await answer]
