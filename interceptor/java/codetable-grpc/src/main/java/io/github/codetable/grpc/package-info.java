/**
 * Carries the response codes of annotated protobuf enums across gRPC.
 *
 * <p>A {@link io.github.codetable.grpc.CodeTable} is made of a generated enum. A handler fails with
 * {@link io.github.codetable.grpc.CodeTable#error(Object)}, and a {@link
 * io.github.codetable.grpc.CodeServerInterceptor} sends the code. On the other side {@link
 * io.github.codetable.grpc.Codes#from} reads it from the exception of the call; a {@link
 * io.github.codetable.grpc.CodeClientInterceptor} attaches it to every failed call.
 */
package io.github.codetable.grpc;
