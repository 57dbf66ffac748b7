package deploy_test

import (
	"bytes"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"google.golang.org/protobuf/proto"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
)

const methodPath = "/jiguang.jverification.v1.VerificationService/VerifyNumber"

// forms are how a browser or a program without gRPC asks for a verification.
var forms = map[string]struct {
	path, mediaType string
	body            func(token string) []byte
}{
	"gRPC-Web": {methodPath, "application/grpc-web+proto", func(token string) []byte {
		return envelope(&jverificationv1.VerifyNumberRequest{Phone: phone, Token: token})
	}},
	"gRPC-Web, stream": {methodPath + "s", "application/grpc-web+proto", func(token string) []byte {
		return envelope(&jverificationv1.VerifyNumbersRequest{Item: &jverificationv1.VerifyNumberRequest{Phone: phone, Token: token}})
	}},
	"Connect": {methodPath, "application/json", jsonBody},
	"REST":    {"/v1/numbers:verify", "application/json", jsonBody},
}

func envelope(message proto.Message) []byte {
	content, _ := proto.Marshal(message) // ASCII
	return append(binary.BigEndian.AppendUint32([]byte{0}, uint32(len(content))), content...)
}

func jsonBody(token string) []byte {
	return fmt.Appendf(nil, `{"phone":%q,"token":%q}`, phone, token)
}

// reply is an answer of the web address.
type reply struct {
	Status          int
	Header, Trailer http.Header
	Body            string
}

func post(t *testing.T, client *http.Client, url, mediaType string, body []byte) reply {
	t.Helper()
	req, err := http.NewRequestWithContext(bounded(t), http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", mediaType)
	req.Header.Set("Accept-Encoding", "identity")
	req.Header.Set("Accept-Language", "zh-CN")
	got, err := send(client, req)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func send(client *http.Client, req *http.Request) (reply, error) {
	resp, err := client.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	resp.Header.Del("Content-Length") // the recorder adds one
	return reply{resp.StatusCode, resp.Header, resp.Trailer, string(body)}, err
}

// recorder hands requests on to the web address of a gateway, and keeps what it answered
// to the last one.
type recorder struct {
	url    string
	client *http.Client
	last   atomic.Pointer[reply]
}

// ServeHTTP implements [http.Handler].
func (r *recorder) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	out := req.Clone(req.Context())
	out.URL, _ = url.Parse(r.url + req.URL.Path) // it has arrived as a path
	out.RequestURI = ""
	got, err := send(r.client, out)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	r.last.Store(&got)
	maps.Copy(w.Header(), got.Header)
	w.WriteHeader(got.Status)
	_, _ = io.WriteString(w, got.Body) // the test reads what arrives
}

// record returns a backend whose web address is recorded.
func record(t *testing.T, b *backend) (*backend, *recorder) {
	t.Helper()
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true) // streams in both directions need it
	transport := &http.Transport{Protocols: protocols}
	t.Cleanup(transport.CloseIdleConnections)
	r := &recorder{url: b.URL, client: &http.Client{Transport: transport}}
	server := httptest.NewUnstartedServer(r)
	server.Config.Protocols = protocols
	server.Start()
	t.Cleanup(server.Close)
	recorded := *b.Gateway
	recorded.URL = server.URL
	return &backend{Gateway: &recorded}, r
}

// TestEnvoyServesTheWeb compares what the client receives with what the gateway has sent.
func TestEnvoyServesTheWeb(t *testing.T) {
	t.Parallel()
	for boundary, change := range boundaries {
		t.Run(boundary, func(t *testing.T) {
			t.Parallel()
			b, sent := record(t, newBackend(t, failing(nil), change))
			url, client := envoyWeb(t, envoy, b)
			for name, form := range forms {
				for _, code := range append(append(failures(), unlisted...), 9000) {
					got := post(t, client, url+form.path, form.mediaType, form.body(fmt.Sprintf("code-%d", code)))
					if got.Status == http.StatusHTTPVersionNotSupported {
						t.Fatalf("%s did not arrive with HTTP/2", name)
					}
					if diff := cmp.Diff(*sent.last.Load(), got, cmpopts.EquateEmpty()); diff != "" {
						t.Errorf("%s, %d (-gateway +Envoy):\n%s", name, code, diff)
					}
				}
			}
		})
	}
}

// envoyWeb returns the address of an Envoy, and a client for it that speaks HTTP/2.
func envoyWeb(t *testing.T, p proxy, b *backend) (url string, client *http.Client) {
	t.Helper()
	at := p.start(t, b)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: at.roots}, ForceAttemptHTTP2: true}
	t.Cleanup(transport.CloseIdleConnections)
	return "https://" + at.address, &http.Client{Transport: transport}
}

// TestEnvoyAnswersTheWebItself has an upstream that is slow. The answer has no code, and
// clients of gRPC-Web and Connect take it for Unavailable.
func TestEnvoyAnswersTheWebItself(t *testing.T) {
	t.Parallel()
	b := newBackend(t, failing(nil))
	url, client := envoyWeb(t, envoy.with(map[string]string{"cluster: web, timeout: 15s": "cluster: web, timeout: 0.1s"}), b)
	for name, form := range forms {
		got := post(t, client, url+form.path, form.mediaType, form.body("fault-latency"))
		got.Header.Del("Date")
		want := reply{http.StatusGatewayTimeout, http.Header{"Content-Type": {"text/plain"}, "Grpc-Retry-Pushback-Ms": {"-1"}}, nil, "upstream request timeout"}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
