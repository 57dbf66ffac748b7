// Package grpcgateway shows how grpc-gateway answers with codes: WriteError of
// package rest is its error handler. See the example.
//
// RegisterXHandlerServer registers a handler in process, without interceptors. The
// default error handler answers with the text of the whole error, causes included.
// WriteError answers with the status that an interceptor would send. If grpc-gateway
// calls a server over a connection, WriteError answers with the status of that server.
//
// The folder jverificationv1 contains the handlers that protoc-gen-grpc-gateway
// generates from http.yaml. make generate writes them.
package grpcgateway
