package cli_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

func repository() (string, error) { return filepath.Abs("../../../..") }

// exitStatus is the script command "status N command args...": it runs a
// command, which must end with status N. stdout and stderr are as for exec.
func exitStatus(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N command args...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("%s exited with %d, want %d", args[1], got, want)
	}
}

// replace is the script command "replace FROM OLD NEW TO": it writes the file
// FROM to TO with OLD, which it has once, replaced by NEW. In OLD and NEW, \n is
// a line break.
func replace(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: replace FROM OLD NEW TO")
	}
	lines := strings.NewReplacer(`\n`, "\n")
	text, older := ts.ReadFile(args[0]), lines.Replace(args[1])
	if n := strings.Count(text, older); n != 1 {
		ts.Fatalf("%s has %d times %q, want once", args[0], n, older)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[3]), []byte(strings.Replace(text, older, lines.Replace(args[2]), 1)), 0o600))
}
