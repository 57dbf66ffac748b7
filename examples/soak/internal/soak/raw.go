package soak

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/codetable/grpc-codetable/examples/soak/internal/plan"
	"github.com/codetable/grpc-codetable/examples/soak/internal/system"
)

// raw is a client of one route that speaks HTTP/2 without gRPC, so that it sends
// any header.
type raw struct {
	*http.Transport
	url string
}

func newRaw(s *system.System, route plan.Route) *raw {
	transport, address := s.Raw(route)
	return &raw{transport, address + pb.TestService_UnaryCall_FullMethodName}
}

// call makes a call with an empty message.
func (r *raw) call(ctx context.Context, p plan.Plan) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.url, bytes.NewReader(make([]byte, 5)))
	if err != nil {
		return err
	}
	req.Header = http.Header{
		"Content-Type": {"application/grpc"}, "Te": {"trailers"}, system.CallKey: {strconv.FormatUint(p.ID, 10)},
		"Accept-Language": p.Languages, "Grpcgateway-Accept-Language": {"\xff"}, "Grpc-Retry-Pushback-Ms": {"\xff"},
		"Grpc-Previous-Rpc-Attempts": {"-"}, "Grpc-Status-Details-Bin": {"AAAA"},
	}
	reply, err := r.RoundTrip(req)
	if err != nil {
		return err
	}
	defer reply.Body.Close()
	if _, err := io.Copy(io.Discard, reply.Body); err != nil {
		return err
	}
	if reply.Trailer.Get("Grpc-Status") == "" {
		return errorIn(reply.Header) // an error without a message is in the header
	}
	return errorIn(reply.Trailer)
}

// errorIn returns the error that a trailer contains.
func errorIn(trailer http.Header) error {
	code, err := strconv.ParseInt(trailer.Get("Grpc-Status"), 10, 32)
	if err != nil {
		return err // strconv names the text
	}
	message := &spb.Status{Code: int32(code), Message: trailer.Get("Grpc-Message")}
	if details := trailer.Get("Grpc-Status-Details-Bin"); details != "" {
		bytes, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(details, "="))
		if err != nil {
			return err
		}
		if err := proto.Unmarshal(bytes, message); err != nil {
			return err
		}
		if message.GetCode() != int32(code) {
			return errors.New("the trailer contradicts itself")
		}
	}
	return status.FromProto(message).Err()
}
