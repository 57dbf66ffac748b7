/** A call as code to copy. */
import type { DescEnum, DescField, DescMethodUnary } from "@bufbuild/protobuf";
import { ResponseCodeSchema } from "@codetable/jverification/jiguang/jverification/v1/response_code_pb.js";
import type { Request } from "./service.js";
import type { Row } from "./table.js";

export const languages = ["curl", "Go", "TypeScript"] as const;

export type SnippetLanguage = (typeof languages)[number];

/** Writes a call in a language; the code is the one to look for in its error. */
export function snippet(language: SnippetLanguage, request: Request, row: Row | undefined): string {
  switch (language) {
    case "curl":
      return curl(request);
    case "Go":
      return go(request, row);
    case "TypeScript":
      return typeScript(request, row);
  }
}

/** A field of the request with its value. */
interface Field {
  readonly field: DescField;
  readonly value: string | number;
}

function fieldsOf({ method, fields }: Request): Field[] {
  return method.input.fields.flatMap((field) => {
    const value = fields[field.localName];
    return value === undefined ? [] : [{ field, value }];
  });
}

/** The short name of an enum value, as protobuf-es has it. */
function valueName(desc: DescEnum, number: number): string {
  return desc.value[number]?.localName ?? "";
}

function curl(request: Request): string {
  const body = Object.fromEntries(
    fieldsOf(request).map(({ field, value }) => [
      field.jsonName,
      field.fieldKind === "enum" ? (field.enum.value[Number(value)]?.name ?? "") : value,
    ]),
  );
  const { method } = request;
  return [
    `curl --json '${JSON.stringify(body).replaceAll("'", String.raw`'\''`)}' \\`,
    `${location.origin}/${method.parent.typeName}/${method.name}`,
  ].join("\n");
}

function go(request: Request, row: Row | undefined): string {
  const { method } = request;
  const secure = location.protocol === "https:";
  const fields = fieldsOf(request).map(({ field, value }) => {
    const name = field.name.replace(/(?:^|_)(.)/g, (_, first: string) => first.toUpperCase());
    const literal =
      field.fieldKind === "enum"
        ? `jverificationv1.${field.enum.name}_${field.enum.value[Number(value)]?.name ?? ""}`
        : JSON.stringify(value);
    return `\t\t${name}: ${literal},`;
  });
  const found = row
    ? [
        `\tif codetable.Is(err, jverificationv1.${row.table}_${row.name}) {`,
        `\t\tfmt.Println(${JSON.stringify(`this is ${row.number}`)})`,
        "\t}",
      ]
    : [];
  return [
    "package main",
    "",
    "import (",
    '\t"context"',
    '\t"fmt"',
    '\t"log"',
    "",
    '\t"google.golang.org/grpc"',
    `\t"google.golang.org/grpc/credentials${secure ? "" : "/insecure"}"`,
    "",
    '\tjverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"',
    '\t"github.com/codetable/grpc-codetable/interceptor/codetable"',
    ")",
    "",
    "func main() {",
    `\tcreds := ${secure ? "credentials.NewTLS(nil)" : "insecure.NewCredentials()"}`,
    `\tconn, err := grpc.NewClient(${JSON.stringify(location.host)}, grpc.WithTransportCredentials(creds))`,
    "\tif err != nil {",
    "\t\tlog.Fatal(err)",
    "\t}",
    "\tclient := jverificationv1.NewVerificationServiceClient(conn)",
    `\treply, err := client.${method.name}(context.Background(), &jverificationv1.${method.input.name}{`,
    ...fields,
    "\t})",
    "\tif e, ok := codetable.FromError(err); ok {",
    "\t\tfmt.Println(e.Number(), e.Reason(), e.Fault(), e.Retry().Delay)",
    "\t}",
    ...found,
    "\tfmt.Println(reply, err)",
    "}",
  ].join("\n");
}

function typeScript(request: Request, row: Row | undefined): string {
  const { method } = request;
  const all = fieldsOf(request);
  const fields = all.map(({ field, value }) => {
    const literal =
      field.fieldKind === "enum"
        ? `${field.enum.name}.${valueName(field.enum, Number(value))}`
        : JSON.stringify(value);
    return `    ${field.localName}: ${literal},`;
  });
  const imported = [
    ...all.flatMap(({ field }) => (field.fieldKind === "enum" ? [field.enum.name] : [])),
    method.parent.name,
  ].join(", ");
  const stubs = "@codetable/jverification";
  return [
    'import { CodeTable } from "@codetable/core";',
    'import { createClientInterceptor } from "@codetable/core/connect";',
    `import { ResponseCodeSchema } from "${stubs}/${responseCodes}_pb.js";`,
    `import { ${imported} } from "${stubs}/${fileOf(method)}_pb.js";`,
    'import { createClient } from "@connectrpc/connect";',
    'import { createConnectTransport } from "@connectrpc/connect-web";',
    "",
    "const responseCodes = new CodeTable(ResponseCodeSchema);",
    "const transport = createConnectTransport({",
    `  baseUrl: ${JSON.stringify(location.origin)},`,
    "  interceptors: [createClientInterceptor({ tables: [responseCodes] })],",
    "});",
    `const client = createClient(${method.parent.name}, transport);`,
    "try {",
    `  const reply = await client.${method.localName}({`,
    ...fields.map((line) => line),
    "  });",
    "  console.log(reply.code);",
    "} catch (thrown) {",
    "  const error = responseCodes.from(thrown);",
    ...(row
      ? [
          `  if (error?.domain === ${JSON.stringify(row.domain)} && error.reason === ${JSON.stringify(row.reason)}) {`,
          `    console.log(${JSON.stringify(`this is ${row.number}`)});`,
          "  }",
        ]
      : []),
    "  console.log(error?.reason, error?.metadata);",
    "}",
  ].join("\n");
}

const responseCodes = ResponseCodeSchema.file.name;

function fileOf(method: DescMethodUnary): string {
  return method.parent.file.name;
}
