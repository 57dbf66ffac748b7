package interceptor_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"

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

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// tap keeps every byte that a client receives.
type tap struct {
	mu  sync.Mutex
	raw bytes.Buffer
}

type tappedConn struct {
	net.Conn
	tap *tap
}

func (c tappedConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.tap.mu.Lock()
	defer c.tap.mu.Unlock()
	c.tap.raw.Write(b[:n])
	return n, err
}

func (p *tap) dial(t *testing.T, listener *bufconn.Listener) pb.TestServiceClient {
	t.Helper()
	conn, err := grpc.NewClient("passthrough:///tapped", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
			conn, err := listener.DialContext(ctx)
			return tappedConn{conn, p}, err
		}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return pb.NewTestServiceClient(conn)
}

// sent returns all that the server sent in header blocks and data: names and
// values, those of binary headers decoded.
func (p *tap) sent(t *testing.T) string {
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
				// In base64 a random id may hold the digits of a code by chance.
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

func TestPublicBoundaryHidesTheOperatorsTroubles(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, call func(context.Context, pb.TestServiceClient, ...grpc.CallOption) error) {
		for code, spec := range operatorCodes() {
			err := fmt.Errorf("%s: %w", secretText, codetable.NewError(code,
				codetable.WithMetadata("id", secretID), codetable.WithMetadata("content", secretNote), codetable.WithCause(errSecret)))
			if code%2 == 0 { // as a status that came from another server, too
				err = status.Convert(codetable.NewError(code, codetable.WithMetadata("id", secretID))).Err()
			}
			events := make(chan interceptor.Event, 2)
			observe := interceptor.WithObserver(func(_ context.Context, e interceptor.Event) { events <- e })
			wire := &tap{}
			client := wire.dial(t, serve(t, answering(err), interceptor.WithPublicBoundary(), observe))
			ctx := metadata.AppendToOutgoingContext(t.Context(), "accept-language", "zh-CN")
			got := status.Convert(call(ctx, client))
			checkMasked(t, spec, got, <-events)
			checkSilent(t, spec, wire.sent(t))
		}
	})
}

func checkMasked(t *testing.T, spec codetable.Spec, got *status.Status, event interceptor.Event) {
	t.Helper()
	want, retryInfo := codes.Internal, false
	if action := spec.Retry().Action.String(); action == "RETRY_ACTION_SAME_REQUEST" || action == "RETRY_ACTION_NEXT_WINDOW" {
		want, retryInfo = codes.Unavailable, true
	}
	if got.Code() != want {
		t.Errorf("%s: sent %v, want %v", spec.Reason(), got, want)
	}
	for _, detail := range got.Details() {
		switch detail := detail.(type) {
		case *errdetails.RetryInfo:
			if !retryInfo || detail.GetRetryDelay().AsDuration() <= 0 {
				t.Errorf("%s: %v with %v", spec.Reason(), detail, spec.Retry())
			}
			retryInfo = false
		case *errdetails.RequestInfo:
		default:
			t.Errorf("%s: sent a %T", spec.Reason(), detail)
		}
	}
	if retryInfo {
		t.Errorf("%s: no RetryInfo in %v", spec.Reason(), got)
	}
	if !event.Masked || event.Err.Number() != spec.Number() || event.CorrelationID == "" || event.CorrelationID != requestID(got) {
		t.Errorf("%s: observed %+v of %v", spec.Reason(), event, got.Details())
	}
}

func checkSilent(t *testing.T, spec codetable.Spec, sent string) {
	t.Helper()
	if !strings.Contains(sent, "grpc-status: ") || !strings.Contains(sent, "google.rpc.RequestInfo") {
		t.Fatalf("the tap read %q, not a status", sent)
	}
	secrets := []string{
		spec.Domain(), strconv.Itoa(int(spec.Number())), secretText, errSecret.Error(), secretID, secretNote, "google.rpc.ErrorInfo",
	}
	if spec.Listed() {
		secrets = append(secrets, spec.Reason(), spec.Description(), spec.Notes())
	}
	for _, locale := range spec.Locales() {
		text, _ := spec.UserMessage(locale)
		secrets = append(secrets, text)
	}
	for _, secret := range secrets {
		if strings.Contains(sent, secret) {
			t.Errorf("%s: %q is in the bytes sent:\n%q", spec.Reason(), secret, sent)
		}
	}
}

func TestPublicBoundaryShowsTheRest(t *testing.T) {
	t.Parallel()
	hidden := operatorCodes()
	for code := range codetable.All[responseCode]() {
		if _, operator := hidden[code]; operator || codetable.NewError(code) == nil {
			continue
		}
		client := dial(t, serve(t, answering(codetable.NewError(code)), interceptor.WithPublicBoundary()))
		if err := kinds["unary"](t.Context(), client); !codetable.Is(err, code) {
			t.Errorf("%v: got %v", code, err)
		}
	}
	// A status of the handler's own is its own business, an error type that
	// blames the operator is not.
	for err, want := range map[error]codes.Code{
		status.Error(codes.PermissionDenied, "not your number"):                       codes.PermissionDenied,
		customFault{status.Error(codes.Unauthenticated, "upstream refuses our key")}:  codes.Internal,
		customFault{fmt.Errorf("w: %w", status.Error(codes.PermissionDenied, "key"))}: codes.Internal,
	} {
		got, _ := plain(t, kinds["unary"], answering(err), interceptor.WithPublicBoundary())
		if got.Code() != want || want == codes.Internal && strings.Contains(got.Proto().String(), "key") {
			t.Errorf("%v: sent %v, want %v", err, got, want)
		}
	}
}

// Without a boundary the codes go to every caller, and none of them claims that
// the caller cancelled.
func TestNoCodeTravelsAsCanceled(t *testing.T) {
	t.Parallel()
	for code, spec := range codetable.All[responseCode]() {
		if spec.GRPCCode() == codes.Canceled {
			t.Errorf("%v travels as %v", code, spec.GRPCCode())
		}
	}
	if err := codetable.Check[responseCode](); err != nil {
		t.Error(err)
	}
}
