"""The protoc plugin for gRPC stubs, which grpcio-tools has no program for.

Its generator can be reached through its own protoc alone, and buf runs no
generator of protoc's under that name. So this plugin hands what buf asks for on
to that protoc, as buf itself does with the generators that it knows.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from google.protobuf.compiler import plugin_pb2
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from grpc_tools import protoc


def generate(request: plugin_pb2.CodeGeneratorRequest) -> plugin_pb2.CodeGeneratorResponse:
    """Runs protoc over the files of a request, and collects what it writes."""
    response = plugin_pb2.CodeGeneratorResponse(
        supported_features=plugin_pb2.CodeGeneratorResponse.FEATURE_PROTO3_OPTIONAL
    )
    with TemporaryDirectory() as folder:
        image, out = Path(folder, "image.binpb"), Path(folder, "out")
        image.write_bytes(FileDescriptorSet(file=request.proto_file).SerializeToString())
        out.mkdir()
        command = ["protoc", f"--descriptor_set_in={image}"]
        command.append(f"--grpc_python_out={request.parameter}:{out}")
        if protoc.main([*command, *request.file_to_generate]) != 0:
            response.error = "protoc failed, and said why above"
            return response
        for path in sorted(out.rglob("*.py")):
            name = path.relative_to(out).as_posix()
            response.file.add(name=name, content=path.read_text(encoding="utf-8"))
    return response


if __name__ == "__main__":
    asked = plugin_pb2.CodeGeneratorRequest.FromString(sys.stdin.buffer.read())
    sys.stdout.buffer.write(generate(asked).SerializeToString())
