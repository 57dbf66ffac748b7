/** The gRPC statuses, and what each is over HTTP. */
import { GrpcCode } from "@codetable/proto/codetable/v1/grpc_code_pb.js";

export interface Status {
  /** As google.rpc.Code spells it: RESOURCE_EXHAUSTED. */
  readonly name: string;
  /** As Go and Connect spell it: ResourceExhausted. */
  readonly camel: string;
  /** As google.rpc.Code maps it. */
  readonly http: number;
}

const http: Readonly<Record<number, number>> = {
  [GrpcCode.OK]: 200,
  [GrpcCode.CANCELLED]: 499,
  [GrpcCode.UNKNOWN]: 500,
  [GrpcCode.INVALID_ARGUMENT]: 400,
  [GrpcCode.DEADLINE_EXCEEDED]: 504,
  [GrpcCode.NOT_FOUND]: 404,
  [GrpcCode.ALREADY_EXISTS]: 409,
  [GrpcCode.PERMISSION_DENIED]: 403,
  [GrpcCode.RESOURCE_EXHAUSTED]: 429,
  [GrpcCode.FAILED_PRECONDITION]: 400,
  [GrpcCode.ABORTED]: 409,
  [GrpcCode.OUT_OF_RANGE]: 400,
  [GrpcCode.UNIMPLEMENTED]: 501,
  [GrpcCode.INTERNAL]: 500,
  [GrpcCode.UNAVAILABLE]: 503,
  [GrpcCode.DATA_LOSS]: 500,
  [GrpcCode.UNAUTHENTICATED]: 401,
};

/** Describes the status with a number; one that gRPC does not know is UNKNOWN. */
export function statusOf(code: number): Status {
  const name = GrpcCode[code] ?? "UNKNOWN";
  const camel = name
    .toLowerCase()
    .replace(/(?:^|_)(.)/g, (_, first: string) => first.toUpperCase());
  return { name, camel, http: http[code] ?? 500 };
}
