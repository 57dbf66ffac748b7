package telemetry_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// FuzzSignals ends calls with any status of another server, and with any method.
// Each call is one line of the log. The metrics have only labels of linked tables.
func FuzzSignals(f *testing.F) {
	for _, err := range []error{
		codetable.NewError(balance), codetable.NewError(unlisted, codetable.WithMetadata("content", "a\nb")), codetable.NewError(expired),
		status.Error(codes.Code(77), "first\r\nsecond"),
	} {
		raw, marshalErr := proto.Marshal(status.Convert(err).Proto())
		if marshalErr != nil {
			f.Fatal(marshalErr)
		}
		f.Add(raw, verifyName)
		f.Add(append(raw, raw...), "/invented\xff/\n")
	}
	s := newSignals()
	chain := s.Server().Chain().Unary
	f.Fuzz(func(t *testing.T, raw []byte, method string) {
		message := &spb.Status{}
		if proto.Unmarshal(raw, message) != nil || message.GetCode() == 0 {
			return
		}
		s.spans.Reset()
		s.log.Reset()
		handler := func(_ context.Context, request any) (any, error) { return request, status.FromProto(message).Err() }
		info := &grpc.UnaryServerInfo{FullMethod: method}
		for _, interceptor := range slices.Backward(chain) {
			next := handler
			handler = func(ctx context.Context, req any) (any, error) { return interceptor(ctx, req, info, next) }
		}
		if _, err := handler(t.Context(), nil); err == nil {
			t.Error("the call succeeded")
		}
		checkLog(t, s.log.String(), !strings.HasPrefix(method, "/grpc."))
		checkLabels(t, s)
	})
}

// checkLabels wants only the domains and reasons of linked tables.
func checkLabels(t *testing.T, s *signals) {
	t.Helper()
	families, err := s.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			for _, label := range metric.GetLabel() {
				name, value := label.GetName(), label.GetValue()
				if name == "domain" && !strings.HasSuffix(value, "jiguang.cn") && value != "" && value != "unknown" ||
					name == "reason" && !reasons()[value] {
					t.Errorf("%s has %s=%q", family.GetName(), name, value)
				}
			}
		}
	}
}

// reasons are those of the linked tables.
var reasons = sync.OnceValue(func() map[string]bool {
	all := map[string]bool{"": true, "UNRECOGNIZED_CODE": true}
	for _, spec := range codetable.All[jverificationv1.ResponseCode]() {
		all[spec.Reason()] = true
	}
	for _, spec := range codetable.All[jverificationv1.GatewayCode]() {
		all[spec.Reason()] = true
	}
	return all
})

// checkLog wants lines of JSON, each of which tells of a call that ended.
func checkLog(t *testing.T, log string, want bool) {
	t.Helper()
	for line := range strings.Lines(log) {
		var entry map[string]any
		if err := json.Unmarshal([]byte(line), &entry); err != nil || entry["msg"] == "" {
			t.Errorf("line %q: %v", line, err)
		}
	}
	if n := strings.Count(log, `"msg":"finished call"`); want && n != 1 {
		t.Errorf("the log has %d calls: %s", n, log)
	}
}
