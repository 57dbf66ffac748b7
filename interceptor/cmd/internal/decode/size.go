package decode

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"strconv"

	"google.golang.org/protobuf/proto"

	"github.com/codetable/grpc-codetable/interceptor/internal/text"
)

const (
	// budget is the default of interceptor.WithDetailBudget.
	budget = 4 << 10
	// peerLimit is the size of the header list that many peers accept.
	peerLimit = 8 << 10
)

// Size is what a status needs on the wire.
type Size struct {
	Status       int  `json:"status"`            // of the serialized google.rpc.Status
	Exact        bool `json:"exact"`             // false: computed from another form
	Partial      bool `json:"partial,omitempty"` // the text need not have all details
	Budget       int  `json:"budget"`
	WithinBudget bool `json:"withinBudget"`
	Headers      int  `json:"headers"` // of the header list
	PeerLimit    int  `json:"peerLimit"`
	FitsPeer     bool `json:"fitsPeer"`
}

func sizeOf(f *Found) Size {
	size := cmp.Or(f.Size, proto.Size(f.Status))
	headers := headerList(f, size)
	return Size{size, f.Size > 0, f.partial, budget, size <= budget, headers, peerLimit, headers <= peerLimit}
}

// headerList returns the size of the headers of a response without a message,
// as HTTP/2 counts it (RFC 9113, section 6.5.2): each header costs its name,
// its value and 32 bytes. The message is sent twice: percent-encoded, and in
// the status.
func headerList(f *Found, size int) int {
	header := func(name string, value int) int {
		const overhead = 32
		return len(name) + value + overhead
	}
	total := header(":status", len("200")) + header("content-type", len("application/grpc")) +
		header("grpc-status", len(strconv.Itoa(int(f.Status.GetCode())))) +
		header("grpc-message", text.EncodedLen(f.Status.GetMessage()))
	if len(f.Status.GetDetails()) > 0 {
		total += header("grpc-status-details-bin", base64.RawStdEncoding.EncodedLen(size))
	}
	for _, value := range f.Response.Pushback {
		total += header("grpc-retry-pushback-ms", len(value))
	}
	return total
}

func (s Size) String() string {
	about, budget, peer := "", "within", "fits"
	switch {
	case s.Partial:
		about = "at least "
	case !s.Exact:
		about = "about "
	}
	if !s.WithinBudget {
		budget = "OVER"
	}
	if !s.FitsPeer {
		peer = "does NOT fit"
	}
	return fmt.Sprintf("%s%d bytes, %s the default budget of %d; headers of %d bytes, which %s a peer that accepts %d",
		about, s.Status, budget, s.Budget, s.Headers, peer, s.PeerLimit)
}
