package main_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

const path = "../../../proto/jiguang/jverification/v1/testdata/vectors.json"

// The test reads the file into a map and not into the types of the command, as
// another language does.
type vector struct {
	Name     string          `json:"name"`
	Status   []byte          `json:"status"`
	GRPCCode int32           `json:"grpc_code"`
	Reading  *map[string]any `json:"reading"`
}

func read(t *testing.T) []byte {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestFileIsUpToDate(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "run", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(out, read(t)) {
		t.Error("vectors.json is not what the command writes: run make generate")
	}
}

func TestGoReadsEveryVector(t *testing.T) {
	t.Parallel()
	var vectors []vector
	if err := json.Unmarshal(read(t), &vectors); err != nil {
		t.Fatal(err)
	}
	if len(vectors) < 45+20 {
		t.Fatalf("%d vectors", len(vectors))
	}
	for _, v := range vectors {
		message := &spb.Status{}
		if err := proto.Unmarshal(v.Status, message); err != nil {
			t.Errorf("%s: %v", v.Name, err)
			continue
		}
		st := status.FromProto(message)
		if int32(st.Code()) != v.GRPCCode {
			t.Errorf("%s: code %v, want %d", v.Name, st.Code(), v.GRPCCode)
		}
		if st.Message() == "" {
			t.Errorf("%s: the message is empty", v.Name)
		}
		e, known := codetable.FromError(st.Err())
		if v.Reading == nil || (*v.Reading)["known"] == false {
			checkUnknown(t, v, st, known)
			continue
		}
		if !known {
			t.Errorf("%s: not decoded", v.Name)
			continue
		}
		if diff := cmp.Diff(*v.Reading, readingOf(t, e, (*v.Reading)["user_message"].(map[string]any))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", v.Name, diff)
		}
	}
}

// checkUnknown demands that an error with an unknown code is returned
// unchanged.
func checkUnknown(t *testing.T, v vector, st *status.Status, known bool) {
	t.Helper()
	if _, ok := codetable.CodeOf[jverificationv1.ResponseCode](st.Err()); known || ok {
		t.Errorf("%s: decoded", v.Name)
	}
	if v.Reading == nil {
		return
	}
	for _, detail := range st.Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok {
			if info.GetReason() != (*v.Reading)["reason"] || info.GetDomain() != (*v.Reading)["domain"] {
				t.Errorf("%s: ErrorInfo %v, want %v", v.Name, info, *v.Reading)
			}
			return
		}
	}
	t.Errorf("%s: no ErrorInfo", v.Name)
}

// readingOf returns the reading of an error in the form of the file, with a
// sentence for each locale. It goes through JSON so that numbers can be
// compared.
func readingOf(t *testing.T, e *codetable.Error, locales map[string]any) map[string]any {
	t.Helper()
	retry := e.Retry()
	messages := map[string]string{}
	for locale := range locales {
		messages[locale] = e.UserMessage(locale)
	}
	raw, err := json.Marshal(map[string]any{
		"known": true, "code": e.Number(), "reason": e.Reason(), "domain": e.Domain(), "fault": e.Fault().String(),
		"retry":    map[string]any{"action": retry.Action.String(), "delay_ms": retry.Delay.Milliseconds(), "window": retry.Window.String()},
		"metadata": e.Metadata(), "user_message": messages,
	})
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(raw, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func TestHelp(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "run", ".", "--help").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "vectors.json") {
		t.Errorf("%v: %s", err, out)
	}
}
