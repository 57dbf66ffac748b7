package edge

import (
	"net/http"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// parameterInvalid is the one code that the edge answers with by itself.
const parameterInvalid = jverificationv1.ResponseCode_RESPONSE_CODE_PARAMETER_INVALID

// languages has a transcoder for each language of the user messages, and one
// for none: vanguard tells a codec nothing of the request that it decodes.
type languages map[string]http.Handler

func newLanguages(transcoder func(locale string) (http.Handler, error)) (languages, error) {
	spec, _ := codetable.Lookup(parameterInvalid)
	handlers := languages{}
	for _, locale := range append(spec.Locales(), "") {
		var err error
		if handlers[locale], err = transcoder(locale); err != nil {
			return nil, err
		}
	}
	return handlers, nil
}

// ServeHTTP implements [http.Handler]. Who asks for no language gets no user
// message.
func (l languages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	locale := ""
	if list := r.Header.Get("Accept-Language"); list != "" {
		spec, _ := codetable.Lookup(parameterInvalid)
		_, locale = spec.UserMessage(list)
	}
	l[locale].ServeHTTP(w, r)
}
