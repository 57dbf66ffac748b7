package decode_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"testing"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"

	"github.com/codetable/grpc-codetable/interceptor/internal/table"
	"github.com/codetable/grpc-codetable/interceptor/internal/wire"
)

// encoders write a status in each form that people paste.
var encoders = map[string]func(tb testing.TB, message *spb.Status) string{
	"base64":             func(tb testing.TB, m *spb.Status) string { return base64.StdEncoding.EncodeToString(binary(tb, m)) },
	"base64 unpadded":    func(tb testing.TB, m *spb.Status) string { return base64.RawStdEncoding.EncodeToString(binary(tb, m)) },
	"base64 URL-safe":    func(tb testing.TB, m *spb.Status) string { return base64.RawURLEncoding.EncodeToString(binary(tb, m)) },
	"base64 URL, padded": func(tb testing.TB, m *spb.Status) string { return base64.URLEncoding.EncodeToString(binary(tb, m)) },
	"base64 wrapped": func(tb testing.TB, m *spb.Status) string {
		return wrap(base64.StdEncoding.EncodeToString(binary(tb, m)), 76, "\n")
	},
	"base64 wrapped at 9": func(tb testing.TB, m *spb.Status) string {
		return wrap(base64.StdEncoding.EncodeToString(binary(tb, m)), 9, "\r\n  ")
	},
	"base64 in a query": func(tb testing.TB, m *spb.Status) string {
		return "GET /x?status=" + url.QueryEscape(base64.StdEncoding.EncodeToString(binary(tb, m))) + "&a=1 HTTP/1.1"
	},
	"base64 in a text": func(tb testing.TB, m *spb.Status) string {
		return "call failed, details " + base64.StdEncoding.EncodeToString(binary(tb, m)) + " after 3 tries"
	},
	"hex":         func(tb testing.TB, m *spb.Status) string { return hex.EncodeToString(binary(tb, m)) },
	"hex, upper":  func(tb testing.TB, m *spb.Status) string { return strings.ToUpper(hex.EncodeToString(binary(tb, m))) },
	"hex, spaces": func(tb testing.TB, m *spb.Status) string { return fmt.Sprintf("% x", binary(tb, m)) },
	"hex, colons": func(tb testing.TB, m *spb.Status) string {
		return strings.ReplaceAll(fmt.Sprintf("% x", binary(tb, m)), " ", ":")
	},
	"hex, 0x": func(tb testing.TB, m *spb.Status) string { return "0x" + hex.EncodeToString(binary(tb, m)) },
	"hex, Go": func(tb testing.TB, m *spb.Status) string {
		return strings.ReplaceAll(fmt.Sprintf("{%# x}", binary(tb, m)), " ", ", ")
	},
	"hex, wrapped": func(tb testing.TB, m *spb.Status) string { return wrap(hex.EncodeToString(binary(tb, m)), 60, "\n") },
	"hex, escapes": func(tb testing.TB, m *spb.Status) string {
		return `"\x` + strings.ReplaceAll(fmt.Sprintf("% x", binary(tb, m)), " ", `\x`) + `"`
	},
	"xxd":          func(tb testing.TB, m *spb.Status) string { return xxd(binary(tb, m)) },
	"hexdump -C":   func(tb testing.TB, m *spb.Status) string { return hex.Dump(binary(tb, m)) },
	"Go string":    func(tb testing.TB, m *spb.Status) string { return fmt.Sprintf("value=%q", binary(tb, m)) },
	"Python bytes": func(tb testing.TB, m *spb.Status) string { return "b'" + escape(binary(tb, m)) + "'" },
	"binary":       func(tb testing.TB, m *spb.Status) string { return string(binary(tb, m)) },
	"JSON":         statusJSON,
	"JSON, indented": func(tb testing.TB, m *spb.Status) string {
		return "Error: " + indent(tb, statusJSON(tb, m)) + "\n"
	},
	"AIP-193": envelope,
	"AIP-193 in an array": func(tb testing.TB, m *spb.Status) string {
		return "[" + indent(tb, envelope(tb, m)) + "]"
	},
	"Connect": connectJSON,
	"Connect stream": func(tb testing.TB, m *spb.Status) string {
		return "\x02\x00\x00\x01\x00" + `{"error":` + connectJSON(tb, m) + `,"metadata":{"x":["y"]}}`
	},
	"headers": func(tb testing.TB, m *spb.Status) string { return headers(tb, m, "") },
	"headers of curl": func(tb testing.TB, m *spb.Status) string {
		return "< HTTP/2 200\n< content-type: application/grpc\n" + headers(tb, m, "< ")
	},
	"http2debug": http2debug,
	"grpcurl":    grpcurl,
	"grpcurl -v": func(tb testing.TB, m *spb.Status) string {
		return "Response trailers received:\n" + headers(tb, m, "") + grpcurl(tb, m)
	},
	"Go message":        func(_ testing.TB, m *spb.Status) string { return "failed: " + prototext.MarshalOptions{}.Format(m) },
	"Go message, lines": func(_ testing.TB, m *spb.Status) string { return prototext.Format(m) },
	"logfmt": func(tb testing.TB, m *spb.Status) string {
		return "level=error msg=failed err=" + strconv.Quote(statusJSON(tb, m)) + " n=1"
	},
	"JSON log": func(tb testing.TB, m *spb.Status) string {
		return `{"level":"error","body":` + marshal(tb, "upstream said "+statusJSON(tb, m)) + `}`
	},
	"JSON log in a JSON log": func(tb testing.TB, m *spb.Status) string {
		inner := marshal(tb, map[string]any{"err": map[string]string{"body": statusJSON(tb, m)}})
		return "2026-11-26 app " + marshal(tb, map[string]string{"log": inner})
	},
	"JSON log with headers": func(tb testing.TB, m *spb.Status) string {
		return marshal(tb, map[string]any{"headers": map[string]any{
			"Grpc-Status": []string{strconv.Itoa(int(m.GetCode()))}, "Grpc-Status-Details-Bin": []string{base64.RawStdEncoding.EncodeToString(binary(tb, m))},
		}})
	},
}

func binary(tb testing.TB, m proto.Message) []byte {
	tb.Helper()
	raw, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		tb.Fatal(err)
	}
	return raw
}

func marshal(tb testing.TB, value any) string {
	tb.Helper()
	raw, err := json.Marshal(value)
	if err != nil {
		tb.Fatal(err)
	}
	return string(raw)
}

func indent(tb testing.TB, raw string) string {
	tb.Helper()
	var value any
	if err := json.Unmarshal([]byte(raw), &value); err != nil {
		tb.Fatal(err)
	}
	indented, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		tb.Fatal(err)
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
func details(tb testing.TB, m *spb.Status) []json.RawMessage {
	list := []json.RawMessage{}
	for _, detail := range m.GetDetails() {
		raw, err := protojson.Marshal(detail)
		if err != nil {
			raw = []byte(marshal(tb, map[string]any{"@type": detail.GetTypeUrl(), "value": detail.GetValue()}))
		}
		list = append(list, raw)
	}
	return list
}

func statusJSON(tb testing.TB, m *spb.Status) string {
	return marshal(tb, map[string]any{"code": m.GetCode(), "message": m.GetMessage(), "details": details(tb, m)})
}

func envelope(tb testing.TB, m *spb.Status) string {
	code := codes.Code(m.GetCode())
	return marshal(tb, map[string]any{"error": map[string]any{
		"code": wire.HTTPStatus(code), "message": m.GetMessage(), "status": table.CodeName(code), "details": details(tb, m),
	}})
}

func connectJSON(tb testing.TB, m *spb.Status) string {
	list := []any{}
	for _, detail := range m.GetDetails() {
		name := detail.GetTypeUrl()[strings.LastIndexByte(detail.GetTypeUrl(), '/')+1:]
		list = append(list, map[string]any{"type": name, "value": base64.RawStdEncoding.EncodeToString(detail.GetValue()), "debug": map[string]any{"a": 1}})
	}
	return marshal(tb, map[string]any{"code": strings.ToLower(table.CodeName(codes.Code(m.GetCode()))), "message": m.GetMessage(), "details": list})
}

func headers(tb testing.TB, m *spb.Status, prefix string) string {
	return prefix + "grpc-status: " + strconv.Itoa(int(m.GetCode())) + "\n" + prefix + "grpc-message: " + url.PathEscape(m.GetMessage()) + "\n" +
		prefix + "grpc-status-details-bin: " + base64.RawStdEncoding.EncodeToString(binary(tb, m)) + "\n" + prefix + "grpc-retry-pushback-ms: -1\n"
}

func http2debug(tb testing.TB, m *spb.Status) string {
	var b strings.Builder
	for line := range strings.Lines(headers(tb, m, "")) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		fmt.Fprintf(&b, "2026/11/26 10:00:00 http2: decoded hpack field header field %q = %q\n", name, value)
	}
	return b.String()
}

func grpcurl(tb testing.TB, m *spb.Status) string {
	var b strings.Builder
	fmt.Fprintf(&b, "ERROR:\n  Code: %v\n  Message: %s\n", codes.Code(m.GetCode()), m.GetMessage())
	for i, detail := range details(tb, m) {
		if i == 0 {
			b.WriteString("  Details:\n")
		}
		fmt.Fprintf(&b, "  %d)\t%s\n", i+1, strings.ReplaceAll(indent(tb, string(detail)), "\n", "\n    \t"))
	}
	return b.String()
}
