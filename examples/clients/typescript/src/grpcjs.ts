/** grpc-js with the stubs of protobuf-es: typed calls, and response codes. */
import {
  create,
  type DescEnum,
  type DescMessage,
  type DescMethodUnary,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import { StatusSchema } from "@codetable/jverification/google/rpc/status_pb.js";
import {
  type CallOptions,
  type Client,
  Metadata,
  type MetadataValue,
  type ServiceError,
} from "@grpc/grpc-js";
import type { CodeError, CodeTable, Detail } from "./code_table.js";

/** Returns undefined unless error is a ServiceError with an ErrorInfo. */
export function fromServiceError<Desc extends DescEnum>(
  table: CodeTable<Desc>,
  error: unknown,
): CodeError<Desc> | undefined {
  if (!isServiceError(error)) {
    return undefined;
  }
  const [bytes] = error.metadata.get("grpc-status-details-bin");
  return table.read({ code: error.code, details: detailsIn(bytes, error.code) });
}

/**
 * Calls a unary method. The promise rejects with a ServiceError. The schemas of
 * protobuf-es replace generated serializers.
 */
export function unary<I extends DescMessage, O extends DescMessage>(
  client: Client,
  method: DescMethodUnary<I, O>,
  request: MessageInitShape<I>,
  metadata: Metadata = new Metadata(),
  options: CallOptions = {},
): Promise<MessageShape<O>> {
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      `/${method.parent.typeName}/${method.name}`,
      (message: MessageShape<I>) => Buffer.from(toBinary(method.input, message)),
      (bytes: Buffer) => fromBinary(method.output, bytes),
      create(method.input, request),
      metadata,
      options,
      (error, response) => {
        if (error) {
          reject(error);
        } else {
          resolve(response as MessageShape<O>);
        }
      },
    );
  });
}

function isServiceError(error: unknown): error is ServiceError {
  return (
    error instanceof Error &&
    "code" in error &&
    typeof error.code === "number" &&
    "metadata" in error &&
    error.metadata instanceof Metadata
  );
}

function detailsIn(bytes: MetadataValue | undefined, code: number): Detail[] {
  if (!(bytes instanceof Uint8Array)) {
    return [];
  }
  try {
    const status = fromBinary(StatusSchema, bytes);
    // gRPC requires this check: the details must not contradict the code.
    return status.code === code ? status.details.map(toDetail) : [];
  } catch {
    return [];
  }
}

function toDetail({ typeUrl, value }: Any): Detail {
  return { type: typeUrl.slice(typeUrl.lastIndexOf("/") + 1), value };
}
