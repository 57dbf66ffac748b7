package interceptor_test

import (
	"context"
	"errors"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/rest"
)

// translation is a translator with random options.
type translation struct {
	*interceptor.Translator

	public, quiet, restated bool
	budget, events          int
}

// The bits of the options.
const (
	isPublic = 1 << iota
	isQuiet
	hasHelp
	isRestated
	hasUnmapped
	unmappedPanics
	localePanics
)

func newTranslation(options byte, budget uint16) *translation {
	tr := &translation{
		public: options&isPublic > 0, quiet: options&isQuiet > 0, restated: options&isRestated > 0,
		budget: max(1<<10, int(budget)%(8<<10)),
	}
	opts := []interceptor.ServerOption{
		interceptor.WithDetailBudget(tr.budget), interceptor.WithObserver(func(context.Context, interceptor.Event) { tr.events++ }),
	}
	for bit, opt := range map[byte]interceptor.ServerOption{
		isPublic: interceptor.WithPublicBoundary(), isQuiet: interceptor.WithoutRetryPushback(), hasHelp: interceptor.WithHelpLinks(),
		isRestated:   interceptor.WithStatusCode(tokenExpired, codes.Aborted),
		hasUnmapped:  interceptor.WithUnmapped(func(context.Context, error) error { return codetable.NewError(qpsLimit) }),
		localePanics: interceptor.WithLocale(func(context.Context) string { panic(wrapped) }),
	} {
		if options&bit > 0 {
			opts = append(opts, opt)
		}
	}
	if options&unmappedPanics > 0 {
		opts = append(opts, interceptor.WithUnmapped(func(context.Context, error) error { panic(wrapped) }))
	}
	tr.Translator = interceptor.NewTranslator(opts...)
	return tr
}

// FuzzTranslator builds random trees of errors with private text in each, and
// translators with random options, and searches for this text in what is sent.
// What is sent also keeps the code and the budget, advises as the table does,
// and a status that fits is not changed by a second translation.
func FuzzTranslator(f *testing.F) {
	for kind := range kindsOfErrors() {
		f.Add([]byte{byte(kind)}, byte(kind), uint16(0), "en")
		f.Add([]byte{byte(kind), 3, 4, 1, 2, 5, 3, 4, 7, 8, 15, 1, 1, 1, 10, 4, 20}, byte(isPublic|hasHelp), uint16(4<<10), "zh;q=0.5, *")
	}
	f.Add([]byte{0}, byte(localePanics|hasUnmapped|unmappedPanics), uint16(0), "\xff")
	f.Fuzz(func(t *testing.T, data []byte, options byte, budget uint16, language string) {
		g := &treeBuilder{tb: t, bytes: data}
		err := g.tree()
		if err == nil {
			return // the upstream succeeded: there is no error
		}
		tr := newTranslation(options, budget)
		if g.inner { // its result is sent, within its own budget
			tr.budget = max(tr.budget, 4<<10)
		}
		ctx := metadata.NewIncomingContext(t.Context(), metadata.Pairs("accept-language", language))
		event := tr.Translate(ctx, err)
		tr.check(t, event)
		checkSecrets(t, event, wrapped)
		if tr.public {
			checkSecrets(t, event, private, secretText, secretID)
		}
		if g.hidden && tr.public && event.CorrelationID == "" {
			t.Errorf("sent %v, want a mask", event.Status.Proto())
		}
		checkHTTP(t, tr, err)
		if again := tr.Translate(ctx, event.Status.Err()); options&(isPublic|localePanics) == 0 && !g.inner && len(event.Shed) == 0 && !proto.Equal(again.Status.Proto(), event.Status.Proto()) {
			t.Errorf("sent %v; translated again %v", event.Status.Proto(), again.Status.Proto())
		}
		_ = interceptor.LoggingFields(err) // must not panic
	})
}

func checkSecrets(t *testing.T, event interceptor.Event, secrets ...string) {
	t.Helper()
	raw, err := proto.Marshal(event.Status.Proto())
	if err != nil {
		t.Fatal(err) // such as a text that is not UTF-8
	}
	for _, secret := range secrets {
		if strings.Contains(string(raw), secret) {
			t.Errorf("%s is in %v", secret, event.Status.Proto())
		}
	}
}

func (tr *translation) check(t *testing.T, event interceptor.Event) {
	t.Helper()
	message := event.Status.Proto()
	if event.Status.Code() == codes.OK || event.Status.Message() == "" || !utf8.ValidString(event.Status.Message()) || proto.Size(message) > tr.budget {
		t.Errorf("sent %v of %d bytes, want at most %d", message, proto.Size(message), tr.budget)
	}
	if tr.events > 1 {
		t.Errorf("the observer was called %d times", tr.events)
	}
	received, coded := codetable.FromError(event.Status.Err())
	switch {
	case event.Masked && (coded || strings.Contains(message.String(), "ErrorInfo")):
		t.Errorf("a mask is %v", message)
	case event.Masked || event.Err == nil:
	case !coded || received.Number() != event.Err.Number() || received.Domain() != event.Err.Domain() || received.Reason() != event.Err.Reason():
		t.Errorf("sent %v of %v, which is read as %v", message, event.Err, received)
	case !event.Err.Remote() && !message.GetDetails()[0].MessageIs((*errdetails.ErrorInfo)(nil)):
		t.Errorf("the first detail of %v is no ErrorInfo", message)
	case !tr.restated && event.Status.Code() != event.Err.GRPCStatus().Code():
		t.Errorf("sent %v with another status code than %v", message, event.Err.GRPCStatus())
	}
	tr.checkPushback(t, event)
}

// checkPushback compares the trailer with the advice of the code, or with the
// delay of a mask. An inner interceptor of the chain may have another option.
func (tr *translation) checkPushback(t *testing.T, event interceptor.Event) {
	t.Helper()
	values := event.Trailer[pushback]
	if tr.quiet && len(values) == 0 {
		return
	}
	if len(values) != 1 {
		t.Errorf("the trailer is %v", event.Trailer)
		return
	}
	ms, err := strconv.ParseInt(values[0], 10, 64)
	if err != nil || ms < -1 || ms > math.MaxInt32 || ms >= 0 != interceptor.Retriable(event.Status.Err()) {
		t.Errorf("pushback %q of %v", values[0], event.Status.Proto())
	}
	if e := event.Err; e != nil && !event.Masked && ms >= 0 != (e.Retry().Action == codetablev1.RetryAction_RETRY_ACTION_SAME_REQUEST) {
		t.Errorf("pushback %d of %v, whose advice is %v", ms, e, e.Retry())
	}
	for _, detail := range event.Status.Details() {
		if retry, ok := detail.(*errdetails.RetryInfo); ok && ms >= 0 && ms != int64((retry.GetRetryDelay().AsDuration()+time.Millisecond-1)/time.Millisecond) {
			t.Errorf("pushback %d beside %v", ms, retry)
		}
	}
}

func checkHTTP(t *testing.T, tr *translation, err error) {
	t.Helper()
	reply := httptest.NewRecorder()
	rest.WriteError(reply, httptest.NewRequest(http.MethodGet, "/", http.NoBody), err, rest.WithTranslator(tr.Translator))
	secrets := []string{wrapped}
	if tr.public {
		secrets = append(secrets, private, secretText, secretID)
	}
	if body := reply.Body.String(); reply.Code < 400 || slices.ContainsFunc(secrets, func(s string) bool { return strings.Contains(body, s) }) {
		t.Errorf("HTTP %d with %s", reply.Code, body)
	}
}

// FuzzInBand sends any in-band reply through a server, whose failing codes
// become statuses, and a client, which makes replies of them again.
func FuzzInBand(f *testing.F) {
	for _, code := range []responseCode{consistent, notConsistent, qpsLimit, authFailed, 424242, -1} {
		raw, err := proto.Marshal(replyWith(code))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
		f.Add(append(raw, 0xa2, 0x06, 1, 'x')) // a field of a newer server
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		sent := replyWith(consistent)
		proto.Reset(sent)
		if proto.Unmarshal(raw, sent) != nil || len(raw) > 3<<10 {
			return // larger replies are shed, and their code is left
		}
		reply, err := interceptor.UnaryServerInterceptor(interceptor.WithInBandCodes())(t.Context(), nil, &grpc.UnaryServerInfo{FullMethod: "/s/m"},
			func(context.Context, any) (any, error) { return sent, nil })
		spec, _ := codetable.Lookup(sent.GetCode())
		if failing := sent.Code != nil && spec.GRPCCode() != codes.OK; failing != (err != nil) {
			t.Fatalf("%v: reply %v, error %v", sent, reply, err)
		}
		if err == nil {
			return
		}
		if code, ok := codetable.CodeOf[responseCode](err); !ok || code != sent.GetCode() {
			t.Errorf("%v became %v", sent, err)
		}
		received := replyWith(consistent)
		if err := invoke(t, err, received, interceptor.WithInBandCodes()); err != nil || !proto.Equal(received, sent) {
			t.Errorf("%v became %v, and %v", sent, received, err)
		}
		if plain := invoke(t, err, replyWith(consistent)); plain == nil || errors.Is(plain, context.Canceled) {
			t.Errorf("without the option the client got %v", plain)
		}
	})
}
