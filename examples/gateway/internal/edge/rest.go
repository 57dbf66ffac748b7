package edge

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"maps"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/encoding/protojson"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
)

const (
	restPrefix    = "/v1/"             // of all routes
	serverTimeout = "X-Server-Timeout" // the header with the time limit of a caller, in seconds
)

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
func (x *exchange) serveREST(ctx context.Context, w http.ResponseWriter, r *http.Request) {
	switch encoding := r.Header.Get("Content-Encoding"); {
	case r.Method != http.MethodPost:
		w.Header().Set("Allow", http.MethodPost)
		refuse(http.StatusMethodNotAllowed, "want POST").ServeHTTP(w, r)
		return
	case !isJSON(r.Header.Get("Content-Type")), encoding != "" && encoding != "gzip":
		refuse(http.StatusUnsupportedMediaType, "want a body of Content-Type application/json in UTF-8, as it is or in gzip").ServeHTTP(w, r)
		return
	}
	body, err := x.callREST(ctx, w, r)
	if err != nil {
		if refused, ok := errors.AsType[*refusedError](err); ok && refused.cause == "size" {
			x.writer.fixed = http.StatusRequestEntityTooLarge
		}
		answer(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(body) //nolint:gosec // JSON with its media type; fails if the caller has left
}

func (x *exchange) callREST(ctx context.Context, w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if text := r.Header.Get(serverTimeout); text != "" {
		seconds, err := strconv.ParseFloat(text, 64)
		if err != nil || !(seconds >= 0 && seconds <= 1e9) { // which fits into a time.Duration
			return nil, invalid("timeout", serverTimeout+" is not a number of seconds such as 1.5")
		}
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Duration(seconds*float64(time.Second)))
		defer cancel()
	}
	body, err := x.readBody(w, r)
	if err != nil {
		return nil, err
	}
	resp, err := x.invoke(ctx, &message{encoded: body, decode: unmarshalJSON})
	if err != nil {
		return nil, err
	}
	return protojson.Marshal(resp)
}

// readBody reads and decompresses a body.
func (x *exchange) readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	limit := int64(x.handler.MaxMessage)
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if err != nil {
		return nil, x.readError(err)
	}
	if r.Header.Get("Content-Encoding") != "gzip" || len(raw) == 0 {
		return raw, nil
	}
	unzipped := boundedGzip{limit: limit + 1}
	if err = unzipped.Reset(bytes.NewReader(raw)); err == nil {
		raw, err = io.ReadAll(&unzipped)
	}
	switch {
	case err != nil:
		return nil, invalid("compression", "the body is not gzip, or ends too early")
	case int64(len(raw)) > limit:
		return nil, x.tooLarge()
	default:
		return raw, nil
	}
}

// isJSON accepts each spelling of JSON in UTF-8, and a missing header.
func isJSON(contentType string) bool {
	media, params, err := mime.ParseMediaType(cmp.Or(contentType, "application/json"))
	return err == nil && media == "application/json" && strings.EqualFold(cmp.Or(params["charset"], "utf-8"), "utf-8")
}
