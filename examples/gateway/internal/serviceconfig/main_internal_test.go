package serviceconfig

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	t.Parallel()
	checkedIn, err := os.ReadFile("../../deploy/service_config.json")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name           string
		args           []string
		code           int
		stdout, stderr string // what is in them
	}{
		{"default", nil, 0, string(checkedIn), ""},
		{"settings", []string{"-upstream-timeout", "2500ms", "-attempts", "4"}, 0, `"timeout": "3.5s"`, ""},
		{"help", []string{"--help"}, 0, "-upstream-timeout", ""},
		{"too many attempts", []string{"-attempts", "6"}, 2, "", "Attempts is 6: want 2 to 5"},
		{"no retry", []string{"-attempts", "0"}, 2, "", "Attempts is 0"},
		{"no time", []string{"-upstream-timeout", "0"}, 2, "", "UpstreamTimeout is 0s"},
		{"unknown flag", []string{"-x"}, 2, "", "-x"},
		{"argument", []string{"x"}, 2, "", `unexpected argument "x"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			if got := run(tt.args, &stdout, &stderr); got != tt.code {
				t.Errorf("exit code = %d, want %d", got, tt.code)
			}
			if !strings.Contains(stdout.String(), tt.stdout) || !strings.Contains(stderr.String(), tt.stderr) {
				t.Errorf("stdout = %s\nstderr = %s", &stdout, &stderr)
			}
			if failed := tt.code != 0; failed != (stdout.Len() == 0) || failed != (stderr.Len() > 0) {
				t.Errorf("%d bytes on stdout, %d on stderr", stdout.Len(), stderr.Len())
			}
		})
	}
}
