"""Serves until SIGTERM or Ctrl-C: `python -m server 127.0.0.1:8090`.

It has no TLS: use a loopback address, or a proxy that adds TLS.
"""

import argparse
import logging
import signal
from concurrent.futures import ThreadPoolExecutor

import grpc
from jiguang.jverification.v1.verification_service_pb2_grpc import (
    add_VerificationServiceServicer_to_server,
)

from server.service import VerificationService

_GRACE = 5  # seconds for running calls


def main() -> None:
    """Runs the server."""
    parser = argparse.ArgumentParser(prog="python -m server", description=__doc__)
    parser.add_argument(
        "address", nargs="?", default="127.0.0.1:8090", help="port 0 picks a free one"
    )
    address = parser.parse_args().address
    logging.basicConfig(level=logging.INFO, format="%(message)s")

    with ThreadPoolExecutor(max_workers=8) as workers:
        server = grpc.server(workers)
        add_VerificationServiceServicer_to_server(VerificationService(), server)
        port = server.add_insecure_port(address)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: server.stop(_GRACE))
        server.start()
        host = address.rpartition(":")[0]
        logging.getLogger(__name__).info("server is listening address=%s:%d", host, port)
        server.wait_for_termination()


if __name__ == "__main__":
    main()
