package peer

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/go-kratos/kratos/v2/errors"
	"github.com/go-kratos/kratos/v2/log"
	kratos "github.com/go-kratos/kratos/v2/transport/grpc"
	httpstatus "github.com/go-kratos/kratos/v2/transport/http/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
)

// The metadata of a kratos error for what it has no field for.
const (
	kratosDomain = "domain"
	kratosDelay  = "retry_delay"
	kratosQuota  = "quota"
)

// kratosPeer is kratos with its errors, its gRPC server and its gRPC client.
func kratosPeer() Peer {
	return Peer{
		Name:   "kratos",
		Module: "github.com/go-kratos/kratos/v2",
		LeavesOut: "It sends no domain and no detail but ErrorInfo: domain, delay and quota are texts in the metadata, which other clients " +
			"do not understand. A code is an HTTP status, so FAILED_PRECONDITION arrives as INVALID_ARGUMENT, unless the program " +
			"replaces DefaultConverter.",
		NoBoundary: noBoundary,
		NoLanguage: noLanguage,
		NoPushback: noPushback,
		FailureOf:  kratosFailure,
		WithCause:  func(err, cause error) error { return errors.FromError(err).WithCause(cause) },
		Encode:     convert,
		Decode: func(received error) (int32, bool) {
			return number(errors.FromError(received).GetMetadata())
		},
		Read:  readKratos,
		Start: startKratos,
	}
}

func kratosFailure(facts *Facts) error {
	metadata := facts.metadata()
	metadata[kratosDomain] = facts.Domain
	if facts.Delay > 0 {
		metadata[kratosDelay] = facts.Delay.String()
	}
	if facts.Quota != "" {
		metadata[kratosQuota] = facts.Quota
	}
	return errors.New(kratosCode(facts.GRPC), facts.Reason, facts.Text).WithMetadata(metadata)
}

// kratosCode returns the HTTP status of a gRPC code. kratos sends UNKNOWN for each HTTP status
// that it does not know, and it has none of its own for UNKNOWN.
func kratosCode(code codes.Code) int {
	if code == codes.Unknown {
		return http.StatusTeapot
	}
	return httpstatus.FromGRPCCode(code)
}

func readKratos(err error) Facts {
	e := errors.FromError(err)
	facts := Facts{GRPC: status.Code(err), Reason: e.GetReason(), Text: e.GetMessage()}
	facts.setMetadata(e.GetMetadata())
	facts.Domain, facts.Quota = facts.Metadata[kratosDomain], facts.Metadata[kratosQuota]
	facts.Delay, _ = time.ParseDuration(facts.Metadata[kratosDelay])
	for _, key := range []string{kratosDomain, kratosDelay, kratosQuota} {
		delete(facts.Metadata, key)
	}
	// The client of kratos returns the error of grpc-go, so its caller has the status too.
	received := fromStatus(status.Convert(err))
	facts.Language, facts.Sentence, facts.Unlinked = received.Language, received.Sentence, received.Unlinked
	return facts
}

// quietKratos hides the line that each start of a server writes. kratos has one logger for the
// program.
var quietKratos = sync.OnceFunc(func() {
	log.SetLogger(log.NewFilter(log.GetLogger(), log.FilterLevel(log.LevelWarn)))
})

// startKratos turns off the time limits of kratos, because the other peers have none.
func startKratos(service Service, options Options) (Client, func(), error) {
	quietKratos()
	listener, err := options.listen()
	if err != nil {
		return nil, nil, err
	}
	server := kratos.NewServer(kratos.Listener(listener), kratos.Timeout(0))
	jverificationv1.RegisterVerificationServiceServer(server, grpcService{service: service})
	if _, err := server.Endpoint(); err != nil {
		return nil, nil, err
	}
	go func() { _ = server.Start(context.Background()) }()
	conn, err := kratos.DialInsecure(context.Background(), kratos.WithEndpoint(listener.Addr().String()),
		kratos.WithTimeout(0), kratos.WithOptions(kratosDial(options)...))
	if err != nil {
		_ = server.Stop(context.Background())
		return nil, nil, err
	}
	return newGRPCClient(conn, options), func() { _ = conn.Close(); _ = server.Stop(context.Background()) }, nil
}

// kratosDial keeps the load balancer of kratos, which the service config of a caller would remove.
func kratosDial(options Options) []grpc.DialOption {
	if options.ServiceConfig != "" {
		options.ServiceConfig = `{"loadBalancingConfig":[{"selector":{}}],` + options.ServiceConfig[1:]
	}
	return options.dial()
}
