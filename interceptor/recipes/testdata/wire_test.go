// Package shop_test sends a code of the table across gRPC.
package shop_test

import (
	"context"
	"fmt"
	"net"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	shopv1 "example.com/shop/gen/acme/shop/v1"
	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

type shop struct {
	shopv1.UnimplementedShopServiceServer
	code shopv1.ShopCode
}

func (s shop) Order(context.Context, *shopv1.OrderRequest) (*shopv1.OrderResponse, error) {
	code := s.code
	if err := codetable.NewError(code); err != nil {
		return nil, fmt.Errorf("ask upstream: %w", err)
	}
	return &shopv1.OrderResponse{}, nil
}

func TestCodeCrossesTheWire(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	target, credentials := listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials())

	server := grpc.NewServer(
		grpc.ChainUnaryInterceptor(interceptor.UnaryServerInterceptor()),
		grpc.ChainStreamInterceptor(interceptor.StreamServerInterceptor()),
	)

	conn, err := grpc.NewClient(target, credentials,
		grpc.WithChainUnaryInterceptor(interceptor.UnaryClientInterceptor()),
		grpc.WithChainStreamInterceptor(interceptor.StreamClientInterceptor()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()

	shopv1.RegisterShopServiceServer(server, shop{code: shopv1.ShopCode_SHOP_CODE_OUT_OF_STOCK})
	go server.Serve(listener)
	defer server.Stop()

	_, err = shopv1.NewShopServiceClient(conn).Order(t.Context(), &shopv1.OrderRequest{})
	if code, ok := codetable.CodeOf[shopv1.ShopCode](err); !ok || code != shopv1.ShopCode_SHOP_CODE_OUT_OF_STOCK {
		t.Fatalf("CodeOf(%v) = %v, %v", err, code, ok)
	}
	e, _ := codetable.FromError(err)
	if got := fmt.Sprint(e.Domain(), e.Reason(), e.UserMessage("en-GB")); got != fmt.Sprint("shop.acme.example", "OUT_OF_STOCK", "This article is sold out.") {
		t.Errorf("got %s", got)
	}
}
