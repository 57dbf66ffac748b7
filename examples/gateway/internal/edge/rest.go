package edge

import (
	"context"
	"errors"
	"maps"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/rest"
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
func (h *handler) serveREST(w http.ResponseWriter, r *http.Request, m method) {
	switch encoding := r.Header.Get("Content-Encoding"); {
	case r.Method != http.MethodPost:
		w.Header().Set("Allow", http.MethodPost)
		h.refuseHTTP(w, r, http.StatusMethodNotAllowed, "want POST")
		return
	case !isJSON(r.Header.Get("Content-Type")), encoding != "" && encoding != "gzip":
		h.refuseHTTP(w, r, http.StatusUnsupportedMediaType, "want a body of Content-Type application/json in UTF-8, as it is or in gzip")
		return
	}
	body, err := h.callREST(w, r, m)
	var refused *refusedError
	switch {
	case err == nil:
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		_, _ = w.Write(body) //nolint:gosec // JSON with its media type; fails if the caller has left
	case errors.As(err, &refused) && refused.cause == "size":
		h.answer(w, r, http.StatusRequestEntityTooLarge, err)
	default:
		rest.WriteError(w, r, err, h.sameStatus)
	}
}

func (h *handler) callREST(w http.ResponseWriter, r *http.Request, m method) ([]byte, error) {
	ctx, x := r.Context(), exchangeOf(r.Context())
	if text := r.Header.Get(serverTimeout); text != "" {
		seconds, err := strconv.ParseFloat(text, 64)
		if err != nil || !(seconds >= 0 && seconds <= maxTimeout) {
			return nil, x.refuse(noTimeout(serverTimeout + " is not a number of seconds such as 1.5"))
		}
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Duration(seconds*float64(time.Second)))
		defer cancel()
	}
	body, err := readMessage(h.bound(w, r, x.refuse), h.maxMessage, r.Header.Get("Content-Encoding"))
	if err != nil {
		return nil, x.refuse(err)
	}
	resp, err := h.invoke(ctx, m, newCall(m), &message{encoded: body, decode: unmarshalJSON})
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

func noTimeout(text string) error {
	return &refusedError{"timeout", status.Error(codes.InvalidArgument, text)}
}
