package openapi

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/catalogue"
)

// binding is one way to call a method over HTTP.
type binding struct {
	verb     string // in lower case
	path     string // a template, as in google.api.http
	body     string // a field of the request, * for the whole one, or empty
	response string // a field of the reply, or empty for the whole one
	connect  bool   // errors have the form of the Connect protocol
}

var verbs = []string{"get", "put", "post", "delete", "options", "head", "patch", "trace"}

func (b binding) check() error {
	switch {
	case !slices.Contains(verbs, b.verb):
		return fmt.Errorf("%q is no HTTP method of OpenAPI", b.verb)
	case !strings.HasPrefix(b.path, "/"):
		return fmt.Errorf("path %q: want one that begins with /", b.path)
	}
	return nil
}

// parseRoutes reads routes of the form METHOD=PATH or METHOD=VERB PATH.
func parseRoutes(c *catalogue.Catalogue, routes []string) (map[protoreflect.FullName]binding, error) {
	parsed := map[protoreflect.FullName]binding{}
	for _, route := range routes {
		method, to, err := parseRoute(c, route)
		if err == nil && parsed[method.FullName()].path != "" {
			err = fmt.Errorf("%s has a route already", method.FullName())
		}
		if err != nil {
			return nil, catalogue.Argumentf("route %q: %w", route, err)
		}
		parsed[method.FullName()] = to
	}
	return parsed, nil
}

func parseRoute(c *catalogue.Catalogue, route string) (protoreflect.MethodDescriptor, binding, error) {
	name, path, ok := strings.Cut(route, "=")
	if !ok {
		return nil, binding{}, errors.New("want METHOD=PATH")
	}
	method, err := c.Method(name)
	if err != nil {
		return nil, binding{}, err
	}
	if method.IsStreamingClient() || method.IsStreamingServer() {
		return nil, binding{}, fmt.Errorf("OpenAPI can't describe the streams of %s", method.FullName())
	}
	to := binding{verb: "post", path: path, body: "*"}
	if verb, path, ok := strings.Cut(path, " "); ok {
		to.verb, to.path = strings.ToLower(verb), path
	}
	switch to.verb {
	case "get", "delete", "head":
		to.body = ""
	}
	return method, to, to.check()
}

// bindingsOf returns the given route of a method, or those of its option
// google.api.http, or else the path of the Connect protocol.
func bindingsOf(method protoreflect.MethodDescriptor, routes map[protoreflect.FullName]binding) ([]binding, error) {
	if to, ok := routes[method.FullName()]; ok {
		return []binding{to}, nil
	}
	list, err := annotated(method)
	if err == nil && len(list) == 0 {
		path := fmt.Sprintf("/%s/%s", method.Parent().FullName(), method.Name())
		list = []binding{{verb: "post", path: path, body: "*", connect: true}}
	}
	return list, err
}

// maxBindings bounds the ways to call one method.
const maxBindings = 100

// httpOption is the number of google.api.http among the options of methods.
const httpOption = 72295728

// annotated reads the option google.api.http. It reads the bytes, so that the
// program need not link googleapis.
func annotated(method protoreflect.MethodDescriptor) ([]binding, error) {
	raw, err := proto.MarshalOptions{AllowPartial: true}.Marshal(method.Options())
	if err != nil {
		return nil, err
	}
	var list []binding
	err = eachField(raw, func(number protowire.Number, value []byte) error {
		if number != httpOption {
			return nil
		}
		list, err = readRule(value, true)
		return err
	})
	if len(list) > maxBindings {
		err = fmt.Errorf("it has more than %d bindings", maxBindings)
	}
	if err != nil {
		return nil, fmt.Errorf("read google.api.http: %w", err)
	}
	return list, nil
}

// Fields of google.api.HttpRule and google.api.CustomHttpPattern.
const (
	ruleBody       = 7
	ruleCustom     = 8
	ruleAdditional = 11
	ruleResponse   = 12

	customKind = 1
	customPath = 2
)

var ruleVerbs = map[protowire.Number]string{2: "get", 3: "put", 4: "post", 5: "delete", 6: "patch"}

// readRule reads a google.api.HttpRule. Additional bindings have none of their
// own.
func readRule(raw []byte, outer bool) ([]binding, error) {
	var to binding
	var additional []binding
	err := eachField(raw, func(number protowire.Number, value []byte) error {
		switch number {
		case ruleBody:
			to.body = string(value)
		case ruleResponse:
			to.response = string(value)
		case ruleCustom:
			return eachField(value, func(number protowire.Number, value []byte) error {
				switch number {
				case customKind:
					to.verb = strings.ToLower(string(value))
				case customPath:
					to.path = string(value)
				}
				return nil
			})
		case ruleAdditional:
			if !outer {
				return errors.New("an additional binding has an additional binding")
			}
			more, err := readRule(value, false)
			additional = append(additional, more...)
			return err
		default:
			if verb := ruleVerbs[number]; verb != "" {
				to.verb, to.path = verb, string(value)
			}
		}
		return nil
	})
	if err == nil {
		err = to.check()
	}
	return append([]binding{to}, additional...), err
}

// eachField calls yield with each length-delimited field of a message.
func eachField(raw []byte, yield func(protowire.Number, []byte) error) error {
	for len(raw) > 0 {
		number, typ, n := protowire.ConsumeTag(raw)
		if n < 0 {
			return protowire.ParseError(n)
		}
		size := protowire.ConsumeFieldValue(number, typ, raw[n:])
		if size < 0 {
			return protowire.ParseError(size)
		}
		if typ == protowire.BytesType {
			value, _ := protowire.ConsumeBytes(raw[n:])
			if err := yield(number, value); err != nil {
				return err
			}
		}
		raw = raw[n+size:]
	}
	return nil
}
