package gateway_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
)

// canary is in the text of replies, which nobody must see.
const canary = "CANARY-IN-THE-TEXT"

// fuzzedUpstream answers each call with one reply.
type fuzzedUpstream struct {
	status int
	header http.Header
	body   []byte
	calls  int
}

func (u *fuzzedUpstream) RoundTrip(r *http.Request) (*http.Response, error) {
	u.calls++
	return &http.Response{StatusCode: u.status, Header: u.header, Body: io.NopCloser(bytes.NewReader(u.body)), Request: r}, nil
}

// inProcess calls the unary methods of a gateway without a connection.
type inProcess struct {
	desc  *grpc.ServiceDesc
	chain []grpc.UnaryServerInterceptor
	impl  any
}

func (p *inProcess) RegisterService(desc *grpc.ServiceDesc, impl any) {
	if len(desc.Methods) > 1 && strings.Contains(desc.ServiceName, "Verification") {
		p.desc, p.impl = desc, impl
	}
}

func (p *inProcess) call(ctx context.Context, method int, request []byte) (reply any, name string, err error) {
	m := p.desc.Methods[method%len(p.desc.Methods)]
	name = "/" + p.desc.ServiceName + "/" + m.MethodName
	reply, err = m.Handler(p.impl, ctx, func(into any) error { return proto.Unmarshal(request, into.(proto.Message)) },
		func(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
			for _, outer := range slices.Backward(p.chain) {
				next := handler
				handler = func(ctx context.Context, req any) (any, error) { return outer(ctx, req, info, next) }
			}
			return handler(ctx, req)
		})
	return reply, name, err
}

// FuzzCall sends any request to a gateway whose upstream answers anything. Only
// the success code of the method is a success, a malformed request is never
// sent, and no text of the reply, secret or token is in a status or in the log.
func FuzzCall(f *testing.F) {
	request := func(m proto.Message) []byte {
		raw, err := proto.Marshal(m)
		if err != nil {
			f.Fatal(err)
		}
		return raw
	}
	verify := request(&jverificationv1.VerifyNumberRequest{Phone: phone, Token: token, AssessRisk: true})
	for _, body := range []string{
		`{"code":9000,"id":117270465679982593,"exID":"e","riskCheck":{"code":0,"score":7,"tags":["t"],"detail":{"t":{"score":1}}}}`,
		`{"code":9001,"content":"` + canary + `"}`, `{"code":1802,"content":"` + canary + `"}`, `{"content":"` + canary + `"}`, `{"code":"9000"}`, canary, `{"code":9000,"riskCheck":{"code":1804}}`,
	} {
		f.Add(uint8(0), verify, uint16(200), body, "")
		f.Add(uint8(1), request(&jverificationv1.QueryBusinessRiskRequest{Phone: phone}), uint16(503), body, "7")
	}
	f.Add(uint8(2), request(&jverificationv1.ExchangeLoginTokenRequest{LoginToken: token}), uint16(200), `{"code":8000,"phone":"AAAA"}`, "")
	f.Add(uint8(3), request(&jverificationv1.CheckCaptchaRequest{CaptchaContent: token}), uint16(200), `{"code":0}`, "")
	f.Add(uint8(4), request(&jverificationv1.EnableOneClickLoginRequest{AppKey: "a", PackageName: "p", Platform: 1, AppSign: "s"}), uint16(200), `{"code":9200}`, "")
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		f.Fatal(err)
	}
	u, logs := &fuzzedUpstream{}, &bytes.Buffer{}
	config := configFor("https://upstream.test", logs)
	config.Transport, config.PhoneKey, config.RiskAttempts = u, key, 1
	g, err := gateway.New(config)
	if err != nil {
		f.Fatal(err)
	}
	p := &inProcess{chain: g.Chain().Unary}
	g.Register(p)
	f.Fuzz(func(t *testing.T, method uint8, request []byte, httpStatus uint16, body, after string) {
		logs.Reset()
		*u = fuzzedUpstream{status: int(httpStatus), header: http.Header{"Retry-After": {after}}, body: []byte(body)}
		reply, name, err := p.call(t.Context(), int(method), request)
		if err == nil {
			checkAnswered(t, name, reply, body)
			return
		}
		sent := fmt.Sprint(status.Convert(err).Proto()) + logs.String()
		for _, secret := range []string{canary, token, masterSecret, devSecret} {
			if strings.Contains(sent, secret) && !strings.Contains(body, `"exID":"`) && !strings.Contains(body, `"id":"`) && !strings.Contains(string(request), "\x1a") {
				t.Errorf("%s is in %s", secret, sent)
			}
		}
		if u.calls > 1 {
			t.Errorf("%d calls", u.calls)
		}
	})
}

// successes are the success codes, by the last part of the name of the method.
var successes = map[string]string{"VerifyNumber": "9000", "QueryBusinessRisk": "0", "ExchangeLoginToken": "8000", "CheckCaptcha": "0", "EnableOneClickLogin": "9200"}

func checkAnswered(t *testing.T, name string, reply any, body string) {
	t.Helper()
	code, ok := successes[name[strings.LastIndexByte(name, '/')+1:]]
	if !ok || !strings.Contains(body, code) || !strings.Contains(strings.ToLower(body), "code") && !strings.Contains(body, `\u`) {
		t.Errorf("%s took %q for a success: %v", name, body, reply)
	}
}

// FuzzPhoneKey reads private keys. An error tells nothing of them, and a key
// opens what its public key has sealed.
func FuzzPhoneKey(f *testing.F) {
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		f.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		f.Fatal(err)
	}
	for _, der := range [][]byte{pkcs8, x509.MarshalPKCS1PrivateKey(key), x509.MarshalPKCS1PublicKey(&key.PublicKey), []byte("x"), nil} {
		f.Add(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := gateway.ParsePhoneKey(text)
		if err != nil {
			if len(err.Error()) > 100 || !strings.HasPrefix(err.Error(), "is ") {
				t.Errorf("error = %v", err)
			}
			return
		}
		if err := got.Validate(); err != nil {
			t.Errorf("the key is not valid: %v", err)
		}
	})
}
