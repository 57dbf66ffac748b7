package codetable_test

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

const runtimeDomain = "runtime.example.com"

// runtimeTable has one code for each kind of advice.
func runtimeTable(domain string) *descriptorpb.EnumDescriptorProto {
	table, busy, daily, own := testTable(), testCode(), testCode(), testCode()
	table.Domain = domain
	daily.Retry = nextWindow(codetablev1.CalendarWindow_CALENDAR_WINDOW_HOUR)
	own.Fault, own.Retry, own.UserMessages = codetablev1.Fault_FAULT_OPERATOR, never(), nil
	return &descriptorpb.EnumDescriptorProto{
		Name: new("TestCode"), Options: tableOptions(table),
		Value: []*descriptorpb.EnumValueDescriptorProto{
			value("TEST_CODE_DONE", 0, successCode()), value("TEST_CODE_HOURLY", 3, daily), value("TEST_CODE_BUSY", 1, busy),
			value("TEST_CODE_OLD_NAME", 1, nil), value("TEST_CODE_SUSPENDED", 2, own),
		},
	}
}

// runtimeFiles builds files as they arrive: nothing is registered anywhere
// else.
func runtimeFiles(tb testing.TB, s storage, files ...*descriptorpb.FileDescriptorProto) *protoregistry.Files {
	tb.Helper()
	set := &descriptorpb.FileDescriptorSet{}
	for _, file := range files {
		set.File = append(set.File, restored(tb, file, s))
	}
	built, err := protodesc.NewFiles(set)
	if err != nil {
		tb.Fatal(err)
	}
	return built
}

// fileOf is a file with enums, and with a message that contains a nested enum.
func fileOf(pkg string, enums ...*descriptorpb.EnumDescriptorProto) *descriptorpb.FileDescriptorProto {
	return &descriptorpb.FileDescriptorProto{
		Name: new(pkg + ".proto"), Package: &pkg, Syntax: new("proto2"),
		EnumType: enums, MessageType: []*descriptorpb.DescriptorProto{{Name: new("Empty")}},
	}
}

func nested(pkg string, enum *descriptorpb.EnumDescriptorProto) *descriptorpb.FileDescriptorProto {
	file := fileOf(pkg)
	file.MessageType[0].NestedType = []*descriptorpb.DescriptorProto{{Name: new("Inner"), EnumType: []*descriptorpb.EnumDescriptorProto{enum}}}
	return file
}

func withAliases(enum *descriptorpb.EnumDescriptorProto) *descriptorpb.EnumDescriptorProto {
	enum.Options.AllowAlias = new(true)
	return enum
}

func newResolver(tb testing.TB, files *protoregistry.Files) *codetable.Resolver {
	tb.Helper()
	r, err := codetable.NewResolver(files)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

func runtimeResolver(tb testing.TB, s storage) *codetable.Resolver {
	tb.Helper()
	return newResolver(tb, runtimeFiles(tb, s, nested("codetable.runtime", withAliases(runtimeTable(runtimeDomain)))))
}

// A Resolver decodes a code of a table that the program does not link, and the
// error works as any other.
func TestResolverDecodes(t *testing.T) {
	t.Parallel()
	for _, s := range storages() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			r := runtimeResolver(t, s)
			received := failure(t, info(runtimeDomain, "BUSY", map[string]string{"code": "1", "id": "7"}), retryInfo(3*time.Second))
			e, ok := r.FromError(fmt.Errorf("call: %w", received))
			if !ok {
				t.Fatal("the code is not decoded")
			}
			got := []any{e.Domain(), e.Number(), e.Reason(), e.Fault(), e.Retry().String(), e.Metadata()["id"], e.UserMessage("en-GB"), e.Remote(), e.Spec().Listed()}
			want := []any{runtimeDomain, int32(1), "BUSY", codetablev1.Fault_FAULT_UPSTREAM, "SAME_REQUEST after 3s", "7", "The service is busy.", true, true}
			if diff := gocmp.Diff(want, got); diff != "" {
				t.Errorf("decoded (-want +got):\n%s", diff)
			}
			spec, _ := r.Lookup(runtimeDomain, 1)
			if !errors.Is(e, spec.NewError()) || errors.Is(e, codetable.NewError(qpsLimit)) || !errors.Is(e, received) {
				t.Error("errors.Is does not compare domain and number")
			}
			if !proto.Equal(e.GRPCStatus().Proto(), status.Convert(received).Proto()) {
				t.Errorf("status %v, want the received one", e.GRPCStatus())
			}
			if _, ok := codetable.FromError(received); ok {
				t.Error("the table of a Resolver is found by FromError")
			}
			if _, err := protoregistry.GlobalFiles.FindDescriptorByName("codetable.runtime.Empty.Inner.TestCode"); err == nil {
				t.Error("the table is registered")
			}
		})
	}
}

// What FromError of the package refuses, a Resolver refuses too.
func TestResolverFailsClosed(t *testing.T) {
	t.Parallel()
	r := runtimeResolver(t, storages()[0])
	made := codetable.NewError(qpsLimit)
	for name, tt := range map[string]struct {
		err    error
		number int32
		ok     bool
	}{
		"nil":            {nil, 0, false},
		"linked domain":  {failure(t, info(domain, "QPS_LIMIT", nil)), 0, false},
		"success":        {failure(t, info(runtimeDomain, "DONE", withCode("0"))), 0, false},
		"reason alone":   {failure(t, info(runtimeDomain, "SUSPENDED", nil)), 2, true},
		"alias":          {failure(t, info(runtimeDomain, "OLD_NAME", nil)), 1, true},
		"unlisted":       {failure(t, info(runtimeDomain, "NEW", withCode("77"))), 77, true},
		"made error":     {errors.Join(failure(t, info(runtimeDomain, "BUSY", nil)), made), 1804, true},
		"one of several": {failure(t, info("other.example.com", "X", nil), info(runtimeDomain, "BUSY", nil)), 1, true},
	} {
		e, ok := r.FromError(tt.err)
		if ok != tt.ok || ok && e.Number() != tt.number {
			t.Errorf("%s: decoded %v, %t, want %d, %t", name, e, ok, tt.number, tt.ok)
		}
	}
}

// A table from outside can't forge a line of a log.
func TestResolverErrorIsOneLine(t *testing.T) {
	t.Parallel()
	const forged = "a\nb\x1b[31m"
	enum := withAliases(runtimeTable(forged))
	enum.Value[2] = value("TEST_CODE_BUSY", 1, withReason(forged))
	r := newResolver(t, runtimeFiles(t, storages()[0], fileOf("forged", enum)))
	spec, _ := r.Lookup(forged, 1)
	received, _ := r.FromError(failure(t, info(forged, "new\nreason", nil)))
	texts := append(each(r.CheckDescriptor(r.Tables()[0])), spec.String(), spec.NewError().Error(), received.Error(), received.LogValue().String())
	if len(texts) < 6 {
		t.Errorf("%d texts, want two faults among them", len(texts))
	}
	for _, got := range texts {
		if strings.ContainsAny(got, "\n\x1b") {
			t.Errorf("%q is not one line", got)
		}
	}
}

func TestResolverComputesWindows(t *testing.T) {
	t.Parallel()
	r := runtimeResolver(t, storages()[0])
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(50 * time.Minute)
		e, ok := r.FromError(failure(t, info(runtimeDomain, "HOURLY", nil)))
		if !ok || e.Retry().Delay != 10*time.Minute {
			t.Errorf("%v, %t: retry %v, want the time to the next hour", e, ok, e.Retry())
		}
		spec, _ := r.LookupReason(runtimeDomain, "HOURLY")
		if got := asError(t, spec.NewError()).Retry().Delay; got != 10*time.Minute {
			t.Errorf("a made error waits for %v", got)
		}
	})
}

func TestResolverLookups(t *testing.T) {
	t.Parallel()
	r := runtimeResolver(t, storages()[0])
	enum := r.Tables()[0]
	var all []string
	for spec := range r.All(enum) {
		all = append(all, spec.Reason())
	}
	if want := []string{"DONE", "BUSY", "SUSPENDED", "HOURLY"}; !slices.Equal(all, want) {
		t.Errorf("All yields %v, want %v", all, want)
	}
	for range r.All(enum) {
		break // the caller may stop the iteration
	}
	busy, listed := r.Lookup(runtimeDomain, 1)
	if other, _ := r.LookupDescriptor(enum, 1); !listed || busy.Reason() != "BUSY" || other != busy {
		t.Errorf("Lookup %v, %t and LookupDescriptor %v differ", busy, listed, other)
	}
	for _, reason := range []string{"BUSY", "OLD_NAME"} {
		if spec, ok := r.LookupReason(runtimeDomain, reason); !ok || spec != busy {
			t.Errorf("LookupReason(%s) = %v, %t, want BUSY", reason, spec, ok)
		}
	}
	if spec, listed := r.Lookup(runtimeDomain, 77); listed || spec.Number() != 77 || spec.Reason() != "UNRECOGNIZED_CODE" {
		t.Errorf("an unlisted number is %v, %t", spec, listed)
	}
	if spec, ok := r.LookupReason(runtimeDomain, "NOBODY_KNOWS"); ok || spec != (codetable.Spec{}) {
		t.Errorf("an unknown reason is %v, %t", spec, ok)
	}
	for _, unknown := range []string{"", domain, strings.ToUpper(runtimeDomain)} {
		spec, ok := r.Lookup(unknown, 1)
		byReason, okReason := r.LookupReason(unknown, "BUSY")
		if ok || okReason || spec != (codetable.Spec{}) || byReason != (codetable.Spec{}) {
			t.Errorf("domain %q: %v, %v", unknown, spec, byReason)
		}
	}
	// An enum of other files is read too.
	if spec, listed := r.LookupDescriptor(success.Descriptor(), 1804); !listed || spec.Reason() != "QPS_LIMIT" {
		t.Errorf("enum of other files: %v, %t", spec, listed)
	}
}

// The tables are sorted by domain. Of two enums with one domain the first by
// name decodes, whatever the order of the files is.
func TestResolverTables(t *testing.T) {
	t.Parallel()
	plain := &descriptorpb.EnumDescriptorProto{Name: new("Plain"), Value: []*descriptorpb.EnumValueDescriptorProto{value("PLAIN", 0, nil)}}
	first, second := withAliases(runtimeTable(runtimeDomain)), withAliases(runtimeTable(runtimeDomain))
	second.Value = append(second.Value, value("TEST_CODE_SECOND", 9, testCode()))
	files := []*descriptorpb.FileDescriptorProto{
		fileOf("b", first), fileOf("a", withAliases(runtimeTable("z.example.com")), plain), fileOf("c", second), nested("d", withAliases(runtimeTable("a.example.com"))),
	}
	for range 2 {
		slices.Reverse(files)
		r := newResolver(t, runtimeFiles(t, storages()[0], files...))
		var names []protoreflect.FullName
		for _, enum := range r.Tables() {
			names = append(names, enum.FullName())
		}
		if want := []protoreflect.FullName{"d.Empty.Inner.TestCode", "b.TestCode", "c.TestCode", "a.TestCode"}; !slices.Equal(names, want) {
			t.Errorf("tables %v, want %v", names, want)
		}
		if e, ok := r.FromError(failure(t, info(runtimeDomain, "SECOND", withCode("9")))); !ok || e.Spec().Listed() {
			t.Errorf("the second enum of a domain decodes: %v", e)
		}
		if spec, listed := r.LookupDescriptor(r.Tables()[2], 9); !listed || spec.Reason() != "SECOND" {
			t.Errorf("the second enum is not found by its descriptor: %v", spec)
		}
		for i, other := range map[int]string{1: "c.TestCode", 2: "b.TestCode"} {
			want := []string{"enum " + string(names[i]) + `: domain "` + runtimeDomain + `" is already used by enum ` + other}
			if diff := gocmp.Diff(want, each(r.CheckDescriptor(r.Tables()[i]))); diff != "" {
				t.Errorf("CheckDescriptor of %s (-want +got):\n%s", names[i], diff)
			}
		}
	}
	for _, files := range []*protoregistry.Files{nil, new(protoregistry.Files)} {
		r := newResolver(t, files)
		if _, ok := r.FromError(failure(t, info(domain, "QPS_LIMIT", nil))); ok || len(r.Tables()) != 0 {
			t.Error("a Resolver without tables decodes a code")
		}
	}
}

// A Resolver checks and reads the methods of its own files with its own tables.
func TestResolverMethods(t *testing.T) {
	t.Parallel()
	const pkg = "calls"
	file := fileOf(pkg)
	mixed := declares(runtimeDomain, "BUSY", "NOBODY_KNOWS")
	mixed.Codes = append(mixed.Codes, declares(domain, "QPS_LIMIT").Codes...)
	file.Service = []*descriptorpb.ServiceDescriptorProto{{Name: new("TestService"), Method: []*descriptorpb.MethodDescriptorProto{
		method(pkg, "Mixed", mixed), method(pkg, "Silent", nil),
	}}}
	// The domain of a linked table is free in another set.
	taken := withAliases(runtimeTable(domain))
	for _, s := range storages() {
		files := runtimeFiles(t, s, fileOf("own", withAliases(runtimeTable(runtimeDomain))), file, fileOf("taken", taken))
		r := newResolver(t, files)
		methods := r.Tables()[0].ParentFile() // own.proto or taken.proto: neither has a service
		if methods.Services().Len() != 0 {
			t.Fatal("the file of the table has a service")
		}
		service, err := files.FindDescriptorByName("calls.TestService")
		if err != nil {
			t.Fatal(err)
		}
		specs, ok := r.Declared(service.(protoreflect.ServiceDescriptor).Methods().Get(0))
		if !ok || len(specs) != 1 || specs[0].Reason() != "BUSY" {
			t.Errorf("%s: declared %v, %t", s.name, specs, ok)
		}
		if specs, ok := r.Declared(service.(protoreflect.ServiceDescriptor).Methods().Get(1)); ok || len(specs) != 0 {
			t.Errorf("%s: a method without the option declares %v", s.name, specs)
		}
		for _, enum := range r.Tables() {
			want := map[protoreflect.FullName][]string{
				"own.TestCode":   {`method calls.TestService.Mixed: domain "runtime.example.com" has no reason "NOBODY_KNOWS"`},
				"taken.TestCode": {`method calls.TestService.Mixed: domain "jverification.jiguang.cn" has no reason "QPS_LIMIT"`},
			}
			if diff := gocmp.Diff(want[enum.FullName()], each(r.CheckDescriptor(enum))); diff != "" {
				t.Errorf("%s: CheckDescriptor (-want +got):\n%s", s.name, diff)
			}
		}
	}
}

func TestResolverLimit(t *testing.T) {
	t.Parallel()
	var enums []*descriptorpb.EnumDescriptorProto
	for i := range 1025 {
		name := "E" + strconv.Itoa(i)
		enums = append(enums, &descriptorpb.EnumDescriptorProto{
			Name: &name, Options: tableOptions(testTable()), Value: []*descriptorpb.EnumValueDescriptorProto{value(name+"_ZERO", 0, nil)},
		})
	}
	_, err := codetable.NewResolver(runtimeFiles(t, storages()[0], fileOf("many", enums...)))
	if want := "read tables from descriptors: many.E1024: there are more than 1024 tables"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

// Decoding with a Resolver costs what decoding of a linked table costs.
//
//nolint:paralleltest // it counts allocations
func TestResolverAllocations(t *testing.T) {
	r := newResolver(t, protoregistry.GlobalFiles)
	received := wire(t, codetable.NewError(authFailed, codetable.WithMetadata("id", "1")))
	if e, ok := r.FromError(received); !ok || e.Number() != int32(authFailed) {
		t.Fatalf("decoded %v, %t", e, ok)
	}
	linked := testing.AllocsPerRun(100, func() { _, _ = codetable.FromError(received) })
	if got := testing.AllocsPerRun(100, func() { _, _ = r.FromError(received) }); got != linked {
		t.Errorf("%v allocations, want %v", got, linked)
	}
	spec, _ := r.Lookup(domain, int32(authFailed))
	if got := testing.AllocsPerRun(100, func() { sinkStatus = status.Convert(spec.NewError()) }); got != 0 {
		t.Errorf("a static error costs %v allocations", got)
	}
}

func TestResolverByManyGoroutines(t *testing.T) {
	t.Parallel()
	r := runtimeResolver(t, storages()[0])
	received := failure(t, info(runtimeDomain, "BUSY", nil))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			e, ok := r.FromError(received)
			spec, _ := r.Lookup(runtimeDomain, 1)
			if !ok || e.Spec() != spec || spec.GRPCCode() != codes.ResourceExhausted || r.CheckDescriptor(r.Tables()[0]) != nil {
				t.Errorf("decoded %v, %t, %v", e, ok, r.CheckDescriptor(r.Tables()[0]))
			}
		})
	}
	wg.Wait()
}
