package codetable_test

import (
	"strings"
	"testing"
	_ "time/tzdata" // for machines without time zones

	gocmp "github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

func TestCheckResponseCode(t *testing.T) {
	t.Parallel()
	if err := codetable.Check[responseCode](); err != nil {
		t.Errorf("Check: %v", err)
	}
}

func checkEnum(desc protoreflect.EnumDescriptor) (err error) {
	withEnum(desc, func() { err = codetable.Check[dynCode]() })
	return err
}

func TestEachNameOfANumberDecodes(t *testing.T) {
	t.Parallel()
	desc := newEnum(t, testTable(), value("TEST_CODE_BUSY", 1, testCode()), value("TEST_CODE_OLD_NAME", 1, nil))
	withEnum(desc, func() {
		for _, reason := range []string{"BUSY", "OLD_NAME"} {
			code, ok := codetable.CodeOf[dynCode](failure(t, info("codes.example.com", reason, nil)))
			if code != 1 || !ok {
				t.Errorf("reason %s decodes to %d, %t, want 1", reason, code, ok)
			}
		}
		if spec, _ := codetable.Lookup(dynCode(1)); spec.Reason() != "BUSY" {
			t.Errorf("reason %q, want the first name of the number", spec.Reason())
		}
	})
}

// One report contains every fault, no matter how the options are stored.
func TestCheckReportsEveryFaultAtOnce(t *testing.T) {
	t.Parallel()
	for _, s := range storages() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			desc := newEnumStored(t, s, &codetablev1.Table{
				Domain:              "NO DOMAIN",
				TimeZone:            "Mars/Olympus",
				HelpUrl:             "ftp://example.com",
				DefaultUserMessages: map[string]string{"!": ""},
			},
				value("TEST_CODE_ZERO", 0, nil),
				value("TEST_CODE_busy", 1, &codetablev1.Code{Detail: &codetablev1.Detail{Subject: "13800138000"}}),
			)
			want := []string{
				"domain", "time_zone", "help_url", "default_user_messages: locale", "default_user_messages: the sentence", "default_locale",
				"option (codetable.v1.code) is missing",
				"reason", "grpc_code", "fault", "notes", "retry.action", "detail",
			}
			got := each(checkEnum(desc))
			if len(got) != len(want) {
				t.Fatalf("got %d faults, want %d:\n%s", len(got), len(want), strings.Join(got, "\n"))
			}
			for i, word := range want {
				if !strings.Contains(got[i], ": "+word) {
					t.Errorf("fault %d is %q, want one about %q", i, got[i], word)
				}
			}
		})
	}
}

// A table has the same content no matter how its options are stored.
func TestOptionsFromEveryStorage(t *testing.T) {
	t.Parallel()
	for _, s := range storages() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			desc := newEnumStored(t, s, testTable(), value("TEST_CODE_DONE", 0, successCode()), value("TEST_CODE_BUSY", 7, testCode()))
			requireStorage(t, s, desc)
			if err := checkEnum(desc); err != nil {
				t.Errorf("Check: %v", err)
			}
			spec, listed := codetable.LookupDescriptor(desc, 7)
			detail, subject := spec.Detail()
			got := []any{listed, spec.Domain(), spec.Reason(), spec.GRPCCode(), spec.Notes(), spec.Fault(), spec.Retry().String(), detail, subject, spec.Locales()}
			want := []any{
				true, "codes.example.com", "BUSY", codes.ResourceExhausted, "Too many calls", codetablev1.Fault_FAULT_UPSTREAM, "SAME_REQUEST after 1s",
				codetablev1.DetailType_DETAIL_TYPE_QUOTA_FAILURE, "calls",
				[]string{"en"},
			}
			if diff := gocmp.Diff(want, got); diff != "" {
				t.Errorf("code 7 (-want +got):\n%s", diff)
			}
			if !codetable.IsTable(desc) {
				t.Error("IsTable is false")
			}
		})
	}
}

// requireStorage proves that the fixture is of the claimed kind: the usual way
// of reading the option misses it or panics.
func requireStorage(t *testing.T, s storage, desc protoreflect.EnumDescriptor) {
	t.Helper()
	read := func() (outcome string) {
		defer func() {
			if recover() != nil {
				outcome = "dynamic extensions"
			}
		}()
		if table := proto.GetExtension(desc.Options(), codetablev1.E_Table).(*codetablev1.Table); table.GetDomain() == "" {
			return "unknown fields"
		}
		return "generated extensions"
	}
	if got := read(); got != s.name {
		t.Fatalf("the options are stored as %s, want %s", got, s.name)
	}
}

func TestEnumWithoutOptions(t *testing.T) {
	t.Parallel()
	desc := newEnum(t, nil, value("TEST_CODE_ZERO", 0, nil), value("TEST_CODE_ONE", 1, nil))
	if codetable.IsTable(desc) {
		t.Error("IsTable is true for an enum without the option")
	}
	withEnum(desc, func() {
		for _, code := range []dynCode{0, 1, 2, -1} {
			err := asError(t, codetable.NewError(code))
			if err.GRPCStatus().Code() != codes.Unknown || err.Domain() != "codetable.test.TestCode" {
				t.Errorf("%d: status %v, domain %q", code, err.GRPCStatus(), err.Domain())
			}
			if got, ok := codetable.CodeOf[dynCode](wire(t, err)); !ok || got != code {
				t.Errorf("CodeOf gives %d, %t, want %d", got, ok, code)
			}
		}
	})
}

// Zero is also the value of an unset field.
func TestZeroWithoutStatusIsNoSuccess(t *testing.T) {
	t.Parallel()
	for name, code := range map[string]*codetablev1.Code{
		"no option":      nil,
		"empty option":   {},
		"unknown status": {GrpcCode: new(codetablev1.GrpcCode(-1))},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spec, _ := codetable.LookupDescriptor(newEnum(t, testTable(), value("TEST_CODE_ZERO", 0, code)), 0)
			if err := asError(t, spec.NewError()); spec.GRPCCode() != codes.Unknown || err.GRPCStatus().Code() != codes.Unknown {
				t.Errorf("zero has status %v, want Unknown", spec.GRPCCode())
			}
		})
	}
}

func TestUnrecognizedStatusNeverSucceeds(t *testing.T) {
	t.Parallel()
	for code, want := range map[codetablev1.GrpcCode]codes.Code{
		codetablev1.GrpcCode_GRPC_CODE_OK:          codes.Unknown,
		codetablev1.GrpcCode_GRPC_CODE_UNAVAILABLE: codes.Unavailable,
		codetablev1.GrpcCode(17):                   codes.Unknown,
	} {
		table := testTable()
		table.UnrecognizedGrpcCode = &code
		spec, _ := codetable.LookupDescriptor(newEnum(t, table, value("TEST_CODE_BUSY", 1, testCode())), 404)
		if got := asError(t, spec.NewError()).GRPCStatus().Code(); got != want {
			t.Errorf("unrecognized_grpc_code %v: unlisted codes have status %v, want %v", code, got, want)
		}
	}
}
