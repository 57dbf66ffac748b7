"""Helps to generate the Python code of an own table.

python -m grpc_codetable include       prints the folder with codetable/v1/codetable.proto
python -m grpc_codetable imports DIR   makes the generated code in DIR import the installed options

A generator derives the import of another .proto file from its path. For
codetable/v1/codetable.proto it writes `from codetable.v1 import codetable_pb2`. But
codetable on PyPI is another project, so the options are installed as
grpc_codetable_proto.v1. The command imports changes these lines, whatever the generator.
"""

import argparse
import re
from collections.abc import Sequence
from pathlib import Path

# As protoc, and in type stubs also mypy-protobuf, name the modules.
_STATEMENT = re.compile(r"^(from |import )codetable\.v1\b", re.MULTILINE)
_MODULE_NAME = re.compile(r"(')codetable\.v1(?=\.(?:codetable|grpc_code)_pb2')")
_REFERENCE = re.compile(r"(?<![\w.])()codetable\.v1(?=\.(?:codetable|grpc_code)_pb2\b)")

_INSTALLED = "grpc_codetable_proto.v1"


def include() -> Path:
    """Returns the folder that protoc needs as a proto path."""
    import grpc_codetable_proto  # noqa: PLC0415 - not there while it is generated

    return Path(grpc_codetable_proto.__path__[0]) / "include"


def rewrite(folder: Path) -> int:
    """Changes the imports of the files in a folder, and returns the number of files."""
    changed = 0
    for path in sorted([*folder.rglob("*_pb2*.py"), *folder.rglob("*_pb2*.pyi")]):
        before = after = path.read_text(encoding="utf-8")
        # The serialized descriptor in a module must not change.
        for pattern in (_STATEMENT, _REFERENCE if path.suffix == ".pyi" else _MODULE_NAME):
            after = pattern.sub(rf"\1{_INSTALLED}", after)
        if after != before:
            path.write_text(after, encoding="utf-8", newline="\n")
            changed += 1
    return changed


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs a command."""
    parser = argparse.ArgumentParser(
        prog="python -m grpc_codetable",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="{include,imports}")
    commands.add_parser("include").set_defaults(folder=None)
    commands.add_parser("imports").add_argument("folder", type=Path)
    folder: Path | None = parser.parse_args(arguments).folder
    if folder is None:
        print(include())
    elif folder.is_dir():
        print(f"{rewrite(folder)} files changed")
    else:
        parser.error(f"{folder} is not a folder")


if __name__ == "__main__":
    main()
