/**
 * The interceptors for connect-es, on clients and servers, over the Connect, gRPC
 * and gRPC-Web protocols.
 *
 * @module
 */
import type { DescEnum } from "@bufbuild/protobuf";
import {
  Code,
  ConnectError,
  encodeBinaryHeader,
  type Interceptor,
  type StreamResponse,
  type UnaryResponse,
} from "@connectrpc/connect";
import { CodeError } from "./error.js";
import { isConnectError, markReceived, statusDetails, statusOf } from "./foreign.js";
import { read } from "./read.js";
import { limitsOf, retrying } from "./retry.js";
import type { CodeTable } from "./table.js";
import { type ServerOptions, type Translation, Translator } from "./translator.js";
import { delayIn, nameOf } from "./wire.js";

const pushbackHeader = "grpc-retry-pushback-ms";

/** How a client reads errors, and repeats unary calls. */
export interface ClientOptions {
  /** The tables of the servers that the client calls. */
  readonly tables: readonly CodeTable[];
  /**
   * How often a unary call is made at most. It is repeated only if the table says
   * SAME_REQUEST, after its delay. Streams are never repeated. Default: 3. With 1
   * no call is repeated.
   */
  readonly maxAttempts?: number;
  /** An error with a longer delay is not waited for. In milliseconds. Default: 60,000. */
  readonly maxDelayMs?: number;
}

/**
 * The error of a failed call with a meaning. It is a ConnectError with all the
 * properties of the original one, which is its cause. ConnectError has a `code`
 * already, the gRPC status code, so the response code is in `codeError`.
 * `CodeTable.from` returns it with the types of the table.
 */
export class ConnectCodeError extends ConnectError {
  readonly codeError: CodeError;

  /** @internal */
  constructor(original: ConnectError, codeError: CodeError) {
    super(original.rawMessage, original.code, original.metadata, undefined, original);
    this.details = original.details;
    this.codeError = codeError;
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    // ConnectError recognizes its own instances by their shape, in subclasses too.
    return (
      ConnectError[Symbol.hasInstance](value) &&
      (value as Partial<ConnectCodeError>).codeError instanceof CodeError
    );
  }
}

/**
 * Makes a ConnectCodeError of each failed call that has a meaning, also of
 * streams, and repeats unary calls by the table. Other errors stay what they are.
 * Put interceptors that act on each attempt after this one.
 */
export function createClientInterceptor(options: ClientOptions): Interceptor {
  const { tables } = options;
  const limits = limitsOf(options);
  return (next) => async (request) => {
    const fail = (thrown: unknown): never => receive(thrown, tables);
    const call = async () => {
      try {
        const response = await next(request);
        return response.stream ? mapErrors(response, fail, demandOk) : demandOk(response);
      } catch (thrown) {
        return fail(thrown);
      }
    };
    return request.stream ? call() : retrying(call, request, limits);
  };
}

/**
 * connect-es takes the code of gRPC from the details, so a failed call whose details
 * are empty or say OK looks like a success.
 */
function demandOk<R extends UnaryResponse | StreamResponse>(response: R): R {
  const { header, trailer } = response;
  const status = trailer.get("grpc-status") ?? header.get("grpc-status") ?? "0";
  if (status !== "0") {
    const code: Code = Number(status) in Code ? Number(status) : Code.Unknown;
    throw new ConnectError(`the details of grpc-status ${status} say OK`, code, trailer);
  }
  return response;
}

/** Reads a ConnectError, also without the interceptor. Returns undefined for other errors. */
export function fromConnectError<Desc extends DescEnum>(
  table: CodeTable<Desc>,
  thrown: unknown,
): CodeError<Desc> | undefined {
  const error = table.from(thrown);
  return error === undefined && thrown instanceof ConnectError
    ? table.read(statusOf(thrown) ?? noStatus, thrown)
    : error;
}

const noStatus = { code: 0, message: "", details: undefined };

/** Throws the error of a failed call. Each error passes here once. */
function receive(thrown: unknown, tables: readonly CodeTable[]): never {
  if (thrown instanceof ConnectError && !(thrown instanceof ConnectCodeError)) {
    const error = read(tables, statusOf(thrown) ?? noStatus, thrown);
    if (error !== undefined) {
      throw new ConnectCodeError(thrown, error);
    }
    markReceived(thrown);
  }
  throw thrown;
}

/**
 * Sends the errors of the handlers by the contract: see the README. Put it before
 * interceptors whose errors it shall send, such as authentication, and after those
 * that log what is sent.
 */
export function createServerInterceptor(options: ServerOptions): Interceptor {
  const translator = new Translator(options);
  return (next) => async (request) => {
    const fail = (thrown: unknown): never => {
      const { header, signal, method } = request;
      const translation = translator.translate(thrown, {
        locale: header.get("accept-language") ?? "",
        method,
        ...(signal.aborted && { ended: ConnectError.from(signal.reason, Code.Canceled).code }),
      });
      const grpc = (header.get("content-type") ?? "").startsWith("application/grpc");
      throw toConnectError(translation, grpc);
    };
    try {
      return mapErrors(await next(request), fail);
    } catch (thrown) {
      return fail(thrown); // an interceptor that is no async function throws at once
    }
  };
}

/** Applies a function to the errors of a stream that has begun, and one to its end. */
function mapErrors<R extends UnaryResponse | StreamResponse>(
  response: R,
  fail: (thrown: unknown) => never,
  end: (response: R) => unknown = () => undefined,
): R {
  if (!response.stream) {
    return response;
  }
  async function* items(messages: StreamResponse["message"]) {
    try {
      yield* messages;
      end(response);
    } catch (thrown) {
      fail(thrown);
    }
  }
  return { ...response, message: items(response.message) };
}

/**
 * Over gRPC and gRPC-Web the serialized status is sent as it is. The Connect
 * protocol has its own form, and the header Retry-After.
 */
function toConnectError({ status, details, ...sent }: Translation, grpc: boolean): ConnectError {
  const metadata = ownMetadata(sent.own);
  metadata.set(pushbackHeader, sent.pushback);
  if (grpc && status.details !== undefined) {
    metadata.set(statusDetails, encodeBinaryHeader(status.details));
  }
  const delayMs = delayIn(details);
  if (!grpc && delayMs !== undefined) {
    metadata.set("retry-after", String(Math.ceil(delayMs / 1000)));
  }
  const error = new ConnectError(status.message, status.code, metadata, undefined, sent.origin);
  error.details = grpc ? [] : details.map((each) => ({ type: nameOf(each), value: each.value }));
  return error;
}

/** What a handler added to its own error. */
function ownMetadata(own: unknown): Headers {
  const metadata = new Headers(own !== undefined && isConnectError(own) ? own.metadata : {});
  metadata.delete(statusDetails);
  return metadata;
}
