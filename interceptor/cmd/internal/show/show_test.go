package show_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/find"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/show"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/source"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/term"
)

func linked(tb testing.TB, lang string) []show.Code {
	tb.Helper()
	set, err := source.Flags{}.Load(tb.Context(), nil)
	if err != nil {
		tb.Fatal(err)
	}
	return show.Codes(set, find.Codes(set), lang)
}

// Lines fit the terminal, also with characters of two columns.
func TestListFitsTerminal(t *testing.T) {
	t.Parallel()
	var whole, cut bytes.Buffer
	codes := linked(t, "zh-CN")
	show.List(&whole, false, codes, 0)
	show.List(&cut, false, codes, 90)
	if strings.Count(whole.String(), "\n") != strings.Count(cut.String(), "\n") {
		t.Error("the cut list has another number of lines")
	}
	if !strings.Contains(cut.String(), "…") {
		t.Error("no line is cut")
	}
	for line := range strings.Lines(cut.String()) {
		if columns := term.Width(strings.TrimSuffix(line, "\n")); columns > 90 {
			t.Errorf("%d columns: %s", columns, line)
		}
	}
}

// Each code of a table has what people need; only failures have advice.
func TestCodes(t *testing.T) {
	t.Parallel()
	masked := 0
	for _, c := range linked(t, "") {
		switch failed := c.GRPCCode != "OK"; {
		case failed != (c.Public != nil), failed != (c.StatusBytes > 0), failed != (c.Retry.Action != ""):
			t.Errorf("%s: public %v, %d bytes, retry %v", c.Reason, c.Public, c.StatusBytes, c.Retry)
		case failed && c.Public.Masked != (c.Fault == "OPERATOR"):
			t.Errorf("%s: masked %t, fault %s", c.Reason, c.Public.Masked, c.Fault)
		case (c.Retry.Window != "") != (c.NextWindow != ""):
			t.Errorf("%s: window %q, next %q", c.Reason, c.Retry.Window, c.NextWindow)
		case failed && c.Public.Masked:
			masked++
		}
	}
	if masked == 0 {
		t.Error("no code is masked")
	}
}
