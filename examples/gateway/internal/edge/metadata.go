package edge

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"strings"

	"connectrpc.com/connect"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
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

// incoming returns the context of a call, with the values that a gRPC server adds.
func incoming(r *http.Request, stream grpc.ServerTransportStream) (context.Context, error) {
	md, err := metadataOf(r)
	if err != nil {
		return nil, err
	}
	addr, _ := netip.ParseAddrPort(r.RemoteAddr) // never fails for TCP
	from := &peer.Peer{Addr: net.TCPAddrFromAddrPort(addr)}
	if r.TLS != nil {
		from.AuthInfo = credentials.TLSInfo{
			State: *r.TLS, CommonAuthInfo: credentials.CommonAuthInfo{SecurityLevel: credentials.PrivacyAndIntegrity},
		}
	}
	ctx := metadata.NewIncomingContext(peer.NewContext(r.Context(), from), md)
	return grpc.NewContextWithServerTransportStream(ctx, stream), nil
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
				return nil, invalid("header", "a header whose name ends in -bin is not base64")
			}
			md.Append(name, string(raw))
		}
	}
	return md, nil
}
