package replicas_test

import (
	"net"
	"testing"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/dnstest"
)

// TestHeadlessService has a client that finds the replicas by one name, with nothing but
// the generated config: no balancer and no control plane.
func TestHeadlessService(t *testing.T) {
	t.Parallel()
	f := withoutReplicas(t)
	listeners := dnstest.Listen(t, 3)
	for _, listener := range listeners {
		f.replicas = append(f.replicas, f.start(t, listener))
	}
	names := dnstest.Start(t)
	names.Set(listeners...)
	_, port, _ := net.SplitHostPort(listeners[0].Addr().String())
	f.dial(t, "dns://"+names.Address+"/"+net.JoinHostPort(dnstest.Name, port), serviceConfig(t))

	f.warmUp(t) // until every replica has had a call
	f.replicas[0].Drain()
	f.wantUnused(t, 0)
	f.replicas[0].Server.Stop()
	f.wantUnused(t, 0)
	f.replicas[1].Drain()
	f.wantUnused(t, 1)
}
