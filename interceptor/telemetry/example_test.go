package telemetry_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"slices"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/telemetry"
)

// account is a service whose account has no money.
type account struct {
	jverificationv1.UnimplementedVerificationServiceServer

	observed *telemetry.Server
}

func (account) VerifyNumber(context.Context, *jverificationv1.VerifyNumberRequest) (*jverificationv1.VerifyNumberResponse, error) {
	return nil, codetable.NewError(jverificationv1.ResponseCode_RESPONSE_CODE_APPKEY_NO_MONEY)
}

// VerifyNumbers answers each item with its own code.
func (a account) VerifyNumbers(stream grpc.BidiStreamingServer[jverificationv1.VerifyNumbersRequest, jverificationv1.VerifyNumbersResponse]) error {
	for {
		req, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		item, err := a.VerifyNumber(stream.Context(), req.GetItem())
		answer := &jverificationv1.VerifyNumbersResponse{Item: item}
		if sent := a.observed.Part(stream.Context(), "", err); err != nil {
			answer.GrpcCode = codetablev1.GrpcCode(sent.Status.Code()).Enum()
		}
		if err := stream.Send(answer); err != nil {
			return err
		}
	}
}

// A failing call, as the log and the metrics of its server tell it. The caller
// does not see the code, which the public boundary masks.
func Example() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	target, credentials := listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials())
	logger, registry := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: short})), prometheus.NewRegistry()

	signals := telemetry.New(telemetry.WithLogger(logger), telemetry.WithRegisterer(registry))
	observed := signals.Server(interceptor.WithPublicBoundary())
	server := grpc.NewServer(observed.Options()...)
	jverificationv1.RegisterVerificationServiceServer(server, account{observed: observed})
	observed.Declare(server)

	client := telemetry.New(telemetry.WithRegisterer(registry)).Client()
	conn, err := grpc.NewClient(target, append(client.Options(), credentials)...)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = conn.Close() }()

	go func() { _ = server.Serve(listener) }()
	defer server.Stop()
	_, err = jverificationv1.NewVerificationServiceClient(conn).VerifyNumber(context.Background(), &jverificationv1.VerifyNumberRequest{})
	fmt.Println(err)
	printCounters(registry, "codetable_failures_total", "codetable_standing_faults", "codetable_client_failures_total")
	// Output:
	// level=ERROR msg="finished call" grpc.method=VerifyNumber grpc.code=Internal codetable.code=9018 codetable.reason=APPKEY_NO_MONEY codetable.fault=OPERATOR codetable.masked=true
	// rpc error: code = Internal desc = internal error
	// codetable_client_failures_total fault=UNSPECIFIED grpc_code=Internal masked=true reason=: 1
	// codetable_failures_total fault=OPERATOR grpc_code=Internal masked=true reason=APPKEY_NO_MONEY: 1
	// codetable_standing_faults reason=APPKEY_NO_MONEY: 1
}

// short leaves out what differs from run to run, and what the example does not
// show.
func short(_ []string, a slog.Attr) slog.Attr {
	shown := []string{
		slog.LevelKey, slog.MessageKey, "grpc.method", "grpc.code",
		"codetable.code", "codetable.reason", "codetable.fault", "codetable.masked",
	}
	if !slices.Contains(shown, a.Key) {
		return slog.Attr{}
	}
	return a
}

// printCounters prints the series of some metrics that are not 0.
func printCounters(registry *prometheus.Registry, names ...string) {
	families, err := registry.Gather()
	if err != nil {
		fmt.Println(err)
	}
	for _, family := range families {
		for _, m := range family.GetMetric() {
			value := m.GetCounter().GetValue() + m.GetGauge().GetValue()
			if !slices.Contains(names, family.GetName()) || value == 0 {
				continue
			}
			fmt.Print(family.GetName())
			for _, label := range m.GetLabel() {
				if slices.Contains([]string{"reason", "fault", "grpc_code", "masked"}, label.GetName()) {
					fmt.Printf(" %s=%s", label.GetName(), label.GetValue())
				}
			}
			fmt.Printf(": %v\n", value)
		}
	}
}
