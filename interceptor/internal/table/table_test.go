package table_test

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	_ "time/tzdata" // for machines without time zones
	"weak"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/durationpb"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/internal/enumtest"
	"github.com/codetable/grpc-codetable/interceptor/internal/table"
)

var responseCode = jverificationv1.ResponseCode(0).Descriptor()

func failing(c codetablev1.GrpcCode) *codetablev1.Code { return &codetablev1.Code{GrpcCode: &c} }

func TestTableOfLinkedEnumIsResolvedOnce(t *testing.T) {
	t.Parallel()
	const goroutines = 16
	n := linked.Add(1)
	enum := enumtest.File{
		Package: fmt.Sprintf("codetable.tabletest%d", n), Table: &codetablev1.Table{Domain: fmt.Sprintf("once%d.example.com", n)},
		Values: []enumtest.Value{{Name: "TEST_CODE_BUSY", Number: 1}},
	}.Build(t)
	if table.IsLinked(enum) {
		t.Error("an enum that was built is linked")
	}
	enumtest.Link(t, enum)
	tables := make([]*table.Table, goroutines)
	var wg sync.WaitGroup
	for i := range goroutines {
		wg.Go(func() { tables[i] = table.For(enum) })
	}
	wg.Wait()
	if slices.ContainsFunc(tables, func(other *table.Table) bool { return other != tables[0] }) {
		t.Errorf("%s has several tables: %v", enum.FullName(), tables)
	}
	if !table.IsLinked(responseCode) || !table.IsLinked(enum) {
		t.Errorf("linked: %t and %t, want both", table.IsLinked(responseCode), table.IsLinked(enum))
	}
}

// Linked enums are found even if there are more than are compared one by one.
func TestManyLinkedEnums(t *testing.T) {
	t.Parallel()
	enums := []protoreflect.EnumDescriptor{
		responseCode, codetablev1.GrpcCode(0).Descriptor(), codetablev1.Fault(0).Descriptor(), codetablev1.RetryAction(0).Descriptor(),
		codetablev1.CalendarWindow(0).Descriptor(), codetablev1.DetailType(0).Descriptor(),
	}
	for range 2 {
		for _, desc := range enums {
			if got := table.For(desc); got.Desc != desc || got != table.For(desc) {
				t.Errorf("For(%s) is the table of %s", desc.FullName(), got.Desc.FullName())
			}
		}
	}
}

//nolint:paralleltest // it counts what the whole process keeps
func TestDynamicTablesAreNotKept(t *testing.T) {
	const built, kept = 300, 64
	linked := table.For(responseCode)
	var refs []weak.Pointer[table.Table]
	for range built {
		enum := enumtest.File{Values: []enumtest.Value{{Name: "TEST_CODE_BUSY", Number: 1}}}.Build(t)
		resolved := table.For(enum)
		if resolved != table.For(enum) {
			t.Fatal("a table is not kept at all")
		}
		refs = append(refs, weak.Make(resolved))
	}
	runtime.GC()
	alive := 0
	for _, ref := range refs {
		if ref.Value() != nil {
			alive++
		}
	}
	if alive > kept || alive == 0 {
		t.Errorf("%d of %d tables are still alive, want at most %d", alive, built, kept)
	}
	if table.For(responseCode) != linked {
		t.Error("the table of a linked enum was resolved again")
	}
}

// linked counts the packages that tests link, because a test may run twice.
var linked atomic.Int32

func TestByDomain(t *testing.T) {
	t.Parallel()
	if got := table.Linked.ByDomain([]byte("jverification.jiguang.cn")); got != table.For(responseCode) {
		t.Errorf("ByDomain = %v, want the table of ResponseCode", got)
	}
	for _, domain := range []string{"", "nobody.example.com", "JVERIFICATION.jiguang.cn", "codetable.v1.GrpcCode"} {
		if got := table.Linked.ByDomain([]byte(domain)); got != nil {
			t.Errorf("ByDomain(%q) = %v, want none", domain, got.Desc.FullName())
		}
	}
	n := linked.Add(1)
	late := fmt.Sprintf("late%d.example.com", n)
	enum := enumtest.File{
		Package: fmt.Sprintf("codetable.tabletest%d", n), Table: &codetablev1.Table{Domain: late}, Values: []enumtest.Value{{Name: "A", Number: 1}},
	}.Build(t)
	if table.Linked.ByDomain([]byte(late)) != nil {
		t.Error("an enum that is not linked is found")
	}
	enumtest.Link(t, enum)
	if got := table.Linked.ByDomain([]byte(late)); got != table.For(enum) {
		t.Errorf("ByDomain = %v, want the enum that was linked later", got)
	}
	for range table.Linked.Tables() {
		break // the caller may stop the iteration
	}
}

func TestEntries(t *testing.T) {
	t.Parallel()
	const absent = math.MinInt32 + 1
	tbl := table.For(enumtest.File{
		Table: &codetablev1.Table{Domain: "codes.example.com", UnrecognizedGrpcCode: new(codetablev1.GrpcCode_GRPC_CODE_INTERNAL)},
		Values: []enumtest.Value{
			{Name: "TEST_CODE_BUSY", Number: 7, Code: failing(codetablev1.GrpcCode_GRPC_CODE_ABORTED)},
			{Name: "TEST_CODE_OLD_NAME", Number: 7},
			{Name: "TEST_CODE_LEAST", Number: math.MinInt32},
			{Name: "TEST_CODE_STATED", Number: 3, Code: &codetablev1.Code{Reason: "OWN_WORD"}},
			{Name: "OTHER", Number: 4},
			{Name: "TEST_CODE_OTHER", Number: 5},
			{Name: "TEST_CODE_", Number: 6},
		},
	}.Build(t))
	var numbers []int32
	var reasons []string
	for _, e := range tbl.Entries {
		numbers, reasons = append(numbers, e.Number), append(reasons, e.Reason)
		if got := tbl.Entry(e.Number); got != e || !e.Listed || e.Code.Entry() != e || e.Table != tbl {
			t.Errorf("Entry(%d) is %v", e.Number, got)
		}
	}
	if want := []int32{math.MinInt32, 3, 4, 5, 6, 7}; !slices.Equal(numbers, want) {
		t.Errorf("numbers %d, want %d", numbers, want)
	}
	if want := []string{"LEAST", "OWN_WORD", "OTHER", "OTHER", "TEST_CODE_", "BUSY"}; !slices.Equal(reasons, want) {
		t.Errorf("reasons %q, want %q", reasons, want)
	}
	for reason, want := range map[string]*table.Entry{
		"BUSY": tbl.Entry(7), "OLD_NAME": tbl.Entry(7), "OWN_WORD": tbl.Entry(3), "STATED": nil, "OTHER": tbl.Entry(4), "": nil, table.Unrecognized: nil,
	} {
		if got := tbl.ByReason(reason); got != want {
			t.Errorf("ByReason(%q) = %v, want %v", reason, got, want)
		}
	}
	if tbl.Absent != absent || tbl.Entry(absent) != tbl.Unlisted || tbl.Unlisted.Listed || tbl.Unlisted.GRPCCode != codes.Internal ||
		tbl.Unlisted.Message == "" || tbl.Unlisted.Reason != "UNRECOGNIZED_CODE" {
		t.Errorf("absent number %d, unlisted %+v", tbl.Absent, tbl.Unlisted)
	}
	if nothing := table.Nothing(); nothing.Listed || nothing.GRPCCode != codes.Unknown || nothing.Message == "" || nothing.Delay() != 0 {
		t.Errorf("Nothing is %+v", nothing)
	}
}

func TestKeepMakesOneValue(t *testing.T) {
	t.Parallel()
	e := table.Nothing()
	made := 0
	for range 3 {
		if got := e.Keep(func(of *table.Entry) any { made++; return of }); got != any(e) {
			t.Errorf("Keep = %v, want what was made of the entry", got)
		}
	}
	if made != 1 {
		t.Errorf("made %d values, want 1", made)
	}
}

func TestStatusCodesFailClosed(t *testing.T) {
	t.Parallel()
	for c := codetablev1.GrpcCode(-1); c <= 18; c++ {
		want := codes.Code(c)
		if c < 0 || c > 16 {
			want = codes.Unknown
		}
		if got := table.StatusCode(&c); got != want {
			t.Errorf("StatusCode(%d) = %v, want %v", c, got, want)
		}
		if want == codes.OK {
			want = codes.Unknown
		}
		if got := table.FailureCode(&c); got != want {
			t.Errorf("FailureCode(%d) = %v, want %v", c, got, want)
		}
	}
	if table.StatusCode(nil) != codes.Unknown || table.FailureCode(nil) != codes.Unknown {
		t.Error("an unset code is not UNKNOWN")
	}
	for fault, hidden := range map[codetablev1.Fault]bool{
		codetablev1.Fault_FAULT_UNSPECIFIED: true, codetablev1.Fault_FAULT_OPERATOR: true, 99: true, -1: true,
		codetablev1.Fault_FAULT_CALLER: false, codetablev1.Fault_FAULT_END_USER: false, codetablev1.Fault_FAULT_UPSTREAM: false,
	} {
		if got := table.HiddenFault(fault); got != hidden {
			t.Errorf("HiddenFault(%v) = %t, want %t", fault, got, hidden)
		}
	}
}

func TestWholeSecondsNeitherOverflowNorComeEarly(t *testing.T) {
	t.Parallel()
	const longest = time.Duration(math.MaxInt64)
	for d, want := range map[time.Duration]time.Duration{
		0: 0, 1: time.Second, time.Second - 1: time.Second, time.Second: time.Second, time.Second + 1: 2 * time.Second,
		-1: 0, -time.Second: -time.Second, -1500 * time.Millisecond: -time.Second, longest: longest.Truncate(time.Second),
		longest - time.Second: longest.Truncate(time.Second),
	} {
		if got := table.WholeSeconds(d); got != want {
			t.Errorf("WholeSeconds(%v) = %v, want %v", d, got, want)
		}
	}
}

func TestDelayIsNeverNegative(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		delay *durationpb.Duration
		want  time.Duration
	}{
		{nil, 0},
		{durationpb.New(-time.Hour), 0},
		{durationpb.New(1500 * time.Millisecond), 1500 * time.Millisecond},
		{&durationpb.Duration{Seconds: math.MaxInt64, Nanos: math.MaxInt32}, math.MaxInt64},
		{&durationpb.Duration{Seconds: math.MinInt64}, 0},
	} {
		code := &codetablev1.Code{Retry: &codetablev1.Retry{After: &codetablev1.Retry_Delay{Delay: tt.delay}}}
		e := table.For(enumtest.File{Values: []enumtest.Value{{Name: "A", Number: 1, Code: code}}}.Build(t)).Entry(1)
		if got := e.Delay(); got != tt.want || e.Windowed() {
			t.Errorf("%v: delay %v, want %v", tt.delay, got, tt.want)
		}
	}
}

// The time until a window is at least one second and at most the length of the
// window.
func TestWindowsOfManyZones(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{"Asia/Shanghai", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe", "America/Sao_Paulo", "Africa/Casablanca", "Pacific/Apia", "Antarctica/Troll"} {
		for window, most := range map[codetablev1.CalendarWindow]time.Duration{
			codetablev1.CalendarWindow_CALENDAR_WINDOW_HOUR: time.Hour, codetablev1.CalendarWindow_CALENDAR_WINDOW_DAY: 26 * time.Hour,
		} {
			code := &codetablev1.Code{Retry: &codetablev1.Retry{After: &codetablev1.Retry_Window{Window: window}}}
			e := table.For(enumtest.File{Table: &codetablev1.Table{TimeZone: zone}, Values: []enumtest.Value{{Name: "A", Number: 1, Code: code}}}.Build(t)).Entry(1)
			if got := e.Delay(); got < time.Second || got > most || got%time.Second != 0 || !e.Windowed() {
				t.Errorf("%v in %s: %v, want whole seconds up to %v", window, zone, got, most)
			}
		}
	}
}

// These nights have no midnight, or two.
func TestDayBeginsWithTheFirstInstantOfItsDate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		zone, now string
		want      time.Duration
	}{
		{"America/Sao_Paulo", "2018-11-03T12:00:00-03:00", 12 * time.Hour},
		{"Asia/Amman", "2021-10-28T23:00:00+03:00", time.Hour},
		{"Asia/Shanghai", "2026-03-01T23:59:59.5+08:00", time.Second},
	} {
		code := &codetablev1.Code{Retry: &codetablev1.Retry{After: &codetablev1.Retry_Window{Window: codetablev1.CalendarWindow_CALENDAR_WINDOW_DAY}}}
		e := table.For(enumtest.File{Table: &codetablev1.Table{TimeZone: tt.zone}, Values: []enumtest.Value{{Name: "A", Number: 1, Code: code}}}.Build(t)).Entry(1)
		synctest.Test(t, func(t *testing.T) {
			now, err := time.Parse(time.RFC3339, tt.now)
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Until(now))
			if got := e.Delay(); got != tt.want {
				t.Errorf("at %s in %s: %v, want %v", tt.now, tt.zone, got, tt.want)
			}
		})
	}
}

// The delay of a window without a time zone, or of an unknown window, can't be
// computed.
func TestDelayOfFaultyWindowIsZero(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		zone   string
		window codetablev1.CalendarWindow
	}{
		{"", codetablev1.CalendarWindow_CALENDAR_WINDOW_DAY}, {"Mars/Olympus", codetablev1.CalendarWindow_CALENDAR_WINDOW_DAY}, {"Asia/Shanghai", 99},
	} {
		code := &codetablev1.Code{Retry: &codetablev1.Retry{After: &codetablev1.Retry_Window{Window: tt.window}}}
		e := table.For(enumtest.File{Table: &codetablev1.Table{TimeZone: tt.zone}, Values: []enumtest.Value{{Name: "A", Number: 1, Code: code}}}.Build(t)).Entry(1)
		if got := e.Delay(); got != 0 {
			t.Errorf("%v in %q: %v, want 0", tt.window, tt.zone, got)
		}
	}
}

// These are some of the names for which buf_test.go asks buf.
func TestValuePrefix(t *testing.T) {
	t.Parallel()
	for name, want := range map[protoreflect.Name]string{
		"TestCode": "TEST_CODE_", "A2AError": "A2A_ERROR_", "HTTPCode": "HTTP_CODE_", "IPv4Code": "I_PV4_CODE_", "X509": "X509_",
		"Oauth2Token": "OAUTH2_TOKEN_", "iOSCode": "I_OS_CODE_", "Foo__Bar": "FOO_BAR_", "_Leading_": "LEADING_", "A": "A_",
		"CodeV2": "CODE_V2_", "snake_Code": "SNAKE_CODE_",
	} {
		if got := table.ValuePrefix(name); got != want {
			t.Errorf("ValuePrefix(%s) = %s, want %s", name, got, want)
		}
	}
}

func TestFindMethod(t *testing.T) {
	t.Parallel()
	const verify = "/jiguang.jverification.v1.VerificationService/VerifyNumber"
	for name, found := range map[string]bool{
		verify: true, verify[1:]: true, "": false, "/": false, "//": false, "VerifyNumber": false, verify + "s": true, verify + "/": false,
		"/jiguang.jverification.v1.ResponseCode/VerifyNumber": false, "/nobody.Service/Call": false, "/jiguang.jverification.v1.VerificationService/": false,
		strings.Replace(verify, "VerifyNumber", "Nobody", 1): false,
	} {
		if got := table.FindMethod(name); (got != nil) != found {
			t.Errorf("FindMethod(%q) = %v, want one: %t", name, got, found)
		}
	}
	enum := enumtest.File{Methods: []enumtest.Method{{Name: "Call", Options: &codetablev1.Method{Codes: []*codetablev1.MethodCodes{
		{Domain: "nobody.example.com", Reasons: []string{"BUSY"}}, {Domain: "jverification.jiguang.cn", Reasons: []string{"NOBODY_KNOWS"}},
	}}}}, Values: []enumtest.Value{{Name: "A", Number: 1}}}.Build(t)
	if entries, ok := table.Linked.Declared(enum.ParentFile().Services().Get(0).Methods().Get(0)); !ok || len(entries) != 0 {
		t.Errorf("Declared = %v, %t, want an option without known codes", entries, ok)
	}
	entries, ok := table.Linked.Declared(table.FindMethod(verify))
	if !ok || len(entries) == 0 || entries[0].Reason != "VERIFY_CONSISTENT" {
		t.Errorf("Declared = %v, %t", entries, ok)
	}
}

// Options that can't be read are treated as missing.
func TestUnreadableOptions(t *testing.T) {
	t.Parallel()
	field := []byte{0xb2, 0xd1, 0x26, 1, 0xff} // field 79142 with one byte that is not a message
	enum := enumtest.File{Values: []enumtest.Value{{Name: "TEST_CODE_BUSY", Number: 1}}}.Build(t)
	broken := &brokenOptions{EnumDescriptor: enum, options: proto.Clone(enum.Options())}
	broken.options.ProtoReflect().SetUnknown(field)
	if got := table.For(broken); got.Annotated || got.Domain != "codetable.test.TestCode" || got.Options == nil {
		t.Errorf("table %+v, want one without options", got)
	}
}

type brokenOptions struct {
	protoreflect.EnumDescriptor
	options proto.Message
}

func (b *brokenOptions) Options() protoreflect.ProtoMessage { return b.options }

// TestRegistrationWhileDecoding detects a deadlock: a look-up inside a walk
// through the registry waits for a registration, and the registration waits for
// the walk.
func TestRegistrationWhileDecoding(t *testing.T) {
	t.Parallel()
	const enums = 100
	var linked atomic.Bool
	var readers sync.WaitGroup
	for range 3 {
		readers.Go(func() {
			for !linked.Load() {
				table.Linked.ByDomain([]byte("nobody.example.com"))
			}
		})
	}
	domain := ""
	for i := range enums {
		pkg := fmt.Sprintf("codetable.registration.n%d", i)
		domain = pkg + ".example.com"
		enumtest.Link(t, enumtest.File{
			Package: pkg, Table: &codetablev1.Table{Domain: domain}, Values: []enumtest.Value{{Name: "TEST_CODE_ZERO"}},
		}.Build(t))
	}
	linked.Store(true)
	readers.Wait()
	if table.Linked.ByDomain([]byte(domain)) == nil {
		t.Error("the last enum is not found")
	}
}
