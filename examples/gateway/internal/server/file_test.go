package server

import (
	"bytes"
	"flag"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
)

const example = "../../gateway.example.yaml"

func flagsOf(s *settings) *flag.FlagSet {
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	s.define(flags)
	return flags
}

// TestExampleFile holds that the example is what happens without it, and that
// it leaves no setting out.
func TestExampleFile(t *testing.T) {
	t.Parallel()
	with, err := parse([]string{"-config", example}, variables{}.get, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	without, err := parse(nil, variables{}.get, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	// The default of these is not in the settings, but in the packages.
	with.file, with.config.PhonePattern = "", ""
	noKey := cmpopts.IgnoreFields(gateway.Config{}, "PhoneKey", "UpstreamCAs") // nil ones cannot be compared
	if diff := cmp.Diff(without, with, cmp.AllowUnexported(settings{}), noKey); diff != "" {
		t.Errorf("settings (-without +with the example):\n%s", diff)
	}

	text, err := os.ReadFile(example)
	if err != nil {
		t.Fatal(err)
	}
	whole := regexp.MustCompile(`(?m)^# ([a-z-]+: \S)`).ReplaceAll(text, []byte("$1"))
	path := write(t, string(whole))
	flags := flagsOf(new(settings))
	values, err := readSettings(path, flags)
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	flags.VisitAll(func(f *flag.Flag) {
		if f.Name != "config" {
			want = append(want, f.Name)
		}
	})
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(values))); diff != "" {
		t.Errorf("settings (-flags +example):\n%s", diff)
	}
	for name, value := range values {
		if err := flags.Set(name, value.text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPrecedence(t *testing.T) {
	t.Parallel()
	file := write(t, "app-key: of-the-file\nupstream-url: https://api.example\nlog-level: debug\n")
	tests := []struct {
		name, flag, variable, want string
	}{
		{"the file", "", "", "of-the-file"},
		{"the environment over the file", "", "of-the-environment", "of-the-environment"},
		{"a flag over both", "of-a-flag", "of-the-environment", "of-a-flag"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			args := []string{}
			if tt.flag != "" {
				args = append(args, "-app-key", tt.flag)
			}
			set, err := parse(args, variables{"JVERIFICATION_CONFIG": file, "JVERIFICATION_APP_KEY": tt.variable}.get, io.Discard)
			if err != nil {
				t.Fatal(err)
			}
			if got := set.config.AppKey; got != tt.want || set.logLevel.String() != "DEBUG" {
				t.Errorf("app key = %q, log level %v; want %q and the level of the file", got, set.logLevel, tt.want)
			}
		})
	}
}

// TestFileErrors wants the place, the setting and the remedy, and no secret.
func TestFileErrors(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"misspelt", "addr: a\nupstream_url: b\n", ":2: upstream_url is not a setting"},
		{"a secret", "master-secret: " + secret, ":1: master-secret is not a setting; see -help, and keep secrets"},
		{"another file", "config: x", ":1: config is not a setting"},
		{"twice", "grace: 1s\ngrace: 2s\n", ":2: grace is set twice"},
		{"no value", "grace:\n", ":1: grace needs one value"},
		{"two values", "grace: [1s, 2s]\n", ":1: grace needs one value"},
		{"another type", "\nrisk-attempts: many\n", `:2: risk-attempts: invalid value "many"`},
		{"too little", "timeout: 0s\n", ":1: timeout: invalid value \"0s\": set it to more than 0"},
		{"no settings", "- a\n", ":1: want lines such as"},
		{"no YAML", "a: b: c\n", "mapping values are not allowed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			if got := run(t.Context(), []string{"-config", write(t, tt.text)}, variables{}.get, &stdout, &stderr); got != exitUsage {
				t.Errorf("exit code = %d, want %d", got, exitUsage)
			}
			if got := stderr.String(); !strings.Contains(got, tt.want) || strings.Contains(got, secret) {
				t.Errorf("stderr = %s, want %s", got, tt.want)
			}
		})
	}
	_, err := parse([]string{"-config", filepath.Join(t.TempDir(), "none")}, variables{}.get, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "-config: open") {
		t.Errorf("no file: %v", err)
	}
}
