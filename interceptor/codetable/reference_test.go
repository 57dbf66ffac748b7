package codetable_test

import (
	"encoding/json"
	"maps"
	"math"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// vectors returns the statuses of the test vectors that only clients use. The
// others are like those that NewError makes.
func vectors(tb testing.TB) (list [][]byte) {
	tb.Helper()
	raw, err := os.ReadFile("../../proto/jiguang/jverification/v1/testdata/vectors.json")
	if err != nil {
		tb.Fatal(err)
	}
	var vectors []struct {
		Status   []byte
		Pushback string
	}
	if err := json.Unmarshal(raw, &vectors); err != nil {
		tb.Fatal(err)
	}
	for _, v := range vectors {
		if v.Pushback == "" {
			list = append(list, v.Status)
		}
	}
	return list
}

// reading is what can be read from an error.
type reading struct {
	Coded, Masked bool
	Code          responseCode
	Metadata      map[string]string
	Retry         codetable.Retry
	RequestID     string
	Sentence      string // of a masked error
}

func readingOf(err error) reading {
	code, ok := codetable.CodeOf[responseCode](err)
	r := reading{Coded: ok, RequestID: codetable.RequestID(err)}
	if e, found := codetable.FromError(err); ok && found {
		r.Code, r.Metadata, r.Retry = code, e.Metadata(), e.Retry()
	}
	mask, masked := codetable.Masked(err)
	if r.Masked = masked; masked {
		r.Retry, r.Sentence = mask.Retry(), mask.UserMessage()
	}
	return r
}

// checkReference compares what this package reads with what the rules of the
// test vectors say. The reference uses proto.Unmarshal, as other languages do.
func checkReference(t *testing.T, err error, message *spb.Status) {
	t.Helper()
	want, got := reference(message), readingOf(err)
	if want.Retry.Window != codetablev1.CalendarWindow_CALENDAR_WINDOW_UNSPECIFIED && first[*errdetails.RetryInfo](message, nil) == nil {
		got.Retry.Delay = 0 // it depends on the time
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("reading (-reference +got):\n%s", diff)
	}
}

func reference(message *spb.Status) (r reading) {
	if message.GetCode() == int32(codes.OK) {
		return r
	}
	r.RequestID = first[*errdetails.RequestInfo](message, nil).GetRequestId()
	if info := first(message, namesCode); info != nil {
		r.Coded = true
		r.Code, _ = referenceCode(info)
		spec, listed := codetable.Lookup(r.Code)
		r.Retry, r.Metadata = spec.Retry(), map[string]string{}
		maps.Copy(r.Metadata, info.GetMetadata())
		if delete(r.Metadata, "code"); listed || isNumber(info.GetMetadata()["code"]) {
			r.Metadata["code"] = strconv.Itoa(int(r.Code))
		}
	} else if r.Masked = has(message, "google.rpc.RequestInfo") && !has(message, "google.rpc.ErrorInfo"); r.Masked {
		r.Sentence = first[*errdetails.LocalizedMessage](message, nil).GetMessage()
	}
	if retry := first[*errdetails.RetryInfo](message, nil); retry != nil && (r.Coded || r.Masked) {
		r.Retry.Delay = max(retry.GetRetryDelay().AsDuration(), 0)
		switch {
		case !r.Masked || message.GetCode() != int32(codes.Unavailable):
		case r.Retry.Delay <= time.Minute:
			r.Retry.Action = codetablev1.RetryAction_RETRY_ACTION_SAME_REQUEST
		default:
			r.Retry.Action = codetablev1.RetryAction_RETRY_ACTION_NEXT_WINDOW
		}
	}
	return r
}

// first returns the first readable detail of a type that is accepted, or nil.
func first[M proto.Message](message *spb.Status, accept func(M) bool) (found M) {
	for _, detail := range message.GetDetails() {
		m := found.ProtoReflect().New().Interface().(M)
		if detail.MessageIs(m) && proto.Unmarshal(detail.GetValue(), m) == nil && (accept == nil || accept(m)) {
			return m
		}
	}
	return found
}

func has(message *spb.Status, name string) bool {
	return slices.ContainsFunc(message.GetDetails(), func(detail *anypb.Any) bool {
		url := detail.GetTypeUrl()
		return url[strings.LastIndexByte(url, '/')+1:] == name
	})
}

func namesCode(info *errdetails.ErrorInfo) bool {
	_, ok := referenceCode(info)
	return ok && info.GetDomain() == domain
}

func referenceCode(info *errdetails.ErrorInfo) (responseCode, bool) {
	text := info.GetMetadata()["code"]
	number, _ := strconv.ParseInt(text, 10, 32)
	code, known := responseCode(number), isNumber(text)
	if !known {
		var byName int32
		byName, known = jverificationv1.ResponseCode_value["RESPONSE_CODE_"+info.GetReason()]
		code = responseCode(byName)
	}
	if !known {
		return math.MinInt32, info.GetReason() != ""
	}
	spec, _ := codetable.Lookup(code)
	return code, spec.GRPCCode() != codes.OK
}

var decimal = regexp.MustCompile(`^-?[0-9]+$`)

func isNumber(text string) bool {
	_, err := strconv.ParseInt(text, 10, 32)
	return err == nil && decimal.MatchString(text)
}
