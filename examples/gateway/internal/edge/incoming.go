package edge

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"

	"connectrpc.com/connect"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
)

// maxLanguages bounds Accept-Language, since matching costs more than linear
// time. No browser sends as much.
const maxLanguages = 128

// limitLanguages cuts Accept-Language to the first languages of the list.
func limitLanguages(header http.Header) {
	list := strings.Join(header["Accept-Language"], ",")
	if len(list) > maxLanguages {
		list = list[:maxLanguages+1]
		header.Set("Accept-Language", list[:max(0, strings.LastIndexByte(list, ','))])
	}
}

// incoming returns the context of a call that arrives by HTTP, as a gRPC server
// makes it of one that arrives by gRPC.
func incoming(ctx context.Context, r *http.Request, c *call) (context.Context, error) {
	md, err := metadataOf(r)
	if err != nil {
		return nil, err
	}
	from := &peer.Peer{}
	if addr, err := netip.ParseAddrPort(r.RemoteAddr); err == nil { // always so for a listener of TCP
		from.Addr = net.TCPAddrFromAddrPort(addr)
	}
	if r.TLS != nil {
		from.AuthInfo = credentials.TLSInfo{
			State: *r.TLS, CommonAuthInfo: credentials.CommonAuthInfo{SecurityLevel: credentials.PrivacyAndIntegrity},
		}
	}
	ctx = metadata.NewIncomingContext(peer.NewContext(ctx, from), md)
	return grpc.NewContextWithServerTransportStream(ctx, c), nil
}

// reserved are the headers that speak of the request itself, or of the
// connection. They are no metadata, and neither is what begins with Grpc- or
// Connect-.
var reserved = map[string]bool{
	"Accept-Encoding": true, "Connection": true, "Content-Encoding": true, "Content-Length": true, "Host": true,
	"Keep-Alive": true, "Te": true, "Trailer": true, "Transfer-Encoding": true, "Upgrade": true, serverTimeout: true,
}

func metadataOf(r *http.Request) (metadata.MD, error) {
	md := make(metadata.MD, len(r.Header)+1)
	md[":authority"] = []string{r.Host}
	for name, values := range r.Header {
		if reserved[name] || strings.HasPrefix(name, "Grpc-") || strings.HasPrefix(name, "Connect-") {
			continue
		}
		if !strings.HasSuffix(name, "-Bin") {
			md[strings.ToLower(name)] = values
			continue
		}
		for value := range strings.SplitSeq(strings.Join(values, ","), ",") {
			raw, err := connect.DecodeBinaryHeader(strings.TrimSpace(value))
			if err != nil {
				return nil, &refusedError{"header", status.Error(codes.InvalidArgument, "a header whose name ends in -bin is not base64")}
			}
			md.Append(name, string(raw))
		}
	}
	return md, nil
}

// call is what a method and its interceptors see of the transport. It implements
// [grpc.ServerTransportStream].
type call struct {
	method string

	mu              sync.Mutex
	header, trailer http.Header
}

func newCall(m method) *call {
	return &call{method: m.name, header: http.Header{}, trailer: http.Header{}}
}

// Method implements [grpc.ServerTransportStream].
func (c *call) Method() string { return c.method }

// SetHeader implements [grpc.ServerTransportStream].
func (c *call) SetHeader(md metadata.MD) error { return c.add(c.header, md) }

// SendHeader implements [grpc.ServerTransportStream]. The header leaves with the
// first message.
func (c *call) SendHeader(md metadata.MD) error { return c.add(c.header, md) }

// SetTrailer implements [grpc.ServerTransportStream].
func (c *call) SetTrailer(md metadata.MD) error { return c.add(c.trailer, md) }

func (c *call) add(to http.Header, md metadata.MD) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for name, values := range md {
		for _, value := range values {
			if strings.HasSuffix(name, "-bin") {
				value = connect.EncodeBinaryHeader([]byte(value))
			}
			to.Add(name, value)
		}
	}
	return nil
}
