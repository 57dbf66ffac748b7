/**
 * Response codes of an upstream, carried across gRPC. A CodeTable reads the
 * meaning of the codes from an annotated enum, and a CodeError is the meaning of
 * one failed call. The interceptors are in `./connect` and `./grpc-js`.
 *
 * @module
 */
export { CalendarWindow, Fault, RetryAction } from "@codetable/proto/codetable/v1/codetable_pb.js";
export { CodeError, type GrpcStatus, type Retry } from "./error.js";
export { CodeTable, type ErrorOptions } from "./table.js";
export { type Call, type ServerOptions, type Translation, Translator } from "./translator.js";
export type { Detail } from "./wire.js";
