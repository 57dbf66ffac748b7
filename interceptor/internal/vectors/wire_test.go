package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// The headers of a failed call, in the form in which net/http reads them.
const (
	statusHeader   = "Grpc-Status"
	messageHeader  = "Grpc-Message"
	detailsHeader  = "Grpc-Status-Details-Bin"
	pushbackHeader = "Grpc-Retry-Pushback-Ms"
)

const goldenFile = "wire.golden.json"

// wireGolden contains the bytes that a release sends.
type wireGolden struct {
	Release string      `json:"release"`
	Sent    []wireBytes `json:"sent"`
}

// wireBytes are the headers of a failed call byte for byte, and what the client
// of the release reads from them.
type wireBytes struct {
	Name     string `json:"name"`
	Status   string `json:"grpc-status"`
	Message  string `json:"grpc-message"` // percent-encoded
	Details  string `json:"grpc-status-details-bin"`
	Pushback string `json:"grpc-retry-pushback-ms"`
	Read     string `json:"read"`
}

// TestWireBytesOfTheRelease compares what a server of grpc-go sends with the
// bytes of the release, without any normal form: code tables of other versions
// and languages read these bytes. make golden-wire accepts other bytes for a
// release that is not yet published.
func TestWireBytesOfTheRelease(t *testing.T) {
	t.Parallel()
	sent := sendAll(t)
	for i, facts := range readAll(t, sent) {
		sent[i].Read = facts
	}
	if release := os.Getenv("CODETABLE_GOLDEN_WIRE"); release != "" {
		writeGolden(t, wireGolden{release, sent})
		return
	}
	golden := readGolden(t)
	byName := func(list []wireBytes) map[string]wireBytes {
		m := map[string]wireBytes{}
		for _, w := range list {
			m[w.Name] = w
		}
		return m
	}
	if diff := cmp.Diff(byName(golden.Sent), byName(sent)); diff != "" {
		t.Errorf("the bytes on the wire are not those of release %s. If that is intended: make golden-wire RELEASE=vX.Y.Z, as CONTRIBUTING says (-release +sent):\n%s", golden.Release, diff)
	}
}

// The client reads the committed bytes to the committed facts, and the bytes of
// a vector to the reading of the vector.
func TestWireBytesAreReadAsInTheRelease(t *testing.T) {
	t.Parallel()
	golden := readGolden(t)
	conn := serveHeaders(t, func(i int) map[string]string { return golden.Sent[i].headers() })
	readings := map[string]map[string]any{}
	for _, v := range vectors(t) {
		readings[v.Name] = v.Reading
	}
	compared := 0
	for i, w := range golden.Sent {
		err := invoke(t.Context(), conn, i)
		if got := factsOf(err); got != w.Read {
			t.Errorf("%s: read %q, the release reads %q", w.Name, got, w.Read)
		}
		if want, ok := readings[w.Name]; ok {
			compared++
			if diff := cmp.Diff(want, readingOf(t, err, want)); diff != "" {
				t.Errorf("%s: reading (-want +got):\n%s", w.Name, diff)
			}
		}
	}
	if compared < 100 {
		t.Errorf("%d readings were compared", compared)
	}
}

func (w wireBytes) headers() map[string]string {
	headers := map[string]string{statusHeader: w.Status, messageHeader: w.Message, detailsHeader: w.Details, pushbackHeader: w.Pushback}
	for name, value := range headers {
		if value == "" {
			delete(headers, name)
		}
	}
	return headers
}

func invoke(ctx context.Context, conn *grpc.ClientConn, i int) error {
	return conn.Invoke(ctx, "/vectors.Vectors/"+strconv.Itoa(i), &emptypb.Empty{}, &emptypb.Empty{})
}

// readAll returns the facts that a client reads from the bytes.
func readAll(t *testing.T, sent []wireBytes) []string {
	t.Helper()
	conn := serveHeaders(t, func(i int) map[string]string { return sent[i].headers() })
	facts := make([]string, len(sent))
	for i := range sent {
		facts[i] = factsOf(invoke(t.Context(), conn, i))
	}
	return facts
}

// factsOf returns what a caller can decide by.
func factsOf(err error) string {
	if e, ok := codetable.FromError(err); ok {
		return fmt.Sprintf("%d %s %s %v, %v, listed %t", e.Number(), e.Reason(), e.Domain(), e.Fault(), adviceOf(e.Retry()), e.Spec().Listed())
	}
	if mask, ok := codetable.Masked(err); ok {
		return fmt.Sprintf("masked %s, %v", mask.RequestID(), adviceOf(mask.Retry()))
	}
	return "no code"
}

func readGolden(t *testing.T) (golden wireGolden) {
	t.Helper()
	if err := json.Unmarshal(read(t, goldenFile), &golden); err != nil || len(golden.Sent) < 300 {
		t.Fatalf("%d wire bytes: %v", len(golden.Sent), err)
	}
	return golden
}

// writeGolden writes the bytes of a release. Those of a published release are
// never changed.
func writeGolden(t *testing.T, golden wireGolden) {
	t.Helper()
	if err := mayAccept(golden.Release, read(t, "../../../../../CHANGELOG.md")); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(golden); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(folder+goldenFile, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Logf("wrote the bytes of %d failed calls for release %s", len(golden.Sent), golden.Release)
}

// mayAccept refuses a release that the changelog has as published.
func mayAccept(release string, changelog []byte) error {
	if !regexp.MustCompile(`^v\d+\.\d+\.\d+$`).MatchString(release) {
		return fmt.Errorf("release %q: want vX.Y.Z", release)
	}
	if bytes.Contains(changelog, []byte("\n## ["+release[1:]+"]")) {
		return fmt.Errorf("release %s is published: its bytes can't change. Name the next release", release)
	}
	return nil
}

func TestBytesOfAPublishedReleaseCannotChange(t *testing.T) {
	t.Parallel()
	changelog := []byte("# Changelog\n\n## [Unreleased]\n\n## [0.2.0] - 2027-01-01\n\n## [0.1.0] - 2026-12-01\n")
	for release, accepted := range map[string]bool{"v0.3.0": true, "v0.2.0": false, "v0.1.0": false, "0.3.0": false, "v1": false, "true": false} {
		if err := mayAccept(release, changelog); (err == nil) != accepted {
			t.Errorf("%s: %v, want accepted = %t", release, err, accepted)
		}
	}
}
