package faulty_test

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// framed are replies in the frames of HTTP/2, with TLS.
func framed(t *testing.T) []reply {
	t.Helper()
	config, roots := certify(t)
	config.NextProtos = []string{"h2"}
	list := slices.Concat(resets(), headerBlocks(), dataFrames())
	for i := range list {
		list[i].name, list[i].tls, list[i].roots = "HTTP/2: "+list[i].name, config, roots
	}
	return list
}

// exchange is a request in a connection of HTTP/2.
type exchange struct {
	*call
	*http2.Framer

	stream uint32
}

// frames does something when a request has come. The connection stays open until the
// gateway leaves, or closes where do says so.
func frames(do func(x *exchange)) script {
	return func(c *call) {
		x := &exchange{call: c, Framer: http2.NewFramer(c.Conn, c.from)}
		x.AllowIllegalWrites = true
		if _, err := io.CopyN(io.Discard, c.from, int64(len(http2.ClientPreface))); err != nil || x.WriteSettings() != nil {
			return
		}
		for {
			frame, err := x.ReadFrame()
			if err != nil {
				return
			}
			if data, ok := frame.(*http2.DataFrame); ok && data.StreamEnded() {
				c.note(string(data.Data()))
				c.request = string(data.Data()) + secret
				x.stream = data.StreamID
				do(x)
			}
		}
	}
}

// block encodes fields, of which every second is a value.
func block(fields ...string) []byte {
	var b bytes.Buffer
	encoder := hpack.NewEncoder(&b)
	for i := 0; i < len(fields); i += 2 {
		_ = encoder.WriteField(hpack.HeaderField{Name: fields[i], Value: fields[i+1]}) // a buffer takes everything
	}
	return b.Bytes()
}

// header sends fields. The gateway may have left.
func (x *exchange) header(end bool, fields ...string) {
	_ = x.WriteHeaders(http2.HeadersFrameParam{StreamID: x.stream, BlockFragment: block(fields...), EndHeaders: true, EndStream: end})
}

func (x *exchange) data(end bool, text string) {
	_ = x.WriteData(x.stream, end, []byte(strings.ReplaceAll(text, "@free", free)))
}

// endless writes frames of a size until the gateway leaves, as [call.repeat] does.
func (x *exchange) endless(size int, write func() error) {
	for err, said := error(nil), 0; err == nil && said <= mostRead; said += size {
		err = write()
		x.sent.Add(int64(size))
	}
}

func resets() []reply {
	list := []reply{
		{name: "GOAWAY for the request", give: frames(func(x *exchange) { _ = x.WriteGoAway(0, http2.ErrCodeNo, []byte(free)) }), want: noAnswer},
		{name: "GOAWAY with an error", give: frames(func(x *exchange) { _ = x.WriteGoAway(x.stream, http2.ErrCodeEnhanceYourCalm, []byte(free)); x.Close() }), want: noAnswer},
		{name: "GOAWAY within the body", give: frames(func(x *exchange) {
			x.header(false, ":status", "200")
			x.data(false, `{"code":9000`)
			_ = x.WriteGoAway(0, http2.ErrCodeInternal, []byte(free))
		}), want: unintelligible},
		{name: "closed after the request", give: frames(func(x *exchange) { x.Close() }), want: noAnswer},
		{name: "silent after the request", give: frames(func(*exchange) {}), want: timedOut, slow: true},
		{name: "silent within the body", give: frames(func(x *exchange) { x.header(false, ":status", "200"); x.data(false, `{"code":9000}`) }), want: timedOut, slow: true},
	}
	for _, code := range []http2.ErrCode{
		http2.ErrCodeNo, http2.ErrCodeProtocol, http2.ErrCodeInternal, http2.ErrCodeFlowControl, http2.ErrCodeStreamClosed,
		http2.ErrCodeRefusedStream, http2.ErrCodeCancel, http2.ErrCodeEnhanceYourCalm, http2.ErrCodeHTTP11Required,
	} {
		list = append(list, reply{name: "RST_STREAM " + code.String(), give: frames(func(x *exchange) { _ = x.WriteRSTStream(x.stream, code) }), want: noAnswer})
	}
	return append(list, reply{name: "RST_STREAM within the body", give: frames(func(x *exchange) {
		x.header(false, ":status", "200")
		x.data(false, `{"code":9000}`)
		_ = x.WriteRSTStream(x.stream, http2.ErrCodeInternal)
	}), want: unintelligible})
}

// answered is a whole reply with a header.
func answered(fields ...string) script {
	return frames(func(x *exchange) {
		x.header(false, fields...)
		x.data(true, `{"code":9000}`)
	})
}

func headerBlocks() []reply {
	many := []string{":status", "200"}
	for range 600 {
		many = append(many, "x-filler", free)
	}
	return []reply{
		{name: "a success", give: answered(":status", "200"), want: coded(9000)},
		{name: "no status", give: answered("content-type", "application/json"), want: unintelligible},
		{name: "a status that is no number", give: answered(":status", free), want: unintelligible},
		{name: "two statuses", give: answered(":status", "200", ":status", "500"), want: noAnswer},
		{name: "a status after a field", give: answered("x", "y", ":status", "200"), want: noAnswer},
		{name: "a field in upper case", give: answered(":status", "200", "X-Filler", free), want: noAnswer},
		{name: "a field with a line break", give: answered(":status", "200", "x", "a\r\ngrpc-status: 0"), want: noAnswer},
		{name: "hundreds of fields", give: answered(many...), want: unintelligible},
		{name: "a header that is no HPACK", give: frames(func(x *exchange) {
			_ = x.WriteHeaders(http2.HeadersFrameParam{StreamID: x.stream, BlockFragment: []byte("\xff\xff\xff\xff\xff\xff\xff"), EndHeaders: true})
		}), want: noAnswer},
		{name: "an endless header", give: frames(func(x *exchange) {
			_ = x.WriteHeaders(http2.HeadersFrameParam{StreamID: x.stream, BlockFragment: block(many...)})
			x.endless(16<<10, func() error { return x.WriteContinuation(x.stream, false, make([]byte, 16<<10)) })
		}), want: noAnswer},
		{name: "thousands of provisional replies", give: frames(func(x *exchange) {
			for range 5000 {
				x.header(false, ":status", "103")
			}
		}), want: unintelligible},
		{name: "a header in the middle of another", give: frames(func(x *exchange) {
			_ = x.WriteHeaders(http2.HeadersFrameParam{StreamID: x.stream, BlockFragment: block(":status", "200")})
			x.data(true, `{"code":9000}`)
		}), want: noAnswer},
		{name: "a promise", give: frames(func(x *exchange) {
			_ = x.WritePushPromise(http2.PushPromiseParam{StreamID: x.stream, PromiseID: 2, BlockFragment: block(":path", "/"+free), EndHeaders: true})
		}), want: noAnswer},
		{name: "a header without a body", give: frames(func(x *exchange) { x.header(true, ":status", "200") }), want: unintelligible},
		{name: "503 with a header of gRPC", give: frames(func(x *exchange) { x.header(true, ":status", "503", "grpc-status", "0", "grpc-message", free) }), want: noAnswer},
	}
}

func dataFrames() []reply {
	return []reply{
		{name: "a body that is longer than it says", give: frames(func(x *exchange) {
			x.header(false, ":status", "200", "content-length", "3")
			x.data(true, `{"code":9000}`)
		}), want: unintelligible},
		{name: "a body that is shorter than it says", give: frames(func(x *exchange) {
			x.header(false, ":status", "200", "content-length", "300")
			x.data(true, `{"code":9000}`)
		}), want: noAnswer},
		{name: "a body before its header", give: frames(func(x *exchange) { x.data(true, `{"code":9000}`) }), want: noAnswer},
		{name: "a body for another stream", give: frames(func(x *exchange) { x.stream += 100; x.data(true, free) }), want: noAnswer},
		{name: "a frame that is too large", give: frames(func(x *exchange) { x.data(true, strings.Repeat(" ", 1<<20)) }), want: noAnswer},
		{name: "a window that overflows", give: frames(func(x *exchange) {
			_ = x.WriteWindowUpdate(0, 1<<31-1)
			_ = x.WriteWindowUpdate(0, 1<<31-1)
		}), want: noAnswer},
		{name: "a setting that is none", give: frames(func(x *exchange) {
			_ = x.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 1<<32 - 1})
		}), want: noAnswer},
		{name: "an unknown frame before the reply", give: frames(func(x *exchange) {
			_ = x.WriteRawFrame(0xfa, 0, x.stream, []byte(free))
			x.header(false, ":status", "200")
			x.data(true, `{"code":9001}`)
		}), want: coded(9001)},
		{name: "trailers", give: frames(func(x *exchange) {
			x.header(false, ":status", "200", "trailer", "grpc-status")
			x.data(false, `{"code":9001}`)
			x.header(true, "grpc-status", "0", "x-free", free)
		}), want: coded(9001)},
		{name: "an endless body", give: frames(func(x *exchange) {
			x.header(false, ":status", "200")
			blanks := bytes.Repeat([]byte(" "), 16<<10)
			x.endless(len(blanks), func() error { return x.WriteData(x.stream, false, blanks) })
		}), want: unintelligible},
		{name: "empty frames before the reply", give: frames(func(x *exchange) {
			x.header(false, ":status", "200")
			for range 1000 {
				x.data(false, "")
			}
			x.data(true, `{"code":9001}`)
		}), want: coded(9001)},
		{name: "HTTP/1.1 after the agreement on HTTP/2", give: says("HTTP/1.1 200 @free\r\n\r\n"), want: noAnswer, none: true},
	}
}
