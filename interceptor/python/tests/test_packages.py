"""The packages: installed beside each other, beside another project, and typed."""

import importlib.metadata
import pickle
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import codetable  # type: ignore[import-untyped] # another project
import pytest
from google.protobuf import descriptor_pool
from grpc_codetable_proto.v1 import codetable_pb2
from jiguang.jverification.v1 import response_code_pb2, verification_service_pb2_grpc

import grpc_codetable
from environment import ROOT
from grpc_codetable.__main__ import main, rewrite

OURS = ("grpc-codetable", "grpc-codetable-proto", "grpc-codetable-jverification")

PROTO = """\
syntax = "proto3";
package {package};
import "codetable/v1/codetable.proto";

enum ShopCode {{
  option (codetable.v1.table) = {{ domain: "{domain}" }};
  SHOP_CODE_OK = 0 [(codetable.v1.code) = {{ grpc_code: GRPC_CODE_OK }}];
  SHOP_CODE_SOLD_OUT = 17 [(codetable.v1.code) = {{
    grpc_code: GRPC_CODE_NOT_FOUND, fault: FAULT_END_USER, notes: "sold out"
  }}];
}}
"""

MANIFEST = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "{name}"
version = "1"
[tool.hatch.build.targets.wheel]
only-include = ["src/{folder}"]
sources = ["src"]
"""

# Prints the codes of each table that can be imported.
CHECK = """\
from importlib import import_module
from grpc_codetable import CodeTable, from_error
for name in ("acme.shop.v1", "jiguang.shop.v1"):
    try:
        table = CodeTable(import_module(name + ".shop_pb2").ShopCode)
    except ModuleNotFoundError as error:
        print(name, "is not installed")
        continue
    error = from_error(table.error(17))
    print(table.domain, error.reason, error.number, error.code().name)
try:
    from jiguang.jverification.v1.response_code_pb2 import ResponseCode
    print(CodeTable(ResponseCode)[9003].reason)
except ModuleNotFoundError:
    print("jverification is not installed")
"""


def run(*command: str | Path) -> str:
    """Runs a program, and returns its output."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def generate(package: str, project: Path, *outputs: str) -> None:
    """Generates the table of another owner with plain protoc."""
    proto = project / f"proto/{package.replace('.', '/')}/shop.proto"
    proto.parent.mkdir(parents=True)
    domain = ".".join(reversed(package.split(".")[:2])) + ".example.com"
    proto.write_text(PROTO.format(package=package, domain=domain))
    (project / "src").mkdir()
    include = run(sys.executable, "-m", "grpc_codetable", "include").strip()
    paths = (f"-I{project / 'proto'}", f"-I{include}")
    outs = [f"--{output}_out={project / 'src'}" for output in outputs]
    run(sys.executable, "-m", "grpc_tools.protoc", *paths, *outs, proto)


def own_wheel(package: str, project: Path) -> Path:
    """Builds the wheel of an own table, with the one documented step after protoc."""
    generate(package, project, "python", "pyi")
    assert run(sys.executable, "-m", "grpc_codetable", "imports", project / "src") in {
        "1 files changed\n",  # protoc's .pyi does not import the options
        "2 files changed\n",
    }
    manifest = MANIFEST.format(name=package.replace(".", "-"), folder=package.partition(".")[0])
    (project / "pyproject.toml").write_text(manifest)
    run(sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", project, project)
    [wheel] = project.glob("*.whl")
    return wheel


class Environment:
    """A virtual environment with the dependencies of this one, without our packages."""

    def __init__(self, folder: Path) -> None:
        """Makes the environment."""
        venv.create(folder, with_pip=False, symlinks=True)
        self.python = folder / "bin/python"
        [site] = folder.glob("lib/*/site-packages")
        (site / "tools.pth").write_text(f"{Path(pytest.__file__).parents[1]}\n")

    def pip(self, *arguments: str | Path) -> None:
        """Installs or uninstalls packages."""
        run(sys.executable, "-m", "pip", "--python", self.python, "--quiet", *arguments)

    def check(self) -> list[str]:
        """Returns what the tables say."""
        return run(self.python, "-c", CHECK).splitlines()


@pytest.fixture(scope="module")
def wheels() -> list[Path]:
    """The wheels of this project."""
    return sorted((ROOT / "interceptor/python/dist").glob("*.whl"))


def test_tables_of_several_owners(wheels: list[Path], tmp_path: Path) -> None:
    """Row 5: packages of tables share no file, so each goes without the others."""
    acme = own_wheel("acme.shop.v1", tmp_path / "acme")
    neighbour = own_wheel("jiguang.shop.v1", tmp_path / "neighbour")
    environment = Environment(tmp_path / "environment")
    environment.pip("install", "--no-index", "--no-deps", *wheels, acme, neighbour)
    of_acme, of_neighbour = (
        "shop.acme.example.com SOLD_OUT 17 NOT_FOUND",
        "shop.jiguang.example.com",
    )
    said = environment.check()
    assert said[0] == of_acme
    assert said[1].startswith(of_neighbour)
    assert said[2] == "TOKEN_EXPIRED_OR_NOT_EXIST"
    environment.pip("uninstall", "--yes", "grpc-codetable-jverification")
    said = environment.check()
    assert (said[0], said[2]) == (of_acme, "jverification is not installed")
    assert said[1].startswith(of_neighbour)
    environment.pip("uninstall", "--yes", "jiguang-shop-v1")
    assert environment.check()[:2] == [of_acme, "jiguang.shop.v1 is not installed"]


def test_beside_the_other_project() -> None:
    """Codetable on PyPI is another project, in an ordinary package of that name."""
    assert importlib.metadata.version("codetable") == "1.0.9"
    assert codetable.Codes.__module__ == "codetable.codes"
    table = grpc_codetable.CodeTable(response_code_pb2.ResponseCode)
    assert table[9003].reason == "TOKEN_EXPIRED_OR_NOT_EXIST"
    for name in OURS:
        for file in importlib.metadata.files(name) or []:
            assert file.parts[0] != "codetable"


def test_options_are_registered_once_under_their_usual_name() -> None:
    assert codetable_pb2.DESCRIPTOR.name == "codetable/v1/codetable.proto"
    found = descriptor_pool.Default().FindFileByName("codetable/v1/codetable.proto")
    assert found.serialized_pb == codetable_pb2.DESCRIPTOR.serialized_pb
    table = codetable_pb2.Table(domain="example.com")
    assert pickle.loads(pickle.dumps(table)) == table  # noqa: S301 - made here


def test_a_copy_of_the_options_does_no_harm(tmp_path: Path) -> None:
    """Buf generate --include-imports makes one, under the usual import name."""
    include = run(sys.executable, "-m", "grpc_codetable", "include").strip()
    for name in ("codetable", "grpc_code"):
        file = f"codetable/v1/{name}.proto"
        outs = (f"-I{include}", f"--python_out={tmp_path}")
        run(sys.executable, "-m", "grpc_tools.protoc", *outs, file)
    script = """
import sys
import grpc_codetable
from jiguang.jverification.v1.response_code_pb2 import ResponseCode
import codetable
codetable.__path__.append(sys.argv[1] + "/codetable")
from codetable.v1 import codetable_pb2
assert codetable_pb2.__file__.startswith(sys.argv[1])
assert codetable_pb2.DESCRIPTOR.name == "codetable/v1/codetable.proto"
print(len(grpc_codetable.CodeTable(ResponseCode)))
"""
    assert run(sys.executable, "-c", script, tmp_path) == "49\n"


def test_imports(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    generate("acme.shop.v1", tmp_path, "python", "grpc_python")
    module = tmp_path / "src/acme/shop/v1/shop_pb2.py"
    before = module.read_text()
    assert "\nfrom codetable.v1 import codetable_pb2 as " in before
    main(["imports", str(tmp_path)])
    after = module.read_text()
    assert after == before.replace("from codetable.v1 ", "from grpc_codetable_proto.v1 ")
    assert rewrite(tmp_path) == 0
    stub = module.with_name("other_pb2.pyi")
    stub.write_text("import codetable.v1.codetable_pb2\nx: codetable.v1.codetable_pb2.Fault\n")
    assert rewrite(tmp_path) == 1
    installed = "grpc_codetable_proto.v1.codetable_pb2"
    assert stub.read_text() == f"import {installed}\nx: {installed}.Fault\n"
    main(["include"])
    assert Path(capsys.readouterr().out.splitlines()[-1], "codetable/v1/codetable.proto").is_file()
    with pytest.raises(SystemExit):
        main(["imports", str(module)])


def test_no_stub_without_content() -> None:
    """Rows 9 and 10: gen has no stub of a file without a service, and no other module."""
    stubs = [path.name for path in (ROOT / "gen/python").rglob("*_pb2_grpc.py*")]
    assert sorted(stubs) == [
        "verification_service_pb2_grpc.py",
        "verification_service_pb2_grpc.pyi",
    ]
    modules = [path for path in (ROOT / "gen/python").rglob("*.py") if "_pb2" not in path.name]
    assert [path.name for path in modules] == ["__init__.py"] * 2
    assert all(path.read_text() == "" for path in modules)


def test_floors() -> None:
    """Row 9: the floors are what the generated code and floor.in require."""
    generated = Path(response_code_pb2.__file__).read_text()
    grpc_stub = Path(verification_service_pb2_grpc.__file__).read_text()
    protobuf = re.search(r"Protobuf Python Version: (\S+)", generated)
    grpcio = re.search(r"GRPC_GENERATED_VERSION = '(\S+)'", grpc_stub)
    assert protobuf
    assert grpcio
    floor = (ROOT / "interceptor/python/floor.in").read_text()
    floors = dict(re.findall(r"(?m)^([a-z-]+)==(\S+)$", floor))
    assert (floors["protobuf"], floors["grpcio"]) == (protobuf[1], grpcio[1])
    after_next = int(protobuf[1].partition(".")[0]) + 2
    for name in OURS:
        for requirement in importlib.metadata.requires(name) or []:
            if "extra ==" in requirement or requirement.startswith("grpc-codetable"):
                continue
            package, least = re.match(r"([a-z-]+)[^>]*>=([0-9.]+)", requirement).groups()  # type: ignore[union-attr]
            assert least == floors[package]
            assert package != "protobuf" or f"<{after_next}" in requirement


def test_files_of_each_package(wheels: list[Path]) -> None:
    """Row 9: licence, README and types are in the wheel and in the source package."""
    assert len(wheels) == 3
    licence = (ROOT / "LICENSE").read_bytes()
    for name in OURS:
        metadata = importlib.metadata.metadata(name)
        assert metadata["License-Expression"] == "Apache-2.0"
        assert metadata["Requires-Python"] == ">=3.11"
        assert "](https://" in str(metadata["Description"] or metadata)  # the README
        files = [str(file) for file in importlib.metadata.files(name) or []]
        assert any(file.endswith("py.typed") for file in files)
        [path] = [file for file in importlib.metadata.files(name) or [] if file.name == "LICENSE"]
        assert Path(path.locate()).read_bytes() == licence
        [source] = (ROOT / "interceptor/python/dist").glob(f"{name.replace('-', '_')}-0*.tar.gz")
        listed = run("tar", "tzf", source).splitlines()
        assert {"LICENSE", "README.md", "PKG-INFO"} <= {path.rpartition("/")[2] for path in listed}
    include = Path(codetable_pb2.__file__).parents[1] / "include/codetable/v1"
    for proto in (ROOT / "proto/codetable/v1").glob("*.proto"):
        assert (include / proto.name).read_bytes() == proto.read_bytes()


def test_what_is_tested_is_what_was_packed() -> None:
    for module in (grpc_codetable, codetable_pb2, response_code_pb2):
        assert ROOT not in Path(str(module.__file__)).parents
    assert shutil.which("python", path=str(Path(sys.executable).parent))
