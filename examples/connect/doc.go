// Package connect tests package connectcodetable with the clients of others:
// connect-es over each of its transports, and grpcurl. interceptor/typescript
// has the library for users of connect-es.
package connect
