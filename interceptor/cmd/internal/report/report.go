// Package report writes findings in the formats of buf, so that tools which
// read the output of buf lint read this output too.
package report

import (
	"cmp"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/term"
)

// The formats, as buf names them. In CI, JUnit suits a report of tests, and
// GitHubActions puts each finding beside its line.
const (
	Text          = "text"
	JSON          = "json"
	JUnit         = "junit"
	GitHubActions = "github-actions"
)

// Finding is one fault at one place. The JSON keys are those of buf.
type Finding struct {
	Path        string `json:"path"`
	StartLine   int    `json:"start_line"`
	StartColumn int    `json:"start_column"`
	EndLine     int    `json:"end_line"`
	EndColumn   int    `json:"end_column"`
	Rule        string `json:"type"`
	Message     string `json:"message"`
}

// New returns a finding at a descriptor in the file at path. If the descriptor
// has no source location, the place is the begin of the file.
func New(path string, at protoreflect.Descriptor, rule, message string) Finding {
	location := at.ParentFile().SourceLocations().ByDescriptor(at)
	return Finding{
		Path:        term.Safe(path),
		StartLine:   location.StartLine + 1,
		StartColumn: location.StartColumn + 1,
		EndLine:     location.EndLine + 1,
		EndColumn:   location.EndColumn + 1,
		Rule:        rule,
		Message:     term.Safe(message),
	}
}

// String returns the finding as buf writes it in text.
func (f Finding) String() string {
	return fmt.Sprintf("%s:%d:%d:%s", f.Path, f.StartLine, f.StartColumn, f.Message)
}

// Sort sorts findings by their places, rules and messages.
func Sort(findings []Finding) {
	slices.SortFunc(findings, func(a, b Finding) int {
		return cmp.Or(
			cmp.Compare(a.Path, b.Path),
			cmp.Compare(a.StartLine, b.StartLine),
			cmp.Compare(a.StartColumn, b.StartColumn),
			cmp.Compare(a.Rule, b.Rule),
			cmp.Compare(a.Message, b.Message),
		)
	})
}

// Write writes sorted findings. It writes nothing if there are none.
func Write(w io.Writer, format string, findings []Finding) error {
	if len(findings) == 0 {
		return nil
	}
	switch format {
	case JSON:
		return writeJSON(w, findings)
	case JUnit:
		return writeJUnit(w, findings)
	case GitHubActions:
		return writeLines(w, findings, gitHubCommand)
	default:
		return writeLines(w, findings, Finding.String)
	}
}

func writeLines(w io.Writer, findings []Finding, line func(Finding) string) error {
	for _, f := range findings {
		if _, err := fmt.Fprintln(w, line(f)); err != nil {
			return err
		}
	}
	return nil
}

// writeJSON writes one object on each line. Like buf it escapes <, > and &.
func writeJSON(w io.Writer, findings []Finding) error {
	encoder := json.NewEncoder(w)
	for _, f := range findings {
		if err := encoder.Encode(f); err != nil {
			return err
		}
	}
	return nil
}

var (
	escapeMessage  = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	escapeProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// gitHubCommand returns a workflow command of GitHub Actions. A message must
// not end the command, or begin another one.
func gitHubCommand(f Finding) string {
	return fmt.Sprintf("::error file=%s,line=%d,col=%d,endLine=%d,endColumn=%d::%s",
		escapeProperty.Replace(f.Path), f.StartLine, f.StartColumn, f.EndLine, f.EndColumn, escapeMessage.Replace(f.Message))
}

type suites struct {
	XMLName xml.Name `xml:"testsuites"`
	Suites  []*suite `xml:"testsuite"`
}

type suite struct {
	Name     string     `xml:"name,attr"`
	Tests    int        `xml:"tests,attr"`
	Failures int        `xml:"failures,attr"`
	Errors   int        `xml:"errors,attr"`
	Cases    []testCase `xml:"testcase"`
}

type testCase struct {
	Name    string  `xml:"name,attr"`
	Failure failure `xml:"failure"`
}

type failure struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
}

// writeJUnit writes one suite for each file.
func writeJUnit(w io.Writer, findings []Finding) error {
	var all suites
	var last *suite
	for _, f := range findings {
		if name := strings.TrimSuffix(f.Path, ".proto"); last == nil || last.Name != name {
			last = &suite{Name: name}
			all.Suites = append(all.Suites, last)
		}
		last.Tests++
		last.Failures++
		last.Cases = append(last.Cases, testCase{
			Name:    fmt.Sprintf("%s_%d_%d", f.Rule, f.StartLine, f.StartColumn),
			Failure: failure{Message: f.String(), Type: f.Rule},
		})
	}
	encoder := xml.NewEncoder(w)
	encoder.Indent("", "  ")
	if err := encoder.Encode(all); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w)
	return err
}
