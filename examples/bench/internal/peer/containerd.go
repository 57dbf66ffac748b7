package peer

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/containerd/errdefs"
	"github.com/containerd/errdefs/pkg/errgrpc"
	"github.com/containerd/typeurl/v2"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// containerdPeer is the error package of containerd. errgrpc sends errors of types that package
// typeurl knows as details.
func containerdPeer() Peer {
	registerContainerd()
	return Peer{
		Name:   "containerd/errdefs",
		Module: "github.com/containerd/errdefs/pkg",
		LeavesOut: "It sends no standard details: the facts are a Go type in JSON, which both sides register with package typeurl. " +
			"The class of an error stands for the gRPC code.",
		NoBoundary: noBoundary,
		NoLanguage: noLanguage,
		NoPushback: noPushback,
		FailureOf:  containerdFailure,
		Encode:     func(_ context.Context, err error) *status.Status { return status.Convert(errgrpc.ToGRPC(err)) },
		Decode: func(received error) (int32, bool) {
			if e, ok := errors.AsType[*ContainerdFailure](containerdReceive(received)); ok {
				return e.Number, true
			}
			return 0, false
		},
		Read: readContainerd,
		Is:   func(received, target error) bool { return errors.Is(containerdReceive(received), target) },
		Start: func(service Service, options Options) (Client, func(), error) {
			server, client := converting(errgrpc.ToGRPC, containerdReceive)
			return startGRPC(service, options, server, client)
		},
	}
}

// registerContainerd registers the type once, because typeurl keeps one list for the program.
var registerContainerd = sync.OnceFunc(func() {
	typeurl.Register(&ContainerdFailure{}, "codetable.example.com", "bench", "Failure")
})

// ContainerdFailure adds the facts that a class does not have to an error. It is exported for its
// JSON.
type ContainerdFailure struct {
	Domain, Reason string
	Number         int32
	Delay          time.Duration
	Quota          string
	Metadata       map[string]string
	err            error
}

func (e *ContainerdFailure) Error() string { return e.err.Error() }

func (e *ContainerdFailure) Unwrap() error { return e.err }

// WrapError wraps the error that the client has so far. errgrpc calls it.
func (e *ContainerdFailure) WrapError(err error) error {
	wrapped := *e
	wrapped.err = err
	return &wrapped
}

func containerdFailure(facts *Facts) error {
	return &ContainerdFailure{
		Domain: facts.Domain, Reason: facts.Reason, Number: facts.Number,
		Delay: facts.Delay, Quota: facts.Quota, Metadata: facts.Metadata,
		err: fmt.Errorf("%s: %w", facts.Text, class(facts.GRPC)),
	}
}

// class returns the class of a gRPC code.
func class(code codes.Code) error { return errgrpc.ToNative(status.Error(code, "")) }

// containerdReceive converts the error of a call, unless it is converted.
func containerdReceive(err error) error {
	if _, ok := status.FromError(err); ok {
		return errgrpc.ToNative(err)
	}
	return err
}

func readContainerd(err error) Facts {
	err = containerdReceive(err)
	resolved := errdefs.Resolve(err)
	facts := Facts{Text: err.Error(), GRPC: status.Code(errgrpc.ToGRPC(resolved))}
	if resolved != nil {
		facts.Text = strings.TrimSuffix(facts.Text, ": "+resolved.Error())
	}
	if e, ok := errors.AsType[*ContainerdFailure](err); ok {
		facts.Domain, facts.Reason, facts.Number = e.Domain, e.Reason, e.Number
		facts.Delay, facts.Quota, facts.Metadata = e.Delay, e.Quota, e.Metadata
	}
	return facts
}
