package simulator_test

import (
	"encoding/csv"
	"math"
	"net/http"
	"os"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/simulator"
)

type published struct {
	number      int
	description string
}

// readTable reads the numbers and texts of the upstream's published table.
func readTable(t *testing.T) []published {
	t.Helper()
	file, err := os.Open("../../../../proto/jiguang/jverification/v1/testdata/response_codes.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var table []published
	for _, row := range rows[1:] {
		number, err := strconv.Atoi(row[0])
		if err != nil {
			t.Fatal(err)
		}
		table = append(table, published{number, row[1]})
	}
	if len(table) != 49 {
		t.Fatalf("%d codes in the table, want 49", len(table))
	}
	return table
}

// TestEveryCodeCanBeForced forces each published code on each path, in both
// modes of HTTP status.
func TestEveryCodeCanBeForced(t *testing.T) {
	t.Parallel()
	table := readTable(t)
	plain, _ := newSimulator(t)
	native, _ := newSimulator(t, func(c *simulator.Config) { c.NativeStatus = true })
	results := []int{0, 8000, 9000, 9001, 9200}
	for path, field := range endpoints {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			for _, want := range table {
				token := "code-" + strconv.Itoa(want.number)
				status, reply := send(t, plain, newRequest(t, path, object{field: token}))
				wantCode(t, reply, want.number)
				if reply["content"] != want.description {
					t.Errorf("%s: content = %q, want %q", token, reply["content"], want.description)
				}
				if status != http.StatusOK {
					t.Errorf("%s: HTTP status = %d, want 200", token, status)
				}
				_, hasID := reply["id"]
				if isResult := slices.Contains(results, want.number); hasID != (isResult && path != "/v1/admin/open") {
					t.Errorf("%s: id in the body: %t", token, hasID)
				}
				status, _ = send(t, native, newRequest(t, path, object{field: token}))
				if status != nativeStatus(want.number) {
					t.Errorf("%s: native HTTP status = %d, want %d", token, status, nativeStatus(want.number))
				}
			}
		})
	}
}

func nativeStatus(code int) int {
	native := map[int]int{
		1802: 401, 9010: 401, 9011: 401,
		9013: 405,
		9015: 415,
		1804: 429, 6005: 429, 9005: 429, 9006: 429, 9007: 429,
		2000: 500, 9099: 500,
	}
	if status, ok := native[code]; ok {
		return status
	}
	return http.StatusOK
}

func TestUnlistedCodesCanBeForced(t *testing.T) {
	t.Parallel()
	s, _ := newSimulator(t)
	for _, number := range []int{-1, 1, 9999, math.MaxInt32, math.MinInt32} {
		reply := post(t, s, "/v1/web/verify", object{"token": "code-" + strconv.Itoa(number)})
		wantCode(t, reply, number)
		if got := reply.keys(); got != "code content" {
			t.Errorf("%d: fields = %s, want code content", number, got)
		}
	}
}

func TestTokensThatOnlyLookReserved(t *testing.T) {
	t.Parallel()
	s, _ := newSimulator(t)
	for _, token := range []string{
		"code-", "code-x", "code-2147483648", "CODE-9000", "riskcheck-", "then-success-1804",
		"then-success-1804-", "then-success-x-1", "phone-13912345679", "phone-13912345679-", "phone-x-1",
		"fault-", "fault-x", "fault-reset-1", "FAULT-reset", "fault-9003", "then-success-fault-reset",
		"then-success-fault-reset-", "then-success-fault--x", "then-success-fault-x-1",
	} {
		wantCode(t, post(t, s, "/v1/web/verify", object{"token": token, "phone": phone}), 9003)
	}
}

func TestRiskCheckIsASecondCode(t *testing.T) {
	t.Parallel()
	s, _ := newSimulator(t)
	for path, main := range map[string]int{"/v2/web/verify": 9000, "/v2/web/h5/loginTokenVerify": 8000} {
		failed := post(t, s, path, object{endpoints[path]: "riskcheck-1805"})
		wantCode(t, failed, main)
		if _, ok := failed["score"]; ok {
			t.Errorf("%s: a score without an assessment", path)
		}
		check := object(failed["riskCheck"].(map[string]any))
		wantCode(t, check, 1805)
		if got := check.keys(); got != "code content" {
			t.Errorf("%s: riskCheck fields = %s, want code content", path, got)
		}

		fine := post(t, s, path, object{endpoints[path]: "riskcheck-0"})
		if got := object(fine["riskCheck"].(map[string]any)).keys(); got != "code content detail score tags" {
			t.Errorf("%s: riskCheck fields = %s", path, got)
		}
	}
	reply := post(t, s, "/v1/web/verify", object{"token": "riskcheck-1805"})
	wantCode(t, reply, 9000)
	if _, ok := reply["riskCheck"]; ok {
		t.Error("riskCheck in a v1 reply")
	}
}

func TestThenSuccess(t *testing.T) {
	t.Parallel()
	successes := map[string]int{"token": 9000, "loginToken": 8000, "phone": 0, "captchaContent": 0, "app_key": 9200}
	for path, field := range endpoints {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			s, _ := newSimulator(t)
			for token, first := range map[string]int{"then-success-1804-a-b": 1804, "then-success--7-a": -7} {
				for call, want := range []int{first, successes[field], successes[field]} {
					wantCode(t, post(t, s, path, object{field: token}), want)
					if got := s.Calls(token); got != call+1 {
						t.Errorf("Calls(%s) = %d, want %d", token, got, call+1)
					}
				}
			}
		})
	}
}

func TestThenSuccessFailsOnceUnderConcurrency(t *testing.T) {
	t.Parallel()
	s, _ := newSimulator(t)
	var failures atomic.Int32
	var group sync.WaitGroup
	for range 32 {
		group.Go(func() {
			if post(t, s, "/v1/web/verify", object{"token": "then-success-1804-x"}).code(t) == 1804 {
				failures.Add(1)
			}
		})
	}
	group.Wait()
	if got := failures.Load(); got != 1 {
		t.Errorf("%d calls failed, want 1", got)
	}
}
