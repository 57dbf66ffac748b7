package cli_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/cli"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/term"
)

// The page of each command has the same sections and fits a terminal.
func TestHelpPages(t *testing.T) {
	t.Parallel()
	pages := checkPage(t)
	if pages < 8 {
		t.Errorf("%d pages", pages)
	}
}

// checkPage checks the page of a command and of its subcommands, and returns
// their number.
func checkPage(t *testing.T, command ...string) (pages int) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if exit := cli.Main(append(command, "--help"), nil, &stdout, &stderr); exit != 0 {
		t.Fatalf("%s: exit status %d: %s", command, exit, &stderr)
	}
	page := "\n" + stdout.String()
	sections := []string{"NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXAMPLES"}
	if len(command) > 0 {
		sections = append(sections, "EXIT STATUS")
	}
	for _, section := range sections {
		if !strings.Contains(page, "\n"+section+"\n    ") {
			t.Errorf("%s: the page lacks %s", command, section)
		}
	}
	for line := range strings.Lines(page) {
		if columns := term.Width(strings.TrimSpace(line)); columns > 100 {
			t.Errorf("%s: a line has %d columns: %s", command, columns, line)
		}
	}
	_, examples, _ := strings.Cut(page, "\nEXAMPLES\n")
	examples, _, _ = strings.Cut(examples, "\n\n")
	for line := range strings.Lines(examples) {
		if !strings.Contains(line, "codetable ") || strings.HasPrefix(line, "     ") {
			t.Errorf("%s: an example that is no line of a shell: %s", command, line)
		}
	}
	if strings.Contains(strings.ToLower(strings.ReplaceAll(page, "EXIT STATUS\n", "")), "\n    exit status") {
		t.Errorf("%s: the description has exit statuses", command)
	}
	pages = 1
	_, subcommands, _ := strings.Cut(page, "\nCOMMANDS\n")
	subcommands, _, _ = strings.Cut(subcommands, "\n\n")
	for line := range strings.Lines(subcommands) {
		name := strings.Fields(line)[0]
		pages += checkPage(t, append(slices.Clip(command), name)...)
	}
	return pages
}
