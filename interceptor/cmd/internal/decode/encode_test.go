package decode_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"

	"github.com/codetable/grpc-codetable/interceptor/internal/table"
	"github.com/codetable/grpc-codetable/interceptor/internal/wire"
)

// encoders write a status in each form that people paste.
var encoders = map[string]func(message *spb.Status) string{
	"base64":             func(m *spb.Status) string { return base64.StdEncoding.EncodeToString(binary(m)) },
	"base64 unpadded":    func(m *spb.Status) string { return base64.RawStdEncoding.EncodeToString(binary(m)) },
	"base64 URL-safe":    func(m *spb.Status) string { return base64.RawURLEncoding.EncodeToString(binary(m)) },
	"base64 URL, padded": func(m *spb.Status) string { return base64.URLEncoding.EncodeToString(binary(m)) },
	"base64 wrapped": func(m *spb.Status) string {
		return wrap(base64.StdEncoding.EncodeToString(binary(m)), 76, "\n")
	},
	"base64 wrapped at 9": func(m *spb.Status) string {
		return wrap(base64.StdEncoding.EncodeToString(binary(m)), 9, "\r\n  ")
	},
	"base64 in a query": func(m *spb.Status) string {
		return "GET /x?status=" + url.QueryEscape(base64.StdEncoding.EncodeToString(binary(m))) + "&a=1 HTTP/1.1"
	},
	"base64 in a text": func(m *spb.Status) string {
		return "call failed, details " + base64.StdEncoding.EncodeToString(binary(m)) + " after 3 tries"
	},
	"hex":         func(m *spb.Status) string { return hex.EncodeToString(binary(m)) },
	"hex, upper":  func(m *spb.Status) string { return strings.ToUpper(hex.EncodeToString(binary(m))) },
	"hex, spaces": func(m *spb.Status) string { return fmt.Sprintf("% x", binary(m)) },
	"hex, colons": func(m *spb.Status) string {
		return strings.ReplaceAll(fmt.Sprintf("% x", binary(m)), " ", ":")
	},
	"hex, 0x": func(m *spb.Status) string { return "0x" + hex.EncodeToString(binary(m)) },
	"hex, Go": func(m *spb.Status) string {
		return strings.ReplaceAll(fmt.Sprintf("{%# x}", binary(m)), " ", ", ")
	},
	"hex, wrapped": func(m *spb.Status) string { return wrap(hex.EncodeToString(binary(m)), 60, "\n") },
	"hex, escapes": func(m *spb.Status) string {
		return `"\x` + strings.ReplaceAll(fmt.Sprintf("% x", binary(m)), " ", `\x`) + `"`
	},
	"xxd":          func(m *spb.Status) string { return xxd(binary(m)) },
	"hexdump -C":   func(m *spb.Status) string { return hex.Dump(binary(m)) },
	"Go string":    func(m *spb.Status) string { return fmt.Sprintf("value=%q", binary(m)) },
	"Python bytes": func(m *spb.Status) string { return "b'" + escape(binary(m)) + "'" },
	"binary":       func(m *spb.Status) string { return string(binary(m)) },
	"JSON":         statusJSON,
	"JSON, indented": func(m *spb.Status) string {
		return "Error: " + indent(statusJSON(m)) + "\n"
	},
	"AIP-193": envelope,
	"AIP-193 in an array": func(m *spb.Status) string {
		return "[" + indent(envelope(m)) + "]"
	},
	"Connect": connectJSON,
	"Connect stream": func(m *spb.Status) string {
		return "\x02\x00\x00\x01\x00" + `{"error":` + connectJSON(m) + `,"metadata":{"x":["y"]}}`
	},
	"headers": func(m *spb.Status) string { return headers(m, "") },
	"headers of curl": func(m *spb.Status) string {
		return "< HTTP/2 200\n< content-type: application/grpc\n" + headers(m, "< ")
	},
	"http2debug": http2debug,
	"gRPC-Web":   func(m *spb.Status) string { return webBody(m, false) },
	"gRPC-Web, data before the trailers": func(m *spb.Status) string {
		return "body: " + webBody(m, true) + "\n"
	},
	"grpcurl": grpcurl,
	"grpcurl -v": func(m *spb.Status) string {
		return "Response trailers received:\n" + headers(m, "") + grpcurl(m)
	},
	"Go message":        func(m *spb.Status) string { return "failed: " + prototext.MarshalOptions{}.Format(m) },
	"Go message, lines": func(m *spb.Status) string { return prototext.Format(m) },
	"logfmt": func(m *spb.Status) string {
		return "level=error msg=failed err=" + strconv.Quote(statusJSON(m)) + " n=1"
	},
	"JSON log": func(m *spb.Status) string {
		return `{"level":"error","body":` + marshal("upstream said "+statusJSON(m)) + `}`
	},
	"JSON log in a JSON log": func(m *spb.Status) string {
		inner := marshal(map[string]any{"err": map[string]string{"body": statusJSON(m)}})
		return "2026-11-26 app " + marshal(map[string]string{"log": inner})
	},
	"JSON log with headers": func(m *spb.Status) string {
		return marshal(map[string]any{"headers": map[string]any{
			"Grpc-Status": []string{strconv.Itoa(int(m.GetCode()))}, "Grpc-Status-Details-Bin": []string{base64.RawStdEncoding.EncodeToString(binary(m))},
		}})
	},
}

func binary(m proto.Message) []byte {
	raw, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		panic(err) // the tests encode valid messages
	}
	return raw
}

func marshal(value any) string {
	raw, err := json.Marshal(value)
	if err != nil {
		panic(err) // the tests encode valid messages
	}
	return string(raw)
}

func indent(raw string) string {
	var value any
	if err := json.Unmarshal([]byte(raw), &value); err != nil {
		panic(err) // the tests encode valid messages
	}
	indented, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		panic(err) // the tests encode valid messages
	}
	return string(indented)
}

func wrap(s string, width int, separator string) string {
	var b strings.Builder
	for len(s) > width {
		b.WriteString(s[:width] + separator)
		s = s[width:]
	}
	return b.String() + s
}

func xxd(raw []byte) string {
	var b strings.Builder
	for at := 0; at < len(raw); at += 16 {
		row := raw[at:min(at+16, len(raw))]
		digits := ""
		for i, c := range row {
			digits += fmt.Sprintf("%02x", c)
			if i%2 == 1 {
				digits += " "
			}
		}
		fmt.Fprintf(&b, "%08x: %-40s ", at, digits)
		b.WriteString(strings.Map(func(r rune) rune {
			if r < ' ' || r > '~' {
				return '.'
			}
			return r
		}, string(row)) + "\n")
	}
	return b.String()
}

// escape writes bytes as Python does.
func escape(raw []byte) string {
	var b strings.Builder
	for _, c := range raw {
		switch {
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\t':
			b.WriteString(`\t`)
		case c == '\r':
			b.WriteString(`\r`)
		case c == '\'' || c == '\\':
			b.WriteString(`\` + string(rune(c)))
		case c < ' ' || c > '~':
			fmt.Fprintf(&b, `\x%02x`, c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// details returns the details as JSON. Those that can't be read have their
// bytes, as package rest writes them.
func details(m *spb.Status) []json.RawMessage {
	list := []json.RawMessage{}
	for _, detail := range m.GetDetails() {
		raw, err := protojson.Marshal(detail)
		if err != nil {
			raw = []byte(marshal(map[string]any{"@type": detail.GetTypeUrl(), "value": detail.GetValue()}))
		}
		list = append(list, raw)
	}
	return list
}

func statusJSON(m *spb.Status) string {
	return marshal(map[string]any{"code": m.GetCode(), "message": m.GetMessage(), "details": details(m)})
}

func envelope(m *spb.Status) string {
	code := codes.Code(m.GetCode())
	return marshal(map[string]any{"error": map[string]any{
		"code": wire.HTTPStatus(code), "message": m.GetMessage(), "status": table.CodeName(code), "details": details(m),
	}})
}

func connectJSON(m *spb.Status) string {
	list := []any{}
	for _, detail := range m.GetDetails() {
		name := detail.GetTypeUrl()[strings.LastIndexByte(detail.GetTypeUrl(), '/')+1:]
		list = append(list, map[string]any{"type": name, "value": base64.RawStdEncoding.EncodeToString(detail.GetValue()), "debug": map[string]any{"a": 1}})
	}
	return marshal(map[string]any{"code": strings.ToLower(table.CodeName(codes.Code(m.GetCode()))), "message": m.GetMessage(), "details": list})
}

func headers(m *spb.Status, prefix string) string {
	return prefix + "grpc-status: " + strconv.Itoa(int(m.GetCode())) + "\n" + prefix + "grpc-message: " + url.PathEscape(m.GetMessage()) + "\n" +
		prefix + "grpc-status-details-bin: " + base64.RawStdEncoding.EncodeToString(binary(m)) + "\n" + prefix + "grpc-retry-pushback-ms: -1\n"
}

// webBody returns the body of a response of gRPC-Web in base64. The padding of
// the first part stays in the middle.
func webBody(m *spb.Status, data bool) string {
	trailers := strings.ReplaceAll(headers(m, ""), "\n", "\r\n")
	frame := func(flag byte, content string) string {
		size := len(content)
		return base64.StdEncoding.EncodeToString(append([]byte{flag, byte(size >> 24), byte(size >> 16), byte(size >> 8), byte(size)}, content...))
	}
	if data {
		return frame(0, "a reply") + frame(0x80, trailers)
	}
	return frame(0x80, trailers)
}

func http2debug(m *spb.Status) string {
	var b strings.Builder
	for line := range strings.Lines(headers(m, "")) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		fmt.Fprintf(&b, "2026/11/26 10:00:00 http2: decoded hpack field header field %q = %q\n", name, value)
	}
	return b.String()
}

func grpcurl(m *spb.Status) string {
	var b strings.Builder
	fmt.Fprintf(&b, "ERROR:\n  Code: %v\n  Message: %s\n", codes.Code(m.GetCode()), m.GetMessage())
	for i, detail := range details(m) {
		if i == 0 {
			b.WriteString("  Details:\n")
		}
		fmt.Fprintf(&b, "  %d)\t%s\n", i+1, strings.ReplaceAll(indent(string(detail)), "\n", "\n    \t"))
	}
	return b.String()
}
