package catalogue_test

import (
	"strings"
	"testing"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/catalogue"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/catalogue/cataloguetest"
)

const twoServices = `syntax = "proto3";
package shop.v1;
import "codetable/v1/codetable.proto";
// The codes.
// buf:lint:ignore ENUM_ZERO_VALUE_SUFFIX a directive
enum ShopCode {
  option (codetable.v1.table) = {domain: "shop.example.com"};
  SHOP_CODE_OK = 0 [(codetable.v1.code) = {grpc_code: GRPC_CODE_OK}];
}
message M {}
service Shop { rpc Buy(M) returns (M) { option (codetable.v1.method) = {codes: {domain: "shop.example.com", reasons: "OK"}}; } }
service Admin { rpc Buy(M) returns (M) { option (codetable.v1.method) = {codes: {domain: "shop.example.com", reasons: "OK"}}; } }
service Other { rpc Sell(M) returns (M); }
`

func TestMethod(t *testing.T) {
	t.Parallel()
	c := cataloguetest.Parse(t, map[string]string{"shop.proto": twoServices})
	tests := map[string]struct{ found, fails string }{
		"shop.v1.Shop.Buy":  {"shop.v1.Shop.Buy", ""},
		"/shop.v1.Shop/Buy": {"shop.v1.Shop.Buy", ""},
		"Admin.Buy":         {"shop.v1.Admin.Buy", ""},
		"Buy":               {"", `method "Buy" is ambiguous: shop.v1.Admin.Buy, shop.v1.Shop.Buy`},
		"uy":                {"", `no method "uy": the methods are shop.v1.Admin.Buy, shop.v1.Shop.Buy`},
		"Sell":              {"", `no method "Sell"`}, // it declares no codes
		"":                  {"", `no method ""`},
	}
	for name, tt := range tests {
		method, err := c.Method(name)
		switch {
		case tt.fails != "":
			if err == nil || !strings.Contains(err.Error(), tt.fails) {
				t.Errorf("%q: error = %v, want %q", name, err, tt.fails)
			}
		case err != nil || string(method.FullName()) != tt.found:
			t.Errorf("%q: %v, %v, want %s", name, method, err, tt.found)
		}
	}
}

func TestComment(t *testing.T) {
	t.Parallel()
	c := cataloguetest.Parse(t, map[string]string{"shop.proto": twoServices})
	if got := catalogue.Comment(c.Tables[0].Enum); got != "The codes." {
		t.Errorf("comment = %q", got)
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	for enum, want := range map[string]string{"A2AError": "a2a_errors", "ResponseCode": "response_codes", "Status": "status"} {
		c := cataloguetest.Parse(t, map[string]string{"a.proto": `syntax = "proto2"; package a; import "codetable/v1/codetable.proto";
			enum ` + enum + ` { option (codetable.v1.table) = {domain: "a.example.com"}; OK = 0 [(codetable.v1.code) = {grpc_code: GRPC_CODE_OK}]; }`})
		if got := c.Tables[0].Name; got != want {
			t.Errorf("%s: %q, want %q", enum, got, want)
		}
	}
}

// TestUnlinkedTablesAreResolved reads the codes of methods from tables that the
// program does not link.
func TestUnlinkedTablesAreResolved(t *testing.T) {
	t.Parallel()
	c := cataloguetest.Library(t)
	method, err := c.Method("LendBook")
	if err != nil {
		t.Fatal(err)
	}
	var reasons []string
	for _, spec := range c.Declared(method) {
		reasons = append(reasons, spec.Reason())
	}
	if got := strings.Join(reasons, " "); got != "LENT BOOK_NOT_FOUND CARD_UNREADABLE NO_MONEY DAILY_QUOTA TOO_FAST ANSWER_LOST" {
		t.Errorf("declared = %s", got)
	}
}

// TestRetryText has a sentence for each action of the small table.
func TestRetryText(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"LENT": "not needed", "BOOK_NOT_FOUND": "never", "CARD_UNREADABLE": "get new input first, then try again",
		"NO_MONEY": "wait until the operator has removed the cause", "DAILY_QUOTA": "wait until the next day begins in Europe/Berlin",
		"TOO_FAST":    "send the same request again after 2 seconds",
		"ANSWER_LOST": "the outcome is unknown: ask for it after 0.5 seconds before anything is repeated", "UNSPECIFIED": "never",
	}
	for _, code := range cataloguetest.Library(t).Tables[0].Codes {
		if got := code.RetryText(); got != want[code.Reason] {
			t.Errorf("%s: %q, want %q", code.Reason, got, want[code.Reason])
		}
	}
}
