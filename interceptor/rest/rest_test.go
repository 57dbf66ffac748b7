package rest_test

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"testing"

	"google.golang.org/grpc/codes"

	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/rest"
)

func TestEveryCodeOfTheTable(t *testing.T) {
	t.Parallel()
	listed := 0
	for code, spec := range codetable.All[Code]() {
		listed++
		t.Run(spec.Reason(), func(t *testing.T) {
			t.Parallel()
			body := fmt.Sprintf(`{"id":117270465679982593,"code":%d,"content":%q,"exID":"e-1"}`, code, spec.Description())
			err := call(t, answer(http.StatusOK, body), nil, published...)
			if spec.GRPCCode() == codes.OK {
				if err != nil {
					t.Fatalf("success code %d gave %v", code, err)
				}
				return
			}
			if got, ok := codetable.CodeOf[Code](err); !ok || got != code {
				t.Errorf("CodeOf = %d, %t; want %d", got, ok, code)
			}
			if got := statusOf(t, err).Code(); got != spec.GRPCCode() {
				t.Errorf("gRPC code = %v; want %v", got, spec.GRPCCode())
			}
			want := map[string]string{"code": strconv.Itoa(int(code)), "id": "117270465679982593", "exId": "e-1"}
			if got := codedOf(t, err).Metadata(); !maps.Equal(got, want) {
				t.Errorf("metadata = %v; want %v: content that the table knows is left out", got, want)
			}
		})
	}
	if listed == 0 {
		t.Error("the table is empty")
	}
}

func TestCodeThatTheTableDoesNotList(t *testing.T) {
	t.Parallel()
	for _, code := range []int32{1, 9999, -1, -9001, math.MaxInt32, math.MinInt32} {
		t.Run(strconv.Itoa(int(code)), func(t *testing.T) {
			t.Parallel()
			err := call(t, answer(http.StatusOK, fmt.Sprintf(`{"code":%d,"content":"brand new"}`, code)), nil, published...)
			if got, ok := codetable.CodeOf[Code](err); !ok || int32(got) != code {
				t.Errorf("CodeOf = %d, %t; want %d", got, ok, code)
			}
			coded := codedOf(t, err)
			if got, want := coded.Reason(), "UNRECOGNIZED_CODE"; got != want {
				t.Errorf("reason = %q; want %q", got, want)
			}
			if got, want := coded.Metadata()["content"], "brand new"; got != want {
				t.Errorf("content = %q; want %q", got, want)
			}
		})
	}
}

func TestCodeIsReadWithAnyHTTPStatus(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		httpStatus, err := strconv.Atoi(r.URL.Query().Get("status"))
		if err != nil {
			panic(err)
		}
		answer(httpStatus, `{"code":`+r.URL.Query().Get("code")+`}`)(w, r)
	}))
	t.Cleanup(server.Close)
	for httpStatus := 200; httpStatus <= 599; httpStatus++ {
		if httpStatus == http.StatusNoContent || httpStatus == http.StatusNotModified {
			continue // HTTP does not allow a body
		}
		for _, code := range []Code{consistent, tokenExpired} {
			req := newRequest(t, fmt.Sprintf("%s?status=%d&code=%d", server.URL, httpStatus, code))
			err := rest.Do[Code](server.Client(), req, nil)
			got, failed := codetable.CodeOf[Code](err)
			if code == consistent && err != nil {
				t.Errorf("HTTP %d with success code: %v", httpStatus, err)
			}
			if code == tokenExpired && (!failed || got != code) {
				t.Errorf("HTTP %d: CodeOf = %v, %t of %v; want %v", httpStatus, got, failed, err, code)
			}
		}
	}
}

func TestIntoIsFilledOnSuccess(t *testing.T) {
	t.Parallel()
	var reply verifyReply
	body := `{"id":117270465679982593,"code":9000,"content":"verify consistent","exID":"e-1",` +
		`"riskCheck":{"code":1805,"content":"insufficient balance"}}`
	if err := call(t, answer(http.StatusOK, body), &reply); err != nil {
		t.Fatal(err)
	}
	if reply.ID != 117270465679982593 || reply.Code != 9000 || reply.ExID != "e-1" {
		t.Errorf("reply = %+v", reply)
	}
	if reply.Score != nil {
		t.Errorf("score = %d; want it unset: a missing score is not 0", *reply.Score)
	}
	if reply.RiskCheck == nil || reply.RiskCheck.Code != 1805 || reply.RiskCheck.Score != nil {
		t.Errorf("riskCheck = %+v; want the second code, 1805, without a score", reply.RiskCheck)
	}
}

func TestIntoIsFilledOnFailure(t *testing.T) {
	t.Parallel()
	var reply verifyReply
	body := `{"id":117270465679982593,"code":9001,"content":"verify not consistent","exID":"",` +
		`"score":0,"riskCheck":{"code":0,"score":900,"tags":["F24004"]}}`
	err := call(t, answer(http.StatusOK, body), &reply)
	if !codetable.Is(err, notConsistent) {
		t.Fatalf("error = %v; want code 9001", err)
	}
	if reply.ID != 117270465679982593 || reply.Code != 9001 || reply.Score == nil || *reply.Score != 0 {
		t.Errorf("reply = %+v", reply)
	}
	if risk := reply.RiskCheck; risk == nil || risk.Code != 0 || risk.Score == nil || *risk.Score != 900 || len(risk.Tags) != 1 {
		t.Errorf("riskCheck = %+v", risk)
	}
}

func TestIntoOfAnotherForm(t *testing.T) {
	t.Parallel()
	const body = `{"code":%d,"id":"not a number"}`
	t.Run("success", func(t *testing.T) {
		t.Parallel()
		err := call(t, answer(http.StatusOK, fmt.Sprintf(body, consistent)), &verifyReply{})
		if got := statusOf(t, err); got.Code() != codes.Internal || got.Message() != "upstream reply has an unexpected form" {
			t.Errorf("status = %v", got)
		}
		if _, ok := errors.AsType[*json.UnmarshalTypeError](err); !ok {
			t.Errorf("error %v does not lead to the fault of the JSON", err)
		}
	})
	t.Run("failure", func(t *testing.T) {
		t.Parallel()
		var reply verifyReply
		err := call(t, answer(http.StatusOK, fmt.Sprintf(body, notConsistent)), &reply)
		if !codetable.Is(err, notConsistent) {
			t.Errorf("error = %v; want the code nevertheless", err)
		}
		if _, ok := errors.AsType[*json.UnmarshalTypeError](err); !ok {
			t.Errorf("error %v does not lead to the fault of the JSON", err)
		}
		if reply.Code != 9001 {
			t.Errorf("reply = %+v; want it filled as far as it can be", reply)
		}
	})
}

func TestMetadata(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, body string
		want       map[string]string
	}{
		{"no other field", `{"code":9011}`, map[string]string{"code": "9011"}},
		{"content as in the table", `{"code":9011,"content":"auth failed"}`, map[string]string{"code": "9011"}},
		{"another content", `{"code":9011,"content":"appKey 认证失败"}`, map[string]string{"code": "9011", "content": "appKey 认证失败"}},
		{"content of another code", `{"code":9011,"content":"success"}`, map[string]string{"code": "9011", "content": "success"}},
		{"id above 2^53", `{"code":9001,"id":9007199254740993}`, map[string]string{"code": "9001", "id": "9007199254740993"}},
		{"greatest int64", `{"code":9001,"id":9223372036854775807}`, map[string]string{"code": "9001", "id": "9223372036854775807"}},
		{"id beyond int64", `{"code":9001,"id":123456789012345678901234567890}`, map[string]string{"code": "9001", "id": "123456789012345678901234567890"}},
		{"id as a string", `{"code":9001,"id":"9007199254740993"}`, map[string]string{"code": "9001", "id": "9007199254740993"}},
		{"exID as a number", `{"code":9001,"exID":1234566}`, map[string]string{"code": "9001", "exId": "1234566"}},
		{"empty fields", `{"code":9001,"content":"","id":"","exID":""}`, map[string]string{"code": "9001"}},
		{"fields of another type", `{"code":9001,"content":null,"id":{"a":1},"exID":[true]}`, map[string]string{"code": "9001"}},
		{"exID misspelt", `{"code":9001,"exId":"e","exid":"e"}`, map[string]string{"code": "9001"}},
		{"invalid UTF-8", "{\"code\":9001,\"exID\":\"a\xffb\"}", map[string]string{"code": "9001", "exId": "a\ufffdb"}},
		{"fields that stand twice", `{"code":9001,"content":"a","content":"b","id":1,"id":1}`, map[string]string{"code": "9001", "id": "1"}},
		{"escaped name", `{"code":9001,"\u0069d":7}`, map[string]string{"code": "9001", "id": "7"}},
		{"escaped value", `{"code":9001,"exID":"\"\u8bed\ud83d\ude00\\"}`, map[string]string{"code": "9001", "exId": "\"语😀\\"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := call(t, answer(http.StatusOK, tt.body), nil, published...)
			if got := codedOf(t, err).Metadata(); !maps.Equal(got, tt.want) {
				t.Errorf("metadata = %v; want %v", got, tt.want)
			}
		})
	}
}

func TestGzip(t *testing.T) {
	t.Parallel()
	err := call(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		zip := gzip.NewWriter(w)
		defer func() { _ = zip.Close() }()
		_, _ = io.WriteString(zip, `{"code":9003,"id":9007199254740993}`)
	}, nil, published...)
	if coded := codedOf(t, err); coded.Number() != 9003 || coded.Metadata()["id"] != "9007199254740993" {
		t.Errorf("error = %v", err)
	}
}

// TestRequestIsSentOnce is important because the first request uses up a token.
func TestRequestIsSentOnce(t *testing.T) {
	t.Parallel()
	for _, httpStatus := range []int{http.StatusOK, http.StatusTooManyRequests, http.StatusServiceUnavailable} {
		t.Run(strconv.Itoa(httpStatus), func(t *testing.T) {
			t.Parallel()
			bodies := make(chan string, 8)
			err := call(t, func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				bodies <- string(body)
				answer(httpStatus, `{"code":1804}`)(w, r)
			}, nil)
			if !codetable.Is(err, qpsLimit) {
				t.Errorf("error = %v; want code 1804", err)
			}
			if len(bodies) != 1 || <-bodies != `{"token":"t"}` {
				t.Errorf("the upstream was called %d times, or with another body; want once", len(bodies))
			}
		})
	}
}

// Concurrent calls can share a client and a list of options.
func TestConcurrentCalls(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer(200, `{"code":"`+r.URL.Query().Get("code")+`","id":"`+r.URL.Query().Get("code")+`"}`)(w, r)
	}))
	t.Cleanup(server.Close)
	opts := slices.Clip(published)
	for range 8 {
		for _, code := range []string{"51", "68", "91"} {
			t.Run(code, func(t *testing.T) {
				t.Parallel()
				err := rest.Do[isoCode](server.Client(), newRequest(t, server.URL+"?code="+code), nil, opts...)
				if got := codedOf(t, err).Metadata(); got["id"] != code || got["code"] != code {
					t.Errorf("metadata = %v; want %s", got, code)
				}
			})
		}
	}
}
