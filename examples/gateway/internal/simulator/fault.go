package simulator

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"net/http"
	"time"
)

// faults are the ways to damage or lose a reply. The call is answered first, so that
// its token is spent.
var faults = []string{"gzip", "hang", "html502", "latency", "mediatype", "reset", "slow", "truncated"}

const badGateway = `<html>
<head><title>502 Bad Gateway</title></head>
<body><h1>502 Bad Gateway</h1></body>
</html>
`

// deliver sends a reply, with a fault unless that is "".
func (s *Simulator) deliver(w http.ResponseWriter, r *http.Request, body reply, fault string) {
	status := http.StatusOK
	if s.config.NativeStatus {
		status = body.status
	}
	// HTTP requires these headers with these statuses.
	switch status {
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", `Basic realm="simulator", charset="UTF-8"`)
	case http.StatusMethodNotAllowed:
		w.Header().Set("Allow", http.MethodPost)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	text, _ := json.Marshal(body) // a reply can be marshalled
	s.send(w, r, status, append(text, '\n'), fault)
}

func (s *Simulator) send(w http.ResponseWriter, r *http.Request, status int, text []byte, fault string) {
	switch fault {
	case "latency":
		s.pause(w, r, s.config.Latency)
	case "hang":
		s.pause(w, r, s.config.HangLimit)
		reset(w)
	case "reset":
		reset(w)
	case "slow":
		w.WriteHeader(status)
		for i := range text {
			s.pause(w, r, s.config.Trickle)
			_, _ = w.Write(text[i : i+1])
			_ = http.NewResponseController(w).Flush() // only a recorder can't flush
		}
		return
	case "truncated":
		text = text[:len(text)/2] // the JSON is cut, but not the HTTP transfer
	case "html502":
		w.Header().Set("Content-Type", "text/html")
		status, text = http.StatusBadGateway, []byte(badGateway)
	case "mediatype":
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
	case "gzip":
		var packed bytes.Buffer
		zip := gzip.NewWriter(&packed)
		_, _ = zip.Write(text) // a buffer can be written to
		_ = zip.Close()
		w.Header().Set("Content-Encoding", "gzip")
		text = packed.Bytes()
	}
	w.WriteHeader(status)
	_, _ = w.Write(text) // the client may have left
}

// pause waits for d. If the client leaves before, it ends the call. It lifts the
// server's deadline for the reply, since a fault has limits of its own.
func (s *Simulator) pause(w http.ResponseWriter, r *http.Request, d time.Duration) {
	_ = http.NewResponseController(w).SetWriteDeadline(time.Time{}) // only a recorder has none
	select {
	case <-time.After(d):
	case <-r.Context().Done():
		reset(w)
	}
}

// reset ends the call by a panic that net/http expects. It closes the connection by a
// reset of TCP. net/http resets what can't be hijacked, such as an HTTP/2 stream.
func reset(w http.ResponseWriter) {
	if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
		if tcp, ok := conn.(interface{ SetLinger(seconds int) error }); ok {
			_ = tcp.SetLinger(0) // without it the connection ends without a reset
		}
		_ = conn.Close()
	}
	panic(http.ErrAbortHandler)
}
