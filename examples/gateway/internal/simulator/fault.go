package simulator

import (
	"bytes"
	"compress/gzip"
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// fault is a way to damage or lose a reply. The call is answered first, so that its
// token is spent.
type fault string

const (
	noFault        fault = ""
	faultLatency   fault = "latency"
	faultHang      fault = "hang"
	faultReset     fault = "reset"
	faultTruncated fault = "truncated"
	faultHTML502   fault = "html502"
	faultSlow      fault = "slow"
	faultMediaType fault = "mediatype"
	faultGzip      fault = "gzip"
)

// delivery sends a page with a fault.
type delivery func(s *Simulator, w http.ResponseWriter, r *http.Request, p page)

var deliveries = map[fault]delivery{
	noFault:        func(_ *Simulator, w http.ResponseWriter, _ *http.Request, p page) { p.write(w) },
	faultLatency:   (*Simulator).late,
	faultHang:      (*Simulator).hang,
	faultReset:     func(_ *Simulator, w http.ResponseWriter, _ *http.Request, _ page) { reset(w) },
	faultTruncated: truncated,
	faultHTML502:   html502,
	faultSlow:      (*Simulator).trickle,
	faultMediaType: mediaType,
	faultGzip:      gzipped,
}

// faultNames lists the faults for people.
func faultNames() string {
	names := make([]string, 0, len(deliveries))
	for _, f := range slices.Sorted(maps.Keys(deliveries)) {
		if f != noFault {
			names = append(names, string(f))
		}
	}
	return strings.Join(names, ", ")
}

// faultIn reads the fault from fault-KIND.
func faultIn(text string) (fault, bool) {
	kind, ok := strings.CutPrefix(text, "fault-")
	f := fault(kind)
	_, known := deliveries[f]
	return f, ok && known && f != noFault
}

// page is a reply in HTTP.
type page struct {
	status int
	body   []byte
}

func (p page) write(w http.ResponseWriter) {
	w.WriteHeader(p.status)
	_, _ = w.Write(p.body) // the client may have left
}

func (s *Simulator) late(w http.ResponseWriter, r *http.Request, p page) {
	if s.pause(w, r, s.config.Latency) != nil {
		reset(w) // the client has left
		return
	}
	p.write(w)
}

func (s *Simulator) hang(w http.ResponseWriter, r *http.Request, _ page) {
	_ = s.pause(w, r, s.config.HangLimit) // the reply is lost in any case
	reset(w)
}

// trickle sends byte by byte, with a pause before each.
func (s *Simulator) trickle(w http.ResponseWriter, r *http.Request, p page) {
	w.WriteHeader(p.status)
	for i := range p.body {
		if s.pause(w, r, s.config.Trickle) != nil {
			reset(w)
			return
		}
		_, _ = w.Write(p.body[i : i+1])
		_ = http.NewResponseController(w).Flush() // only a recorder can't flush
	}
}

// truncated cuts the JSON, but not the HTTP transfer.
func truncated(_ *Simulator, w http.ResponseWriter, _ *http.Request, p page) {
	p.body = p.body[:len(p.body)/2]
	p.write(w)
}

const badGateway = `<html>
<head><title>502 Bad Gateway</title></head>
<body><h1>502 Bad Gateway</h1></body>
</html>
`

func html502(_ *Simulator, w http.ResponseWriter, _ *http.Request, _ page) {
	w.Header().Set("Content-Type", "text/html")
	page{http.StatusBadGateway, []byte(badGateway)}.write(w)
}

func mediaType(_ *Simulator, w http.ResponseWriter, _ *http.Request, p page) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	p.write(w)
}

// gzipped compresses, whether or not the client accepts it.
func gzipped(_ *Simulator, w http.ResponseWriter, _ *http.Request, p page) {
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	_, _ = zip.Write(p.body) // a buffer can be written to
	_ = zip.Close()
	p.body = packed.Bytes()
	w.Header().Set("Content-Encoding", "gzip")
	p.write(w)
}

// pause waits for d, or until the client leaves. It lifts the server's deadline for
// the reply, since a fault has limits of its own.
func (s *Simulator) pause(w http.ResponseWriter, r *http.Request, d time.Duration) error {
	_ = http.NewResponseController(w).SetWriteDeadline(time.Time{}) // only a recorder has none
	return s.config.Wait(r.Context(), d)
}

// wait is [Config.Wait] by default.
func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// reset closes the connection by a reset of TCP. net/http resets what can't be
// hijacked, such as an HTTP/2 stream.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(interface{ SetLinger(seconds int) error }); ok {
		_ = tcp.SetLinger(0) // without it the connection ends without a reset
	}
	_ = conn.Close()
}
