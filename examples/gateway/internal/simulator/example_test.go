package simulator_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/simulator"
)

func Example() {
	config := simulator.DefaultConfig()
	upstream, err := simulator.New(config)
	if err != nil {
		fmt.Println(err)
		return
	}
	server := httptest.NewServer(upstream)
	defer server.Close()

	for range 2 { // a token is good for one call
		body := strings.NewReader(`{"token":"phone-13800138000-first","phone":"13800138000","exID":"42"}`)
		request, err := http.NewRequest(http.MethodPost, server.URL+"/v1/web/verify", body)
		if err != nil {
			fmt.Println(err)
			return
		}
		request.SetBasicAuth(config.AppKey, config.MasterSecret)
		request.Header.Set("Content-Type", "application/json")
		reply, err := server.Client().Do(request)
		if err != nil {
			fmt.Println(err)
			return
		}
		text, err := io.ReadAll(reply.Body)
		reply.Body.Close()
		fmt.Print(string(text))
		if err != nil {
			fmt.Println(err)
		}
	}
	// Output:
	// {"id":72057594037927937,"code":9000,"content":"verify consistent","exID":"42"}
	// {"code":9003,"content":"token expired or not exist"}
}
