package soak

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"strings"
	"testing"
)

// TestCommand runs the command with flags.
func TestCommand(t *testing.T) { //nolint:paralleltest // as TestSoak
	for name, test := range map[string]struct { //nolint:paralleltest // as TestSoak
		args                   []string
		code                   int
		inOutput, inErrorsText string
	}{
		"help":               {[]string{"-help"}, exitOK, "-workers", ""},
		"unknown flag":       {[]string{"-what"}, exitUsage, "", "-what"},
		"argument":           {[]string{"what"}, exitUsage, "", `unexpected argument "what"`},
		"no workers":         {[]string{"-workers", "0"}, exitUsage, "", "-workers must be at least 1"},
		"negative rate":      {[]string{"-rate", "-1"}, exitUsage, "", "-rate must not be negative"},
		"no time":            {[]string{"-duration", "0s"}, exitUsage, "", "-round and -duration must be positive"},
		"one call":           {[]string{"-seed", "9", "-first", "4", "-calls", "1"}, exitOK, "with seed 9,", "1 calls"},
		"a time, at a rate":  {[]string{"-duration", "1ms", "-rate", "1", "-workers", "1"}, exitOK, " 1 calls in ", "seed"},
		"rounds in the time": {[]string{"-duration", "200ms", "-round", "10ms", "-workers", "1"}, exitOK, "goroutines at the end", "goroutines"},
	} {
		t.Run(name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			if code := command(t.Context(), test.args, &stdout, &stderr); code != test.code {
				t.Errorf("exit code %d, want %d", code, test.code)
			}
			if !strings.Contains(stdout.String(), test.inOutput) || !strings.Contains(stderr.String(), test.inErrorsText) {
				t.Errorf("want %q in the output and %q in the errors:\n%s\n%s", test.inOutput, test.inErrorsText, &stdout, &stderr)
			}
		})
	}
}

// TestCommand_json reads the report of the command.
func TestCommand_json(t *testing.T) { //nolint:paralleltest // as TestSoak
	var stdout, stderr bytes.Buffer
	if code := command(t.Context(), []string{"-seed", "3", "-calls", "40", "-json"}, &stdout, &stderr); code != exitOK {
		t.Fatalf("exit code %d:\n%s", code, &stderr)
	}
	decoder := json.NewDecoder(&stdout)
	decoder.DisallowUnknownFields()
	var report Report
	if err := decoder.Decode(&report); err != nil {
		t.Fatal(err)
	}
	if !report.OK || report.Seed != 3 || len(report.Checks) < 10 {
		t.Errorf("the report is %+v, want ten checks of seed 3 without a fault", report)
	}
}

// endsAt ends a run at the line of the first round, as a signal does.
type endsAt struct {
	bytes.Buffer
	end func()
}

func (w *endsAt) Write(p []byte) (int, error) {
	if strings.Contains(string(p), " calls ") {
		w.end()
	}
	return w.Buffer.Write(p)
}

// TestCommand_signal ends the command early: it still reports what it found.
func TestCommand_signal(t *testing.T) { //nolint:paralleltest // as TestSoak
	ended, endNow := context.WithCancel(t.Context())
	endNow()
	if code := command(ended, nil, io.Discard, io.Discard); code != exitFailed {
		t.Errorf("exit code %d of a run without calls, want %d", code, exitFailed)
	}
	ctx, end := context.WithCancel(t.Context())
	defer end()
	stderr := &endsAt{end: end}
	var stdout bytes.Buffer
	if code := command(ctx, []string{"-calls", "1000000", "-round", "10ms", "-workers", "2", "-seed", "1"}, &stdout, stderr); code != exitOK {
		t.Errorf("exit code %d, want 0:\n%s", code, stderr)
	}
	if !strings.Contains(stdout.String(), "lost codes") {
		t.Errorf("no report:\n%s", &stdout)
	}
}
