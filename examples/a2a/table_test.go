// Package a2a_test compares the enum with the table that it was imported from.
package a2a_test

import (
	"encoding/csv"
	"os"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	rpccode "google.golang.org/genproto/googleapis/rpc/code"

	a2av1 "github.com/codetable/grpc-codetable/examples/a2a/gen/a2aprotocol/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/codetable/codetabletest"
)

func TestTable(t *testing.T) {
	t.Parallel()
	if err := codetable.Check[a2av1.ErrorCode](); err != nil {
		t.Error(err)
	}
	codetabletest.Golden[a2av1.ErrorCode](t, "error_code.golden.json")
}

func TestTableEqualsPublishedOne(t *testing.T) {
	t.Parallel()
	file, err := os.Open("errors.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want, got := map[string][2]string{}, map[string][2]string{}
	for _, row := range rows[1:] {
		want[row[0]] = [2]string{row[1], row[2]}
	}
	for code, spec := range codetable.All[a2av1.ErrorCode]() {
		if code != a2av1.ErrorCode_ERROR_CODE_UNSPECIFIED {
			got[strconv.Itoa(int(code))] = [2]string{spec.Reason(), rpccode.Code(spec.GRPCCode()).String()}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" || len(got) != 13 {
		t.Errorf("%d errors; the enum differs from errors.csv (-file +enum):\n%s", len(got), diff)
	}
}
