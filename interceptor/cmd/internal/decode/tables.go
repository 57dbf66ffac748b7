package decode

import (
	"strconv"
	"strings"

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
	return &Tables{resolver, Types{dynamicpb.NewTypes(files)}}
}

// of returns the table of a domain, or nil.
func (t *Tables) of(domain string) *table.Table {
	for _, enum := range t.Tables() {
		if found := table.For(enum); found.Domain == domain {
			return found
		}
	}
	return nil
}

// Types finds the types of messages, first among those that the program links.
type Types struct{ *dynamicpb.Types }

// FindMessageByURL finds the type of a detail.
func (t Types) FindMessageByURL(url string) (protoreflect.MessageType, error) {
	if linked, err := protoregistry.GlobalTypes.FindMessageByURL(url); err == nil {
		return linked, nil
	}
	return t.Types.FindMessageByURL(url)
}

// codeName returns the number and the name of a gRPC code.
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
