package interceptor_test

import (
	"regexp"
	"strconv"
	"testing"
)

// The library requires the lowest version of grpc-go that it supports, and the
// examples the newest one, with which make test tests the library too.
func TestLibraryRequiresTheLowestGRPC(t *testing.T) {
	t.Parallel()
	minorOf := func(module string) (version string, minor int) {
		m := regexp.MustCompile(`(?m)^\s*google\.golang\.org/grpc (v1\.(\d+)\.\d+)$`).FindStringSubmatch(read(t, "../"+module+"/go.mod"))
		if m == nil {
			t.Fatalf("%s requires no release of grpc-go", module)
		}
		minor, err := strconv.Atoi(m[2])
		if err != nil {
			t.Fatal(err)
		}
		return m[1], minor
	}
	lowest, lowestMinor := minorOf(".")
	for _, module := range []string{"interceptor/connectcodetable", "interceptor/telemetry"} {
		if version, _ := minorOf(module); version != lowest {
			t.Errorf("%s requires grpc-go %s, the library %s", module, version, lowest)
		}
	}
	if newest, minor := minorOf("examples"); minor <= lowestMinor {
		t.Errorf("the examples require grpc-go %s, so no test runs with a newer one than %s", newest, lowest)
	}
}
