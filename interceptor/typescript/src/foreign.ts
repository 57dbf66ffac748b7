/** Recognizes the errors of gRPC libraries by their shape, without importing the libraries. */
import { create, type DescMessage, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { base64Decode } from "@bufbuild/protobuf/wire";
import type { GrpcStatus } from "./error.js";
import { type Detail, detail, encodeStatus } from "./wire.js";

export const statusDetails = "grpc-status-details-bin";

/** The errors that came from another server, or their metadata: the client interceptors add them. */
const received = new WeakSet();

/** Marks an error that has no code as received. It changes nothing else. */
export function markReceived(error: object): void {
  received.add(error);
}

export function isReceived(node: unknown): boolean {
  if (typeof node !== "object" || node === null) {
    return false;
  }
  const { metadata } = node as { metadata?: unknown };
  return (
    received.has(node) ||
    (typeof metadata === "object" && metadata !== null && received.has(metadata))
  );
}

/** What is used of a ConnectError. */
export interface ConnectErrorLike {
  readonly code: number;
  readonly rawMessage: string;
  readonly metadata: Headers;
  readonly details: readonly (
    | { readonly type: string; readonly value: Uint8Array }
    | { readonly desc: DescMessage; readonly value: MessageInitShape<DescMessage> }
  )[];
}

/** What is used of a ServiceError of grpc-js. */
export interface ServiceErrorLike {
  readonly code: number;
  readonly details?: string;
  readonly message?: string;
  readonly metadata?: { get(key: string): (string | Uint8Array)[] } | null;
}

/** Returns the status of an error of connect-es or of grpc-js, and undefined for other errors. */
export function statusOf(node: unknown): GrpcStatus | undefined {
  if (isConnectError(node)) {
    return connectStatus(node);
  }
  return isServiceError(node) ? serviceStatus(node) : undefined;
}

export function isConnectError(node: unknown): node is ConnectErrorLike {
  const { name, code, details, metadata } = node as Partial<ConnectErrorLike> & { name?: string };
  return (
    name === "ConnectError" &&
    typeof code === "number" &&
    Array.isArray(details) &&
    metadata instanceof Headers
  );
}

/**
 * An Error with a number alone is not a status: databases and the DOM number
 * their errors too. An object that is no Error, which grpc-js accepts, is one.
 */
function isServiceError(node: unknown): node is ServiceErrorLike {
  const { code, details, metadata } = node as Partial<ServiceErrorLike>;
  return (
    typeof code === "number" &&
    Number.isInteger(code) &&
    (typeof details === "string" ||
      typeof metadata?.get === "function" ||
      Object.getPrototypeOf(node) === Object.prototype)
  );
}

function connectStatus(error: ConnectErrorLike): GrpcStatus {
  const { metadata, code, rawMessage } = error;
  const raw = metadata.get(statusDetails);
  if (raw !== null) {
    // connect-es takes the code from the details. The one of the header is compared with it.
    const header = Number(metadata.get("grpc-status") ?? code);
    return { code: header, message: rawMessage, details: decodeBase64(raw) };
  }
  const details = error.details.map(toDetail);
  const bytes =
    details.length > 0 ? encodeStatus({ code, message: rawMessage, details }) : undefined;
  return { code, message: rawMessage, details: bytes };
}

function decodeBase64(text: string): Uint8Array | undefined {
  try {
    return base64Decode(text);
  } catch {
    return undefined;
  }
}

function toDetail(each: ConnectErrorLike["details"][number]): Detail {
  return "type" in each
    ? detail(each.type, each.value)
    : detail(each.desc.typeName, toBinary(each.desc, create(each.desc, each.value)));
}

function serviceStatus({ code, details, message, metadata }: ServiceErrorLike): GrpcStatus {
  const bytes = metadata?.get(statusDetails)[0];
  return {
    code,
    message: details ?? message ?? "",
    details: bytes instanceof Uint8Array ? bytes : undefined,
  };
}
