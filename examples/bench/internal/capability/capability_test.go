package capability_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/codetable/grpc-codetable/examples/bench/internal/capability"
	"github.com/codetable/grpc-codetable/examples/bench/internal/peer"
)

// The tests run with the coming default of grpc-go, as the program does.
func TestMain(m *testing.M) {
	code, ran, err := capability.ComingDefault(context.Background())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if !ran {
		code = m.Run()
	}
	os.Exit(code)
}

// The committed table is what arrives today.
func TestCommittedTable(t *testing.T) {
	t.Parallel()
	want, err := os.ReadFile("../../CAPABILITY.md")
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := capability.Write(t.Context(), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("make bench-capability writes the table anew. Committed -, now +:\n%s", diff)
	}
}

// Whoever writes the table anew must not accept a leak of codetable.
func TestCodetableLeaksNothing(t *testing.T) {
	t.Parallel()
	table, err := os.ReadFile("../../CAPABILITY.md")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	rows := 0
	for line := range strings.Lines(string(table)) {
		cells := strings.Split(strings.Trim(line, "| \n"), " | ")
		switch {
		case len(cells) != len(peer.All())+1:
		case names == nil:
			names = cells
		default:
			rows++
			for i, cell := range cells {
				if strings.Contains(names[i], "codetable") && strings.Contains(cell, "leaked") {
					t.Errorf("%s with %s: %s", cells[0], names[i], cell)
				}
			}
		}
	}
	if want := len(capability.Scenarios()) + 1; rows != want {
		t.Errorf("the table has %d rows, want %d with the line below its head", rows, want)
	}
}

// A trailer leaks as a status does.
func TestLeakInTrailer(t *testing.T) {
	t.Parallel()
	leaking := peer.All()[0]
	start := leaking.Start
	leaking.Start = func(service peer.Service, options peer.Options) (peer.Client, func(), error) {
		unary := service.Unary
		service.Unary = func(ctx context.Context, request *peer.Request) (*peer.Response, error) {
			if err := grpc.SetTrailer(ctx, metadata.Pairs("x-upstream", "9018")); err != nil {
				return nil, err
			}
			return unary(ctx, request)
		}
		return start(service, options)
	}
	for _, scenario := range capability.Scenarios() {
		if scenario.Name != "operator fault at a public boundary" {
			continue
		}
		outcome, err := scenario.Run(t.Context(), leaking)
		if err != nil {
			t.Fatal(err)
		}
		if got := outcome.Cell(); got != "leaked code" {
			t.Errorf("cell %q, want %q", got, "leaked code")
		}
		return
	}
	t.Error("no scenario has a public boundary")
}

// A peer that loses or leaks does not get the cells of the one that it is made of.
func TestFaultyPeer(t *testing.T) {
	t.Parallel()
	good := peer.All()[0]
	faulty := good
	faulty.Failure = func(code peer.Code) error {
		return status.Error(codes.Aborted, fmt.Sprint(peer.FactsOf(code), errors.Unwrap(good.Failure(code))))
	}
	faulty.FailureOf = func(*peer.Facts) error { return status.Error(codes.Aborted, "") }
	faulty.WithCause = func(_, cause error) error { return status.Error(codes.Aborted, cause.Error()) }
	faulty.WithDetail = nil
	faulty.Is = func(_, _ error) bool { return true }
	want := map[string]string{
		"plain failure":                                  "lost status, number, reason, domain, delay, quota",
		"cause, by the library's own function":           "lost all; leaked the private text",
		"joined error of Go, wanted by a trusted caller": "kept",
		"stream error after messages":                    "lost status, number, reason, domain, delay, quota",
		"three hops":                                     "lost status, number, reason, domain, delay, quota",
		"unknown code":                                   "lost all",
		"1 MiB metadata":                                 "lost all",
		"1 MiB metadata, client takes 8 KiB":             "lost all",
		"1 MiB metadata, coming default of grpc-go":      "lost all",
		"invalid UTF-8 in the text":                      "lost all",
		"operator fault at a public boundary":            "leaked code, text",
		"repeatable request under a retry policy":        "lost the retry (1 attempt)",
	}
	for _, scenario := range capability.Scenarios() {
		cell, ok := want[scenario.Name]
		if !ok {
			continue
		}
		t.Run(scenario.Name, func(t *testing.T) {
			t.Parallel()
			outcome, err := scenario.Run(t.Context(), faulty)
			if err != nil {
				t.Fatal(err)
			}
			if got := outcome.Cell(); got != cell {
				t.Errorf("cell %q, want %q", got, cell)
			}
		})
	}
}
