package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

const cutOff = "cutting off the calls that are still under way"

// serve answers calls until ctx is done, and then gives calls under way the time
// of grace to finish.
func (s *servers) serve(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	failed := make(chan error, 3)
	go func() { failed <- s.native.Serve(unreadListener{s.grpc}) }()
	go serveHTTP(s.metricsServer, s.metrics, false, failed)
	go serveHTTP(s.webServer, s.web, s.tls != nil, failed)
	var probing sync.WaitGroup
	probing.Go(func() { s.gateway.Probe(ctx) })
	defer probing.Wait()

	for ctx.Err() == nil {
		select {
		case err := <-failed:
			cancel()
			s.native.Stop()
			return errors.Join(fmt.Errorf("serve: %w", err), s.webServer.Close(), s.metricsServer.Close())
		case <-s.reloads:
			s.reload()
		case <-ctx.Done():
		}
	}
	s.log.Info("shutting down", "drain_delay", s.set.DrainDelay, "grace", s.set.Grace)
	s.gateway.Drain()
	select {
	case <-time.After(s.set.DrainDelay):
	case err := <-failed: // no new calls come any more
		s.log.Warn("a listener failed while it drained", "error", err)
	}
	s.stop()
	return nil
}

func serveHTTP(server *http.Server, listener net.Listener, secure bool, failed chan<- error) {
	var err error
	switch {
	case listener == nil:
		return
	case secure:
		err = server.ServeTLS(listener, "", "")
	default:
		err = server.Serve(listener)
	}
	if !errors.Is(err, http.ErrServerClosed) {
		failed <- err
	}
}

// stop waits for the calls under way, but not for ever: a stream may have no
// end. The metrics go last, so that the end can be watched.
func (s *servers) stop() {
	ctx, cancel := context.WithTimeout(context.Background(), s.set.Grace)
	defer cancel()
	var stopping sync.WaitGroup
	stopping.Go(func() {
		if !endsBefore(ctx, s.native.GracefulStop) {
			s.log.Warn(cutOff, "listener", "grpc")
			s.native.Stop()
		}
	})
	stopping.Go(func() {
		if s.webServer.Shutdown(ctx) != nil || !endsBefore(ctx, s.webCalls.Wait) {
			s.log.Warn(cutOff, "listener", "web")
			_ = s.webServer.Close() // there is nothing more to be done
		}
	})
	stopping.Wait()
	_ = s.metricsServer.Close() // a scrape may be cut off
}

// endsBefore reports whether work ends before ctx does.
func endsBefore(ctx context.Context, work func()) bool {
	ended := make(chan struct{})
	go func() {
		work()
		close(ended)
	}()
	select {
	case <-ended:
		return true
	case <-ctx.Done():
		return false
	}
}

// counted counts the calls of the web server: its Shutdown does not wait for a
// handler of HTTP/2 whose caller has left.
func (s *servers) counted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.webCalls.Add(1)
		defer s.webCalls.Done()
		next.ServeHTTP(w, r)
	})
}
