package interceptor_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// header8KiB makes 8 KiB the limit of the headers that clients and servers of
// grpc-go accept by default. Its value false will keep the old default when
// grpc-go changes it.
const header8KiB = "GRPC_GO_EXPERIMENTAL_ENABLE_8KB_DEFAULT_HEADER_LIST_SIZE"

// TestBothDefaultsOfTheHeaderList runs these tests in processes of their own,
// because grpc-go reads the setting at the start.
func TestBothDefaultsOfTheHeaderList(t *testing.T) {
	t.Parallel()
	if os.Getenv(header8KiB) != "" {
		t.Skip("this process has the setting")
	}
	inOneProcess := []string{
		"TestEveryCodeComesBackOverEveryKindAndHop", "TestDefaultOfTheHeaderListIsInForce", "TestOversizedErrorsWithinTheDefaultHeaders", "TestServerSendsEveryVector",
	}
	for _, value := range []string{"true", "false"} {
		t.Run(value, func(t *testing.T) {
			t.Parallel()
			child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^("+strings.Join(inOneProcess, "|")+")$", "-test.v")
			child.Env = append(os.Environ(), header8KiB+"="+value)
			out, err := child.CombinedOutput()
			if err != nil {
				t.Fatalf("%v:\n%s", err, out)
			}
			passed := inOneProcess
			for _, hops := range []string{"hops=1", "hops=3"} {
				for kind := range kinds {
					passed = append(passed, inOneProcess[0]+"/"+hops+"/"+strings.ReplaceAll(kind, " ", "_"))
				}
			}
			for _, name := range passed {
				if !strings.Contains(string(out), "--- PASS: "+name+" (") {
					t.Errorf("%s did not pass:\n%s", name, out)
				}
			}
		})
	}
}

// A status of 10 KB without a budget gets through unless the limit is 8 KiB.
func TestDefaultOfTheHeaderListIsInForce(t *testing.T) {
	t.Parallel()
	err := codetable.NewError(qpsLimit, codetable.WithMetadata("trace", strings.Repeat("x", 10_000)))
	client := dial(t, serve(t, answering(err), interceptor.WithDetailBudget(mebibyte)))
	got := kinds["unary"](t.Context(), client)
	if arrived, want := codetable.Is(got, qpsLimit), headerDefault(t) != "true"; arrived != want {
		t.Errorf("the code arrived: %t, want %t: %.300v", arrived, want, got)
	}
}

func TestOversizedErrorsWithinTheDefaultHeaders(t *testing.T) {
	t.Parallel()
	headerDefault(t)
	testOversized(t)
}

// headerDefault returns the setting of this process. Without one the test is left
// to TestBothDefaultsOfTheHeaderList.
func headerDefault(t *testing.T) string {
	t.Helper()
	value := os.Getenv(header8KiB)
	if value == "" {
		t.Skip("TestBothDefaultsOfTheHeaderList runs this test")
	}
	return value
}
