package replicas_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

const (
	workers = 8
	// maxCalls bounds a load. The simulator remembers more calls than that.
	maxCalls = 30_000
	phone    = "13800138000"
)

// kind is a call with a token of its own. A scripted token is answered once with
// its code and then with success, so that a repeated call has another answer.
type kind struct {
	want  jverificationv1.ResponseCode // 0 for a success
	token func(f *gateways, n int32) string
	call  func(ctx context.Context, c jverificationv1.VerificationServiceClient, token string) error
}

func scripted(code jverificationv1.ResponseCode) func(*gateways, int32) string {
	return func(_ *gateways, n int32) string { return fmt.Sprintf("then-success-%d-%d", code, n) }
}

func captcha(_ *gateways, n int32) string { return fmt.Sprintf("captcha %d", n) }

var (
	verifyToken = func(f *gateways, _ int32) string { return f.simulator.IssueToken(phone) }
	loginToken  = func(f *gateways, _ int32) string { return f.simulator.IssueLoginToken(phone) }
)

func verify(ctx context.Context, c jverificationv1.VerificationServiceClient, token string) error {
	_, err := c.VerifyNumber(ctx, &jverificationv1.VerifyNumberRequest{Phone: phone, Token: token})
	return err
}

func verifyInStream(ctx context.Context, c jverificationv1.VerificationServiceClient, token string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := c.VerifyNumbers(ctx)
	if err != nil {
		return err
	}
	// A failure to send is io.EOF, and Recv has the reason.
	_ = stream.Send(&jverificationv1.VerifyNumbersRequest{Item: &jverificationv1.VerifyNumberRequest{Phone: phone, Token: token}})
	answer, err := stream.Recv()
	if err != nil {
		return err
	}
	return codetable.NewError(answer.GetItem().GetCode())
}

func login(ctx context.Context, c jverificationv1.VerificationServiceClient, token string) error {
	_, err := c.ExchangeLoginToken(ctx, &jverificationv1.ExchangeLoginTokenRequest{LoginToken: token})
	return err
}

func checkCaptcha(ctx context.Context, c jverificationv1.VerificationServiceClient, token string) error {
	_, err := c.CheckCaptcha(ctx, &jverificationv1.CheckCaptchaRequest{CaptchaContent: token})
	return err
}

func activate(ctx context.Context, c jverificationv1.VerificationServiceClient, appKey string) error {
	_, err := c.EnableOneClickLogin(ctx, &jverificationv1.EnableOneClickLoginRequest{
		AppKey: appKey, Platform: jverificationv1.Platform_PLATFORM_IOS, PackageName: "com.example.app",
	})
	return err
}

func queryRisk(ctx context.Context, c jverificationv1.VerificationServiceClient, phone string) error {
	_, err := c.QueryBusinessRisk(ctx, &jverificationv1.QueryBusinessRiskRequest{Phone: phone})
	return err
}

var kinds = []kind{
	{0, verifyToken, verify},
	{9001, scripted(9001), verify},
	{9003, scripted(9003), verify},
	{9099, scripted(9099), verify},
	{0, verifyToken, verifyInStream},
	{9005, scripted(9005), verifyInStream},
	{0, loginToken, login},
	{9021, scripted(9021), login},
	{0, captcha, checkCaptcha},
	{7104, scripted(7104), checkCaptcha},
	{9203, scripted(9203), activate},
}

// load calls the gateways until it is stopped, or has made maxCalls.
type load struct {
	gateways    *gateways
	made        atomic.Int32
	unavailable atomic.Int32
	stop, ended chan struct{}
	beat        chan struct{} // receives once a call, where somebody listens
	tokens      sync.Map      // token -> whether a code came back for it
}

func startLoad(t *testing.T, f *gateways) *load {
	t.Helper()
	l := &load{gateways: f, stop: make(chan struct{}), ended: make(chan struct{}), beat: make(chan struct{})}
	var running sync.WaitGroup
	for range workers {
		running.Go(func() {
			for {
				n := l.made.Add(1)
				select {
				case <-l.stop:
					return
				default:
				}
				if n > maxCalls {
					return
				}
				l.once(t, n)
				select {
				case l.beat <- struct{}{}:
				default:
				}
			}
		})
	}
	go func() {
		running.Wait()
		close(l.ended)
	}()
	return l
}

// pass returns after some more calls.
func (l *load) pass(t *testing.T, calls int) {
	t.Helper()
	for range calls {
		await(t, l.beat, l.ended)
	}
}

// once makes one call, and sometimes a risk query as well, which may be repeated.
func (l *load) once(t *testing.T, n int32) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), tooLong)
	defer cancel()
	k := kinds[int(n)%len(kinds)]
	token := k.token(l.gateways, n)
	l.tokens.Store(token, l.judge(t, k.call(ctx, l.gateways.client, token), k.want))
	if n%10 == 0 {
		l.judge(t, queryRisk(ctx, l.gateways.client, fmt.Sprintf("139%08d", n)), 0)
	}
}

// judge reports whether the call was answered, and fails the test otherwise unless
// it is Unavailable without a code.
func (l *load) judge(t *testing.T, err error, want jverificationv1.ResponseCode) bool {
	t.Helper()
	code, coded := codetable.CodeOf[jverificationv1.ResponseCode](err)
	switch {
	case err == nil && want == 0, coded && code == want:
		return true
	case !coded && status.Code(err) == codes.Unavailable:
		l.unavailable.Add(1)
	default:
		t.Errorf("error = %v, want %d or Unavailable", err, want)
	}
	return false
}

// finish ends the load and checks what the upstream received.
func (l *load) finish(t *testing.T) {
	t.Helper()
	close(l.stop)
	<-l.ended
	used := 0
	l.tokens.Range(func(token, answered any) bool {
		used++
		calls := l.gateways.simulator.Calls(token.(string))
		if calls > 1 || answered.(bool) && calls != 1 {
			t.Errorf("the upstream got %q %d times, answered = %t", token, calls, answered)
		}
		return true
	})
	t.Logf("%d tokens, %d calls Unavailable", used, l.unavailable.Load())
}
