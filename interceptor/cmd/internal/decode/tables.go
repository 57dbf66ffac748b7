package decode

import (
	"strconv"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/internal/table"
)

// Tables are the tables that statuses are read with, and the types of details.
type Tables struct {
	*codetable.Resolver
	Types Types
}

// NewTables returns the tables of a resolver, and the types of files.
func NewTables(resolver *codetable.Resolver, files *protoregistry.Files) *Tables {
	return &Tables{resolver, Types{protoregistry.GlobalTypes, dynamicpb.NewTypes(files)}}
}

// zone returns the time zone of the table of a domain, or nil.
func (t *Tables) zone(domain string) *time.Location {
	for _, enum := range t.Tables() {
		if found := table.For(enum); found.Domain == domain {
			return found.Location
		}
	}
	return nil
}

// knows reports whether there is a table for a domain.
func (t *Tables) knows(domain string) bool {
	spec, _ := t.Lookup(domain, 0)
	return spec != codetable.Spec{}
}

// Types finds the types of messages, first among those that the program links.
type Types struct {
	linked *protoregistry.Types
	others *dynamicpb.Types
}

func firstOf[K, V any](key K, find, other func(K) (V, error)) (V, error) {
	if found, err := find(key); err == nil {
		return found, nil
	}
	return other(key)
}

// FindMessageByName implements protoregistry.MessageTypeResolver.
func (t Types) FindMessageByName(name protoreflect.FullName) (protoreflect.MessageType, error) {
	return firstOf(name, t.linked.FindMessageByName, t.others.FindMessageByName)
}

// FindMessageByURL implements protoregistry.MessageTypeResolver.
func (t Types) FindMessageByURL(url string) (protoreflect.MessageType, error) {
	return firstOf(url, t.linked.FindMessageByURL, t.others.FindMessageByURL)
}

// FindExtensionByName implements protoregistry.ExtensionTypeResolver.
func (t Types) FindExtensionByName(name protoreflect.FullName) (protoreflect.ExtensionType, error) {
	return firstOf(name, t.linked.FindExtensionByName, t.others.FindExtensionByName)
}

// FindExtensionByNumber implements protoregistry.ExtensionTypeResolver.
func (t Types) FindExtensionByNumber(message protoreflect.FullName, number protoreflect.FieldNumber) (protoreflect.ExtensionType, error) {
	found, err := t.linked.FindExtensionByNumber(message, number)
	if err != nil {
		found, err = t.others.FindExtensionByNumber(message, number)
	}
	return found, err
}

func codeName(code int32) string {
	return strings.TrimSpace(strconv.Itoa(int(code)) + " " + name(code))
}

// name returns the name of a gRPC code, or "" if gRPC does not know the code.
func name(code int32) string {
	if !isCode(code) {
		return ""
	}
	return table.CodeName(codes.Code(code))
}
