package gateway_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"io"
	"net"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
)

// The parts of HTTP/2 that it takes to refuse a request: RFC 9113, sections 3.4,
// 4.1, 6 and 7.
const (
	prefaceSize   = 24
	frameHeader   = 9
	frameData     = 0
	frameReset    = 3
	frameSettings = 4
	flagEnd       = 1 // of a stream, or an acknowledgement
	refusedStream = 7
)

// refuser counts the requests that it has read to their end, and says of each
// that it was never looked at. That is what HAProxy says of a call that it lost.
type refuser struct {
	url      string
	roots    *x509.CertPool
	requests atomic.Int64
}

func newRefuser(t *testing.T) *refuser {
	t.Helper()
	certified := httptest.NewUnstartedServer(nil)
	certified.StartTLS()
	t.Cleanup(certified.Close)
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{
		Certificates: certified.TLS.Certificates, NextProtos: []string{"h2"}, MinVersion: tls.VersionTLS12,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	r := &refuser{url: "https://" + listener.Addr().String(), roots: x509.NewCertPool()}
	r.roots.AddCert(certified.Certificate())
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go r.serve(conn)
		}
	}()
	return r
}

// serve ends when the client leaves.
func (r *refuser) serve(conn net.Conn) {
	defer conn.Close()
	_, err := io.ReadFull(conn, make([]byte, prefaceSize))
	if err == nil {
		_, err = conn.Write(frame(frameSettings, 0, 0, nil))
	}
	header := make([]byte, frameHeader)
	for err == nil {
		if _, err = io.ReadFull(conn, header); err != nil {
			return
		}
		length, stream := int64(header[0])<<16|int64(header[1])<<8|int64(header[2]), binary.BigEndian.Uint32(header[5:])
		if _, err = io.CopyN(io.Discard, conn, length); err != nil {
			return
		}
		ended := header[4]&flagEnd != 0
		switch {
		case header[3] == frameSettings && !ended:
			_, err = conn.Write(frame(frameSettings, flagEnd, 0, nil))
		case header[3] == frameData && ended:
			r.requests.Add(1)
			_, err = conn.Write(frame(frameReset, 0, stream, binary.BigEndian.AppendUint32(nil, refusedStream)))
		}
	}
}

func frame(kind, flags byte, stream uint32, payload []byte) []byte {
	text := binary.BigEndian.AppendUint32([]byte{0, 0, byte(len(payload)), kind, flags}, stream)
	return append(text, payload...)
}

// TestNotSentAgainByTransport has every call that must not be repeated.
func TestNotSentAgainByTransport(t *testing.T) {
	t.Parallel()
	type client = jverificationv1.VerificationServiceClient
	calls := map[string]func(context.Context, client) error{
		"VerifyNumber": verify,
		"ExchangeLoginToken": func(ctx context.Context, c client) error {
			_, err := c.ExchangeLoginToken(ctx, &jverificationv1.ExchangeLoginTokenRequest{LoginToken: token})
			return err
		},
		"CheckCaptcha": func(ctx context.Context, c client) error {
			_, err := c.CheckCaptcha(ctx, &jverificationv1.CheckCaptchaRequest{CaptchaContent: token})
			return err
		},
		"EnableOneClickLogin": func(ctx context.Context, c client) error {
			_, err := c.EnableOneClickLogin(ctx, &jverificationv1.EnableOneClickLoginRequest{
				AppKey: appKey, Platform: jverificationv1.Platform_PLATFORM_IOS, PackageName: "com.example",
			})
			return err
		},
	}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			upstream := newRefuser(t)
			config := configFor(upstream.url, io.Discard)
			config.UpstreamCAs = upstream.roots
			err := call(t.Context(), dial(t, config))
			if n := upstream.requests.Load(); status.Code(err) != codes.Unavailable || n != 1 {
				t.Errorf("error = %v after %d requests, want Unavailable after one", err, n)
			}
		})
	}
}
