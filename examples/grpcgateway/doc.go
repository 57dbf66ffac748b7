// Package grpcgateway shows codes behind grpc-gateway, with WriteError of package
// rest as its error handler: see the example.
//
// A handler that is registered in process, with RegisterXHandlerServer, has no
// interceptor before it, and the default error handler then answers with the text
// of the whole error, causes included. WriteError answers with what an
// interceptor would send. Behind a connection it writes what the server sent.
//
// Folder jverificationv1 holds what protoc-gen-grpc-gateway makes of http.yaml.
// To make it anew, run buf generate in this folder.
package grpcgateway
