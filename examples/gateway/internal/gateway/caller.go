package gateway

import (
	"context"
	"crypto/sha256"
	"net"
	"net/netip"
	"regexp"
	"strings"

	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
)

// CallerByCertificate is the [Config.CallerIdentity] that needs mTLS.
const CallerByCertificate = "certificate"

var (
	metadataKey = regexp.MustCompile(`^[0-9a-z_.-]+$`)
	// notHandedOn are keys whose values are no text, or that the web listener keeps
	// from methods.
	notHandedOn = regexp.MustCompile(`-bin$|^grpc-|^connect-|^host$`)
)

// identity returns the function that tells callers apart, or nil where
// [Config.CallerIdentity] is not valid. Callers of whom it knows nothing are one caller.
func identity(setting string) func(context.Context) string {
	key, isMetadata := strings.CutPrefix(setting, "metadata:")
	switch {
	case setting == "address":
		return addressOf
	case setting == CallerByCertificate:
		return certificateOf
	case isMetadata && metadataKey.MatchString(key) && !notHandedOn.MatchString(key):
		return func(ctx context.Context) string { return metadataOf(ctx, key) }
	default:
		return nil
	}
}

// addressOf leaves the port out. A single host often has a whole network of IPv6
// addresses, a /64.
func addressOf(ctx context.Context) string {
	from, ok := peer.FromContext(ctx)
	if !ok || from.Addr == nil {
		return ""
	}
	var address netip.AddrPort
	if tcp, ok := from.Addr.(*net.TCPAddr); ok {
		address = tcp.AddrPort()
	} else {
		address, _ = netip.ParseAddrPort(from.Addr.String())
	}
	switch addr := address.Addr().Unmap(); {
	case !addr.IsValid():
		return from.Addr.String()
	case addr.Is6():
		return netip.PrefixFrom(addr.WithZone(""), 64).Masked().String()
	default:
		return addr.String()
	}
}

// certificateOf is a hash of the client certificate.
func certificateOf(ctx context.Context) string {
	from, ok := peer.FromContext(ctx)
	if !ok {
		return ""
	}
	info, ok := from.AuthInfo.(credentials.TLSInfo)
	if !ok || len(info.State.PeerCertificates) == 0 {
		return ""
	}
	digest := sha256.Sum256(info.State.PeerCertificates[0].Raw)
	return string(digest[:])
}

// metadataOf is the last element of the last value: proxies append to what the
// client itself has sent, as to X-Forwarded-For.
func metadataOf(ctx context.Context, key string) string {
	values := metadata.ValueFromIncomingContext(ctx, key)
	if len(values) == 0 {
		return ""
	}
	last := values[len(values)-1]
	return strings.TrimSpace(last[strings.LastIndexByte(last, ',')+1:])
}
