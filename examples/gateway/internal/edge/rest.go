package edge

import (
	"context"
	"maps"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/encoding/protojson"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
)

// restPrefix is the prefix of all routes.
const restPrefix = "/v1/"

var routes = map[string]string{
	jverificationv1.VerificationService_VerifyNumber_FullMethodName:        "/v1/numbers:verify",
	jverificationv1.VerificationService_QueryBusinessRisk_FullMethodName:   "/v1/numbers:queryBusinessRisk",
	jverificationv1.VerificationService_ExchangeLoginToken_FullMethodName:  "/v1/loginTokens:exchange",
	jverificationv1.VerificationService_CheckCaptcha_FullMethodName:        "/v1/captchas:check",
	jverificationv1.VerificationService_EnableOneClickLogin_FullMethodName: "/v1/apps:enableOneClickLogin",
}

// Routes returns the REST path of each method that has one, by full name such as
// "/package.Service/Method". Each is a POST, with the whole request as its body.
func Routes() map[string]string { return maps.Clone(routes) }

// serveREST serves a unary method by JSON.
func (x *exchange) serveREST(w http.ResponseWriter, r *http.Request) {
	switch encoding := r.Header.Get("Content-Encoding"); {
	case r.Method != http.MethodPost:
		w.Header().Set("Allow", http.MethodPost)
		refuse(http.StatusMethodNotAllowed, "want POST").ServeHTTP(w, r)
		return
	case !isJSON(r.Header.Get("Content-Type")), encoding != "" && encoding != "gzip":
		refuse(http.StatusUnsupportedMediaType, "want a body of Content-Type application/json in UTF-8, as it is or in gzip").ServeHTTP(w, r)
		return
	}
	body, err := x.callREST(w, r)
	if err != nil {
		if refused := x.refused.Load(); refused != nil && refused.cause == "size" {
			w = &fixedStatus{w, http.StatusRequestEntityTooLarge}
		}
		answer(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(body) //nolint:gosec // JSON with its media type; fails if the caller has left
}

func (x *exchange) callREST(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	ctx := r.Context()
	if text := r.Header.Get(serverTimeout); text != "" {
		seconds, err := strconv.ParseFloat(text, 64)
		if err != nil || !(seconds >= 0 && seconds <= maxTimeout) {
			return nil, x.refuse(invalid("timeout", serverTimeout+" is not a number of seconds such as 1.5"))
		}
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Duration(seconds*float64(time.Second)))
		defer cancel()
	}
	body, err := readBody(w, r, x.handler.maxMessage)
	if err != nil {
		return nil, x.refuse(err)
	}
	resp, err := x.invoke(ctx, &message{encoded: body, decode: unmarshalJSON})
	if err != nil {
		return nil, err
	}
	return protojson.Marshal(resp)
}

// isJSON accepts each spelling of JSON in UTF-8, and a missing header.
func isJSON(contentType string) bool {
	if contentType == "" || contentType == "application/json" {
		return true
	}
	media, params, err := mime.ParseMediaType(contentType)
	return err == nil && media == "application/json" &&
		(params["charset"] == "" || strings.EqualFold(params["charset"], "utf-8"))
}

const (
	serverTimeout = "X-Server-Timeout" // of a REST call, in seconds
	// maxTimeout fits into a [time.Duration].
	maxTimeout = 1e9 // seconds
)
