"""A gRPC server that answers with response codes by the wire contract of the project."""
