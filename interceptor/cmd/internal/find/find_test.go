package find_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/find"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/source"
)

// tables returns the codes of two tables: Shop (a.example) and HTTPCode
// (b.example), whose prefix is HTTP_CODE_.
func tables(tb testing.TB) []find.Code {
	tb.Helper()
	table := func(domain string) *descriptorpb.EnumOptions {
		options := &descriptorpb.EnumOptions{AllowAlias: new(true)}
		proto.SetExtension(options, codetablev1.E_Table, &codetablev1.Table{Domain: domain})
		return options
	}
	value := func(name string, number int32, reason string) *descriptorpb.EnumValueDescriptorProto {
		options := &descriptorpb.EnumValueOptions{}
		proto.SetExtension(options, codetablev1.E_Code, &codetablev1.Code{Reason: reason})
		return &descriptorpb.EnumValueDescriptorProto{Name: new(name), Number: new(number), Options: options}
	}
	set, err := source.FromDescriptors(&descriptorpb.FileDescriptorSet{File: []*descriptorpb.FileDescriptorProto{{
		Name: new("a.proto"), Syntax: new("proto2"), Dependency: []string{"codetable/v1/codetable.proto"},
		EnumType: []*descriptorpb.EnumDescriptorProto{
			{Name: new("Shop"), Options: table("a.example"), Value: []*descriptorpb.EnumValueDescriptorProto{
				value("SHOP_SOLD_OUT", 7, ""), value("SHOP_NONE_LEFT", 7, ""), value("SHOP_EMPTY_BASKET", -32001, ""),
				value("SHOP_MIN", math.MinInt32, ""), value("SHOP_CLOSED", 12, "SHUT_DOWN"),
			}},
			{Name: new("HTTPCode"), Options: table("b.example"), Value: []*descriptorpb.EnumValueDescriptorProto{
				value("HTTP_CODE_SOLD_OUT", 7, ""), value("HTTP_CODE_GONE", 7, ""), value("HTTP_CODE_TOO_LARGE", 413, ""), value("HTTP_CODE_TO_OLARGE", 414, ""),
			}},
		},
	}}})
	if err != nil {
		tb.Fatal(err)
	}
	return find.Codes(set)
}

func ids(codes []find.Code) string {
	var list []string
	for _, c := range codes {
		list = append(list, fmt.Sprintf("%s:%d", c.ID(), c.Number()))
	}
	return strings.Join(list, " ")
}

func TestFind(t *testing.T) {
	t.Parallel()
	codes := tables(t)
	const soldOut, basket, closed = "a.example/SOLD_OUT:7", "a.example/EMPTY_BASKET:-32001", "a.example/SHUT_DOWN:12"
	for text, want := range map[string]string{
		"-32001":                         basket,
		"\u221232001":                    basket,
		"A.example/-32001":               basket,
		"empty_basket":                   basket,
		"Empty-Basket":                   basket,
		"emptyBasket":                    basket,
		"SHOP_EMPTY_BASKET\n":            basket,
		"Shop.EMPTY_BASKET":              basket,
		"Shop::EmptyBasket":              basket,
		"a.example/shop_empty_basket":    basket,
		"NONE_LEFT":                      soldOut, // an alias
		"shut_down":                      closed,  // a reason that the name does not give
		"closed":                         closed,
		"-2147483648":                    "a.example/MIN:-2147483648",
		"7":                              soldOut + " b.example/SOLD_OUT:7",
		"sold_out":                       soldOut + " b.example/SOLD_OUT:7",
		"SHOP_SOLD_OUT":                  soldOut,
		"b.example/7":                    "b.example/SOLD_OUT:7",
		"B.Example/sold_out":             "b.example/SOLD_OUT:7",
		"http_code_too_large":            "b.example/TOO_LARGE:413", // exact, though TO_OLARGE has the same letters
		"tooLarge":                       "b.example/TOO_LARGE:413 b.example/TO_OLARGE:414",
		"":                               "",
		"/":                              "",
		"-":                              "",
		"_":                              "",
		"7.0":                            "",
		"99999999999":                    "",
		"c.example/7":                    "",
		"\xff":                           "",
		strings.Repeat("A", 1<<20):       "",
		strings.Repeat("a/", 1000) + "7": "",
	} {
		if got := ids(find.Find(codes, text)); got != want {
			t.Errorf("Find(%.40q) = %q, want %q", text, got, want)
		}
	}
}

func TestNear(t *testing.T) {
	t.Parallel()
	codes := tables(t)
	for text, want := range map[string]string{
		"EMPTY_BAKSET":             "a.example/EMPTY_BASKET:-32001", // swapped
		"empty":                    "a.example/EMPTY_BASKET:-32001", // a part
		"SHOP_CLOSE":               "a.example/SHUT_DOWN:12",
		"32001":                    "a.example/EMPTY_BASKET:-32001", // the sign is missing
		"415":                      "b.example/TO_OLARGE:414 b.example/TOO_LARGE:413",
		"431":                      "b.example/TOO_LARGE:413",
		"c.example/413":            "b.example/TOO_LARGE:413 b.example/TO_OLARGE:414",
		"b.example/EMPTY_BASKET":   "a.example/EMPTY_BASKET:-32001",
		"nothing":                  "",
		"":                         "",
		"a":                        "",
		strings.Repeat("A", 1<<20): "",
	} {
		if got := ids(find.Near(codes, text)); got != want {
			t.Errorf("Near(%.40q) = %q, want %q", text, got, want)
		}
	}
}

func TestOne(t *testing.T) {
	t.Parallel()
	codes := tables(t)
	if c, err := find.One(codes, "b.example/sold-out"); err != nil || c.Value().Name() != "HTTP_CODE_SOLD_OUT" {
		t.Errorf("One = %v, %v", c, err)
	}
	var none *find.NotFoundError
	if _, err := find.One(codes, "\u22121"); !errors.As(err, &none) || none.Name != "-1" {
		t.Errorf("error %v, want a NotFoundError for -1", err)
	}
	var several *find.AmbiguousError
	if _, err := find.One(codes, "7"); !errors.As(err, &several) || ids(several.Codes) != "a.example/SOLD_OUT:7 b.example/SOLD_OUT:7" {
		t.Errorf("error %v, want an AmbiguousError", err)
	}
}

func TestEnum(t *testing.T) {
	t.Parallel()
	desc := codetablev1.Fault(0).Descriptor()
	for _, text := range []string{"end_user", "END-USER", "EndUser", "FAULT_END_USER", "2"} {
		if got, err := find.Enum[codetablev1.Fault](desc, text); err != nil || got != codetablev1.Fault_FAULT_END_USER {
			t.Errorf("Enum(%q) = %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "unspecified", "FAULT_UNSPECIFIED", "0", "5", "user"} {
		if got, err := find.Enum[codetablev1.Fault](desc, text); err == nil {
			t.Errorf("Enum(%q) = %v, want an error", text, got)
		}
	}
	if got, err := find.Enum[codetablev1.GrpcCode](codetablev1.GrpcCode(0).Descriptor(), "0"); err != nil || got != codetablev1.GrpcCode_GRPC_CODE_OK {
		t.Errorf("Enum(0) = %v, %v", got, err)
	}
}

func FuzzFind(f *testing.F) {
	for _, text := range []string{"7", "-32001", "a.example/SOLD_OUT", "Shop.EMPTY_BASKET", "\xff/\u2212"} {
		f.Add(text)
	}
	codes := tables(f)
	f.Fuzz(func(t *testing.T, text string) {
		if found := find.Find(codes, text); len(found) > len(codes) {
			t.Errorf("%d codes", len(found))
		}
		if near := find.Near(codes, text); len(near) > 5 {
			t.Errorf("%d near codes", len(near))
		}
	})
}
