package interceptor_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// byteRecord records every byte that a client receives.
type byteRecord struct {
	mu  sync.Mutex
	raw bytes.Buffer
}

type recordingConn struct {
	net.Conn
	byteRecord *byteRecord
}

func (c recordingConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.byteRecord.mu.Lock()
	defer c.byteRecord.mu.Unlock()
	c.byteRecord.raw.Write(b[:n])
	return n, err
}

func (p *byteRecord) dial(t *testing.T, listener *bufconn.Listener) pb.TestServiceClient {
	t.Helper()
	conn, err := grpc.NewClient("passthrough:///recorded", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
			conn, err := listener.DialContext(ctx)
			return recordingConn{conn, p}, err
		}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return pb.NewTestServiceClient(conn)
}

// sent returns the names and values of all headers that the server sent, with
// binary headers decoded, and all data.
func (p *byteRecord) sent(t *testing.T) string {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	framer := http2.NewFramer(io.Discard, bytes.NewReader(p.raw.Bytes()))
	framer.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	var all strings.Builder
	for {
		frame, err := framer.ReadFrame()
		if err != nil {
			return all.String()
		}
		switch frame := frame.(type) {
		case *http2.MetaHeadersFrame:
			for _, field := range frame.Fields {
				value := field.Value
				// A random id in base64 could contain the digits of a code by chance.
				if decoded, err := base64.RawStdEncoding.DecodeString(value); err == nil && strings.HasSuffix(field.Name, "-bin") {
					value = string(decoded)
				}
				fmt.Fprintf(&all, "%s: %s\n", field.Name, value)
			}
		case *http2.DataFrame:
			all.Write(frame.Data())
		}
	}
}

const (
	secretText = "pq: secret of the handler"
	secretID   = "117270465679982593"
	secretNote = "upstream wrote: app overdue"
)

// publicCall is the result of one call at a public boundary. In wire the
// correlation id is replaced by a constant.
type publicCall struct {
	status *status.Status
	event  interceptor.Event
	wire   string
}

func callPublic(t *testing.T, call rpc, language string, answer func(context.Context) error) publicCall {
	t.Helper()
	events := make(chan interceptor.Event, 1)
	observe := interceptor.WithObserver(func(_ context.Context, e interceptor.Event) { events <- e })
	wire := &byteRecord{}
	client := wire.dial(t, serve(t, &service{answer: answer}, interceptor.WithPublicBoundary(), observe))
	ctx := t.Context()
	if language != "" {
		ctx = metadata.AppendToOutgoingContext(ctx, "accept-language", language)
	}
	c := publicCall{status: status.Convert(call(ctx, client)), event: <-events}
	c.wire = wire.sent(t)
	if c.event.CorrelationID != "" {
		c.wire = strings.ReplaceAll(c.wire, c.event.CorrelationID, "the-id")
	}
	if !strings.Contains(c.wire, "grpc-status: ") {
		t.Fatalf("the connection received %q, not a status", c.wire)
	}
	return c
}

// same answers every call with the same error.
func same(err error) func(context.Context) error {
	return func(context.Context) error { return err }
}

// hiddenErrors returns the errors that a public boundary masks as Internal.
// Each contains secretText.
func hiddenErrors(tb testing.TB) map[string]error {
	tb.Helper()
	caller := codetable.NewError(tokenExpired)
	list := map[string]error{
		"unlisted":                          codetable.NewError(responseCode(424242), codetable.WithMessage(secretText)),
		"unlisted, as a status":             status.Convert(codetable.NewError(responseCode(424242), codetable.WithMessage(secretText))).Err(),
		"operator code second in a join":    errors.Join(caller, codetable.NewError(authFailed), errors.New(secretText)),
		"operator code as the cause":        codetable.NewError(tokenExpired, codetable.WithCause(fmt.Errorf("%s: %w", secretText, codetable.NewError(authFailed)))),
		"window and balance":                errors.Join(codetable.NewError(dailyLimit), codetable.NewError(insufficientBalance), errors.New(secretText)),
		"foreign fault around a code":       customFault{codetablev1.Fault_FAULT_OPERATOR, fmt.Errorf("%s: %w", secretText, caller)},
		"foreign fault around a status":     customFault{codetablev1.Fault_FAULT_OPERATOR, status.Error(codes.NotFound, secretText)},
		"foreign fault, not named":          customFault{codetablev1.Fault_FAULT_UNSPECIFIED, status.Error(codes.NotFound, secretText)},
		"unknown foreign fault":             customFault{99, status.Error(codes.NotFound, secretText)},
		"foreign fault behind As":           asFault{status.Error(codes.NotFound, secretText)},
		"second ErrorInfo is an operator's": statusWith(tb, infoOf("TOKEN_EXPIRED_OR_NOT_EXIST", "9003"), infoOf("AUTH_FAILED", "1802")),
		"second ErrorInfo is unlisted":      statusWith(tb, infoOf("TOKEN_EXPIRED_OR_NOT_EXIST", "9003"), infoOf("NEW", "424242")),
		"decoded, second is an operator's":  decoded(tb, statusWith(tb, infoOf("TOKEN_EXPIRED_OR_NOT_EXIST", "9003"), infoOf("AUTH_FAILED", "1802"))),
		"unknown reason without a number":   statusWith(tb, infoOf("NEW_REASON", "")),
		"malformed number":                  statusWith(tb, infoOf("TOKEN_EXPIRED_OR_NOT_EXIST", "9003x")),
		"number beyond int32":               statusWith(tb, infoOf("TOKEN_EXPIRED_OR_NOT_EXIST", "99999999999")),
		"operator reason, success number":   statusWith(tb, infoOf("AUTH_FAILED", "9000")),
		"operator reason, caller's number":  statusWith(tb, infoOf("AUTH_FAILED", "9003")),
		"neither reason nor number":         statusWith(tb, infoOf("", "")),
		"ErrorInfo that can't be read":      statusWith(tb, &anypb.Any{TypeUrl: "type.googleapis.com/google.rpc.ErrorInfo", Value: []byte("\x0a\x7f" + domain)}),
		"tree that is too large":            manyNodes(),
	}
	for code, spec := range operatorCodes() {
		if spec.Retry().Action != codetablev1.RetryAction_RETRY_ACTION_OPERATOR_ACTION {
			continue
		}
		err := codetable.NewError(code, codetable.WithMetadata("id", secretID), codetable.WithMetadata("content", secretNote), codetable.WithCause(errSecret))
		list["code "+spec.Reason()] = fmt.Errorf("%s: %w", secretText, err)
		list["status "+spec.Reason()] = status.Convert(err).Err()
	}
	return list
}

// TestMasksAreEqual compares all bytes of the calls that end with the same kind
// of mask.
func TestMasksAreEqual(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, call rpc) {
		for language, details := range map[string]int{"": 1, "zh": 2} {
			want := callPublic(t, call, language, same(errSecret)) // an error without a code
			for name, err := range hiddenErrors(t) {
				got := callPublic(t, call, language, same(err))
				if got.wire != want.wire || got.status.Code() != codes.Internal {
					t.Errorf("%s in %q: sent\n%q\nwant the same as all others\n%q", name, language, got.wire, want.wire)
				}
				if !got.event.Masked || got.event.CorrelationID != requestID(got.status) || got.event.Origin == nil {
					t.Errorf("%s: observed %+v", name, got.event)
				}
			}
			if len(want.status.Details()) != details || requestID(want.status) == "" {
				t.Errorf("details %v, want a RequestInfo, and a LocalizedMessage where a language is asked for", want.status.Details())
			}
		}
	})
}

// TestMasksWithDelay tests masks after which a retry helps. Their delay is in
// whole seconds.
func TestMasksWithDelay(t *testing.T) {
	t.Parallel()
	hourLimit := jverificationv1.ResponseCode_RESPONSE_CODE_BEYOND_HOUR_FREQUENCY_LIMIT
	busy := statusOf(t, codes.Unavailable, secretText, &errdetails.RetryInfo{RetryDelay: durationpb.New(90 * time.Second)})
	tests := map[string]struct {
		err      error
		least    time.Duration
		most     time.Duration
		pushback string
	}{
		"short delay":      {codetable.NewError(qpsLimit), time.Second, time.Second, "1000"},
		"part of a second": {codetable.NewError(qpsLimit, codetable.WithRetryAfter(1001*time.Millisecond)), 2 * time.Second, 2 * time.Second, "2000"},
		"hour":             {codetable.NewError(hourLimit), 61 * time.Second, time.Hour, "-1"},
		"day":              {codetable.NewError(dailyLimit), 61 * time.Second, 24 * time.Hour, "-1"},
		"foreign fault":    {customStatus{customFault{codetablev1.Fault_FAULT_OPERATOR, errSecret}, busy}, 90 * time.Second, 90 * time.Second, "-1"},
		"both":             {errors.Join(codetable.NewError(qpsLimit), codetable.NewError(dailyLimit)), 61 * time.Second, 24 * time.Hour, "-1"},
	}
	each(t, func(t *testing.T, call rpc) {
		for name, test := range tests {
			got := callPublic(t, call, "", same(fmt.Errorf("%s: %w", secretText, test.err)))
			var delay time.Duration
			for _, detail := range got.status.Details() {
				if retry, ok := detail.(*errdetails.RetryInfo); ok {
					delay = retry.GetRetryDelay().AsDuration()
				}
			}
			if got.status.Code() != codes.Unavailable || delay < test.least || delay > test.most || delay%time.Second != 0 {
				t.Errorf("%s: sent %v with %v", name, got.status, delay)
			}
			if !strings.Contains(got.wire, "grpc-retry-pushback-ms: "+test.pushback+"\n") {
				t.Errorf("%s: sent %q, want pushback %s", name, got.wire, test.pushback)
			}
			checkNothingLeaks(t, test.err, got.wire)
		}
	})
}

// TestMaskInTheLanguageOfTheCaller tests that a language adds the neutral
// sentence and nothing else.
func TestMaskInTheLanguageOfTheCaller(t *testing.T) {
	t.Parallel()
	unlisted, _ := codetable.Lookup(responseCode(424242))
	each(t, func(t *testing.T, call rpc) {
		for language, want := range map[string]string{"zh-CN": "zh-CN", "en": "en", "fr": "en", "*": "en"} {
			first := ""
			for _, spec := range operatorCodes() {
				got := callPublic(t, call, language, same(spec.NewError(codetable.WithMessage(secretText))))
				sentence, _ := unlisted.NeutralMessage(want)
				if list := localized(got.status); len(list) != 1 || list[0].GetMessage() != sentence || list[0].GetLocale() != want {
					t.Errorf("%s in %q: sent %v, want %q", spec.Reason(), language, list, sentence)
				}
				checkNothingLeaks(t, spec.NewError(), got.wire)
				if spec.Retry().Action == codetablev1.RetryAction_RETRY_ACTION_OPERATOR_ACTION {
					if first == "" {
						first = got.wire
					}
					if got.wire != first {
						t.Errorf("%s in %q: sent\n%q\nwant\n%q", spec.Reason(), language, got.wire, first)
					}
				}
			}
		}
	})
}

// checkNothingLeaks demands that nothing of the code is sent except its neutral
// sentence.
func checkNothingLeaks(t *testing.T, err error, sent string) {
	t.Helper()
	e, _ := codetable.FromError(err)
	spec := e.Spec()
	if e == nil {
		spec, _ = codetable.Lookup(tokenExpired)
	}
	secrets := []string{secretText, errSecret.Error(), secretID, secretNote, "google.rpc.ErrorInfo", spec.Domain(), ": " + strconv.Itoa(int(spec.Number()))}
	if spec.Listed() {
		secrets = append(secrets, spec.Reason(), spec.Description(), spec.Notes(), spec.Resolution())
	}
	for _, locale := range spec.Locales() {
		text, _ := spec.UserMessage(locale)
		if neutral, _ := spec.NeutralMessage(locale); text != neutral {
			secrets = append(secrets, text)
		}
	}
	for _, secret := range secrets {
		if strings.Contains(sent, secret) {
			t.Errorf("%s: %q is in the bytes sent:\n%q", spec.Reason(), secret, sent)
		}
	}
}

func operatorCodes() map[responseCode]codetable.Spec {
	list := map[responseCode]codetable.Spec{}
	for code, spec := range codetable.All[responseCode]() {
		if spec.Fault() == codetablev1.Fault_FAULT_OPERATOR {
			list[code] = spec
		}
	}
	list[424242], _ = codetable.Lookup[responseCode](424242)
	return list
}

// TestPublicBoundaryKeepsOtherCodes tests that a public boundary sends the
// codes that are not hidden like a server without a boundary.
func TestPublicBoundaryKeepsOtherCodes(t *testing.T) {
	t.Parallel()
	hidden := operatorCodes()
	each(t, func(t *testing.T, call rpc) {
		for code := range codetable.All[responseCode]() {
			if _, operator := hidden[code]; operator || codetable.NewError(code) == nil {
				continue
			}
			err := codetable.NewError(code, codetable.WithMetadata("id", "1"))
			inside := dial(t, serve(t, answering(err)))
			got, want := callPublic(t, call, "", same(err)).status, status.Convert(call(t.Context(), inside))
			if e, _ := codetable.FromError(err); e.Retry().Window == 0 && !proto.Equal(got.Proto(), want.Proto()) {
				t.Errorf("%v: sent %v, want %v", code, got.Proto(), want.Proto())
			}
			if !codetable.Is(got.Err(), code) {
				t.Errorf("%v: sent %v", code, got)
			}
		}
	})
}

// TestOwnStatusesAtTheBoundary tests statuses that the handler itself made.
func TestOwnStatusesAtTheBoundary(t *testing.T) {
	t.Parallel()
	details := []proto.Message{
		&errdetails.DebugInfo{Detail: secretText}, &errdetails.RetryInfo{RetryDelay: durationpb.New(1500 * time.Millisecond)},
	}
	blank := map[codes.Code]bool{
		codes.Unknown: true, codes.Internal: true, codes.DataLoss: true, codes.Unimplemented: true, codes.Unavailable: true, codes.DeadlineExceeded: true,
	}
	each(t, func(t *testing.T, call rpc) {
		for code := codes.Canceled; code <= codes.Unauthenticated; code++ {
			own := statusOf(t, code, secretText, details...)
			got := callPublic(t, call, "zh-CN", same(fmt.Errorf("wrapped %s: %w", errSecret, own.Err())))
			if !blank[code] {
				if !proto.Equal(got.status.Proto(), own.Proto()) || got.event.Masked {
					t.Errorf("%v: sent %v, want it unchanged", code, got.status.Proto())
				}
				continue
			}
			var delay *durationpb.Duration
			for _, detail := range got.status.Details() {
				if retry, ok := detail.(*errdetails.RetryInfo); ok {
					delay = retry.GetRetryDelay()
				}
			}
			seconds := int64(2)
			if code == codes.Unavailable {
				seconds = 61 // more than a client may wait to send the same request again
			}
			if got.status.Code() != code || !got.event.Masked || requestID(got.status) != got.event.CorrelationID || delay.GetSeconds() != seconds || delay.GetNanos() != 0 {
				t.Errorf("%v: sent %v, want the code, a delay of %d s and a correlation id", code, got.status.Proto(), seconds)
			}
			if interceptor.Retriable(got.status.Err()) || !strings.Contains(got.wire, "grpc-retry-pushback-ms: -1") {
				t.Errorf("%v: a client may retry: %q", code, got.wire)
			}
			if strings.Contains(got.wire, "secret") {
				t.Errorf("%v: sent %q", code, got.wire)
			}
		}
	})
}

// TestStatusesOfAnotherServerAtTheBoundary has a handler that calls a backend.
func TestStatusesOfAnotherServerAtTheBoundary(t *testing.T) {
	t.Parallel()
	texts := map[codes.Code]string{
		codes.Unavailable:      "dial tcp 10.1.2.3:443: connection refused, " + secretText,
		codes.PermissionDenied: "service account card-proxy@internal: key expired, " + secretText,
	}
	each(t, func(t *testing.T, call rpc) {
		mask := callPublic(t, call, "", same(codetable.NewError(authFailed))).wire
		for code, text := range texts {
			backend := serveWith(t, answering(status.Error(code, text)))
			marked, unmarked := dial(t, backend), dialWith(t, backend)
			ask := func(client pb.TestServiceClient) func(context.Context) error {
				return func(ctx context.Context) error {
					_, err := client.UnaryCall(ctx, &pb.SimpleRequest{})
					return fmt.Errorf("ask the backend: %w", err)
				}
			}
			got := callPublic(t, call, "", ask(marked))
			if got.wire != mask || !got.event.Masked {
				t.Errorf("%v with the client interceptor: sent %q, want the mask", code, got.wire)
			}
			// Without it the server can't distinguish the status from its own ones.
			got = callPublic(t, call, "", ask(unmarked))
			if leaks := strings.Contains(got.wire, "secret"); leaks != (code == codes.PermissionDenied) {
				t.Errorf("%v without the client interceptor: sent %q", code, got.wire)
			}
		}
	})
}

// A second public boundary keeps the advice of a mask.
func TestMaskThroughTwoBoundaries(t *testing.T) {
	t.Parallel()
	backend := dial(t, serve(t, answering(codetable.NewError(qpsLimit)), interceptor.WithPublicBoundary()))
	got := callPublic(t, kinds["unary"], "", func(ctx context.Context) error {
		_, err := backend.UnaryCall(ctx, &pb.SimpleRequest{})
		return err
	})
	if want := callPublic(t, kinds["unary"], "", same(codetable.NewError(qpsLimit))); got.wire != want.wire {
		t.Errorf("sent %q, want %q", got.wire, want.wire)
	}
}

// A caller that cancelled gets Canceled, not a mask.
func TestCallerThatCancelledAtTheBoundary(t *testing.T) {
	t.Parallel()
	translator := interceptor.NewTranslator(interceptor.WithPublicBoundary())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	received := invoke(t, status.Error(codes.Canceled, secretText), nil)
	if got := translator.Translate(ctx, received); got.Status.Code() != codes.Canceled || strings.Contains(got.Status.Message(), "secret") {
		t.Errorf("sent %v, want Canceled and no text", got.Status)
	}
	if got := translator.Translate(t.Context(), received); got.Status.Code() != codes.Internal {
		t.Errorf("sent %v to a caller that did not cancel, want Internal", got.Status)
	}
}

// No code of the table claims that the caller cancelled the call.
func TestNoCodeIsSentAsCanceled(t *testing.T) {
	t.Parallel()
	for code, spec := range codetable.All[responseCode]() {
		if spec.GRPCCode() == codes.Canceled {
			t.Errorf("%v is sent as %v", code, spec.GRPCCode())
		}
	}
	if err := codetable.Check[responseCode](); err != nil {
		t.Error(err)
	}
}

// customStatus blames the operator and has a status with a RetryInfo.
type customStatus struct {
	customFault
	st *status.Status
}

func (c customStatus) GRPCStatus() *status.Status { return c.st }

// oneTimeStatus returns its status on the first call only.
type oneTimeStatus struct{ left []*status.Status }

func (f *oneTimeStatus) Error() string { return secretText }

func (f *oneTimeStatus) GRPCStatus() *status.Status {
	if len(f.left) == 0 {
		return status.New(codes.NotFound, "public")
	}
	st := f.left[0]
	f.left = f.left[1:]
	return st
}

// The boundary examines the decoded status that would be sent, not the present
// status of its origin.
func TestBoundaryExaminesTheDecodedStatus(t *testing.T) {
	t.Parallel()
	two := status.Convert(statusWith(t, infoOf("TOKEN_EXPIRED_OR_NOT_EXIST", "9003"), infoOf("AUTH_FAILED", "1802")))
	err := decoded(t, &oneTimeStatus{left: []*status.Status{two}})
	if got := callPublic(t, kinds["unary"], "", same(err)); !got.event.Masked || strings.Contains(got.wire, "1802") {
		t.Errorf("sent %q", got.wire)
	}
}

// Half a minute before the hour ends, the delay of the mask still means a
// window, not a retry of the same request.
func TestMaskShortlyBeforeTheNextWindow(t *testing.T) {
	t.Parallel()
	hourLimit := codetable.NewError(jverificationv1.ResponseCode_RESPONSE_CODE_BEYOND_HOUR_FREQUENCY_LIMIT)
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(59*time.Minute + 30*time.Second) // the synctest bubble begins at a full hour
		err := interceptor.NewTranslator(interceptor.WithPublicBoundary()).Translate(t.Context(), hourLimit).Status.Err()
		mask, ok := codetable.Masked(err)
		if !ok || mask.Retry().Delay != 61*time.Second || mask.Retry().Action != codetablev1.RetryAction_RETRY_ACTION_NEXT_WINDOW || interceptor.Retriable(err) {
			t.Errorf("sent %v, read as %+v", err, mask.Retry())
		}
	})
}
