/** The gRPC status codes with a meaning here. */
export const grpc = {
  ok: 0,
  cancelled: 1,
  unknown: 2,
  deadlineExceeded: 4,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const;

/** The names of the codes, which replace an empty message. They are those of grpc-go. */
export const codeNames: readonly string[] = [
  "OK",
  "Canceled",
  "Unknown",
  "InvalidArgument",
  "DeadlineExceeded",
  "NotFound",
  "AlreadyExists",
  "PermissionDenied",
  "ResourceExhausted",
  "FailedPrecondition",
  "Aborted",
  "OutOfRange",
  "Unimplemented",
  "Internal",
  "Unavailable",
  "DataLoss",
  "Unauthenticated",
];

const blameOthers = [0, 1, 3, 5, 6, 7, 8, 9, 10, 11, 16];

/** Whether google.rpc.Code maps a gRPC code to an HTTP status of 500 or more. */
export function blamesServer(code: number): boolean {
  return !blameOthers.includes(code);
}
