"""A gRPC server that sends response codes as the README of the project specifies."""
