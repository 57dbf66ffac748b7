package cli_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/reflection"
	refv1 "google.golang.org/grpc/reflection/grpc_reflection_v1"
	refv1alpha "google.golang.org/grpc/reflection/grpc_reflection_v1alpha"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/source"
)

// serve is the script command "serve v1|v1alpha|none|tls DIR": it starts a
// server for the services in the .proto files under DIR, with gRPC reflection
// of this version, and sets ADDR to its address. With TLS it sets SSL_CERT_FILE
// too. The server ends with the script.
func serve(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: serve v1|v1alpha|none|tls DIR")
	}
	set, err := source.Proto(context.Background(), []string{ts.MkAbs(args[1])})
	ts.Check(err)
	var options []grpc.ServerOption
	if args[0] == "tls" {
		certificate, authority := selfSigned(ts)
		path := ts.MkAbs("authority.pem")
		ts.Check(os.WriteFile(path, authority, 0o600))
		ts.Setenv("SSL_CERT_FILE", path)
		options = append(options, grpc.Creds(credentials.NewServerTLSFromCert(&certificate)))
	}
	server := grpc.NewServer(options...)
	for _, method := range set.Methods() {
		server.RegisterService(&grpc.ServiceDesc{ServiceName: string(method.Parent().FullName()), HandlerType: (*any)(nil)}, nil)
	}
	reflected := reflection.ServerOptions{Services: server, DescriptorResolver: set.Files}
	switch args[0] {
	case "v1", "tls":
		refv1.RegisterServerReflectionServer(server, reflection.NewServerV1(reflected))
	case "v1alpha":
		refv1alpha.RegisterServerReflectionServer(server, reflection.NewServer(reflected))
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Setenv("ADDR", listener.Addr().String())
	go func() { _ = server.Serve(listener) }()
	ts.Defer(server.Stop)
}

// selfSigned returns a certificate for 127.0.0.1 and its PEM.
func selfSigned(ts *testscript.TestScript) (tls.Certificate, []byte) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ts.Check(err)
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1)},
		NotAfter:              time.Now().Add(time.Hour),
		IsCA:                  true,
		BasicConstraintsValid: true,
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	ts.Check(err)
	return tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key},
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw})
}
