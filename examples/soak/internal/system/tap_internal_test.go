package system

import (
	"bytes"
	"encoding/base64"
	"net"
	"strings"
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/codetable/grpc-codetable/examples/soak/internal/plan"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// frames returns what a server sends: headers that are compressed and split, and
// a message.
func frames(t *testing.T, name, value, message string) []byte {
	t.Helper()
	var out, block bytes.Buffer
	encoder := hpack.NewEncoder(&block)
	for _, field := range []hpack.HeaderField{{Name: ":status", Value: "200"}, {Name: name, Value: value}} {
		if err := encoder.WriteField(field); err != nil {
			t.Fatal(err)
		}
	}
	if bytes.Contains(block.Bytes(), []byte(plan.SecretMark)) {
		t.Fatal("the header is not compressed")
	}
	framer := http2.NewFramer(&out, nil)
	half := block.Len() / 2
	for _, err := range []error{
		framer.WriteSettings(),
		framer.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: block.Bytes()[:half]}),
		framer.WriteContinuation(1, true, block.Bytes()[half:]),
		framer.WriteData(1, true, []byte(message)),
		framer.WriteGoAway(1, http2.ErrCodeNo, []byte("bye")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return out.Bytes()
}

// TestReceived_read shows that a secret is found wherever it is, and that bytes
// that can't be read are counted.
func TestReceived_read(t *testing.T) {
	t.Parallel()
	secret := plan.SecretMark + "0000000000000007"
	operator, _ := codetable.Lookup(jverificationv1.ResponseCode_RESPONSE_CODE_APPKEY_NO_MONEY)
	for name, test := range map[string]struct {
		bytes  []byte
		find   func(string) string
		leak   string
		unread int64
	}{
		"nothing":            {frames(t, "grpc-message", "text", "message"), operatorIn, "", 0},
		"message":            {frames(t, "grpc-message", "a%20"+secret, ""), secretIn, "grpc-message has " + secret, 0},
		"percent encoded":    {frames(t, "grpc-message", "%63"+secret[1:], ""), secretIn, "grpc-message has " + secret, 0},
		"details":            {frames(t, "grpc-status-details-bin", base64.RawStdEncoding.EncodeToString([]byte("x"+secret)), ""), secretIn, "grpc-status-details-bin has " + secret, 0},
		"padded details":     {frames(t, "x-bin", base64.StdEncoding.EncodeToString([]byte("xy"+secret)), ""), secretIn, "x-bin has " + secret, 0},
		"name":               {frames(t, secret, "", ""), secretIn, secret + " has " + secret, 0},
		"data":               {frames(t, "a", "b", "x"+secret), secretIn, "a message has " + secret, 0},
		"operator's text":    {frames(t, "a", plan.OperatorMark, ""), operatorIn, "a has " + plan.OperatorMark, 0},
		"of another server":  {frames(t, "a", plan.OperatorMark, ""), secretIn, "", 0},
		"reason":             {frames(t, "a", operator.Reason(), ""), operatorIn, "a has " + operator.Reason(), 0},
		"notes":              {frames(t, "grpc-message", operator.Resolution(), ""), operatorIn, "grpc-message has " + operator.Resolution(), 0},
		"no frames":          {[]byte(strings.Repeat("\x00\x00\x00\x01\x00\x00\x00\x00\x00", 9)), secretIn, "", 1},
		"no base64":          {frames(t, "a-bin", "!", ""), secretIn, "", 1},
		"invalid header":     {frames(t, "Grpc-Message", secret, ""), secretIn, "", 1},
		"end within a frame": {frames(t, "a", "b", "message")[:40], secretIn, "", 0},
	} {
		var received Received
		client, server := net.Pipe()
		watched := received.watch(client, test.find)
		go func() {
			_, _ = server.Write(test.bytes) // the reader may stop early
			_ = server.Close()
		}()
		buffer := make([]byte, 7)
		for {
			if _, err := watched.Read(buffer); err != nil {
				break
			}
		}
		if err := watched.Close(); err != nil {
			t.Fatal(err)
		}
		received.Wait()
		if got := strings.Join(received.Examples(), "; "); got != test.leak || (received.Leaks.Load() > 0) != (test.leak != "") {
			t.Errorf("%s: found %q, want %q", name, got, test.leak)
		}
		if got := received.Unread.Load(); got != test.unread {
			t.Errorf("%s: %d connections were not read, want %d", name, got, test.unread)
		}
	}
}
