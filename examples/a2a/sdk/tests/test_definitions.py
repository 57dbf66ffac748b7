"""The table and the .proto file of this example agree with the SDK."""

import subprocess
import sys
from pathlib import Path

from a2a.types import a2a_pb2
from a2a.utils.errors import A2A_ERROR_MAPPING, JSON_RPC_ERROR_CODE_MAP
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
)

from conftest import A2A, ROWS, Row


def test_table() -> None:
    theirs = [
        Row(JSON_RPC_ERROR_CODE_MAP[error], entry.reason, entry.grpc_status, entry.http_code)
        for error, entry in A2A_ERROR_MAPPING.items()
    ]
    assert sorted(ROWS) == sorted(theirs)
    assert len(ROWS) == 13


def fields(messages: list[DescriptorProto]) -> set[tuple[object, ...]]:
    """Returns what the wire format of messages consists of."""

    def wire(message: DescriptorProto, field: FieldDescriptorProto) -> tuple[object, ...]:
        return message.name, field.name, field.number, field.type, field.label, field.type_name

    return {wire(message, field) for message in messages for field in message.field}


def test_service(tmp_path: Path) -> None:
    out = tmp_path / "a2a.binpb"
    proto = A2A / "proto"
    protoc = (sys.executable, "-m", "grpc_tools.protoc", "-I", proto)
    file = proto / "lf/a2a/v1/a2a.proto"
    subprocess.run((*protoc, f"--descriptor_set_out={out}", file), check=True)
    [ours] = FileDescriptorSet.FromString(out.read_bytes()).file
    theirs = FileDescriptorProto()
    a2a_pb2.DESCRIPTOR.CopyToProto(theirs)

    assert ours.package == theirs.package
    assert fields(list(ours.message_type)) <= fields(list(theirs.message_type))
    for service in theirs.service:
        for method in service.method:
            method.ClearField("options")
    [our_service], [their_service] = ours.service, theirs.service
    assert our_service.name == their_service.name
    assert all(method in their_service.method for method in our_service.method)
