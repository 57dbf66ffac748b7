// Package show describes codes of tables for people and for programs.
package show

import (
	"context"
	"slices"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/catalogue"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/find"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/source"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/internal/table"
	"github.com/codetable/grpc-codetable/interceptor/internal/wire"
)

// Code is the JSON of a code: the JSON of codetable.Spec, and what follows from
// the table, from the methods and from the time.
type Code struct {
	table.Document

	Enum       string   `json:"enum"`
	Value      string   `json:"value"`
	HTTPStatus int      `json:"httpStatus"`
	Methods    []string `json:"methods"`
	// UserMessage is the sentence in the language that was asked for.
	UserMessage *Sentence `json:"userMessage,omitempty"`
	// NextWindow is when the calendar window that follows now begins.
	NextWindow string `json:"nextWindow,omitempty"`
	TimeZone   string `json:"timeZone,omitempty"`
	// StatusBytes is the size of the google.rpc.Status of a failure.
	StatusBytes int `json:"statusBytes,omitempty"`
	// Public is what a public boundary sends of a failure.
	Public *Public `json:"public,omitempty"`

	spec   codetable.Spec
	advice string // at this moment
}

// Sentence is a text for an end user.
type Sentence struct {
	Locale string `json:"locale"`
	Text   string `json:"text"`
}

// Public is what a server with a public boundary sends.
type Public struct {
	Masked     bool   `json:"masked"`
	GRPCCode   string `json:"grpcCode"`
	HTTPStatus int    `json:"httpStatus"`

	delay time.Duration
}

// Codes describes codes of a set. lang selects the language of the user message;
// if it is empty, there is no UserMessage.
func Codes(set *source.Set, codes []find.Code, lang string) []Code {
	methods := map[string][]string{}
	for _, method := range set.Methods() {
		specs, _ := set.Resolver.Declared(method)
		for _, spec := range specs {
			id := find.Code{Spec: spec}.ID()
			methods[id] = append(methods[id], string(method.FullName()))
		}
	}
	boundary := interceptor.NewTranslator(interceptor.WithPublicBoundary())
	list := make([]Code, 0, len(codes))
	for _, c := range codes {
		described := newCode(c, boundary)
		described.Methods = append(described.Methods, methods[c.ID()]...)
		slices.Sort(described.Methods)
		if text, locale := c.UserMessage(lang); lang != "" && text != "" {
			described.UserMessage = &Sentence{locale, text}
		}
		list = append(list, described)
	}
	return list
}

func newCode(c find.Code, boundary *interceptor.Translator) Code {
	t := table.For(c.Enum)
	described := Code{
		Document:   t.Entry(c.Number()).Document(c.Number()),
		Enum:       string(c.Enum.FullName()),
		Value:      string(c.Value().Name()),
		HTTPStatus: wire.HTTPStatus(c.GRPCCode()),
		Methods:    []string{}, // no null in JSON
		spec:       c.Spec,
	}
	err := c.NewError()
	failure, ok := codetable.FromError(err)
	if !ok {
		return described // a success
	}
	if described.advice, described.NextWindow = catalogue.AdviceNow(c.Spec, c.Retry(), t.Location); described.NextWindow != "" {
		described.TimeZone = t.Location.String()
	}
	described.StatusBytes = proto.Size(failure.GRPCStatus().Proto())
	event := boundary.Translate(context.Background(), err)
	described.Public = &Public{
		Masked:     event.Masked,
		GRPCCode:   table.CodeName(event.Status.Code()),
		HTTPStatus: wire.HTTPStatus(event.Status.Code()),
	}
	described.Public.delay, _ = wire.RetryDelay(event.Status.Proto())
	return described
}
