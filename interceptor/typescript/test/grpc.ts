/** grpc-js with the schemas of protobuf-es instead of generated serializers. */
import {
  create,
  type DescMessage,
  type DescMethod,
  type DescMethodUnary,
  type DescService,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import {
  type CallOptions,
  type Client,
  Metadata,
  type MethodDefinition,
  type ServiceDefinition,
} from "@grpc/grpc-js";

export function definitionOf(service: DescService): ServiceDefinition {
  return Object.fromEntries(
    service.methods.map((method) => [method.localName, methodDefinitionOf(method)]),
  );
}

export function methodDefinitionOf(method: DescMethod): MethodDefinition<object, object> {
  const serializer = (desc: DescMessage) => (message: object) =>
    Buffer.from(toBinary(desc, create(desc, message as MessageInitShape<DescMessage>)));
  const parser = (desc: DescMessage) => (bytes: Buffer) => fromBinary(desc, bytes);
  return {
    path: `/${method.parent.typeName}/${method.name}`,
    requestStream: ["client_streaming", "bidi_streaming"].includes(method.methodKind),
    responseStream: ["server_streaming", "bidi_streaming"].includes(method.methodKind),
    requestSerialize: serializer(method.input),
    requestDeserialize: parser(method.input),
    responseSerialize: serializer(method.output),
    responseDeserialize: parser(method.output),
  };
}

export function unary<I extends DescMessage, O extends DescMessage>(
  client: Client,
  method: DescMethodUnary<I, O>,
  request: MessageInitShape<I>,
  headers: Record<string, string> = {},
  options: CallOptions = {},
): Promise<MessageShape<O>> {
  const { path, requestSerialize, responseDeserialize } = methodDefinitionOf(method);
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(headers)) {
    metadata.set(key, value);
  }
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      path,
      requestSerialize,
      responseDeserialize,
      request as object,
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
