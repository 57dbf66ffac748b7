/**
 * The client interceptor and the server side for grpc-js, for all four kinds of
 * methods.
 *
 * @module
 */
import { Readable, Stream } from "node:stream";
import type { DescEnum } from "@bufbuild/protobuf";
import {
  InterceptingCall,
  type Interceptor,
  Metadata,
  type sendUnaryData,
  type ServerReadableStream,
  type ServerWritableStream,
  type ServiceError,
  status as Status,
  type StatusObject,
} from "@grpc/grpc-js";
import { grpc } from "./code.js";
import type { CodeError } from "./error.js";
import { markReceived, statusDetails, statusOf } from "./foreign.js";
import { read } from "./read.js";
import type { CodeTable } from "./table.js";
import { type Call, type ServerOptions, type Translation, Translator } from "./translator.js";

const pushbackKey = "grpc-retry-pushback-ms";

/** How a client reads errors. */
export interface ClientOptions {
  /** The tables of the servers that the client calls. */
  readonly tables: readonly CodeTable[];
}

/**
 * The error of a failed call with a meaning: the ServiceError of grpc-js with its
 * `code`, `details` and `metadata`. Its `code` is the gRPC status code, so the
 * response code is in `codeError`. `CodeTable.from` returns it with the types of
 * the table.
 */
export interface GrpcCodeError extends ServiceError {
  readonly codeError: CodeError;
}

/** Whether an error of grpc-js has a meaning. */
export function isGrpcCodeError(error: unknown): error is GrpcCodeError {
  return error instanceof Error && "metadata" in error && "codeError" in error;
}

/**
 * Makes a GrpcCodeError of each failed call that has a meaning: for callbacks,
 * and for the events `error` and `status` of streams. Other errors stay what they
 * are. It repeats no call: grpc-js does that by the advice of the server, if the
 * service config of the channel has a retryPolicy.
 */
export function createClientInterceptor({ tables }: ClientOptions): Interceptor {
  return (options, nextCall) =>
    new InterceptingCall(nextCall(options), {
      start(metadata, _listener, next) {
        next(metadata, {
          onReceiveStatus: (status, forward) => forward(receive(status, tables)),
        });
      },
    });
}

/** grpc-js copies the properties of the status to the error of the call. */
function receive(status: StatusObject, tables: readonly CodeTable[]): StatusObject {
  if (status.code === Status.OK) {
    return status;
  }
  const original = Object.assign(new Error(`${status.code} ${status.details}`), status);
  const codeError = read(tables, statusOf(status) ?? noStatus, original);
  if (codeError === undefined) {
    markReceived(status.metadata);
    return status;
  }
  return Object.assign({ ...status }, { codeError });
}

const noStatus = { code: 0, message: "", details: undefined };

/** Reads a ServiceError, also without the interceptor. Returns undefined for other errors. */
export function fromServiceError<Desc extends DescEnum>(
  table: CodeTable<Desc>,
  thrown: unknown,
): CodeError<Desc> | undefined {
  const error = table.from(thrown);
  return error === undefined && thrown instanceof Error
    ? table.read(statusOf(thrown) ?? noStatus, thrown)
    : error;
}

/**
 * Returns an implementation of the same service that sends the errors of its
 * handlers by the contract: see the README. A handler may pass an error to its
 * callback, emit `error` on its stream, throw, or return a promise that rejects.
 */
export function wrapHandlers<T extends object>(implementation: T, options: ServerOptions): T {
  const translator = new Translator(options);
  return new Proxy(implementation, {
    get(target, name) {
      const handler: unknown = Reflect.get(target, name);
      return typeof handler === "function"
        ? wrap(handler.bind(target) as Handler, translator)
        : handler;
    },
  });
}

type ServerCall = ServerReadableStream<unknown, unknown> & ServerWritableStream<unknown, unknown>;
type Callback = sendUnaryData<unknown>;
type Handler = (call: ServerCall, callback?: Callback) => unknown;

function wrap(handler: Handler, translator: Translator): Handler {
  return (call, callback) => {
    const translate = (thrown: unknown, trailer?: Metadata) =>
      toServiceError(translator.translate(thrown, describe(call)), trailer);
    prepare(call, translate);
    if (callback === undefined) {
      run(
        () => handler(call),
        (thrown) => call.emit("error", thrown as Error),
      );
      return;
    }
    let replied = false;
    const reply: Callback = (error, value, trailer, flags) => {
      replied = true;
      if (error) {
        callback(translate(error, trailer));
      } else {
        callback(null, value, trailer, flags);
      }
    };
    run(
      () => handler(call, reply),
      (thrown) => {
        if (!replied) {
          callback(translate(thrown));
        }
      },
    );
  };
}

/**
 * A stream sends each error that it emits, also if its method has a callback. It
 * sends nothing after it was destroyed, so leaving a loop over the requests, as an
 * error in it does, must not destroy it.
 */
function prepare(call: ServerCall, translate: (thrown: unknown) => ServiceError): void {
  if (call instanceof Stream) {
    const emit = call.emit.bind(call) as (...event: unknown[]) => boolean;
    call.emit = (name: string | symbol, ...values: unknown[]) =>
      name === "error" ? emit(name, translate(values[0])) : emit(name, ...values);
  }
  if (call instanceof Readable) {
    call[Symbol.asyncIterator] = () => call.iterator({ destroyOnReturn: false });
  }
}

/** Runs a handler, which may be an async function. */
function run(handler: () => unknown, fail: (thrown: unknown) => void): void {
  try {
    Promise.resolve(handler()).catch(fail);
  } catch (thrown) {
    fail(thrown);
  }
}

function describe(call: ServerCall): Call {
  const locale = call.metadata.get("accept-language")[0]?.toString() ?? "";
  if (call.cancelled) {
    return { locale, ended: grpc.cancelled };
  }
  const late = Number(call.getDeadline()) <= Date.now();
  return late ? { locale, ended: grpc.deadlineExceeded } : { locale };
}

function toServiceError(
  { status, own, pushback }: Translation,
  trailer: Metadata | undefined,
): ServiceError {
  const metadata = new Metadata();
  const added = (own as Partial<ServiceError> | undefined)?.metadata;
  for (const each of [added, trailer]) {
    if (each instanceof Metadata) {
      metadata.merge(each);
    }
  }
  metadata.remove(statusDetails);
  if (status.details !== undefined) {
    metadata.set(statusDetails, Buffer.from(status.details));
  }
  metadata.set(pushbackKey, pushback);
  const { code, message } = status as { code: Status; message: string };
  return Object.assign(new Error(message), { code, details: message, metadata });
}
