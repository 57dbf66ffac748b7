"""Response codes over gRPC: what an annotated protobuf enum says of a failed call.

A client gets a CodeError from ClientInterceptor, and a server raises one that
CodeTable.error made. grpc_codetable.aio has the interceptors for grpc.aio.
"""

from grpc_codetable_proto.v1.codetable_pb2 import CalendarWindow, Fault, RetryAction

from grpc_codetable._client import ClientInterceptor
from grpc_codetable._code_table import CodeTable
from grpc_codetable._error import CodeError, MaskedError
from grpc_codetable._reading import from_error
from grpc_codetable._server import ServerInterceptor
from grpc_codetable._table import Entry, Retry
from grpc_codetable._translator import Event, log_masked

__all__ = [
    "CalendarWindow",
    "ClientInterceptor",
    "CodeError",
    "CodeTable",
    "Entry",
    "Event",
    "Fault",
    "MaskedError",
    "Retry",
    "RetryAction",
    "ServerInterceptor",
    "from_error",
    "log_masked",
]
