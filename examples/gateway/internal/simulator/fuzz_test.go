package simulator_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/simulator"
)

// FuzzServe sends any body to any path. An answer is JSON with a code, and
// nobody gets a success without credentials.
func FuzzServe(f *testing.F) {
	paths := []string{"/v1/web/verify", "/v2/web/verify", "/v1/web/loginTokenVerify", "/v2/web/queryBusinessRisk", "/action/check", "/v1/admin/open", "/none"}
	for i := range paths {
		f.Add(uint8(i), "application/json", `{"token":"code-9001","loginToken":"riskcheck-7","captchaContent":"then-success-6005-a","phone":13800138000,"app_key":"a","exID":"e"}`, true)
		f.Add(uint8(i), "application/json; charset=x", `{"token":"phone-13800138000-a","phone":"13800138000","rsa_pubkey":"AAAA","platform":"a"}`, i%2 == 0)
	}
	f.Add(uint8(0), "", `{"token":[1],"token":null}`, true)
	f.Fuzz(func(t *testing.T, path uint8, media, body string, credentials bool) {
		if strings.Contains(body, "fault") {
			return // it would wait, or end the connection
		}
		config := simulator.DefaultConfig()
		s, err := simulator.New(config)
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest(http.MethodPost, paths[int(path)%len(paths)], strings.NewReader(body))
		r.Header.Set("Content-Type", media)
		if credentials {
			r.SetBasicAuth(config.AppKey, config.MasterSecret)
			if strings.Contains(r.URL.Path, "admin") {
				r.SetBasicAuth(config.DevKey, config.DevSecret)
			}
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code == http.StatusNotFound {
			return
		}
		var answer struct{ Code *int32 }
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || answer.Code == nil {
			t.Fatalf("answered %d %s", w.Code, w.Body)
		}
		if code := *answer.Code; !credentials && (code == 0 || code == 8000 || code == 9000 || code == 9200) {
			t.Errorf("answered %s without credentials", w.Body)
		}
	})
}
