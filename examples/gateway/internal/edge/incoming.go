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

// maxLanguages bounds the bytes of Accept-Language, since matching takes more
// than linear time. Browsers send less.
const maxLanguages = 128

// limitLanguages cuts Accept-Language after the last whole language that fits.
func limitLanguages(header http.Header) {
	list := strings.Join(header["Accept-Language"], ",")
	if len(list) > maxLanguages {
		list = list[:maxLanguages+1]
		header.Set("Accept-Language", list[:max(0, strings.LastIndexByte(list, ','))])
	}
}

// incoming returns the context of a call, with the values that a gRPC server adds:
// metadata, peer and transport stream.
func incoming(ctx context.Context, r *http.Request, c *call) (context.Context, error) {
	md, err := metadataOf(r)
	if err != nil {
		return nil, err
	}
	from := &peer.Peer{}
	if addr, err := netip.ParseAddrPort(r.RemoteAddr); err == nil { // always nil for TCP
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

// reserved are the headers that describe the body or the connection. They are not
// metadata. Headers that begin with Grpc- or Connect- are not metadata either.
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

// call implements [grpc.ServerTransportStream]. It collects the header and the
// trailer of a call.
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

// SendHeader implements [grpc.ServerTransportStream]. The header is sent with the
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
