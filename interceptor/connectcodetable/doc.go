// Package connectcodetable carries the response codes of package codetable
// across connect-go, over the protocols Connect, gRPC and gRPC-Web. One
// [Interceptor] serves handlers and clients, unary calls and streams:
//
//	codes := connect.WithInterceptors(connectcodetable.NewInterceptor())
//	mux.Handle(shopv1connect.NewShopHandler(shop, codes))
//	client := shopv1connect.NewShopClient(http.DefaultClient, url, codes)
//
// # What a handler sends
//
// The server interceptors of package interceptor decide, so the rules and the
// options are the same as with grpc-go. A *[connect.Error] that a handler makes
// is a status of the handler: it is sent unchanged, with its metadata, but
// without the text that was wrapped around it. At a public boundary
// ([interceptor.WithPublicBoundary]) a *connect.Error of another server is
// masked even if no client interceptor has marked it.
//
// Connect itself answers a request that it can't read, and the errors of a
// [connect.RequestGateFunc]. No interceptor sees these. [FromStatus] helps in
// your own gates.
//
// # What a client gets
//
// The client gets the *codetable.Error of a code, for which the functions of
// package codetable work. errors.As still finds the *connect.Error, and
// connect.CodeOf and connect.IsWireError still work. An error without a code is
// marked as received, so a public boundary masks it if a handler returns it. An
// error that wraps io.EOF is returned unchanged.
//
// Details keep their bytes over each protocol. Connect sends the name of a
// detail's type without the prefix of its type URL, so a client reads any prefix
// as "type.googleapis.com/".
//
// # Retry advice
//
// RetryInfo is part of the status in each protocol. Over Connect the delay is
// also the header Retry-After, in whole seconds; a stream has it in the metadata
// that ends the stream. Over gRPC and gRPC-Web the trailer
// grpc-retry-pushback-ms is sent.
//
// gRPC's own retry does not obey this trailer of a connect-go server. net/http
// sends headers before each error, and gRPC repeats no call after headers. It
// repeats no call with a code at all, not even one whose code allows the same
// request. Let the caller repeat it, or use the server of grpc-go.
//
// connect-go has no retry: see [NewRetryInterceptor].
//
// # Order
//
// Connect calls the first interceptor first. On a handler the order is metrics,
// logging, codetable, auth, validation, recovery: give WithInterceptors before
// [connect.WithRecover]. On a client the retry is first.
package connectcodetable
