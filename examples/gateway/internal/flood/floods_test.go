package flood_test

import (
	"bytes"
	"strings"

	"golang.org/x/net/http2"
)

// http2Floods are for the gRPC and the web listener, which both speak HTTP/2.
func http2Floods() []flood {
	list := append(resets(), controls()...)
	list = append(list, headers()...)
	list = append(list, stalls()...)
	for i := range list {
		if list[i].conns == 0 {
			list[i].conns = 4
		}
	}
	return list
}

// resets make the gateway begin calls that nobody waits for: CVE-2023-44487 and, where
// the gateway itself is made to reset, CVE-2025-8671.
func resets() []flood {
	reset := func(name string, then func(*attacker) error) flood {
		return flood{name: name, steps: 250, step: func(x *attacker) error {
			if err := x.whole(); err != nil {
				return err
			}
			return then(x)
		}}
	}
	return []flood{
		reset("rapid reset of calls", func(x *attacker) error { return x.WriteRSTStream(x.stream, http2.ErrCodeCancel) }),
		{name: "rapid reset of headers", steps: 4000, step: func(x *attacker) error {
			if err := x.call(false); err != nil {
				return err
			}
			return x.WriteRSTStream(x.stream, http2.ErrCodeCancel)
		}},
		reset("made you reset: a window of 0", func(x *attacker) error { return x.WriteWindowUpdate(x.stream, 0) }),
		reset("made you reset: a window that overflows", func(x *attacker) error { return x.WriteWindowUpdate(x.stream, 1<<31-1) }),
		reset("made you reset: data after the end", func(x *attacker) error { return x.WriteData(x.stream, true, message) }),
		reset("made you reset: a header after the end", func(x *attacker) error {
			return x.WriteHeaders(http2.HeadersFrameParam{StreamID: x.stream, BlockFragment: x.block("a", "b"), EndHeaders: true})
		}),
		reset("made you reset: a stream that depends on itself", func(x *attacker) error {
			return x.WritePriority(x.stream, http2.PriorityParam{StreamDep: x.stream})
		}),
		reset("made you reset: a short priority", func(x *attacker) error {
			return x.WriteRawFrame(http2.FramePriority, 0, x.stream, []byte{0})
		}),
		{name: "resets of streams that never were", steps: 4000, step: func(x *attacker) error {
			x.stream += 2
			return x.WriteRSTStream(x.stream, http2.ErrCodeCancel)
		}},
	}
}

// controls are frames that cost an answer, or only time.
func controls() []flood {
	var ping [8]byte
	return []flood{
		{name: "SETTINGS", steps: 4000, step: func(x *attacker) error { return x.WriteSettings() }},
		{name: "SETTINGS that change the window", steps: 4000, begin: (*attacker).whole, step: func(x *attacker) error {
			return x.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: uint32(x.frames.Load()) % (1 << 20)})
		}},
		{name: "SETTINGS with a large table", steps: 2000, step: func(x *attacker) error {
			if err := x.WriteSettings(http2.Setting{ID: http2.SettingHeaderTableSize, Val: 1<<32 - 1}); err != nil {
				return err
			}
			return x.whole()
		}},
		{name: "acknowledgements", steps: 4000, step: func(x *attacker) error { return x.WriteSettingsAck() }},
		{name: "PING", steps: 4000, step: func(x *attacker) error { return x.WritePing(false, ping) }},
		{name: "PING that is never read", steps: 40000, deaf: true, hold: true, step: func(x *attacker) error { return x.WritePing(false, ping) }},
		{name: "PRIORITY", steps: 4000, step: func(x *attacker) error {
			x.stream += 2
			return x.WritePriority(x.stream, http2.PriorityParam{StreamDep: x.stream - 2, Exclusive: true})
		}},
		{name: "WINDOW_UPDATE", steps: 4000, step: func(x *attacker) error { return x.WriteWindowUpdate(0, 1) }},
		{name: "a window that overflows", steps: 20, step: func(x *attacker) error { return x.WriteWindowUpdate(0, 1<<31-1) }},
		{name: "unknown frames", steps: 4000, step: func(x *attacker) error { return x.WriteRawFrame(0xfa, 0xff, 0, nil) }},
		{name: "GOAWAY", steps: 1000, step: func(x *attacker) error { return x.WriteGoAway(0, http2.ErrCodeNo, nil) }},
		{name: "PUSH_PROMISE", steps: 20, step: func(x *attacker) error {
			return x.WritePushPromise(http2.PushPromiseParam{StreamID: 1, PromiseID: 2, BlockFragment: x.block("a", "b"), EndHeaders: true})
		}},
		{name: "empty DATA", steps: 4000, begin: opened, step: func(x *attacker) error { return x.WriteData(x.stream, false, nil) }},
		{name: "DATA of padding", steps: 1000, begin: opened, step: func(x *attacker) error {
			return x.WriteDataPadded(x.stream, false, nil, make([]byte, 255))
		}},
		{name: "garbage", steps: 20, plain: true, step: func(x *attacker) error { return x.say(strings.Repeat("\x00garbage", 1<<10)) }},
	}
}

// opened is a call without an end.
func opened(x *attacker) error { return x.call(false) }

// headers are blocks without an end (CVE-2024-27316), or larger than they look.
func headers() []flood {
	unended := func(x *attacker) error {
		x.stream += 2
		return x.WriteHeaders(http2.HeadersFrameParam{StreamID: x.stream, BlockFragment: x.block(":method", "POST")})
	}
	bomb := bytes.Repeat([]byte{0x80 | 62}, 12<<10) // the newest entry of the table, again and again
	return []flood{
		{name: "CONTINUATION", steps: 2000, begin: unended, step: func(x *attacker) error {
			return x.WriteContinuation(x.stream, false, x.block("x-filler", strings.Repeat("x", 100)))
		}},
		{name: "large CONTINUATION", steps: 500, begin: unended, step: func(x *attacker) error {
			return x.WriteContinuation(x.stream, false, x.block("x-filler", strings.Repeat("x", 16000)))
		}},
		{name: "empty CONTINUATION", steps: 4000, begin: unended, step: func(x *attacker) error { return x.WriteContinuation(x.stream, false, nil) }},
		{name: "a bomb of HPACK", steps: 100, begin: func(x *attacker) error {
			return x.call(true, "x-filler", strings.Repeat("x", 3900))
		}, step: func(x *attacker) error {
			x.stream += 2
			return x.WriteHeaders(http2.HeadersFrameParam{StreamID: x.stream, BlockFragment: bomb, EndHeaders: true, EndStream: true})
		}},
		{name: "no HPACK", steps: 20, step: func(x *attacker) error {
			x.stream += 2
			return x.WriteHeaders(http2.HeadersFrameParam{StreamID: x.stream, BlockFragment: bytes.Repeat([]byte{0xff}, 1<<10), EndHeaders: true})
		}},
		{name: "headers above the limit", steps: 300, step: func(x *attacker) error { return x.call(true, "x-filler", strings.Repeat("x", 16000)) }},
		{name: "thousands of headers", steps: 300, step: func(x *attacker) error { return x.call(true, many...) }},
		{name: "headers without an end", conns: 100, steps: 1, hold: true, step: unended},
	}
}

var many = func() (fields []string) {
	for range 2000 {
		fields = append(fields, "x", "")
	}
	return fields
}()

// stalls hold what the gateway keeps for a caller, for as long as they are let.
func stalls() []flood {
	return []flood{
		{name: "streams above the limit", conns: 8, steps: 1500, hold: true, step: opened},
		{name: "calls above the limit", conns: 8, steps: 1500, hold: true, step: (*attacker).whole},
		{name: "messages without an end", conns: 8, steps: 200, hold: true, step: func(x *attacker) error {
			if err := x.call(false); err != nil {
				return err
			}
			return x.WriteData(x.stream, false, append([]byte{0, 0, 0, 0xff, 0xff}, make([]byte, 1<<10)...))
		}},
		{name: "a message that drips", steps: 5000, begin: func(x *attacker) error {
			if err := x.call(false); err != nil {
				return err
			}
			return x.WriteData(x.stream, false, []byte{0, 0, 0, 0xff, 0xff})
		}, step: func(x *attacker) error { return x.WriteData(x.stream, false, []byte{0}) }},
		{name: "messages of a gigabyte", steps: 300, step: func(x *attacker) error {
			if err := x.call(false); err != nil {
				return err
			}
			return x.WriteData(x.stream, false, append([]byte{0, 0x40, 0, 0, 0}, make([]byte, 8<<10)...))
		}},
		{name: "answers that find no window", steps: 500, hold: true, begin: func(x *attacker) error {
			return x.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 0})
		}, step: (*attacker).whole},
		{name: "answers that are never read", steps: 3000, deaf: true, hold: true, step: (*attacker).whole},
		{name: "half a preface", conns: 200, steps: 1, plain: true, hold: true, step: func(x *attacker) error { return x.say(http2.ClientPreface[:12]) }},
		{name: "silence", conns: 200, steps: 1, plain: true, hold: true, step: func(*attacker) error { return nil }},
	}
}

// http1Floods are for the web and the metrics listener, which both speak HTTP/1.1.
func http1Floods() []flood {
	const post = "POST /v1/numbers:verify HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
	says := func(text string) func(*attacker) error { return func(x *attacker) error { return x.say(text) } }
	list := []flood{
		{name: "header that drips", conns: 100, steps: 5, hold: true, begin: says("GET / HTTP/1.1\r\nX-Filler: "), step: says("x")},
		{name: "endless header line", conns: 4, steps: 500, begin: says("GET / HTTP/1.1\r\nX-Filler: "), step: says(strings.Repeat("x", 1<<10))},
		{name: "endless header", conns: 4, steps: 500, begin: says("GET / HTTP/1.1\r\n"), step: says(strings.Repeat("X-Filler: x\r\n", 100))},
		{name: "body that drips", conns: 100, steps: 5, hold: true, begin: says(post + "Content-Length: 60000\r\n\r\n"), step: says(" ")},
		{name: "endless body", conns: 4, steps: 2000, begin: says(post + "Transfer-Encoding: chunked\r\n\r\n"), step: says("400\r\n" + strings.Repeat(" ", 1<<10) + "\r\n")},
		{name: "bodies of a gigabyte", conns: 4, steps: 200, step: says(post + "Content-Length: 1073741824\r\n\r\n")},
		{name: "requests that are never read", conns: 4, steps: 2000, deaf: true, hold: true, step: says("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")},
		{name: "requests for no path", conns: 4, steps: 1000, step: says("GET /../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n")},
		{name: "requests for HTTP/2", conns: 4, steps: 200, step: says("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n")},
		{name: "silence", conns: 200, steps: 1, hold: true, step: func(*attacker) error { return nil }},
	}
	for i := range list {
		list[i].name, list[i].plain = "HTTP/1.1: "+list[i].name, true
	}
	return list
}
