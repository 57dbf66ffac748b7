package serviceconfig_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/catalogue"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/catalogue/cataloguetest"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/serviceconfig"
)

var settings = serviceconfig.Settings{Timeout: 1500 * time.Millisecond, Attempts: 3}

// config returns the config that grpc-go accepts.
func config(t *testing.T, c *catalogue.Catalogue, settings serviceconfig.Settings) string {
	t.Helper()
	files, err := serviceconfig.Files(c, settings)
	if err != nil {
		t.Fatal(err)
	}
	text := string(files[0].Content)
	if err := accept(text); err != nil {
		t.Errorf("grpc-go refuses the config: %v\n%s", err, text)
	}
	return text
}

// accept relies on grpc.NewClient, which refuses a default service config that it
// can't parse.
func accept(config string) error {
	conn, err := grpc.NewClient("passthrough:///unused",
		grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithDefaultServiceConfig(config))
	if err == nil {
		conn.Close()
	}
	return err
}

type policy struct {
	Timeout     string
	RetryPolicy *struct {
		MaxAttempts          int
		RetryableStatusCodes []string
	}
}

// methods returns "timeout attempts codes" of each method.
func methods(t *testing.T, config string) map[string]string {
	t.Helper()
	var parsed struct {
		MethodConfig []struct {
			Name []struct{ Service, Method string }
			policy
		}
	}
	if err := json.Unmarshal([]byte(config), &parsed); err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, config := range parsed.MethodConfig {
		for _, name := range config.Name {
			text := config.Timeout
			if retry := config.RetryPolicy; retry != nil {
				text += " " + strings.Repeat("+", retry.MaxAttempts) + " " + strings.Join(retry.RetryableStatusCodes, ",")
			}
			found[name.Service+"/"+name.Method] = text
		}
	}
	return found
}

func TestMethods(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		repeatable []string
		want       map[string]string
	}{
		"by idempotency_level": {nil, map[string]string{
			"library.v1.LibraryService/GetBook":  "4.5s +++ RESOURCE_EXHAUSTED,UNAVAILABLE",
			"library.v1.LibraryService/LendBook": "1.5s",
		}},
		"by name": {[]string{"LendBook"}, map[string]string{
			"library.v1.LibraryService/GetBook":  "4.5s +++ RESOURCE_EXHAUSTED,UNAVAILABLE",
			"library.v1.LibraryService/LendBook": "4.5s +++ RESOURCE_EXHAUSTED,UNAVAILABLE",
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			with := settings
			with.Repeatable = tt.repeatable
			text := config(t, cataloguetest.Library(t), with)
			if diff := cmp.Diff(tt.want, methods(t, text)); diff != "" {
				t.Errorf("methods (-want +got):\n%s", diff)
			}
			if !strings.Contains(text, `"serviceName": "library.v1.LibraryService"`) {
				t.Errorf("no health check of the service:\n%s", text)
			}
			if broken := strings.Replace(text, "RESOURCE_EXHAUSTED", "RESOURCE", 1); accept(broken) == nil {
				t.Error("grpc-go accepts a status that does not exist")
			}
		})
	}
}

// TestTwoServices asks for the health of the whole server. Each method is retried
// on the statuses of its own codes.
func TestTwoServices(t *testing.T) {
	t.Parallel()
	c := cataloguetest.Parse(t, map[string]string{"a.proto": `syntax = "proto3"; package a; import "codetable/v1/codetable.proto";
		enum Code {
			option (codetable.v1.table) = {domain: "a.example.com"};
			CODE_OK = 0 [(codetable.v1.code) = {grpc_code: GRPC_CODE_OK}];
			CODE_BUSY = 1 [(codetable.v1.code) = {grpc_code: GRPC_CODE_ABORTED notes: "busy" fault: FAULT_UPSTREAM retry: {action: RETRY_ACTION_SAME_REQUEST}}];
		}
		message M {}
		service One { rpc Get(M) returns (M) {
			option idempotency_level = IDEMPOTENT; option (codetable.v1.method) = {codes: {domain: "a.example.com", reasons: "BUSY"}}; } }
		service Two { rpc Get(M) returns (M) {
			option idempotency_level = IDEMPOTENT; option (codetable.v1.method) = {codes: {domain: "a.example.com", reasons: "OK"}}; } }`})
	text := config(t, c, settings)
	want := map[string]string{"a.One/Get": "4.5s +++ ABORTED,UNAVAILABLE", "a.Two/Get": "4.5s +++ UNAVAILABLE"}
	if diff := cmp.Diff(want, methods(t, text)); diff != "" {
		t.Errorf("methods (-want +got):\n%s", diff)
	}
	if !strings.Contains(text, `"serviceName": ""`) {
		t.Errorf("no health check of the server:\n%s", text)
	}
}
