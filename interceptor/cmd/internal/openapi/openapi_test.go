package openapi_test

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/catalogue"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/catalogue/cataloguetest"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/openapi"
)

var config = openapi.Config{Version: "v1", Server: "/", Language: "*"}

// document generates a document twice and returns it. It must be valid with its
// examples.
func document(t *testing.T, c *catalogue.Catalogue, config openapi.Config) *openapi3.T {
	t.Helper()
	files, err := openapi.Files(c, config)
	if err != nil {
		t.Fatal(err)
	}
	again, err := openapi.Files(c, config)
	if err != nil || !bytes.Equal(files[0].Content, again[0].Content) {
		t.Errorf("two runs differ: %v", err)
	}
	doc, err := openapi3.NewLoader().LoadFromData(files[0].Content)
	if err != nil {
		t.Fatalf("%v\n%s", err, files[0].Content)
	}
	if err := doc.Validate(t.Context(), openapi3.EnableExamplesValidation()); err != nil {
		t.Errorf("%v\n%s", err, files[0].Content)
	}
	return doc
}

// operations returns the HTTP methods and paths of a document.
func operations(doc *openapi3.T) (list []string) {
	for path, item := range doc.Paths.Map() {
		for verb := range item.Operations() {
			list = append(list, verb+" "+path)
		}
	}
	slices.Sort(list)
	return list
}

// TestConnectPath is for methods that have no other path. The errors have the
// form of the Connect protocol.
func TestConnectPath(t *testing.T) {
	t.Parallel()
	doc := document(t, cataloguetest.Library(t), config)
	want := []string{"POST /library.v1.LibraryService/GetBook", "POST /library.v1.LibraryService/LendBook"}
	if diff := cmp.Diff(want, operations(doc)); diff != "" {
		t.Errorf("operations (-want +got):\n%s", diff)
	}
	if doc.Info.Title != "library.v1.LibraryService" {
		t.Errorf("title = %q", doc.Info.Title)
	}
	if doc.Components.Schemas["google.rpc.Status"] != nil {
		t.Error("the document describes an error that no method has")
	}
	example, _ := doc.Components.Examples["library.example.com.NO_MONEY.connect"].Value.Value.(map[string]any)
	if example["code"] != "failed_precondition" || len(example["details"].([]any)) != 2 {
		t.Errorf("example = %v", example)
	}
	operation := doc.Paths.Value("/library.v1.LibraryService/LendBook").Post
	if got := slices.Sorted(maps.Keys(operation.Responses.Map())); !slices.Equal(got, []string{"200", "400", "404", "429", "500", "default"}) {
		t.Errorf("responses = %v", got)
	}
}

// httpProto is what the option google.api.http looks like to the compiler.
const httpProto = `syntax = "proto3";
package google.api;
import "google/protobuf/descriptor.proto";
extend google.protobuf.MethodOptions { HttpRule http = 72295728; }
message Custom { string kind = 1; string path = 2; }
message HttpRule {
  oneof pattern { string get = 2; string put = 3; string post = 4; string delete = 5; string patch = 6; Custom custom = 8; }
  string body = 7;
  string response_body = 12;
  repeated HttpRule additional_bindings = 11;
}
`

const shop = `syntax = "proto3";
package shop.v1;
import "codetable/v1/codetable.proto";
import "google/api/annotations.proto";
enum ShopCode {
  option (codetable.v1.table) = {domain: "shop.example.com"};
  SHOP_CODE_OK = 0 [(codetable.v1.code) = {grpc_code: GRPC_CODE_OK}];
  SHOP_CODE_SOLD = 1 [(codetable.v1.code) = {grpc_code: GRPC_CODE_NOT_FOUND notes: "sold" fault: FAULT_CALLER retry: {action: RETRY_ACTION_NEVER}}];
}
message Item { string name = 1; Size size = 2; Item part = 3; repeated string tags = 4; map<string, string> labels = 5; }
message Size { uint32 height = 1; }
message Ref { string name = 1; Item item = 2; }
message None {}
service Shop {
  rpc Get(Item) returns (Item) {
    option (google.api.http) = {get: "/v1/{name=shelves/*/items/*}"};
    option (codetable.v1.method) = {codes: {domain: "shop.example.com", reasons: "SOLD"}};
  }
  rpc Put(Ref) returns (Ref) {
    option (google.api.http) = {
      patch: "/v1/{item.name=items/*}" body: "item" response_body: "item"
      additional_bindings: {custom: {kind: "OPTIONS" path: "/v1/items"}}
    };
    option (codetable.v1.method) = {codes: {domain: "shop.example.com", reasons: "SOLD"}};
  }
  %s
}
`

func shopOf(t *testing.T, more string) *catalogue.Catalogue {
	t.Helper()
	return cataloguetest.Parse(t, map[string]string{"google/api/annotations.proto": httpProto, "shop.proto": strings.Replace(shop, "%s", more, 1)})
}

// TestAnnotations reads the option google.api.http.
func TestAnnotations(t *testing.T) {
	t.Parallel()
	doc := document(t, shopOf(t, ""), config)
	want := []string{"GET /v1/shelves/{name_1}/items/{name_2}", "OPTIONS /v1/items", "PATCH /v1/items/{name}"}
	if diff := cmp.Diff(want, operations(doc)); diff != "" {
		t.Errorf("operations (-want +got):\n%s", diff)
	}
	get := doc.Paths.Value("/v1/shelves/{name_1}/items/{name_2}").Get
	var parameters []string
	for _, parameter := range get.Parameters {
		parameters = append(parameters, parameter.Value.In+" "+parameter.Value.Name)
	}
	// The part of an item is an item, and a map can't be in a query.
	if diff := cmp.Diff([]string{"header Accept-Language", "path name_1", "path name_2", "query size.height", "query tags"}, parameters); diff != "" {
		t.Errorf("parameters (-want +got):\n%s", diff)
	}
	if description := get.Parameters.GetByInAndName("path", "name_2").Description; description != "Part 2 of the field name." || get.RequestBody != nil {
		t.Errorf("description = %q, body = %v", description, get.RequestBody)
	}
	put := doc.Paths.Value("/v1/items/{name}").Patch
	if ref := put.RequestBody.Value.Content["application/json"].Schema.Ref; ref != "#/components/schemas/shop.v1.Item" {
		t.Errorf("the body is %s", ref)
	}
	if ref := put.Responses.Value("200").Value.Content["application/json"].Schema.Ref; ref != "#/components/schemas/shop.v1.Item" {
		t.Errorf("the reply is %s", ref)
	}
	if id := doc.Paths.Value("/v1/items").Options.OperationID; id != "Put2" {
		t.Errorf("the second operation is %s", id)
	}
}

func TestWrongAnnotations(t *testing.T) {
	t.Parallel()
	const codes = `option (codetable.v1.method) = {codes: {domain: "shop.example.com", reasons: "SOLD"}};`
	for option, want := range map[string]string{
		`{get: "/v1/{none}"}`:                  "path /v1/{none}: shop.v1.Item has no field none",
		`{post: "/v1" body: "none"}`:           "shop.v1.Item has no field none",
		`{get: "/v2" response_body: "none"}`:   "shop.v1.Item has no field none",
		`{get: "v1"}`:                          `path "v1": want one that begins with /`,
		`{body: "*"}`:                          `"" is no HTTP method of OpenAPI`,
		`{custom: {kind: "LOCK" path: "/v1"}}`: `"lock" is no HTTP method of OpenAPI`,
		`{put: "/v1/items/{size.height}"}`:     "OpenAPI can't tell the paths /v1/items/{name} and /v1/items/{height} apart",
		`{patch: "/v1/items/{part.name}"}`:     "PATCH /v1/items/{name} is the route of another method too",
		`{get: "/a" additional_bindings: {get: "/b" additional_bindings: {get: "/c"}}}`: "an additional binding has an additional binding",
	} {
		c := shopOf(t, `rpc Wrong(Item) returns (Item) { option (google.api.http) = `+option+`; `+codes+` }`)
		if _, err := openapi.Files(c, config); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "shop.v1.Shop.Wrong") {
			t.Errorf("%s: error = %v, want %q", option, err, want)
		}
	}
}

// TestRouteOverrulesAnnotation also has a route of a method without a body.
func TestRouteOverrulesAnnotation(t *testing.T) {
	t.Parallel()
	with := config
	with.Routes = []string{"Get=/v3/items:get", "Put=DELETE /v3/refs/{name}"}
	doc := document(t, shopOf(t, ""), with)
	if diff := cmp.Diff([]string{"DELETE /v3/refs/{name}", "POST /v3/items:get"}, operations(doc)); diff != "" {
		t.Errorf("operations (-want +got):\n%s", diff)
	}
	if doc.Paths.Value("/v3/refs/{name}").Delete.RequestBody != nil {
		t.Error("DELETE has a body")
	}
}

// TestScalars compares the schema of each kind of field with values of ProtoJSON.
func TestScalars(t *testing.T) {
	t.Parallel()
	//nolint:dupword // the name of a field is its type
	c := cataloguetest.Parse(t, map[string]string{"all.proto": `syntax = "proto3";
package all.v1;
import "codetable/v1/codetable.proto";
import "google/protobuf/any.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/field_mask.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";
enum AllCode {
  option (codetable.v1.table) = {domain: "all.example.com"};
  ALL_CODE_OK = 0 [(codetable.v1.code) = {grpc_code: GRPC_CODE_OK}];
}
message All {
  bool bool = 1; int32 int32 = 2; uint32 uint32 = 3; int64 int64 = 4; fixed64 fixed64 = 5; float float = 6; double double = 7; bytes bytes = 8; string string = 9;
  AllCode enum = 10; repeated int64 list = 11; map<string, All> map = 12; All message = 13;
  google.protobuf.Duration duration = 14; google.protobuf.Timestamp timestamp = 15; google.protobuf.FieldMask mask = 16; google.protobuf.Any any = 17;
  google.protobuf.Struct struct = 18; google.protobuf.Value value = 19; google.protobuf.ListValue values = 20; google.protobuf.NullValue null = 21;
  google.protobuf.Int64Value wrapped = 22; oneof choice { string one = 23; int32 other = 24; }
}
service S { rpc Call(All) returns (All) { option (codetable.v1.method) = {codes: {domain: "all.example.com", reasons: "OK"}}; } }
`})
	schema := document(t, c, config).Components.Schemas["all.v1.All"].Value
	for field, values := range map[string]struct{ right, wrong []any }{
		"bool":      {[]any{true}, []any{"true"}},
		"int32":     {[]any{-1.0}, []any{"1"}},
		"uint32":    {[]any{4294967295.0}, []any{-1.0, 4294967296.0}},
		"int64":     {[]any{"-9"}, []any{9.0}},
		"fixed64":   {[]any{"9"}, []any{9.0}},
		"float":     {[]any{1.5, "NaN", "-Infinity"}, []any{"1.5"}},
		"double":    {[]any{1.5, "Infinity"}, []any{true}},
		"bytes":     {[]any{"AQI="}, []any{1.0}},
		"string":    {[]any{"s"}, []any{1.0}},
		"enum":      {[]any{"ALL_CODE_OK", 7.0}, []any{"NO_SUCH_CODE"}},
		"list":      {[]any{[]any{"1"}}, []any{[]any{1.0}}},
		"map":       {[]any{map[string]any{"k": map[string]any{"bool": true}}}, []any{map[string]any{"k": map[string]any{"bool": 1.0}}}},
		"message":   {[]any{map[string]any{"bool": true}}, []any{map[string]any{"bool": 1.0}}},
		"duration":  {[]any{"1.5s", "-3s"}, []any{"1m", 1.0}},
		"timestamp": {[]any{"2026-01-02T03:04:05Z"}, []any{1.0}},
		"mask":      {[]any{"a,b"}, []any{[]any{"a"}}},
		"any":       {[]any{map[string]any{"@type": "x/y", "z": 1.0}}, []any{"x"}},
		"struct":    {[]any{map[string]any{"a": nil}}, []any{[]any{}}},
		"value":     {[]any{1.0, "x", nil, []any{}}, nil},
		"values":    {[]any{[]any{1.0, "x"}}, []any{1.0}},
		"null":      {[]any{nil}, nil},
		"wrapped":   {[]any{"1", nil}, []any{1.0}},
		"one":       {[]any{"x"}, []any{1.0}},
		"other":     {[]any{1.0}, []any{"x"}},
	} {
		property := schema.Properties[field]
		if property == nil {
			t.Errorf("there is no field %s", field)
			continue
		}
		for _, value := range values.right {
			if err := property.Value.VisitJSON(value); err != nil {
				t.Errorf("%s: %v: %v", field, value, err)
			}
		}
		for _, value := range values.wrong {
			if property.Value.VisitJSON(value) == nil {
				t.Errorf("%s: %v is accepted", field, value)
			}
		}
	}
}

// TestHostileTexts is valid too, and changes no name.
func TestHostileTexts(t *testing.T) {
	t.Parallel()
	doc := document(t, cataloguetest.HostileTable(t), config)
	if got := operations(doc); !slices.Equal(got, []string{http.MethodPost + " /hostile.v1.S/Call"}) {
		t.Errorf("operations = %v", got)
	}
}

// TestBounds has messages with more fields than memory has room for, and a
// method with many routes.
func TestBounds(t *testing.T) {
	t.Parallel()
	var messages strings.Builder
	for i := range 60 {
		fmt.Fprintf(&messages, "message M%d { M%d a = 1; M%[2]d b = 2; }\n", i, i+1)
	}
	messages.WriteString("message M60 {}\n")
	const codes = `option (codetable.v1.method) = {codes: {domain: "shop.example.com", reasons: "SOLD"}};`
	more := strings.Repeat(`additional_bindings: {get: "/b"} `, 200)
	for method, want := range map[string]string{
		`rpc Wide(M0) returns (M0) { option (google.api.http) = {get: "/wide"}; ` + codes + `}`:                  "more than 1000 fields",
		`rpc Many(None) returns (None) { option (google.api.http) = {get: "/many" ` + more + `}; ` + codes + `}`: "more than 100 bindings",
	} {
		c := shopOf(t, method+"\n}\n"+messages.String()+"service Rest {")
		if _, err := openapi.Files(c, config); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error = %v, want %q", err, want)
		}
	}
}

func TestNothingToDescribe(t *testing.T) {
	t.Parallel()
	c := cataloguetest.Parse(t, map[string]string{"a.proto": `syntax = "proto3"; package a; import "codetable/v1/codetable.proto";
		enum Code { option (codetable.v1.table) = {domain: "a.example.com"}; CODE_OK = 0 [(codetable.v1.code) = {grpc_code: GRPC_CODE_OK}]; }`})
	if _, err := openapi.Files(c, config); err == nil || !strings.Contains(err.Error(), "no unary method declares codes") {
		t.Errorf("error = %v", err)
	}
}
